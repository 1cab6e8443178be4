"""Rows of 16 bits a number: the upper half of a float32 (bfloat16), which training rounds up or down by chance.

An update is mostly smaller than the step between two such numbers, and rounding to the nearest would lose it. So a
number is rounded up as likely as it is near to the upper one, and the mean is right. The chance is a hash of the seed,
the batch, the row and the dimension: a training has the same bits on any number of threads and wherever a row lies.
Source: Gupta et al. 2015, Deep Learning with Limited Numerical Precision.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Float32, Int32
from sprachbund.kernels import njit
from sprachbund.ngrams.mixing import GOLDEN, GOLDEN64, MASK, finalise, finalise64
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.retrieval.encoder.table_rows import AHEAD
from sprachbund.threads import over

__all__ = ["adagrad_rows", "gather", "nearest", "noise"]

UInt16 = npt.NDArray[np.uint16]


def nearest(rows: Float32) -> UInt16:
    """Rows rounded to the nearest, of two that are as near to the even one: uint16, of the same shape."""
    bits = np.ascontiguousarray(rows, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x7FFF) + (bits >> 16 & np.uint32(1))) >> 16).astype(np.uint16)


def noise(seed: int, step: int) -> int:
    """What the chance of a batch begins from: 64 bits."""
    return finalise((finalise(seed & MASK) + (step + 1) * GOLDEN) & MASK)


def gather(rows: Int32, table: UInt16) -> Float32:
    """The rows of a table, zero where the row is UNSEEN: float32 [rows, dim]."""
    result = np.empty((len(rows), table.shape[1]), np.float32)
    over(_gather, len(rows), rows, table, result.view(np.uint32))
    return result


@njit(cache=True, nogil=True)
def _gather(low: int, high: int, rows: Int32, table: UInt16, bits: Any) -> None:
    for i in range(low, high):
        if i + AHEAD < high:
            prefetch(table, rows[i + AHEAD])
        if rows[i] >= 0:
            source = table[rows[i]]
            for d in range(table.shape[1]):
                bits[i, d] = np.uint32(source[d]) << np.uint32(16)
        else:
            bits[i] = 0


def adagrad_rows(
    rows: Int32, gradient: Float32, table: UInt16, state: Float32, rate: float, noise: int, first: int
) -> None:
    """Row-wise Adagrad as `bags.adagrad_rows` has it, in float32; what it writes is rounded by chance.

    Args:
        noise: of the batch, see `noise`. first: the number of the table's first row in the whole.
    """
    arguments = (rows, gradient, table, state, np.float32(rate), np.uint64(noise), np.uint64(first))
    over(_adagrad_rows, len(rows), *arguments)


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _adagrad_rows(
    low: int,
    high: int,
    rows: Int32,
    gradient: Float32,
    table: UInt16,
    state: Float32,
    rate: float,
    noise: np.uint64,
    first: np.uint64,
) -> None:
    dim = table.shape[1]
    values = np.empty(dim, np.float32)
    bits = values.view(np.uint32)
    for i in range(low, high):
        if i + AHEAD < high:
            prefetch(table, rows[i + AHEAD])
        row = rows[i]
        if row < 0:
            continue
        square = np.float32(0)
        for d in range(dim):
            square += gradient[i, d] * gradient[i, d]
        if square == 0:
            continue
        state[row] += square / np.float32(dim)
        step = rate / (np.sqrt(state[row]) + np.float32(1e-10))
        for d in range(dim):
            bits[d] = np.uint32(table[row, d]) << np.uint32(16)
        for d in range(dim):
            values[d] -= step * gradient[i, d]
        chance = finalise64(noise ^ finalise64(np.uint64(row) + first))
        for block in range(0, dim, 4):
            chance += GOLDEN64
            word = finalise64(chance)
            for d in range(min(4, dim - block)):
                part = np.uint32((word >> np.uint64(16 * d)) & np.uint64(0xFFFF))
                table[row, block + d] = np.uint16((bits[block + d] + part) >> np.uint32(16))
