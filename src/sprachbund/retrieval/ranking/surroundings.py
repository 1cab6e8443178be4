"""A candidate and what stands around it: the text of its document, fading with distance.

Beside its own sentences a candidate counts the sentences before and after it, up to ``reach`` away: one at distance d
with the weight decay^d, times ``across`` where it stands in another section. Where a document is one short section, or
a text has no documents, this is little more than the candidate itself.

Nothing is stored for it. An index holds the postings of sentences, and what surrounds a candidate is summed when a
query comes: each posting adds to the candidates within its reach. So the query can be taken out of its own document
exactly, as it would not stand in the collection of somebody who asks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.bags import Bags, Ranges, Sentences, assemble
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.ranking.bm25 import (
    BM25Settings,
    Index,
    build_index,
    character_bags,
    inverse_document_frequency,
)
from sprachbund.retrieval.settings import Surroundings
from sprachbund.threads import over


@dataclass(frozen=True)
class Places:
    """Where the candidates of one language stand in their documents.

    Attributes:
        rows: int64 [sentences], the sentences of all documents of the candidates, in the order of the text.
        low, high: int64 [sentences], the document of each sentence, as places in ``rows``.
        sections: int32 [sentences].
        query, first, last: int64 [candidates], as places in ``rows``, rising; see `pairs.Pairs`.
        column: int64 [sentences + 1], the first candidate whose query stands there or later.
    """

    rows: Int64
    low: Int64
    high: Int64
    sections: Int32
    query: Int64
    first: Int64
    last: Int64
    column: Int64

    def span(self, surroundings: Surroundings) -> int:
        """How far from its query a candidate may reach, in sentences."""
        if not len(self.query):
            return 0
        return surroundings.reach + int(max((self.query - self.first).max(), (self.last - self.query).max()))

    def of(self, queries: Int64) -> Int64:
        """The places of sentences of the text, -1 for those of other documents: int64 like ``queries``."""
        if not len(self.rows):
            return np.full(len(queries), -1, np.int64)
        place = np.minimum(np.searchsorted(self.rows, queries), len(self.rows) - 1)
        return np.where(self.rows[place] == queries, place, -1)


def find_places(data: EncodedLanguage, pairs: Pairs) -> Places:
    """The documents of some candidates; ``pairs`` in the order of the text."""
    documents = np.asarray(data.documents)
    rows = np.flatnonzero(np.isin(documents, np.unique(documents[pairs.query])))
    own = documents[rows]
    heads = np.flatnonzero(np.r_[True, own[1:] != own[:-1]][: len(own)])
    sizes = np.diff(np.r_[heads, len(own)])
    query, first = np.searchsorted(rows, pairs.query), np.searchsorted(rows, pairs.first)
    return Places(
        rows,
        np.repeat(heads, sizes),
        np.repeat(heads + sizes, sizes),
        np.asarray(data.sections)[rows],
        query,
        first,
        first + pairs.last - pairs.first,
        np.searchsorted(query, np.arange(len(rows) + 1)),
    )


# ---- kernels


@njit(cache=True, nogil=True, inline="always")
def _weight(sentence, query, first, last, sections, fading, across):  # type: ignore[no-untyped-def]
    """What one sentence counts for a candidate of the same document; 0 for the candidate's own query."""
    if sentence == query:
        return np.float32(0)
    if sentence < first:
        distance = first - sentence
    elif sentence >= last:
        distance = sentence - last + 1
    else:
        return np.float32(1)
    if distance >= len(fading):
        return np.float32(0)
    return fading[distance] if sections[sentence] == sections[query] else fading[distance] * across


@njit(cache=True, nogil=True)
def _lengths(words, low, high, sections, query, first, last, span, fading, across, out):  # type: ignore[no-untyped-def]
    """The words that each candidate counts."""
    for j in range(len(query)):
        at = query[j]
        total = np.float32(0)
        for s in range(max(low[at], at - span), min(high[at], at + span + 1)):
            total += words[s] * _weight(s, at, first[j], last[j], sections, fading, across)
        out[j] = total


@njit(cache=True, nogil=True)
def _reached(offsets, postings, low, high, column, span):  # type: ignore[no-untyped-def]
    """How many candidates have each n-gram within their reach: int64 [n-grams]."""
    counts = np.zeros(len(offsets) - 1, np.int64)
    for number in range(len(counts)):
        tail = np.int64(0)
        for at in range(offsets[number], offsets[number + 1]):
            s = np.int64(postings[at])
            reached, stop = column[max(low[s], s - span)], column[min(high[s], s + span + 1)]
            counts[number] += max(0, stop - max(tail, reached))
            tail = max(tail, stop)
    return counts


