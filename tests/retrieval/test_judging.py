"""Judging: scores to ranks in a pool, the null test and what it catches, the encoder beside its baseline."""

from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS, SETTINGS, Document, encoded_tiny, noise, texts, word

from sprachbund.corpus.segment import words
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking import judging
from sprachbund.retrieval.ranking.baselines import tune_baseline
from sprachbund.retrieval.ranking.judging import (
    BOTH,
    HYBRID,
    Ranks,
    dense_scorer,
    dev_mrr,
    hybrid_parts,
    judge,
    query_keys,
    summary,
    surrounded_scorer,
    tune_baselines,
    tune_hybrid,
    tune_hybrids,
)
from sprachbund.retrieval.ranking.pools import POOLS, Pool, PoolName, make_pool
from sprachbund.retrieval.ranking.ranks import Dense, mrr
from sprachbund.retrieval.settings import Settings, Surroundings, Task, change
from sprachbund.statistics import bootstrap_means, interval, null_leaks

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def model(noisy: EncodedCorpus) -> Model:
    """Trained a little."""
    return train_model(noisy, "ic", change(NOISE_SETTINGS, epochs=5, rate=0.1))[0]


def brute(pool: Pool, queries: np.ndarray, columns: np.ndarray, truth: np.ndarray, null: bool) -> list[int]:
    """Ranks by counting."""
    excluded = pool.null_excluded if null else pool.excluded
    ranks = []
    for number, column in enumerate(truth):
        scores = columns @ queries[number]
        others = set(range(pool.ranked)) - set(excluded[number].tolist())
        ranks.append(1 + sum(scores[c] >= scores[column] - 1e-5 for c in others))
    return ranks


@pytest.mark.parametrize("name", POOLS)
def test_ranks_of_every_pool(noisy: EncodedCorpus, model: Model, name: PoolName) -> None:
    """Truths and planted strangers, by counting over the vectors of all columns."""
    pool = make_pool(noisy, name, "pt", "ic", NOISE_SETTINGS)
    dense = dense_scorer(model, noisy, pool)
    assert dense.candidates.shape == (sum(len(part.pairs) for part in pool.parts), 24)
    np.testing.assert_allclose(np.linalg.norm(dense.queries, axis=1), 1, rtol=1e-5)
    ranks = judge(pool, [dense], [1.0])
    assert ranks.truth.tolist() == brute(pool, dense.queries, dense.candidates, pool.truth, False)
    assert ranks.null.tolist() == brute(pool, dense.queries, dense.candidates, pool.planted, True)


def test_a_context_is_encoded_without_its_query(noisy: EncodedCorpus, model: Model) -> None:
    """The vector of a context is that of the words of its sentences less the query's."""
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS)
    tokens = [words(text, "pt") for text in texts(noise(), "pt")]
    data, rows = noisy.language("pt"), model.rows["pt"]
    dense = dense_scorer(model, noisy, pool)
    for number in range(0, len(pool.parts[0].pairs), 7):
        query, first, last = (int(x[number]) for x in (pool.parts[0].pairs.query, *bounds(pool)))
        bag = [int(i) for row in range(first, last) if row != query for i in ids_of(data, row)]
        assert len(bag) == sum(len(tokens[row]) for row in range(first, last) if row != query)
        total = np.zeros(24)
        said = {(row, int(i)) for row in range(first, last) if row != query for i in ids_of(data, row)}
        for row, identity in said:
            unit = vector(noisy, model, rows, identity)
            inside = model.ngrams.char_ids[
                model.ngrams.char_offsets[identity] : model.ngrams.char_offsets[identity + 1]
            ]
            unit = unit + 0.5 * sum((vector(noisy, model, rows, c) for c in inside), np.zeros(24))
            total += ids_of(data, row).tolist().count(identity) ** 0.5 * unit
        np.testing.assert_allclose(dense.candidates[number], total / np.linalg.norm(total), atol=1e-5)


def bounds(pool: Pool) -> tuple[np.ndarray, np.ndarray]:
    return pool.parts[0].pairs.first, pool.parts[0].pairs.last


def ids_of(data: object, row: int) -> np.ndarray:
    sentences = data.sentences  # type: ignore[attr-defined]
    return np.asarray(sentences.words[sentences.word_offsets[row] : sentences.word_offsets[row + 1]])


