"""BM25 over candidates and what stands around them, see `surroundings`.

Nothing is stored for it but what each sentence counts for the candidates in its reach. An index holds the postings of
sentences, and what surrounds a candidate is summed when a query comes: each posting adds to the candidates within its
reach. So the query can be taken out of its own document exactly, as it would not stand in the collection of somebody
who asks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.bags import Bags, Ranges, Sentences, assemble
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.ranking.bm25 import (
    BM25Settings,
    Index,
    build_index,
    character_bags,
    inverse_document_frequency,
)
from sprachbund.retrieval.ranking.surroundings import Places, fading, find_places, weight_of
from sprachbund.retrieval.settings import Surroundings
from sprachbund.threads import over

BLOCK = 1024
"""Sentences whose weights are in a processor's cache together, 200 kB."""


@dataclass(frozen=True)
class SurroundedIndex:
    """The sentences around the candidates of one language.

    Attributes:
        places: of the candidates. index: of the sentences in ``places.rows``. surroundings: how far they count.
        near: int64 [sentences], the first candidate in the reach of each. weights: float32, what each sentence counts
            for its candidates, one after another: those of sentence s begin at ``offsets[s]``, int64 [sentences + 1].
            With the usual reach about 61 a sentence.
        blocks: int64 [blocks + 1], sentences at the borders of documents, `BLOCK` of them or a document between two.
        lengths: float32 [candidates], the words (or character n-grams) that each candidate counts.
        reached: int64 [columns of the index], the candidates that have the n-gram within their reach; after
            `count_together` those of all parts of a pool.
    """

    places: Places
    index: Index
    surroundings: Surroundings
    near: Int64
    offsets: Int64
    weights: Float32
    blocks: Int64
    lengths: Float32
    reached: Int64

    def size(self) -> int:
        """Bytes."""
        arrays = [value for value in vars(self.places).values() if isinstance(value, np.ndarray)]
        arrays += [self.near, self.offsets, self.weights, self.blocks, self.lengths, self.reached]
        return self.index.size() + sum(array.nbytes for array in arrays)


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
    return SurroundedIndex(places, index, surroundings, *_near(places, surroundings), lengths, reached)


