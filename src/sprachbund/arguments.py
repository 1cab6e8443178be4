"""What a caller gave, seen before any work: the error says what is wrong, and not where it came to light.

Any iterable is a list. One string is none where texts are expected, for it would be a list of letters.
"""

import operator
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from sprachbund.errors import SettingsError

__all__ = ["several", "some_paths", "text", "whole"]

_MANY = 1_000
Kind = TypeVar("Kind")


def several(given: Iterable[Kind], what: str, kind: type[Kind]) -> list[Kind]:
    """The items of a list, which all are of a kind.

    Args:
        what: they are, in the plural, for the message: ``texts``.

    Raises:
        SettingsError: it is no list, or has something else at a place, which is named.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        hint = f"; write [{given!r}]" if isinstance(given, kind) and len(repr(given)) < _MANY else ""
        raise SettingsError(f"expected a list of {what}, found {_shown(given)}{hint}")
    items = list(given)
    for number, item in enumerate(items):
        if not isinstance(item, kind):
            raise SettingsError(f"expected a list of {what}, found {_shown(item)} at place {number}")
    return items


def text(given: str, what: str) -> str:
    """A text.

    Raises:
        SettingsError: it is none.
    """
    if not isinstance(given, str):
        raise SettingsError(f"{what}: expected a text, found {_shown(given)}")
    return given


def whole(given: int, what: str) -> int:
    """A whole number of any library.

    Raises:
        SettingsError: it is none; 3.0 and "3" are none.
    """
    try:
        return operator.index(given)
    except TypeError:
        raise SettingsError(f"{what}: expected a whole number, found {_shown(given)}") from None


def some_paths(given: Any) -> list[Any]:
    """Sources: one path, or a list of them.

    Raises:
        SettingsError: neither.
    """
    if isinstance(given, str | Path):
        return [given]
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise SettingsError(f"expected paths or names of sources, found {_shown(given)}")
    return list(given)


def _shown(given: object) -> str:
    said = repr(given)
    return "None" if given is None else f"{said if len(said) <= 60 else 'one'} ({type(given).__name__})"