@njit(cache=True, nogil=True)
def _score(  # type: ignore[no-untyped-def]
    begin, end, ids, counts, starts, ends, asked, numbers, offsets, postings, frequencies, idf, words, lengths,
    low, high, sections, query, first, last, column, span, k1, b, mean, fading, across, result,
):  # fmt: skip
    held = np.zeros(len(query), np.float32)
    for bag in range(begin, end):
        target, own = result[bag], asked[bag]
        own_first = own_last = np.int64(0)
        if own >= 0:
            own_first, own_last = column[low[own]], column[high[own]]
        for place in range(starts[bag], ends[bag]):
            number = numbers[ids[place]]
            if number < 0:
                continue
            weight = counts[place] * idf[number]
            # postings rise, and so do the candidates in their reach: what lies behind is complete
            head = tail = np.int64(0)
            for at in range(offsets[number], offsets[number + 1] + 1):
                if at < offsets[number + 1]:
                    s = np.int64(postings[at])
                    if s == own:
                        continue
                    reached = column[max(low[s], s - span)]
                    stop = column[min(high[s], s + span + 1)]
                else:
                    s, reached, stop = np.int64(-1), len(query), len(query)
                for j in range(head, min(tail, reached)):
                    tf = held[j]
                    held[j] = 0
                    if tf > 0:
                        length = lengths[j]
                        if own_first <= j < own_last:
                            length -= words[own] * _weight(own, query[j], first[j], last[j], sections, fading, across)
                        target[j] += weight * tf / (tf + k1 * (1 - b + b * length / mean))
                head, tail = reached, max(tail, stop)
                if s >= 0:
                    frequency = frequencies[at]
                    for j in range(reached, stop):
                        held[j] += frequency * _weight(s, query[j], first[j], last[j], sections, fading, across)


@njit(cache=True, nogil=True)
def _sum_around(begin, end, sums, low, high, sections, query, first, last, span, fading, across, result):  # type: ignore[no-untyped-def]
    for j in range(begin, end):
        at = query[j]
        target = result[j]
        target[:] = 0
        for s in range(max(low[at], at - span), min(high[at], at + span + 1)):
            weight = _weight(s, at, first[j], last[j], sections, fading, across)
            if weight > 0:
                for d in range(sums.shape[1]):
                    target[d] += weight * sums[s, d]


@njit(cache=True, nogil=True)
def _cosines(  # type: ignore[no-untyped-def]
    begin, end, scores, lengths, asked_lengths, asked, low, high, sections, query, first, last, column, fading, across
):  # fmt: skip
    """From products with vectors that are not of length 1 to cosines, the query taken out of its own document."""
    for i in range(begin, end):
        row = scores[i]
        own_first = own_last = np.int64(0)
        if asked[i] >= 0:
            own_first, own_last = column[low[asked[i]]], column[high[asked[i]]]
        for j in range(own_first, own_last):
            part = asked_lengths[i] * _weight(asked[i], query[j], first[j], last[j], sections, fading, across)
            square = lengths[j] * lengths[j] - 2 * part * row[j] + part * part
            # of a candidate that held the query alone rounding is left
            kept = square > np.float32(1e-6) * lengths[j] * lengths[j]
            row[j] = (row[j] - part) / np.sqrt(square) if kept else np.float32(0)
        for j in range(len(row)):
            if (j < own_first or j >= own_last) and lengths[j] > 0:
                row[j] /= lengths[j]


# ---- scorers


@dataclass(frozen=True)
class SurroundedIndex:
    """The sentences around the candidates of one language.

    Attributes:
        places: of the candidates. index: of the sentences in ``places.rows``. surroundings: the weights.
        lengths: float32 [candidates], the words (or character n-grams) that each candidate counts.
        reached: int64 [columns of the index], the candidates that have the n-gram within their reach; after
            `count_together` those of all parts of a pool.
    """

    places: Places
    index: Index
    surroundings: Surroundings
    lengths: Float32
    reached: Int64

    def size(self) -> int:
        """Bytes."""
        arrays = [value for value in vars(self.places).values() if isinstance(value, np.ndarray)]
        return self.index.size() + sum(array.nbytes for array in arrays) + self.lengths.nbytes + self.reached.nbytes


def fading(surroundings: Surroundings) -> Float32:
    """The weight of a sentence by its distance: float32 [reach + 1]."""
    return (surroundings.decay ** np.arange(surroundings.reach + 1)).astype(np.float32)


def sentence_bags(sentences: Sentences, rows: Int64, order: int, ngrams: Ngrams) -> Bags:
    """Counts of each sentence: of words (order 1) or of character n-grams (order -n)."""
    each = Ranges(rows, rows + 1, np.full(len(rows), -1, np.int64))
    bags = assemble(sentences, each, bigram_weight=0.0, power=1.0)
    return bags if order == 1 else character_bags(bags, ngrams)


