"""Keys parted by their first bits, on every core: what counts them needs no locks then."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Keys, Offsets
from sprachbund.kernels import njit
from sprachbund.threads import in_threads

__all__ = ["BLOCK", "Parted", "add_first_bits", "bounds_of", "by_first_bits"]

BLOCK = 1 << 16  # keys that a thread scatters at a time


@dataclass(frozen=True)
class Parted:
    """Keys by their first bits: those of part p are bounds[p] to bounds[p + 1]."""

    keys: Keys
    values: Keys
    bounds: Offsets


@njit(cache=True, nogil=True)
def add_first_bits(keys, bits, counts):  # type: ignore[no-untyped-def]
    """Add to counts[b] how many keys begin with the bits b."""
    for key in keys:
        counts[np.int64(key >> np.uint64(64 - bits))] += 1


@njit(cache=True, nogil=True)
def _scatter(keys, values, bits, places, out_keys, out_values):  # type: ignore[no-untyped-def]
    """Move keys with their values to the parts that the first bits name."""
    for i in range(len(keys)):
        part = np.int64(keys[i] >> np.uint64(64 - bits))
        place = places[part]
        places[part] = place + 1
        out_keys[place] = keys[i]
        out_values[place] = values[i]


def bounds_of(counts: Offsets) -> tuple[Offsets, Offsets]:
    """Where parts begin, int64 [parts + 1], and each block in each, [blocks, parts]; counts are [blocks, parts]."""
    bounds = np.zeros(counts.shape[1] + 1, np.int64)
    np.cumsum(counts.sum(axis=0), out=bounds[1:])
    return bounds, bounds[:-1] + np.cumsum(counts, axis=0) - counts


def by_first_bits(blocks: Sequence[tuple[Keys, Keys]], bits: int) -> Parted:
    """Scatter keys with their values by the first bits of the keys, each part in the order of the blocks.

    Args:
        blocks: keys and a value of each; one is a thread's.
    """
    counts = np.zeros((len(blocks), 1 << bits), np.int64)
    in_threads(lambda n, keys: add_first_bits(keys, bits, counts[n]), [(n, keys) for n, (keys, _) in enumerate(blocks)])
    bounds, places = bounds_of(counts)
    out_keys, out_values = np.empty(int(bounds[-1]), np.uint64), np.empty(int(bounds[-1]), np.uint64)

    def scatter(n: int, keys: Keys, values: Keys) -> None:
        _scatter(keys, values, bits, places[n], out_keys, out_values)

    in_threads(scatter, [(n, *block) for n, block in enumerate(blocks)])
    return Parted(out_keys, out_values, bounds)
