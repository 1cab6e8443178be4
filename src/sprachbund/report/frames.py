"""A study folder as tables, each with all its columns, and the declaration of its kind.

Only `study.json` and `results.parquet` must be there: a study from which files were taken is reported with what it has,
and a dash stands for the rest.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.errors import FolderError, one_line
from sprachbund.files import read_json, require_fields
from sprachbund.lab.alignment import fits
from sprachbund.lab.declaration import Declaration, declaration_of
from sprachbund.lab.measures import Measure
from sprachbund.statistics.comparison import VERDICTS
from sprachbund.studies.learning import COLUMNS as LEARNING
from sprachbund.studies.samples import CLIPS, CONFUSIONS, SAMPLES
from sprachbund.studies.writing import FORMAT, KIND, MANIFEST
from sprachbund.tables import read_parquet

_KEY = {"task": pl.String, "language": pl.String, "pool": pl.String, "measure": pl.String, "k": pl.Int64}
NAMES = {"task", "language", "pool", "measure", "arm", "against"}
"""Columns without which a row is of nothing."""
_SIZES = {"items": pl.Int64, "documents": pl.Int64}
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


@dataclass(frozen=True, slots=True)
class StudyFrames:
    """The tables of a study.

    `results` has a row for every task, language, arm, pool, measure and k: the mean over the seeds, with
    `seeds` their number and `spread` the largest value less the smallest. `learning`, `samples`, `confusions` and
    `clips` are empty of kinds that have none, see `studies.learning` and `studies.samples`.
    """

    declaration: Declaration
    results: pl.DataFrame
    comparisons: pl.DataFrame
    languages: pl.DataFrame
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = "study"
    learning: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LEARNING))
    samples: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAMPLES))
    confusions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CONFUSIONS))
    clips: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CLIPS))

    @property
    def tasks(self) -> list[str]:
        """The tasks in the order of the study's settings, else in that of the results."""
        found = self.results["task"].drop_nulls().unique(maintain_order=True).to_list()
        asked = [task for task in strings(self.study.get("tasks")) if task in found]
        return asked + [task for task in found if task not in asked]

    @property
    def study(self) -> Mapping[str, Any]:
        """The table [study] of study.toml."""
        value = self.settings.get("study", {})
        return value if isinstance(value, Mapping) else {}

    @property
    def measure(self) -> Measure:
        """The measure that decides."""
        return self.declaration.measures[0]

    @property
    def pool(self) -> str:
        """The pool that decides."""
        return self.declaration.pools[0].name

    def title(self, task: str) -> str:
        """A task as readers see it; one that the kind does not declare keeps its name."""
        return next((known.title for known in self.declaration.tasks if known.name == task), task)


def load_study(study: Path) -> StudyFrames:
    """Read a study folder.

    Raises:
        FolderError: the folder, its declaration or its results are missing, of another format, or damaged.
    """
    if not study.is_dir():
        raise FolderError(f"{study}: expected a study folder, found {'a file' if study.exists() else 'nothing'}")
    declaration = _declaration(study)
    if not (study / "results.parquet").is_file():
        raise FolderError(f"{study}: expected a study folder, but it has no results.parquet; run the study first")
    return StudyFrames(
        declaration=declaration,
        results=_over_seeds(_read(study / "results.parquet", RESULTS)),
        comparisons=_read(study / "comparisons.parquet", COMPARISONS),
        languages=_read(study / "languages.parquet", _languages(declaration)),
        settings=_read_settings(study / "study.toml"),
        name=study.resolve().name,
        learning=_read(study / "learning.parquet", LEARNING),
        samples=_samples(study / "samples.parquet"),
        confusions=_read(study / "confusions.parquet", CONFUSIONS),
        clips=_read(study / "clips.parquet", CLIPS),
    )


def _declaration(study: Path) -> Declaration:
    """Of the study's kind, from its manifest."""
    path, again = study / MANIFEST, "run the study again"
    if not path.is_file():
        if (study / "results.parquet").is_file():
            raise FolderError(
                f"{study}: has results.parquet but no {MANIFEST}, so it is a study of format 1, or one that was "
                f"stopped as it was written; this version reads format {FORMAT}: {again}"
            )
        raise FolderError(f"{study}: expected a study folder, but it has no {MANIFEST}; run the study first")
    said = read_json(path, again)
    if not isinstance(said, dict):
        raise FolderError(f"{path}: damaged, expected an object, found {type(said).__name__}; {again}")
    require_fields(path, said, {"kind": str, "format": int, "written_by": str})
    if said["kind"] != KIND:
        raise FolderError(f"{study}: expected a {KIND}, found {said['kind'][:60]!r}")
    if said["format"] != FORMAT:
        raise FolderError(
            f"{study}: study format {said['format']}, written by sprachbund {said['written_by'][:60]!r}; this "
            f"version reads format {FORMAT}: {again}"
        )
    require_fields(path, said, {"declaration": dict})
    return declaration_of(said["declaration"], str(path))


def _languages(declaration: Declaration) -> dict[str, Any]:
    """The columns of the table of languages."""
    sizes = {size.column: pl.Float64 if size.share else pl.Int64 for size in declaration.sizes}
    return {declaration.examples: pl.Int64, **sizes, "task": pl.String, "language": pl.String}


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


def _samples(path: Path) -> pl.DataFrame:
    """Texts and the edits between them, that lead from one to the other."""
    made = _read(path, SAMPLES)
    if not all(None not in row and fits(*row) for row in made.select("reference", "hypothesis", "edits").iter_rows()):
        raise FolderError(f"{path}: not a readable table of a study (edits that fit no texts); run the study again")
    return made


def _over_seeds(results: pl.DataFrame) -> pl.DataFrame:
    """The mean over the seeds of every cell of the study."""
    key = ["task", "language", "arm", "pool", "measure", "k"]
    return results.group_by(key, maintain_order=True).agg(
        pl.col("value", "low", "high").mean(),
        pl.col("items", "documents", "candidates").max(),
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


def named_tables(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """The tables within a table of settings, by their names; none where it is no table."""
    return (
        [(name, item) for name, item in value.items() if isinstance(item, Mapping)]
        if isinstance(value, Mapping)
        else []
    )


def strings(value: Any) -> Sequence[str]:
    """The strings of a list of settings; none where it is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
