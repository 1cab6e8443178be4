"""Spellings that differ only in look, brought to one, before words are found: the text itself stays as it is written.

What is folded here is what takes more than one code point to see; what can be told of a code point by itself (case,
points that are left out, code points that are not shown) stands in the table of ``characters.py``.

* **Forms of presentation.** A letter, mark or number whose compatibility decomposition says that it is another in
  another width (full-width Latin, half-width Kana), place (the Arabic forms at the beginning, middle and end of a word)
  or font (mathematical alphabets), and a letter that stands for other letters (ﬁ, ĳ, ŀ, և, ſ, ໜ). Nothing else of NFKC:
  ² is not 2, ½ is one number, ำ of Thai stays one vowel, ﷺ is not five words.
* **Two encodings of one letter.** Malayalam chillus as consonant, virama and ZWJ; ന്റ as ൻ്റ or ൻറ; the Bengali ৎ as
  ত, virama and ZWJ; the eyelash ra of Marathi and Nepali with ऱ or with र and ZWJ. Source: the Unicode Standard,
  chapter 12.
* **Stress.** An acute or a grave that stands on a Cyrillic letter and is no part of it (NFC keeps ѓ, ќ, ѝ whole) says
  how a word is spoken, in encyclopedias and primers.
* **A dot on a dotted letter.** U+0307 on a letter of Unicode's Soft_Dotted or its capital: İ in the lower case of other
  programs, and stressed i in Lithuanian (SpecialCasing.txt). İ with further marks is i with these.
* **The dotless i.** In languages that write both i and ı, the lower case of I is ı and that of İ is i (Turkish and
  Azerbaijani in SpecialCasing.txt, and their neighbours). A text of unknown language is read so where it has an ı or an
  İ; without one a capital I in a query of unknown language is an i: iş, İş and ışık are found without saying the
  language, IŞIK with it.

The price: two words that differ in nothing else are one word.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import polars as pl
import regex

from sprachbund.normal_forms import normal_form

__all__ = ["STRESS", "fold", "fold_aligned", "fold_series", "presentation_forms"]

_KINDS = {"<wide>", "<narrow>", "<initial>", "<medial>", "<final>", "<isolated>", "<font>"}
_JAMO = range(0x1100, 0x1200)
_FEW = 32
_VOICING = "\uff9e\uff9f"  # half-width, after Kana
_ZWJ = "\u200d"
_CHILLUS = dict(zip("ണനരലളകമയഴ", "ൺൻർൽൾൿൔൕൖ", strict=True))
STRESS = "\u0300\u0301"
CAPITALS = "IJĮƗɈͿІЈḬỊꞲİ"
"""Of the letters of Unicode's Soft_Dotted, and İ."""

_Plain = Callable[["regex.Match[str]"], str]
_SEQUENCES: tuple[tuple[str, str, _Plain], ...] = (
    (_ZWJ, rf"ന്{_ZWJ}(?=റ)", lambda found: "ന്"),
    (_ZWJ, rf"[{''.join(_CHILLUS)}]്{_ZWJ}", lambda found: _CHILLUS[found.group()[0]]),
    (_ZWJ, rf"ত্{_ZWJ}", lambda found: "ৎ"),
    ("ൻ", r"ൻ്?(?=റ)", lambda found: "ന്"),
    ("\u0931", r"\u0931(?=\u094d)", lambda found: "\u0930"),
    ("\u0307", rf"[\p{{Soft_Dotted}}{CAPITALS}][\p{{M}}--\u0307]*\u0307\p{{M}}*", lambda m: _without("\u0307", m)),
    ("İ", r"İ\p{M}+", lambda found: normal_form("NFC", f"i{found.group()[1:]}")),
    *(
        (mark, rf"[\p{{Cyrillic}}&&\p{{L}}][\p{{M}}--[{mark}]]*{mark}\p{{M}}*", lambda found: _without(STRESS, found))
        for mark in STRESS
    ),
)
"""A sign without which there is none, the pattern of a spelling, and what stands for it."""
_SIGNS = "".join(dict.fromkeys(sign for sign, _, _ in _SEQUENCES if sign != "İ"))
"""Rare ones: a Turkish text without a capital İ is rare, and what follows it has to be looked at."""
_COMPILED = tuple((sign, regex.compile(pattern, regex.V1), plain) for sign, pattern, plain in _SEQUENCES)
_WITH_DOTLESS = {"tr", "az", "crh", "gag", "kaa", "tly", "diq", "kiu", "zza", "tt-latn", "kk-latn"}
"""Languages whose alphabet has both i and ı."""
_DOTLESS = str.maketrans("Iİ", "ıi")


