"""Rows that a table gives: a dictionary, or a row map that another tool made.

A row is a target, a start and, where there is one, a weight; several rows of a target become the weighted mean of their
starts. What the start lacks is left out, counted and named: no dictionary fits a vocabulary whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import SettingsError
from sprachbund.lab.keys import kinds_of, strings_of
from sprachbund.lab.row_map import GIVEN, NONE, RowMap
from sprachbund.lab.table_rows import Table, read_rows
from sprachbund.progress import logger

__all__ = ["MOST_STARTS", "from_table"]

MOST_STARTS = 1_000
"""Starts of one target."""
_NAMED = 5  # unknown starts in a warning


def from_table(
    table: Table,
    targets: Any,
    starts: Any,
    *,
    kinds: npt.ArrayLike | None = None,
    start_kinds: npt.ArrayLike | None = None,
    written: Callable[[pl.Series], pl.Series] | None = None,
) -> RowMap:
    """The starts that a table gives for each target, with their weights.

    Args:
        table: see `table_rows.Table`; a file has the columns target, start and perhaps weight: named so in its first
            line (any order, others are not read), or in this order without such a line. JSON Lines and Parquet name
            them.
        targets, starts: strings.
        kinds, start_kinds: whole numbers, [targets] and [starts]; only strings of one kind meet. One kind if None.
        written: how the model writes what a person wrote, as in lower case.

    Raises:
        SourceError: the file cannot be read, or one of its rows; names the line.
        SettingsError: the table is of another kind, or none of its rows says anything about these keys.
    """
    name = "the table" if isinstance(table, Mapping) else str(table)
    rows = _with_form(read_rows(table), written).with_row_index("row")
    kind, start_kind = "kind", "start_kind"
    left = pl.DataFrame({"target": strings_of(targets), kind: kinds_of(kinds, len(targets), "kinds")})
    right = pl.DataFrame({"start": strings_of(starts), start_kind: kinds_of(start_kinds, len(starts), "start_kinds")})
    left, right = left.with_row_index("t"), right.with_row_index("s")
    wanted = rows.join(left, on="target", how="inner", maintain_order="left")
    found = wanted.join(
        right.unique(["start", start_kind], keep="first"),
        left_on=["start", kind],
        right_on=["start", start_kind],
        how="inner",
        maintain_order="left",
    )
    _tell(name, rows, wanted, left, right)
    if found.is_empty():
        swapped = len(rows.join(right, left_on="target", right_on="start", how="semi"))
        hint = "; its columns seem to be the other way round" if swapped > len(rows) / 2 and len(wanted) == 0 else ""
        raise SettingsError(
            f"{name}: none of its {len(rows):,} rows has a target and a start that the models have{hint}; expected the "
            "columns target, start and perhaps weight"
        )
    return _mean(name, found, len(left), len(right))


def _with_form(rows: pl.DataFrame, written: Callable[[pl.Series], pl.Series] | None) -> pl.DataFrame:
    both = (strings_of(rows["target"]), strings_of(rows["start"]))
    target, start = (written(each) if written else each for each in both)
    return rows.with_columns(target.alias("target"), start.alias("start"))


def _tell(name: str, rows: pl.DataFrame, wanted: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> None:
    """Warn of starts that the start model lacks."""
    unknown = wanted.unique("row", maintain_order=True).join(right, on="start", how="anti", maintain_order="left")
    if len(unknown):
        shown = ", ".join(repr(key) for key in unknown["start"].unique(maintain_order=True)[:_NAMED].to_list())
        logger.warning(
            "%s: %s of the %s rows about these targets name a start that the start model lacks and are left out: %s%s",
            name,
            f"{len(unknown):,}",
            f"{wanted['row'].n_unique():,}",
            shown,
            ", ..." if unknown["start"].n_unique() > _NAMED else "",
        )


def _mean(name: str, found: pl.DataFrame, targets: int, starts: int) -> RowMap:
    summed = found.group_by("t", "s").agg(pl.col("weight").sum()).sort("t", "s")
    place = summed["t"].to_numpy().astype(np.int64)
    sizes = np.bincount(place, minlength=targets)
    if sizes.max(initial=0) > MOST_STARTS:
        most = found.filter(pl.col("t") == int(sizes.argmax()))["target"][0]
        raise SettingsError(f"{name}: {most!r} has {sizes.max():,} starts; {MOST_STARTS:,} are the most for one target")
    weight = summed["weight"].to_numpy()
    share = weight / np.bincount(place, weight, minlength=targets)[place]
    return RowMap(
        np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64))),
        summed["s"].to_numpy().astype(np.int32),
        np.maximum(share, np.finfo(np.float32).tiny).astype(np.float32),
        np.where(sizes > 0, GIVEN, NONE).astype(np.uint8),
        starts,
    )
