"""The seam holds for another kind of model: a study of random numbers, its tables worked out again by hand."""

from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from finished import ARMS, LANGUAGES, Finished, run
from toy import CANDIDATES, DECLARATION, Toy

from sprachbund.errors import DivergenceError
from sprachbund.lab.seen import expand
from sprachbund.lab.strategies import EVERYONE
from sprachbund.studies.tables import COMPARISONS, RESULTS

HYBRIDS = tuple(f"{kind}-{arm}" for kind in ("hybrid", "whole") for arm in ARMS)
BASELINES = ("bm25", "bm25-around")
PAIRS = {pair[:2] for pair in expand(DECLARATION.pairs, (*ARMS, *HYBRIDS, *BASELINES), DECLARATION)}
KEY = ["task", "language", "pool", "measure", "k"]


def test_results_have_the_promised_columns(results: pl.DataFrame) -> None:
    """Exactly, in their order; k is null for mrr alone; a row for each cell, arm, measure and seed."""
    assert results.columns == list(RESULTS)
    assert set(results.select("unit", "direction").unique().rows()) == {("", "higher")}
    assert set(results.select("measure", "k").unique().rows()) == {("mrr", None), ("recall", 1), ("recall", 10)}
    cells = results.select("task", "language", "arm", "pool", "measure", "k", "seed")
    assert cells.is_unique().all()
    pools = [*("unseen", "paper"), *("unseen-null", "paper-null")]
    assert results.height == 2 * 3 * 14 * len(pools) * 3 * 2  # tasks, languages, arms, pools, measures, seeds
    assert set(results["arm"]) == {*ARMS, *HYBRIDS, *BASELINES} and set(results["pool"]) == set(pools)
    assert (results["low"] <= results["value"]).all() and (results["value"] <= results["high"]).all()
    real = results.filter(~pl.col("pool").str.ends_with("-null"))
    assert set(real.select("items", "documents", "weight", "candidates").unique().rows()) == {
        (400, 40, 400.0, CANDIDATES)
    }


def test_the_baseline_has_a_row_for_each_seed_and_they_are_alike(results: pl.DataFrame) -> None:
    """A trained arm's seeds differ."""
    by_seed = results.filter(pl.col("pool") == "unseen", pl.col("measure") == "mrr").partition_by("seed")
    one, other = (frame.sort("task", "language", "arm").drop("seed") for frame in by_seed)
    bm25 = pl.col("arm").is_in(BASELINES)
    assert one.filter(bm25).equals(other.filter(bm25)) and one.filter(bm25).height == 12
    assert (one.filter(~bm25)["value"] != other.filter(~bm25)["value"]).all()


def test_values_are_the_means_of_ranks(finished: Finished, results: pl.DataFrame) -> None:
    """mrr and recall of each cell again from items.parquet, the null test too."""
    ranks = finished.table("items")
    assert ranks.columns[:11] == [
        "task", "language", "arm", "pool", "seed", "item", "document", "group", "value", "weight", "null_value"
    ]  # fmt: skip
    for column, ending in (("value", ""), ("null_value", "-null")):
        means = ranks.group_by("task", "language", "arm", "pool", "seed").agg(
            mrr=(1 / pl.col(column)).mean(), recall1=(pl.col(column) <= 1).mean(), items=pl.col(column).count()
        )
        for row in means.iter_rows(named=True):
            same = [pl.col(name) == row[name] for name in ("task", "language", "arm", "seed")]
            cell = results.filter(*same, pl.col("pool") == row["pool"] + ending)
            found = {(r["measure"], r["k"]): r["value"] for r in cell.iter_rows(named=True)}
            assert found["mrr", None] == pytest.approx(row["mrr"], abs=1e-12)
            assert found["recall", 1] == pytest.approx(row["recall1"], abs=1e-12)
            assert set(cell["items"]) == {row["items"]}


