"""A world as a person declares it: a TOML file, or a few numbers for the simple ones.

seed = 1

[meanings]
topics = 12

[languages.proto]
sentences = 0

[languages.qaa]
sentences = 20000
parent = "proto"

[languages.qab]
parent = "proto"
kept = 0.8
sound_changes = 3
borrowed = {qaa = 0.1}
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund import settings as tree
from sprachbund.errors import SettingsError, one_line
from sprachbund.simulation.world import Tongue, World

__all__ = ["chain", "cut_off", "family", "read_world", "world_of"]

ANCESTOR = "ancestor"


def read_world(path: Path | str) -> World:
    """The world that a TOML file declares.

    Raises:
        SettingsError: the file cannot be read, or names what is none; the message has the line and the nearest name.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        return world_of(tomllib.loads(text), lambda name: f"{path}{_line_of(name, text)}: ")
    except (FileNotFoundError, IsADirectoryError):
        raise SettingsError(f"{path}: expected a TOML file that declares a world, found none") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML ({one_line(error)})") from None


def _line_of(name: str, text: str) -> str:
    """Where a name stands first, as ``:7``; nothing where it does not."""
    found = re.search(rf"^[^#\n]*\b{re.escape(name)}\b", text, re.M)
    return f":{text.count(chr(10), 0, found.start()) + 1}" if found else ""


def world_of(said: Mapping[str, Any], where: Any = lambda name: "") -> World:
    """A world from plain values, as a TOML file has them.

    Args:
        where: what stands before a message about a name.

    Raises:
        SettingsError: a name is unknown, or a value cannot be.
    """
    _require_known(said, [field.name for field in fields(World)], "a world", where)
    languages = said.get("languages", {})
    if not isinstance(languages, Mapping):
        raise SettingsError(f"{where('languages')}languages must be tables, as [languages.qaa]")
    made: dict[str, Any] = {}
    for name, usual in (("meanings", World.meanings), ("documents", World.documents)):
        made[name] = _filled(usual, said.get(name, {}), f"[{name}]", where)
    tongues = {code: _filled(Tongue(), own, f"[languages.{code}]", where) for code, own in languages.items()}
    seed = said.get("seed", 0)
    if type(seed) is not int:
        raise SettingsError(f"{where('seed')}seed must be a whole number, found {seed!r:.40}")
    return World(tongues, seed, **made)


def _filled(usual: Any, given: Any, table: str, where: Any) -> Any:
    """One table of a file."""
    if not isinstance(given, Mapping):
        raise SettingsError(f"{where(table.strip('[]'))}{table} must be a table, found {str(given)[:40]!r}")
    _require_known(given, [field.name for field in fields(usual)], table, where)
    values = {}
    for name, value in given.items():
        try:
            values[name] = tree.from_text(usual, name, value)
        except SettingsError as error:
            raise SettingsError(f"{where(name)}{table} {error}") from None
    return replace(usual, **values) if is_dataclass(usual) and not isinstance(usual, type) else usual


def _require_known(given: Mapping[str, Any], known: list[str], what: str, where: Any) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{where(name)}{what} has no {name!r}{hint} There are: {', '.join(known)}")


def family(
    sentences: Mapping[str, int],
    *,
    kept: float = 0.8,
    sound_changes: int = 0,
    borrowed: float = 0.0,
    alike: float | None = None,
    false_friends: float = 0.0,
    seed: int = 0,
    **stages: Any,
) -> World:
    """Languages of one ancestor, or strangers where ``kept`` is 0.

    Args:
        sentences: of each language, by code. kept: share of the ancestor's words that each still has.
        sound_changes: letters that became others in each, but in the first.
        borrowed, alike, false_friends: shares of the words of all others that are from the first, see `Tongue`.
        stages: ``meanings`` and ``documents`` of the world.
    """
    first = next(iter(sentences), "")
    tongues = {ANCESTOR: Tongue(0)} if kept else {}
    for code, count in sentences.items():
        own = Tongue(count, parent=ANCESTOR if kept else "", kept=kept if kept else 1.0)
        if code != first:
            own = replace(
                own,
                sound_changes=sound_changes if kept else 0,
                borrowed={first: borrowed} if borrowed else {},
                alike={} if alike is None else {first: alike},
                false_friends={first: false_friends} if false_friends else {},
            )
        tongues[code] = own
    return World(tongues, seed, **stages)


def chain(sentences: Mapping[str, int], alike: float = 0.5, *, seed: int = 0, **stages: Any) -> World:
    """Auxiliary, pivot, target: neighbours share words that mean the same, the two ends share none.

    Args:
        sentences: of the three, in this order. alike: share of the words that neighbours have in common.

    Raises:
        SettingsError: there are not three languages.
    """
    if len(sentences) != 3:
        raise SettingsError(f"a chain has an auxiliary, a pivot and a target, found {', '.join(sentences) or 'none'}")
    auxiliary, pivot, target = sentences
    tongues = {
        auxiliary: Tongue(sentences[auxiliary]),
        pivot: Tongue(sentences[pivot], alike={auxiliary: alike}),
        target: Tongue(sentences[target], alike={pivot: alike, auxiliary: 0.0}),
    }
    return World(tongues, seed, **stages)


def cut_off(world: World, language: str, how: str = "renamed") -> World:
    """The same world, in which one language has words of its own for all that it says; see `Tongue`.

    Raises:
        SettingsError: there is no such language.
    """
    if language not in world.languages:
        raise SettingsError(f"the world has no language {language!r}; it has {', '.join(world.languages)}")
    changed: Any = replace(world.languages[language], cut=how)  # type: ignore[arg-type]
    return replace(world, languages={**world.languages, language: changed})
