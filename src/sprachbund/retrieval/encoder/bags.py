"""Bags of n-grams as sparse rows, and the kernels that turn them into vectors and gradients back.

A *bag* is the n-grams of a sentence: ids with weights, a count of n giving n to the power p. What a bag adds up are
*units*: the vector of a bigram is its row, the vector of a word is its row plus the rows of its character n-grams. A
unit is built once for all bags of a call, so characters cost a gather a distinct word and not a gather an occurrence.
A *range* of sentences, less one where a query must not stand in its own context, is the sum of its sentences: each
sentence is added up once, though it asks once and stands in several contexts.

The arrays follow compressed sparse rows. A gradient runs over the matrix turned, so that work is split over what is
written, never over what is summed: the result has the same bits whatever the number of threads.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import get_num_threads

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.threads import over, over_dimensions

UNSEEN = -1
AHEAD = 8  # rows that are asked of memory before they are used: rows of a large table are never in the cache


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


@njit(cache=True, nogil=True)
def number_locally(ids: Int32, starts: Int64, ends: Int64, scratch: Int32) -> tuple[Int32, Int32]:
    """Number the distinct ids of bags in the order of their first appearance.

    Args:
        scratch: int32 [ids in all], all -1; it is -1 again on return.

    Returns:
        distinct: int32 [units], and local: int32 like ``ids``, the number of the id at each place in use.
    """
    local = np.empty(len(ids), np.int32)
    distinct = np.empty(len(ids), np.int32)
    count = 0
    for bag in range(len(starts)):
        for place in range(starts[bag], ends[bag]):
            number = scratch[ids[place]]
            if number < 0:
                number = count
                scratch[ids[place]] = number
                distinct[number] = ids[place]
                count += 1
            local[place] = number
    for number in range(count):
        scratch[distinct[number]] = -1
    return distinct[:count].copy(), local


def slices() -> int:
    """Into how many shares of the dimensions `scatter_ranges` splits its work: one a thread."""
    return int(get_num_threads())


def sum_bags(local: Int32, weights: Float32, starts: Int64, ends: Int64, units: Float32) -> Float32:
    """Each bag's weighted sum of units: float32 [bags, dim]."""
    result = np.empty((len(starts), units.shape[1]), np.float32)
    over(_sum_bags, len(starts), local, weights, starts, ends, units, result)
    return result


@njit(cache=True, nogil=True)
def _sum_bags(
    low: int,
    high: int,
    local: Int32,
    weights: Float32,
    starts: Int64,
    ends: Int64,
    units: Float32,
    result: Float32,
) -> None:
    for bag in range(low, high):
        target = result[bag]
        target[:] = 0
        for place in range(starts[bag], ends[bag]):
            if place + AHEAD < len(local):
                prefetch(units, local[place + AHEAD])
            weight = weights[place]
            source = units[local[place]]
            for d in range(units.shape[1]):
                target[d] += weight * source[d]


def scatter_bags(local: Int32, weights: Float32, starts: Int64, ends: Int64, gradient: Float32, units: int) -> Float32:
    """The gradient of `sum_bags` with respect to its units: float32 [units, dim]."""
    return _gathered(_turn_bags(local, weights, starts, ends, units), gradient)


def _gathered(turned: tuple[Int64, Int32, Float32], gradient: Float32) -> Float32:
    """The weighted sum of gradients for each target: float32 [targets, dim]."""
    offsets, sources, weights = turned
    result = np.empty((len(offsets) - 1, gradient.shape[1]), np.float32)
    over(_sum_bags, len(result), sources, weights, offsets[:-1], offsets[1:], gradient, result)
    return result


@njit(cache=True, nogil=True)
def _turn_bags(local: Int32, weights: Float32, starts: Int64, ends: Int64, units: int) -> tuple[Int64, Int32, Float32]:
    """The bags' matrix turned: for each unit, from offsets[unit], the bags that it stands in, with its weights."""
    offsets = np.zeros(units + 2, np.int64)
    for bag in range(len(starts)):
        for place in range(starts[bag], ends[bag]):
            offsets[local[place] + 2] += 1
    for unit in range(units):
        offsets[unit + 2] += offsets[unit + 1]
    sources = np.empty(offsets[units + 1], np.int32)
    turned = np.empty(offsets[units + 1], np.float32)
    for bag in range(len(starts)):
        for place in range(starts[bag], ends[bag]):
            at = offsets[local[place] + 1]
            offsets[local[place] + 1] = at + 1
            sources[at] = bag
            turned[at] = weights[place]
    return offsets[: units + 1], sources, turned


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


def sum_ranges(sums: Float32, first: Int64, last: Int64, without: Int64) -> Float32:
    """Add up the sentences of each range: float32 [ranges, dim] from ``sums`` float32 [sentences, dim]."""
    result = np.zeros((len(first), sums.shape[1]), np.float32)
    over(_sum_ranges, len(first), sums, first, last, without, result)
    return result


@njit(cache=True, nogil=True)
def _sum_ranges(low: int, high: int, sums: Float32, first: Int64, last: Int64, without: Int64, result: Float32) -> None:
    for i in range(low, high):
        target = result[i]
        for sentence in range(first[i], last[i]):
            if sentence != without[i]:
                source = sums[sentence]
                for d in range(sums.shape[1]):
                    target[d] += source[d]


def scatter_ranges(gradient: Float32, first: Int64, last: Int64, without: Int64, slices: int, result: Float32) -> None:
    """Add the gradient of `sum_ranges` with respect to its sentences to ``result``, float32 [sentences, dim]."""
    over_dimensions(_scatter_ranges, slices, gradient, first, last, without, result)


