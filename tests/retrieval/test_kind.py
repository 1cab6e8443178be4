"""Retrieval behind the seam: what a study gets is what the parts compute."""

import json
import pickle
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS

from sprachbund.errors import CapacityError, FolderError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.seam import ITEMS, Kind
from sprachbund.retrieval.declared import MEASURES
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.ranking.judging import dense_scorer, judge
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import change

SETTINGS = change(NOISE_SETTINGS, characters=(4,), dim=16)


def alone(task: str, language: str = "gl", seed: int = 0, **options: object) -> Recipe:
    """A model of one language."""
    return Recipe(task, {language: Share()}, options, seed)


@pytest.fixture(scope="module")
def kind(noisy: EncodedCorpus) -> RetrievalKind:
    """Over the noise."""
    return RetrievalKind(noisy.path, SETTINGS)


def test_measures_by_hand() -> None:
    """MRR first, then recall at 1, 10 and 20."""
    ranks = np.array([1.0, 2.0, 10.0, 11.0])
    assert [(measure.name, measure.k) for measure in MEASURES] == [
        ("mrr", None), ("recall", 1), ("recall", 10), ("recall", 20)
    ]  # fmt: skip
    np.testing.assert_allclose(MEASURES[0].of(ranks), [1, 0.5, 0.1, 1 / 11])
    assert [measure.of(ranks).tolist() for measure in MEASURES[1:3]] == [[1, 0, 0, 0], [1, 1, 1, 0]]


def test_a_worker_gets_the_path_and_no_more(kind: RetrievalKind) -> None:
    """Pickled, it is small and finds the corpus again; its identity is JSON and the same."""
    kind.pool("ic", "gl")
    sent = pickle.dumps(kind)
    assert len(sent) < 10_000
    other: Kind = pickle.loads(sent)
    assert json.dumps(other.identity()) == json.dumps(kind.identity())
    assert kind.identity() != RetrievalKind(kind.encoded_path, change(SETTINGS, scale=7.0)).identity()


def test_fit_takes_the_options_and_judge_gives_the_ranks(kind: RetrievalKind, noisy: EncodedCorpus) -> None:
    """As if trained and ranked by hand; every pool has a row a query, the hybrid beside it."""
    model = kind.train(alone("nsp", seed=5, rate=0.2), None)
    by_hand, _ = train_model(noisy, "nsp", change(SETTINGS, rate=0.2), languages=("gl",), seed=5)
    np.testing.assert_array_equal(model.table, by_hand.table)
    baseline = kind.tune_baselines("nsp", "gl")
    written = json.loads(json.dumps(baseline))  # as a run keeps it
    items = kind.judge(model, written, "nsp", "gl", ["unseen", "own"])
    assert items.columns == list(ITEMS) and set(items["arm"]) == {"", "hybrid", "whole"}
    assert set(baseline) == {"plain", "around"}
    for name in ("unseen", "own"):
        pool = make_pool(noisy, name, "gl", "nsp", SETTINGS)
        ranks = judge(pool, [dense_scorer(by_hand, noisy, pool)], [1.0])
        own = items.filter(pl.col("arm") == "", pl.col("pool") == name)
        np.testing.assert_array_equal(own["value"].to_numpy(), ranks.truth)
        assert own["null_value"].null_count() == (ranks.null == 0).sum()
        assert set(own["candidates"]) == {pool.ranked}


def test_dev_decides_and_test_is_elsewhere(kind: RetrievalKind, noisy: EncodedCorpus) -> None:
    """The score is the MRR of the dev pool; dev and test queries have no document in common."""
    model = kind.train(Recipe("ic", {"gl": Share(), "pt": Share()}), None)
    pool = make_pool(noisy, "unseen", "pt", "ic", SETTINGS, side="dev", most_queries=1_000)
    ranks = judge(pool, [dense_scorer(model, noisy, pool)], [1.0]).truth
    assert kind.score(model, "ic", "pt") == pytest.approx((1 / ranks).mean())
    data = noisy.language("pt")
    dev, tested = (
        set(data.documents[kind.pool("ic", "pt", side=side).queries.query].tolist()) for side in ("dev", "test")
    )
    assert dev and tested and not dev & tested


def test_the_baseline_is_the_same_whoever_asks(kind: RetrievalKind) -> None:
    """Two processes would find the same BM25 and the same ranks."""
    other = RetrievalKind(kind.encoded_path, SETTINGS)
    baseline = kind.tune_baselines("ic", "es")
    assert other.tune_baselines("ic", "es") == baseline
    items = kind.judge_baselines(baseline, "ic", "es", ["unseen", "paper", "paper-equal", "mixed", "own"])
    assert other.judge_baselines(baseline, "ic", "es", ["unseen", "paper", "paper-equal", "mixed", "own"]).equals(items)
    assert set(items["arm"]) == {"bm25", "bm25-around"} and items["pool"].n_unique() == 5
    assert items.select("arm", "pool", "item").is_unique().all()


