"""TOML that people write, and where in it something stands: an error names the line and the nearest word that is right.

Python's reader of TOML tells no lines of what it read. Keys are looked for again in the text, table by table; a key
inside a text of several lines could be taken for one, which costs the message its line and nothing else.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.errors import SettingsError, one_line

__all__ = ["Located", "nearest", "read_located"]

_HEAD = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_MOST = 1 << 20


@dataclass(frozen=True)
class Located:
    """A TOML file.

    Attributes:
        path: of the file. values: what it says. lines: by the path of a key the line that it stands in, from 1; tables
            of a list have their number in the path: ``("study", "0", "name")``.
    """

    path: Path
    text: str
    values: dict[str, Any]
    lines: dict[tuple[str, ...], int]

    def error(self, message: str, *key: str, word: str = "") -> SettingsError:
        """The error of what stands under a key; of the first of its parents whose line is known.

        Args:
            word: of a value that goes over several lines, the one that is meant.
        """
        place = next((key[:end] for end in range(len(key), 0, -1) if key[:end] in self.lines), None)
        if place is None:
            return SettingsError(f"{self.path}: {message}")
        line = self.lines[place]
        if word:
            after = [number for number in self.lines.values() if number > line]
            text = self.text.split("\n")[line - 1 : min(after, default=len(self.text)) - 1]
            line += next((number for number, own in enumerate(text) if _has(own, word)), 0)
        return SettingsError(f"{self.path}, line {line}: {message}")


def _has(line: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line) is not None


def nearest(word: str, known: Iterable[str]) -> str:
    """``; the nearest is X``, or ``; there are: A, B`` where nothing is near."""
    words = list(known)
    found = difflib.get_close_matches(word[:100], words, 1, cutoff=0.5)
    return f"; the nearest is {found[0]}" if found else f"; there are: {', '.join(words) or 'none'}"


def read_located(path: Path) -> Located:
    """Read a TOML file.

    Raises:
        SettingsError: it is none, or cannot be read.
    """
    try:
        if path.is_dir():
            raise SettingsError(f"{path}: is a folder; name the study file, as {path / 'study.toml'}")
        if not path.exists():
            raise SettingsError(f"{path}: no such file; expected a study file in TOML")
        if not path.is_file() or path.stat().st_size > _MOST:
            raise SettingsError(f"{path}: expected a study file in TOML, found a device or more than 1 MiB")
        text = path.read_text(encoding="utf-8-sig")
        return Located(path, text, tomllib.loads(text), _lines(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML ({one_line(error)})") from None


def _lines(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if head := _HEAD.fullmatch(line):
            names = _parts(head[2])
            for end in range(1, len(names)):  # a table of the last of a list of tables
                if names[:end] in counts:
                    names = (*names[:end], str(counts[names[:end]] - 1), *names[end:])
                    break
            if head[1] == "[[":
                counts[names] = counts.get(names, 0) + 1
                names = (*names, str(counts[names] - 1))
            table = names
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"""[^."']+|"[^"]*"|'[^']*'""", dotted))
