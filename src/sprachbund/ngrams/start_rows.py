"""The rows that n-grams start from: signs that follow from key and seed alone.

So an n-gram that training never saw has the row that it would have started from.
"""

import numpy as np

from sprachbund.arrays import Float32, Int64, Keys
from sprachbund.kernels import njit
from sprachbund.ngrams.mixing import GOLDEN, GOLDEN64, MASK, finalise, finalise64
from sprachbund.threads import in_threads

__all__ = ["start_row", "start_rows", "write_start_rows"]


def start_row(key: int, dim: int, seed: int) -> list[float]:
    """The start row of one n-gram: the reference for `start_rows`."""
    base = finalise(key ^ finalise(seed & MASK))
    bits = [finalise((base + (block + 1) * GOLDEN) & MASK) for block in range((dim + 63) // 64)]
    value = float(np.float32(1 / np.sqrt(dim)))
    return [value if bits[d // 64] >> (d % 64) & 1 else -value for d in range(dim)]


@njit(cache=True, nogil=True)
def _start_rows(keys, seed, value, first, last, places, rows):  # type: ignore[no-untyped-def]
    dim = rows.shape[1]
    salt = finalise64(seed)
    for n in range(first, last):
        state = finalise64(keys[n] ^ salt)
        row = rows[places[n]]
        for block in range(0, dim, 64):
            state += GOLDEN64
            bits = finalise64(state)
            # each bit by its own shift, not the last one's remainder, so that several are looked at at once
            for d in range(min(64, dim - block)):
                row[block + d] = value if (bits >> np.uint64(d)) & np.uint64(1) else -value


def start_rows(keys: Keys, dim: int, seed: int) -> Float32:
    """The start rows of n-grams: float32 [n, dim], ±1/sqrt(dim), a function of key and seed alone.

    So an n-gram that training never saw has the row that it would have started from.
    """
    rows = np.empty((len(keys), dim), np.float32)
    write_start_rows(keys, np.arange(len(keys)), seed, 1.0, rows)
    return rows


def write_start_rows(keys: Keys, places: Int64, seed: int, length: float, rows: Float32) -> None:
    """Write the start rows of n-grams, times a length, to these places of float32 [any, dim]; the others stay."""
    keys = np.ascontiguousarray(keys, np.uint64)
    dim = rows.shape[1]
    value = np.float32(1 / np.sqrt(dim)) * np.float32(length)
    salt = np.uint64(seed & MASK)
    size = max(1, (1 << 18) // max(dim, 1))
    tasks = [(a, min(a + size, len(keys))) for a in range(0, len(keys), size)]
    in_threads(lambda a, b: _start_rows(keys, salt, value, a, b, places, rows), tasks)
