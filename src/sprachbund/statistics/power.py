"""How much it takes to see an effect: studies drawn again and again from what was measured, larger and smaller ones.

What is drawn are whole documents with their items, and trainings (seeds), from the differences between two arms of a
study that is there. Each drawn study is looked at as `compare` looks at it: is zero outside the 95% interval of the
bootstrap over documents? Its interval is not drawn but worked out, since the variance of a two-stage bootstrap has a
closed form and that of trainings is a sum; the tests hold the two equal.

An effect adds to the difference and leaves its scatter as it is. So one set of drawn studies answers for every effect:
a study sees an effect where it is larger than half its interval less what chance gave it.

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
_STEP = 2_000_000  # documents of studies at a time, so that memory is bounded


@dataclass(frozen=True)
class Measured:
    """What a study measured of two arms, document by document.

    Attributes:
        sums: float64 [documents, seeds], the differences of its items added up.
        products: float64 [documents, seeds, seeds], the products of the differences of two trainings, added up.
        items: float64 [documents], how many items each has. against: the mean of the other arm.
    """

    sums: Floats
    products: Floats
    items: Floats
    against: float

    @property
    def seeds(self) -> int:
        """Trainings that were measured."""
        return int(self.sums.shape[1])


@dataclass(frozen=True)
class Scatter:
    """Standard deviations of the difference between two arms, in the unit of the measure.

    Attributes:
        documents: of documents' means, without what few items in each add. items: of the items of a document, mean over
            trainings. seeds: of the means of trainings; NaN where there was one. items_per_document: the mean.
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


def measure(differences: Floats, groups: npt.NDArray[np.int64], against: float) -> Measured:
    """What is drawn from.

    Args:
        differences: float64 [items, seeds], arm less other arm. groups: int [items], the document of each item.
        against: the mean of the other arm.

    Raises:
        SettingsError: there are fewer than two documents, a value that is not finite, or nothing to relate to.
    """
    if differences.ndim != 2 or groups.shape != (len(differences),) or not np.isfinite(differences).all():
        raise SettingsError("expected finite differences [items, seeds] and a document for each item")
    _, which = np.unique(groups, return_inverse=True)
    count = int(which.max(initial=-1)) + 1
    if count < 2:
        raise SettingsError(f"planning needs two documents at least, to see how they differ, found {count}")
    if not against > 0:
        raise SettingsError("the arm that is compared with finds nothing, so that no effect can be relative to it")
    seeds = differences.shape[1]
    sums, products = np.zeros((count, seeds)), np.zeros((count, seeds, seeds))
    np.add.at(sums, which, differences)
    np.add.at(products, which, differences[:, :, None] * differences[:, None, :])
    return Measured(sums, products, np.bincount(which).astype(np.float64), against)


def scatter(measured: Measured) -> Scatter:
    """The components of variance (analysis of variance with unequal groups; Searle, Casella & McCulloch 1992, 3.6)."""
    items, seeds = measured.items, measured.seeds
    means = measured.sums.mean(axis=1) / items
    squares = measured.products.mean(axis=(1, 2))  # of the items' means over trainings
    total = items.sum()
    grand = float((means * items).sum() / total)
    within = float((squares - items * means**2).sum() / max(1.0, total - len(items)))
    between = float((items * (means - grand) ** 2).sum() / (len(items) - 1))
    size = (total - (items**2).sum() / total) / (len(items) - 1)
    of_seeds = float((measured.sums.sum(axis=0) / total).std(ddof=1)) if seeds > 1 else float("nan")
    return Scatter(max(0.0, (between - within) / size) ** 0.5, max(0.0, within) ** 0.5, of_seeds, float(items.mean()))


def clustered_error(sums: Floats, squares: Floats, items: Floats, times: Floats | float = 1.0) -> Floats:
    """The standard error of the mean over items by the two-stage bootstrap of `bootstrap_means`, linearised.

    Documents are drawn, then as many items of each as it has: the variance of a draw's sum of residuals is the sum over
    documents of (sum of residuals)^2 + items * (variance inside).

    Args:
        sums, squares: float64 [studies, documents], of each document's values and of their squares.
        items: float64 [studies or 1, documents]. times: how often each document is in the study, of the same shape.

    Source: Davison & Hinkley 1997, section 3.8.
    """
    total = (times * items).sum(axis=-1)
    mean = (times * sums).sum(axis=-1) / total
    residuals = sums - mean[..., None] * items
    inside = squares - sums**2 / items
    # what is inside may come out below nothing by rounding
    error: Floats = np.sqrt(np.maximum(0.0, (times * (residuals**2 + inside)).sum(axis=-1))) / total
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

    Trainings are drawn as normal about the mean over those measured, each a mixture of them with the variance that they
    have: of three that are drawn with replacement a third would be one twice. Of one training nothing is known of how
    they scatter, and more of them bring nothing here.

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
            drawn = generator.standard_normal((studies, trainings, known))
            drawn = 1 / known + (drawn - drawn.mean(axis=2, keepdims=True)) / max(1, known - 1) ** 0.5
            centred, halves, items = _drawn(measured, count, drawn, generator)
            needed = np.quantile(halves - centred, power)
            alarms = float((np.abs(centred) > halves).mean())
            found.append(Power(count, items, trainings, float(needed / measured.against), alarms))
    return found


def _drawn(
    measured: Measured, count: int, drawn: Floats, generator: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Studies of so many documents: the mean of each less the grand mean, half its interval, the items on average.

    A study is how often it has each measured document, so its cost is the same whatever its size.

    Args:
        drawn: float64 [studies, trainings, seeds], what each training has of those measured.
    """
    known, documents = measured.seeds, len(measured.items)
    grand = measured.sums.mean(axis=1).sum() / measured.items.sum()
    products = measured.products.reshape(documents, known**2)
    means, halves, items = [], [], 0.0
    step = max(1, _STEP // documents)
    for first in range(0, len(drawn), step):
        own = drawn[first : first + step]
        weights = own.mean(axis=1)
        times = generator.multinomial(count, np.full(documents, 1 / documents), len(own)).astype(np.float64)
        sums = weights @ measured.sums.T
        squares = (weights[:, :, None] * weights[:, None, :]).reshape(-1, known**2) @ products.T
        sizes = times @ measured.items
        by_seed = (times @ measured.sums) / sizes[:, None]
        error = clustered_error(sums, squares, measured.items[None, :], times)
        means.append((times * sums).sum(axis=1) / sizes - grand)
        halves.append(_half(error, np.einsum("nk,ntk->nt", by_seed, own)))
        items += float(sizes.sum())
    return np.concatenate(means), np.concatenate(halves), items / len(drawn)


def _half(error: Floats, by_training: Floats) -> Floats:
    """Half the 95% interval of `compare`, float64 [studies], from the bootstrap's error and what trainings found.

    Args:
        by_training: float64 [studies, trainings].
    """
    trainings = by_training.shape[1]
    if trainings < 2:
        return error * QUANTILE
    spread = by_training.var(axis=1, ddof=1) / trainings
    half: Floats = quantile(degrees(error**2, (spread, trainings - 1))) * np.sqrt(error**2 + spread)
    return half
