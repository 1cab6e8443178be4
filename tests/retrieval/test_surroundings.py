"""Candidates with the text around them, against plain Python over random documents."""

from collections import Counter
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st
from tiny import NOISE_SETTINGS, encoded_tiny

from sprachbund.retrieval.encoder.bags import Sentences, assemble
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model, sentence_sums
from sprachbund.retrieval.encoder.pairs import Pairs, find_pairs
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking import surrounded_bm25
from sprachbund.retrieval.ranking.baselines import AROUND_START, Baseline, Feature, baseline_parts, collect
from sprachbund.retrieval.ranking.bm25 import BM25Settings
from sprachbund.retrieval.ranking.judging import Hybrid, dense_scorer, hybrid_parts, judge, surrounded_scorer
from sprachbund.retrieval.ranking.pools import Pool, make_pool
from sprachbund.retrieval.ranking.surrounded_bm25 import SurroundedBM25, build_surrounded, count_together
from sprachbund.retrieval.ranking.surroundings import (
    SurroundedDense,
    find_places,
    sum_surroundings,
)
from sprachbund.retrieval.settings import PairSettings, Surroundings, change

pytestmark = pytest.mark.usefixtures("one_thread")

Document = list[list[list[int]]]
"""Sections of sentences of words."""

WORDS = 9
BM25 = BM25Settings("lucene", k1=1.5, b=0.6, idf_power=1.5)
OTHER = BM25Settings("lucene", k1=0.7, b=1.0, idf_power=1.0)


class Text:
    """One language, as `EncodedLanguage` holds it."""

    def __init__(self, documents: list[Document]) -> None:
        rows = [
            (number, (number, place), sentence)
            for number, document in enumerate(documents)
            for place, section in enumerate(document)
            for sentence in section
        ]
        self.said = [sentence for _, _, sentence in rows]
        self.documents = np.array([number for number, _, _ in rows], np.int32)
        new = [before[1] != after[1] for before, after in pairwise(rows)]
        self.sections = np.cumsum([0, *new][: len(rows)]).astype(np.int32)
        offsets = np.cumsum([0, *map(len, self.said)])
        words = np.array([word for sentence in self.said for word in sentence], np.int32)
        self.sentences = Sentences(words, offsets, np.zeros(0, np.int32), np.zeros(len(rows) + 1, np.int64))

    def pairs(self, task: str) -> Pairs:
        """Of short sentences too."""
        lengths = np.array([len(sentence) for sentence in self.said], np.int64)
        return find_pairs(task, self.sections, lengths, PairSettings(least_words=1, least_context=1))


def weight(text: Any, pairs: Pairs, column: int, sentence: int, around: Surroundings) -> float:
    """What a sentence counts for a candidate, straight from the definition."""
    query, first, last = (int(x[column]) for x in (pairs.query, pairs.first, pairs.last))
    if sentence == query or text.documents[sentence] != text.documents[query]:
        return 0.0
    if first <= sentence < last:
        return 1.0
    distance = first - sentence if sentence < first else sentence - (last - 1)
    if distance > around.reach:
        return 0.0
    return around.decay**distance * (1.0 if text.sections[sentence] == text.sections[query] else around.across)


def bm25_by_hand(
    parts: list[tuple[Text, Pairs]], asking: Text, queries: Pairs, around: Surroundings, settings: BM25Settings
) -> np.ndarray:
    """Scores with the asking query out of every candidate; how rare a word is, is seen with it."""
    columns = [(text, pairs, column) for text, pairs in parts for column in range(len(pairs))]
    counted, lengths, reached = [], [], Counter[int]()
    for text, pairs, column in columns:
        weights = {s: weight(text, pairs, column, s, around) for s in range(len(text.said))}
        counted.append({s: w for s, w in weights.items() if w})
        lengths.append(sum(w * len(text.said[s]) for s, w in weights.items()))
        span = around.reach + int(max((pairs.query - pairs.first).max(), (pairs.last - pairs.query).max()))
        query = int(pairs.query[column])
        near = [s for s in range(len(text.said)) if abs(s - query) <= span]
        same = [s for s in near if text.documents[s] == text.documents[query]]
        reached.update({word for s in same for word in text.said[s]})
    mean = sum(lengths) / len(lengths) or 1.0
    scores = np.zeros((len(queries), len(columns)))
    for number, own in enumerate(int(query) for query in queries.query):
        for place, (text, _, _) in enumerate(columns):
            kept = {s: w for s, w in counted[place].items() if text is not asking or s != own}
            length = sum(w * len(text.said[s]) for s, w in kept.items())
            for word, count in Counter(asking.said[own]).items():
                tf = sum(w * text.said[s].count(word) for s, w in kept.items())
                idf = np.log(1 + (len(columns) - reached[word] + 0.5) / (reached[word] + 0.5)) ** settings.idf_power
                norm = settings.k1 * (1 - settings.b + settings.b * length / mean)
                scores[number, place] += count * idf * tf / (tf + norm) if tf else 0.0
    return scores


