"""The control of carrying over: as many rows, to the wrong targets."""

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int64
from sprachbund.errors import SettingsError
from sprachbund.lab.keys import kinds_of
from sprachbund.lab.row_map import RowMap

__all__ = ["BAND", "displace", "permuted"]

BAND = 32
"""Neighbours in frequency among which a control exchanges rows."""


def permuted(row_map: RowMap, seed: int, counts: npt.ArrayLike, *, kinds: npt.ArrayLike | None = None) -> RowMap:
    """The placebo: the same rows, each set of them to the wrong target, so that what is carried over has no meaning.

    Targets that have rows exchange them inside bands of BAND neighbours in frequency, kind by kind. None keeps its own
    but one that is alone in its band; where two of a band began from the same row, that row may come back.

    Args:
        counts: [targets], how often each target occurs. kinds: whole numbers [targets], one kind if None.

    Raises:
        SettingsError: they are not one a target.
    """
    often, kind = np.asarray(counts), kinds_of(kinds, len(row_map), "kinds")
    if often.shape != (len(row_map),):
        raise SettingsError(f"counts: expected one for each of {len(row_map):,} targets, found {list(often.shape)}")
    order = np.arange(len(row_map), dtype=np.int64)
    generator = np.random.default_rng([seed, 2])
    for each in np.unique(kind):
        displace(order, np.flatnonzero((kind == each) & row_map.mapped), often, generator)
    return row_map.take(order)


def displace(
    order: Int64,
    ids: Int64,
    by: npt.NDArray[np.integer],
    generator: np.random.Generator,
) -> None:
    """Write to ``order`` for each of ``ids`` another of them that is as frequent: a random ring in each band of BAND.

    Args:
        by: [len(order)], the frequency of each; of equal ones the smaller id comes first.
    """
    ranked = ids[np.lexsort((ids, by[ids]))]
    for low in range(0, len(ranked), BAND):
        band = generator.permutation(ranked[low : low + BAND])
        order[band] = np.roll(band, 1)
