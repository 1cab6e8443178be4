"""What competes with a truth and what does not: by hand on the tiny corpus, by plain Python on random text."""

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, SETTINGS, noise, texts

from sprachbund.corpus.segment import words
from sprachbund.corpus.splits import SIDES
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.ranking.pools import POOLS, Pool, PoolName, make_pool, plant
from sprachbund.retrieval.settings import Settings, Task, change

pytestmark = pytest.mark.usefixtures("one_thread")

TEST_NSP = [14, 15, 16, 17, 18, 20, *range(22, 33), 36]


def left_out(pool: Pool) -> dict[int, list[tuple[str, int]]]:
    """For each query (by row) the candidates that are left out: their language and query row."""
    columns = [(part.language, int(row)) for part in pool.parts for row in part.pairs.query]
    return {int(row): [columns[c] for c in pool.excluded[number]] for number, row in enumerate(pool.queries.query)}


def pt(*rows: int) -> list[tuple[str, int]]:
    return [("pt", row) for row in rows]


def test_unseen_nsp_by_hand(tiny: EncodedCorpus) -> None:
    """Left out: the truth, the predecessor (whose next sentence is the query), and row 24, the words of row 21."""
    pool = make_pool(tiny, "unseen", "pt", "nsp", SETTINGS)
    assert [part.language for part in pool.parts] == ["pt"]
    assert pool.parts[0].pairs.query.tolist() == TEST_NSP
    assert pool.ranked == 18
    queries = [row for row in TEST_NSP if row != 23]  # 23 is a template, and a candidate
    assert pool.queries.query.tolist() == queries
    assert [TEST_NSP[column] for column in pool.truth] == queries
    found = left_out(pool)
    assert found[14] == pt(14)
    assert found[15] == pt(14, 15)
    assert found[20] == pt(20, 23)
    assert found[22] == pt(22)
    assert found[24] == pt(23, 24)
    assert found[25] == pt(24, 25)
    assert found[36] == pt(36)


def test_unseen_ic_by_hand(tiny: EncodedCorpus) -> None:
    """Contexts of 14 to 19 all hold 14 or a sentence of its context but that of 19, which is 17 and 18."""
    pool = make_pool(tiny, "unseen", "pt", "ic", SETTINGS)
    candidates = [*range(14, 20), *range(22, 34)]
    assert pool.parts[0].pairs.query.tolist() == candidates
    found = left_out(pool)
    assert found[14] == pt(14, 15, 16, 17, 18)
    assert found[16] == pt(14, 15, 16, 17, 18, 19)
    assert found[19] == pt(15, 16, 17, 18, 19)
    assert found[28] == pt(*range(24, 33))
    # the context of 24 is 22 23 25 26, that of 28 is 26 27 29 30: they share 26; that of 29 is 27 28 30 31
    assert found[24] == pt(22, 23, 24, 25, 26, 27, 28)


def test_paper_by_hand(tiny: EncodedCorpus) -> None:
    """Eight training candidates compete, the truths stand behind; 26's truth has the words of training row 1."""
    pool = make_pool(tiny, "paper", "pt", "nsp", SETTINGS)
    train, truths = pool.parts
    assert train.pairs.query.tolist() == [0, 1, 4, 6, 7, 8, 9, 34]
    assert truths.pairs.query.tolist() == pool.queries.query.tolist()
    assert pool.ranked == 8
    assert pool.truth.tolist() == list(range(8, 8 + len(pool.queries)))
    found = left_out(pool)
    assert found[26] == pt(0, 25, 26)  # the truth of 0 is row 1, that of 26 row 27, that of 25 is 26 itself
    assert found[14] == pt(14)


def test_mixed_by_hand(tiny: EncodedCorpus) -> None:
    """Spanish has nothing held out, Galician gl 6's truth, in the words of pt 21, is left out for pt 20."""
    pool = make_pool(tiny, "mixed", "pt", "nsp", SETTINGS)
    assert [(part.language, len(part.pairs)) for part in pool.parts] == [("es", 0), ("gl", 5), ("pt", 18)]
    assert pool.ranked == 23
    found = left_out(pool)
    assert found[20] == [("gl", 6), *pt(20, 23)]
    assert all(language == "pt" for row, columns in found.items() if row != 20 for language, _ in columns)
    columns = np.concatenate([part.pairs.query for part in pool.parts])
    assert columns[pool.truth].tolist() == pool.queries.query.tolist()


