"""Scores of passages: by the encoder, by BM25, and the two together.

    dense     the cosine of the encoder: a passage by itself, and with what surrounds it
    bm25      words and character n-grams, with what surrounds a passage
    hybrid    the weighted sum of both, see `fusion`
    rrf       reciprocal rank fusion of both (Cormack et al. 2009), which needs no weights

Hybrid takes the nearest passages and those that have enough of the query to overtake them. What is searched together is
scored together: how rare an n-gram is and how long a passage is as a rule, are of all languages that were asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.texts import Texts
from sprachbund.search.forms import CHARACTER, DEFAULT, EXACT, WORD, Entries, entries_of
from sprachbund.search.fusion import Fusion
from sprachbund.search.scoring import Saturation, Terms, best, complete
from sprachbund.search.segment import Segment
from sprachbund.search.weighing import weigh
from sprachbund.search.writing import as_written

Mode = Literal["hybrid", "dense", "bm25", "rrf"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "bm25", "rrf")
DEPTH = 100
"""Passages of each part that are fused at most, or twice as many as were asked for."""
MARGIN = 1e-5
"""Of rounding: what is level must not be missed."""
RRF = 60.0
FEW = 300
"""Passages that a language is thought to have besides its own: so that one word in a dozen passages is not frequent."""
MOST_PASSAGES, ENOUGH = 0.5, 100
"""A function word stands in this share of a language's passages, of which there are enough to tell."""
RARER = 5
"""Where a function word of another language is so many times rarer it is part of a name."""
Hurry = Callable[[], None]
"""Called between steps of long work; raises where nobody waits for the result any more."""
NAMES = ("segments", "passages", "scores", "bm25", "dense", "across")


@dataclass(frozen=True)
class Question:
    """A query as n-grams and as a vector.

    Attributes:
        entries: its n-grams in all forms. vector: float32 [dim], of length 1. text, language: the query as it is read.
        seen, words: it as the encoder reads it, and as BM25 does; the same where these are one.
        restored: the keys of its words that were typed without their accents, see `restoring`.
    """

    entries: Entries
    vector: Float32
    text: str
    language: str
    seen: Texts
    words: Texts
    restored: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Scope:
    """What is searched together.

    Attributes:
        segments: of the languages that were asked for.
        passages: among which an n-gram is rare; the deleted too, whose postings are there until a merge.
        saturation: with the mean lengths of all of them.
    """

    segments: tuple[Segment, ...]
    passages: int
    saturation: Saturation

    @staticmethod
    def of(segments: Sequence[Segment], fusion: Fusion) -> "Scope":
        """Count together."""
        alive = sum(segment.alive for segment in segments)
        means = [sum(segment.sums[f] for segment in segments) / max(1, alive) or 1.0 for f in (WORD, CHARACTER)]
        settings = (fusion.words, fusion.characters)
        k1 = np.array([each.k1 for each in settings], np.float32)
        b = np.array([each.b for each in settings], np.float32)
        return Scope(tuple(segments), sum(map(len, segments)), Saturation(k1, b, np.array(means, np.float32)))


@dataclass(frozen=True)
class Found:
    """Passages and their scores, the best first.

    Attributes:
        segments: int64 [n], numbers in the scope. passages: int64 [n]. scores, bm25, dense: float32 [n]; the parts add
            up to the score. across: float32 [n], of passages that were found by their letters how high they stand among
            those of their language, see `across`; of others not a number.
    """

    segments: Int64
    passages: Int64
    scores: Float32
    bm25: Float32
    dense: Float32
    across: Float32

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, order: Any) -> "Found":
        """Some of them, in an order."""
        return Found(*(getattr(self, name)[order] for name in NAMES))


def at_leisure() -> None:
    """The work goes on to its end."""


