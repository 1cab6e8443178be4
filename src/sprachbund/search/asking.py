"""A question to an index, whole: the query language, filters, pages, documents, spelling; and its answer.

`searching` ranks passages by words. Here the words are found in what was typed, the rest narrows what is ranked, and
what came of it is told: what was searched instead, what could be meant, why there is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sprachbund.arguments import text, whole
from sprachbund.arrays import Float32, Int32
from sprachbund.errors import LanguageError, SettingsError
from sprachbund.languages import among
from sprachbund.notebook import html_table
from sprachbund.search.across import STANDS_OUT
from sprachbund.search.dates import between
from sprachbund.search.filters import READ, TERMS, Narrowing, Rank, expansions, narrowed, too_many
from sprachbund.search.fits import LOOKED_AT, NEAREST
from sprachbund.search.hits import HEADINGS, Hit, make_hits, with_context
from sprachbund.search.query import Query, read_query
from sprachbund.search.reach import Plan, find_within, plan_reach
from sprachbund.search.scoring import Terms, complete
from sprachbund.search.searching import MODES, Found, Hurry, Mode, Question, Scope, at_leisure, terms_of
from sprachbund.search.spelling import corrected, respell

if TYPE_CHECKING:
    from sprachbund.search.index import Index

Reach = Literal["own", "neighbours", "all"]
REACHES: tuple[Reach, ...] = ("own", "neighbours", "all")
MOST = 1_000
"""Results of one search at most, those of earlier pages counted."""
AROUND = 5
"""Passages before and after a hit at most."""
MORE = 2
"""Further passages of a document that are shown."""
NAMED, SHOWN, COLUMNS = 3, 40, 12
"""Texts that a note names, characters of each, and columns."""
GROUPED = 4
"""Passages that are looked through for each document, to begin with: its further ones are among these."""


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        query: in the language of `query`, or with ``operators`` False just words. k: results. offset: results of
            earlier pages, which are left out; both together at most 1,000.
        languages: codes or names; all if empty. where: whole values by the name of a column of metadata.
        since, until: dates as 2020, 2020-05 or 2020-05-17, "" for none; documents without a date do not fit.
        group: a result a document, with its best passages. context: passages before and after each, at most 5.
        correct: where nothing holds any word, search for what is nearest.
        reach: ``own``: only the query's language; ``neighbours``: with those that spell alike; ``all`` of
            ``languages``. Neighbours are found by their letters, see `across`, but in mode ``dense``. The query's
            language is told by its words.
        query_language: by code or name, for who knows it; "" to tell it.
    """

    query: str
    k: int = 10
    offset: int = 0
    languages: Sequence[str] = ()
    mode: Mode = "hybrid"
    where: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    group: bool = False
    context: int = 0
    correct: bool = True
    operators: bool = True
    reach: Reach = "all"
    query_language: str = ""

    def check(self) -> "Request":
        """The same, with whole numbers of any library as Python's.

        Raises:
            SettingsError: something cannot be.
        """
        asked = replace(
            self,
            query=text(self.query, "query"),
            k=whole(self.k, "k"),
            offset=whole(self.offset, "offset"),
            context=whole(self.context, "context"),
            since=text(self.since, "since"),
            query_language=text(self.query_language, "query_language"),
            until=text(self.until, "until"),
        )
        if not 1 <= asked.k <= MOST:
            raise SettingsError(f"k must be from 1 to {MOST:,}, found {asked.k}")
        if not 0 <= asked.offset <= MOST - asked.k:
            raise SettingsError(
                f"offset must be from 0 to {MOST - asked.k:,}, so that offset and k are at most {MOST:,}; "
                f"found {asked.offset}"
            )
        if not isinstance(self.where, Mapping) or not all(isinstance(each, str) for each in self.where.values()):
            raise SettingsError(f'where: expected names with texts, as {{"author": "Jane Doe"}}, found {self.where!r}')
        if self.mode not in MODES:
            raise SettingsError(f"modes are {', '.join(MODES)}; found {self.mode!r}")
        if not 0 <= asked.context <= AROUND:
            raise SettingsError(f"context must be from 0 to {AROUND} passages, found {asked.context}")
        if self.reach not in REACHES:
            raise SettingsError(f"reach is {', '.join(REACHES)}; found {self.reach!r}")
        between(asked.since, asked.until)
        return asked


