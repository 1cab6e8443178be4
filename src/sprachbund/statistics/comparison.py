"""One arm against another over the same items: the difference, how sure it is, and a fixed word for it.

The absolute difference decides, since it is defined even where an arm finds nothing; the relative one,
(arm - against) / against from the means, stands beside it. The words are few and fixed, so that tables of
different studies can be read side by side:

    better, worse         the interval of the absolute difference excludes zero; which side is better the measure says
    no difference shown   it does not
    too few               under 300 items or 30 documents, or what else a kind calls enough: no claim either way
    leaks                 the null test failed, so that the pool tells members from strangers: no claim at all
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sprachbund.errors import SettingsError
from sprachbund.statistics.bootstrap import (
    DRAWS,
    LEVEL,
    bootstrap_means,
    count_documents,
    interval,
    weighted_means,
)
from sprachbund.statistics.trainings import of_trainings

BETTER = "better"
WORSE = "worse"
NO_DIFFERENCE = "no difference shown"
TOO_FEW = "too few"
LEAKS = "leaks"
VERDICTS = (BETTER, WORSE, NO_DIFFERENCE, TOO_FEW, LEAKS)

_ONE = np.zeros(1)
"""One training, of which nothing is known."""
Direction = Literal["higher", "lower"]
"""Which way of a measure is better."""

DETECTABLE_ERRORS = 2.8
"""Standard errors of an effect that four studies in five would see: 1.96 (5%, two-sided) + 0.84 (power)."""

NULL_TOLERANCE = 0.02
"""How far above chance, as a fraction of the items, the lower end of a null test may lie.

What is planted belongs to another group, but groups may have a topic in common, so that a sound pool is a little
above chance: a baseline that has no memory was at 0.013 among 1,200 candidates; an overfitted model in a pool that it
had seen at 0.55.
"""


@dataclass(frozen=True)
class Enough:
    """What a verdict takes: items and documents of the test side."""

    items: int = 300
    documents: int = 30

    def holds(self, items: int, documents: int) -> bool:
        """Whether there is as much."""
        return items >= self.items and documents >= self.documents


ENOUGH = Enough()


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against another. Means are of the measure; `low` and `high` bound `relative`.

    `relative`, `low`, `high` and `detectable` are fractions (0.1 is a tenth), NaN where `against_mean` is 0.
    """

    arm_mean: float
    against_mean: float
    absolute: float
    absolute_low: float
    absolute_high: float
    relative: float
    low: float
    high: float
    p: float
    """Two-sided, from the draws of the absolute difference; never under 1/draws."""
    detectable: float
    """The smallest relative effect that could have been seen: 2.8 standard errors over `against_mean`."""
    items: int
    documents: int
    verdict: str
    languages: int = 1
    """How many languages entered; more than one where `overall` made it."""


def compare(
    arm: npt.NDArray[Any],
    against: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    draws: int = DRAWS,
    seed: int = 0,
    *,
    weights: npt.NDArray[Any] | None = None,
    direction: Direction = "higher",
    enough: Enough = ENOUGH,
    leaks: bool = False,
) -> Comparison:
    """Compare two arms by a paired bootstrap over documents, which knows how trainings scatter where there are several.

    Args:
        arm: float [items] or [items, trainings], the value of each item under the arm.
        against: the same items in the same order under the other arm.
        groups: int [items], the document (group) of each item.
        weights: float [items], above 0; 1 each if None. A mean is the sum of the values over that of the weights.
        direction: which way is better. enough: what a verdict takes.
        leaks: whether the null test of this pool failed for either arm.

    Raises:
        SettingsError: the shapes do not fit, or a value is not finite.
    """
    if len(arm) != len(against) or not {arm.ndim, against.ndim} <= {1, 2}:
        raise SettingsError(f"expected the same items for both arms, found the shapes {arm.shape} and {against.shape}")
    arm, against = (side[:, None] if side.ndim == 1 else side for side in (arm, against))
    if not (arm.shape[1] and against.shape[1]):
        raise SettingsError("expected a training of both arms, found none")
    both = np.column_stack([arm.mean(axis=1), against.mean(axis=1)])
    draws_of_both = bootstrap_means(both, groups, draws, seed, weights)
    means = weighted_means(both, weights)
    return compare_draws(
        float(means[0]),
        float(means[1]),
        draws_of_both[:, 0],
        draws_of_both[:, 1],
        arm_trainings=weighted_means(arm, weights),
        against_trainings=weighted_means(against, weights),
        items=len(arm),
        documents=count_documents(groups),
        direction=direction,
        enough=enough,
        leaks=leaks,
    )


