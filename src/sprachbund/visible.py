r"""Text that strangers wrote, shown on a terminal: nothing in it moves the cursor, turns a line round or hides.

An id, a title or the name of a file may hold the escapes that colour a terminal, write into its clipboard or clear it,
overrides of direction that let a name read as another, and characters without width. What acts on a terminal or cannot
be seen is written as Python writes it: \x1b, \u202e. What writing needs stays: joiners (ZWNJ, ZWJ) and the zero-width
space between letters of the scripts that have them, joiners after a virama, with which words end in Malayalam,
direction marks beside letters that run from right to left.
"""

import unicodedata
from functools import cache
from typing import Any

# general categories Cc, Cf, Cs, Zl, Zp and what is no character; the signs of Arabic and Kaithi numbers are Cf, and
# can be seen; the two fillers are letters that cannot
_HIDDEN = r"(?V1)[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u3164\uFFA0]--[\p{PCM}]]"
_JOINED = r"(?V1)[[\p{L}\p{M}\p{So}\p{Sk}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{ASCII}]]"
JOINERS = "\u200b\u200c\u200d"
_VIRAMA = 9  # canonical combining class
MARKS = "\u061c\u200e\u200f"
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


@cache
def _patterns() -> tuple[Any, Any]:
    import regex  # not at the start: `sprachbund --help` shows nothing of strangers

    return regex.compile(_HIDDEN), regex.compile(_JOINED)


def visible(text: str) -> str:
    """A text for one line of a terminal, what acts or hides in it escaped."""
    if text.isascii() and text.isprintable():
        return text
    hidden, _ = _patterns()
    return str(hidden.sub(lambda found: _shown(text, found.start()), text))


def one_line(text: str) -> str:
    """A message in one line, its line breaks as spaces, `visible`."""
    return visible(" ".join(text.split()))


def visible_json(text: str) -> str:
    """JSON with the same characters escaped as JSON does it: the same values, and safe to be looked at.

    Args:
        text: JSON as a library wrote it, so that the only such characters outside of strings are line breaks.
    """
    if text.isascii() and "\x7f" not in text:
        return text  # the others of ASCII are escaped in it already
    hidden, _ = _patterns()
    return str(hidden.sub(lambda found: found[0] if found[0] == "\n" else _units(found[0]), text))


def ascii_json(text: str) -> str:
    """JSON with every other character than ASCII's escaped, for an output that cannot write them."""
    return "".join(c if c.isascii() else _units(c) for c in text)


def escape(character: str) -> str:
    r"""A character as Python writes it; a byte of a file name that is no UTF-8 as that byte, \xff."""
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    if point < 0x100:
        return _NAMED.get(character, f"\\x{point:02x}")
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _units(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _shown(text: str, place: int) -> str:
    """The character at ``place``, itself where writing needs it, else escaped."""
    character = text[place]
    sides = text[place - 1 : place] + text[place + 1 : place + 2]
    if character in JOINERS and len(sides) == 2 and all(_patterns()[1].match(side) for side in sides):
        return character
    if character in JOINERS[1:] and place and unicodedata.combining(text[place - 1]) == _VIRAMA:
        return character
    if character in MARKS and any(unicodedata.bidirectional(side) in ("R", "AL") for side in sides):
        return character
    return escape(character)