@dataclass(frozen=True)
class Answer:
    """What came of it.

    Attributes:
        hits: the best first. further: whether there are results after these.
        searched: the query that was searched, which is another than the given where that had nothing but typing errors.
        suggestion: the query with words that nothing holds corrected, "" where there is no such; not searched.
        notes: what about the query could not be had, in sentences.
        fits: whether anything fits well, see `fits`; where nothing does, `shown` has the few nearest.
            Without ``operators`` it is not looked at.
        language: of the query, where it was given or could be told; else "".
        neighbours: the languages that were searched by their letters.
    """

    hits: list[Hit]
    further: bool
    searched: str
    suggestion: str = ""
    notes: tuple[str, ...] = ()
    fits: bool = True
    language: str = ""
    neighbours: tuple[str, ...] = ()

    def __repr__(self) -> str:
        said = "".join(f"; {note}" for note in self.notes)
        return f"Answer({self.searched!r}: {len(self.hits)} hits{said})"

    def _repr_html_(self) -> str:
        rows = [(hit.rank, hit.score, hit.key, hit.text) for hit in self.shown]
        return html_table("; ".join((self.searched, *self.notes)), HEADINGS, rows)

    @property
    def shown(self) -> list[Hit]:
        """The hits, of an answer that does not fit the few nearest."""
        return self.hits if self.fits else self.hits[:NEAREST]


def answer(index: "Index", request: Request, hurry: Hurry = at_leisure) -> Answer:
    """Search.

    Raises:
        SettingsError: something of the request cannot be. LanguageError: the index lacks a language that it names.
    """
    request = request.check()
    languages = index.scope(request.languages)
    query = read_query(request.query, index.columns) if request.operators else Query(request.query, request.query)
    notes: list[str] = []
    languages = _spoken(index, query, languages, notes)
    if not languages:
        return Answer([], False, request.query, "", tuple(notes), False)
    segments = index._scopes(languages).segments
    if not query.words and not query.prefixes:
        if query.narrows:
            notes.append("the query only says what to leave out or where to look: add words to look for")
        return Answer([], False, request.query, "", tuple(notes), False)
    better = corrected(index.segments, segments, query.words) if query.words else None
    given = request.query
    if better and better.all_unknown and request.correct:
        given = respell(request.query, better.words, index.folds)
        query = read_query(given, index.columns) if request.operators else Query(given, given)
    suggestion = respell(request.query, better.words, index.folds) if better and given == request.query else ""
    plan = plan_reach(index, request, query.words, languages, notes)
    hits, further = _search(index, request, query, plan, notes, hurry)
    fits = bool(hits)
    if hits and request.offset == 0 and request.operators:  # who asks with plain words alone judges for himself
        stands_out = any(hit.standing >= STANDS_OUT for hit in hits[:LOOKED_AT])
        found = index.fit(hits[0]._asked[1], hits, plan.languages, request.mode)
        if not found.fits and not stands_out:
            fits = False
            notes.append(found.note)
    said = plan.language, plan.neighbours
    return Answer(hits, further, given, suggestion, tuple(dict.fromkeys(notes)), fits, *said)


