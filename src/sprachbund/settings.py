"""Settings as a tree of frozen dataclasses: read from text and JSON, changed by a field's name alone, written plainly.

A field of the tree that is a dataclass itself is a *stage*; the others are *settings*, and no name stands twice.
Stages, settings and types are read from the dataclasses and written down nowhere else, so that a setting that is added
there can be given in every way: by its name, in the table of its stage, from Python. Types are bool, int, float, str,
literals of texts, tuples of these and mappings from names to them. Which values can work the dataclass itself says,
when it is made.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from sprachbund.errors import SettingsError

__all__ = ["Setting", "by_name", "change", "flatten", "from_dict", "from_text", "stages", "to_dict"]

Tree = TypeVar("Tree")
_WHOLE = 1 << 63
"""Whole numbers are below it: what is read may go into an array."""
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


class Setting(NamedTuple):
    """A field of the tree: the stage that it stands in ("" for the tree itself), its type, and its value there."""

    stage: str
    type: Any
    value: Any


def stages(tree: Any) -> dict[str, Any]:
    """The stages of a tree by name."""
    held = {field.name: getattr(tree, field.name) for field in fields(tree)}
    return {name: value for name, value in held.items() if is_dataclass(value)}


def by_name(tree: Any) -> dict[str, Setting]:
    """Every setting of a tree."""
    parts = stages(tree)
    own = {name: setting for name, setting in _settings("", tree) if name not in parts}
    return own | {name: setting for stage, held in parts.items() for name, setting in _settings(stage, held)}


def _settings(stage: str, held: Any) -> Iterator[tuple[str, Setting]]:
    types = get_type_hints(type(held))
    for field in fields(held):
        yield field.name, Setting(stage, types[field.name], getattr(held, field.name))


def change(tree: Tree, values: Mapping[str, Any]) -> Tree:
    """A tree with some stages and settings changed, each by its name alone.

    Raises:
        SettingsError: nothing has such a name, or the value is of another type.
    """
    parts = stages(tree)
    known = by_name(tree)
    own: dict[str, Any] = {}
    for name, value in values.items():
        if name in parts:
            if type(value) is not type(parts[name]):
                raise SettingsError(f"{name} must be {type(parts[name]).__name__}, found {type(value).__name__}")
            parts[name] = value
            continue
        setting = _known(known, name)
        taken = _taken(name, value, setting, finite=False)
        if setting.stage:
            parts[setting.stage] = replace(parts[setting.stage], **{name: taken})
        else:
            own[name] = taken
    changed: Any = replace(tree, **own, **parts)  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]


def to_dict(tree: Any) -> dict[str, Any]:
    """A tree as plain values for JSON and TOML: a table a stage, tuples as lists."""
    plain: dict[str, Any] = _plain(asdict(tree))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def from_dict(usual: Tree, values: Mapping[str, Any]) -> Tree:
    """The tree that `to_dict` wrote; a stage or setting that is missing has the value that it has in ``usual``.

    Raises:
        SettingsError: a name is unknown, so the settings are of another version, or a value is of another type.
    """
    parts = stages(usual)
    own = {name: value for name, value in values.items() if name not in parts}
    for stage, held in parts.items():
        given = values.get(stage, {})
        if not isinstance(given, Mapping):
            raise SettingsError(f"{stage} must be a table of settings, found {type(given).__name__}")
        parts[stage] = _read(held, given, stage)
    read: Any = replace(usual, **_checked(usual, own, "settings"), **parts)  # type: ignore[type-var]
    return read  # type: ignore[no-any-return]


def _read(held: Any, given: Mapping[str, Any], stage: str) -> Any:
    return replace(held, **_checked(held, given, stage))


def _checked(held: Any, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    known = {name: setting for name, setting in _settings("", held) if not is_dataclass(setting.value)}
    for name in given:
        if name not in known:
            raise SettingsError(f"these settings are not of this version: {where} have no {name!r}")
    return {name: _taken(name, value, known[name], finite=True) for name, value in given.items()}


def flatten(tree: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their names, from a file in which they stand by their names or in the tables of their stages.

    Raises:
        SettingsError: a name of a stage is no table, or a setting stands twice with two values.
    """
    flat: dict[str, Any] = {}
    parts = stages(tree)
    for name, value in values.items():
        if name in parts and not isinstance(value, Mapping):
            raise SettingsError(f"{name} is a table of settings, found {str(value)[:60]!r}; write [{name}]")
        for key, given in value.items() if name in parts else [(name, value)]:
            if flat.setdefault(key, given) != given:
                raise SettingsError(f"{key} stands twice, as {flat[key]!r} and as {given!r}; leave one out")
    return flat


def from_text(tree: Any, name: str, value: Any) -> Any:
    """A value that a person wrote in TOML, as its setting has it: lists as tuples, whole numbers as floats.

    Raises:
        SettingsError: there is no such setting, or the value is of another type; a number is finite.
    """
    setting = _known(by_name(tree), name)
    return _floats(_taken(name, value, setting, finite=True), setting.type)


def _known(known: Mapping[str, Setting], name: str) -> Setting:
    if name not in known:
        raise SettingsError(f"no setting is called {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]


def _taken(name: str, value: Any, setting: Setting, *, finite: bool) -> Any:
    """A value as a dataclass holds it, if it is of the type of its setting."""
    if not _fits(value, setting.type, finite):
        raise SettingsError(f"{name} must be {_wanted(setting)}, found {_plain(value)!r:.80}")
    return _held(value)


def _fits(value: Any, kind: Any, finite: bool) -> bool:
    arguments = get_args(kind)
    match get_origin(kind):
        case None if kind in (bool, str):
            return type(value) is kind
        case None if kind is int:
            return isinstance(value, Integral) and not isinstance(value, bool) and -_WHOLE < int(value) < _WHOLE
        case None if kind is float:
            if isinstance(value, Integral):
                return _fits(value, int, finite)
            return isinstance(value, Real) and (not finite or math.isfinite(value))
        case origin if origin is Literal:
            return isinstance(value, str)
        case origin if origin is tuple:
            if not isinstance(value, tuple | list):
                return False
            kinds = _kinds(arguments, len(value))
            return len(value) == len(kinds) and all(_fits(*pair, finite) for pair in zip(value, kinds, strict=True))
        case origin if isinstance(origin, type) and issubclass(origin, Mapping):
            return isinstance(value, Mapping) and all(
                isinstance(key, str) and _fits(item, arguments[1], finite) for key, item in value.items()
            )
    raise TypeError(f"settings are no {kind}")


def _kinds(arguments: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    """The type of each item of a tuple."""
    return arguments[:1] * length if arguments[-1] is ... else arguments


def _held(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(map(_held, value))
    if isinstance(value, Mapping):
        return {key: _held(item) for key, item in value.items()}
    if isinstance(value, bool | int | float | str):
        return value
    return int(value) if isinstance(value, Integral) else float(value)  # numpy's


def _floats(value: Any, kind: Any) -> Any:
    arguments = get_args(kind)
    if isinstance(value, tuple):
        return tuple(map(_floats, value, _kinds(arguments, len(value))))
    if isinstance(value, dict):
        return {key: _floats(item, arguments[1]) for key, item in value.items()}
    return float(value) if kind is float else value


def _wanted(setting: Setting) -> str:
    origin, shown = get_origin(setting.type), _plain(setting.value)
    if origin is tuple:
        return f"a list like {shown or [1]}"
    if origin is not None and origin is not Literal:
        return "a table like {tr = 1.0, uk = 2.0}"
    return f"{_KINDS[str if origin is Literal else setting.type]} like {shown!r}"
