"""Bags of n-grams as sparse rows: which n-grams stand in which sentences, with what weight.

A *bag* is the n-grams of a sentence: ids with weights, a count of n giving n to the power p. A *range* of sentences,
less one where a query must not stand in its own context, is the sum of its sentences: each sentence is a bag once,
though it asks once and stands in several contexts. The arrays follow compressed sparse rows; `summing`
makes vectors of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.threads import over

UNSEEN = -1


@dataclass(frozen=True)
class Sentences:
    """The n-grams of sentences.

    Attributes:
        words: int32 [tokens], the id of every word.
        word_offsets: int64 [sentences + 1], where a sentence's words begin.
        bigrams: int32 [bigrams], the id of every pair of adjacent words.
        bigram_offsets: int64 [sentences + 1].
    """

    words: Int32
    word_offsets: Int64
    bigrams: Int32
    bigram_offsets: Int64

    def __len__(self) -> int:
        return len(self.word_offsets) - 1


@dataclass(frozen=True)
class Ranges:
    """Bags to be: sentences [first, last) without the sentence ``without`` (-1: all of them), each int64 [n]."""

    first: Int64
    last: Int64
    without: Int64

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, index: Any) -> "Ranges":
        return Ranges(self.first[index], self.last[index], self.without[index])


@dataclass(frozen=True)
class Bags:
    """Sparse rows: bag i has ids[starts[i]:ends[i]] with weights of the same places.

    Attributes:
        ids: int32 [room]; weights: float32 [room]; starts, ends: int64 [bags].
    """

    ids: Int32
    weights: Float32
    starts: Int64
    ends: Int64

    def __len__(self) -> int:
        return len(self.starts)


def assemble(sentences: Sentences, ranges: Ranges, *, bigram_weight: float, power: float) -> Bags:
    """Make the bags of ``ranges``: each n-gram once, weighted by its count to the power ``power``.

    Args:
        bigram_weight: the weight of a bigram beside a word's 1; 0 leaves bigrams out.
        power: 1 counts, 0.5 dampens repetition, 0 only sees presence.
    """
    with_bigrams = bigram_weight != 0 and len(sentences.bigrams) > 0
    room = _room(sentences.word_offsets, ranges.first, ranges.last)
    if with_bigrams:
        room = room + _room(sentences.bigram_offsets, ranges.first, ranges.last)
    starts = np.zeros(len(ranges), np.int64)
    np.cumsum(room[:-1], out=starts[1:])
    total = int(room.sum())
    ids = np.empty(total, np.int32)
    weights = np.empty(total, np.float32)
    ends = np.empty(len(ranges), np.int64)
    over(
        _assemble,
        len(ranges),
        sentences.words,
        sentences.word_offsets,
        sentences.bigrams,
        sentences.bigram_offsets,
        ranges.first,
        ranges.last,
        ranges.without,
        with_bigrams,
        np.float32(bigram_weight),
        np.float32(power),
        ids,
        weights,
        starts,
        ends,
    )
    return Bags(ids, weights, starts, ends)


def _room(offsets: Int64, first: Int64, last: Int64) -> Int64:
    room: Int64 = offsets[last] - offsets[first]
    return room


@njit(cache=True, nogil=True)
def _merge(ids: Int32, weights: Float32, start: int, end: int, weight: float, power: float) -> int:
    """Sort ids[start:end], keep each once with weight * count ** power; returns the new end."""
    if end == start:
        return start
    part = ids[start:end]
    part.sort()
    out = start
    i = start
    while i < end:
        j = i + 1
        while j < end and ids[j] == ids[i]:
            j += 1
        count = j - i
        ids[out] = ids[i]
        weights[out] = weight if count == 1 else weight * np.float32(count) ** power
        out += 1
        i = j
    return out


@njit(cache=True, nogil=True)
def _assemble(
    low: int,
    high: int,
    words: Int32,
    word_offsets: Int64,
    bigrams: Int32,
    bigram_offsets: Int64,
    first: Int64,
    last: Int64,
    without: Int64,
    with_bigrams: bool,
    bigram_weight: float,
    power: float,
    ids: Int32,
    weights: Float32,
    starts: Int64,
    ends: Int64,
) -> None:
    for bag in range(low, high):
        begin = starts[bag]
        end = begin
        for sentence in range(first[bag], last[bag]):
            if sentence != without[bag]:
                for place in range(word_offsets[sentence], word_offsets[sentence + 1]):
                    ids[end] = words[place]
                    end += 1
        end = _merge(ids, weights, begin, end, np.float32(1), power)
        if with_bigrams:
            begin = end
            for sentence in range(first[bag], last[bag]):
                if sentence != without[bag]:
                    for place in range(bigram_offsets[sentence], bigram_offsets[sentence + 1]):
                        ids[end] = bigrams[place]
                        end += 1
            end = _merge(ids, weights, begin, end, bigram_weight, power)
        ends[bag] = end


def own_sentences(*parts: Ranges) -> tuple[Int64, tuple[Ranges, ...]]:
    """The sentences that some ranges need, and the ranges in the numbers of those sentences.

    Returns:
        rows: int64 [n], sorted and distinct; and each of ``parts`` with first, last and without as places in ``rows``.
    """
    # as much work as the ranges are long, wherever in the text they lie: a batch is drawn from all of it
    rows = np.unique(np.concatenate([np.empty(0, np.int64), *map(members, parts)]))
    local = []
    for part in parts:
        first = np.searchsorted(rows, part.first)
        left_out = (part.without >= part.first) & (part.without < part.last)
        own = np.where(left_out, first + part.without - part.first, -1)
        local.append(Ranges(first, first + part.last - part.first, own))
    return rows, tuple(local)


def members(ranges: Ranges) -> Int64:
    """Every place of every range, those left out too, one after another: int64."""
    lengths = ranges.last - ranges.first
    begins = np.cumsum(lengths) - lengths
    members: Int64 = np.arange(int(lengths.sum())) + np.repeat(ranges.first - begins, lengths)
    return members
