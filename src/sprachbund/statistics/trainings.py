"""How trainings scatter, and how little a few of them say of it.

An arm's value is the mean over its trainings (seeds). Documents that are drawn again show how text scatters, not how
one training differs from the next: with the bootstrap alone, two arms of three trainings that are alike were told
apart in 21 of 100 studies, in place of 5. So a draw of an arm's mean is moved by a normal error with the variance
s^2 / n of a mean over n trainings, each arm on its own, and the draws of a difference are stretched by the quantile of
Student's t over that of the normal distribution, at the degrees of freedom of Welch and Satterthwaite. Documents, of
which a verdict takes many, count as if their scatter were known; one training says nothing of how trainings scatter.

Source: Welch 1947, The generalization of Student's problem when several different population variances are involved.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILE", "degrees", "errors", "of_trainings", "quantile"]

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
    """Of Student's t at 97.5%, at 1 degree of freedom or more; at most 2 in 1,000 above the exact one, never below."""
    found: Floats = np.exp(np.interp(1 / np.asarray(degrees, np.float64), _INVERSE, _LOGARITHM))
    return found


def errors(trainings: Floats) -> float:
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


def of_trainings(
    arm: Floats, against: Floats, arm_trainings: Floats, against_trainings: Floats
) -> tuple[Floats, Floats, float]:
    """Draws of two arms' means that know how trainings scatter, and the stretch of their difference.

    Args:
        arm, against: float64 [draws], each about the mean over the arm's trainings.
        arm_trainings, against_trainings: float64 [trainings], the mean of each training.
    """
    own, other = errors(arm_trainings), errors(against_trainings)
    if not own + other > 0:  # neither scatters, or nothing is known of it
        return arm, against, 1.0
    known = float((arm - against).var(ddof=1)) if len(arm) > 1 else 0.0
    freedom = degrees(known, (own, len(arm_trainings) - 1), (other, len(against_trainings) - 1))
    first, second = _normal(len(arm))
    return arm + own**0.5 * first, against + other**0.5 * second, float(quantile(freedom)) / QUANTILE


@lru_cache(maxsize=4)
def _normal(draws: int) -> Floats:
    """Two rows of standard normal numbers, the same for every comparison."""
    made = np.random.default_rng(0).standard_normal((2, draws))
    made.setflags(write=False)
    return made