@njit(cache=True, nogil=True)
def _scatter_ranges(
    low: int, high: int, gradient: Float32, first: Int64, last: Int64, without: Int64, result: Float32
) -> None:
    for i in range(len(first)):
        source = gradient[i, low:high]
        for sentence in range(first[i], last[i]):
            if sentence != without[i]:
                target = result[sentence, low:high]
                for d in range(high - low):
                    target[d] += source[d]


def add_characters(
    distinct: Int32, char_offsets: Int64, char_ids: Int32, numbers: Int32, rows: Float32, weight: float, units: Float32
) -> None:
    """Add to each unit the rows of its character n-grams, times ``weight``.

    Args:
        numbers: int32 [ids in all], the place in ``rows`` of each character n-gram in use.
    """
    over(_add_characters, len(distinct), distinct, char_offsets, char_ids, numbers, rows, np.float32(weight), units)


@njit(cache=True, nogil=True)
def _add_characters(
    low: int,
    high: int,
    distinct: Int32,
    char_offsets: Int64,
    char_ids: Int32,
    numbers: Int32,
    rows: Float32,
    weight: float,
    units: Float32,
) -> None:
    for unit in range(low, high):
        target = units[unit]
        for place in range(char_offsets[distinct[unit]], char_offsets[distinct[unit] + 1]):
            if place + AHEAD < len(char_ids):
                prefetch(rows, numbers[char_ids[place + AHEAD]])
            source = rows[numbers[char_ids[place]]]
            for d in range(units.shape[1]):
                target[d] += weight * source[d]


def scatter_characters(
    distinct: Int32,
    char_offsets: Int64,
    char_ids: Int32,
    numbers: Int32,
    weight: float,
    gradient: Float32,
    characters: int,
) -> Float32:
    """The gradient of `add_characters` with respect to its rows: float32 [characters, dim]."""
    turned = _turn_characters(distinct, char_offsets, char_ids, numbers, np.float32(weight), characters)
    return _gathered(turned, gradient)


@njit(cache=True, nogil=True)
def _turn_characters(
    distinct: Int32, char_offsets: Int64, char_ids: Int32, numbers: Int32, weight: float, characters: int
) -> tuple[Int64, Int32, Float32]:
    """For each character n-gram, from offsets[n], the units that it stands in."""
    offsets = np.zeros(characters + 2, np.int64)
    for unit in range(len(distinct)):
        for place in range(char_offsets[distinct[unit]], char_offsets[distinct[unit] + 1]):
            offsets[numbers[char_ids[place]] + 2] += 1
    for number in range(characters):
        offsets[number + 2] += offsets[number + 1]
    sources = np.empty(offsets[characters + 1], np.int32)
    for unit in range(len(distinct)):
        for place in range(char_offsets[distinct[unit]], char_offsets[distinct[unit] + 1]):
            number = numbers[char_ids[place]]
            sources[offsets[number + 1]] = unit
            offsets[number + 1] += 1
    return offsets[: characters + 1], sources, np.full(len(sources), weight, np.float32)


@njit(cache=True, nogil=True)
def number_characters(distinct: Int32, char_offsets: Int64, char_ids: Int32, numbers: Int32) -> Int32:
    """Number the distinct character n-grams of units; writes into ``numbers``, returns their ids.

    ``numbers`` must be -1 everywhere; `forget` makes it so again.
    """
    found = np.empty(64, np.int32)
    count = 0
    for unit in range(len(distinct)):
        for place in range(char_offsets[distinct[unit]], char_offsets[distinct[unit] + 1]):
            if numbers[char_ids[place]] < 0:
                if count == len(found):
                    longer = np.empty(2 * count, np.int32)
                    longer[:count] = found
                    found = longer
                numbers[char_ids[place]] = count
                found[count] = char_ids[place]
                count += 1
    return found[:count].copy()


@njit(cache=True, nogil=True)
def forget(ids: Int32, numbers: Int32) -> None:
    """Set ``numbers`` back to -1 at ``ids``."""
    for i in range(len(ids)):
        numbers[ids[i]] = -1


def gather(rows: Int32, table: Float32) -> Float32:
    """The rows of a table, zero where the row is UNSEEN: float32 [rows, dim]."""
    result = np.empty((len(rows), table.shape[1]), np.float32)
    over(_gather, len(rows), rows, table, result)
    return result


@njit(cache=True, nogil=True)
def _gather(low: int, high: int, rows: Int32, table: Float32, result: Float32) -> None:
    for i in range(low, high):
        if i + AHEAD < high:
            prefetch(table, rows[i + AHEAD])
        if rows[i] >= 0:
            result[i] = table[rows[i]]
        else:
            result[i] = 0


def adagrad_rows(rows: Int32, gradient: Float32, table: Float32, state: Float32, rate: float) -> None:
    """Row-wise Adagrad: one accumulator a row, of the mean square of its gradient.

    state += mean(g^2); row -= rate * g / (sqrt(state) + 1e-10). ``rows`` has no row twice; UNSEEN rows stay.
    Source: Duchi et al. 2011, with the accumulator shared by a row as in fbgemm's table-batched embeddings.
    """
    over(_adagrad_rows, len(rows), rows, gradient, table, state, np.float32(rate))


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"})
def _adagrad_rows(
    low: int, high: int, rows: Int32, gradient: Float32, table: Float32, state: Float32, rate: float
) -> None:
    dim = table.shape[1]
    for i in range(low, high):
        if i + AHEAD < high:
            prefetch(table, rows[i + AHEAD])
        row = rows[i]
        if row < 0:
            continue
        square = np.float32(0)
        for d in range(dim):
            square += gradient[i, d] * gradient[i, d]
        if square == 0:
            continue
        state[row] += square / np.float32(dim)
        step = rate / (np.sqrt(state[row]) + np.float32(1e-10))
        for d in range(dim):
            table[row, d] -= step * gradient[i, d]
