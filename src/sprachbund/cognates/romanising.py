"""The plain letters of a text in any script: what neighbours that spell alike have in common on paper.

anyascii writes every code point of Unicode in ASCII, each by itself and without regard to the language: fast, the same
everywhere, and enough for two languages whose scripts differ to be compared letter by letter (перевод is perevod,
परिवार privr). It is no transcription: vowels that a script does not write are not put in, and Han is read as Mandarin.
Where the best romanisation of one language counts, a library for that language does better.

What anyascii writes for a letter or a mark beside letters and digits is left out (ь is ', ع is `): it would part a
word.
"""

import unicodedata
from collections.abc import Iterable

import polars as pl

from sprachbund.normal_forms import normal_form

__all__ = ["plain", "plain_series", "plain_word"]

_INSIDE = ("L", "M", "N", "Cf")
"""General categories, or their first letters, of what never parts a word."""
_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class _Table(dict[int, str]):
    """What is plain for each code point, found when it is first asked for."""

    def __missing__(self, point: int) -> str:
        self[point] = found = _plain(chr(point))
        return found


def _plain(character: str) -> str:
    from anyascii import anyascii

    kept = "".join(letter for letter in anyascii(character).lower() if letter in _KEPT)
    if kept:
        return kept if unicodedata.category(character).startswith(_INSIDE) else f" {kept} "
    return "" if unicodedata.category(character).startswith(_INSIDE) else " "


_TABLE = _Table()


def plain(text: str) -> str:
    """The text in the letters a to z, digits and single blanks.

    NFC first, so that both normal forms give the same; what is no letter, mark or number is a blank.

    Args:
        text: of any language and script.

    Returns:
        ASCII without a blank at either end; "" where nothing of the text can be written so.
    """
    return " ".join(normal_form("NFC", text).translate(_TABLE).split())


def plain_word(word: str) -> str:
    """`plain` of one word, without blanks: what parts it (l'eau, п'ять) is left out."""
    return normal_form("NFC", word).translate(_TABLE).replace(" ", "")


def plain_series(texts: pl.Series) -> pl.Series:
    """`plain` of a column of texts; null stays null."""
    return pl.Series(texts.name, map(_or_none, texts), pl.String)


def plain_words(words: Iterable[str]) -> list[str]:
    """`plain_word` of each."""
    return [plain_word(word) for word in words]


def _or_none(text: str | None) -> str | None:
    return None if text is None else plain(text)
