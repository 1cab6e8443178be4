"""The baseline, tuned as carefully as the models: BM25 over words, over characters, and the two fused.

Each feature is tuned alone by coordinate search on dev (power of the idf, k1, b, variant); then the weights of the
sum, each part divided by the spread of its scores. A feature with weight 0 drops out, so the fused choice is never
worse on dev than the best single one. An untuned or words-only BM25 flatters whatever is compared with it. With
``surroundings`` every candidate counts the text around it: what a model that does so must be compared with.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.errors import FolderError, one_line
from sprachbund.retrieval.encoder.bags import Bags, Ranges, Sentences, assemble
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.ranking.bm25 import (
    VARIANTS,
    BM25Scorer,
    BM25Settings,
    Index,
    build_index,
    character_bags,
    weights,
)
from sprachbund.retrieval.ranking.kept import Kept
from sprachbund.retrieval.ranking.pools import Pool
from sprachbund.retrieval.ranking.ranks import Scorer, mrr, rank, rank_settings, spread
from sprachbund.retrieval.ranking.surrounded_bm25 import (
    SurroundedBM25,
    SurroundedIndex,
    build_surrounded,
    count_together,
)
from sprachbund.retrieval.ranking.surroundings import Places
from sprachbund.retrieval.settings import Surroundings

START = BM25Settings("lucene", k1=1.2, b=0.75, idf_power=1.5)
GRID: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("idf_power", (1.0, 1.5, 2.0, 2.5)),
    ("k1", (0.4, 0.7, 1.2, 2.0, 3.0)),
    ("b", (0.2, 0.4, 0.6, 0.75, 0.9, 1.0)),
    ("variant", VARIANTS),
    ("idf_power", (1.0, 1.5, 2.0, 2.5)),
    ("k1", (0.4, 0.7, 1.2, 2.0, 3.0)),
)
AROUND_START = BM25Settings("lucene", k1=2.0, b=0.4, idf_power=1.5)
AROUND_GRID: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("idf_power", (1.0, 1.5, 2.0, 2.5)),
    ("k1", (0.7, 1.2, 2.0, 3.0)),
    ("b", (0.0, 0.2, 0.4, 0.75)),
)
AROUND_ORDERS = (1, -4)
FUSION = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


_INDEXES: Kept[Index] = Kept(1 << 30, lambda index: index.size())
_SURROUNDED: Kept[list[SurroundedIndex]] = Kept(1 << 30, lambda parts: sum(part.size() for part in parts))


@dataclass(frozen=True)
class Feature:
    """One BM25 inside the baseline.

    Attributes:
        order: 1 for words, -n for character n-grams of n.
        settings: tuned. spread: of its scores on dev. weight: in the sum, after division by the spread.
    """

    order: int
    settings: BM25Settings
    spread: float = 1.0
    weight: float = 1.0

    @property
    def name(self) -> str:
        """``words`` or ``characters-4``."""
        return "words" if self.order == 1 else f"characters-{-self.order}"


@dataclass(frozen=True)
class Baseline:
    """The tuned BM25 of one language and task.

    Attributes:
        features: those with a weight above 0. mrr: on dev. tried: settings that were scored.
        surroundings: of the candidates, or None where each stands by itself.
    """

    features: tuple[Feature, ...]
    mrr: float
    tried: int
    surroundings: Surroundings | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "Baseline":
        """What `to_dict` wrote."""
        try:
            features = tuple(
                Feature(**{**feature, "settings": BM25Settings(**feature["settings"])})
                for feature in values["features"]
            )
            around = values.get("surroundings")
            return Baseline(features, values["mrr"], values["tried"], Surroundings(**around) if around else None)
        except (TypeError, KeyError, AttributeError) as error:
            raise FolderError(f"a run's baseline cannot be read ({one_line(error)}); remove the study's runs") from None


@dataclass(frozen=True)
class Collection:
    """The bags of a pool for one feature: an index of the columns, and the queries."""

    index: Index
    queries: Bags

    def scorer(self, settings: BM25Settings) -> BM25Scorer:
        """Scores under some settings."""
        return BM25Scorer(self.index, weights(self.index, settings), self.queries)

    def ranks(self, pool: Pool, tried: Sequence[BM25Settings]) -> Int64:
        """The ranks of the truths under each of some settings: int64 [settings, queries]."""
        alone = np.ones((1, 1), np.float32)
        ranks = [rank([self.scorer(each)], alone, pool.truth, pool.ranked, pool.excluded) for each in tried]
        return np.concatenate(ranks)


@dataclass(frozen=True)
class SurroundedCollection:
    """The same with the text around the candidates: an index a part of the pool, and the queries' places."""

    parts: list[SurroundedIndex]
    queries: Bags
    asked: list[Int64]

    def scorer(self, settings: BM25Settings) -> SurroundedBM25:
        """Scores under some settings, whose variant is ``lucene``."""
        return SurroundedBM25(self.parts, [settings], self.queries, self.asked)

    def ranks(self, pool: Pool, tried: Sequence[BM25Settings]) -> Int64:
        """The ranks of the truths under each of some settings: int64 [settings, queries]."""
        scorer = SurroundedBM25(self.parts, tried, self.queries, self.asked)
        return rank_settings(scorer, len(tried), pool.truth, pool.ranked, pool.excluded)