def bm25(parts: list[tuple[Text, Pairs]], asking: Text, queries: Pairs, around: Surroundings) -> SurroundedBM25:
    """The scorer, without a corpus."""
    made = []
    for text, pairs in parts:
        encoded: Any = SimpleNamespace(language=lambda _, text=text: text, ngrams=range(WORDS))
        made.append(build_surrounded(encoded, "xx", pairs, 1, around))
    bags = assemble(asking.sentences, queries.queries(), bigram_weight=0.0, power=1.0)
    nowhere = np.full(len(queries), -1, np.int64)
    asked = [
        part.places.of(queries.query) if text is asking else nowhere
        for part, (text, _) in zip(made, parts, strict=True)
    ]
    return SurroundedBM25(count_together(made), [BM25, OTHER], bags, asked)


def dense_by_hand(
    parts: list[tuple[Any, Pairs, np.ndarray]], asking: Any, queries: Pairs, own: np.ndarray, around: Surroundings
) -> np.ndarray:
    """Cosines of the query and the candidate's sentences, weighted and summed without the query."""
    scores = []
    for query, vector in zip(queries.query, own.astype(np.float64), strict=True):
        line = []
        for text, pairs, vectors in parts:
            for column in range(len(pairs)):
                low, high = np.searchsorted(text.documents, text.documents[pairs.query[column]] + np.arange(2))
                total = np.zeros(vectors.shape[1])
                for s in range(low, high):
                    if text is not asking or s != query:
                        total += weight(text, pairs, column, s, around) * vectors[s].astype(np.float64)
                lengths = np.linalg.norm(total) * np.linalg.norm(vector)
                line.append(total @ vector / lengths if np.linalg.norm(total) > 1e-9 and lengths else 0.0)
        scores.append(line)
    return np.array(scores)


sentences = st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=5)
texts = st.lists(st.lists(st.lists(sentences, min_size=1, max_size=4), min_size=1, max_size=3), min_size=1, max_size=4)
arounds = st.builds(
    Surroundings, st.integers(0, 4), st.sampled_from([0.0, 0.5, 0.95, 1.0]), st.sampled_from([0.0, 0.2, 1.0])
)
tasks = st.sampled_from(["ic", "nsp"])


@run(deadline=None, max_examples=60)
@given(texts, texts, tasks, arounds, st.integers(1, 3), st.sampled_from([1, 4, 1024]))
def test_bm25_as_by_hand(
    one: list[Document], other: list[Document], task: str, around: Surroundings, step: int, block: int
) -> None:
    """Queries of one text, among candidates of two: counts, lengths, the own query gone, idf over all that reach.

    Under two settings at once, and with the documents in blocks of any size.
    """
    asking, stranger = Text(one), Text(other)
    queries = asking.pairs(task)
    candidates = queries[::step]
    parts = [(text, pairs) for text, pairs in ((asking, candidates), (stranger, stranger.pairs(task))) if len(pairs)]
    if not parts or not len(queries):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surrounded_bm25, "BLOCK", block)
        scorer = bm25(parts, asking, queries, around)
    for found, settings in zip(scorer.all_scores(0, len(queries)), (BM25, OTHER), strict=True):
        expected = bm25_by_hand(parts, asking, queries, around, settings)
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)
    np.testing.assert_array_equal(scorer.scores(0, len(queries)), scorer.all_scores(0, len(queries))[0])


