"""What a query asks for besides its words: phrases, what is left out, fields, beginnings of words.

    pão sal                   words: what passages are ranked by; none has to be there
    "pão e sal"               a phrase: these words one after another have to be there
    -açúcar  -"pão doce"      left out
    govern*                   a word that begins so has to be there
    title:rio  title:"o rio"  of the document's title; author:doe of a column that the index has
    date:2020..2021           also 2020-05, ..2020, 2020..; where documents have dates
    language:pt               also lang:

The one grammar of the command line, Python, the service and the page. What is no operator is text, and nothing is an
error: a quotation mark without its partner, a minus between letters or before a blank, the colon of ``12:30`` and
``http://x`` (only names that the index knows are fields), a ``*`` by itself.

Marks are told by Unicode's properties: those that quote by Quotation_Mark, without the single ones, which are
apostrophes too; a minus by its compatibility form and by Dash. A mark between two letters opens nothing (צה"ל) unless
it is a bracket (「」), or the letters are of a script that writes no spaces.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Literal

import regex

from sprachbund.corpus.segment import needs_dictionary
from sprachbund.normal_forms import normal_form
from sprachbund.search.dates import Dates, read_dates

Kind = Literal["phrase", "prefix"]
TITLE, DATE, LANGUAGE = "title", "date", ("language", "lang")
MOST, STEMS = 32, 4
"""Operators of a query, and beginnings of words among them; what follows is text."""
_QUOTE = regex.compile(r"\p{Quotation_Mark}")
_DASH = regex.compile(r"[\p{Dash}&&\p{Sm}]", regex.V1)
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]")
_NAME = regex.compile(r"(\p{L}[\w-]*+)[:：]")
_END = regex.compile(r"\s")
_STEM = regex.compile(r"[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}'’·]*+")


@dataclass(frozen=True)
class Clause:
    """What has to be there, or must not.

    Attributes:
        field: "" for the text or the title, ``title``, or the name of a column. text: a word, several one after
            another, or with ``prefix`` how a word begins.
    """

    field: str
    kind: Kind
    text: str
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """A query, read.

    Attributes:
        given: as it was typed. words: what passages are ranked by; phrases and title words are among them.
        clauses: of text, title and columns. dates: each with whether it is left out. languages: by code or name, the
            same. prefixes: beginnings that are searched for.
    """

    given: str
    words: str
    clauses: tuple[Clause, ...] = ()
    dates: tuple[tuple[Dates, bool], ...] = ()
    languages: tuple[tuple[str, bool], ...] = ()
    prefixes: tuple[str, ...] = field(default=())

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than words."""
        return bool(self.clauses or self.dates or self.languages)


def read_query(text: str, columns: Collection[str] = ()) -> Query:
    """Read a query.

    Args:
        columns: names that are fields besides ``title``, ``date`` and ``language``.
    """
    names = {name.casefold(): name for name in (*columns, TITLE, DATE, *LANGUAGE)}
    made, marks = _Made(), _Marks.of(text)
    place = 0
    while place < len(text):
        if text[place].isspace():
            made.words.append(text[place])
            place += 1
            continue
        end = _operator(marks, place, names, made) if made.count() < MOST else 0
        if not end:
            end = _plain_end(marks, place)
            made.words.append(text[place:end])
        place = end
    words = " ".join("".join(made.words).split())
    return Query(text, words, tuple(made.clauses), tuple(made.dates), tuple(made.languages), tuple(made.prefixes))


