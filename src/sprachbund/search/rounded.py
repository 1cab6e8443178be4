"""Vectors in 8 bits a number, read before the exact ones: which few of all passages may be among the nearest.

A row is whole numbers times a scale of its own; so is a query, in 16 bits. How far rounding moves a product is known:
with x = x' + e and q = q' + d it is at most |q| |e| + |d| |x'| (Cauchy-Schwarz). So each product has a lower and an
upper bound. The k-th largest lower bound is a floor: whose upper bound lies under it is not among the best k. All
others are scored by their exact rows. So what is found, and its order, is what comparing every exact row finds, to the
bit; nothing of it is a guess, and nobody has to choose how many candidates are enough.

Cost: a byte a number and 8 a passage, on disk and in the cache, beside the two bytes a number of the exact rows, of
which only those of candidates are read. Where rounding cannot tell passages apart, as where all are the same, all are
scored, and the first reading was for nothing.
"""

import heapq
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.arrays import Flags, Float32, Int8, Int64
from sprachbund.errors import FolderError
from sprachbund.files import read_array, write_array
from sprachbund.kernels import njit
from sprachbund.search.products import LANES, product

__all__ = ["FILES", "LEAST", "Rounded"]

FILES = ("rounded.npy", "rounding.npy")
LEAST = 2_048
"""Passages of a segment from which on this is quicker."""
_MOST = 127
_BLOCK = 4_096
_TINY = float(np.finfo(np.float32).tiny)
_NONE = np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False)
class Rounded:
    """The vectors of a segment in 8 bits a number.

    Attributes:
        rows: int8 [passages, dim]. scales: float32 [passages]; a row times its scale is about the vector.
        lost: float32 [passages], how long at most what rounding took from a vector is, and what sums of float32 do.
    """

    rows: Int8
    scales: Float32
    lost: Float32

    @staticmethod
    def of(vectors: np.ndarray) -> "Rounded":
        """Round vectors, float16 or float32 [passages, dim]; one that is none is a candidate of every query."""
        parts = [_rounded(vectors[low : low + _BLOCK]) for low in range(0, len(vectors), _BLOCK)]
        return Rounded(*(np.concatenate(each) for each in zip(*parts, strict=True)))

    def write(self, folder: Path) -> None:
        """Write the two files."""
        write_array(folder / FILES[0], self.rows)
        write_array(folder / FILES[1], np.stack((self.scales, self.lost)))

    @staticmethod
    def open(folder: Path, count: int, dim: int) -> "Rounded":
        """Open what `write` wrote; the rows stay on disk.

        Raises:
            FolderError: they are damaged, or not ``count`` rows of ``dim`` numbers.
        """
        rows = read_array(folder / FILES[0], dtype=np.int8, dimensions=2)
        both = read_array(folder / FILES[1], dtype=np.float32, dimensions=2, mapped=False)
        for name, found, expected in zip(FILES, (rows.shape, both.shape), ((count, dim), (2, count)), strict=True):
            if found != expected:
                raise FolderError(
                    f"{folder / name}: damaged, expected an array of {expected}, found {found}; build the index anew"
                )
        if not (np.isfinite(both) & (both >= 0)).all():
            raise FolderError(f"{folder / FILES[1]}: damaged, a number in it cannot be; build the index anew")
        return Rounded(np.asarray(rows), both[0], both[1])  # as a plain array: kernels take it sooner

    def candidates(self, query: Float32, k: int, left_out: Flags | None = None, least: float = -np.inf) -> Int64:
        """Passages, rising, among which are the best k, and all that score as much as the last of these.

        Args:
            query: float32 [dim]. left_out: bool [passages], which are none. least: what scores less need not be found.
        """
        barred = _NONE if left_out is None else left_out
        found: Int64 = _candidates(self.rows, self.scales, self.lost, query, barred, max(1, k), least)
        return found


def _rounded(vectors: np.ndarray) -> tuple[Int8, Float32, Float32]:
    exact = vectors.astype(np.float64)
    lacking: Flags = ~np.isfinite(exact.sum(axis=1))
    exact[lacking] = 0
    scales = (np.abs(exact).max(axis=1, initial=0.0) / _MOST).astype(np.float32)
    steps = scales.astype(np.float64)[:, None]
    whole = np.rint(exact / np.where(steps > 0, steps, 1.0)).clip(-_MOST, _MOST)
    lost = np.linalg.norm(exact - whole * steps, axis=1)
    # the exact product is a sum of float32, whose own rounding must not let a row fall through
    lost += np.linalg.norm(exact, axis=1) * exact.shape[1] * 2.0**-23
    most = np.nextafter(lost.astype(np.float32), np.float32(np.inf))
    return whole.astype(np.int8), scales, np.where(lacking, np.finfo(np.float32).max, most)


@njit(cache=True, nogil=True)
def _whole(query):  # type: ignore[no-untyped-def]
    """A query in whole numbers, int16 [dim]; the step between two; its length and that of what rounding took."""
    dim = len(query)
    # the largest with which no sum leaves 32 bits
    most = min(32_767, 2_147_483_647 // (_MOST * dim))
    largest = np.float64(0)
    for j in range(dim):
        largest = max(largest, abs(np.float64(query[j])))
    step = max(largest / most, _TINY)
    whole = np.empty(dim, np.int16)
    length = taken = np.float64(0)
    for j in range(dim):
        whole[j] = np.int16(np.rint(query[j] / step))
        length += np.float64(query[j]) ** 2
        taken += (query[j] - whole[j] * step) ** 2
    return whole, step, np.sqrt(length), np.sqrt(taken)


@njit(cache=True, nogil=True)
def _candidates(rows, scales, lost, given, barred, k, least):  # type: ignore[no-untyped-def]
    count, dim = rows.shape
    query, step, length, taken = _whole(given)
    missed = taken * _MOST * np.sqrt(dim)  # no row of whole numbers is longer than this many of its scales
    whole = dim // LANES * LANES
    most = np.empty(count, np.float64)
    surest = [-np.inf] * k  # a heap: the k best of what each product is at least
    for i in range(count):
        if len(barred) and barred[i]:
            most[i] = np.nan  # which is not as much as anything
            continue
        total = product(rows[i], query, whole)
        for j in range(whole, dim):
            total = np.int32(total + np.int32(rows[i, j]) * np.int32(query[j]))
        value = total * step * scales[i]
        error = length * lost[i] + missed * scales[i]
        most[i] = value + error
        if value - error > surest[0]:
            heapq.heapreplace(surest, value - error)
    floor = max(least, surest[0])
    found = 0
    for i in range(count):
        found += most[i] >= floor
    result = np.empty(found, np.int64)
    found = 0
    for i in range(count):
        if most[i] >= floor:
            result[found] = i
            found += 1
    return result
