"""The script that a text is mostly in."""

import unicodedata
from collections import Counter
from functools import cache

__all__ = ["script_of"]


def script_of(text: str) -> str:
    """The script of most letters, by the first word of their Unicode names (Latin, Cyrillic, Cjk); "" without any."""
    found = Counter(_script(letter) for letter in text if letter.isalpha())
    return found.most_common(1)[0][0].capitalize() if found else ""


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0]
