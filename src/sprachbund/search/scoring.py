"""BM25 over passages and what surrounds them: the best k, exactly, without scoring what cannot be among them.

The n-grams of a query are taken in the order of the most that they can add. Once what is left cannot bring a new
passage among the best k (MaxScore, Turtle & Flood 1995), the passages found so far are completed one by one, each
dropped as soon as it cannot arrive. Frequent words, whose postings are most of an index, are so never walked.
"""

from dataclasses import dataclass, field

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.search.postings import Postings


@dataclass(frozen=True)
class Terms:
    """The n-grams of a query in one segment, those that it has.

    Attributes:
        numbers: int64 [terms], in the question. places: int64 [terms], in the postings.
        weights: float32 [terms], what saturated counts are multiplied with.
        features: int64 [terms], 0 for words, 1 for characters.
        bounds: float32 [terms], the most that the term adds to a score.
    """

    numbers: Int64
    places: Int64
    weights: Float32
    features: Int64
    bounds: Float32


@dataclass(frozen=True)
class Saturation:
    """How counts saturate: k1 and b of each feature and the mean length, float32 [features] each."""

    k1: Float32
    b: Float32
    mean: Float32


@dataclass(frozen=True)
class Collection:
    """The passages of a segment as BM25 sees them.

    Attributes:
        postings: of words and characters. lengths: float32 [features, passages], surroundings counted.
        low, high: int32 [passages], of the document. sections: int32 [passages].
        fading: float32 [distances]. across: on other sections.
        dead: bool [passages], of deleted documents.
        barred: bool [passages], what a filter leaves out: it is not found, but it surrounds others as before; empty
            where nothing is left out.
    """

    postings: Postings
    lengths: Float32
    low: Int32
    high: Int32
    sections: Int32
    fading: Float32
    across: np.float32
    dead: np.ndarray
    barred: np.ndarray = field(default_factory=lambda: np.zeros(0, np.bool_))


@dataclass
class Scratch:
    """Memory that is used again from query to query, all zero between them: float32 [passages] twice, int32 once."""

    held: Float32
    total: Float32
    touched: Int32

    @staticmethod
    def of(passages: int) -> "Scratch":
        """For so many passages."""
        return Scratch(np.zeros(passages, np.float32), np.zeros(passages, np.float32), np.empty(passages, np.int32))


def best(
    collection: Collection, terms: Terms, saturation: Saturation, k: int, least: float, scratch: Scratch
) -> tuple[Int32, Float32]:
    """The best passages of a segment, at most k, in no order, with their scores.

    Args:
        least: passages that score less need not be found.
    """
    order = np.argsort(-terms.bounds, kind="stable")
    c, p = collection, collection.postings
    found: tuple[Int32, Float32] = _best(
        terms.places[order], terms.weights[order], terms.features[order], terms.bounds[order], p.offsets, p.passages,
        p.counts, c.lengths, c.low, c.high, c.sections, c.fading, c.across, c.dead, c.barred, saturation.k1,
        saturation.b, saturation.mean, k, np.float32(least), scratch.held, scratch.total, scratch.touched,
    )  # fmt: skip
    return found


def complete(collection: Collection, terms: Terms, saturation: Saturation, passages: Int32) -> Float32:
    """The scores of some passages, which rise: float32 [passages]."""
    sums: Float32 = contributions(collection, terms, saturation, passages).sum(axis=1, dtype=np.float32)
    return sums


def contributions(collection: Collection, terms: Terms, saturation: Saturation, passages: Int32) -> Float32:
    """What each term adds to the scores of some passages, which rise: float32 [passages, terms]."""
    scores = np.zeros((len(passages), len(terms.places)), np.float32)
    c, p = collection, collection.postings
    _complete(
        terms.places, terms.weights, terms.features, p.offsets, p.passages, p.counts, c.lengths, c.low, c.high,
        c.sections, c.fading, c.across, saturation.k1, saturation.b, saturation.mean, passages, scores,
    )  # fmt: skip
    return scores


@njit(cache=True, nogil=True, inline="always")
def _gain(tf, length, k1, b, mean):  # type: ignore[no-untyped-def]
    return tf / (tf + k1 * (np.float32(1) - b + b * length / mean))


@njit(cache=True, nogil=True)
def _walk(  # type: ignore[no-untyped-def]
    begin, end, weight, lengths, k1, b, mean, passages, counts, low, high, sections, fading, across, dead, barred,
    held, total, touched, found, peak,
):  # fmt: skip
    """Add one term to all passages that reach it; how many are touched so far, and the largest total."""
    span, free = len(fading) - 1, len(barred) == 0
    mirrored = np.concatenate((fading[::-1], fading[1:]))  # by the distance, which may be negative, plus the span
    head = tail = np.int64(0)
    for at in range(begin, end + 1):
        if at < end:
            p = np.int64(passages[at])
            if dead[p]:
                continue
            first, stop = max(np.int64(low[p]), p - span), min(np.int64(high[p]), p + span + 1)
        else:
            p, first, stop = np.int64(-1), np.int64(len(low)), np.int64(len(low))
        # postings rise, and so do the passages in their reach: what lies behind is complete
        for j in range(head, min(tail, first)):
            tf = held[j]
            if tf > 0:
                held[j] = 0
                more = weight * _gain(tf, lengths[j], k1, b, mean)
                # a passage that gains nothing is not touched: it would be touched again, and overflow what holds them
                if more > 0 and (free or not barred[j]):
                    if total[j] == 0:
                        touched[found] = j
                        found += 1
                    total[j] += more
                    peak = max(peak, total[j])
        head, tail = first, max(tail, stop)
        if p >= 0:
            count, own = np.float32(counts[at]), sections[p]
            shift = span - p
            if sections[first] == own and sections[stop - 1] == own:
                # sections follow one another, so all between is the same one
                for j in range(first, stop):
                    held[j] += count * mirrored[shift + j]
            else:
                for j in range(first, stop):
                    part = count * mirrored[shift + j]
                    held[j] += part if sections[j] == own else part * across
    return found, peak