def test_own_by_hand(tiny: EncodedCorpus) -> None:
    """Queries and truths of the training side."""
    pool = make_pool(tiny, "own", "pt", "nsp", SETTINGS)
    rows = [0, 1, 4, 6, 7, 8, 9, 34]
    assert pool.queries.query.tolist() == pool.parts[0].pairs.query.tolist() == rows
    assert pool.ranked == 8
    assert left_out(pool)[1] == pt(0, 1)


def test_paper_equal_has_the_size_of_unseen(noisy: EncodedCorpus) -> None:
    """A sample of the training side as large as what is held out; ``paper`` has it all, or as many as are allowed."""
    unseen = make_pool(noisy, "unseen", "pt", "nsp", NOISE_SETTINGS)
    equal = make_pool(noisy, "paper-equal", "pt", "nsp", NOISE_SETTINGS)
    paper = make_pool(noisy, "paper", "pt", "nsp", NOISE_SETTINGS)
    assert equal.ranked == unseen.ranked < paper.ranked
    assert paper.ranked == len(noisy.language("pt").pairs("nsp", NOISE_SETTINGS, "train"))
    assert make_pool(noisy, "paper", "pt", "nsp", NOISE_SETTINGS, most_candidates=10).ranked == 10
    for pool in (equal, paper):
        assert set(noisy.language("pt").sides[pool.parts[0].pairs.query]) == {0}
        assert set(noisy.language("pt").sides[pool.queries.query]) == {2}


class Reference:
    """Pools from strings and sets, without ranges or hashes."""

    def __init__(self, encoded: EncodedCorpus, task: Task, settings: Settings) -> None:
        self.task, self.settings = task, settings
        self.tokens = {lang: [words(t, lang) for t in texts(noise(), lang)] for lang in encoded.languages}
        self.data = encoded.languages_data()

    def candidate(self, language: str, query: int) -> set[int]:
        """The rows of a candidate."""
        if self.task == "nsp":
            return {query + 1}
        sections = self.data[language].sections
        window = self.settings.pairs.window
        around = range(max(0, query - window), min(len(sections), query + window + 1))
        return {row for row in around if row != query and sections[row] == sections[query]}

    def eligible(self, language: str, side: str) -> list[int]:
        """The queries of a side."""
        data, tokens = self.data[language], self.tokens[language]
        found = []
        for row in range(len(tokens)):
            if SIDES[data.sides[row]] != side or len(tokens[row]) < self.settings.pairs.least_words:
                continue
            if self.task == "nsp":
                together = row + 1 < len(tokens) and data.sections[row + 1] == data.sections[row]
                if together and len(tokens[row + 1]) >= self.settings.pairs.least_words:
                    found.append(row)
            elif len(self.candidate(language, row)) >= self.settings.pairs.least_context:
                found.append(row)
        return found

    def bag(self, language: str, query: int) -> list[str]:
        return sorted(t for row in self.candidate(language, query) for t in self.tokens[language][row])

    def is_left_out(self, language: str, query: int, other: str, column: int) -> bool:
        """Whether the candidate of query ``column`` does not compete for ``query``."""
        if language == other:
            truth, candidate = self.candidate(language, query), self.candidate(other, column)
            if query in candidate or truth & candidate:
                return True
        return self.bag(language, query) == self.bag(other, column)


@pytest.mark.parametrize("task", ["nsp", "ic"])
@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("options", [{}, {"window": 1, "least_context": 1, "least_words": 2}, {"templates": False}])
def test_pools_are_those_of_plain_python(
    noisy: EncodedCorpus, name: PoolName, task: Task, options: dict[str, int]
) -> None:
    """Queries, candidates, exclusions and those of the null test, on random text with repeated sentences."""
    settings = change(NOISE_SETTINGS, **options)
    reference = Reference(noisy, task, settings)
    pool = make_pool(noisy, name, "pt", task, settings, seed=3)
    side = "train" if name == "own" else "test"
    queries = reference.eligible("pt", side)
    if name == "own":
        assert set(pool.queries.query.tolist()) <= set(queries)
        assert len(pool.queries) == min(1000, len(queries))
    else:
        templates = noisy.language("pt").templates
        expected = [row for row in queries if not (settings.templates and templates[row])]
        assert pool.queries.query.tolist() == expected
    columns = [(part.language, int(row)) for part in pool.parts for row in part.pairs.query]
    if name in ("unseen", "mixed"):
        languages = noisy.languages if name == "mixed" else ("pt",)
        assert columns == [(lang, row) for lang in languages for row in reference.eligible(lang, "test")]
    assert [columns[c] for c in pool.truth] == [("pt", int(row)) for row in pool.queries.query]
    groups = noisy.language("pt").groups
    sets = []
    for number, query in enumerate(pool.queries.query.tolist()):
        out = [c for c, (lang, row) in enumerate(columns) if reference.is_left_out("pt", query, lang, row)]
        assert pool.excluded[number].tolist() == out
        assert pool.truth[number] in out
        sets.append(set(out))
    others = {int(column): number for number, column in enumerate(pool.truth)}
    for number, planted in enumerate(pool.planted.tolist()):
        other = others[planted]
        assert groups[pool.queries.query[other]] != groups[pool.queries.query[number]]
        assert set(pool.null_excluded[number].tolist()) == sets[number] | sets[other]


