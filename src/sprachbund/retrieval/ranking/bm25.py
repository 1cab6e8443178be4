"""BM25 over n-gram ids: the exact baseline that every report must show.

The index holds term frequencies; a setting (variant, k1, b, power of the idf) only reweighs them. So a
setting is tried in milliseconds where building an index anew takes seconds a feature, which is what lets the baseline
be tuned as carefully as the models (docs/log.md has the comparison with bm25s, and a test holds the scores of every
variant equal to bm25s's).

Source of the formulas: Kamphuis et al. 2020, "Which BM25 do you mean?"; the names are bm25s's.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sprachbund.arrays import Float32, Float64, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.threads import over

Variant = Literal["lucene", "robertson", "atire", "bm25l", "bm25+"]
VARIANTS: tuple[Variant, ...] = ("lucene", "robertson", "atire", "bm25l", "bm25+")
DELTA = 0.5


@dataclass(frozen=True)
class BM25Settings:
    """How term frequencies weigh.

    Attributes:
        variant: see the module. k1: saturation. b: length normalisation. idf_power: the idf to this power.
    """

    variant: Variant = "lucene"
    k1: float = 1.2
    b: float = 0.75
    idf_power: float = 1.0


@dataclass(frozen=True)
class Index:
    """Term frequencies of a collection, column by column.

    Attributes:
        column: int32 [ids], the column of an n-gram, -1 where no candidate has it.
        offsets: int64 [columns + 1]. documents: int32, ascending in a column. frequencies: float32, of the same places.
        lengths: float32 [documents], n-grams with repeats.
    """

    column: Int32
    offsets: Int64
    documents: Int32
    frequencies: Float32
    lengths: Float32

    def size(self) -> int:
        """Bytes."""
        arrays = (self.column, self.offsets, self.documents, self.frequencies, self.lengths)
        return sum(array.nbytes for array in arrays)


def build_index(bags: Bags, ids: int) -> Index:
    """Index bags whose weights are counts; ``ids`` is the number of n-grams in all."""
    column = np.full(ids, -1, np.int32)
    used = _count_postings(bags.ids, bags.starts, bags.ends, column)
    offsets = np.zeros(len(used) + 1, np.int64)
    np.cumsum(used, out=offsets[1:])
    documents = np.empty(int(offsets[-1]), np.int32)
    frequencies = np.empty(int(offsets[-1]), np.float32)
    lengths = np.empty(len(bags), np.float32)
    _fill(
        bags.ids,
        bags.weights,
        bags.starts,
        bags.ends,
        column,
        offsets[:-1].copy(),
        documents,
        frequencies,
        lengths,
    )
    return Index(column, offsets, documents, frequencies, lengths)


def weights(index: Index, settings: BM25Settings) -> Float32:
    """The weight of every posting: float32 [postings].

    BM25L and BM25+ give a document something for an n-gram that it lacks; that constant is taken off here, which
    shifts all scores of a query alike and changes no rank.
    """
    count = len(index.lengths)
    frequency = np.diff(index.offsets)
    idf = inverse_document_frequency(frequency, count, settings)
    tf = index.frequencies
    mean = float(index.lengths.mean()) if count else 1.0
    norm = 1 - settings.b + settings.b * index.lengths[index.documents] / (mean or 1.0)
    k1 = settings.k1
    if settings.variant in ("lucene", "robertson"):
        gain = tf / (k1 * norm + tf)
    elif settings.variant == "bm25l":
        scaled = tf / norm
        gain = (k1 + 1) * (scaled + DELTA) / (k1 + scaled + DELTA) - (k1 + 1) * DELTA / (k1 + DELTA)
    else:
        gain = (k1 + 1) * tf / (k1 * norm + tf)
    result: Float32 = (gain * np.repeat(idf, frequency)).astype(np.float32)
    return result


def inverse_document_frequency(frequency: Int64, count: int, settings: BM25Settings) -> Float32:
    """The idf of n-grams that ``frequency`` of ``count`` candidates have, to the power of the settings: float32 [n]."""
    idf = np.maximum(_idf(np.maximum(frequency, 1), count, settings.variant), 0.0) ** settings.idf_power
    result: Float32 = idf.astype(np.float32)
    return result


def _idf(frequency: Int64, count: int, variant: Variant) -> Float64:
    df = frequency.astype(np.float64)
    by_variant = {
        "lucene": 1 + (count - df + 0.5) / (df + 0.5),
        "robertson": np.maximum((count - df + 0.5) / (df + 0.5), 1.0),
        "atire": count / df,
        "bm25l": (count + 1) / (df + 0.5),
        "bm25+": (count + 1) / df,
    }
    result: Float64 = np.log(by_variant[variant])
    return result


@dataclass(frozen=True)
class BM25Scorer:
    """Scores of all candidates of an index.

    Attributes:
        index: the collection. weights: float32 [postings]. queries: bags whose weights are counts.
    """

    index: Index
    weights: Float32
    queries: Bags

    def scores(self, low: int, high: int) -> Float32:
        """float32 [high - low, documents]."""
        result = np.zeros((high - low, len(self.index.lengths)), np.float32)
        bags, index = self.queries, self.index
        over(
            _score,
            high - low,
            bags.ids,
            bags.weights,
            bags.starts[low:high],
            bags.ends[low:high],
            index.column,
            index.offsets,
            index.documents,
            self.weights,
            result,
        )
        return result


def character_bags(bags: Bags, ngrams: Ngrams) -> Bags:
    """Bags of words as bags of their character n-grams; counts multiply."""
    room = _character_room(bags.ids, bags.starts, bags.ends, ngrams.char_offsets)
    starts = np.zeros(len(bags), np.int64)
    np.cumsum(room[:-1], out=starts[1:])
    ids = np.empty(int(room.sum()), np.int32)
    counts = np.empty(len(ids), np.float32)
    ends = np.empty(len(bags), np.int64)
    over(
        _expand,
        len(bags),
        bags.ids,
        bags.weights,
        bags.starts,
        bags.ends,
        ngrams.char_offsets,
        ngrams.char_ids,
        starts,
        ids,
        counts,
        ends,
    )
    return Bags(ids, counts, starts, ends)


@njit(cache=True, nogil=True)
def _count_postings(ids: Int32, starts: Int64, ends: Int64, column: Int32) -> Int64:
    used = np.zeros(1024, np.int64)
    count = 0
    for bag in range(len(starts)):
        for place in range(starts[bag], ends[bag]):
            number = column[ids[place]]
            if number < 0:
                number = count
                column[ids[place]] = number
                count += 1
                if count > len(used):
                    longer = np.zeros(2 * len(used), np.int64)
                    longer[: len(used)] = used
                    used = longer
            used[number] += 1
    return used[:count].copy()


@njit(cache=True, nogil=True)
def _fill(
    ids: Int32,
    counts: Float32,
    starts: Int64,
    ends: Int64,
    column: Int32,
    cursor: Int64,
    documents: Int32,
    frequencies: Float32,
    lengths: Float32,
) -> None:
    for bag in range(len(starts)):
        total = np.float32(0)
        for place in range(starts[bag], ends[bag]):
            number = column[ids[place]]
            documents[cursor[number]] = bag
            frequencies[cursor[number]] = counts[place]
            cursor[number] += 1
            total += counts[place]
        lengths[bag] = total


@njit(cache=True, nogil=True)
def _score(
    low: int,
    high: int,
    ids: Int32,
    counts: Float32,
    starts: Int64,
    ends: Int64,
    column: Int32,
    offsets: Int64,
    documents: Int32,
    posting_weights: Float32,
    result: Float32,
) -> None:
    for bag in range(low, high):
        target = result[bag]
        for place in range(starts[bag], ends[bag]):
            number = column[ids[place]]
            if number >= 0:
                count = counts[place]
                for posting in range(offsets[number], offsets[number + 1]):
                    target[documents[posting]] += count * posting_weights[posting]


@njit(cache=True, nogil=True)
def _character_room(ids: Int32, starts: Int64, ends: Int64, char_offsets: Int64) -> Int64:
    room = np.zeros(len(starts), np.int64)
    for bag in range(len(starts)):
        for place in range(starts[bag], ends[bag]):
            room[bag] += char_offsets[ids[place] + 1] - char_offsets[ids[place]]
    return room


@njit(cache=True, nogil=True)
def _expand(
    low: int,
    high: int,
    ids: Int32,
    counts: Float32,
    starts: Int64,
    ends: Int64,
    char_offsets: Int64,
    char_ids: Int32,
    out_starts: Int64,
    out_ids: Int32,
    out_counts: Float32,
    out_ends: Int64,
) -> None:
    for bag in range(low, high):
        begin = out_starts[bag]
        end = begin
        for place in range(starts[bag], ends[bag]):
            for char in range(char_offsets[ids[place]], char_offsets[ids[place] + 1]):
                out_ids[end] = char_ids[char]
                out_counts[end] = counts[place]
                end += 1
        order = np.argsort(out_ids[begin:end])
        sorted_ids = out_ids[begin:end][order]
        sorted_counts = out_counts[begin:end][order]
        last = begin - 1
        for i in range(end - begin):
            if last >= begin and out_ids[last] == sorted_ids[i]:
                out_counts[last] += sorted_counts[i]
            else:
                last += 1
                out_ids[last] = sorted_ids[i]
                out_counts[last] = sorted_counts[i]
        out_ends[bag] = last + 1
