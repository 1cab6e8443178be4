"""Nearest words across two spaces by CSLS: a cosine less what is near to everything.

    CSLS(x, z) = 2 cos(x, z) - mean of the K largest cosines of x - mean of the K largest cosines of z

Without it a few words in the middle are everybody's neighbours. Source: Conneau et al. 2018, Word Translation without
Parallel Data, section 2.3.
"""

import numpy as np

from sprachbund.arrays import Float32, Int32

__all__ = ["HUBS", "best_of", "hubness"]

HUBS = 10
_ROWS = 1_000


def hubness(units: Float32, others: Float32, k: int = HUBS) -> Float32:
    """The mean of each vector's k largest cosines with the others: float32 [n]."""
    k = min(k, len(others))
    out = np.empty(len(units), np.float32)
    for first in range(0, len(units), _ROWS):
        cosines = units[first : first + _ROWS] @ others.T
        out[first : first + _ROWS] = np.partition(cosines, len(others) - k, axis=1)[:, len(others) - k :].mean(axis=1)
    return out


def best_of(units: Float32, others: Float32, k: int, mine: Float32, theirs: Float32) -> tuple[Int32, Float32]:
    """The k nearest others of each vector by CSLS, the nearest first: int32 and float32 [n, k].

    Args:
        units, others: float32 at length 1. mine, theirs: their `hubness`, [n] and [others].
    """
    k = min(k, len(others))
    places, scores = np.empty((len(units), k), np.int32), np.empty((len(units), k), np.float32)
    for first in range(0, len(units), _ROWS):
        rows = slice(first, first + _ROWS)
        found = 2 * (units[rows] @ others.T) - theirs
        found -= mine[rows, None]
        whole = np.broadcast_to(np.arange(k), (len(found), k)).copy()
        near = np.argpartition(-found, k - 1, axis=1)[:, :k] if k < len(others) else whole
        near.sort(axis=1)
        order = np.argsort(-np.take_along_axis(found, near, 1), axis=1, kind="stable")
        near = np.take_along_axis(near, order, 1)
        places[rows], scores[rows] = near, np.take_along_axis(found, near, 1)
    return places, scores
