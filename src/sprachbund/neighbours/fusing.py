"""One order out of several: the mean of what each measure says by ranks.

Values of different measures have no common scale, ranks have. Across tasks the equal mean of ranks of measures that are
computed from text is as good as trained rankers (see docs/neighbours.md), and it needs no training.
"""

from collections.abc import Mapping, Sequence

from sprachbund.neighbours.measures import Measure

__all__ = ["fuse", "nearness", "standing"]


def nearness(measure: Measure, value: float) -> float:
    """The value with its sign turned where less is nearer, so that more is nearer."""
    return value if measure.direction == "higher" else -value


def standing(measure: Measure, values: Mapping[str, float | None]) -> dict[str, float]:
    """Where each language stands by one measure, 1 for the nearest to 0 for the farthest; equals share their place.

    Languages without a value are left out; a single one stands at 1.
    """
    known = {language: nearness(measure, value) for language, value in values.items() if value is not None}
    count = len(known)
    found = {}
    for language, value in known.items():
        below = sum(other < value for other in known.values())
        equal = sum(other == value for other in known.values()) - 1
        found[language] = (below + equal / 2) / (count - 1) if count > 1 else 1.0
    return found


def fuse(
    measures: Sequence[Measure], values: Mapping[str, Mapping[str, float | None]]
) -> dict[str, tuple[float, int] | None]:
    """Of each language the mean of its standing by the measures that know it, and how many those are.

    Args:
        values: by language and name of the measure.

    Returns:
        By language, the nearest first; None, at the end, where no measure knows it.
    """
    stands = [
        standing(measure, {language: each.get(measure.name) for language, each in values.items()})
        for measure in measures
    ]
    found: dict[str, tuple[float, int] | None] = {}
    for language in values:
        known = [each[language] for each in stands if language in each]
        found[language] = (sum(known) / len(known), len(known)) if known else None
    order = sorted(found, key=lambda language: (-(found[language] or (-1.0, 0))[0], language))
    return {language: found[language] for language in order}
