"""Rows of a table of vectors: read for a batch, and changed by its gradient."""

import numpy as np

from sprachbund.arrays import Float32, Int32
from sprachbund.kernels import njit
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.threads import over

AHEAD = 8  # rows that are asked of memory before they are used: rows of a large table are never in the cache


def gather(rows: Int32, table: Float32) -> Float32:
    """The rows of a table, zero where the row is UNSEEN: float32 [rows, dim]."""
    result = np.empty((len(rows), table.shape[1]), np.float32)
    over(_gather, len(rows), rows, table, result)
    return result


@njit(cache=True, nogil=True)
def _gather(low: int, high: int, rows: Int32, table: Float32, result: Float32) -> None:
    for i in range(low, high):
        if i + AHEAD < high:
            prefetch(table, rows[i + AHEAD])
        if rows[i] >= 0:
            result[i] = table[rows[i]]
        else:
            result[i] = 0


def adagrad_rows(rows: Int32, gradient: Float32, table: Float32, state: Float32, rate: float) -> None:
    """Row-wise Adagrad: one accumulator a row, of the mean square of its gradient.

    state += mean(g^2); row -= rate * g / (sqrt(state) + 1e-10). ``rows`` has no row twice; UNSEEN rows stay.
    Source: Duchi et al. 2011, with the accumulator shared by a row as in fbgemm's table-batched embeddings.
    """
    over(_adagrad_rows, len(rows), rows, gradient, table, state, np.float32(rate))


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _adagrad_rows(
    low: int, high: int, rows: Int32, gradient: Float32, table: Float32, state: Float32, rate: float
) -> None:
    dim = table.shape[1]
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
            table[row, d] -= step * gradient[i, d]
