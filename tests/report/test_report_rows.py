"""The rows that page and terminal share."""

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from sprachbund.lab.measures import Measure
from sprachbund.report import load_study, transfer_rows, transfer_table, transfer_tables
from sprachbund.report.pools import contrast_rows, null_rows, pool_table
from sprachbund.report.rows import (
    Effect,
    Row,
    best_arms,
    effects_by_language,
    study_rows,
    tabled_arms,
    verdict_counts,
)
from sprachbund.retrieval.declared import DECLARATION

MRR = DECLARATION.measures[0]


def judged(verdict: str, p_holm: float | None) -> Effect:
    """A comparison of which only these are known."""
    return Effect(None, None, None, None, verdict, None, p_holm, None, None, None)


def row_of(**values: float | None) -> Row:
    """A language with the values of some arms, nothing compared."""
    return Row("en", None, None, None, values, {})


def test_rows_are_sorted_by_training_pairs_and_end_with_all(study: Path) -> None:
    """Most pairs first; the geometric mean over languages is last, with sums of the sizes."""
    rows = transfer_rows(load_study(study), "ic")
    assert [row["language"] for row in rows] == [
        "en", "de", "vi", "uk", "fr", "id", "tr", "el", "no", "he", "ar", "fa", "(all)"
    ]  # fmt: skip
    assert rows[0]["train_pairs"] == 41200
    assert rows[-1]["train_pairs"] == sum(row["train_pairs"] for row in rows[:-1])
    assert rows[-1]["transfer"]["relative"] == pytest.approx(0.0456)


def test_values_are_means_over_seeds(study: Path) -> None:
    """Three seeds with 0.1, 0.2 and 0.6 are shown as 0.3."""
    path = study / "results.parquet"
    frame = pl.read_parquet(path)
    cell = (
        (pl.col("language") == "tr")
        & (pl.col("arm") == "alone")
        & (pl.col("pool") == "unseen")
        & (pl.col("measure") == "mrr")
    )
    by_seed = pl.col("seed").replace_strict({0: 0.1, 1: 0.2, 2: 0.6}, return_dtype=pl.Float64)
    frame.with_columns(pl.when(cell).then(by_seed).otherwise(pl.col("value")).alias("value")).write_parquet(path)
    rows = {row["language"]: row for row in transfer_rows(load_study(study), "ic")}
    assert rows["tr"]["alone"] == pytest.approx(0.3)


def test_effects_carry_interval_and_verdict(study: Path) -> None:
    """The row of Turkish has the numbers of comparisons.parquet."""
    rows = {row["language"]: row for row in transfer_rows(load_study(study), "ic")}
    effect = rows["tr"]["transfer"]
    assert (effect["relative"], effect["verdict"]) == (pytest.approx(0.094), "better")
    assert effect["low"] == pytest.approx(0.094 - 0.022 * (20000 / 5210) ** 0.33)
    assert rows["fa"]["hybrid_transfer"]["verdict"] == "too few"


def test_holm_is_worked_out_where_the_study_has_none(study: Path) -> None:
    """Of twelve languages the smallest p is multiplied by twelve."""
    path = study / "comparisons.parquet"
    pl.read_parquet(path).drop("p_holm").write_parquet(path)
    effects = effects_by_language(load_study(study), "ic", "pooled", "alone", "unseen", MRR)
    smallest = min((name for name in effects if name != "(all)"), key=lambda name: effects[name].p or 1)
    assert effects[smallest].p_holm == pytest.approx(12 * (effects[smallest].p or 1))


def test_counts_of_verdicts() -> None:
    """The row for all languages does not count; a verdict that Holm takes away counts only before."""
    effects = {
        "(all)": judged("better", None),
        "a": judged("better", 0.01),
        "b": judged("better", 0.2),
        "c": judged("too few", 0.001),
        "d": None,
    }
    counts = verdict_counts(effects)
    assert counts == {"languages": 3, "better": 2, "better after Holm": 1, "too few": 1}


def test_best_arms_may_be_several() -> None:
    """A tie marks both; arms without a value do not count."""
    row = row_of(alone=0.2, pooled=0.3, bm25=0.3, placebo=None)
    assert best_arms(row, row.values, MRR) == {"pooled", "bm25"}


