"""What is spoken, from what is written: the letters of a transcript, and nothing that is only seen.

NFC, folded case (the dotless i by language), letters with their marks, an apostrophe inside a word, single blanks.
Numbers are spelled out by num2words where it knows the language and the number is plain; a transcript with any other
number is left out, for what was said cannot be known. So is one with notes of annotators ([laughs], <unk>).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

import langcodes
import regex
from langcodes import data_dicts

from sprachbund.errors import MissingExtraError
from sprachbund.languages import find
from sprachbund.normal_forms import normal_form
from sprachbund.speech import extra

__all__ = [
    "APOSTROPHE", "BLANK", "clauses", "own_scripts", "script_share", "scripts_of", "spell", "spelled",
]  # fmt: skip

ALGORITHM = 1
BLANK, APOSTROPHE = " ", "'"
NO_TEXT, NO_LETTERS = "no text", "no letters"
OTHER_SCRIPT = "another script"
NUMBERS, NOTES = "a number that cannot be spelled out", "notes of annotators"
_NOTE = re.compile(r"\[[^\]]*\]|<[^>]*>|\{[^}]*\}")
_APOSTROPHES = "'’ʼ‘`´＇"
_KEPT = regex.compile(rf"[\p{{L}}\p{{M}}]+(?:[{_APOSTROPHES}][\p{{L}}\p{{M}}]+)*")
_JOINED = regex.compile(rf"[{_APOSTROPHES}]")
_FORMAT = regex.compile(r"[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
_NUMBER = regex.compile(r"\p{N}")
_PLAIN = regex.compile(r"(?<![\p{L}\p{N}.,:/-])\p{Nd}{1,12}(?![\p{L}\p{N}]|[.,:/-]\p{N}|º|ª|°|%)")
_PAUSE = regex.compile(r"[,;:.!?…،؛؟।]+(?:\s|$)|[。、，！？；：]")
_DOTTED = frozenset(("tr", "az", "crh", "tt", "ba", "gag", "kk-latn"))
_YEARS = range(1100, 2100)
_OWN = 0.05


def spell(text: str, language: str) -> tuple[str, str]:
    """The letters of a transcript and "", or "" and why it is left out.

    Args:
        language: a code that we know.
    """
    text = normal_form("NFC", _FORMAT.sub("", text)).strip()
    if not text:
        return "", NO_TEXT
    if _NOTE.search(text):
        return "", NOTES
    if _NUMBER.search(text):
        text = _PLAIN.sub(lambda found: _said(found[0], language), text)
        if _NUMBER.search(text):
            return "", NUMBERS
    found = spelled(text, language)
    return (found, "") if found else ("", NO_LETTERS)


def spelled(text: str, language: str) -> str:
    """The letters of a text without numbers, folded, single blanks between words."""
    folded = normal_form("NFC", _folded(normal_form("NFC", text), language))
    return BLANK.join(_JOINED.sub(APOSTROPHE, word) for word in _KEPT.findall(folded))


def clauses(text: str, language: str) -> list[str]:
    """The letters of a text that can be spelled, a clause each, parted where it is written that a reader pauses."""
    whole, _ = spell(text, language)
    parts = [letters for part in _PAUSE.split(text) if (letters := spell(part, language)[0])]
    return parts if BLANK.join(parts) == whole else list(filter(None, [whole]))


def _folded(text: str, language: str) -> str:
    if language in _DOTTED:
        text = text.replace("I", "ı").replace("İ", "i")
    # İ folds to i and a dot that combines with it, which nobody speaks
    return text.replace("İ", "i").casefold()


def _said(number: str, language: str) -> str:
    """A whole number in words, itself where nobody can say it."""
    code = _library_code(language)
    if not code:
        return number
    value = int(number)
    if (number[0] == "0" and len(number) > 1) or unicodedata.decimal(number[0], None) is None:
        return number  # 007 and 0800 are said figure by figure, or not
    return _words(value, code, len(number) == 4 and value in _YEARS)


@lru_cache(maxsize=1 << 14)
def _words(value: int, code: str, year: bool) -> str:
    library = extra.num2words()
    for kind in ("year", "cardinal") if year else ("cardinal",):
        try:
            return str(library.num2words(value, lang=code, to=kind))
        # a language module raises whatever it does where it lacks a kind or a size
        except Exception:
            continue
    return str(value)


@cache
def _library_code(language: str) -> str:
    """What num2words calls a language; "" where it does not know it, or is not installed."""
    try:
        known: Any = extra.num2words().CONVERTER_CLASSES
    except MissingExtraError:
        return ""
    tag = find(language).bcp47.replace("-", "_")
    return next((code for code in (tag, tag.partition("_")[0]) if code in known), "")


def script_of(character: str) -> str:
    """The script of a letter, by the first word of its name in Unicode; "" for what is no letter."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    return name.split(" ", 1)[0].split("-", 1)[0]


_script = cache(script_of)


def own_scripts(texts: Iterable[str]) -> frozenset[str]:
    """The scripts that a language is written in, from its transcripts: those with a twentieth of the letters each."""
    counts: Counter[str] = Counter()
    for text in texts:
        for character, count in Counter(text).items():
            if script := _script(character):
                counts[script] += count
    total = counts.total()
    return frozenset(script for script, count in counts.items() if count >= _OWN * total)


def script_share(text: str, scripts: frozenset[str]) -> float:
    """The share of the letters of a text that are of some scripts."""
    counts: Counter[bool] = Counter()
    for character in text:
        if script := _script(character):
            counts[script in scripts] += 1
    return counts[True] / max(1, counts.total())


_WRITTEN_IN = {"Jpan": "Hira Kana Hani", "Kore": "Hang Hani", "Hans": "Hani", "Hant": "Hani", "Hanb": "Hani Bopo"}


@cache
def scripts_of(language: str) -> frozenset[str]:
    """The scripts that CLDR knows a language in, as `own_scripts` has them; none where it does not know it."""
    primary = find(language).bcp47.partition("-")[0]
    likely = data_dicts.LIKELY_SUBTAGS.items()
    tags = [tag for key, tag in likely if key.partition("-")[0] == primary] or [primary]
    codes = {str(langcodes.Language.get(tag).maximize().script or "") for tag in tags} - {""}
    if not codes:
        return frozenset()
    each = (f"\\p{{Script={code}}}" for one in sorted(codes) for code in _WRITTEN_IN.get(one, one).split())
    letters = regex.findall("|".join(each), "".join(map(chr, range(0xD800))))
    return frozenset(filter(None, map(_script, letters)))
