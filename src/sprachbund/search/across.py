"""A query in one language for passages of others that spell alike: by letters, and by the letters that stand for them.

The query is romanised, and its runs and skeletons (`roman`) are looked for in the romanised passages of a language,
besides what the table of the two languages says stands for each run inside a word (`kin`): *cabeça* is looked for as
" cab", "abec" and also as "beza". Both in the same postings, by BM25, with what surrounds a passage as in the exact
part. The weights were chosen on sentences of Tatoeba (docs/log.md); one set does for near and for far kin.

**Scores of several languages.** What scores well in one language scores poorly in another, so that one language, the
query's own as a rule, would crowd out the others. A passage counts by its *standing*: how many standard deviations it
is above the mean of the best hundred of its language. The query's own passages keep the scores and the order that they
have without all this; a passage of a neighbour gets the score that a passage of the own language has which stands as
high by its letters, or a part of it where it has few of the query's letters (`HALF`): the best of what hardly fits
stands high too. So the lists are merged by standing, and nothing changes inside the query's own language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sprachbund.arrays import Float32, Float64, Int64, Keys
from sprachbund.cognates.romanising import plain
from sprachbund.retrieval.ranking.bm25 import BM25Settings, inverse_document_frequency
from sprachbund.search.kin import Kin
from sprachbund.search.roman import RUN, Grams, grams_of
from sprachbund.search.scoring import Saturation, Terms
from sprachbund.search.searching import Found, Hurry, Scope, at_leisure, best_bm25, joined, ordered
from sprachbund.search.segment import Segment

SETTINGS = BM25Settings("lucene", k1=1.2, b=0.75, idf_power=1.0)
CARRIED = 1.5
"""What a run that stands for the query's weighs beside one that the query has itself."""
BEST = 100
"""Passages of a language that a standing is counted from."""
BORROWED = 10
"""Passages of all languages together that the mean and deviation of one count which has none itself."""
FITTED = 100
"""Passages of the own language that say what a standing is as a score."""
PLAIN_MATCH = 0.6
"""A passage that has so much of the score that there is has the words of the query, and is not overtaken."""
HALF = 0.5
"""Of the letters of the query that the best passage of its own language has: a neighbour's passage that has as many is
not held back, one with fewer is, in proportion."""
STANDS_OUT = 5.0
"""A standing that chance hardly gives: something fits."""


@dataclass(frozen=True)
class Letters:
    """A query in plain letters.

    Attributes:
        text: romanised. grams: of it, in order.
        keys: uint64 [n], the distinct ones, rising. counts: float64 [n].
        inside: bool [n], of those that lie inside a word, whose edges are blanks.
    """

    text: str
    grams: Grams
    keys: Keys
    counts: Float64
    inside: np.ndarray


def letters_of(query: str) -> Letters:
    """A query as its runs and skeletons."""
    text = plain(query)
    grams = grams_of([text])
    keys, counts = np.unique(grams.keys, return_counts=True)
    return Letters(text, grams, keys, counts.astype(np.float64), is_inside(keys))


def is_inside(keys: Keys) -> np.ndarray:
    """Which grams lie inside one word: no blank but at an end; bool [n]."""
    middle = np.uint64(0xFF)
    second, third = (keys >> np.uint64(shift) & middle for shift in (16, 8))
    blank = np.uint64(32)
    runs = keys >> np.uint64(32) == RUN
    result: np.ndarray = (third != blank) & (~runs | (second != blank))
    return result


@dataclass(frozen=True)
class Carried:
    """The grams that a query is looked for by in another language.

    Attributes:
        keys: uint64 [n], rising. weights: float64 [n].
        sources: int64 [m], the place in `Letters.keys` of the gram of the query. targets: int64 [m], the place here of
            what it is looked for as. shares: float64 [m], what it adds to the weight. learned: float64 [m], the
            probability that the table gives, 0 where it is the gram itself.
    """

    keys: Keys
    weights: Float64
    sources: Int64
    targets: Int64
    shares: Float64
    learned: Float64