def test_comparisons_follow_from_results(finished: Finished, results: pl.DataFrame) -> None:
    """absolute and relative from the means over seeds: (arm - against) / against; every pair of arms is there."""
    comparisons = finished.table("comparisons")
    assert comparisons.columns == [*COMPARISONS, "p_holm"] and set(comparisons["language"]) == {*LANGUAGES, EVERYONE}
    assert set(comparisons.select("arm", "against").unique().rows()) == PAIRS
    means = results.group_by(*KEY, "arm").agg(pl.col("value").mean())
    value = {tuple(row[:-1]): row[-1] for row in means.rows()}
    for row in comparisons.filter(pl.col("language") != EVERYONE).iter_rows(named=True):
        key = tuple(row[name] for name in KEY)
        arm, against = value[*key, row["arm"]], value[*key, row["against"]]
        assert row["absolute"] == pytest.approx(arm - against, abs=1e-12)
        assert row["relative"] == pytest.approx((arm - against) / against, abs=1e-12)
        assert row["low"] <= row["relative"] <= row["high"]
        assert (row["items"], row["documents"]) == (400, 40)
        assert row["verdict"] == (
            "better" if row["absolute_low"] > 0 else "worse" if row["absolute_high"] < 0 else "no difference shown"
        )


def test_the_mean_over_languages_is_geometric(finished: Finished, results: pl.DataFrame) -> None:
    """Of the arms' means, so that its relative effect is the geometric mean of the languages' ratios."""
    chosen = (pl.col("pool") == "unseen") & (pl.col("measure") == "mrr") & (pl.col("task") == "ic")
    means = results.filter(chosen).group_by("arm", "language").agg(pl.col("value").mean())
    geometric = {arm: np.exp(np.log(part["value"]).mean()) for (arm,), part in means.group_by("arm")}
    rows = finished.table("comparisons").filter(chosen & (pl.col("language") == EVERYONE))
    assert rows.height == len(PAIRS)
    for row in rows.iter_rows(named=True):
        assert row["relative"] == pytest.approx(geometric[row["arm"]] / geometric[row["against"]] - 1, abs=1e-12)
        assert (row["items"], row["documents"], row["languages"]) == (1200, 120, 3)


def test_verdicts_are_what_was_planted(finished: Finished) -> None:
    """Pooling finds a fifth more truths; without sharing it finds none more; hybrids beat the baseline."""
    chosen = (pl.col("pool") == "unseen") & (pl.col("measure") == "mrr") & pl.col("language").is_in(LANGUAGES)
    rows = finished.table("comparisons").filter(chosen)
    verdicts = {
        pair: set(rows.filter(pl.col("arm") == pair[0], pl.col("against") == pair[1])["verdict"]) for pair in PAIRS
    }
    for pair in (
        *(("pooled", "alone"), ("pooled", "control"), ("pooled", "placebo"), ("hybrid-pooled", "bm25")),
        *(("whole-pooled", "whole-alone"), ("whole-pooled", "bm25-around")),
    ):
        assert verdicts[pair] == {"better"}, pair
    assert "better" not in verdicts["control", "alone"] or "worse" not in verdicts["control", "alone"]


def test_a_model_that_memorises_is_not_called_better(memorised: Finished) -> None:
    """All its truths rank first in the pool of training candidates, but so do strangers: leaks. Unseen it is worse."""
    rows = memorised.table("comparisons").filter(pl.col("measure") == "mrr")
    against = rows.filter(pl.col("arm") == "pooled", pl.col("against") == "alone")
    by_pool = {pool: set(part["verdict"]) for (pool,), part in against.group_by("pool")}
    assert by_pool == {"paper": {"leaks"}, "unseen": {"worse"}}
    assert (against.filter(pl.col("pool") == "paper")["relative"] > 0.3).all()
    honest = rows.filter(pl.col("arm") == "alone", pl.col("against") == "bm25", pl.col("pool") == "paper")
    assert "leaks" not in set(honest["verdict"])
    null = memorised.table("results").filter(
        pl.col("pool") == "paper-null", pl.col("arm") == "pooled", pl.col("k") == 1
    )
    assert (null["value"] > 0.4).all()