def build_surrounded(
    encoded: EncodedCorpus, language: str, pairs: Pairs, order: int, surroundings: Surroundings
) -> SurroundedIndex:
    """Index the documents of some candidates, sentence by sentence."""
    data = encoded.language(language)
    ngrams = encoded.ngrams if order == 1 else encoded.with_characters((-order,))
    places = find_places(data, pairs)
    index = build_index(sentence_bags(data.sentences, places.rows, order, ngrams), len(ngrams))
    span = places.span(surroundings)
    lengths = np.zeros(len(pairs), np.float32)
    _lengths(
        index.lengths, places.low, places.high, places.sections, places.query, places.first, places.last,
        span, fading(surroundings), np.float32(surroundings.across), lengths,
    )  # fmt: skip
    reached = _reached(index.offsets, index.documents, places.low, places.high, places.column, span)
    return SurroundedIndex(places, index, surroundings, lengths, reached)


def count_together(parts: Sequence[SurroundedIndex]) -> list[SurroundedIndex]:
    """The parts of one pool, whose scores compare: an n-gram is as rare as it is among all their candidates."""
    total = np.zeros(len(parts[0].index.column), np.int64)
    for part in parts:
        ids = np.flatnonzero(part.index.column >= 0)
        total[ids] += part.reached[part.index.column[ids]]
    found = []
    for part in parts:
        ids = np.flatnonzero(part.index.column >= 0)
        reached = np.zeros_like(part.reached)
        reached[part.index.column[ids]] = total[ids]
        found.append(replace(part, reached=reached))
    return found


@dataclass(frozen=True)
class SurroundedBM25:
    """BM25 (variant lucene) over the candidates of a pool with what surrounds them.

    The idf counts the candidates that reach an n-gram, and the mean length is that of all candidates.

    Attributes:
        parts: an index a part of the pool, counted together; the candidates follow one another.
        settings: k1, b and the power of the idf.
        queries: bags whose weights are counts. asked: for each part int64 [queries], the place of the query, or -1.
    """

    parts: Sequence[SurroundedIndex]
    settings: BM25Settings
    queries: Bags
    asked: Sequence[Int64]

    def scores(self, low: int, high: int) -> Float32:
        """float32 [high - low, candidates]."""
        return np.concatenate([self._scores(number, low, high) for number in range(len(self.parts))], axis=1)

    def _scores(self, number: int, begin: int, end: int) -> Float32:
        part, bags, settings = self.parts[number], self.queries, self.settings
        places, index = part.places, part.index
        result = np.zeros((end - begin, len(places.query)), np.float32)
        count = sum(len(other.lengths) for other in self.parts)
        mean = sum(float(other.lengths.sum(dtype=np.float64)) for other in self.parts) / max(1, count)
        over(
            _score, end - begin, bags.ids, bags.weights, bags.starts[begin:end], bags.ends[begin:end],
            self.asked[number][begin:end], index.column, index.offsets, index.documents, index.frequencies,
            inverse_document_frequency(part.reached, count, settings), index.lengths, part.lengths, places.low,
            places.high, places.sections, places.query, places.first, places.last, places.column,
            places.span(part.surroundings), np.float32(settings.k1), np.float32(settings.b), np.float32(mean or 1.0),
            fading(part.surroundings), np.float32(part.surroundings.across), result, least=4,
        )  # fmt: skip
        return result


@dataclass(frozen=True)
class SurroundedDense:
    """Cosines between queries and candidates with what surrounds them.

    Attributes:
        queries: float32 [queries, dim], of length 1. query_lengths: float32 [queries], before that.
        candidates: float32 [candidates, dim], those of all parts, not of length 1. lengths: float32 [candidates].
        parts: the places of each language. asked: for each part int64 [queries], the place of the query, or -1.
        surroundings: the weights.
    """

    queries: Float32
    query_lengths: Float32
    candidates: Float32
    lengths: Float32
    parts: Sequence[Places]
    asked: Sequence[Int64]
    surroundings: Surroundings

    def scores(self, low: int, high: int) -> Float32:
        """float32 [high - low, candidates]."""
        result: Float32 = self.queries[low:high] @ self.candidates.T
        at = 0
        for places, asked in zip(self.parts, self.asked, strict=True):
            own = slice(at, at + len(places.query))
            over(
                _cosines, high - low, result[:, own], self.lengths[own], self.query_lengths[low:high],
                asked[low:high], places.low, places.high, places.sections, places.query, places.first, places.last,
                places.column, fading(self.surroundings), np.float32(self.surroundings.across), least=4,
            )  # fmt: skip
            at = own.stop
        return result


def sum_surroundings(sums: Float32, places: Places, surroundings: Surroundings) -> Float32:
    """Each candidate with what surrounds it: float32 [candidates, dim] from the ``sums`` of ``places.rows``."""
    result = np.empty((len(places.query), sums.shape[1]), np.float32)
    over(
        _sum_around, len(result), sums, places.low, places.high, places.sections, places.query, places.first,
        places.last, places.span(surroundings), fading(surroundings), np.float32(surroundings.across), result,
    )  # fmt: skip
    return result
