"""A study folder as tables, each with all its columns.

Only `results.parquet` must be there: a study that was stopped, or one of an older version, is reported with
what it has, and a dash stands for the rest.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.errors import FolderError, one_line
from sprachbund.statistics.comparison import VERDICTS
from sprachbund.tables import read_parquet

ALL = "(all)"
"""The language that stands for the geometric mean over languages."""

NULL = "-null"
"""The ending of a pool that is the null test of another."""

_KEY = {"task": pl.String, "language": pl.String, "pool": pl.String, "measure": pl.String, "k": pl.Int64}
NAMES = {"task", "language", "pool", "measure", "arm", "against"}
"""Columns without which a row is of nothing."""
_SIZES = {"queries": pl.Int64, "documents": pl.Int64}
_INTERVAL = {"low": pl.Float64, "high": pl.Float64}

RESULTS = {
    **_KEY, "arm": pl.String, "seed": pl.Int64, "value": pl.Float64, **_INTERVAL, **_SIZES,
    "candidates": pl.Float64,
}  # fmt: skip
COMPARISONS = {
    **_KEY, "arm": pl.String, "against": pl.String, "absolute": pl.Float64, "relative": pl.Float64,
    **_INTERVAL, **_SIZES, "verdict": pl.String, "p": pl.Float64, "p_holm": pl.Float64,
    "detectable": pl.Float64,
}  # fmt: skip
LANGUAGES = {
    "task": pl.String, "language": pl.String, "documents": pl.Int64, "sentences": pl.Int64,
    "train_pairs": pl.Int64, "dev_queries": pl.Int64, "test_queries": pl.Int64, "test_documents": pl.Int64,
    "left_out_sentences": pl.Int64, "left_out_documents": pl.Int64, "duplicate_sentences": pl.Int64,
    "leaked_sentences": pl.Int64, "coverage_types": pl.Float64, "coverage_tokens": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StudyFrames:
    """The tables of a study.

    `results` has a row for every task, language, arm, pool, measure and k: the mean over the seeds, with
    `seeds` their number and `spread` the largest value less the smallest.
    """

    results: pl.DataFrame
    comparisons: pl.DataFrame
    languages: pl.DataFrame
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = "study"

    @property
    def tasks(self) -> list[str]:
        """The tasks in the order of the study's settings, else in that of the results."""
        found = self.results["task"].drop_nulls().unique(maintain_order=True).to_list()
        asked = [task for task in self.study.get("tasks", []) if task in found]
        return asked + [task for task in found if task not in asked]

    @property
    def study(self) -> Mapping[str, Any]:
        """The table [study] of study.toml."""
        value = self.settings.get("study", {})
        return value if isinstance(value, Mapping) else {}


def load_study(study: Path) -> StudyFrames:
    """Read a study folder.

    Raises:
        FolderError: the folder or its results are missing, or a file is damaged.
    """
    if not study.is_dir():
        raise FolderError(f"{study}: expected a study folder, found {'a file' if study.exists() else 'nothing'}")
    if not (study / "results.parquet").is_file():
        raise FolderError(f"{study}: expected a study folder, but it has no results.parquet; run the study first")
    return StudyFrames(
        results=_over_seeds(_read(study / "results.parquet", RESULTS)),
        comparisons=_read(study / "comparisons.parquet", COMPARISONS),
        languages=_read(study / "languages.parquet", LANGUAGES),
        settings=_read_settings(study / "study.toml"),
        name=study.resolve().name,
    )


def _read(path: Path, columns: Mapping[str, Any]) -> pl.DataFrame:
    """The table with at least ``columns``: a missing one is null; no file is a table without rows."""
    if not path.is_file():
        return pl.DataFrame(schema=dict(columns))
    try:
        frame = read_parquet(path)
        made = frame.select(
            *(
                pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
                for name, kind in columns.items()
            ),
            *(name for name in frame.columns if name not in columns),
        )
        # asked of what was made: where a table has no column at all, the missing ones make a row of nothing
        for name in NAMES & set(columns):
            if made[name].null_count():
                raise ValueError(f"rows without {name}")
        if "verdict" in columns and not set(made["verdict"].drop_nulls()) <= set(VERDICTS):
            raise ValueError("verdicts that are none")
        return made
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, TypeError) as error:
        raise FolderError(f"{path}: not a readable table of a study ({one_line(error)}); run the study again") from None


def _over_seeds(results: pl.DataFrame) -> pl.DataFrame:
    """The mean over the seeds of every cell of the study."""
    key = ["task", "language", "arm", "pool", "measure", "k"]
    return results.group_by(key, maintain_order=True).agg(
        pl.col("value", "low", "high").mean(),
        pl.col("queries", "documents", "candidates").max(),
        (pl.col("value").max() - pl.col("value").min()).alias("spread"),
        pl.len().alias("seeds"),
    )


def _read_settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found.get("notes", []), dict | list):
            raise ValueError(f"notes are to be tables, found {type(found['notes']).__name__}")
        return found
    except (ValueError, OSError, RecursionError) as error:
        raise FolderError(f"{path}: not readable as TOML ({one_line(error)}); run the study again") from None