def _near(places: Places, surroundings: Surroundings) -> tuple[Int64, Int64, Float32, Int64]:
    """The candidates in the reach of each sentence, what it counts for them, and blocks, see `SurroundedIndex`."""
    span, at = places.span(surroundings), np.arange(len(places.rows))
    near = places.column[np.maximum(places.low, at - span)]
    stop = places.column[np.minimum(places.high, at + span + 1)]
    offsets = np.r_[0, np.cumsum(stop - near)]
    weights = np.empty(int(offsets[-1]), np.float32)
    _weigh(
        places.low, places.high, places.sections, places.query, places.first, places.last, places.column, span,
        fading(surroundings), np.float32(surroundings.across), offsets, weights,
    )  # fmt: skip
    # no sentence reaches beyond its document
    borders = np.unique(np.r_[0, places.low, len(at)])
    blocks = np.unique(borders[np.searchsorted(borders, np.r_[np.arange(0, len(at), BLOCK), len(at)])])
    return near, offsets, weights, blocks


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
        settings: k1, b and the power of the idf, one or several.
        queries: bags whose weights are counts. asked: for each part int64 [queries], the place of the query, or -1.
    """

    parts: Sequence[SurroundedIndex]
    settings: Sequence[BM25Settings]
    queries: Bags
    asked: Sequence[Int64]

    def scores(self, low: int, high: int) -> Float32:
        """Under the first settings: float32 [high - low, candidates]."""
        result: Float32 = self.all_scores(low, high)[0]
        return result

    def all_scores(self, low: int, high: int) -> Float32:
        """Under all settings, for little more than the cost of one: float32 [settings, high - low, candidates]."""
        return np.concatenate([self._scores(number, low, high) for number in range(len(self.parts))], axis=2)

    def _scores(self, number: int, begin: int, end: int) -> Float32:
        part, bags = self.parts[number], self.queries
        places, index = part.places, part.index
        result = np.zeros((len(self.settings), end - begin, len(places.query)), np.float32)
        count = sum(len(other.lengths) for other in self.parts)
        mean = sum(float(other.lengths.sum(dtype=np.float64)) for other in self.parts) / max(1, count) or 1.0
        over(
            _score, end - begin, bags.ids, bags.weights, bags.starts[begin:end], bags.ends[begin:end],
            self.asked[number][begin:end], index.column, index.offsets, index.documents, index.frequencies,
            np.stack([inverse_document_frequency(part.reached, count, settings) for settings in self.settings]),
            index.lengths, part.lengths, places.low, places.high, places.column, part.near, part.offsets, part.weights,
            part.blocks,
            np.array([settings.k1 * (1 - settings.b) for settings in self.settings], np.float32),
            np.array([settings.k1 * settings.b / mean for settings in self.settings], np.float32), result, least=4,
        )  # fmt: skip
        return result


# ---- kernels


@njit(cache=True, nogil=True)
def _lengths(words, low, high, sections, query, first, last, span, fading, across, out):  # type: ignore[no-untyped-def]
    """The words that each candidate counts."""
    for j in range(len(query)):
        at = query[j]
        total = np.float32(0)
        for s in range(max(low[at], at - span), min(high[at], at + span + 1)):
            total += words[s] * weight_of(s, at, first[j], last[j], sections, fading, across)
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
def _weigh(low, high, sections, query, first, last, column, span, fading, across, offsets, out):  # type: ignore[no-untyped-def]
    """What each sentence counts for the candidates of its reach, one after another."""
    for s in range(len(low)):
        reached = column[max(low[s], s - span)]
        for place in range(offsets[s], offsets[s + 1]):
            j = reached + place - offsets[s]
            out[place] = weight_of(s, query[j], first[j], last[j], sections, fading, across)


@njit(cache=True, nogil=True, error_model="numpy")
def _add(weight, held, lengths, free, scaled, target):  # type: ignore[no-untyped-def]
    """Add what one n-gram brings to neighbouring candidates; without branches, so that eight are done at once."""
    for j in range(len(held)):
        tf = held[j]
        # a candidate without any n-gram has no length either
        target[j] += weight * tf / max(tf + (free + scaled * lengths[j]), np.float32(1e-30))


@njit(cache=True, nogil=True)
def _reach(cursor, stop, own, postings, frequencies, near, near_offsets, weights, held, heads, tails):  # type: ignore[no-untyped-def]
    """Count the postings of an n-gram up to a sentence; the candidates that they reach lie in runs, which rise.

    Returns:
        The runs, and the posting that is next.
    """
    runs, tail = 0, np.int64(-1)
    while cursor < len(postings) and postings[cursor] < stop:
        s = np.int64(postings[cursor])
        if s != own:
            reached, size = near[s], near_offsets[s + 1] - near_offsets[s]
            beside, around = weights[near_offsets[s] : near_offsets[s + 1]], held[reached : reached + size]
            frequency = frequencies[cursor]
            for j in range(len(around)):
                around[j] += frequency * beside[j]
            if reached > tail:
                heads[runs] = reached
                runs += 1
            tail = max(tail, reached + size)
            tails[runs - 1] = tail
        cursor += 1
    return runs, cursor


@njit(cache=True, nogil=True, error_model="numpy")
def _score(  # type: ignore[no-untyped-def]
    begin, end, ids, counts, starts, ends, asked, numbers, offsets, postings, frequencies, idf, words, lengths,
    low, high, column, near, near_offsets, near_weights, blocks, free, scaled, result,
):  # fmt: skip
    """Scores under each setting; what a candidate has of an n-gram is counted once for all of them.

    Documents are gone through in blocks, whose weights stay in the cache while all queries look at them.
    """
    held = np.zeros(len(lengths), np.float32)
    heads, tails = np.empty(len(lengths) + 1, np.int64), np.empty(len(lengths) + 1, np.int64)
    own_lengths = lengths.copy()
    entries = np.zeros(end - begin + 1, np.int64)
    entries[1:] = np.cumsum(ends[begin:end] - starts[begin:end])
    cursors = np.empty(entries[-1], np.int64)  # the posting that is next, of each n-gram of each query
    for bag in range(begin, end):
        for place in range(starts[bag], ends[bag]):
            number = numbers[ids[place]]
            cursors[entries[bag - begin] + place - starts[bag]] = offsets[number] if number >= 0 else -1
    for block in range(len(blocks) - 1):
        stop = blocks[block + 1]
        for bag in range(begin, end):
            own = asked[bag] if blocks[block] <= asked[bag] < stop else np.int64(-1)
            if own >= 0:  # the query does not stand in its own document
                for place in range(near_offsets[own], near_offsets[own + 1]):
                    own_lengths[near[own] + place - near_offsets[own]] -= words[own] * near_weights[place]
            for place in range(starts[bag], ends[bag]):
                number = numbers[ids[place]]
                if number < 0:
                    continue
                entry = entries[bag - begin] + place - starts[bag]
                runs, cursors[entry] = _reach(
                    cursors[entry], stop, own, postings[: offsets[number + 1]], frequencies, near, near_offsets,
                    near_weights, held, heads, tails,
                )  # fmt: skip
                for run in range(runs):
                    head, tail = heads[run], tails[run]
                    for k in range(len(idf)):
                        _add(
                            counts[place] * idf[k, number], held[head:tail], own_lengths[head:tail], free[k], scaled[k],
                            result[k, bag, head:tail],
                        )  # fmt: skip
                    held[head:tail] = 0
            if own >= 0:
                head, tail = column[low[own]], column[high[own]]
                own_lengths[head:tail] = lengths[head:tail]
