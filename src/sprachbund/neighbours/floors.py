"""The floor of a measure: what languages reach that are not related at all.

A share of 39% sounds near until one knows that any two languages reach it. The floor of a value is computed, never
typed
in: the median of the same measure between the target and languages of other families (the top of URIEL's tree), at
least five of them. Measures over concepts bring a floor of their own, words of different concepts.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sprachbund.errors import MissingDataError
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.uriel import family_of

__all__ = ["ENOUGH", "floor_of", "strangers", "with_floor"]

ENOUGH = 5
"""Unrelated languages whose median is a floor."""


def strangers(sources: Sources, target: str, languages: Iterable[str]) -> list[str]:
    """Those of the languages that are of another family than the target; none where its family is not known."""
    try:
        own = family_of(sources, target)
        if own is None:
            return []
        families = {language: family_of(sources, language) for language in languages}
    except MissingDataError:
        return []
    return [language for language, family in families.items() if family is not None and family != own]


def floor_of(measure: Measure, values: Mapping[str, Value], unrelated: Iterable[str]) -> float | None:
    """The median value of the unrelated languages; None with fewer than five that have one."""
    known = [
        each.value for language in unrelated if (each := values.get(language)) is not None and each.value is not None
    ]
    return statistics.median(known) if measure.floors == "unrelated" and len(known) >= ENOUGH else None


def with_floor(measure: Measure, value: Value, floor: float | None) -> Value:
    """The value with its floor, where it has a value and brings no floor of its own."""
    return value if value.value is None or value.floor is not None else replace(value, floor=floor)
