"""Parquet files by their very names, and those that we wrote believed no further than they have been looked at.

Polars reads a path as a pattern, so that ``train[1].parquet`` is ``train1.parquet`` to it, follows ``~``, and cannot
take a name that is no UTF-8. A file that we opened has none of this. It costs the memory map, about a tenth of the time
to read a whole table. Polars' panics are no exceptions of Python's usual kind; in what we wrote they are damage.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

import polars as pl

from sprachbund.errors import FolderError
from sprachbund.files import require_file

_CODE = re.compile(r"\(os error (\d+)\)")
Result = TypeVar("Result")


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The table in the file of exactly that name.

    Raises:
        OSError, pl.exceptions.PolarsError: it cannot be opened, is no Parquet, or has not these columns.
    """
    with path.open("rb") as handle:
        return pl.read_parquet(handle, columns=None if columns is None else list(columns), glob=False)


def write_parquet(frame: pl.DataFrame, path: Path, **options: Any) -> None:
    """Write a table to the file of exactly that name; ``options`` are those of Polars.

    Raises:
        OSError: the disk is full, or the file cannot be written; Polars calls it a table out of specification.
    """
    with path.open("wb") as handle:
        try:
            frame.write_parquet(handle, **options)
        except pl.exceptions.PolarsError as error:
            code = _CODE.search(str(error))
            if code is None:
                raise
            raise OSError(int(code[1]), os.strerror(int(code[1])), str(path)) from None


def read_table(
    path: Path, columns: Mapping[str, Any], remedy: str, *, rows: int | None = None, nulls: bool = False
) -> pl.DataFrame:
    """Some columns of a Parquet file that we wrote: their types and the number of rows are seen before they are read.

    Args:
        columns: the type of each, or a tuple of types. remedy: what to do where they are otherwise, for the message.
        rows: how many there must be, None for any. nulls: whether there may be any.

    Raises:
        FolderError: there is no file, or it is damaged, or another table than expected.
    """
    require_file(path, remedy)
    schema = _guarded(path, remedy, pl.read_parquet_schema)
    for name, expected in columns.items():
        if schema.get(name) not in (expected if isinstance(expected, tuple) else (expected,)):
            found = schema.get(name, "no such column")
            raise FolderError(f"{path}: damaged, expected the column {name} to be {expected}, found {found}; {remedy}")
    if rows is not None:
        there = _guarded(path, remedy, lambda handle: pl.scan_parquet(handle).select(pl.len()).collect().item())
        if there != rows:
            raise FolderError(f"{path}: damaged, expected {rows:,} rows, found {there:,}; {remedy}")
    frame = _guarded(path, remedy, lambda handle: pl.read_parquet(handle, columns=list(columns), glob=False))
    if not nulls and any(column.null_count() for column in frame):
        raise FolderError(f"{path}: damaged, it has rows without a value; {remedy}")
    return frame


def _guarded(path: Path, remedy: str, read: Callable[[IO[bytes]], Result]) -> Result:
    try:
        with path.open("rb") as handle:
            return read(handle)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        raise FolderError(f"{path}: damaged, not readable as Parquet ({said}); {remedy}") from None