def vector(encoded: EncodedCorpus, model: Model, rows: object, identity: int) -> np.ndarray:
    from sprachbund.ngrams.start_rows import start_row

    row = int(rows.row[identity])  # type: ignore[attr-defined]
    if row >= 0:
        return model.table[row].astype(float)
    start = np.array(start_row(int(encoded.ngrams.keys[identity]), 24, rows.seed))  # type: ignore[attr-defined]
    return start * rows.unseen_length  # type: ignore[attr-defined]


def test_the_frame_of_a_pool(tiny: EncodedCorpus) -> None:
    """A row a query, named by language, document and place, with the rank of its truth and of a stranger."""
    pool = make_pool(tiny, "unseen", "gl", "nsp", SETTINGS)
    model, _ = train_model(tiny, "nsp", SETTINGS)
    ranks = judge(pool, [dense_scorer(model, tiny, pool)], [1.0])
    frame = ranks.frame(tiny)
    assert frame["query"].to_list() == ["gl:gl-test-1:0", "gl:gl-test-1:1", "gl:gl-sol:0"]
    assert frame["document"].to_list() == ["gl-test-1", "gl-test-1", "gl-sol"]
    assert frame["group"].to_list() == [3, 3, 6]
    assert frame["rank"].to_list() == ranks.truth.tolist()
    assert frame["null_rank"].to_list() == ranks.null.tolist()
    assert frame.select("task", "language", "pool").unique().rows() == [("nsp", "gl", "unseen")]
    nothing = make_pool(tiny, "unseen", "es", "nsp", SETTINGS)
    empty = judge(nothing, [dense_scorer(model, tiny, nothing)], [1.0]).frame(tiny)
    assert len(empty) == 0
    assert empty.schema["rank"] == pl.Int64
    assert query_keys("xx", ["a", "b"], np.array([0, 3], np.int32)) == ["xx:a:0", "xx:b:3"]


def test_summary_by_hand() -> None:
    """Ranks 1, 2, 15 and 40: MRR and the shares within 1, 10 and 20; nothing gives 0."""
    found = summary(np.array([1, 2, 15, 40]))
    assert found == {
        "mrr": pytest.approx((1 + 1 / 2 + 1 / 15 + 1 / 40) / 4),
        "recall@1": 0.25,
        "recall@10": 0.5,
        "recall@20": 0.75,
    }
    assert set(summary(np.array([], np.int64)).values()) == {0.0}


def test_dev_mrr(noisy: EncodedCorpus, model: Model) -> None:
    """What tuning looks at is the MRR of the ranks."""
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    ranks = judge(pool, [dense_scorer(model, noisy, pool)], [1.0])
    assert dev_mrr(model, noisy, pool) == pytest.approx(mrr(ranks.truth))


def test_the_hybrid(noisy: EncodedCorpus, model: Model) -> None:
    """Its weight is the best of the list on dev, by scores added up by hand, and never below the baseline alone."""
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    baseline = tune_baseline(noisy, pool)
    hybrid = tune_hybrid(model, noisy, pool, baseline)
    assert hybrid.mrr >= baseline.mrr
    dense = dense_scorer(model, noisy, pool)
    scorers, weights = hybrid_parts(model, noisy, pool, hybrid, dense)
    assert scorers[-1] is dense
    assert len(weights) == len(baseline.features) + 1
    count = len(pool.queries)
    bm25 = sum(w * s.scores(0, count) for w, s in zip(weights[:-1], scorers[:-1], strict=True))
    assert bm25[:, : pool.ranked].std(axis=1).mean() == pytest.approx(1, rel=1e-3)
    width = dense.scores(0, count)[:, : pool.ranked].std(axis=1).mean()
    found = []
    for option in HYBRID:
        total = bm25 + option / width * dense.scores(0, count)
        ranks = []
        for number, column in enumerate(pool.truth):
            others = set(range(pool.ranked)) - set(pool.excluded[number].tolist())
            bar = total[number, column] - 1e-5 * max(1, abs(total[number, column]))
            ranks.append(1 + sum(total[number, c] >= bar for c in others))
        found.append(mrr(np.array(ranks)))
    assert hybrid.mrr == pytest.approx(max(found), abs=2e-3)
    assert found[HYBRID.index(hybrid.weight)] == pytest.approx(max(found), abs=2e-3)
    ranks = judge(pool, scorers, weights)
    assert mrr(ranks.truth) == pytest.approx(hybrid.mrr)