def collect(
    encoded: EncodedCorpus, pool: Pool, order: int, surroundings: Surroundings | None = None
) -> "Collection | SurroundedCollection":
    """Index a pool by words (order 1) or character n-grams (order -n).

    The indexes used last are kept, for the same columns are asked for by every arm and seed of a study.
    """
    ngrams = encoded.ngrams if order == 1 else encoded.with_characters((-order,))

    def bags_of(language: str, ranges: Ranges) -> Bags:
        bags = _counts(encoded.language(language).sentences, ranges)
        return bags if order == 1 else character_bags(bags, ngrams)

    asking = bags_of(pool.language, pool.queries.queries())
    key = (str(encoded.path), encoded.manifest["split"], encoded.manifest["corpus"], pool.columns_hash(), order)
    if surroundings is not None:
        parts = _SURROUNDED.get(
            (*key, surroundings),
            lambda: count_together(
                [build_surrounded(encoded, p.language, p.pairs, order, surroundings) for p in pool.parts]
            ),
        )
        return SurroundedCollection(parts, asking, asked_places(pool, [part.places for part in parts]))

    def make() -> Index:
        columns = [bags_of(part.language, part.pairs.candidates()) for part in pool.parts]
        return build_index(concatenate(columns), len(ngrams))

    return Collection(_INDEXES.get(key, make), asking)


def asked_places(pool: Pool, parts: Sequence[Places]) -> list[Int64]:
    """Where the pool's queries stand in the documents of each part, -1 for other documents: int64 [queries] each."""
    nowhere = np.full(len(pool.queries), -1, np.int64)
    return [
        places.of(pool.queries.query) if part.language == pool.language else nowhere
        for part, places in zip(pool.parts, parts, strict=True)
    ]


def _counts(sentences: Sentences, ranges: Ranges) -> Bags:
    return assemble(sentences, ranges, bigram_weight=0.0, power=1.0)


def concatenate(parts: Sequence[Bags]) -> Bags:
    """Bags one after another."""
    shifts = np.cumsum([0, *(len(part.ids) for part in parts)])
    return Bags(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.starts + shift for part, shift in zip(parts, shifts[:-1], strict=True)]),
        np.concatenate([part.ends + shift for part, shift in zip(parts, shifts[:-1], strict=True)]),
    )


def tune_baseline(
    encoded: EncodedCorpus,
    pool: Pool,
    orders: Sequence[int] = (1, -4, -5),
    surroundings: Surroundings | None = None,
) -> Baseline:
    """Choose variant, k1, b, power of the idf and weights on a dev pool."""
    chosen, scorers, tried = [], [], 0
    for order in orders:
        collection = collect(encoded, pool, order, surroundings)
        best, best_score = (START, -1.0) if surroundings is None else (AROUND_START, -1.0)
        seen: dict[BM25Settings, float] = {}
        for name, values in GRID if surroundings is None else AROUND_GRID:
            trials = [replace(best, **{name: value}) for value in values]
            trials = [trial for trial in trials if trial not in seen]
            if trials:
                seen.update(zip(trials, map(mrr, collection.ranks(pool, trials)), strict=True))
                tried += len(trials)
            best, best_score = max(seen.items(), key=lambda item: item[1])
        scorer = collection.scorer(best)
        width = spread(scorer, len(pool.queries), pool.ranked)
        chosen.append(Feature(order, best, width, best_score))
        scorers.append(scorer)
    options = [w for w in product(*[FUSION] * len(orders)) if max(w) > 0 and _simplest(w)]
    table = [[w / f.spread for w, f in zip(option, chosen, strict=True)] for option in options]
    ranks = rank(scorers, np.array(table, np.float32), pool.truth, pool.ranked, pool.excluded)
    scores = [mrr(row) for row in ranks]
    best_option = int(np.argmax(scores))
    features = tuple(
        replace(feature, weight=weight)
        for feature, weight in zip(chosen, options[best_option], strict=True)
        if weight > 0
    )
    return Baseline(features, scores[best_option], tried + len(options), surroundings)


def _simplest(option: tuple[float, ...]) -> bool:
    """One of the proportional weightings: the first weight that is not 0 is 1."""
    return next(weight for weight in option if weight) == 1.0


def baseline_parts(encoded: EncodedCorpus, pool: Pool, baseline: Baseline) -> tuple[list[Scorer], list[float]]:
    """The scorers of a tuned baseline on any pool, and their weights."""
    scorers: list[Scorer] = [
        collect(encoded, pool, feature.order, baseline.surroundings).scorer(feature.settings)
        for feature in baseline.features
    ]
    return scorers, [feature.weight / feature.spread for feature in baseline.features]
