"""The report reads studies of any kind, and says them in the kind's own words."""

from pathlib import Path

import polars as pl
from finished import Finished, run
from toy import Toy

from sprachbund.report import load_study, transfer_rows, write_report


def test_the_report_reads_it(finished: Finished) -> None:
    """The table's rows are the comparisons, most training pairs first; the page is written."""
    frames = load_study(finished.folder)
    rows = transfer_rows(frames, "ic")
    assert [row["language"] for row in rows] == ["cccc", "bbb", "aa", "(all)"]
    found = finished.table("comparisons").filter(
        (pl.col("task") == "ic") & (pl.col("language") == "aa") & (pl.col("pool") == "unseen")
        & (pl.col("measure") == "mrr") & (pl.col("arm") == "pooled") & (pl.col("against") == "alone")
    )  # fmt: skip
    assert rows[2]["transfer"]["relative"] == found["relative"].item()
    assert write_report(finished.folder).stat().st_size > 10_000


def test_a_trial_that_diverged_is_in_the_report(tmp_path: Path) -> None:
    """By that word."""
    run(Toy(skills=(0.9, 0.8, 0.4), diverging=(0.9,), nothing=(0.8,)), tmp_path, tasks=("ic",))
    assert "diverged" in write_report(tmp_path).read_text(encoding="utf-8")
