"""How trainings scatter, and how little a few of them say of it.

An arm's value is the mean over its trainings (seeds). Documents that are drawn again show how text scatters, not how
one training differs from the next: where trainings are most of what scatters, the bootstrap alone tells arms apart that
are alike. So a draw of the difference of two arms is moved by a normal error with the variance s^2 / n of a mean over n
trainings, and the draws are stretched by the quantile of Student's t over that of the normal distribution, at the
degrees of freedom of Welch and Satterthwaite. Arms with as many trainings are paired, since a seed is one start and one
order of draws for both; others scatter each on its own. Documents, of which a verdict takes many, count as if their
scatter were known; one training says nothing of how trainings scatter.

Source: Welch 1947, The generalization of Student's problem when several different population variances are involved.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILE", "degrees", "error_of", "of_trainings", "quantile"]

Floats = npt.NDArray[np.float64]
QUANTILE = 1.959963984540054
"""Of the normal distribution at 97.5%."""
_STUDENT = (
    (1, 12.7062), (1.1, 10.2768), (1.25, 8.028), (1.5, 6.0167), (1.75, 4.9488), (2, 4.3027), (2.5, 3.5747), (3, 3.1824),
    (4, 2.7764), (5, 2.5706), (7, 2.3646), (10, 2.2281), (20, 2.086), (60, 2.0003), (math.inf, QUANTILE),
)  # fmt: skip
"""Quantiles of Student's t at 97.5% by degrees of freedom."""
_INVERSE = np.array([1 / degrees for degrees, _ in reversed(_STUDENT)])
_LOGARITHM = np.log([value for _, value in reversed(_STUDENT)])


def quantile(degrees: npt.ArrayLike) -> Floats:
    """Of Student's t at 97.5%, at 1 degree of freedom or more; at most 2 in 1,000 above the exact one."""
    found: Floats = np.exp(np.interp(1 / np.asarray(degrees, np.float64), _INVERSE, _LOGARITHM))
    return found


def error_of(trainings: Floats) -> float:
    """The squared standard error of the mean over trainings, float64 [trainings]; 0 of one, which does not say."""
    count = len(trainings)
    return float(trainings.var(ddof=1) / count) if count > 1 else 0.0


def degrees(known: npt.ArrayLike, *estimated: tuple[npt.ArrayLike, int]) -> Floats:
    """Degrees of freedom of the sum of a variance that is known and of others that are estimated; infinite without.

    Args:
        known: its part. estimated: the part and the degrees of freedom of each, 0 where it is not known at all.

    Source: Satterthwaite 1946, An approximate distribution of estimates of variance components.
    """
    parts = [(np.asarray(part, np.float64), own) for part, own in estimated if own > 0]
    total = np.asarray(known, np.float64) + sum(part for part, _ in parts)
    below = sum((part**2 / own for part, own in parts), np.zeros_like(total))
    return np.divide(total**2, below, out=np.full_like(total, np.inf), where=below > 0)


def of_trainings(differences: Floats, middle: float, arm: Floats, against: Floats) -> Floats:
    """Draws of the difference of two arms that know how trainings scatter.

    Args:
        differences: float64 [draws], drawn over documents. middle: the difference itself.
        arm, against: float64 [trainings], what each training found.
    """
    paired = len(arm) == len(against)
    parts = [(error_of(side), len(side) - 1) for side in ((arm - against,) if paired else (arm, against))]
    error = sum(part for part, _ in parts)
    if not error > 0:  # none scatters, or nothing is known of it
        return differences
    known = float(differences.var(ddof=1)) if len(differences) > 1 else 0.0
    stretch = float(quantile(degrees(known, *parts))) / QUANTILE
    moved: Floats = middle + stretch * (differences - middle + error**0.5 * _normal(len(differences)))
    return moved


@lru_cache(maxsize=4)
def _normal(draws: int) -> Floats:
    """Standard normal numbers, the same for every comparison."""
    made = np.random.default_rng(0).standard_normal(draws)
    made.setflags(write=False)
    return made
