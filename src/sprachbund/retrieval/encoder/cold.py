"""A table with rows on disk, or of 16 bits a number: the most frequent rows in memory, the others in a mapped file.

By Zipf's law a few hundredths of the rows have most of the touches, so most of a batch never asks the disk. The
accumulators of row-wise Adagrad, four bytes a row, stay in memory: a row of the file costs one page and not two. Hot
and cold rows go through the same kernels, row by row, so that a training has the same bits wherever the cut is.
"""

import shutil
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.errors import CapacityError
from sprachbund.retrieval.encoder import bfloat16, table_rows
from sprachbund.retrieval.encoder.bags import UNSEEN
from sprachbund.retrieval.encoder.cold_file import LOG_SHARE, ColdFile
from sprachbund.retrieval.encoder.tensors import is_sound

__all__ = ["ColdTable", "hot_rows"]

_BLOCK = 65_536


@dataclass(eq=False)
class ColdTable:
    """Rows by falling frequency, the first in memory.

    Attributes:
        hot: float32 [hot rows, dim], or uint16 where the rows are of 16 bits, see `bfloat16`.
        file: the rows behind them; None where all are in memory.
        noise: what 16 bits are rounded by in this batch, see `bfloat16.noise`.
        sound: whether all numbers that were written since it was opened can be squared and summed; see `is_sound`.
    """

    hot: npt.NDArray[Any]
    file: ColdFile | None
    noise: int = 0
    sound: bool = True

    @staticmethod
    def create(
        folder: Path | None,
        shape: tuple[int, int],
        hot: int,
        rows: Callable[[int, int], Float32],
        kind: npt.DTypeLike = np.float32,
    ) -> "ColdTable":
        """A table before training.

        Args:
            folder: of the file; None where all rows are hot. hot: rows in memory.
            rows: gives float32 [high - low, dim] from low and high. kind: float32, or uint16 for 16 bits.

        Raises:
            CapacityError: the disk is full.
        """

        def part(low: int, high: int) -> npt.NDArray[Any]:
            found = rows(low, high)
            return found if np.dtype(kind) == np.float32 else bfloat16.nearest(found)

        memory = np.empty((hot, shape[1]), kind)
        for low in range(0, hot, _BLOCK):
            memory[low : low + _BLOCK] = part(low, min(low + _BLOCK, hot))
        if folder is None:
            return ColdTable(memory, None)
        cold = (shape[0] - hot, shape[1])
        return ColdTable(memory, ColdFile.create(folder, cold, kind, lambda low, high: part(hot + low, hot + high)))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, dim)."""
        return len(self), self.hot.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of all rows, those on disk too."""
        return self.hot.nbytes + (self.file.numbers.nbytes if self.file else 0)

    def __len__(self) -> int:
        return len(self.hot) + (len(self.file) if self.file else 0)

    @property
    def is_pressing(self) -> bool:
        """Whether it is time for a checkpoint, see `ColdFile.is_long`."""
        return self.file is not None and self.file.is_long

    def gather(self, rows: Int32) -> Float32:
        """Some rows, zero where the row is UNSEEN: float32 [rows, dim]."""
        edge = len(self.hot)
        found = _gather(_before(rows, edge), self.hot)
        if self.file:
            away = _behind(rows, edge)
            found[away] = _gather(rows[away] - np.int32(edge), self.file.numbers)
        return found

    def update(self, rows: Int32, gradient: Float32, accumulators: Float32, rate: float) -> None:
        """Row-wise Adagrad, see `bags.adagrad_rows`.

        Raises:
            CapacityError: the disk is full; the rows on it are as they were.
        """
        edge = len(self.hot)
        if self.file:
            away = _behind(rows, edge)
            there = rows[away] - np.int32(edge)
            self.file.remember(there)
            self._adagrad(there, gradient[away], self.file.numbers, accumulators[edge:], rate, edge)
        self._adagrad(_before(rows, edge), gradient, self.hot, accumulators[:edge], rate, 0)
        self.sound = self.sound and is_sound(self.gather(rows[rows >= 0]))

    def _adagrad(
        self, rows: Int32, gradient: Float32, numbers: Any, accumulators: Float32, rate: float, first: int
    ) -> None:
        if numbers.dtype == np.float32:
            table_rows.adagrad_rows(rows, gradient, numbers, accumulators, rate)
        else:
            bfloat16.adagrad_rows(rows, gradient, numbers, accumulators, rate, self.noise, first)


def _gather(rows: Int32, numbers: npt.NDArray[Any]) -> Float32:
    return table_rows.gather(rows, numbers) if numbers.dtype == np.float32 else bfloat16.gather(rows, numbers)


def _behind(rows: Int32, edge: int) -> Int64:
    """The places of the rows from ``edge``, in the order in which they lie in the file: int64."""
    places = np.flatnonzero(rows >= edge)
    return places[np.argsort(rows[places])]


def _before(rows: Int32, edge: int) -> Int32:
    """The rows below ``edge``, UNSEEN in place of the others: int32 [rows]."""
    return np.where(rows < edge, rows, np.int32(UNSEEN)).astype(np.int32, copy=False)


def hot_rows(rows: int, dim: int, memory: int, folder: Path, size: int = 4) -> int:
    """How many rows of a table that does not fit the memory are held in it.

    Beside them memory holds an accumulator a row, and of each that is on disk whether the log has it. The disk holds
    the others and their log, two checkpoints of what is in memory, of which the older goes when the newer is there, and
    in the end the model, in float32.

    Args:
        memory: bytes. folder: where the others will lie; its parent is there. size: bytes of a number.

    Raises:
        CapacityError: not even the accumulators fit the memory, or the others the disk; says what would.
    """
    row = size * dim

    def hot(of: int) -> int:
        return min(of, max(0, (memory - 5 * of) // (row - 1)))

    def needed(of: int) -> int:
        cold = (of - hot(of)) * row
        return int(cold * (1 + LOG_SHARE)) + 2 * (hot(of) * row + 4 * of) + of * 4 * dim

    if not hot(rows):
        raise CapacityError(
            f"{rows:,} rows need {5 * rows / 2**30:.1f} GiB of memory for their accumulators, wherever they lie, but "
            f"only {memory / 2**30:.1f} GiB may be used; more memory, max_rows={memory // (row + 4)} or a higher "
            "min_count would fit"
        )
    before = sum(path.stat().st_size for path in folder.glob("*.bin"))  # of a training that will be replaced
    free = shutil.disk_usage(folder.parent).free + before
    if needed(rows) > free:
        most = bisect_right(range(1, rows), free, key=needed)
        raise CapacityError(
            f"{rows:,} rows of {dim} numbers: {hot(rows):,} fit the memory of {memory / 2**30:.1f} GiB, and "
            f"{rows - hot(rows):,} x {row:,} bytes with their log, two checkpoints and the model need "
            f"{needed(rows) / 2**30:.1f} GiB on disk, but {free / 2**30:.1f} GiB are free at {folder.parent}; "
            f"max_rows={most}, a lower dim or a higher min_count would fit"
        )
    return hot(rows)