@dataclass
class _Made:
    words: list[str] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    dates: list[tuple[Dates, bool]] = field(default_factory=list)
    languages: list[tuple[str, bool]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    stems: int = 0

    def count(self) -> int:
        return len(self.clauses) + len(self.dates) + len(self.languages)


def _operator(marks: "_Marks", place: int, names: dict[str, str], made: _Made) -> int:
    """Read an operator; where it ends, 0 where there is none."""
    text = marks.text
    begins = place == 0 or not _WORD.match(text[place - 1])
    negated = begins and (place == 0 or text[place - 1].isspace()) and _is_minus(text[place])
    at = place + negated
    if at >= len(text) or text[at].isspace():
        return 0
    if found := marks.quoted(at):
        inside, end = found
        made.clauses.append(Clause("", "phrase", inside, negated))
        made.words += [] if negated else [" ", inside, " "]
        return end
    if not begins:
        return 0
    if named := _NAME.match(text, at):
        name = names.get(named[1].casefold(), "")
        end = _field(marks, named.end(), name, negated, made) if name else 0
        if end:
            return end
    end = _plain_end(marks, at)
    word = text[at:end]
    stem = _stem(word) if made.stems < STEMS else ""
    if stem:
        made.stems += 1
        made.clauses.append(Clause("", "prefix", stem, negated))
        if not negated:
            made.prefixes.append(stem)
        return end
    if negated and _WORD.match(word):
        made.clauses.append(Clause("", "phrase", word, True))
        return end
    return 0


def _field(marks: "_Marks", at: int, name: str, negated: bool, made: _Made) -> int:
    """Read what a field has to be; where it ends, 0 where it is text after all."""
    text = marks.text
    if at >= len(text) or text[at].isspace():
        return 0
    quoted = marks.quoted(at)
    if quoted:
        value, end = quoted
    else:
        end = _value_end(text, at)
        value = text[at:end]
    if name in LANGUAGE:
        made.languages.append((value, negated))
        return end
    if name == DATE:
        dates = read_dates(value)
        if dates is not None:
            made.dates.append((dates, negated))
        return end if dates is not None else 0
    if not _WORD.search(value):
        return 0
    stem = "" if quoted or made.stems >= STEMS else _stem(value)
    made.stems += bool(stem)
    made.clauses.append(Clause(name, "prefix" if stem else "phrase", stem or value, negated))
    if name == TITLE and not negated:
        if stem:
            made.prefixes.append(stem)
        else:
            made.words += [" ", value, " "]
    return end


def _stem(word: str) -> str:
    """How a word begins that ends with a star, "" for any other."""
    bare = word.rstrip(",;.!?)]")
    if len(bare) < 2 or normal_form("NFKC", bare[-1]) != "*":
        return ""
    return bare[:-1] if _STEM.fullmatch(bare[:-1]) else ""


def _is_minus(character: str) -> bool:
    return normal_form("NFKC", character) == "-" or _DASH.match(character) is not None


def _plain_end(marks: "_Marks", at: int) -> int:
    """Where text without an operator ends: at a blank, or before a mark that may quote."""
    for place in range(at + 1, len(marks.text)):
        if marks.text[place].isspace() or marks.quoted(place):
            return place
    return len(marks.text)


def _value_end(text: str, at: int) -> int:
    found = _END.search(text, at)
    return found.start() if found else len(text)


@dataclass(frozen=True)
class _Marks:
    """The marks of a text that may quote, looked up in time that does not grow with the text.

    Attributes:
        closing: by family, the places of those that may close. words: how many letters and digits stand before each
            place.
    """

    text: str
    closing: dict[str, list[int]]
    words: list[int]

    @staticmethod
    def of(text: str) -> "_Marks":
        closing: dict[str, list[int]] = {}
        for found in _QUOTE.finditer(text):
            place, family = found.start(), _family(found[0])
            joins = "BRACKET" not in family and place + 1 < len(text) and _joined(text[place + 1])
            if family and unicodedata.category(found[0]) != "Ps" and not joins:
                closing.setdefault(family, []).append(place)
        return _Marks(text, closing, [0, *accumulate(_WORD.match(character) is not None for character in text)])

    def quoted(self, at: int) -> tuple[str, int] | None:
        """What stands in the marks that open at a place, and where they end."""
        family = _family(self.text[at])
        places = self.closing.get(family)
        if not places or unicodedata.category(self.text[at]) == "Pe":
            return None
        if at and "BRACKET" not in family and _joined(self.text[at - 1]):
            return None
        number = bisect(places, at)
        if number == len(places) or self.words[at] == self.words[places[number]]:
            return None
        return self.text[at + 1 : places[number]].strip(), places[number] + 1


def _joined(character: str) -> bool:
    """Whether a mark beside this character stands inside a word."""
    return _WORD.match(character) is not None and not needs_dictionary(character)


@cache
def _family(character: str) -> str:
    """Which marks are partners; "" for what quotes no phrase.

    Languages pair the same marks in different ways („“ “” ”” «» »« »»), so each of a family may close another.
    """
    if _QUOTE.match(character) is None:
        return ""
    name = unicodedata.name(normal_form("NFKC", character))
    name = re.sub(r"\b(LEFT|RIGHT)(-POINTING)? ", "", name)
    if "BRACKET" in name or "ANGLE" in name:
        return name
    return "" if "SINGLE" in name or "APOSTROPHE" in name else "DOUBLE"
