"""How well a model finds what it should: ranks in every pool, with and without BM25 beside it, and the null test.

recall@k, with its one relevant candidate, is what the TREC tools call Success@k. The primary measure is the mean
reciprocal rank. A *judge* is anything that scores the columns of a pool: an encoder, a baseline, or the two added up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model, encode_ranges, sentence_sums
from sprachbund.retrieval.encoder.softmax import normalise
from sprachbund.retrieval.ranking.baselines import AROUND_ORDERS, Baseline, asked_places, baseline_parts, tune_baseline
from sprachbund.retrieval.ranking.pools import Pool
from sprachbund.retrieval.ranking.ranks import Dense, Scorer, mrr, rank, rank_targets, spread
from sprachbund.retrieval.ranking.surroundings import SurroundedDense, find_places, sum_surroundings
from sprachbund.retrieval.settings import Surroundings

RECALL_AT = (1, 10, 20)
HYBRID = (0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
BOTH = (0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Hybrid:
    """The encoder beside a baseline.

    Attributes:
        baseline: tuned. spread: of the baseline's scores on dev. dense_spread: of the encoder's.
        weight: of the encoder, after division by the spreads; 0 leaves the baseline alone.
        mrr: on dev.
        around_spread, around_weight: the same of the encoder with what surrounds a candidate, where the baseline has
            surroundings.
    """

    baseline: Baseline
    spread: float
    dense_spread: float
    weight: float
    mrr: float
    around_spread: float = 1.0
    around_weight: float = 0.0


@dataclass(frozen=True)
class Ranks:
    """The ranks of a pool's truths.

    Attributes:
        pool: which. truth: int64 [queries]. null: int64 [queries], of planted strangers; 0 where none was planted.
    """

    pool: Pool
    truth: Int64
    null: Int64

    def frame(self, encoded: EncodedCorpus) -> pl.DataFrame:
        """A row a query: task, language, pool, query, document, rank, null_rank."""
        data = encoded.language(self.pool.language)
        rows = self.pool.queries.query
        documents = [data.names[number] for number in data.documents[rows]]
        keys = query_keys(data.language, documents, data.positions[rows])
        return pl.DataFrame(
            {
                "task": [self.pool.task] * len(rows),
                "language": [self.pool.language] * len(rows),
                "pool": [self.pool.name] * len(rows),
                "query": keys,
                "document": documents,
                "group": self.pool.groups,
                "rank": self.truth,
                "null_rank": self.null,
            },
            schema_overrides={"group": pl.Int64, "rank": pl.Int64, "null_rank": pl.Int64},
        )


def query_keys(language: str, documents: Sequence[str], positions: Int32) -> list[str]:
    """A name for each sentence that stays when the corpus is encoded anew: ``language:document:position``."""
    return [f"{language}:{document}:{position}" for document, position in zip(documents, positions, strict=True)]


def dense_scorer(model: Model, encoded: EncodedCorpus, pool: Pool, columns: Float32 | None = None) -> Dense:
    """Encode the queries and all columns of a pool; ``columns`` are those of another pool with the same columns."""
    queries = encode_ranges(model, encoded.language(pool.language), pool.queries.queries())
    if columns is None:
        parts = [encode_ranges(model, encoded.language(p.language), p.pairs.candidates()) for p in pool.parts]
        columns = np.concatenate(parts) if len(parts) > 1 else parts[0]
    return Dense(queries, columns)


def judge(pool: Pool, parts: Sequence[Scorer], weights: Sequence[float]) -> Ranks:
    """Rank the truths of a pool, and the planted strangers."""
    targets = [(pool.truth, pool.excluded), (pool.planted, pool.null_excluded)]
    truth, null = rank_targets(parts, np.array([weights], np.float32), targets, pool.ranked)
    return Ranks(pool, truth[0], null[0])


def dev_mrr(model: Model, encoded: EncodedCorpus, pool: Pool) -> float:
    """The mean reciprocal rank of an encoder in a pool: what tuning looks at."""
    scorer = dense_scorer(model, encoded, pool)
    return mrr(rank([scorer], np.ones((1, 1), np.float32), pool.truth, pool.ranked, pool.excluded)[0])


def tune_baselines(encoded: EncodedCorpus, pool: Pool, surroundings: Surroundings) -> dict[str, Baseline]:
    """BM25 tuned on a dev pool: ``plain`` and, where the surroundings reach anything, ``around``."""
    found = {"plain": tune_baseline(encoded, pool)}
    if surroundings.reach:
        found["around"] = tune_baseline(encoded, pool, AROUND_ORDERS, surroundings)
    return found


def tune_hybrids(
    model: Model, encoded: EncodedCorpus, pool: Pool, baselines: Mapping[str, Baseline]
) -> dict[str, Hybrid]:
    """The encoder beside each baseline: ``hybrid`` of the plain one, ``whole`` of the other.

    A model without cosine has no surroundings: what stands around does not add up.
    """
    linear = model.settings.encoder.similarity == "cosine"
    names = {"plain": "hybrid"} | ({"around": "whole"} if linear else {})
    return {arm: tune_hybrid(model, encoded, pool, baselines[name]) for name, arm in names.items() if name in baselines}


def tune_hybrid(model: Model, encoded: EncodedCorpus, pool: Pool, baseline: Baseline) -> Hybrid:
    """Choose the weights of the encoder beside a baseline on a dev pool.

    Where the baseline has surroundings the encoder scores the candidate by itself and with what surrounds it.
    """
    scorers, weights = baseline_parts(encoded, pool, baseline)
    dense = dense_scorers(model, encoded, pool, baseline.surroundings)
    width = spread(Sum(scorers, weights), len(pool.queries), pool.ranked)
    widths = [spread(part, len(pool.queries), pool.ranked) for part in dense]
    options = list(product(HYBRID)) if len(dense) == 1 else list(product(BOTH, BOTH))
    first = [weight / width for weight in weights]
    table = [[*first, *(o / w for o, w in zip(option, widths, strict=True))] for option in options]
    ranks = rank([*scorers, *dense], np.array(table, np.float32), pool.truth, pool.ranked, pool.excluded)
    scores = [mrr(row) for row in ranks]
    best = int(np.argmax(scores))
    around = (widths[1], options[best][-1]) if len(dense) > 1 else (1.0, 0.0)
    return Hybrid(baseline, width, widths[0], options[best][0], scores[best], *around)


def hybrid_parts(
    model: Model, encoded: EncodedCorpus, pool: Pool, hybrid: Hybrid, known: Dense | None = None
) -> tuple[list[Scorer], list[float]]:
    """The scorers of a hybrid on any pool, and their weights.

    Args:
        known: the encoder's scorer of the pool, where it is there already.
    """
    scorers, weights = baseline_parts(encoded, pool, hybrid.baseline)
    dense = dense_scorers(model, encoded, pool, hybrid.baseline.surroundings, known)
    own = [hybrid.weight / hybrid.dense_spread, hybrid.around_weight / hybrid.around_spread][: len(dense)]
    return [*scorers, *dense], [*(w / hybrid.spread for w in weights), *own]


def dense_scorers(
    model: Model, encoded: EncodedCorpus, pool: Pool, surroundings: Surroundings | None, dense: Dense | None = None
) -> list[Scorer]:
    """The encoder on candidates by themselves and, with ``surroundings``, on what surrounds them too.

    Args:
        dense: the first of them, where it is there already.
    """
    found: list[Scorer] = [dense or dense_scorer(model, encoded, pool)]
    if surroundings is not None:
        found.append(surrounded_scorer(model, encoded, pool, surroundings))
    return found


def surrounded_scorer(model: Model, encoded: EncodedCorpus, pool: Pool, surroundings: Surroundings) -> SurroundedDense:
    """Encode the queries, and all columns of a pool with what surrounds them.

    Memory: the vectors of all sentences of the candidates' documents.
    """
    places, columns = [], []
    for part in pool.parts:
        data = encoded.language(part.language)
        found = find_places(data, part.pairs)
        sums = sentence_sums(model, data, found.rows)
        places.append(found)
        columns.append(sum_surroundings(sums, found, surroundings))
    asking = sentence_sums(model, encoded.language(pool.language), pool.queries.query)
    queries, lengths = normalise(asking)
    candidates = np.concatenate(columns)
    own = asked_places(pool, places)
    return SurroundedDense(queries, lengths, candidates, np.linalg.norm(candidates, axis=1), places, own, surroundings)


@dataclass(frozen=True)
class Sum:
    """Scorers added up with weights."""

    parts: Sequence[Scorer]
    weights: Sequence[float]

    def scores(self, low: int, high: int) -> Float32:
        total = self.parts[0].scores(low, high) * np.float32(self.weights[0])
        for part, weight in zip(self.parts[1:], self.weights[1:], strict=True):
            total += part.scores(low, high) * np.float32(weight)
        return total


def summary(ranks: Int64) -> dict[str, float]:
    """MRR and recall@1, @10, @20 as fractions."""
    return {"mrr": mrr(ranks)} | {f"recall@{k}": float((ranks <= k).mean()) if len(ranks) else 0.0 for k in RECALL_AT}
