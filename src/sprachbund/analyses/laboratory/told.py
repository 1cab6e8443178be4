"""A table of a study file that tells an analysis something, as ``[mixture]``: a dataclass of settings by name."""

from typing import Any, TypeVar

from sprachbund.analyses.laboratory.located import Located, nearest
from sprachbund.errors import SettingsError
from sprachbund.settings import by_name, change, from_text

__all__ = ["read_told"]

Told = TypeVar("Told")


def read_told(at: Located, table: str, usual: Told, what: str) -> Told:
    """What a table says over what is usual.

    Args:
        what: whose keys they are, for people: ``mixtures``.

    Raises:
        SettingsError: names the line.
    """
    given = at.values.get(table, {})
    if not isinstance(given, dict):
        raise at.error(f"{table} is a table, found {given!r:.60}; write [{table}]", table)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in by_name(usual):
            raise at.error(f"no key of {what} is called {name}{nearest(name, by_name(usual))}", table, name)
        try:
            values[name] = from_text(usual, name, value)
            change(usual, {name: values[name]})
        except SettingsError as error:
            raise at.error(str(error), table, name) from None
    try:
        return change(usual, values)
    except SettingsError as error:
        raise at.error(str(error), table) from None
