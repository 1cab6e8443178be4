"""Evaluation of a saved encoder: on the side it never saw, whatever else is asked for beside it."""

import logging
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import Corpus, Encoder, evaluate, train
from sprachbund.corpus.placing import place_documents
from sprachbund.errors import CorpusError, LanguageError, SettingsError
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.evaluation import _rows
from sprachbund.retrieval.ranking.judging import Ranks
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import change, split_of
from sprachbund.statistics import compare

SETTINGS = change(NOISE_SETTINGS, dim=16, characters=(4,), epochs=2.0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Three languages that share half of their topics; eu has one document, so no test side."""
    documents = noise(documents=40, topics=20)
    documents.append(("eu", "eu0", None, [["bat bi hiru lau", "bost sei zazpi zortzi", "hamar hogei ehun mila"]]))
    return write_corpus(tmp_path_factory.mktemp("judging"), documents)


@pytest.fixture(scope="module")
def encoder(corpus: Corpus) -> Encoder:
    """Of all but eu."""
    return train(corpus, settings=SETTINGS, languages=["es", "gl", "pt"])


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was warned of."""
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_results_are_the_means_of_the_ranks(corpus: Corpus, encoder: Encoder) -> None:
    """Every value again from the ranks; the columns are those that are promised; BM25 and the hybrids beside it."""
    found = evaluate(encoder, corpus, pools=["unseen", "own"])
    assert found.results.columns == [
        "language", "arm", "pool", "measure", "k", "value", "low", "high", "queries", "documents", "candidates",
        "null_recall", "leaks",
    ]  # fmt: skip
    assert found.results.select("language", "arm", "pool").unique().height == 3 * 5 * 2
    arms = ["encoder", "bm25", "bm25-around", "hybrid", "whole"]
    assert found.results["arm"].unique(maintain_order=True).to_list() == arms
    for row in found.results.iter_rows(named=True):
        same = [pl.col(name) == row[name] for name in ("language", "arm", "pool")]
        ranks = found.ranks.filter(*same)["rank"].to_numpy()
        own = (1 / ranks).mean() if row["measure"] == "mrr" else (ranks <= row["k"]).mean()
        assert row["value"] == pytest.approx(own) and row["queries"] == len(ranks)
        assert row["low"] <= row["value"] <= row["high"]
        assert row["candidates"] >= ranks.max()
    assert {(m["language"], m["pool"]) for m in found.manifests} == {
        (code, pool) for code in ("es", "gl", "pt") for pool in ("unseen", "own")
    }


def test_only_the_side_that_is_asked_for_is_judged(corpus: Corpus, encoder: Encoder) -> None:
    """Queries come from documents that `place_documents` puts on test, or dev, or for the pool own on train."""
    placed = place_documents(corpus, ["gl"], split_of(SETTINGS))["gl"]
    side = dict(zip(placed.names, placed.sides.tolist(), strict=True))
    for split, pool, number in (("test", "unseen", 2), ("dev", "unseen", 1), ("test", "own", 0)):
        found = evaluate(encoder, corpus, languages=["gl"], split=split, pools=[pool], baselines=False)
        assert {side[document] for document in found.ranks["document"]} == {number}


def test_company_does_not_move_the_split(corpus: Corpus, encoder: Encoder, caplog: pytest.LogCaptureFixture) -> None:
    """A language alone has the queries and ranks that it has among the others, and no warning is given."""
    together = evaluate(encoder, corpus, baselines=False).ranks.filter(pl.col("language") == "gl")
    alone = evaluate(encoder, corpus, languages=["gl"], baselines=False).ranks
    assert together.equals(alone) and len(alone) > 50
    assert warnings(caplog) == []


def test_a_model_of_one_language_never_trained_on_what_is_test_for_all(corpus: Corpus) -> None:
    """Trained alone, judged in company: the documents that share a group with others are no exception."""
    one = train(corpus, settings=SETTINGS, languages=["gl"])
    tested = set(evaluate(one, corpus, languages=["gl", "pt"], baselines=False).ranks["document"])
    placed = place_documents(corpus, ["gl"], split_of(SETTINGS))["gl"]
    trained = {name for name, side in zip(placed.names, placed.sides.tolist(), strict=True) if side == 0}
    assert sum(one.about["pairs"].values()) > 0 and not tested & trained


def test_without_languages_those_of_the_encoder(corpus: Corpus) -> None:
    """A language that the encoder does not know is judged only where it is named."""
    one = train(corpus, settings=SETTINGS, languages=["pt"])
    assert set(evaluate(one, corpus, baselines=False).results["language"]) == {"pt"}
    assert set(evaluate(one, corpus, languages=["gl"], baselines=False).results["language"]) == {"gl"}


def test_other_text_is_a_warning(
    corpus: Corpus, encoder: Encoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another corpus, and the same text whose split a later language has moved."""
    other = write_corpus(tmp_path / "other", noise(("gl",), documents=40, seed=9))
    evaluate(encoder, other, baselines=False)
    assert ["trained on other text" in line for line in warnings(caplog)] == [True]
    caplog.clear()
    documents = noise(("gl", "pt"), documents=30, topics=0)
    one = train(write_corpus(tmp_path / "alone", documents[:30]), settings=SETTINGS)
    renamed = [(code, name, f"gl{name[2:]}", parts) for code, name, _, parts in documents[30:45]]
    grown = write_corpus(tmp_path / "grown", [*documents[:30], *renamed])
    assert one.about["corpus"] != "" and grown.languages == ("gl", "pt")
    evaluate(one, grown, baselines=False)
    assert ["another split of it" in line for line in warnings(caplog)] == [True]


def test_a_language_without_queries_is_left_out(
    corpus: Corpus, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    """With a note beside others, an error alone."""
    found = evaluate(encoder, corpus, languages=["eu", "gl"])
    assert set(found.results["language"]) == {"gl"}
    assert warnings(caplog) == ["eu is left out of the pool unseen: it has no ic query there"]
    with pytest.raises(CorpusError, match="has no ic query on the test side in eu"):
        evaluate(encoder, corpus, languages=["eu"])


def test_a_cut_of_the_model_is_none_of_the_corpus(corpus: Corpus, tmp_path: Path) -> None:
    """An encoder with a high minimum count is judged on a corpus where nothing occurs so often."""
    rare = train(corpus, settings=change(SETTINGS, min_count=20))
    small = write_corpus(tmp_path, noise(("gl",), documents=12, seed=3))
    assert evaluate(rare, small).results.height == 5 * 4  # arms, measures


def test_a_model_of_candidates_by_themselves(corpus: Corpus, encoder: Encoder) -> None:
    """Without reach the arms that count what stands around are left out; the others have the ranks they had."""
    alone = train(corpus, settings=change(SETTINGS, reach=0), languages=["es", "gl", "pt"])
    found = evaluate(alone, corpus, languages=["gl"]).ranks
    assert set(found["arm"]) == {"encoder", "bm25", "hybrid"}
    beside = evaluate(encoder, corpus, languages=["gl"]).ranks
    assert found.equals(beside.filter(pl.col("arm").is_in(["encoder", "bm25", "hybrid"])))


def test_an_overfitted_model_is_found_out(corpus: Corpus) -> None:
    """Noise has nothing to learn but itself: found again in the pool own, at chance among what was held out."""
    overfitted = train(corpus, settings=change(SETTINGS, dim=64, rate=0.5, epochs=240.0), languages=["gl"])
    found = evaluate(overfitted, corpus, pools=["unseen", "own"], baselines=False).results
    rows = {row["pool"]: row for row in found.filter(pl.col("measure") == "mrr").to_dicts()}
    chance = sum(1 / rank for rank in range(1, 85)) / 84
    assert rows["own"]["value"] > 3 * rows["unseen"]["value"]
    assert rows["unseen"]["low"] < 2 * chance < rows["own"]["low"]
    assert not rows["unseen"]["leaks"]


def test_a_pool_that_tells_members_from_strangers_leaks(corpus: Corpus, encoder: Encoder) -> None:
    """Where another query's truth ranks first, too, the row says so; where it does by chance, it does not."""
    encoded = encode_corpus(corpus, corpus.path.parent / "encoded", settings=SETTINGS, languages=["gl"])
    pool = make_pool(encoded, "unseen", "gl", "ic", SETTINGS)
    first = np.ones(len(pool.queries), np.int64)
    for null, leaks in ((first, True), (first + 5, False), (np.where(np.arange(len(first)) == 0, 1, 9), False)):
        rows = _rows(Ranks(pool, first, null), "encoder")
        assert {row["leaks"] for row in rows} == {leaks}
        assert rows[0]["null_recall"] == pytest.approx((null == 1).mean())


def test_what_is_refused(corpus: Corpus, encoder: Encoder) -> None:
    """Pools, splits, tasks and languages that there are not."""
    for wrong in ({"pools": ["all"]}, {"pools": []}, {"split": "train"}):
        with pytest.raises(SettingsError, match=r"pools are unseen, .* and splits dev and test"):
            evaluate(encoder, corpus, **wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="no task is called"):
        evaluate(encoder, corpus, task="qa")
    with pytest.raises(LanguageError, match="has no xx"):
        evaluate(encoder, corpus, languages=["xx"])


def test_the_hybrid_is_not_worse_than_bm25_on_turkish(shared_data: Path, tmp_path: Path) -> None:
    """On Wikipedia, default settings: paired by query, intervals over documents."""
    from sprachbund.corpus.ingest import ingest

    found = sorted((shared_data / "wikipedia").rglob("tr.*")) or sorted((shared_data / "wikipedia").glob("*/tr*"))
    if not found:
        pytest.skip(f"no Turkish in {shared_data / 'wikipedia'}")
    ingest(found, tmp_path / "corpus", language="tr")
    judged = evaluate(train(tmp_path / "corpus", task="ic"), tmp_path / "corpus", task="ic")
    wide = judged.ranks.pivot("arm", index=["query", "group"], values="rank", maintain_order=True)
    values = {arm: 1 / wide[arm].to_numpy() for arm in ("hybrid", "bm25")}
    comparison = compare(values["hybrid"], values["bm25"], wide["group"].to_numpy())
    assert comparison.items >= 300 and comparison.documents >= 30
    assert comparison.verdict != "worse"
    assert values["hybrid"].mean() >= values["bm25"].mean()
