"""Rankers that learn nothing, or no more than one number a candidate: what every trained one must beat.

    fusion        the mean of a candidate's standings by all measures that are computed from text; the default
    single        one measure
    always        one language for everybody, usually English
    largest       the candidate with most data: `single` of its size
    usual         what helped the other targets most
    chance        no preference

A ranker is fitted on measured transfer and gives every row of another table a score, higher is first; scores are
compared within a list (a task and target) only, and NaN says that it knows nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sprachbund.neighbours.ranking.measured import Measured, places, standings

__all__ = ["Ranker", "Scorer", "always", "blend", "chance", "fusion", "single", "usual"]

Floats = npt.NDArray[np.float64]
Scorer = Callable[[Measured], Floats]
_DOUBT = 3.0
"""Middling targets that `usual` adds to what it saw of a candidate, so that one lucky target makes nobody first."""


@dataclass(frozen=True)
class Ranker:
    """A way to rank candidates.

    Attributes:
        fit: from measured transfer to a scorer. trained: whether it learns from that at all.
    """

    name: str
    fit: Callable[[Measured], Scorer]
    trained: bool = True


def chance() -> Ranker:
    """No preference: its expectation over all orders is what choosing blindly gives."""
    return Ranker("random", lambda _: lambda table: np.zeros(len(table)), trained=False)


def always(name: str, codes: Collection[str]) -> Ranker:
    """One language for everybody, by any of its codes; nothing is known where it is no candidate."""

    def score(table: Measured) -> Floats:
        return np.isin(table.candidates, list(codes)).astype(np.float64)

    return Ranker(name, lambda _: score, trained=False)


def single(feature: str, name: str | None = None) -> Ranker:
    """One measure by its direction."""

    def score(table: Measured) -> Floats:
        place = table.column(feature)
        sign = -1.0 if table.features[place].direction == "lower" else 1.0
        return sign * table.values[:, place]

    return Ranker(name or feature, lambda _: score, trained=False)


def fusion(name: str = "fusion") -> Ranker:
    """The mean of the standings by all features that are marked ``fused``; those that lack a row are left out of it."""

    def score(table: Measured) -> Floats:
        fused = [place for place, feature in enumerate(table.features) if feature.fused]
        stands = standings(table)[:, fused]
        known = ~np.isnan(stands)
        with np.errstate(invalid="ignore"):
            found: Floats = np.where(known, stands, 0.0).sum(axis=1) / known.sum(axis=1)
        return found

    return Ranker(name, lambda _: score, trained=False)


def usual(name: str = "usual helper") -> Ranker:
    """What helped most others: the mean standing of a candidate among what each target of the training gained."""

    def fit(train: Measured) -> Scorer:
        seen: dict[str, list[float]] = {}
        for rows in train.lists():
            if len(rows) < 2:
                continue
            for row, place in zip(rows, places(train.gains[rows]), strict=True):
                seen.setdefault(str(train.candidates[row]), []).append(float(place))
        means = {each: (sum(found) + 0.5 * _DOUBT) / (len(found) + _DOUBT) for each, found in seen.items()}
        return lambda table: np.array([means.get(str(each), 0.5) for each in table.candidates])

    return Ranker(name, fit)


def blend(name: str, *rankers: Ranker) -> Ranker:
    """The mean of what several rankers say by standings in each list."""

    def fit(train: Measured) -> Scorer:
        scorers = [ranker.fit(train) for ranker in rankers]

        def score(table: Measured) -> Floats:
            found = np.full((len(table), len(scorers)), np.nan)
            for column, scorer in enumerate(scorers):
                scores = scorer(table)
                for rows in table.lists():
                    known = rows[~np.isnan(scores[rows])]
                    if len(known) > 1:
                        found[known, column] = places(scores[known])
            known_by = ~np.isnan(found)
            with np.errstate(invalid="ignore"):
                mean: Floats = np.where(known_by, found, 0.0).sum(axis=1) / known_by.sum(axis=1)
            return mean

        return score

    return Ranker(name, fit, trained=any(ranker.trained for ranker in rankers))