@run(deadline=None, max_examples=60)
@given(texts, tasks, arounds, st.integers(0, 2**32 - 1))
def test_vectors_as_by_hand(documents: list[Document], task: str, around: Surroundings, seed: int) -> None:
    """Sums of the sentences by their weights, and cosines without the query."""
    text = Text(documents)
    pairs = text.pairs(task)
    if not len(pairs):
        return
    vectors = np.random.default_rng(seed).normal(size=(len(text.said), 6)).astype(np.float32)
    places = find_places(text, pairs)  # type: ignore[arg-type]
    sums = sum_surroundings(vectors[places.rows], places, around)
    for column in range(len(pairs)):
        weights = [weight(text, pairs, column, s, around) for s in range(len(text.said))]
        np.testing.assert_allclose(sums[column], np.array(weights) @ vectors, atol=1e-5)
    lengths = np.linalg.norm(vectors[pairs.query], axis=1)
    asked = [places.of(pairs.query)]
    unit = vectors[pairs.query] / lengths[:, None]
    scorer = SurroundedDense(unit, lengths, sums, np.linalg.norm(sums, axis=1), [places], asked, around)
    expected = dense_by_hand([(text, pairs, vectors)], text, pairs, vectors[pairs.query], around)
    np.testing.assert_allclose(scorer.scores(0, len(pairs)), expected.reshape(len(pairs), -1), atol=3e-3)


