"""The keys of targets and starts, brought to one form, and which are the same.

Keys are strings, compared in NFC, or 64-bit numbers that stand for them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.arrays import Int64, UInt64
from sprachbund.errors import SettingsError
from sprachbund.lab.row_map import IDENTICAL, RowMap
from sprachbund.normal_forms import normal_form

__all__ = ["Keys", "identical", "kinds_of", "strings_of"]

Keys = Sequence[str] | pl.Series | UInt64


def identical(
    targets: Keys, starts: Keys, *, kinds: npt.ArrayLike | None = None, start_kinds: npt.ArrayLike | None = None
) -> RowMap:
    """The row of the same key for each target that the start has; of a key that the start has twice the first.

    Args:
        targets, starts: both strings or both uint64.
        kinds, start_kinds: whole numbers, [targets] and [starts]; a key is the same only in its kind. One kind if None.

    Raises:
        SettingsError: one is of strings and one of numbers, or the kinds do not fit.
    """
    wanted, offered = _series(targets), _series(starts)
    if wanted.dtype != offered.dtype:
        raise SettingsError(f"expected the keys of targets and starts alike, found {wanted.dtype} and {offered.dtype}")
    left = pl.DataFrame({"key": wanted, "kind": kinds_of(kinds, len(wanted), "kinds")})
    right = pl.DataFrame({"key": offered, "kind": kinds_of(start_kinds, len(offered), "start_kinds")})
    right = right.with_row_index("row").unique(["key", "kind"], keep="first")
    joined = left.join(right, on=["key", "kind"], how="left", maintain_order="left")
    return RowMap.single(joined["row"].cast(pl.Int32).fill_null(-1).to_numpy(), len(offered), IDENTICAL)


def _series(keys: Keys) -> pl.Series:
    if isinstance(keys, np.ndarray) and keys.dtype == np.uint64 and keys.ndim == 1:
        return pl.Series("key", keys)
    return strings_of(keys)


def strings_of(keys: Any) -> pl.Series:
    """Keys that are strings, as a column in NFC.

    Raises:
        SettingsError: they are none.
    """
    try:
        column = keys if isinstance(keys, pl.Series) else pl.Series("key", list(keys), pl.String, strict=True)
    except (TypeError, pl.exceptions.PolarsError, UnicodeError):
        raise SettingsError("expected the keys as strings, or as an array of uint64 in one dimension") from None
    if column.dtype != pl.String or column.null_count():
        raise SettingsError(f"expected the keys as strings, found {column.dtype} with {column.null_count():,} missing")
    beyond = column.str.len_bytes() != column.str.len_chars()  # ASCII is in every normal form
    if not beyond.any():
        return column.alias("key")
    places = beyond.arg_true()
    formed = [normal_form("NFC", key) for key in column.gather(places).to_list()]
    return column.clone().scatter(places, pl.Series(formed, dtype=pl.String)).alias("key")


def kinds_of(given: npt.ArrayLike | None, size: int, name: str) -> Int64:
    """The kind of each key, 0 for all if None.

    Raises:
        SettingsError: they are not one whole number a key.
    """
    kinds = np.zeros(size, np.int64) if given is None else np.asarray(given)
    if kinds.shape != (size,) or kinds.dtype.kind not in "iu":
        raise SettingsError(
            f"{name}: expected a whole number for each of {size:,} keys, found {kinds.dtype} {list(kinds.shape)}"
        )
    return kinds.astype(np.int64)