def test_study_toml_says_what_was_tried_and_chosen(finished: Finished) -> None:
    """Every tuned arm tried the same three; the best on dev was chosen, of two equal ones the earlier."""
    document = finished.document()
    assert document["study"]["kind"] == "toy" and document["study"]["languages"] == list(LANGUAGES)
    assert "nothing" not in document["study"]  # TOML has no null
    assert document["notes"]["warnings"] == ["aa is small."]
    tried = pl.DataFrame(document["tried"], infer_schema_length=None)
    for task, arm in product(("ic", "nsp"), ("alone", "pooled", "placebo")):
        part = tried.filter(pl.col("task") == task, pl.col("arm") == arm)
        assert set(part["language"]) == (set(LANGUAGES) if arm == "alone" else {"(all)"})
        for (_,), own in part.group_by("language"):
            assert own["trial"].to_list() == [0, 1, 2] and own["skill"].to_list() == [None, 0.5, 0.5]
            assert own["mrr"].to_list() == pytest.approx([s + 0.2 * (arm == "pooled") for s in (0.3, 0.5, 0.5)])
            assert own["mix"].to_list() == ([None] * 3 if arm == "alone" else [None, 1, 2])
        chosen = document["chosen"][task][arm]
        expected = {"skill": 0.5} if arm == "alone" else {"skill": 0.5, "mix": 1}
        assert chosen == dict.fromkeys(LANGUAGES if arm == "alone" else ["(all)"], expected)
    assert document["chosen"]["ic"]["control"] == document["chosen"]["ic"]["pooled"]
    assert document["baselines"]["nsp"]["bbb"] == {"bm25": {"skill": 0.25}, "bm25-around": {"skill": 0.3}}


def test_a_trial_that_diverges_is_named_and_loses(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One that diverges and one without a number stand first and would be best; the third is chosen, by every arm."""
    kind = Toy(skills=(0.9, 0.8, 0.4), diverging=(0.9,), nothing=(0.8,))
    done = run(kind, tmp_path, tasks=("ic",))
    assert {options.get("skill") for options in done.outcome.chosen.values()} == {0.4}
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2 * 5  # two trials of three languages alone, of pooled and of placebo
    assert messages[0] == "ic, alone, aa: trial 0 {} loses: the training diverged at batch 1 of 2"
    assert "ic, pooled, (all): trial 1 {'skill': 0.8, 'mix': 1} loses: its score is no number" in messages
    tried = done.document()["tried"]
    assert [row.get("diverged", False) for row in tried] == [row["trial"] < 2 for row in tried]
    assert ["mrr" in row for row in tried] == [row["trial"] == 2 for row in tried]


def test_a_study_whose_trials_all_diverge_says_so(tmp_path: Path) -> None:
    """The arm and the language; nothing is judged."""
    with pytest.raises(DivergenceError, match=r"^ic, alone, aa: every trial diverged; lower rate"):
        run(Toy(skills=(0.9, 0.8, 0.9), diverging=(0.9,), nothing=(0.8,)), tmp_path, tasks=("ic",))
    assert not (tmp_path / "results.parquet").exists()


def test_languages_and_pools_are_described(finished: Finished) -> None:
    """A row a task and language with the duplicates beside it."""
    rows = finished.table("languages").sort("task", "language")
    assert rows.select("task", "language").rows() == list(product(("ic", "nsp"), LANGUAGES))
    assert set(rows["duplicate_sentences"]) == {1} and rows["train_pairs"].to_list() == [200, 300, 400] * 2
    assert (finished.folder / "pools.json").read_text().count('"candidates": 500') == 2 * 3 * 2


def test_two_workers_and_a_second_time_change_nothing(finished: Finished, elsewhere: Path) -> None:
    """The same tables with two processes, and again from the runs that are there."""
    other = run(Toy(), elsewhere, workers=2)
    for name in ("results", "comparisons", "items", "languages"):
        assert other.table(name).equals(finished.table(name)), name
    before = {path: path.stat().st_mtime_ns for path in (elsewhere / "runs").rglob("*")}
    run(Toy(), elsewhere, workers=2)
    assert {path: path.stat().st_mtime_ns for path in (elsewhere / "runs").rglob("*")} == before


def test_another_version_or_identity_is_other_work(finished: Finished) -> None:
    """Runs are named by all that goes in."""
    from sprachbund.lab.recipe import Recipe, Share
    from sprachbund.runs.store import Runs
    from sprachbund.studies.jobs import Jobs

    runs = Runs(finished.folder / "runs")
    recipe = Recipe("ic", {"aa": Share()})
    assert runs.complete(Jobs(Toy()).trial(recipe, ("aa",)))
    for other in (Toy(version=5), Toy(gain=0.1)):
        assert not runs.complete(Jobs(other).trial(recipe, ("aa",)))