def ask(encoder: Encoder, query: str, language: str = "", folds: Sequence[str] = DEFAULT) -> Question:
    """Find the n-grams of a query and its vector.

    Args:
        folds: of the index. language: helps to find the words of scripts that write no spaces; "" if unknown.
    """
    seen = encoder.analyse([query], language)
    one = Ranges(np.zeros(1, np.int64), np.ones(1, np.int64), np.full(1, -1, np.int64))
    vector = encoder.pool(seen, one)[0]
    words = as_written(seen, [query], language, encoder)
    return Question(entries_of(words, folds), vector, query, language, seen, words)


def find(scope: Scope, question: Question, fusion: Fusion, mode: Mode, k: int, hurry: Hurry = at_leisure) -> Found:
    """The best k passages."""
    if mode == "dense":
        return _best_dense(scope, question, k, hurry)
    terms = terms_of(scope, question, fusion)
    if mode == "bm25":
        return best_bm25(scope, terms, k, hurry=hurry)
    depth = max(DEPTH, 2 * k)
    # an encoder that has no say finds nothing either
    near = _best_dense(scope, question, depth, hurry) if fusion.dense or mode == "rrf" else no_passages()
    if mode == "rrf":
        return fuse_ranks(best_bm25(scope, terms, depth, hurry=hurry), near, k)
    return _hybrid(scope, question, terms, fusion, near, k, depth, hurry)


def terms_of(scope: Scope, question: Question, fusion: Fusion) -> list[Terms]:
    """The n-grams of a query in each segment, weighted by how rare they are: shares of the whole query.

    The weights of the n-grams that stand somewhere add up to 1, so a score says how much of the query a passage has.
    """
    entries = question.entries
    places = [segment.collection.postings.find(entries.keys) for segment in scope.segments]
    _leave_out_names(scope, entries, places)
    for segment, place in zip(scope.segments, places, strict=True):
        segment.require_sound(place[place >= 0])
    frequency = _frequencies(scope, places, len(entries))
    weights = weigh(entries, frequency, scope.passages, fusion, question.restored)
    return [_terms(*each, entries, weights, scope.saturation) for each in zip(scope.segments, places, strict=True)]


def _shares(scope: Scope, entries: Entries, places: Sequence[Int64]) -> dict[str, Any]:
    """For each language with enough passages the share of them that each distinct word stands in: float64 [words]."""
    count = int(entries.words.max()) + 1 if len(entries) else 0
    exact = np.flatnonzero((entries.features == WORD) & (entries.forms == EXACT))
    by_language: dict[str, tuple[Any, int]] = {}
    for segment, place in zip(scope.segments, places, strict=True):
        offsets, own = segment.collection.postings.offsets, np.zeros(count)
        at = place[exact]
        stands = at >= 0
        own[entries.words[exact[stands]]] = offsets[at[stands] + 1] - offsets[at[stands]]
        held, passages = by_language.get(segment.language, (np.zeros(count), 0))
        by_language[segment.language] = (held + own, passages + len(segment))
    return {code: held / passages for code, (held, passages) in by_language.items() if passages >= ENOUGH}


def function_words(scope: Scope, entries: Entries) -> Any:
    """Which distinct words of a query stand in most passages of some language of the scope: bool [words]."""
    places = [segment.collection.postings.find(entries.keys) for segment in scope.segments]
    shares = _shares(scope, entries, places)
    every = [share >= MOST_PASSAGES for share in shares.values()]
    return np.any(every, axis=0) if every else np.zeros(int(entries.words.max()) + 1 if len(entries) else 0, np.bool_)


def _leave_out_names(scope: Scope, entries: Entries, places: Sequence[Int64]) -> None:
    """Leave a function word of one language out where it is rare in another: there it is part of a name."""
    shares = _shares(scope, entries, places)
    if len(shares) < 2:
        return
    common = np.any([share >= MOST_PASSAGES for share in shares.values()], axis=0)
    if common.any():
        for segment, place in zip(scope.segments, places, strict=True):
            if segment.language in shares:
                rare = common & (shares[segment.language] < MOST_PASSAGES / RARER)
                place[rare[entries.words]] = -1


