"""The plain form of a word: as it is typed by somebody who leaves accents out.

Nothing that is plain here is lost: `folding` and `characters` find the words, exactly, and the plain form stands beside
the exact one (see ``search.forms``), below it. So letters that a language tells apart are folded too: a Swede's å is no
a and a Spaniard's ñ no n, and who asks for *rad* finds *rad* first and *råd* after it.

Of a word in lower case, by Unicode's properties:

* **Marks.** Of the canonical decomposition all nonspacing marks of the scripts Inherited, Common, Cyrillic and Greek,
  and the nuktas (combining class 7) of Indic scripts; so é, ё, ώ, ệ, أ and क़ lose theirs. What is part of a letter on
  every keyboard stays: the breve of Cyrillic (й and ў), voicing marks of Kana (class 8), viramas (class 9), tone marks
  of Thai, the vowel signs of Indic scripts.
* **Letters whose name says what they are with what.** LATIN SMALL LETTER D WITH STROKE is d: đ, ø, ł, ħ, ɓ; CYRILLIC
  SMALL LETTER KA WITH DESCENDER is к, GHE WITH UPTURN г. Names never change (Unicode stability policy).
* **Conventions of keyboards**, which no property says: æ is ae, œ oe, ð d, þ th, ı i, ŋ ng, ə e; in Arabic ى is ي,
  ة is ه, and the Persian and Urdu kaf, yeh and heh are the Arabic ones (as in Lucene's normalizers).
* **Joints.** What joins two halves of one word (' " · and the modifier letters ʻ ʼ) is left out: п'ять, צה"ל, col·legi.

German and its neighbours write ae for ä where it cannot be typed, Danish, Norwegian and Swedish aa for å and oe for
ø: their words have a second plain form, `plain_forms`. Where Chinese is asked for, traditional characters are written
in their simplified form, by OpenCC.
"""

import re
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import regex

from sprachbund.errors import MissingExtraError
from sprachbund.normal_forms import normal_form

__all__ = ["CHINESE", "MARKS", "plain_forms", "plain_words", "simplified"]

MARKS, CHINESE = "marks", "chinese"
_BREVE = "\u0306"
_NUKTA, _STAYING = 7, (8, 9)  # combining classes; voicing marks of Kana and viramas stay
_KINDS = ("Ll", "Lo", "Lm", "Mn")
_NAMED = ("LATIN SMALL LETTER ", "CYRILLIC SMALL LETTER ")
_MARK = regex.compile(r"[\p{Mn}&&[\p{Inherited}\p{Common}\p{Cyrillic}\p{Greek}]]", regex.V1)
_EAST = (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x33480))
_HAN = regex.compile(r"\p{Han}")
_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_CONVENTIONS = {
    "æ": "ae", "ǽ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ȷ": "j", "ŋ": "ng", "ə": "e", "ĸ": "k",
    "ى": "ي", "ة": "ه", "ٱ": "ا", "ی": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۃ": "ه",
    "'": "", '"': "", "·": "", "ʹ": "", "ʺ": "", "ʻ": "", "ʼ": "", "ʽ": "", "ʾ": "", "ʿ": "", "ˈ": "",
}  # fmt: skip
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
_RINGS = {"å": "aa", "ø": "oe"}
_SPELT_OUT = {
    **dict.fromkeys(("de", "als", "bar", "gsw", "lb", "nds", "pfl", "ksh", "stq", "frr", "vmf"), _UMLAUTS),
    **dict.fromkeys(("fi", "sv"), _UMLAUTS | _RINGS),
    **dict.fromkeys(("da", "no", "nb", "nn", "fo", "kl"), _RINGS),
}


def plain_words(words: Sequence[str], *, chinese: bool = False) -> list[str]:
    """The plain form of each word.

    Args:
        words: as ``segment.words`` gives them: in lower case and NFC, without line breaks.
        chinese: also write traditional characters as simplified ones.
    """
    if not words:
        return []
    text = "\n".join(words)
    if _suspect().search(text) is not None:
        text = text.translate(_table())
    if chinese and not text.isascii():
        text = text.translate(simplified())
    return text.split("\n")


def plain_forms(words: Sequence[str], language: str, *, chinese: bool = False) -> list[tuple[str, ...]]:
    """The plain forms of each word: the first one, and in some languages a second where it differs.

    Args:
        language: of the words, "" if unknown: then they may be of any.
    """
    first = plain_words(words, chinese=chinese)
    spelt = _SPELT_OUT.get(language, {} if language else {**_UMLAUTS, **_RINGS})
    if not spelt:
        return [(plain,) for plain in first]
    table = str.maketrans(spelt)
    second = plain_words([word.translate(table) for word in words], chinese=chinese)
    return [(a,) if a == b else (a, b) for a, b in zip(first, second, strict=True)]


@cache
def _table() -> dict[int, str]:
    """What is plain for each code point that is not."""
    table: dict[int, str] = {}
    for point in range(0x80, sys.maxunicode + 1):
        character = chr(point)
        # Han and Hangul are as they are, and half of all code points
        if 0x3130 <= point < 0xA000 or 0xAC00 <= point < 0xF900 or point >= 0x20000:
            continue
        if unicodedata.category(character) in _KINDS and (plain := _plain(character)) != character:
            table[point] = plain
    return table | {ord(character): plain for character, plain in _CONVENTIONS.items()}


def _plain(character: str) -> str:
    points = normal_form("NFD", character)
    if _BREVE in points and _CYRILLIC.match(points):
        return character
    kept = "".join(_by_name(point) for point in points if not _is_dropped(point))
    # marks that stay are one letter again with what they stand on
    return normal_form("NFC", kept)


def _is_dropped(point: str) -> bool:
    kind = unicodedata.combining(point)
    return kind == _NUKTA or (kind not in _STAYING and _MARK.fullmatch(point) is not None)


def _by_name(letter: str) -> str:
    """The letter that a letter's name says it is, with something; the letter itself as a rule."""
    name = unicodedata.name(letter, "")
    if name.startswith(_NAMED) and " WITH " in name:
        with suppress(KeyError):
            letter = unicodedata.lookup(name.partition(" WITH ")[0])
    return _CONVENTIONS.get(letter, letter)


@cache
def _suspect() -> "re.Pattern[str]":
    """One code point that is not plain."""
    return re.compile("[" + "".join(map(re.escape, map(chr, sorted(_table())))) + "]")


@cache
def simplified() -> dict[int, str]:
    """The simplified character of each traditional one, as OpenCC has it for the character by itself.

    Raises:
        MissingExtraError: OpenCC is not installed.
    """
    try:
        from opencc import OpenCC
    except ImportError:
        raise MissingExtraError(
            "to find traditional Chinese by simplified needs OpenCC: pip install 'sprachbund[chinese]'"
        ) from None
    characters = _HAN.findall("".join(map(chr, _EAST)))
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, converted, strict=True) if a != b}
