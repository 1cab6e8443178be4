"""The items of a study side by side: every arm and seed over the same queries, documents or utterances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import FolderError, SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure
from sprachbund.lab.seam import ITEMS
from sprachbund.runs.store import Runs
from sprachbund.studies.jobs import ITEMS_FILE
from sprachbund.studies.study import Outcome, Plan
from sprachbund.tables import read_table

__all__ = ["NULL", "Cell", "cells", "gather_items", "read_items", "read_study_items"]

NULL = "-null"
"""The ending of a pool that is the null test of another."""
ORDER = ("task", "language", "arm", "pool", "seed", "item", "document", "group")
REMEDY = "remove the run's folder and give the same command again"
_STUDY = {"task": pl.String, "language": pl.String, "seed": (pl.Int32, pl.Int64)}


@dataclass(frozen=True)
class Cell:
    """The items of one task, language and pool, every arm and seed side by side.

    Attributes:
        columns: (arm, seed) of each column. measures: in the order of ``values``.
        values: a measure each, float64 [items, columns]. weights: a measure each, float64 [items].
        groups: int64 [items]. candidates: that an item's answer stood among; 0 where the kind has none.
    """

    task: str
    language: str
    pool: str
    columns: list[tuple[str, int]]
    measures: tuple[Measure, ...]
    values: list[npt.NDArray[np.float64]]
    weights: list[npt.NDArray[np.float64]]
    groups: npt.NDArray[np.int64]
    candidates: int


def gather_items(plan: Plan, outcome: Outcome, runs: Runs, declaration: Declaration) -> pl.DataFrame:
    """All items: task, language, arm, pool, seed, item, document, group, then values and weights, candidates.

    A baseline has no seed of its own: it stands once for each seed.
    """
    frames = []
    for arm, spec in outcome.judged:
        items = read_items(runs.folder(spec) / ITEMS_FILE, declaration).with_columns(pl.lit(spec["task"]).alias("task"))
        if not arm:
            frames += [items.with_columns(pl.lit(seed).alias("seed")) for seed in range(1, plan.seeds + 1)]
        else:
            name = pl.concat_str(pl.col("arm"), pl.lit(f"-{arm}")).str.strip_prefix("-")
            frames.append(items.with_columns(name.alias("arm"), pl.lit(spec["recipe"]["seed"]).alias("seed")))
    rest = [name for name in _columns(declaration) if name not in ORDER]
    return pl.concat([frame.select(*ORDER, *rest) for frame in frames])


def read_items(path: Path, declaration: Declaration) -> pl.DataFrame:
    """The items of a run that judged.

    Raises:
        FolderError: they are damaged.
    """
    return _read(path, {**_columns(declaration), "language": pl.String}, declaration, REMEDY)


def read_study_items(folder: Path, declaration: Declaration) -> pl.DataFrame:
    """The items of a finished study, as `gather_items` gave them.

    Raises:
        FolderError: they are not there, or damaged.
    """
    columns = {**_columns(declaration), **_STUDY}
    return _read(folder / ITEMS_FILE, columns, declaration, "run the study again")


def _read(path: Path, columns: dict[str, object], declaration: Declaration, remedy: str) -> pl.DataFrame:
    frame = read_table(path, columns, remedy, nulls=True)
    weights = sorted({measure.weight for measure in declaration.measures})
    if not all((frame[name].drop_nulls() > 0).all() for name in weights):
        raise FolderError(f"{path}: damaged, it has weights that are not above 0; {remedy}")
    return frame


def _columns(declaration: Declaration) -> dict[str, object]:
    """The columns of a kind's items: those of every kind, and what its measures need besides."""
    named = [name for measure in declaration.measures for name in (measure.value, measure.weight)]
    return {**ITEMS, **{name: pl.Float64 for name in named if name not in ITEMS}}


def cells(items: pl.DataFrame, measures: Sequence[Measure]) -> Iterator[Cell]:
    """Cut items into cells, the items of all arms in one order; those without a value are left out.

    Raises:
        SettingsError: an item has another weight under another arm.
    """
    weights = list(dict.fromkeys(measure.weight for measure in measures))
    columns = list(dict.fromkeys(measure.value for measure in measures))
    for (task, language, pool), part in items.group_by(["task", "language", "pool"], maintain_order=True):
        known = part.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in columns))
        if known.is_empty():
            continue
        pairs = known.select("arm", "seed").unique(maintain_order=True).rows()
        index = ["item", "group", *weights]
        wide = {name: known.pivot(["arm", "seed"], index=index, values=name, maintain_order=True) for name in columns}
        first = wide[columns[0]]
        tables = {name: frame.drop(index).to_numpy().astype(np.float64) for name, frame in wide.items()}
        if any(np.isnan(table).any() for table in tables.values()):
            raise SettingsError(f"{task}, {language}, {pool}: the arms were not judged on the same items and weights")
        yield Cell(
            str(task),
            str(language),
            str(pool),
            [(str(arm), int(seed)) for arm, seed in pairs],
            tuple(measures),
            [measure.of(tables[measure.value]) for measure in measures],
            [first[measure.weight].to_numpy().astype(np.float64) for measure in measures],
            first["group"].to_numpy().astype(np.int64),
            int(part["candidates"][0] or 0),
        )
