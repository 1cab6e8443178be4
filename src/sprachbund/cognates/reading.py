"""The lines of a small file that a user gives: a list of words, a table of pairs, a dictionary.

It may be compressed, or UTF-16 with its mark. It takes at most an eighth of the memory, and no line of it more than
64 Ki characters.
"""

from collections.abc import Iterator
from pathlib import Path

from sprachbund.corpus.sources.textfile import read_text
from sprachbund.errors import SourceError
from sprachbund.machine import memory_limit

__all__ = ["LONGEST_LINE", "lines_of", "small_text"]

LONGEST_LINE = 1 << 16
_SHARE = 8


def small_text(path: Path) -> str:
    """The whole text of a file.

    Raises:
        SourceError: it is absent, no text, cut, of another encoding, or larger than an eighth of the memory.
    """
    return read_text(path, memory_limit() // _SHARE)[0]


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, without their ends, each with its number from 1.

    Raises:
        SourceError: as `small_text`, or a line is too long.
    """
    for number, line in enumerate(small_text(path).split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise SourceError(f"{path}, line {number:,}: longer than {LONGEST_LINE:,} characters; is this a list?")
        if line.strip():
            yield number, line.rstrip("\r")
