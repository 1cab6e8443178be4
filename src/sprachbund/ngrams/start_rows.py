"""The rows that n-grams start from: signs that follow from key and seed alone.

So an n-gram that training never saw has the row that it would have started from.
"""

import numpy as np

from sprachbund.arrays import Float32, Keys
from sprachbund.kernels import njit
from sprachbund.ngrams.mixing import GOLDEN, GOLDEN64, MASK, finalise, finalise64
from sprachbund.threads import in_threads

__all__ = ["start_row", "start_rows"]


def start_row(key: int, dim: int, seed: int) -> list[float]:
    """The start row of one n-gram: the reference for `start_rows`."""
    base = finalise(key ^ finalise(seed & MASK))
    bits = [finalise((base + (block + 1) * GOLDEN) & MASK) for block in range((dim + 63) // 64)]
    value = float(np.float32(1 / np.sqrt(dim)))
    return [value if bits[d // 64] >> (d % 64) & 1 else -value for d in range(dim)]


@njit(cache=True, nogil=True)
def _start_rows(keys, seed, value, first, last, rows):  # type: ignore[no-untyped-def]
    dim = rows.shape[1]
    salt = finalise64(seed)
    for n in range(first, last):
        state = finalise64(keys[n] ^ salt)
        for block in range(0, dim, 64):
            state += GOLDEN64
            bits = finalise64(state)
            for d in range(block, min(block + 64, dim)):
                rows[n, d] = value if bits & np.uint64(1) else -value
                bits >>= np.uint64(1)


def start_rows(keys: Keys, dim: int, seed: int) -> Float32:
    """The start rows of n-grams: float32 [n, dim], ±1/sqrt(dim), a function of key and seed alone.

    So an n-gram that training never saw has the row that it would have started from.
    """
    keys = np.ascontiguousarray(keys, np.uint64)
    rows = np.empty((len(keys), dim), np.float32)
    value = np.float32(1 / np.sqrt(dim))
    salt = np.uint64(seed & MASK)
    size = max(1, (1 << 18) // max(dim, 1))
    tasks = [(a, min(a + size, len(keys))) for a in range(0, len(keys), size)]
    in_threads(lambda a, b: _start_rows(keys, salt, value, a, b, rows), tasks)
    return rows