def fold(text: str, language: str = "") -> str:
    """The text in which words are found, but for scripts without spaces.

    Args:
        text: in NFC.
        language: of the text, "" if unknown.
    """
    if not text.isascii() and (found := set(_suspects().findall(text))):
        text = _unformed(text, found)
    dotless = writes_dotless(text, language)  # before İ goes with its marks
    if not text.isascii():
        for sign, pattern, plain in _COMPILED:
            if sign in text:
                text = pattern.sub(plain, text)
    return text.translate(_DOTLESS) if dotless else text


def fold_series(texts: pl.Series, language: str) -> pl.Series:
    """`fold` for a column of texts in NFC, most of which need no folding; null stays null."""
    suspect = texts.str.contains(rf"[{_SIGNS}{_ranges(sorted(presentation_forms()))}]|İ\p{{M}}").fill_null(False)
    if suspect.any():
        folded = pl.Series(texts.name, [fold(text, language) for text in texts.filter(suspect)], pl.String)
        texts = texts.scatter(suspect.arg_true(), folded)
    return texts.str.replace_many(["I", "İ"], ["ı", "i"]) if writes_dotless("", language) else texts


def fold_aligned(text: str, language: str = "") -> tuple[str, list[tuple[int, int]]]:
    """`fold`, and for each code point of it the range of code points of ``text`` that it came from."""
    places = [(n, n + 1) for n in range(len(text))]
    text, places = _aligned(_clusters(), lambda found: _unformed(found.group(), set(found.group())), text, places)
    dotless = writes_dotless(text, language)
    for _, pattern, plain in _COMPILED:
        text, places = _aligned(pattern, plain, text, places)
    return (text.translate(_DOTLESS) if dotless else text), places


def writes_dotless(text: str, language: str) -> bool:
    """Whether I and i are two letters: by the language, or where it is unknown by the letters of the text."""
    if language:
        return language in _WITH_DOTLESS or language.partition("-")[0] in _WITH_DOTLESS
    return "ı" in text or "İ" in text


def _aligned(
    pattern: "regex.Pattern[str]", plain: _Plain, text: str, places: list[tuple[int, int]]
) -> tuple[str, list[tuple[int, int]]]:
    pieces: list[str] = []
    result: list[tuple[int, int]] = []
    end = 0
    for found in pattern.finditer(text):
        instead = plain(found)
        pieces += [text[end : found.start()], instead]
        result += places[end : found.start()]
        result += [(places[found.start()][0], places[found.end() - 1][1])] * len(instead)
        end = found.end()
    return "".join(pieces) + text[end:], result + places[end:]


def _without(marks: str, found: "regex.Match[str]") -> str:
    return normal_form("NFC", "".join(c for c in found.group() if c not in marks))


def _unformed(text: str, found: set[str]) -> str:
    """The text without the forms that were found in it; a table is ten times slower than to replace a few."""
    forms = presentation_forms()
    if len(found) > _FEW:
        text = text.translate(forms)
    else:
        for form in found:
            text = text.replace(form, forms.get(ord(form), form))
    return normal_form("NFC", text)


@cache
def presentation_forms() -> dict[int, str]:
    """What stands for each form of presentation, by code point."""
    forms = {}
    for point in range(0x80, sys.maxunicode + 1):
        character = chr(point)
        if unicodedata.category(character)[0] in "LMN" and (plain := _decomposed(character)) != character:
            forms[point] = plain
    return forms


def _decomposed(character: str) -> str:
    """The decomposition of a form, and of the forms in it; the character itself where it is none."""
    kind, _, points = unicodedata.decomposition(character).partition(" ")
    plain = [chr(int(point, 16)) for point in points.split()]
    ligature = kind == "<compat>" and unicodedata.category(character)[0] == "L"
    parts = "L" if ligature else "LMN"
    letters = all(c == "·" or (unicodedata.category(c)[0] in parts and ord(c) not in _JAMO) for c in plain)
    return "".join(map(_decomposed, plain)) if letters and (ligature or kind in _KINDS) else character


@cache
def _clusters() -> "regex.Pattern[str]":
    """A form with the marks after it, or anything with a half-width mark."""
    forms, marks = _ranges(sorted(presentation_forms())), rf"[\p{{M}}{_VOICING}]*+"
    return regex.compile(rf"(?:\P{{M}}|\A)\p{{M}}*+[{_VOICING}]{marks}|[{forms}]{marks}", regex.V1)


@cache
def _suspects() -> "re.Pattern[str]":
    """One code point of a form; beyond U+FFFF any, for `re` tests those a range at a time."""
    near = _ranges([point for point in sorted(presentation_forms()) if point < 0x10000])
    return re.compile(f"[{near}\U00010000-\U0010ffff]")


def _ranges(points: list[int]) -> str:
    """Sorted code points as ranges of a regular expression."""
    edges = [0, *(n for n, (a, b) in enumerate(pairwise(points), 1) if b != a + 1), len(points)]
    return "".join(f"{chr(points[low])}-{chr(points[high - 1])}" for low, high in pairwise(edges))
