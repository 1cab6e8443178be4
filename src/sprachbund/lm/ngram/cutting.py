"""A text as words and the single characters between them, from which it can be put together again.

A word is a run of letters, marks and numbers, as everywhere in this package, with what is not shown inside of one (soft
hyphen, joiners): `\\w` would split at combining marks. Every other character is a token by itself. One blank before a
token is no token: whether it stands there is told apart, so that words see words before them. Scripts that write no
blanks have long runs here, which are unknown words nearly all; pieces serve them.
"""

from collections.abc import Iterator
from functools import cache

import regex

from sprachbund.lm.alphabet import SCALARS

__all__ = ["BLANK", "cut_words", "is_word", "share_of_words"]

BLANK = " "
_INSIDE = r"[\p{L}\p{M}\p{N}\u00ad\u200c\u200d]"
_TOKEN = regex.compile(rf"( (?=.))?({_INSIDE}+|.)", regex.DOTALL)
_WORD = regex.compile(_INSIDE)


def cut_words(text: str) -> Iterator[tuple[str, bool]]:
    """The tokens of a text, and whether a blank stands before each; a blank that ends the text is a token."""
    for gap, token in _TOKEN.findall(text):
        yield token, bool(gap)


def is_word(token: str) -> bool:
    """Whether a token is a word, and no single character between words."""
    return _WORD.match(token) is not None


@cache
def share_of_words() -> float:
    """Of Unicode's scalar values those that may stand in a word."""
    every = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    return len(_WORD.findall(every)) / SCALARS