def test_without_reach_no_arm_counts_what_stands_around(noisy: EncodedCorpus) -> None:
    """As the preset paper has it: BM25 and the hybrid, and the plain ones are the same as beside the others."""
    kind = RetrievalKind(noisy.path, change(SETTINGS, reach=0))
    baseline = kind.tune_baselines("nsp", "gl")
    assert set(baseline) == {"plain"}
    assert baseline["plain"] == RetrievalKind(noisy.path, SETTINGS).tune_baselines("nsp", "gl")["plain"]
    assert set(kind.judge_baselines(baseline, "nsp", "gl", ["unseen"])["arm"]) == {"bm25"}
    model = kind.train(alone("nsp"), None)
    assert set(kind.judge(model, baseline, "nsp", "gl", ["unseen"])["arm"]) == {"", "hybrid"}


def test_a_table_that_does_not_fit_is_refused(kind: RetrievalKind) -> None:
    """A worker's share of the memory counts, not the machine's."""
    small = RetrievalKind(kind.encoded_path, SETTINGS, memory=10_000)
    with pytest.raises(CapacityError, match=r"rows of 16 numbers need"):
        small.train(alone("ic"), None)


def test_what_the_report_shows_of_a_language(kind: RetrievalKind, noisy: EncodedCorpus) -> None:
    """Documents, sentences and queries as they are counted by hand; coverage is a share."""
    data = noisy.language("gl")
    found = kind.describe("ic", "gl")
    assert (found["documents"], found["sentences"]) == (60, 540)
    assert found["train_pairs"] == len(data.pairs("ic", SETTINGS, "train")) == kind.size("ic", "gl")
    tested = data.pairs("ic", SETTINGS, "test")
    left = int(data.templates[tested.query].sum())
    assert (found["test_queries"], found["left_out_sentences"]) == (len(tested) - left, left)
    assert 0.9 < found["coverage_types"] <= found["coverage_tokens"] <= 1
    assert [m["pool"] for m in kind.manifests("ic", "gl", ["unseen", "mixed"])] == ["unseen", "mixed"]


def test_a_saved_model_goes_on_as_if_it_had_not_been(kind: RetrievalKind, tmp_path: Path) -> None:
    """Read back it has the same bits, and languages that shared their rows share them."""
    recipe = Recipe("ic", {"gl": Share(), "pt": Share()}, seed=1)
    model = kind.train(recipe, None)
    kind.save(model, tmp_path)
    again = kind.load(tmp_path)
    np.testing.assert_array_equal(again.table, model.table)
    assert again.rows["gl"].row is again.rows["pt"].row and again.settings == model.settings
    assert kind.judge(again, {}, "ic", "gl", ["unseen"]).equals(kind.judge(model, {}, "ic", "gl", ["unseen"]))
    table = np.load(tmp_path / "table.npy")
    np.save(tmp_path / "table.npy", table[:-1])
    with pytest.raises(FolderError, match="do not fit each other"):
        kind.load(tmp_path)


def test_separate_rows_are_saved_apart(kind: RetrievalKind, tmp_path: Path) -> None:
    """The control has rows of its own for each language."""
    recipe = Recipe("ic", {"gl": Share(), "pt": Share()}, carry={"rows": "separate"})
    model = kind.train(recipe, None)
    kind.save(model, tmp_path)
    again = kind.load(tmp_path)
    for language in ("gl", "pt"):
        np.testing.assert_array_equal(again.rows[language].row, model.rows[language].row)
    assert again.rows["gl"].row is not again.rows["pt"].row


def test_passes_are_how_often_a_language_is_read(kind: RetrievalKind) -> None:
    """Twice as many batches of the language that is read twice; one that is read once is drawn as ever."""
    sizes = {code: kind.size("ic", code) for code in ("gl", "pt")}
    settings = kind._settings(Recipe("ic", {"gl": Share(2.0), "pt": Share(1.0)}))
    total = sum(sizes.values()) * settings.training.epochs
    weights = settings.training.weights
    read = {code: total * weights[code] / sum(weights.values()) / sizes[code] for code in sizes}
    epochs = SETTINGS.training.epochs
    assert read == pytest.approx({"gl": 2 * epochs, "pt": epochs})
    longer = kind._settings(Recipe("ic", {"gl": Share(3.0)}))
    assert longer.training.epochs == pytest.approx(3 * epochs) and not longer.training.weights


def test_a_share_has_so_many_sentences(kind: RetrievalKind, noisy: EncodedCorpus) -> None:
    """Of documents that the seed draws, counted anew; dev and test are whole."""
    data = noisy.language("gl")
    text = kind._text(Recipe("ic", {"gl": Share(sentences=50)}, text_seed=3)).language("gl")
    train = np.flatnonzero(text.sides == 0)
    assert len(train) == 50 and set(train) <= set(np.flatnonzero(data.sides == 0))
    for side in (1, 2):
        np.testing.assert_array_equal(text.sides == side, data.sides == side)
    words = np.concatenate(
        [data.sentences.words[data.sentences.word_offsets[s] : data.sentences.word_offsets[s + 1]] for s in train]
    )
    ids = np.flatnonzero(noisy.ngrams.orders == 1)
    np.testing.assert_array_equal(text.counts[ids], np.bincount(words, minlength=len(noisy.ngrams))[ids])
    other = kind._text(Recipe("ic", {"gl": Share(sentences=50)}, text_seed=4)).language("gl")
    assert not np.array_equal(other.sides, text.sides)
    assert kind._text(alone("ic")) is kind.encoded
