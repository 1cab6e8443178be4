"""The kernels that turn bags into vectors, and gradients of vectors back.

What a bag adds up are *units*: the vector of a bigram is its row, the vector of a word is its row plus the rows of its
character n-grams. A unit is built once for all bags of a call, so characters cost a gather a distinct word and not a
gather an occurrence.

A gradient runs over the matrix turned, so that work is split over what is written, never over what is summed: the
result has the same bits whatever the number of threads.
"""

import numpy as np
from numba import get_num_threads

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.retrieval.encoder.table_rows import AHEAD
from sprachbund.threads import over, over_dimensions


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
