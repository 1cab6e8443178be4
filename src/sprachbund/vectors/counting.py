"""How often words stand near one another, and the positive pointwise mutual information of that: sparse rows.

Pairs are sorted a block of words at a time, so that the memory is bounded by the distinct pairs and a block. A pair d
words apart counts (window + 1 - d) / window, the mean of word2vec's drawn windows, so that nothing is drawn.

    PPMI(w, c) = max(0, ln(n(w, c) S / (n(w) n(c)^a)) - ln k),  S = sum of n(c)^a  (a: smoothing, k: shift)

Source: Levy, Goldberg & Dagan 2015, Improving Distributional Similarity with Lessons Learned from Word Embeddings,
sections 2.1 and 3.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64, Offsets
from sprachbund.kernels import njit
from sprachbund.threads import over

__all__ = ["Sparse", "cooccurrences", "information", "of_length_one_rows", "times", "turned"]

_DISTANCE = 5
"""Bits of a packed pair that hold how far apart its words are."""
_PAIRS = 1 << 26
"""Pairs that are sorted at a time."""


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix by rows: numbers and columns of row i lie from offsets[i] to offsets[i + 1].

    Attributes:
        offsets: int64 [rows + 1]. columns: int32 [entries], rising within a row. values: float32 [entries].
        width: columns that there are.
    """

    offsets: Offsets
    columns: Int32
    values: Float32
    width: int

    def __len__(self) -> int:
        return len(self.offsets) - 1


def cooccurrences(ids: Int32, offsets: Offsets, words: int, window: int) -> Sparse:
    """How often each word stands near each other, weighted by nearness: symmetric, [words, words]."""
    most = _most(ids, offsets, words, window)
    rows, columns, values = np.zeros(words, np.int64), [], []
    first = 0
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(most)))
    while first < words:
        last = int(np.searchsorted(before, before[first] + _PAIRS, "right")) - 1
        last = min(max(last, first + 1), words)
        begins = before[first : last + 1] - before[first]
        packed = np.empty(int(begins[-1]), np.uint32)
        _scatter(ids, offsets, window, first, last, begins.copy(), packed)
        kept, weights = np.empty(len(packed), np.int32), np.empty(len(packed), np.float32)
        over(_merge, last - first, begins, packed, window, kept, weights, rows[first:last])
        inside = _firsts(begins, rows[first:last])
        columns.append(kept[inside])
        values.append(weights[inside])
        first = last
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(rows)))
    return Sparse(ends, np.concatenate(columns), np.concatenate(values), words)


@njit(cache=True, nogil=True)
def _most(ids, offsets, words, window):  # type: ignore[no-untyped-def]
    """How many words stand near each word, repeats and all."""
    found = np.zeros(words, np.int64)
    for sentence in range(len(offsets) - 1):
        begin, end = offsets[sentence], offsets[sentence + 1]
        for at in range(begin, end):
            found[ids[at]] += min(at - begin, window) + min(end - 1 - at, window)
    return found


@njit(cache=True, nogil=True)
def _scatter(ids, offsets, window, first, last, places, packed):  # type: ignore[no-untyped-def]
    for sentence in range(len(offsets) - 1):
        begin, end = offsets[sentence], offsets[sentence + 1]
        for at in range(begin, end):
            word = ids[at] - first
            if word < 0 or word >= last - first:
                continue
            for other in range(max(begin, at - window), min(end, at + window + 1)):
                if other != at:
                    packed[places[word]] = np.uint32(ids[other]) << np.uint32(_DISTANCE) | np.uint32(abs(other - at))
                    places[word] += 1


@njit(cache=True, nogil=True)
def _merge(low, high, begins, packed, window, kept, weights, rows):  # type: ignore[no-untyped-def]
    """Sort the pairs of each word and add up the equal ones, into the first rows[word] places of its share."""
    for word in range(low, high):
        own = np.sort(packed[begins[word] : begins[word + 1]])
        place = begins[word] - 1
        held = np.int64(-1)
        for pair in own:
            other = np.int64(pair >> np.uint32(_DISTANCE))
            weight = np.float32((window + 1 - np.int64(pair & np.uint32((1 << _DISTANCE) - 1))) / window)
            if other != held:
                place += 1
                kept[place] = other
                weights[place] = np.float32(0)
                held = other
            weights[place] += weight
        rows[word] = place + 1 - begins[word]


def _firsts(begins: Int64, rows: Int64) -> Int64:
    """The places of the first rows[i] of each share."""
    starts = np.repeat(begins[:-1], rows)
    before = np.repeat(np.cumsum(rows) - rows, rows)
    places: Int64 = starts + np.arange(len(starts)) - before
    return places


def information(pairs: Sparse, smoothing: float, shift: float) -> Sparse:
    """Positive pointwise mutual information, natural logarithm; what is 0 is left out."""
    totals = np.add.reduceat(np.append(pairs.values, 0).astype(np.float64), pairs.offsets[:-1])
    totals[np.diff(pairs.offsets) == 0] = 0
    context = totals**smoothing
    of_word = np.log(np.maximum(totals, 1e-30)).astype(np.float32)
    of_context = np.log(np.maximum(context, 1e-30)).astype(np.float32)
    values = np.log(pairs.values) + np.float32(np.log(context.sum()) - np.log(shift))
    values -= np.repeat(of_word, np.diff(pairs.offsets))
    values -= of_context[pairs.columns]
    kept = values > 0
    before: Int64 = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)))
    return Sparse(before[pairs.offsets], pairs.columns[kept], values[kept], pairs.width)


def of_length_one_rows(matrix: Sparse) -> Sparse:
    """The matrix with its rows at length 1; an empty one stays so."""
    squares = np.append(matrix.values.astype(np.float64) ** 2, 0)
    lengths = np.sqrt(np.add.reduceat(squares, matrix.offsets[:-1]))
    lengths[np.diff(matrix.offsets) == 0] = 1
    values: Float32 = np.asarray(matrix.values / np.repeat(lengths, np.diff(matrix.offsets)), np.float32)
    return Sparse(matrix.offsets, matrix.columns, values, matrix.width)


def turned(matrix: Sparse) -> Sparse:
    """The transpose."""
    counts = np.bincount(matrix.columns, minlength=matrix.width)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    columns, values = np.empty(len(matrix.columns), np.int32), np.empty(len(matrix.columns), np.float32)
    _turn(matrix.offsets, matrix.columns, matrix.values, offsets[:-1].copy(), columns, values)
    return Sparse(offsets, columns, values, len(matrix))


@njit(cache=True, nogil=True)
def _turn(offsets, columns, values, places, out_columns, out_values):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        for entry in range(offsets[row], offsets[row + 1]):
            place = places[columns[entry]]
            out_columns[place] = row
            out_values[place] = values[entry]
            places[columns[entry]] += 1


def times(matrix: Sparse, dense: Float32) -> Float32:
    """The product with a dense matrix: float32 [rows, k]."""
    out = np.zeros((len(matrix), dense.shape[1]), np.float32)
    over(_times, len(matrix), matrix.offsets, matrix.columns, matrix.values, np.ascontiguousarray(dense), out)
    return out


@njit(cache=True, nogil=True, fastmath=False)
def _times(low, high, offsets, columns, values, dense, out):  # type: ignore[no-untyped-def]
    width = dense.shape[1]
    for row in range(low, high):
        for entry in range(offsets[row], offsets[row + 1]):
            value, column = values[entry], columns[entry]
            for k in range(width):
                out[row, k] += value * dense[column, k]