@njit(cache=True, nogil=True, inline="always")
def _seek(passages, at, end, wanted):  # type: ignore[no-untyped-def]
    """The first posting from ``at`` on whose passage is ``wanted`` or later: doubling steps, then halving."""
    step = np.int64(1)
    low = at
    while low + step < end and passages[low + step] < wanted:
        low += step
        step *= 2
    high = min(end, low + step)
    while low < high:
        middle = (low + high) // 2
        if passages[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, inline="always")
def _around(j, at, end, passages, counts, low, high, sections, fading, across):  # type: ignore[no-untyped-def]
    """What passage j counts of the postings from ``at`` on."""
    span = len(fading) - 1
    stop = min(np.int64(high[j]), j + span + 1)
    tf = np.float32(0)
    while at < end and passages[at] < stop:
        p = np.int64(passages[at])
        part = np.float32(counts[at]) * fading[abs(p - j)]
        tf += part if sections[p] == sections[j] else part * across
        at += 1
    return tf


@njit(cache=True, nogil=True)
def _complete(  # type: ignore[no-untyped-def]
    places, weights, features, offsets, passages, counts, lengths, low, high, sections, fading, across, k1, b, mean,
    wanted, scores,
):  # fmt: skip
    span = len(fading) - 1
    for t in range(len(places)):
        f = features[t]
        at, end = offsets[places[t]], offsets[places[t] + 1]
        for i in range(len(wanted)):
            j = np.int64(wanted[i])
            at = _seek(passages, at, end, max(np.int64(low[j]), j - span))
            tf = _around(j, at, end, passages, counts, low, high, sections, fading, across)
            if tf > 0:
                scores[i, t] = weights[t] * _gain(tf, lengths[f, j], k1[f], b[f], mean[f])


@njit(cache=True, nogil=True)
def _raise(floor, total, touched, found, k):  # type: ignore[no-untyped-def]
    """The k-th largest total of the touched, or ``floor`` where that is more."""
    values = np.empty(found, np.float32)
    count = 0
    for i in range(found):
        value = total[touched[i]]
        if value > floor:
            values[count] = value
            count += 1
    return floor if count < k else np.partition(values[:count], count - k)[count - k]


@njit(cache=True, nogil=True)
def _best(  # type: ignore[no-untyped-def]
    places, weights, features, bounds, offsets, passages, counts, lengths, low, high, sections, fading, across, dead,
    barred, k1, b, mean, k, least, held, total, touched,
):  # fmt: skip
    terms, span = len(places), len(fading) - 1
    left = np.zeros(terms + 1, np.float32)
    for t in range(terms - 1, -1, -1):
        left[t] = left[t + 1] + bounds[t]
    found, floor, peak, t = 0, least, np.float32(0), 0
    # first the terms whose every passage may be among the best
    while t < terms and left[t] >= floor:
        f = features[t]
        found, peak = _walk(
            offsets[places[t]], offsets[places[t] + 1], weights[t], lengths[f], k1[f], b[f], mean[f], passages,
            counts, low, high, sections, fading, across, dead, barred, held, total, touched, found, peak,
        )  # fmt: skip
        t += 1
        # what is left can only be too little where somebody has more
        if t < terms and found >= k and left[t] < peak:
            floor = _raise(floor, total, touched, found, k)
    # then the rest, for the passages that are left; rounding must not drop one that is level
    kept = 0
    margin = left[0] * np.float32(1e-6)
    for i in range(found):
        j = touched[i]
        if total[j] + left[t] >= floor - margin:
            touched[kept], touched[i] = j, touched[kept]
            kept += 1
    alive = np.sort(touched[:kept])
    while t < terms and kept:
        f = features[t]
        at, end = offsets[places[t]], offsets[places[t] + 1]
        for i in range(kept):
            j = np.int64(alive[i])
            at = _seek(passages, at, end, max(np.int64(low[j]), j - span))
            tf = _around(j, at, end, passages, counts, low, high, sections, fading, across)
            if tf > 0:
                total[j] += weights[t] * _gain(tf, lengths[f, j], k1[f], b[f], mean[f])
        t += 1
        if kept > k:
            floor = _raise(floor, total, alive, kept, k)
            still = 0
            for i in range(kept):
                j = alive[i]
                if total[j] + left[t] >= floor - margin:
                    alive[still] = j
                    still += 1
            kept = still
    values = np.empty(kept, np.float32)
    for i in range(kept):
        values[i] = total[alive[i]]
    for i in range(found):
        total[touched[i]] = 0
    if kept > k:
        order = np.argsort(-values, kind="mergesort")[:k]  # of equals the first passage
        return alive[:kept][order], values[order]
    return alive[:kept].copy(), values
