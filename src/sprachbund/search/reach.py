"""How far a query goes: its own language, with those that spell alike, or all; and what is searched in which way.

    own           the exact part and the encoder, in the query's language alone: as an index of that language does
    neighbours    besides, by letters, the languages that the index knows to be kin of the query's (`across`)
    all           besides, the rest of the languages, together with the query's own, as an index without kin does

Where the query may be in several languages these are its own; its neighbours are those of the likeliest. What no
language of the index has in common with the query's is searched as ever, and so is everything where the language cannot
be told.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sprachbund.languages import one_of
from sprachbund.search.across import merge_across, speakers
from sprachbund.search.searching import RRF, Found, Hurry, Mode, Question, Scope, ask, find, no_passages
from sprachbund.search.spoken import languages_of

if TYPE_CHECKING:
    from sprachbund.search.asking import Request
    from sprachbund.search.index import Index

UNTOLD = "the language of the query could not be told, so that all were searched; name it to search it alone"


@dataclass(frozen=True)
class Plan:
    """What a query is searched in, and how.

    Attributes:
        own: the languages that are searched together by words and by the encoder. neighbours: those by letters.
        language: of the query, "" where it is not known.
    """

    own: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    language: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """All that are searched, sorted."""
        return tuple(sorted({*self.own, *self.neighbours}))


def plan_reach(index: "Index", request: "Request", words: str, languages: tuple[str, ...], notes: list[str]) -> Plan:
    """Which languages a query is searched in, of those that it may be.

    Args:
        words: of the query. languages: of the index, that were asked for. notes: what is to be said, added to.
    """
    if not words or (request.reach == "all" and (request.mode == "dense" or not index.kin)):
        return Plan(languages)
    if request.query_language:
        own = one_of(request.query_language, index.languages)
        likely: tuple[str, ...] = (own,) if own else ()
        if not own:
            notes.append(f"the index has no text in {request.query_language!r}, so that it knows no neighbours of it")
    else:
        question = ask(index.encoder, words, "", index.folds)
        likely = languages_of(index.segments, question.entries)
    if not likely:
        if request.reach != "all":
            notes.append(UNTOLD)
        return Plan(languages)
    own_ones = tuple(code for code in languages if code in likely)
    near = tuple(code for code in index.kindred(likely[0]) if code in languages and code not in likely)
    if request.mode == "dense" and request.reach == "neighbours":
        return Plan(tuple(sorted({*own_ones, *near})), (), likely[0])
    if request.reach == "own":
        return Plan(own_ones, (), likely[0])
    if request.reach == "neighbours":
        return Plan(own_ones, near, likely[0])
    return Plan(tuple(code for code in languages if code not in near), near, likely[0])


def find_within(
    index: "Index", scope: Scope, plan: Plan, question: Question, words: str, mode: Mode, k: int, hurry: Hurry
) -> Found:
    """The best k of what a plan says.

    Args:
        scope: of all languages of the plan, narrowed by filters. question: the query as the own languages read it.
    """
    if not plan.neighbours:
        return find(scope, question, index.fusion, mode, k, hurry)
    mine = [number for number, segment in enumerate(scope.segments) if segment.language in plan.own]
    counted = index._scopes(plan.own)
    own = Scope(tuple(scope.segments[number] for number in mine), counted.passages, counted.saturation)
    # a query may be in a language that is not searched itself
    found = find(own, question, index.fusion, mode, k, hurry) if mine else no_passages()
    places = np.array(mine, np.int64)
    found = Found(places[found.segments], found.passages, found.scores, found.bm25, found.dense, found.across)
    kin = {code: index.kin[plan.language, code] for code in plan.neighbours}
    most = {"hybrid": 1 + index.fusion.dense, "rrf": 2 / (RRF + 1)}.get(mode, 1.0)
    speaking = speakers(index.segments, plan.language)
    return merge_across(scope, found, plan.language, words, kin, k, most, hurry, speaking)
