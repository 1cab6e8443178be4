"""A user's pairs of words: directions in two languages, synonyms and antonyms; lines of words parted by tabs.

*Directions*: ``good bad`` of the left and the two of the right, four words a line, as ``bueno malo bom mau``; with two
words the right ones are those that the alignment finds. *Relations*: two words and what they are, as ``grande alto
synonym``; a fourth cell may name the language.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sprachbund.cognates.reading import lines_of
from sprachbund.errors import SourceError
from sprachbund.normal_forms import normal_form

__all__ = ["ANTONYM", "SYNONYM", "Direction", "Relation", "read_directions", "read_relations"]

SYNONYM, ANTONYM = "synonym", "antonym"
MOST_LINES = 100_000
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Direction:
    """From ``low`` to ``high`` in the left language, and in the right, where it was given."""

    high: str
    low: str
    other_high: str = ""
    other_low: str = ""


@dataclass(frozen=True)
class Relation:
    """Two words of a language ("": the left) that are synonyms or antonyms."""

    one: str
    other: str
    kind: str
    language: str = ""


def read_directions(path: Path | str) -> list[Direction]:
    """The pairs of a file.

    Raises:
        SourceError: it cannot be read, or a line has neither two nor four words; names the line.
    """
    found = []
    for number, cells in _cells(Path(path)):
        if len(cells) not in (2, 4) or not all(cells):
            raise SourceError(f"{path}, line {number:,}: expected two or four words parted by tabs, found {len(cells)}")
        found.append(Direction(*cells))
    return _some(found, path)


def read_relations(path: Path | str) -> list[Relation]:
    """The relations of a file.

    Raises:
        SourceError: it cannot be read, or a line has no two words and a relation; names the line.
    """
    found = []
    for number, cells in _cells(Path(path)):
        if len(cells) not in (3, 4) or cells[2] not in (SYNONYM, ANTONYM) or not all(cells[:2]):
            raise SourceError(
                f"{path}, line {number:,}: expected two words and synonym or antonym, parted by tabs, found "
                f"{' | '.join(cells)[:60]!r}"
            )
        found.append(Relation(*cells))
    return _some(found, path)


def _some(found: list[Kind], path: Path | str) -> list[Kind]:
    if not found:
        raise SourceError(f"{path}: expected pairs of words, found none")
    if len(found) > MOST_LINES:
        raise SourceError(f"{path}: expected at most {MOST_LINES:,} lines, found {len(found):,}")
    return found


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    lines = [(number, line) for number, line in lines_of(path) if not line.startswith("#")]
    return [(number, [normal_form("NFC", cell.strip()).lower() for cell in line.split("\t")]) for number, line in lines]