def compare_draws(
    arm_mean: float,
    against_mean: float,
    arm_draws: npt.NDArray[np.float64],
    against_draws: npt.NDArray[np.float64],
    *,
    items: int,
    documents: int,
    arm_trainings: npt.NDArray[np.float64] = _ONE,
    against_trainings: npt.NDArray[np.float64] = _ONE,
    direction: Direction = "higher",
    enough: Enough = ENOUGH,
    leaks: bool = False,
    languages: int = 1,
) -> Comparison:
    """Compare two columns of one `bootstrap_means`, float64 [draws] each: many arms from one bootstrap.

    Args:
        arm_trainings, against_trainings: float64 [trainings], what each training found, whose mean the arm's value is,
            paired by their seeds; of one training it is not known how trainings scatter.
    """
    differences = of_trainings(arm_draws - against_draws, arm_mean - against_mean, arm_trainings, against_trainings)
    absolute_low, absolute_high = interval(differences, LEVEL)
    relative = low = high = detectable = float("nan")
    if against_mean > 0:
        relative = (arm_mean - against_mean) / against_mean
        # A draw without a hit on the other side is infinitely better; without any hit it is undefined.
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = interval(differences / against_draws, LEVEL)
        error = float(differences.std(ddof=1)) if len(differences) > 1 else float("nan")
        detectable = DETECTABLE_ERRORS * error / against_mean
    return Comparison(
        arm_mean=arm_mean,
        against_mean=against_mean,
        absolute=arm_mean - against_mean,
        absolute_low=absolute_low,
        absolute_high=absolute_high,
        relative=relative,
        low=low,
        high=high,
        p=_two_sided(differences),
        detectable=detectable,
        items=items,
        documents=documents,
        verdict=verdict(absolute_low, absolute_high, items, documents, direction=direction, enough=enough, leaks=leaks),
        languages=languages,
    )


def overall(
    arm_means: npt.NDArray[np.float64],
    against_means: npt.NDArray[np.float64],
    arm_draws: npt.NDArray[np.float64],
    against_draws: npt.NDArray[np.float64],
    *,
    items: int,
    documents: int,
    arm_trainings: npt.NDArray[np.float64] | None = None,
    against_trainings: npt.NDArray[np.float64] | None = None,
    direction: Direction = "higher",
    enough: Enough = ENOUGH,
    leaks: bool = False,
) -> Comparison:
    """Compare the geometric means over languages; their ratio is the geometric mean of the languages' ratios.

    Draw b of all languages is one draw: give `bootstrap_means` one seed for languages whose documents are the
    same (parallel groups), and a seed a language where they are not. A language where either mean is 0 has no
    logarithm; it is left out, and `languages` says how many are in.

    Args:
        arm_means, against_means: float64 [languages].
        arm_draws, against_draws: float64 [languages, draws].
        items, documents: of all languages together, for the verdict `too few`.
        arm_trainings, against_trainings: float64 [languages, trainings]; one model may serve all languages, so that
            trainings scatter in all of them at once.
    """
    kept = (arm_means > 0) & (against_means > 0)
    if not kept.any():
        nothing = np.full(arm_draws.shape[1], np.nan)
        return compare_draws(
            float("nan"), float("nan"), nothing, nothing, items=0, documents=0, leaks=leaks, languages=0
        )

    def over(values: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
        with np.errstate(divide="ignore"):
            return _ONE if values is None else np.exp(np.log(values[kept]).mean(axis=0))

    return compare_draws(
        float(over(arm_means)),
        float(over(against_means)),
        over(arm_draws),
        over(against_draws),
        items=items,
        documents=documents,
        arm_trainings=over(arm_trainings),
        against_trainings=over(against_trainings),
        direction=direction,
        enough=enough,
        leaks=leaks,
        languages=int(kept.sum()),
    )


def is_better(difference: float, direction: Direction) -> bool:
    """Whether an arm that differs by so much is the better one; not where it is no number."""
    return difference > 0 if direction == "higher" else difference < 0


def verdict(
    low: float,
    high: float,
    items: int,
    documents: int,
    *,
    direction: Direction = "higher",
    enough: Enough = ENOUGH,
    leaks: bool = False,
) -> str:
    """The word for an absolute difference with the interval from ``low`` to ``high``."""
    if leaks:
        return LEAKS
    if not enough.holds(items, documents):
        return TOO_FEW
    if low > 0:
        return BETTER if direction == "higher" else WORSE
    if high < 0:
        return WORSE if direction == "higher" else BETTER
    return NO_DIFFERENCE


def null_leaks(low: float, candidates: float, tolerance: float = NULL_TOLERANCE) -> bool:
    """Whether a null test failed: a planted answer that is not the item's own is found more often than by chance.

    Args:
        low: the lower end of the interval of how often it is found, a fraction.
        candidates: among how many an item's answer stood; chance is one over that.
        tolerance: how far above chance is still chance.
    """
    return candidates > 0 and low > 1 / candidates + tolerance


def _two_sided(differences: npt.NDArray[np.float64]) -> float:
    """Twice the smaller share of draws on either side of zero, between 1/draws and 1; NaN without draws."""
    known = differences[~np.isnan(differences)]
    if not len(known):
        return float("nan")
    tail = min(float((known <= 0).mean()), float((known >= 0).mean()))
    return min(1.0, max(2 * tail, 1 / len(known)))
