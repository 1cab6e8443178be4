"""Products of a query with vectors of 16 bits a number, read where they lie in the file of a flat index.

A half becomes a float32 by moving its bits and a power of two, exactly; what is no number stays none. Equal vectors
have the same product to the bit, wherever they stand and whatever is scored with them, and no copy in 32 bits is made:
FAISS makes one, row by row, and takes several times as long for it.
"""

from pathlib import Path

import numpy as np

from sprachbund.arrays import UInt16
from sprachbund.kernels import njit

__all__ = ["map_halves", "products"]


def map_halves(path: Path, count: int, dim: int) -> UInt16:
    """The vectors of a flat index of FAISS, which are the end of its file: the bits of float16 [count, dim], mapped."""
    size = 2 * count * dim
    return np.asarray(np.memmap(path, np.dtype("<u2"), "r", offset=path.stat().st_size - size, shape=(count, dim)))


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def products(halves, places, query):  # type: ignore[no-untyped-def]
    """Of some vectors, int64 [n] of uint16 [vectors, dim], with a query, float32 [dim]: float32 [n]."""
    result = np.empty(len(places), np.float32)
    for i in range(len(places)):
        row = halves[places[i]]
        total = np.float32(0)
        for j in range(len(query)):
            half = np.uint32(row[j])
            # exponent and fraction to where float32 has them; the exponent is 112 too small, but of what is no number
            bits = np.uint32((half & np.uint32(0x7FFF)) << np.uint32(13))
            bits = np.uint32(bits + np.uint32(0x70000000)) if bits >= np.uint32(0x0F800000) else bits
            sign = np.uint32((half & np.uint32(0x8000)) << np.uint32(16))
            total += np.uint32(bits | sign).view(np.float32) * np.float32(2.0**112) * query[j]
        result[i] = total
    return result
