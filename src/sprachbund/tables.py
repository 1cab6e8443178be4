"""Parquet files by their very names.

Polars reads a path as a pattern, so that ``train[1].parquet`` is ``train1.parquet`` to it, follows ``~``, and cannot
take a name that is no UTF-8. A file that we opened has none of this. It costs the memory map, about a tenth of the time
to read a whole table.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

_CODE = re.compile(r"\(os error (\d+)\)")


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