@pytest.mark.parametrize("weight", [0.5, 2.0, 6.0])
def test_a_weight_means_the_same_in_tuning_and_judging(
    noisy: EncodedCorpus, model: Model, weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one weight to choose from, the scorers of the hybrid give the MRR that tuning saw."""
    monkeypatch.setattr(judging, "HYBRID", (weight,))
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    baseline = tune_baseline(noisy, pool, orders=(1,))
    hybrid = tune_hybrid(model, noisy, pool, baseline)
    assert hybrid.weight == weight
    ranks = judge(pool, *hybrid_parts(model, noisy, pool, hybrid))
    assert mrr(ranks.truth) == pytest.approx(hybrid.mrr, abs=1e-6)
    assert hybrid.mrr != baseline.mrr


def test_the_whole(noisy: EncodedCorpus, model: Model) -> None:
    """Two weights, of the encoder by itself and with what surrounds a candidate: the best pair on dev, by hand."""
    pool = make_pool(noisy, "unseen", "pt", "ic", NOISE_SETTINGS, side="dev")
    around = Surroundings(reach=3, decay=0.6, across=0.5)
    baseline = tune_baseline(noisy, pool, (1,), around)
    whole = tune_hybrid(model, noisy, pool, baseline)
    assert whole.mrr >= baseline.mrr and baseline.surroundings == around
    scorers, weights = hybrid_parts(model, noisy, pool, whole)
    assert len(scorers) == len(weights) == 3
    count = len(pool.queries)
    bm25, *dense = (scorer.scores(0, count)[:, : pool.ranked] for scorer in scorers)
    np.testing.assert_array_equal(dense[0], dense_scorer(model, noisy, pool).scores(0, count))
    np.testing.assert_array_equal(dense[1], surrounded_scorer(model, noisy, pool, around).scores(0, count))
    bm25, *dense = (scores / scores.std(axis=1).mean() for scores in (bm25, *dense))
    found = {}
    for option in product(BOTH, BOTH):
        total = bm25 + option[0] * dense[0] + option[1] * dense[1]
        ranks = []
        for number, column in enumerate(pool.truth):
            others = np.setdiff1d(np.arange(pool.ranked), pool.excluded[number])
            bar = total[number, column] - 1e-5 * max(1, abs(total[number, column]))
            ranks.append(1 + (total[number, others] >= bar).sum())
        found[option] = mrr(np.array(ranks))
    assert whole.mrr == pytest.approx(max(found.values()), abs=2e-3)
    assert found[whole.weight, whole.around_weight] == pytest.approx(max(found.values()), abs=2e-3)
    assert mrr(judge(pool, scorers, weights).truth) == pytest.approx(whole.mrr)


def test_which_baselines_and_hybrids_there_are(noisy: EncodedCorpus, model: Model) -> None:
    """Without reach no surroundings; a model that does not add up has none either."""
    pool = make_pool(noisy, "unseen", "gl", "ic", NOISE_SETTINGS, side="dev")
    assert set(tune_baselines(noisy, pool, Surroundings(reach=0))) == {"plain"}
    baselines = tune_baselines(noisy, pool, Surroundings())
    assert {name: baseline.surroundings for name, baseline in baselines.items()} == {
        "plain": None,
        "around": Surroundings(),
    }
    assert baselines["plain"] == tune_baseline(noisy, pool)
    assert set(tune_hybrids(model, noisy, pool, baselines)) == {"hybrid", "whole"}
    assert set(tune_hybrids(model, noisy, pool, {"plain": baselines["plain"]})) == {"hybrid"}
    dot = replace(model, settings=change(model.settings, similarity="dot"))
    assert set(tune_hybrids(dot, noisy, pool, baselines)) == {"hybrid"}


def test_a_pool_without_queries(tiny: EncodedCorpus) -> None:
    """Tuning and judging on nothing give 0 and no error."""
    pool = make_pool(tiny, "unseen", "es", "nsp", SETTINGS, side="dev")
    model, _ = train_model(tiny, "nsp", SETTINGS)
    assert dev_mrr(model, tiny, pool) == 0.0
    baseline = tune_baseline(tiny, pool)
    assert tune_hybrid(model, tiny, pool, baseline).mrr == baseline.mrr == 0.0


def rare_words(documents: int = 100, sentences: int = 8, seed: int = 0) -> list[Document]:
    """Sentences of two common words and six that hardly ever come again, drawn by chance: nothing can be learned."""
    generator = np.random.default_rng(seed)

    def sentence() -> str:
        drawn = [2_000 + i for i in generator.choice(20, 2)] + [20_000 + i for i in generator.choice(100_000, 6)]
        return " ".join(word(number) for number in drawn)

    return [("pt", f"d{number}", None, [[sentence() for _ in range(sentences)]]) for number in range(documents)]


LEAKY = change(Settings(), dim=64, batch=128, characters=(), rate=0.3, scale=20.0, epochs=40)


def null_recall(pool: Pool, ranks: Ranks) -> tuple[float, float]:
    """Recall@1 of planted strangers and the lower end of its interval."""
    hits = (ranks.null == 1).astype(float)
    low, _ = interval(bootstrap_means(hits[:, None], pool.groups, 2_000, 0)[:, 0])
    return float(hits.mean()), low


@pytest.mark.parametrize("task", ["ic"])
def test_a_planted_leak_is_caught_by_the_null_test(tmp_path: object, task: Task) -> None:
    """A model that knows its training text by heart finds any stranger among training candidates, and only there."""
    encoded = encoded_tiny(tmp_path, rare_words(), LEAKY)  # type: ignore[arg-type]
    model, log = train_model(encoded, task, LEAKY)
    assert log.losses[-1] < 0.05
    found = {}
    for name in POOLS:
        pool = make_pool(encoded, name, "pt", task, LEAKY)
        ranks = judge(pool, [dense_scorer(model, encoded, pool)], [1.0])
        assert (ranks.null > 0).all()
        recall, low = null_recall(pool, ranks)
        found[name] = recall, null_leaks(low, pool.ranked), summary(ranks.truth)["recall@1"]
    # by heart: its own text is found, held-out text is not, for there is nothing to learn
    assert found["own"][2] > 0.95
    assert found["unseen"][2] < 0.05
    # the leak: one of 640 by chance, a quarter or more in truth
    assert found["paper"][0] > 0.25
    assert found["paper"][1]
    assert found["paper-equal"][1]
    for name in ("unseen", "mixed", "own"):
        assert found[name][0] < 0.05
        assert not found[name][1]
    # the paper's pool shows as recall what is nothing but the leak
    assert found["paper"][2] > 5 * found["unseen"][2]


def test_bm25_does_not_leak(tmp_path: object) -> None:
    """It has no memory: strangers are found by chance in the same pool in which the overfitted model finds them."""
    encoded = encoded_tiny(tmp_path, rare_words(), LEAKY)  # type: ignore[arg-type]
    baseline = tune_baseline(encoded, make_pool(encoded, "unseen", "pt", "ic", LEAKY, side="dev"), orders=(1,))
    pool = make_pool(encoded, "paper", "pt", "ic", LEAKY)
    from sprachbund.retrieval.ranking.baselines import baseline_parts

    recall, low = null_recall(pool, judge(pool, *baseline_parts(encoded, pool, baseline)))
    assert recall < 0.05
    assert not null_leaks(low, pool.ranked)


def test_a_scorer_of_its_own(tiny: EncodedCorpus) -> None:
    """A judge is anything that scores columns: the truth itself, and its opposite."""
    pool = make_pool(tiny, "unseen", "pt", "ic", SETTINGS)
    eye = np.eye(pool.ranked, dtype=np.float32)
    right = judge(pool, [Dense(eye[pool.truth], eye)], [1.0])
    assert right.truth.tolist() == [1] * len(pool.queries)
    wrong = judge(pool, [Dense(-eye[pool.truth], eye)], [1.0])
    candidates = [pool.ranked - len(pool.excluded[number]) + 1 for number in range(len(pool.queries))]
    assert wrong.truth.tolist() == candidates