def carry(letters: Letters, kin: Kin | None) -> Carried:
    """What to look for: each gram itself and, inside words, what stands for it; itself again where nothing does.

    Args:
        kin: from the query's language to the other; None for its own.
    """
    every = np.arange(len(letters.keys))
    inside = np.flatnonzero(letters.inside)
    known: list[Int64] = []
    parts: list[tuple[Int64, Keys, Float64, Float64]] = [
        (every, letters.keys, letters.counts, np.zeros(len(every))),
    ]
    for feature, table in ((0, kin.runs), (1, kin.skeletons)) if kin is not None else ():
        own = inside[(letters.keys[inside] >> np.uint64(32)).astype(np.int64) == feature]
        places, targets, chances = table.translate((letters.keys[own] & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        sources = own[places]
        keys = targets.astype(np.uint64) | np.uint64(feature) << np.uint64(32)
        parts.append((sources, keys, CARRIED * letters.counts[sources] * chances, chances.astype(np.float64)))
        known.append(np.unique(sources))
    rest = np.setdiff1d(inside, np.concatenate((np.empty(0, np.int64), *known)))
    parts.append((rest, letters.keys[rest], CARRIED * letters.counts[rest], np.zeros(len(rest))))
    sources, wanted, shares, learned = (np.concatenate(column) for column in zip(*parts, strict=True))
    keys, targets_of = np.unique(wanted, return_inverse=True)
    weights: Float64 = np.bincount(targets_of, shares, len(keys)).astype(np.float64)
    return Carried(keys, weights, sources, targets_of.astype(np.int64), shares, learned)


def roman_scope(segments: Sequence[Segment]) -> Scope:
    """The segments of one language as their romanised text, with its lengths and frequencies."""
    seen, sums = [], np.zeros(2)
    for segment in segments:
        part = segment.roman
        assert part is not None
        seen.append(replace(segment, collection=part.collection(segment), reached=part.reached, most=part.most))
        sums += part.sums
    passages = sum(map(len, segments))
    mean = np.maximum(sums / max(1, passages), 1.0)
    k1, b = (np.full(2, value, np.float32) for value in (SETTINGS.k1, SETTINGS.b))
    return Scope(tuple(seen), passages, Saturation(k1, b, mean.astype(np.float32)))


def rarities(scope: Scope, keys: Keys) -> tuple[list[Int64], Float64]:
    """How rare grams are in a language: float64 [n], the idf, 0 where it has none; and their places in each segment."""
    places, frequency = [], np.zeros(len(keys), np.int64)
    for segment in scope.segments:
        place = segment.collection.postings.find(keys)
        assert segment.roman is not None
        segment.roman.require_sound(place[place >= 0], len(segment))
        frequency += np.where(place >= 0, segment.reached[np.maximum(place, 0)] if len(segment.reached) else 0, 0)
        places.append(place)
    rarity = inverse_document_frequency(np.maximum(frequency, 1), max(1, scope.passages), SETTINGS)
    return places, np.where(frequency > 0, rarity, 0.0).astype(np.float64)


def roman_terms(scope: Scope, carried: Carried, own: Float64 | None = None) -> tuple[list[Terms], Carried]:
    """What to look for in each segment, weighted by how rare it is in the language: shares of all of it.

    Args:
        own: how rare each gram of the query is in its own language. What is common there is no more telling for being
            rare here: " e " says nothing in Portuguese, and hardly occurs in Spanish. None for the own language itself.

    Returns:
        also the grams with their shares as they were weighed.
    """
    places, rarity = rarities(scope, carried.keys)
    if own is not None:
        there, here = own[carried.sources], rarity[carried.targets]
        known = (there > 0) & (here > 0)
        shares = carried.shares * np.where(known, np.minimum(1.0, there / np.where(known, here, 1.0)), 1.0)
        summed: Float64 = np.bincount(carried.targets, shares, len(carried.keys)).astype(np.float64)
        carried = replace(carried, shares=shares, weights=summed)
    whole = carried.weights * rarity
    most = float(whole.sum())
    if own is not None:
        # what the language has nowhere is missing in all its passages, and must not make the rest weigh more
        most += float((carried.shares * own[carried.sources])[rarity[carried.targets] == 0].sum())
    weights = (whole / (most or 1.0)).astype(np.float32)
    features = (carried.keys >> np.uint64(32)).astype(np.int64)
    each = zip(scope.segments, places, strict=True)
    return [_terms(*one, weights, features, scope.saturation) for one in each], carried


def _terms(segment: Segment, place: Int64, weights: Float32, features: Int64, saturation: Saturation) -> Terms:
    used = np.flatnonzero((place >= 0) & (weights > 0))
    feature, most = features[used], segment.most[place[used]]
    k1, b, mean = saturation.k1[feature], saturation.b[feature], saturation.mean[feature]
    assert segment.roman is not None
    least = k1 * (1 - b + b * segment.roman.shortest[feature] / mean)
    return Terms(used, place[used], weights[used], feature, (weights[used] * most / (most + least)).astype(np.float32))


def nearest(
    segments: Sequence[Segment], letters: Letters, kin: Kin | None, own: Float64 | None, k: int, hurry: Hurry
) -> Found:
    """The best passages of one language by their letters, numbered by their place in ``segments``."""
    scope = roman_scope(segments)
    terms, _ = roman_terms(scope, carry(letters, kin), own)
    return best_bm25(scope, terms, k, hurry=hurry)


def speakers(segments: Sequence[Segment], language: str) -> list[Segment]:
    """The segments of a language that have romanised text."""
    return [one for one in segments if one.language == language and one.alive and one.roman is not None]


def own_rarities(segments: Sequence[Segment], letters: Letters) -> Float64 | None:
    """How rare the grams of a query are in its language, of which these are the segments; None where there are none."""
    return rarities(roman_scope(segments), letters.keys)[1] if segments else None


def standings(scores: dict[str, Float32], passages: dict[str, int]) -> dict[str, Float64]:
    """How far above the best of their language scores are, by language.

    A language with few passages borrows from all: a mean and a deviation of three numbers say nothing.

    Args:
        scores: of the best passages of each language. passages: that each has; those that score nothing count as 0.
    """
    padded = {}
    for code, found in scores.items():
        held = np.zeros(min(BEST, max(passages[code], len(found))))
        held[: min(len(found), len(held))] = found[: len(held)]
        padded[code] = held
    every = np.concatenate([np.zeros(0), *padded.values()])
    if not len(every):
        return {code: np.zeros(0) for code in scores}
    mean, square = float(every.mean()), float((every**2).mean())
    result: dict[str, Float64] = {}
    for code, held in padded.items():
        borrowed = BORROWED * (1 - len(held) / BEST)
        total = len(held) + borrowed
        own = (held.sum() + borrowed * mean) / total
        spread = np.sqrt(max(0.0, ((held**2).sum() + borrowed * square) / total - own**2))
        result[code] = (scores[code].astype(np.float64) - own) / (spread or 1.0)
    return result


def as_scores(standing: Float64, known: Float64, scores: Float64, most: float) -> Float64:
    """What a standing is as a score: that of a passage of the own language which stands as high.

    Above the first of these it rises towards `PLAIN_MATCH` of the most that a passage can have; where the first has
    that itself, for it has the words of the query, nothing that was found by its letters comes before it.

    Args:
        most: the highest score that a passage can have.
        known: float64 [n], standings of passages of the own language, falling. scores: float64 [n], of as many,
            falling: the n-th best by letters stands for the n-th best by score.
    """
    if not len(known):
        return np.maximum(standing, 0.0)
    width = known[0] - known[-1]
    first, ceiling = float(scores[0]), PLAIN_MATCH * most
    if first >= ceiling:
        ceiling = first
        first = float(scores[:2].mean()) if len(scores) > 1 else first / 2
        scores = np.concatenate(([first], scores[1:]))
    slope = (first - scores[-1]) / width if width > 0 else first
    inside = np.interp(standing, known[::-1], scores[::-1])
    room = max(ceiling - first, 1e-9)
    above = first + room * (1 - np.exp(-slope * np.maximum(standing - known[0], 0.0) / room))
    below = scores[-1] * np.exp(np.minimum(standing - known[-1], 0.0))
    result: Float64 = np.where(standing > known[0], above, np.where(standing < known[-1], below, inside))
    return result


def merge_across(
    scope: Scope,
    own: Found,
    language: str,
    query: str,
    kin: dict[str, Kin],
    k: int,
    most: float = 1.0,
    hurry: Hurry = at_leisure,
    speaking: Sequence[Segment] = (),
) -> Found:
    """The best k of the query's own languages and of those that are kin to it.

    Args:
        scope: of all languages that are searched. own: what the exact part found without the kin, numbered in
            ``scope``. language: of the query. kin: from it, by the languages that are searched by letters.
        most: the highest score that a passage can have. speaking: all segments of the query's language, searched
            or not, see `speakers`.
    """
    letters = letters_of(query)
    rare = own_rarities(speaking, letters)
    numbers: dict[str, list[int]] = {}
    for number, segment in enumerate(scope.segments):
        if segment.language in kin or segment.language == language:
            numbers.setdefault(segment.language, []).append(number)
    found: dict[str, Found] = {}
    passages: dict[str, int] = {}
    for code, places in numbers.items():
        segments = [scope.segments[number] for number in places]
        one = nearest(segments, letters, kin.get(code), rare if code in kin else None, max(BEST, k), hurry)
        found[code] = replace(one, segments=np.array(places, np.int64)[one.segments])
        passages[code] = sum(segment.alive for segment in segments)
    stands = standings({code: one.scores for code, one in found.items()}, passages)
    of_own = np.array([scope.segments[number].language == language for number in own.segments.tolist()], np.bool_)
    scores = own.scores[of_own if of_own.any() else slice(None)][:FITTED].astype(np.float64)
    known = stands.get(language, np.zeros(0))[: len(scores)]
    scores = scores[: len(known)]
    parts = [own]
    for code in sorted(kin):
        if code in found and len(found[code]):
            standing = stands[code]
            made = as_scores(standing, known, scores, most)
            if len(known):
                # the best of what hardly fits stands high too: it has to have the query's letters besides
                made *= np.clip(found[code].scores / (HALF * max(float(found[language].scores[0]), 1e-9)), 0.0, 1.0)
            given: Float32 = made.astype(np.float32)
            zero = np.zeros_like(given)
            parts.append(replace(found[code], scores=given, bm25=zero, dense=zero, across=standing.astype(np.float32)))
    every = parts[0]
    for part in parts[1:]:
        every = joined(every, part)
    return every.take(ordered(every)[:k])
