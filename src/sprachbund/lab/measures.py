"""A measure: what is reported of items, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.errors import SettingsError
from sprachbund.statistics import Direction, is_better

__all__ = ["Measure", "as_it_is", "better_of", "measure_of"]

Floats = npt.NDArray[np.float64]


def as_it_is(values: Floats) -> Floats:
    """The values themselves."""
    return values


@dataclass(frozen=True)
class Measure:
    """A number of each item, and the mean of it: the sum of the values over the sum of the weights.

    Attributes:
        name, k: as tables have them, ``recall`` with its cut 10; most measures have no cut.
        title: as a reader sees it, ``recall@10``, ``bits per byte``.
        unit: of the mean, "" for a plain number.
        direction: which way is better.
        value, weight: the columns of the items that it is made of.
        of: from the column's values to the measure's, float64 of the same shape.
    """

    name: str
    title: str
    unit: str = ""
    direction: Direction = "higher"
    k: int | None = None
    value: str = "value"
    weight: str = "weight"
    of: Callable[[Floats], Floats] = field(default=as_it_is, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Without the function, which only the kind needs."""
        return {name: value for name, value in self.__dict__.items() if name != "of"}


def measure_of(measures: "tuple[Measure, ...]", name: str, k: int | None = None) -> Measure:
    """The measure of a name and cut.

    Raises:
        SettingsError: there is none.
    """
    for measure in measures:
        if (measure.name, measure.k) == (name, k):
            return measure
    raise SettingsError(f"no measure is called {name}; there are: {', '.join(m.title for m in measures)}")


def better_of(measure: Measure, score: float, other: float) -> bool:
    """Whether a score beats another; what is no number beats nothing, and loses to every number."""
    if not np.isfinite(score):
        return False
    return not np.isfinite(other) or is_better(score - other, measure.direction)
