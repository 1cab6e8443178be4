"""A lexicon as a table of lines, to be read, corrected by hand, and given to ``train --carry``.

The columns are ``start`` (the left word), ``target`` (the right word), ``weight`` (the score, at least .01) and
``origin``; the names are those of a table of rows (`lab.row_table`): who trains the right language from a model of the
left gives the file as it is.
"""

from pathlib import Path

import polars as pl

from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.reading import lines_of
from sprachbund.cognates.words import is_word
from sprachbund.errors import SourceError
from sprachbund.files import atomic_path
from sprachbund.normal_forms import normal_form

__all__ = ["COLUMNS", "read_pairs", "write_pairs"]

COLUMNS = ("start", "target", "weight", "origin")
_LEFT, _RIGHT = ("start", "left"), ("target", "right")
_LIGHTEST = 0.01


def write_pairs(cognates: Cognates, path: Path | str) -> None:
    """Write all pairs, a line each, under a line of names."""
    weight = pl.col("score").clip(lower_bound=_LIGHTEST).cast(pl.Float64).round(4)
    frame = cognates.pairs.select(start="left", target="right", weight=weight, origin="origin")
    lines = ["\t".join(COLUMNS), *("\t".join(map(str, row)) for row in frame.iter_rows())]
    with atomic_path(Path(path)) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_pairs(path: Path | str) -> list[tuple[str, str]]:
    """The pairs of a table: (left, right), in NFC and lower case, each once.

    The columns are named ``start`` or ``left`` and ``target`` or ``right``; without names they are the first two.

    Raises:
        SourceError: it cannot be read, or a line has no two words; names the line.
    """
    path = Path(path)
    columns: tuple[int, int] | None = None
    pairs: dict[tuple[str, str], None] = {}
    for number, line in lines_of(path):
        cells = [cell.strip() for cell in line.split("\t")]
        if columns is None:
            names = [cell.lower() for cell in cells]
            left = [names.index(name) for name in _LEFT if name in names]
            right = [names.index(name) for name in _RIGHT if name in names]
            columns = (left[0], right[0]) if left and right else (0, 1)
            if left and right:
                continue
        words = [normal_form("NFC", cells[at]).lower() if at < len(cells) else "" for at in columns]
        if not all(map(is_word, words)):
            raise SourceError(f"{path}, line {number:,}: expected two words parted by a tab, found {line[:60]!r}")
        pairs[words[0], words[1]] = None
    return list(pairs)
