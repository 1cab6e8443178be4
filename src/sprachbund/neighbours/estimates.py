"""A mean over items with its 95% interval: the items (concepts, words, sentences) are drawn again with replacement."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.statistics import bootstrap_means, interval, weighted_means

__all__ = ["DRAWS", "interval_of", "mean_of"]

DRAWS = 500
"""An end of an interval is then sure to about a thirtieth of its length, which three digits do not show."""


def mean_of(
    values: npt.NDArray[Any],
    weights: npt.NDArray[Any] | None = None,
    groups: npt.NDArray[Any] | None = None,
    seed: int = 0,
) -> tuple[float, float | None, float | None]:
    """The mean of values, and the ends of its interval; None where there are too few to draw from.

    Args:
        values: float [items], at least one. weights: float [items], above 0; then the sum of the values over their sum.
        groups: int [items], what is drawn together; each item by itself if None.
    """
    column = np.asarray(values, np.float64)[:, None]
    mean = float(weighted_means(column, weights)[0])
    if len(column) < 2:
        return mean, None, None
    which = np.arange(len(column)) if groups is None else groups
    low, high = interval(bootstrap_means(column, which, DRAWS, seed, weights)[:, 0])
    return (mean, None, None) if np.isnan(low) else (mean, low, high)


def interval_of(draws: npt.NDArray[np.float64]) -> tuple[float | None, float | None]:
    """The ends of the interval of values that were each computed from data drawn again; None without any."""
    low, high = interval(np.asarray(draws, np.float64))
    return (None, None) if np.isnan(low) else (low, high)
