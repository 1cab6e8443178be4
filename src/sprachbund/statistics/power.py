"""How much it takes to see an effect: studies drawn again and again from what was measured, larger and smaller ones.

What is drawn are whole documents with their items, and trainings (seeds) of each arm, from two arms of a study that is
there. Each drawn study is looked at as `compare` looks at it: is zero outside its 95% interval? That interval is not
drawn but worked out, since the variance of a two-stage bootstrap has a closed form and that of trainings is a sum; the
tests hold the two equal.

An effect adds to the difference and leaves its scatter as it is. So one set of drawn studies answers for every effect:
a study sees an effect where it is larger than the interval's half width less what chance gave it.

The interval of `compare` cannot know from one training how trainings scatter: with one seed it may be far too narrow.
It counts the scatter of a document's items twice, in drawing documents and in drawing items: where that is most of the
scatter it is too wide. `Power.alarms` says how often it excludes zero where there is nothing; 5 in 100 is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sprachbund.errors import SettingsError
from sprachbund.statistics.trainings import QUANTILE, degrees, quantile

__all__ = ["Measured", "Power", "Scatter", "clustered_error", "measure", "scatter", "smallest_effects"]

Floats = npt.NDArray[np.float64]
POWER = 0.8
STUDIES = 2_000


@dataclass(frozen=True)
class Measured:
    """What a study measured of two arms, document by document.

    Attributes:
        sums: float64 [documents, 2 seeds], the values of its items added up: the trainings of one arm, then those of
            the other. products: float64 [documents, 2 seeds, 2 seeds], the products of the values of two trainings.
        items: float64 [documents], how many items each has. against: the mean of the other arm.
    """

    sums: Floats
    products: Floats
    items: Floats
    against: float

    @property
    def seeds(self) -> int:
        """Trainings that were measured."""
        return int(self.sums.shape[1]) // 2

    @property
    def contrast(self) -> Floats:
        """What makes the mean difference of two arms of the sums of their trainings, float64 [2 seeds]."""
        return np.repeat([1.0, -1.0], self.seeds) / self.seeds

    @property
    def by_training(self) -> Floats:
        """The mean of every training, float64 [2 seeds]."""
        found: Floats = self.sums.sum(axis=0) / self.items.sum()
        return found

    @property
    def of_seeds(self) -> float:
        """Standard deviation of the difference of two trainings, one of each arm; NaN where there was one."""
        if self.seeds < 2:
            return float("nan")
        return float(self.by_training.reshape(2, -1).var(axis=1, ddof=1).sum() ** 0.5)


@dataclass(frozen=True)
class Scatter:
    """Standard deviations of the difference between two arms, in the unit of the measure.

    Attributes:
        documents: of documents' means, without what few items in each add. items: of the items of a document, mean over
            trainings. seeds: of the difference of a training of each, NaN of one. items_per_document: mean.
    """

    documents: float
    items: float
    seeds: float
    items_per_document: float


@dataclass(frozen=True)
class Power:
    """What studies of one size would see.

    Attributes:
        documents, seeds: of each study. items: on average.
        effect: the smallest that four in five of them would see, as a fraction of the other arm's mean.
        alarms: how often the interval excludes zero where there is no effect, a fraction.
    """

    documents: int
    items: float
    seeds: int
    effect: float
    alarms: float


def measure(arm: Floats, other: Floats, groups: npt.NDArray[np.int64], against: float) -> Measured:
    """What is drawn from.

    Args:
        arm, other: float64 [items, seeds], less what is no chance: on average they differ by nothing.
        groups: int [items], the document of each item. against: the mean of the other arm.

    Raises:
        SettingsError: there are fewer than two documents, a value that is not finite, or nothing to relate to.
    """
    values = np.column_stack([arm, other])
    if arm.shape != other.shape or groups.shape != (len(values),) or not np.isfinite(values).all():
        raise SettingsError("expected finite values [items, seeds] of two arms and a document for each item")
    _, which = np.unique(groups, return_inverse=True)
    count = int(which.max(initial=-1)) + 1
    if count < 2:
        raise SettingsError(f"planning needs two documents at least, to see how they differ, found {count}")
    if not against > 0:
        raise SettingsError("the arm that is compared with finds nothing, so that no effect can be relative to it")
    columns = values.shape[1]
    sums, products = np.zeros((count, columns)), np.zeros((count, columns, columns))
    np.add.at(sums, which, values)
    np.add.at(products, which, values[:, :, None] * values[:, None, :])
    return Measured(sums, products, np.bincount(which).astype(np.float64), against)


def scatter(measured: Measured) -> Scatter:
    """The components of variance (analysis of variance with unequal groups; Searle, Casella & McCulloch 1992, 3.6)."""
    items, contrast = measured.items, measured.contrast
    means = measured.sums @ contrast / items
    squares = measured.products @ contrast @ contrast  # of the items' means over trainings
    total = items.sum()
    grand = float((means * items).sum() / total)
    within = float((squares - items * means**2).sum() / max(1.0, total - len(items)))
    between = float((items * (means - grand) ** 2).sum() / (len(items) - 1))
    size = (total - (items**2).sum() / total) / (len(items) - 1)
    of_documents, of_items = max(0.0, (between - within) / size) ** 0.5, max(0.0, within) ** 0.5
    return Scatter(of_documents, of_items, measured.of_seeds, float(items.mean()))


def clustered_error(sums: Floats, squares: Floats, items: Floats) -> Floats:
    """The standard error of the mean over items by the two-stage bootstrap of `bootstrap_means`, linearised.

    Documents are drawn, then as many items of each as it has: the variance of a draw's sum of residuals is the sum over
    documents of (sum of residuals)^2 + items * (variance inside).

    Args:
        sums, squares: float64 [studies, documents], of each document's values and of their squares.
        items: float64 [studies, documents].

    Source: Davison & Hinkley 1997, section 3.8.
    """
    total = items.sum(axis=-1)
    mean = sums.sum(axis=-1) / total
    residuals = sums - mean[..., None] * items
    inside = squares - sums**2 / items
    # what is inside may come out below nothing by rounding
    error: Floats = np.sqrt(np.maximum(0.0, (residuals**2 + inside).sum(axis=-1))) / total
    return error


def smallest_effects(
    measured: Measured,
    documents: Sequence[int],
    seeds: Sequence[int],
    *,
    studies: int = STUDIES,
    power: float = POWER,
    seed: int = 0,
) -> list[Power]:
    """For each number of documents and seeds the smallest effect that a share ``power`` of studies would see.

    Trainings are drawn with replacement from those measured, their deviations from the mean over trainings widened by
    the root of n / (n - 1), as drawing from n makes them too small. Of one training nothing is known of how they
    scatter, and more of them bring nothing here.

    Raises:
        SettingsError: a number of documents or seeds is below what can be.
    """
    if min(documents, default=0) < 2 or min(seeds, default=0) < 1:
        raise SettingsError("planning needs 2 documents and 1 seed at least in every study")
    generator = np.random.default_rng(seed)
    known = measured.seeds
    found = []
    for count in documents:
        for trainings in seeds:
            drawn = generator.multinomial(trainings, np.full(known, 1 / known), size=(studies, 2)).astype(np.float64)
            centred, errors, items = _drawn(measured, count, drawn, generator)
            needed = np.quantile(errors - centred, power)
            alarms = float((np.abs(centred) > errors).mean())
            found.append(Power(count, items, trainings, float(needed / measured.against), alarms))
    return found


def _drawn(
    measured: Measured, count: int, drawn: Floats, generator: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Studies of so many documents: the mean of each less the grand mean, half its interval, the items on average.

    Args:
        drawn: float64 [studies, 2, seeds], how often each training of each arm is in a study.
    """
    known, grand = measured.seeds, float(measured.by_training @ measured.contrast)
    widen = (known / (known - 1)) ** 0.5 if known > 1 else 1.0
    means, halves, items = [], [], 0.0
    step = max(1, 2_000_000 // (count * 4 * known**2))
    for first in range(0, len(drawn), step):
        own = drawn[first : first + step]
        share = own / own.sum(axis=2, keepdims=True)
        weights = (1 / known + widen * (share - 1 / known)) * np.array([1.0, -1.0])[:, None]
        weights = weights.reshape(len(own), 2 * known)
        chosen = generator.integers(len(measured.items), size=(len(own), count))
        sums = np.einsum("ndk,nk->nd", measured.sums[chosen], weights)
        squares = np.einsum("ndkl,nk,nl->nd", measured.products[chosen], weights, weights, optimize=True)
        sizes = measured.items[chosen]
        by_training = measured.sums[chosen].sum(axis=1) / sizes.sum(axis=1)[:, None]
        means.append(sums.sum(axis=1) / sizes.sum(axis=1) - grand)
        halves.append(_half(clustered_error(sums, squares, sizes), by_training.reshape(own.shape), own, widen))
        items += float(sizes.sum())
    return np.concatenate(means), np.concatenate(halves), items / len(drawn)


def _half(error: Floats, by_training: Floats, drawn: Floats, widen: float) -> Floats:
    """Half the 95% interval of `compare`, float64 [studies], from the bootstrap's error and what trainings found.

    Args:
        by_training, drawn: float64 [studies, 2, seeds]. widen: how much farther apart trainings are than those drawn.
    """
    trainings = int(drawn[0, 0].sum())
    if trainings < 2:
        return error * QUANTILE
    mean = (drawn * by_training).sum(axis=2, keepdims=True) / trainings
    spread = widen**2 * (drawn * (by_training - mean) ** 2).sum(axis=2) / (trainings - 1) / trainings
    freedom = degrees(error**2, *((spread[:, arm], trainings - 1) for arm in (0, 1)))
    half: Floats = quantile(freedom) * np.sqrt(error**2 + spread.sum(axis=1))
    return half
