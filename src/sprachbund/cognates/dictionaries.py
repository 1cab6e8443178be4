"""Dictionaries that people have: Apertium's, Wiktionary's as word lists, any table of two words on a line.

What is in the file decides: XML is Apertium's bilingual format (.dix), all else lines of ``word<TAB>word``, the first
two cells that are not numbers; either may be compressed. Entries that are of no use for words alone are counted by what
they are, and never end the reading: most dictionaries have thousands of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sprachbund.cognates.reading import lines_of, small_text
from sprachbund.cognates.words import is_word
from sprachbund.corpus.sources.packages import DamagedError, events
from sprachbund.errors import SourceError
from sprachbund.normal_forms import normal_form
from sprachbund.progress import logger

__all__ = ["MOST_ENTRIES", "Dictionary", "read_dictionary"]

MOST_ENTRIES = 5_000_000
_MULTIWORD, _EMPTY, _REPEATED, _PATTERN, _IGNORED, _SHORT = (
    "several words", "empty", "repeated", "a pattern and no word", "marked as ignored", "fewer than two cells",
)  # fmt: skip
_NAMED = 5


@dataclass(frozen=True)
class Dictionary:
    """Pairs of words of a dictionary.

    Attributes:
        pairs: (left, right), as they stand in it, in NFC and lower case, each once.
        left_out: how many entries for which reason, and the first few of each.
        several: left words with more than one translation.
    """

    pairs: tuple[tuple[str, str], ...]
    left_out: dict[str, tuple[int, tuple[str, ...]]]
    several: int


def read_dictionary(path: Path | str) -> Dictionary:
    """The pairs of words of a dictionary.

    What is left out is said in the log: how many for each reason, and with ``--verbose`` which.

    Raises:
        SourceError: it cannot be read, or has no pair of words.
    """
    path = Path(path)
    start = small_text(path)[:512].lstrip()
    entries = _apertium(path) if start.startswith(("<?xml", "<dictionary", "<!--")) else _cells(path)
    pairs: dict[tuple[str, str], None] = {}
    left_out: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for number, (left, right, reason) in enumerate(entries):
        if number >= MOST_ENTRIES:
            raise SourceError(f"{path}: expected at most {MOST_ENTRIES:,} entries")
        left, right = (normal_form("NFC", " ".join(side.split())).lower() for side in (left, right))
        if not reason:
            reason = _reason(left, right) or (_REPEATED if (left, right) in pairs else "")
        if not reason:
            pairs[left, right] = None
            continue
        counts[reason] = counts.get(reason, 0) + 1
        if len(named := left_out.setdefault(reason, [])) < _NAMED:
            named.append(f"{left} - {right}")
    if not pairs:
        raise SourceError(f"{path}: expected a dictionary, as word<TAB>word on a line or Apertium's XML; found no pair")
    for reason in sorted(counts):
        logger.info("%s: %s entries left out, %s: %s", path, f"{counts[reason]:,}", reason, "; ".join(left_out[reason]))
    lefts: dict[str, int] = {}
    for left, _ in pairs:
        lefts[left] = lefts.get(left, 0) + 1
    told = {reason: (counts[reason], tuple(left_out[reason])) for reason in sorted(counts)}
    return Dictionary(tuple(pairs), told, sum(count > 1 for count in lefts.values()))


def _reason(left: str, right: str) -> str:
    """Why an entry is of no use; "" where it is."""
    if not left or not right:
        return _EMPTY
    if " " in left or " " in right:
        return _MULTIWORD
    return "" if is_word(left) and is_word(right) else _PATTERN


def _cells(path: Path) -> Iterator[tuple[str, str, str]]:
    for _, line in lines_of(path):
        if line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2:
            yield line[:60], "", _SHORT
            continue
        yield cells[0], cells[1], ""


def _apertium(path: Path) -> Iterator[tuple[str, str, str]]:
    """Entries of the sections; paradigms (``pardef``) hold endings and no words.

    In an entry ``p`` has the two sides, ``l`` and ``r``, ``i`` what is the same in both; ``s`` are grammatical symbols,
    ``b`` a blank, ``g`` the part of several words that is not inflected, ``re`` a pattern, ``par`` a paradigm.
    """
    sides = {"l": "", "r": ""}
    inside = ""
    reason, paradigm, entry = "", False, False
    try:
        for kind, name, said in events(small_text(path).encode(), str(path)):
            if kind == "start" and name == "pardef":
                paradigm = True
            elif kind == "end" and name == "pardef":
                paradigm = False
            elif paradigm:
                continue
            elif kind == "start" and name == "e":
                sides, inside, entry = {"l": "", "r": ""}, "", True
                reason = _IGNORED if said.get("i") in ("yes", "true") else ""
            elif kind == "end" and name == "e" and entry:
                entry = False
                yield sides["l"], sides["r"], reason
            elif not entry:
                continue
            elif kind == "start" and name in ("l", "r", "i"):
                inside = name
            elif kind == "end" and name in ("l", "r", "i"):
                inside = ""
            elif kind == "start" and name in ("re", "par"):
                reason = reason or _PATTERN
            elif (text := " " if kind == "start" and name == "b" else name if kind == "text" else "") and inside:
                for side in "lr" if inside == "i" else inside:
                    sides[side] += text
    except DamagedError as error:
        raise SourceError(f"{error}; expected Apertium's XML") from None
