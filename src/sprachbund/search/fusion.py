"""One set of weights for BM25 and an encoder, the same for every language: what an index scores with.

    score = words + characters * (BM25 of character n-grams) + dense * (own * cosine + (1 - own) * cosine around)

A study tunes every arm language by language, to be fair to each. Somebody who searches meets languages without a dev
side, and compares scores across languages. So the idf is divided by that of the rarest n-gram there could be,
ln(1 + passages), which keeps BM25 in one range however large the collection, and the weights are those with the best
geometric mean of MRR over the languages' dev sides.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np

from sprachbund.retrieval.baselines import collect
from sprachbund.retrieval.bm25 import BM25Settings
from sprachbund.retrieval.encoded import EncodedCorpus
from sprachbund.retrieval.evaluation import dense_scorers
from sprachbund.retrieval.model import Model
from sprachbund.retrieval.pools import Pool
from sprachbund.retrieval.ranking import Scorer, mrr, rank
from sprachbund.retrieval.settings import Settings, Surroundings

CHARACTERS = 4
CHARACTER_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0)
DENSE_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)
OWN = (0.0, 0.25, 0.5, 0.75, 1.0)
WORDS_SETTINGS = BM25Settings("lucene", k1=2.0, b=0.2, idf_power=1.5)
CHARACTER_SETTINGS = BM25Settings("lucene", k1=3.0, b=0.2, idf_power=1.5)


@dataclass(frozen=True)
class Fusion:
    """How an index scores.

    Attributes:
        words, characters: of BM25 over words and over runs of four characters; variant lucene.
        character_weight: beside a word's 1. dense: of the encoder beside BM25. own: of a passage by itself in the
            encoder's part, the rest for it with what surrounds it.
        surroundings: of the passages.
        tuned: queries and MRR by language, empty for the defaults.
    """

    words: BM25Settings = WORDS_SETTINGS
    characters: BM25Settings = CHARACTER_SETTINGS
    character_weight: float = 0.25
    dense: float = 0.5
    own: float = 0.5
    surroundings: Surroundings = field(default_factory=Surroundings)
    tuned: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Fusion":
        """What `to_dict` wrote."""
        return Fusion(
            BM25Settings(**values["words"]),
            BM25Settings(**values["characters"]),
            values["character_weight"],
            values["dense"],
            values["own"],
            Surroundings(**values["surroundings"]),
            values["tuned"],
        )


def default_fusion(surroundings: Surroundings, *, linear: bool) -> Fusion:
    """The weights of an encoder that had no dev side; ``linear``: what surrounds a passage adds up."""
    return Fusion(surroundings=surroundings, own=0.5 if linear and surroundings.reach else 1.0)


def is_linear(settings: Settings) -> bool:
    """Whether the vectors of an encoder add up: cosine, and no tower."""
    return not settings.encoder.towers and settings.encoder.similarity == "cosine"


def tune_fusion(model: Model, encoded: EncodedCorpus, pools: Mapping[str, Pool]) -> Fusion:
    """Choose the weights on dev pools, one set for all of them.

    Where the corpus was encoded without runs of four characters their weight stays the default.
    """
    around = model.settings.surroundings
    linear = is_linear(model.settings)
    start = default_fusion(around, linear=linear)
    with_characters = CHARACTERS in encoded.manifest["characters"]
    options = list(
        product(
            CHARACTER_WEIGHTS if with_characters else (0.0,),
            DENSE_WEIGHTS,
            OWN if linear and around.reach else (1.0,),
        )
    )
    found, queries = [], {}
    for language, pool in pools.items():
        parts, scales = _parts(model, encoded, pool, start, with_characters)
        table = [[*_bm25(scales, c), *_dense(len(parts) - len(scales), d, own)] for c, d, own in options]
        ranks = rank(parts, np.array(table, np.float32), pool.truth, pool.ranked, pool.excluded)
        found.append([mrr(row) for row in ranks])
        queries[language] = len(pool.queries)
    best = int(np.argmax(np.log(np.maximum(found, 1e-6)).mean(axis=0)))
    character, dense, own = options[best]
    tuned = {
        code: {"queries": queries[code], "mrr": round(row[best], 4)} for code, row in zip(pools, found, strict=True)
    }
    return Fusion(
        character_weight=character if with_characters else start.character_weight,
        dense=dense,
        own=own,
        surroundings=around,
        tuned=tuned,
    )


def _parts(
    model: Model, encoded: EncodedCorpus, pool: Pool, start: Fusion, with_characters: bool
) -> tuple[list[Scorer], list[float]]:
    """The scorers of a pool, BM25 before the encoder, and what brings each BM25 into its range."""
    around = start.surroundings if start.surroundings.reach else None
    features = [(1, start.words)] + ([(-CHARACTERS, start.characters)] if with_characters else [])
    scorers: list[Scorer] = [collect(encoded, pool, order, around).scorer(settings) for order, settings in features]
    scales = [np.log1p(pool.ranked) ** -settings.idf_power for _, settings in features]
    return [*scorers, *dense_scorers(model, encoded, pool, around if is_linear(model.settings) else None)], scales


def _bm25(scales: list[float], character: float) -> list[float]:
    return [scale * weight for scale, weight in zip(scales, (1.0, character), strict=False)]


def _dense(count: int, weight: float, own: float) -> list[float]:
    return [weight] if count == 1 else [weight * own, weight * (1 - own)]
