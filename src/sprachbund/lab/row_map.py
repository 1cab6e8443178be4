"""A row map: from which rows of a start model each key of a target begins.

N-grams of an encoder, subwords of a language model and letters of a recogniser's output are all keys with a row each,
so carrying them over is one operation: a sparse matrix times the start's table. Where it has no entry the target begins
as it would have begun without a start.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Flags, Float32, Int32, Int64, UInt8
from sprachbund.errors import SettingsError

__all__ = ["GIVEN", "HOW", "IDENTICAL", "NEAR", "NONE", "RowMap", "apply", "combine"]

NONE, IDENTICAL, NEAR, GIVEN = range(4)
HOW = ("none", "identical", "near", "given")
"""The words for how a target came to its rows, by number."""
_TOLERANCE = 1e-4  # of a sum of float32
_BLOCK = 1 << 26  # bytes of the rows that are gathered at a time for weighted means


@dataclass(frozen=True, eq=False)
class RowMap:
    """The start's rows of each target: compressed sparse rows.

    Attributes:
        offsets: int64 [targets + 1]; those of target t are ``rows[offsets[t]:offsets[t + 1]]``, none where it is empty.
        rows: int32, rows of the start. weights: float32, above 0, 1 in sum for each target that has rows.
        how: uint8 [targets], a number of `HOW`: NONE where a target has no row.
        starts: rows that the start has.

    Raises:
        SettingsError: the arrays do not fit each other.
    """

    offsets: Int64
    rows: Int32
    weights: Float32
    how: UInt8
    starts: int

    def __post_init__(self) -> None:
        sizes = np.diff(self.offsets)
        shaped = len(self.offsets) == len(self.how) + 1 and len(self.rows) == len(self.weights) == self.offsets[-1]
        if not shaped or self.offsets[0] != 0 or np.any(sizes < 0) or np.any((sizes > 0) != (self.how != NONE)):
            raise SettingsError(f"expected a row map of {len(self.how):,} targets, found arrays that do not fit it")
        if len(self.rows) and not (self.rows.min() >= 0 and self.rows.max() < self.starts):
            raise SettingsError(
                f"expected rows from 0 to {self.starts - 1:,}, found {self.rows.min():,} to {self.rows.max():,}"
            )
        sums = np.bincount(np.repeat(np.arange(len(sizes)), sizes), self.weights, len(sizes))[sizes > 0]
        if not np.all(self.weights > 0) or not np.all(np.abs(sums - 1) < _TOLERANCE):
            raise SettingsError("expected weights above 0 that are 1 in sum for each target, found others")

    def __len__(self) -> int:
        return len(self.how)

    def __repr__(self) -> str:
        told = ", ".join(f"{count:,} {how}" for how, count in self.summary().items())
        return f"RowMap({len(self):,} targets of {self.starts:,} starts: {told})"

    @property
    def mapped(self) -> Flags:
        """Which targets have a row of the start: bool [targets]."""
        found: Flags = self.how != NONE
        return found

    def summary(self) -> dict[str, int]:
        """How many targets came to their rows in each way: ``identical``, ``near``, ``given`` and ``none``."""
        counts = np.bincount(self.how, minlength=len(HOW)).tolist()
        return {HOW[number]: counts[number] for number in (IDENTICAL, NEAR, GIVEN, NONE)}

    @staticmethod
    def single(rows: Int32, starts: int, how: int) -> "RowMap":
        """A map that gives target t the one row ``rows[t]`` of the start as it is; none where that is negative."""
        found = rows >= 0
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(found, dtype=np.int64)))
        own = np.ascontiguousarray(rows[found], np.int32)
        return RowMap(offsets, own, np.ones(len(own), np.float32), np.where(found, how, NONE).astype(np.uint8), starts)

    def take(self, targets: npt.NDArray[np.integer]) -> "RowMap":
        """The map of these targets alone, in the order given."""
        sizes = np.diff(self.offsets)[targets]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
        places = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - self.offsets[:-1][targets], sizes)
        return RowMap(offsets, self.rows[places], self.weights[places], self.how[targets], self.starts)


def apply(row_map: RowMap, table: Float32, fresh: Float32) -> Float32:
    """The rows that the targets begin from: float32 [targets, dim].

    The weighted mean of the start's rows, summed in float64; a target with one row has its very bits, one with none has
    its row of ``fresh``.

    Args:
        table: float32 [starts, dim], of the start. fresh: float32 [targets, dim], as without a start.

    Raises:
        SettingsError: the shapes do not fit the map.
    """
    if len(table) != row_map.starts or fresh.shape != (len(row_map), *table.shape[1:]):
        raise SettingsError(
            f"expected a table of {row_map.starts:,} rows and {len(row_map):,} fresh ones of as many numbers, found "
            f"{list(table.shape)} and {list(fresh.shape)}"
        )
    result = np.array(fresh, np.float32)
    sizes = np.diff(row_map.offsets)
    single = np.flatnonzero(sizes == 1)
    result[single] = table[row_map.rows[row_map.offsets[single]]]
    several = np.flatnonzero(sizes > 1)
    step = max(1, _BLOCK // (8 * max(1, int(table.shape[1])) * max(1, int(sizes.max(initial=1)))))
    for low in range(0, len(several), step):
        part = row_map.take(several[low : low + step])
        weighed = table[part.rows] * part.weights[:, None].astype(np.float64)
        result[several[low : low + step]] = np.add.reduceat(weighed, part.offsets[:-1])
    return result


def combine(first: RowMap, second: RowMap) -> RowMap:
    """The first map's rows for each target that it has any for, else the second's.

    Raises:
        SettingsError: they are of other targets or starts.
    """
    if len(first) != len(second) or first.starts != second.starts:
        raise SettingsError(f"expected two row maps of the same targets and starts, found {first!r} and {second!r}")
    joined = RowMap(
        np.concatenate((first.offsets, first.offsets[-1] + second.offsets[1:])),
        np.concatenate((first.rows, second.rows)),
        np.concatenate((first.weights, second.weights)),
        np.concatenate((first.how, second.how)),
        first.starts,
    )
    own = np.arange(len(first))
    return joined.take(np.where(first.mapped, own, own + len(first)))
