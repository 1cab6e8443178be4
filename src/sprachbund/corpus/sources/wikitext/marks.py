"""Characters that stand for others while a page is read, so that text is never taken for markup.

What a <nowiki> holds is text even where it looks like markup, and a line that begins with a link is no item of a
list even where the link's text begins with ``*``. Such characters are masked: ASCII punctuation becomes lone
surrogates, which no text has, and comes back at the end. One more surrogate stands for nothing at all and marks
where markup was.
"""

import re
import string

_MASK = {ord(mark): 0xDC00 + ord(mark) for mark in string.punctuation if mark not in "&#;"}
_BACK: dict[int, int | None] = {0xDC00 + ord(mark): ord(mark) for mark in string.punctuation}
NOTHING = "\udc00"
_BACK[0xDC00] = None
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def masked(text: str) -> str:
    """Text whose punctuation is no markup; entities (``&``, ``#``, ``;``) stay."""
    return NOTHING + text.translate(_MASK)


def marked(shown: str) -> str:
    """What a mark shows, told apart from the text around it: its quotes do not run into theirs."""
    return f"{NOTHING}{shown}{NOTHING}" if shown.endswith("'") else NOTHING + shown


def unmasked(text: str) -> str:
    """The text as it is shown."""
    return text.translate(_BACK)


def without_foreign(text: str) -> str:
    """Text without control characters and surrogates, whose lines end with a line feed."""
    return _NO_TEXT.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
