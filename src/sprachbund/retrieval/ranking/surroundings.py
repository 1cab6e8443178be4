"""A candidate and what stands around it: the text of its document, fading with distance.

Beside its own sentences a candidate counts the sentences before and after it, up to ``reach`` away: one at distance d
with the weight decay^d, times ``across`` where it stands in another section. Where a document is one short section, or
a text has no documents, this is little more than the candidate itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.pairs import Pairs
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
def weight_of(sentence, query, first, last, sections, fading, across):  # type: ignore[no-untyped-def]
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
def _sum_around(begin, end, sums, low, high, sections, query, first, last, span, fading, across, result):  # type: ignore[no-untyped-def]
    for j in range(begin, end):
        at = query[j]
        target = result[j]
        target[:] = 0
        for s in range(max(low[at], at - span), min(high[at], at + span + 1)):
            weight = weight_of(s, at, first[j], last[j], sections, fading, across)
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
            part = asked_lengths[i] * weight_of(asked[i], query[j], first[j], last[j], sections, fading, across)
            square = lengths[j] * lengths[j] - 2 * part * row[j] + part * part
            # of a candidate that held the query alone rounding is left
            kept = square > np.float32(1e-6) * lengths[j] * lengths[j]
            row[j] = (row[j] - part) / np.sqrt(square) if kept else np.float32(0)
        for j in range(len(row)):
            if (j < own_first or j >= own_last) and lengths[j] > 0:
                row[j] /= lengths[j]


# ---- scorers


def fading(surroundings: Surroundings) -> Float32:
    """The weight of a sentence by its distance: float32 [reach + 1]."""
    return (surroundings.decay ** np.arange(surroundings.reach + 1)).astype(np.float32)


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