def test_pools_have_equal_sentences_that_lie_apart(noisy: EncodedCorpus) -> None:
    """The random text is no empty test of the rule on multisets: some left-out candidates are far away."""
    pool = make_pool(noisy, "unseen", "pt", "nsp", NOISE_SETTINGS)
    assert any(abs(row - query) > 1 for query, columns in left_out(pool).items() for _, row in columns)


def test_most_queries(noisy: EncodedCorpus) -> None:
    """Drawn by seed, in the order of the text; the candidates stay; fewer are a part of more; dev is another side."""
    everything = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS)
    some = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, most_queries=7)
    fewer = make_pool(noisy, "unseen", "pt", "ic", change(NOISE_SETTINGS, most_queries=5), most_queries=7)
    assert (len(some.queries), len(fewer.queries), some.ranked) == (7, 5, everything.ranked)
    assert np.all(np.diff(some.queries.query) > 0)
    assert set(fewer.queries.query) < set(some.queries.query) < set(everything.queries.query)
    other = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, most_queries=7, seed=1)
    assert set(other.queries.query) != set(some.queries.query)
    dev = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    assert set(noisy.language("pt").sides[dev.queries.query]) == {1}
    paper = make_pool(noisy, "paper", "pt", "ic", NOISE_SETTINGS, most_queries=7)
    assert np.array_equal(paper.queries.query, some.queries.query)


def test_a_pool_is_a_function_of_its_arguments(noisy: EncodedCorpus) -> None:
    """The same arguments, the same manifest; it counts what competes; another seed or side is another pool."""
    manifest = make_pool(noisy, "paper-equal", "pt", "nsp", NOISE_SETTINGS).manifest()
    assert manifest == make_pool(noisy, "paper-equal", "pt", "nsp", NOISE_SETTINGS).manifest()
    held_out = len(noisy.language("pt").pairs("nsp", NOISE_SETTINGS, "test"))
    assert manifest["candidates"] == held_out
    assert manifest["sources"] == {"pt": held_out}
    mixed = make_pool(noisy, "mixed", "pt", "nsp", NOISE_SETTINGS).manifest()
    assert mixed["sources"] == {
        lang: len(noisy.language(lang).pairs("nsp", NOISE_SETTINGS, "test")) for lang in noisy.languages
    }
    assert (manifest["pool"], manifest["task"], manifest["language"], manifest["side"]) == (
        "paper-equal",
        "nsp",
        "pt",
        "test",
    )
    hashes = {
        make_pool(noisy, "paper-equal", "pt", "nsp", NOISE_SETTINGS, seed=seed, side=side).manifest()["sha256"]
        for seed in (0, 1)
        for side in ("dev", "test")
    }
    assert len(hashes) == 4


@pytest.mark.parametrize("name", POOLS)
def test_a_language_without_queries(tiny: EncodedCorpus, name: PoolName) -> None:
    """Spanish has nothing held out, and no context of two: pools without queries, and no error."""
    pool = make_pool(tiny, name, "es", "ic", SETTINGS)
    assert (len(pool.queries), len(pool.truth), len(pool.planted)) == (0, 0, 0)
    assert pool.manifest()["queries"] == 0


def test_plant() -> None:
    """Each gets a stranger of another group; where all are of one group there is none."""
    generator = np.random.default_rng(0)
    for groups in (np.array([0, 1]), np.array([0] * 50 + [1]), np.arange(100), np.array([0, 0, 1, 1, 2])):
        other = plant(groups, generator)
        assert (groups[other] != groups).all()
    # mostly one each: a permutation where groups are distinct
    assert sorted(plant(np.arange(100), generator)) == list(range(100))
    for groups in (np.array([4, 4, 4]), np.array([1]), np.array([], np.int64)):
        assert plant(groups, generator).tolist() == [-1] * len(groups)
