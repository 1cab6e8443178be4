"""From scores to ranks: the truth among its candidates, exclusions left out, ties against the model.

The rank of a truth is 1 plus the number of other candidates whose score is at least the truth's, less a tolerance for
rounding: two candidates that are equal as bags must not be told apart by the last bit of a matrix product.
Scores come block by block of queries and are counted while they are in the cache, so the memory is a block and not
queries times candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.kernels import njit
from sprachbund.threads import over

TOLERANCE = 1e-5
BLOCK_BYTES = 64 << 20


class Scorer(Protocol):
    """Something that scores all columns of a pool for a run of queries."""

    def scores(self, low: int, high: int) -> Float32:
        """float32 [high - low, columns], higher is better; the caller may write into it."""


class ManyScorer(Protocol):
    """Something that does so under several settings at once."""

    def all_scores(self, low: int, high: int) -> Float32:
        """float32 [settings, high - low, columns]."""


@dataclass(frozen=True)
class Lists:
    """A list of columns for each query, as sparse rows.

    Attributes:
        offsets: int64 [queries + 1]. columns: int64, sorted and distinct in each list.
    """

    offsets: Int64
    columns: Int64

    def __getitem__(self, query: int) -> Int64:
        return self.columns[self.offsets[query] : self.offsets[query + 1]]

    def take(self, queries: Int64) -> "Lists":
        """The lists of some queries, in their order."""
        return lists([self[int(query)] for query in queries])


def lists(parts: Sequence[Int64]) -> Lists:
    """Lists from arrays of columns; each becomes sorted and distinct."""
    distinct = [np.unique(part) for part in parts]
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in distinct], out=offsets[1:])
    columns = np.concatenate(distinct) if distinct else np.empty(0)
    return Lists(offsets, columns.astype(np.int64))


@dataclass(frozen=True)
class Dense:
    """Scores as dot products of vectors.

    Attributes:
        queries: float32 [queries, dim]. candidates: float32 [columns, dim].
    """

    queries: Float32
    candidates: Float32

    def scores(self, low: int, high: int) -> Float32:
        """float32 [high - low, columns]."""
        result: Float32 = self.queries[low:high] @ self.candidates.T
        return result


def rank(
    parts: Sequence[Scorer],
    weights: Float32,
    truth: Int64,
    ranked: int,
    excluded: Lists,
) -> Int64:
    """The rank of each query's truth by weighted sums of scorers; the parts are scored once for all weightings.

    Args:
        parts: scorers of the same queries and columns.
        weights: float32 [weightings, parts].
        truth: int64 [queries], the column of the truth; -1 where a query has none, which gives rank 0.
        ranked: the columns [0, ranked) compete; columns after them can only be truths.
        excluded: for each query the columns that do not compete with it; the truth's own column is among them.

    Returns:
        int64 [weightings, queries], 1 for the best rank.
    """
    return rank_targets(parts, weights, [(truth, excluded)], ranked)[0]


def rank_targets(
    parts: Sequence[Scorer],
    weights: Float32,
    targets: Sequence[tuple[Int64, Lists]],
    ranked: int,
) -> list[Int64]:
    """`rank` for several truths of the same queries (the real and the planted ones) from one scoring."""
    queries = len(targets[0][0])
    weights = np.ascontiguousarray(weights, np.float32)
    ranks = [np.zeros((len(weights), queries), np.int64) for _ in targets]
    for low, high in _blocks(queries, ranked, len(parts)):
        scores = [part.scores(low, high) for part in parts]
        stacked = scores[0][None] if len(scores) == 1 else np.stack(scores)
        for (truth, excluded), found in zip(targets, ranks, strict=True):
            _rank_block(stacked, weights, truth, ranked, excluded, low, found)
    return ranks


def rank_settings(scorer: ManyScorer, settings: int, truth: Int64, ranked: int, excluded: Lists) -> Int64:
    """`rank` under each of several settings of one scorer: int64 [settings, queries]."""
    ranks = np.zeros((settings, len(truth)), np.int64)
    for low, high in _blocks(len(truth), ranked, settings):
        scores = scorer.all_scores(low, high)
        for number in range(settings):
            alone = np.ones((1, 1), np.float32)
            _rank_block(scores[number][None], alone, truth, ranked, excluded, low, ranks[number : number + 1])
    return ranks


def _blocks(queries: int, ranked: int, parts: int) -> list[tuple[int, int]]:
    """Queries whose scores are held at once: (low, high)."""
    block = max(16, min(256, BLOCK_BYTES // (4 * max(1, ranked) * max(1, parts))))
    return [(low, min(queries, low + block)) for low in range(0, queries, block)]


def _rank_block(
    scores: Float32, weights: Float32, truth: Int64, ranked: int, excluded: Lists, low: int, ranks: Int64
) -> None:
    """Fill the ranks of the queries from ``low`` on, whose scores are float32 [parts, queries, columns]."""
    lists_of = (excluded.offsets, excluded.columns)
    over(_count, scores.shape[1], scores, weights, truth, ranked, *lists_of, low, TOLERANCE, ranks, least=4)


@njit(cache=True, nogil=True)
def _count(
    begin: int,
    end: int,
    scores: Float32,
    weights: Float32,
    truth: Int64,
    ranked: int,
    offsets: Int64,
    columns: Int64,
    low: int,
    tolerance: float,
    ranks: Int64,
) -> None:
    parts = len(scores)
    for i in range(begin, end):
        query = low + i
        if truth[query] < 0:
            continue
        total = np.empty(ranked, np.float32)
        for w in range(len(weights)):
            own = np.float32(0)
            for part in range(parts):
                own += weights[w, part] * scores[part, i, truth[query]]
            bar = own - np.float32(tolerance) * max(np.float32(1), abs(own))
            first = weights[w, 0]
            for column in range(ranked):
                total[column] = first * scores[0, i, column]
            for part in range(1, parts):
                weight = weights[w, part]
                for column in range(ranked):
                    total[column] += weight * scores[part, i, column]
            count = 0
            for column in range(ranked):
                # not ">=": what is no number, as of a model that has diverged, counts against the model too
                count += not (total[column] < bar)
            for place in range(offsets[query], offsets[query + 1]):
                column = columns[place]
                if column < ranked and not (total[column] < bar):
                    count -= 1
            ranks[w, query] = count + 1


def mrr(ranks: Int64) -> float:
    """The mean reciprocal rank; 0 for no queries."""
    return float((1.0 / ranks).mean()) if len(ranks) else 0.0


def spread(scorer: Scorer, queries: int, ranked: int, sample: int = 200) -> float:
    """The mean over (the first ``sample``) queries of the standard deviation of their scores; 1 where it is 0.

    Parts of a sum are divided by it before they are weighted, so that a weight means the same in every language.
    """
    deviations = []
    for low in range(0, min(queries, sample), 64):
        scores = scorer.scores(low, min(queries, sample, low + 64))[:, :ranked]
        deviations.append(scores.std(axis=1, dtype=np.float64))
    mean = float(np.concatenate(deviations).mean()) if deviations else 0.0
    return mean if mean > 0 else 1.0