def _frequencies(scope: Scope, places: Sequence[Int64], count: int) -> Int64:
    """Passages that reach each n-gram of a query: int64 [n-grams].

    An n-gram counts as being as frequent everywhere as it is in the language where it is most frequent: the articles
    and particles of a small language are rare among all languages, and would decide what is found.
    """
    total = np.zeros(count, np.int64)
    by_language: dict[str, tuple[Int64, int]] = {}
    for segment, place in zip(scope.segments, places, strict=True):
        own = np.where(place >= 0, segment.reached[np.maximum(place, 0)] if len(segment.reached) else 0, 0)
        reached, passages = by_language.get(segment.language, (np.zeros(count, np.int64), 0))
        by_language[segment.language] = (reached + own, passages + len(segment))
        total += own
    for reached, passages in by_language.values():
        total = np.maximum(total, scope.passages * reached // (passages + FEW))
    return total


def _terms(segment: Segment, place: Int64, entries: Entries, weights: Float32, saturation: Saturation) -> Terms:
    used = np.flatnonzero((place >= 0) & (weights > 0))
    features, most = entries.features[used], segment.most[place[used]]
    k1, b, mean = saturation.k1[features], saturation.b[features], saturation.mean[features]
    least = k1 * (1 - b + b * segment.shortest[features] / mean)
    bounds = (weights[used] * most / (most + least)).astype(np.float32)
    return Terms(used, place[used], weights[used], features, bounds)


def best_bm25(scope: Scope, terms: Sequence[Terms], k: int, least: float = 0.0, hurry: Hurry = at_leisure) -> Found:
    """The best of BM25; what scores under ``least`` need not be found."""
    found: list[tuple[int, Any, Float32]] = []
    # segments that promise most first: what they find lets the others be left early
    promised = sorted(range(len(terms)), key=lambda i: -float(terms[i].bounds.sum()))
    for number in promised:
        segment = scope.segments[number]
        if segment.closed or not len(terms[number].places):
            continue
        hurry()
        scratch = segment.borrow()
        passages, scores = best(segment.collection, terms[number], scope.saturation, k, least, scratch)
        segment.give_back(scratch)
        found.append((number, passages, scores))
        every = np.concatenate([scores for _, _, scores in found])
        if len(every) >= k:
            least = max(least, float(np.partition(every, len(every) - k)[len(every) - k]))
    return _together(found, k, dense=False)


def _best_dense(scope: Scope, question: Question, k: int, hurry: Hurry) -> Found:
    found: list[tuple[int, Int64, Float32]] = []
    least = -np.inf
    if question.vector.any():
        for number, segment in enumerate(scope.segments):
            if segment.closed:
                continue
            hurry()
            passages, scores = segment.dense.search(question.vector, k, least)
            found.append((number, passages[scores != 0], scores[scores != 0]))  # without words, without a vector
            # of the best of all segments each has only those that the others have not pushed out
            every = np.concatenate([scores for _, _, scores in found])
            if len(every) >= k:
                least = float(np.partition(every, len(every) - k)[len(every) - k])
    return _together(found, k, dense=True)


def _together(found: Sequence[tuple[int, Any, Float32]], k: int, *, dense: bool) -> Found:
    """The best k of all segments; of equals the first."""
    segments = np.repeat(np.array([number for number, _, _ in found], np.int64), [len(p) for _, p, _ in found])
    passages = np.concatenate([np.empty(0, np.int64), *(p.astype(np.int64) for _, p, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(s for _, _, s in found)])
    zero = np.zeros_like(scores)
    parts = (zero, scores) if dense else (scores, zero)
    every = Found(segments, passages, scores, *parts, _nothing(len(scores)))
    return every.take(ordered(every)[:k])


def no_passages() -> Found:
    """Nothing that was found."""
    return _together((), 0, dense=True)


def _nothing(count: int) -> Float32:
    return np.full(count, np.nan, np.float32)


def ordered(found: Found) -> Any:
    """The order of passages by score; of equals the first passage."""
    return np.lexsort((found.passages, found.segments, -found.scores))


def _hybrid(
    scope: Scope,
    question: Question,
    terms: Sequence[Terms],
    fusion: Fusion,
    near: Found,
    k: int,
    depth: int,
    hurry: Hurry,
) -> Found:
    """The best of the weighted sum.

    The nearest passages are scored in full, then the best exact matches. No other passage is nearer than the last of
    the nearest, so another can only be among the best k if BM25 brings what is then missing: where the best exact
    matches go down to that, nothing more is looked for.
    """
    known = _in_full(scope, question, terms, fusion, near, hurry)
    first = best_bm25(scope, terms, 2 * k, _largest(known.bm25, 2 * k) - MARGIN, hurry)
    known = joined(known, _in_full(scope, question, terms, fusion, _without(first, known), hurry))
    nearest = float(near.dense[-1]) if len(near) == depth else 0.0
    missing = _largest(known.scores, k) - fusion.dense * nearest - MARGIN
    if len(first) == 2 * k and float(first.scores[-1]) > missing:
        more = _without(best_bm25(scope, terms, depth, missing, hurry), known)
        known = joined(known, _in_full(scope, question, terms, fusion, more, hurry))
    return known.take(ordered(known)[:k])


def _largest(values: Float32, k: int) -> float:
    """The k-th largest, 0 where there are fewer."""
    return float(np.partition(values, len(values) - k)[len(values) - k]) if len(values) >= k else 0.0


def joined(first: Found, second: Found) -> Found:
    """Both, in no order."""
    return Found(*(np.concatenate((getattr(first, name), getattr(second, name))) for name in NAMES))


def _without(found: Found, known: Found) -> Found:
    """The passages that are not known yet."""
    return found.take(~np.isin(_codes(found), _codes(known)))


def _codes(found: Found) -> Int64:
    """A number for each passage of the scope."""
    return found.segments << 32 | found.passages


def _in_full(
    scope: Scope, question: Question, terms: Sequence[Terms], fusion: Fusion, found: Found, hurry: Hurry
) -> Found:
    """Some passages with both parts of their scores."""
    scores, bm25, dense = (np.zeros_like(found.scores) for _ in range(3))
    result = Found(found.segments, found.passages, scores, bm25, dense, _nothing(len(found)))
    for number in np.unique(found.segments).tolist():
        hurry()
        own = np.flatnonzero(found.segments == number)
        own = own[np.argsort(found.passages[own])]
        passages, segment = found.passages[own], scope.segments[number]
        result.bm25[own] = complete(segment.collection, terms[number], scope.saturation, passages.astype(np.int32))
        cosines = found.dense[own] if found.dense.any() else segment.dense.scores(question.vector, passages)
        result.dense[own] = np.float32(fusion.dense) * cosines
    result.scores[:] = result.bm25 + result.dense
    return result


def fuse_ranks(bm25: Found, dense: Found, k: int) -> Found:
    """Reciprocal rank fusion: each part gives 1 / (60 + rank)."""
    given = [(1 / (RRF + np.arange(1, len(part) + 1))).astype(np.float32) for part in (bm25, dense)]
    places = np.concatenate([np.stack([part.segments, part.passages], axis=1) for part in (bm25, dense)])
    distinct, inverse = np.unique(places, axis=0, return_inverse=True)
    sums = np.zeros((2, len(distinct)), np.float32)
    sums[0, inverse.ravel()[: len(bm25)]], sums[1, inverse.ravel()[len(bm25) :]] = given
    every = Found(distinct[:, 0], distinct[:, 1], sums.sum(axis=0), sums[0], sums[1], _nothing(len(distinct)))
    return every.take(ordered(every)[:k])
