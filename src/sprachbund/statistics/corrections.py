"""Corrections for many comparisons at once.

Holm's method holds the chance of one false claim or more in the family under the level, whatever the
dependence between the comparisons. It is the one to use where a claim is about every language; where a list
of candidates for a closer look is all that is wanted, it is stricter than need be.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def holm(p_values: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Adjusted p-values, float64 [comparisons], in the order given.

    The i-th smallest of m (from 0) is multiplied by m - i; then none is smaller than one before it, and none
    is above 1. A NaN (no test was made) stays NaN and does not count in m.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted
