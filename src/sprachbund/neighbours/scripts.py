"""The script that a text is mostly in."""

import unicodedata
from collections import Counter

__all__ = ["script_of"]


def script_of(text: str) -> str:
    """The script of most letters, by the first word of their Unicode names (Latin, Cyrillic, Cjk); "" without any."""
    names = (unicodedata.name(letter, "") for letter in text if letter.isalpha())
    found = Counter(name.split(" ")[0].split("-")[0] for name in names)
    return found.most_common(1)[0][0].capitalize() if found else ""