@run(deadline=None, max_examples=40)
@given(texts, tasks, arounds, st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(
    documents: list[Document], task: str, around: Surroundings, random: Any
) -> None:
    """The same scores, in another order."""
    order = list(range(len(documents)))
    random.shuffle(order)
    tables = []
    for shown in (range(len(documents)), order):
        text = Text([documents[number] for number in shown])
        pairs = text.pairs(task)
        if not len(pairs):
            return
        sizes = [sum(text.documents[pairs.query] == place) for place in range(len(documents))]
        starts = np.cumsum([0, *sizes])
        back = np.concatenate(
            [np.arange(starts[place], starts[place + 1]) for place in np.argsort(shown, kind="stable")]
        )
        found = bm25([(text, pairs)], text, pairs, around).scores(0, len(pairs))
        tables.append(found[back][:, back])
    np.testing.assert_allclose(*tables, rtol=1e-4, atol=1e-5)


def test_weights_by_hand() -> None:
    """One document of two sections; the inverse cloze of its third sentence, and the sentence after it."""
    text = Text([[[[0], [1], [2], [3], [4]], [[5], [6]]], [[[7], [8]]]])
    around = Surroundings(reach=2, decay=0.5, across=0.2)
    vectors = np.eye(9, dtype=np.float32)
    for first, last, expected in (
        (1, 4, [0.5, 1, 0, 1, 0.5, 0.05, 0]),  # the context of sentence 2, window 1
        (3, 4, [0, 0.25, 0, 1, 0.5, 0.05, 0]),  # the next sentence: the query is at distance 1 and left out
    ):
        places = find_places(text, Pairs(*(np.array([x]) for x in (2, first, last))))  # type: ignore[arg-type]
        assert places.rows.tolist() == [0, 1, 2, 3, 4, 5, 6]
        found = sum_surroundings(vectors[places.rows], places, around)
        np.testing.assert_allclose(found[0], [*expected, 0, 0], rtol=1e-6)
        assert places.of(np.array([2, 6, 7, 100])).tolist() == [2, 6, -1, -1]


def test_no_candidates() -> None:
    """A part of a pool may be empty: no place, no score, no error."""
    text = Text([[[[0], [1]]]])
    none = Pairs(*(np.zeros(0, np.int64) for _ in range(3)))
    places = find_places(text, none)  # type: ignore[arg-type]
    assert places.span(Surroundings()) == 0 and places.of(np.array([0, 1])).tolist() == [-1, -1]
    queries = text.pairs("nsp")
    assert bm25([(text, none), (text, queries)], text, queries, Surroundings()).scores(0, 1).shape == (1, 1)


# ---- on an encoded corpus


@pytest.fixture(scope="module")
def model(noisy: EncodedCorpus) -> Model:
    """Trained a little."""
    return train_model(noisy, "ic", change(NOISE_SETTINGS, epochs=1))[0]


def compete(pool: Pool) -> np.ndarray:
    """Which columns compete with each truth, the truth among them: bool [queries, columns]."""
    kept = np.ones((len(pool.queries), sum(len(part.pairs) for part in pool.parts)), bool)
    for query in range(len(pool.queries)):
        kept[query, pool.excluded[query]] = False
    kept[np.arange(len(kept)), pool.truth] = True
    return kept


@pytest.mark.parametrize("task", ["ic", "nsp"])
@pytest.mark.parametrize("name", ["unseen", "mixed", "paper"])
def test_without_reach_the_vectors_are_the_plain_ones(noisy: EncodedCorpus, model: Model, task: str, name: str) -> None:
    """But where a candidate contains the query, which does not compete."""
    pool = make_pool(noisy, name, "pt", task, NOISE_SETTINGS, most_queries=20)
    plain = dense_scorer(model, noisy, pool).scores(0, 20)
    found = surrounded_scorer(model, noisy, pool, Surroundings(reach=0)).scores(0, 20)
    np.testing.assert_allclose(found[compete(pool)], plain[compete(pool)], atol=2e-5)


@pytest.mark.parametrize(("task", "name"), [("ic", "mixed"), ("nsp", "paper")])
def test_the_encoder_as_by_hand(noisy: EncodedCorpus, model: Model, task: str, name: str) -> None:
    """In pools of several parts, from the vectors of sentences."""
    pool = make_pool(noisy, name, "pt", task, NOISE_SETTINGS, most_queries=3)
    around = Surroundings(reach=3, decay=0.7, across=0.3)
    parts = []
    for part in pool.parts:
        data = noisy.language(part.language)
        parts.append((data, part.pairs, sentence_sums(model, data, np.arange(len(data.sentences)))))
    asking = noisy.language("pt")
    own = sentence_sums(model, asking, pool.queries.query)
    expected = dense_by_hand(parts, asking, pool.queries, own, around)
    found = surrounded_scorer(model, noisy, pool, around).scores(0, 3)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_documents_of_one_pair_have_nothing_around(tmp_path: Any) -> None:
    """Two sentences a document, and some of one: a candidate is itself whatever the reach, for both scorers."""
    generator = np.random.default_rng(3)
    said = [" ".join(f"w{'abcdefghijkl'[i]}zz" for i in generator.choice(12, 5)) for _ in range(150)]
    documents: Any = [("pt", f"d{i}", None, [said[2 * i : 2 * i + 2]]) for i in range(60)]
    documents += [("pt", f"e{i}", None, [[said[120 + i]]]) for i in range(30)]
    encoded = encoded_tiny(tmp_path, documents, NOISE_SETTINGS)
    pool = make_pool(encoded, "unseen", "pt", "nsp", NOISE_SETTINGS)
    assert len(pool.queries) > 5
    model, _ = train_model(encoded, "nsp", NOISE_SETTINGS)
    count = len(pool.queries)
    found = surrounded_scorer(model, encoded, pool, Surroundings()).scores(0, count)
    np.testing.assert_allclose(found, dense_scorer(model, encoded, pool).scores(0, count), atol=2e-5)
    plain, around = collect(encoded, pool, 1), collect(encoded, pool, 1, Surroundings())
    np.testing.assert_array_equal(around.parts[0].lengths, plain.index.lengths)  # type: ignore[union-attr]


def test_strangers_are_found_by_chance_in_random_text(noisy: EncodedCorpus, model: Model) -> None:
    """The null test of bm25-around and whole, in the pool that decides and in that of training candidates."""
    around = Surroundings()
    baseline = Baseline((Feature(1, AROUND_START), Feature(-4, AROUND_START, weight=0.5)), 0.0, 0, around)
    whole = Hybrid(baseline, 1.0, 0.1, 0.5, 0.0, 0.1, 0.5)
    for name in ("unseen", "paper"):
        pool = make_pool(noisy, name, "pt", "ic", NOISE_SETTINGS)
        for parts in (baseline_parts(noisy, pool, baseline), hybrid_parts(model, noisy, pool, whole)):
            null = judge(pool, *parts).null
            assert len(null) > 50 and (null > 0).all()
            assert (null == 1).mean() < 0.06
            assert 0.25 < np.median(null) / pool.ranked < 0.75