def test_the_best_arm_follows_the_direction() -> None:
    """Of bits per byte the fewest are best; an infinite number of them is not."""
    row = row_of(alone=2.0, pooled=1.9, rows=float("inf"))
    bits = Measure("bits", "bits per byte", direction="lower")
    assert best_arms(row, row.values, bits) == {"pooled"}
    assert best_arms(row, ["alone"], bits) == {"alone"}


def test_null_rows_mark_planted_leaks(study: Path) -> None:
    """Only Turkish alone and its hybrid leak, and only in the pools of training text."""
    leaking = {(row["language"], row["arm"], row["pool"]) for row in null_rows(load_study(study), "ic") if row["leaks"]}
    assert leaking == {("tr", arm, pool) for arm in ("alone", "hybrid-alone") for pool in ("paper", "paper-equal")}


def test_gap_is_seen_less_unseen(study: Path) -> None:
    """36 rows for three arms of twelve languages; BM25's gap is a tenth of its recall@1."""
    rows = contrast_rows(load_study(study), "ic", DECLARATION.contrasts[0])
    assert len(rows) == 36
    bm25 = next(row for row in rows if row["arm"] == "bm25" and row["language"] == "en")
    assert bm25["difference"] == pytest.approx(0.1 * bm25["one"])


def test_pools_are_compared_over_the_same_languages(study: Path) -> None:
    """A language that one pool lacks is left out of the means of all of them."""
    path = study / "results.parquet"
    frame = pl.read_parquet(path)
    frame.filter(~((pl.col("language") == "en") & (pl.col("pool") == "own"))).write_parquet(path)
    cells = pool_table(load_study(study), "ic", MRR)
    assert {cell["languages"] for cell in cells["alone"].values()} == {11}


def test_terminal_table_shows_the_same_numbers(study: Path) -> None:
    """The line of Turkish on a wide terminal; markup in a name is not interpreted."""
    for name in ("results", "comparisons", "languages"):
        path = study / f"{name}.parquet"
        frame = pl.read_parquet(path)
        frame.with_columns(pl.col("language").replace({"vi": "[red]vi"})).write_parquet(path)
    out = io.StringIO()
    Console(file=out, width=240).print(transfer_table(study, "ic"))
    line = next(line for line in out.getvalue().splitlines() if line.strip().startswith("tr "))
    assert "5,210" in line
    assert "+9.4% [+6.0%, +12.8%]" in line
    assert "[red]vi" in out.getvalue()


def test_terminal_table_drops_arms_that_nobody_has(study: Path) -> None:
    """Without placebo there is no column for it."""
    path = study / "results.parquet"
    pl.read_parquet(path).filter(pl.col("arm") != "placebo").write_parquet(path)
    heads = [str(column.header) for column in transfer_table(load_study(study), "ic").columns]
    assert "placebo" not in heads
    assert "control" in heads


def test_terminal_has_a_table_of_its_own_for_the_text_around(around_study: Path) -> None:
    """Only where the study has such arms; it is no wider than the other, so both fit where the first one did."""
    before = transfer_table(around_study, "ic")
    heads = [str(column.header) for column in before.columns]
    assert not any("around" in head or "whole" in head for head in heads)
    first, second = transfer_tables(around_study, "ic")
    assert [str(column.header) for column in first.columns] == heads
    assert [str(column.header) for column in second.columns] == [
        *("language", "training\npairs", "queries", "documents"),
        *("bm25", "bm25-\naround", "whole-\nalone", "whole-\npooled"),
        *("whole-pooled vs\nwhole-alone", "whole-pooled vs\nbm25", "whole-pooled vs\nbm25-around"),
    ]
    widths = []
    for made in (first, second):
        out = io.StringIO()
        Console(file=out, width=240).print(made)
        line = next(line for line in out.getvalue().splitlines() if line.strip().startswith("tr "))
        assert "5,210" in line and line.count("]") == 3
        widths.append(max(len(line.rstrip()) for line in out.getvalue().splitlines()))
    assert widths[1] <= widths[0] < 190


def test_best_arm_is_best_of_all(around_study: Path) -> None:
    """The whole is, in both tables; so no arm of the first is marked."""
    frames = load_study(around_study)
    rows = study_rows(frames, "ic")
    assert best_arms(rows[6], tabled_arms(rows, frames.declaration), MRR) == {"whole-pooled"}


def test_a_study_without_the_text_around_has_one_table(study: Path) -> None:
    """Its rows have the arms, without values."""
    assert len(transfer_tables(study, "ic")) == 1
    assert transfer_rows(load_study(study), "ic")[0]["bm25-around"] is None