def _spoken(index: "Index", query: Query, languages: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    """The languages that a query leaves of those that are asked for."""
    wanted: set[str] = set()
    for name, negated in query.languages:
        try:
            own = among([name[:SHOWN]], index.languages, "this index")
        except LanguageError as error:
            notes.append(str(error))
            own = []
        if negated:
            languages = tuple(code for code in languages if code not in own)
        else:
            wanted |= set(own)
    if any(not negated for _, negated in query.languages):
        languages = tuple(code for code in languages if code in wanted)
    if not languages and not notes:
        notes.append("the query leaves no language to look in")
    return languages


def _search(
    index: "Index", request: Request, query: Query, plan: Plan, notes: list[str], hurry: Hurry
) -> tuple[list[Hit], bool]:
    """The hits of a query, and whether there are further ones."""
    scope = index._scopes(plan.languages)
    words = " ".join([query.words, *expansions(scope.segments, query.prefixes)]).strip()
    dates = between(request.since, request.until)
    narrowing = Narrowing(query, dict(request.where), dates)
    hits, further, cut = _narrowed(index, request, scope, plan, narrowing, words, hurry)
    many = [stem for stem in query.prefixes if any(too_many(segment, stem) for segment in scope.segments)]
    if many:
        notes.append(f"very many words begin with {_named(many)}: only some of them were looked for")
    if cut:
        notes.append(f"the words of a phrase are frequent: only {READ:,} passages were read for it")
    loose = replace(query, clauses=tuple(each for each in query.clauses if each.field or each.negated))
    if not hits and not cut and request.offset == 0 and len(loose.clauses) < len(query.clauses):
        hits, further, _ = _narrowed(index, request, scope, plan, replace(narrowing, query=loose), words, hurry)
        if hits:
            missing = _named([each.text for each in query.clauses if not each.field and not each.negated])
            notes.append(f"no passage that fits has {missing} as it stands; these are the best without that")
    if not hits and (loose.narrows or request.where or dates):
        notes.append("nothing fits all that was asked for")
    if not hits:
        notes += _unknown(index, request)
    return hits, further


def _named(texts: Sequence[str]) -> str:
    """Some texts in quotation marks, as many and as much of each as a line holds."""
    each = [f"“{text if len(text) <= SHOWN else text[:SHOWN] + '…'}”" for text in dict.fromkeys(texts)]
    return ", ".join(each[:NAMED]) + (" and others" if len(each) > NAMED else "")


def _unknown(index: "Index", request: Request) -> list[str]:
    """What filters ask for that no document has."""
    missing = [name for name in request.where if name not in index.columns]
    known = ", ".join(index.columns[:COLUMNS]) or "none"
    known += ", …" if len(index.columns) > COLUMNS else ""
    notes = [f"no document has a column {name!r}; there are: {known}" for name in missing]
    if (request.since or request.until) and "date" not in index.columns:
        notes.append("no document of this index has a date")
    return notes


def _narrowed(
    index: "Index",
    request: Request,
    scope: Scope,
    plan: Plan,
    narrowing: Narrowing,
    words: str,
    hurry: Hurry,
) -> tuple[list[Hit], bool, bool]:
    """The hits, whether there are further ones, and whether more had to be read for phrases than may be."""
    question = index._question(words, plan.own or plan.languages)
    cut = False
    if narrowing.asks:
        segments, cut = narrowed(scope.segments, narrowing, READ, _ranker(index, scope, question), hurry)
        scope = replace(scope, segments=segments)

    def ranked(count: int) -> Found:
        return find_within(index, scope, plan, question, words, request.mode, count, hurry)

    asked = request.query, words
    if request.group:
        return *_grouped(index, request, scope, plan, asked, ranked), cut
    count = request.offset + request.k
    found = ranked(min(MOST, count + 1))
    page = found.take(slice(request.offset, count))
    hits = make_hits(page, scope, plan.own, request.mode, asked, request.offset + 1, plan.language)
    return [_around(hit, scope, request) for hit in hits], len(found) > count, cut


def _ranker(index: "Index", scope: Scope, question: Question) -> Rank:
    """How near passages of a segment are to a query, by its heaviest n-grams; found when first it is asked."""
    terms: list[Terms] = []

    def rank(place: int, passages: Int32) -> Float32:
        if not terms:
            terms.extend(terms_of(scope, question, index.fusion))
        chosen = np.sort(np.argsort(-terms[place].bounds, kind="stable")[:TERMS])
        own = Terms(*(getattr(terms[place], each.name)[chosen] for each in fields(Terms)))
        return complete(scope.segments[place].collection, own, scope.saturation, passages)

    return rank


def _around(hit: Hit, scope: Scope, request: Request) -> Hit:
    return with_context(hit, scope.segments, request.context) if request.context else hit


def _grouped(
    index: "Index", request: Request, scope: Scope, plan: Plan, asked: tuple[str, str], ranked: Any
) -> tuple[list[Hit], bool]:
    """A hit a document, the best passage of each, with the next best ones."""
    count = request.offset + request.k
    depth = min(MOST, GROUPED * (count + 1))
    while True:
        found = ranked(depth)
        places: dict[tuple[int, int], list[int]] = {}
        for place, (segment, passage) in enumerate(zip(found.segments.tolist(), found.passages.tolist(), strict=True)):
            document = segment, int(scope.segments[segment].collection.low[passage])
            places.setdefault(document, []).append(place)
        if len(places) > count or len(found) < depth or depth == MOST:
            break
        depth = min(MOST, GROUPED * depth)
    chosen = list(places.values())[request.offset : count]
    flat = [place for own in chosen for place in own[: 1 + MORE]]
    hits = make_hits(found.take(np.array(flat, np.int64)), scope, plan.own, request.mode, asked, 1, plan.language)
    grouped, at = [], 0
    for rank, own in enumerate(chosen, request.offset + 1):
        size = min(len(own), 1 + MORE)
        best, *more = (_around(hit, scope, request) for hit in hits[at : at + size])
        grouped.append(replace(best, rank=rank, more=tuple(replace(hit, rank=rank) for hit in more)))
        at += size
    return grouped, len(places) > count
