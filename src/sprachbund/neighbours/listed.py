"""All measures, a row each, in the order of reports: a new one is a row here and a function."""

from sprachbund.neighbours import iecor, inventories
from sprachbund.neighbours.measures import Measure

__all__ = ["MEASURES", "measure_called"]

MEASURES: tuple[Measure, ...] = (
    Measure("inventory", "inventory", "Jaccard", "higher", "phonetic", inventories.jaccard_of),
    Measure("cognates", "cognates", "share", "higher", "vocabulary", iecor.cognates_of, floors="own"),
)


def measure_called(name: str) -> Measure:
    """The measure of a name.

    Raises:
        SettingsError: there is none.
    """
    from sprachbund.errors import SettingsError

    for measure in MEASURES:
        if measure.name == name:
            return measure
    raise SettingsError(f"no measure is called {name}; there are: {', '.join(each.name for each in MEASURES)}")
