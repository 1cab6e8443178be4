"""What an encoder says of itself, checked when it is read: cards, tables and evaluations rely on it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError

__all__ = ["require_about"]

_TEXTS = ("task", "corpus", "split", "work")
_ROW = {
    "language": str, "side": str, "pool": str, "queries": int, "candidates": int,
    "mrr": float, "recall@1": float, "recall@10": float, "recall@20": float,
}  # fmt: skip
_STARTED = ("name", "hash", "carry")
_OPTIONAL = {"side", "pool", "recall@20"}


def require_about(path: Path, about: Mapping[str, Any]) -> None:
    """See that each field, where it is there, is of its type; what a field is stands in docs/formats.md.

    Args:
        path: of the manifest, for the message.

    Raises:
        FolderError: names the field.
    """
    rules: dict[str, Callable[[Any], bool]] = {
        **dict.fromkeys(_TEXTS, lambda value: isinstance(value, str)),
        "languages": lambda value: _each(value, lambda item: isinstance(item, str)),
        "pairs": lambda value: _table(value, int),
        "passes": lambda value: _table(value, float),
        "losses": lambda value: _each(value, lambda item: _is(item, float)),
        "curve": lambda value: _each(value, _is_point),
        "seconds": lambda value: _is(value, float),
        "scores": lambda value: _each(value, _is_row),
        "start": _is_start,
    }
    for name, holds in rules.items():
        if name in about and not holds(about[name]):
            raise FolderError(f"{path}: damaged, its about.{name} cannot be read; train the model anew")


def _each(value: Any, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(holds, value))


def _table(value: Any, kind: type) -> bool:
    return isinstance(value, dict) and all(_is(item, kind) for item in value.values())


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is(value[0], int) and _is(value[1], float)


def _is_start(value: Any) -> bool:
    """What a model says of the one that it went on from, and that of its own."""
    while isinstance(value, dict):
        if not all(isinstance(value.get(name), str) for name in _STARTED) or not _is(value.get("freeze"), float):
            return False
        if not isinstance(value.get("table_name", ""), str):
            return False
        if not _table(value.get("rows"), int) or not _each(value.get("languages", []), lambda item: _is(item, str)):
            return False
        if "start" not in value:
            return True
        value = value["start"]
    return False


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is(value[name], kind) if name in value else name in _OPTIONAL for name, kind in _ROW.items()
    )


def _is(value: Any, kind: type) -> bool:
    """Whether a value is of a kind; a whole number is a number, and every number is finite and of a sane size."""
    if kind is str:
        return isinstance(value, str)
    fits = isinstance(value, int) or (kind is float and isinstance(value, float))
    return fits and not isinstance(value, bool) and abs(value) < 1 << 63
