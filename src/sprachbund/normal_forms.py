"""Unicode's normal forms in time that grows with the text: the one door to ``unicodedata.normalize``.

Putting a run of combining marks into canonical order takes the square of its length: 200 KB of marks hold the
interpreter for half a minute. No language writes more than a few in a row, so runs are bounded first, as Unicode's
Stream-Safe Text Format does it (UAX #15, section 13): U+034F COMBINING GRAPHEME JOINER, which is not seen and over
which no mark is sorted, is put in after every 30 non-starters. It is put in and nothing is dropped, because so the text
keeps what its author wrote, a second pass changes nothing, and every other program that follows the annex has the same
text. The price is that marks beyond the thirtieth are not sorted among those before it.
"""

import unicodedata
from typing import TYPE_CHECKING, Literal

import regex

if TYPE_CHECKING:
    import polars as pl

__all__ = ["JOINER", "LONGEST_RUN", "composed", "normal_form", "stream_safe"]

JOINER = "\u034f"
LONGEST_RUN = 30
# A letter's decomposition ends with three non-starters at most, a mark's has two at most: fewer marks than these in a
# row are never too many. The half-width voicing marks of Kana are letters (Lm) that decompose to marks.
_SUSPECT = regex.compile(r"[\p{M}\uff9e\uff9f]{14,}+")


def normal_form(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """The text in a normal form, its runs of marks bounded first: see `stream_safe`."""
    return text if text.isascii() else unicodedata.normalize(form, stream_safe(text))


def composed(texts: "pl.Series") -> "pl.Series":
    """`normal_form` NFC of a column of texts; null stays null."""
    import polars as pl

    return pl.Series(texts.name, [None if text is None else normal_form("NFC", text) for text in texts], pl.String)


def stream_safe(text: str) -> str:
    """The text with U+034F after every 30 non-starters in a row; one that has no such run is given back.

    Non-starters are counted in the compatibility decomposition, so the bound holds in every normal form.
    Source: UAX #15, section 13, the Stream-Safe Text Process (UAX15-D4).
    """
    return text if text.isascii() else _SUSPECT.sub(_bounded, text)


def _bounded(found: "regex.Match[str]") -> str:
    """A run of marks with the joiners that it needs after the character before it."""
    before = found.string[found.start() - 1 : found.start()]
    count = _marks_at_end(unicodedata.normalize("NFKD", before))
    pieces = []
    for character in found.group():
        points = unicodedata.normalize("NFKD", character)
        marks = _marks_at_end(points)
        leading = marks if marks == len(points) else _marks_at_end(points[::-1])
        if count + leading > LONGEST_RUN:
            pieces.append(JOINER)
            count = 0
        pieces.append(character)
        count = count + marks if marks == len(points) else marks
    return "".join(pieces)


def _marks_at_end(points: str) -> int:
    return next((n for n, point in enumerate(reversed(points)) if not unicodedata.combining(point)), len(points))
