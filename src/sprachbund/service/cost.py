"""What a request costs, before it is begun: so that one cannot hold a thread for long, and callers can have alike.

k, the length of a query, reasons and languages are bounded each by itself; what a request costs is about their product.
The unit is about a millisecond of one processor with 150,000 passages in 17 languages (`benchmarks/costs.py` compares).
It is an estimate by what can be known beforehand, and made to rank requests, not to bill them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from sprachbund.normal_forms import normal_form
from sprachbund.service import schemas
from sprachbund.service.problems import Problem

BASE = 1.5
"""Of a search in a language, however short the query."""
READ = 250.0
"""Characters of a query that cost 1 more in each language."""
HIT = 0.1
"""Of each hit."""
REASON = 8.0
"""Of each hit's reasons."""
REASON_READ = 125.0
"""Characters of a query that cost 1 more in the reasons of each hit."""
READING = 200.0
"""Of a query with quotation marks: the passages that are read for its phrases."""
OPERATOR = 0.5
"""Of each mark that may be an operator, in each language."""
BEGINNING = 10.0
"""Of each star that may end how a word begins, in each language."""
PASSAGE = 0.02
"""Of each passage that is only given, not found."""
ENCODED = 2_000.0
"""Characters of a text to encode that cost 1."""
TEXT = 0.1
"""Of each text."""
DETECTED, LOOKED_AT = 0.8, 4_000
"""Of each text whose language is asked for, and the characters of it that are read."""
OPERATORS, STEMS, DOCUMENTS = 32, 4, 4
"""As the search has them: `query.MOST`, `query.STEMS`, `asking.GROUPED`; a test holds them equal."""
_PHRASE = r"[\p{Quotation_Mark}--['‘’‚‛＇]]"  # single ones are apostrophes, and quote no phrase
_MARKS = regex.compile(rf"{_PHRASE}|[*＊﹡:：]|(?<!\S)\p{{Dash}}", regex.V1)
_QUOTES = regex.compile(_PHRASE, regex.V1)


@dataclass(frozen=True)
class Search:
    """What the cost of a search goes by.

    Attributes:
        characters: of the query. languages: that are searched. k: hits. why: with reasons.
        operators: what narrows the search, and what may. stems: beginnings of words among it. phrases: whether there
            may be some. before: hits of earlier pages, and what is looked through for documents; passages: given
            around each hit.
    """

    characters: int
    languages: int
    k: int
    why: bool = False
    operators: int = 0
    stems: int = 0
    phrases: bool = False
    before: int = 0
    passages: int = 0

    @property
    def in_a_language(self) -> float:
        """The cost of looking in one language; where passages are left out fewer can be passed over unseen."""
        looking = (BASE + self.characters / READ) * (2 if self.operators else 1)
        return looking + OPERATOR * self.operators + BEGINNING * self.stems

    @property
    def of_a_hit(self) -> float:
        """The cost of each hit."""
        return HIT + PASSAGE * self.passages + (REASON + self.characters / REASON_READ if self.why else 0.0)

    @property
    def once(self) -> float:
        """What it costs besides, however many hits and languages."""
        return READING * self.phrases + PASSAGE * self.before

    @property
    def cost(self) -> float:
        """Of it all."""
        return self.languages * self.in_a_language + self.k * self.of_a_hit + self.once


def narrowing(asked: schemas.SearchRequest) -> dict[str, Any]:
    """What may narrow a search, told from the marks in its query, without reading it: that takes longer."""
    marks = _MARKS.findall(asked.query) if asked.operators else []
    stems = min(STEMS, sum(normal_form("NFKC", mark) == "*" for mark in marks))
    given = len(asked.where) + bool(asked.since) + bool(asked.until)
    return {
        "operators": min(OPERATORS, len(marks)) + given,
        "stems": stems,
        "phrases": any(_QUOTES.match(mark) for mark in marks),
        "before": asked.offset + (DOCUMENTS * (asked.k + asked.offset) if asked.group else 0),
        "passages": 2 * asked.context + (2 if asked.group else 0),
    }


def check(asked: Any, have: tuple[str, ...], limit: float) -> float:
    """The cost of a request.

    Args:
        asked: one of `schemas`' requests. have: the languages of the index.

    Raises:
        Problem: it is over the limit; says what would fit.
    """
    match asked:
        case schemas.SearchRequest():
            # at most: what they are is found out in a thread, for it takes long where they are many
            languages = min(len(set(asked.languages)), len(have)) or len(have)
            search = Search(len(asked.query), languages, asked.k, asked.why, **narrowing(asked))
            return check_search(search, limit)
        case schemas.DocumentRequest():
            return 1.0 + asked.count * PASSAGE
        case schemas.NeighboursRequest():
            return check_texts([len(asked.ngram)], limit) + asked.k * HIT
        case schemas.EmbedRequest():
            texts = asked.texts
        case schemas.DetectRequest():
            # at most 90, which every limit allows
            return sum(DETECTED + min(len(text), LOOKED_AT) / ENCODED for text in asked.texts)
        case schemas.SimilarityRequest():
            texts = [text for pair in asked.pairs or [] for text in pair] + (asked.left or []) + (asked.right or [])
        case schemas.EmbeddingsRequest():
            texts = [asked.input] if isinstance(asked.input, str) else asked.input
        case _:
            raise TypeError(f"no cost is known of {type(asked).__name__}")
    return check_texts([len(text) for text in texts], limit)


def of_texts(lengths: Sequence[int]) -> float:
    """The cost of encoding texts of some lengths in characters."""
    return len(lengths) * TEXT + sum(lengths) / ENCODED


def check_search(search: Search, limit: float) -> float:
    """The cost of a search.

    Raises:
        Problem: it is over the limit; says what would fit.
    """
    if search.cost <= limit:
        return search.cost
    fits = []
    room = limit - search.once
    hits = math.floor((room - search.languages * search.in_a_language) / search.of_a_hit)
    if hits >= 1:
        fits.append(f"k of at most {hits:,}")
    least = replace(search, characters=0)
    each = search.languages / READ * (2 if search.operators else 1) + (search.k / REASON_READ if search.why else 0.0)
    characters = math.floor((limit - least.cost) / each)
    if characters >= 1:
        fits.append(f"a query of at most {characters:,} characters")
    languages = math.floor((room - search.k * search.of_a_hit) / search.in_a_language)
    if languages >= 1:
        fits.append(f"at most {languages:,} languages")
    if search.why and replace(search, why=False).cost <= limit:
        fits.append("no why")
    if search.operators and replace(search, operators=0, stems=0, phrases=False).cost <= limit:
        fits.append("no operators")
    raise _too_costly(search.cost, limit, " or ".join(fits) or "less of everything")


def check_texts(lengths: Sequence[int], limit: float) -> float:
    """The cost of encoding.

    Raises:
        Problem: it is over the limit; says what would fit.
    """
    cost = of_texts(lengths)
    if cost <= limit:
        return cost
    most = max(0, math.floor((limit - len(lengths) * TEXT) * ENCODED))
    raise _too_costly(cost, limit, f"texts of at most {most:,} characters together")


def _too_costly(cost: float, limit: float, fits: str) -> Problem:
    return Problem(
        422, f"the request would cost {math.ceil(cost):,}, one may cost {math.floor(limit):,}; what fits: {fits}"
    )
