"""JSON as annotated dataclasses, every field of its very type: what is read from disk is checked in one place."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sprachbund.errors import FolderError

__all__ = ["typed"]

Made = TypeVar("Made")


def typed(kind: type[Made], value: Any, where: str, remedy: str) -> Made:
    """A dataclass from JSON: its fields texts, numbers, Literals, tuples, mappings of texts, dataclasses, or None.

    Args:
        where: names the file, remedy: says what to do, both for the message.

    Raises:
        FolderError: a field is of another type, strange or missing; a number is none or infinite.
    """
    try:
        made: Made = _made(kind, value)
    except _Otherwise as error:
        raise FolderError(f"{where}: damaged, expected {error}; {remedy}") from None
    return made


class _Otherwise(Exception):
    def __init__(self, kind: Any, value: Any) -> None:
        super().__init__(f"{getattr(kind, '__name__', str(kind))}, found {str(value)[:60]!r}")


def _made(kind: Any, value: Any) -> Any:
    """A value of an annotated type from JSON."""
    if isinstance(kind, UnionType):
        inner = next(argument for argument in get_args(kind) if argument is not type(None))
        return None if value is None else _made(inner, value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        known = {item.name for item in fields(kind) if item.name != "of"}
        if not isinstance(value, dict) or set(value) - known:
            raise _Otherwise(kind, value)
        try:
            return kind(**{name: _made(hints[name], item) for name, item in value.items()})
        except TypeError:
            raise _Otherwise(kind, value) from None
    if get_origin(kind) is tuple:
        inside, *others = get_args(kind)
        if not isinstance(value, (list, tuple)) or (others != [...] and len(value) != 1 + len(others)):
            raise _Otherwise(kind, value)
        return tuple(_made(inside, item) for item in value)
    if get_origin(kind) is Mapping:
        if not isinstance(value, dict) or not all(isinstance(item, str) for pair in value.items() for item in pair):
            raise _Otherwise(kind, value)
        return dict(value)
    allowed = get_args(kind)  # of a Literal
    if (allowed and value not in allowed) or (not allowed and not _fits(kind, value)):
        raise _Otherwise(kind, value)
    return value


def _fits(kind: Any, value: Any) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is kind
