"""What languages have in common of the very n-grams that a model learns from.

`overlap.vocabularies` counts words and bigrams of whole corpora, as the paper does. Here the n-grams are those of the
settings, in their spelling, of the text that is trained on: what gets a row in the pooled model, and in whose text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.analyses.overlap.intersections import directed, jaccard, shared_types
from sprachbund.arrays import Float64
from sprachbund.corpus.splits import SIDES
from sprachbund.retrieval.encoder.cutting import count
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.rows import select
from sprachbund.retrieval.settings import EncoderSettings

__all__ = ["Common", "common_of"]


@dataclass(frozen=True)
class Common:
    """Means over languages.

    Attributes:
        rows: n-grams that the pooled model has a row for.
        jaccard: of every two languages. directed: the part of a language's n-grams that the hub has, the hub apart; NaN
            where the hub is not among them.
        own, pooled: the part of the running n-grams of test that a language's own training text has, and that of all.
    """

    rows: int
    jaccard: float
    directed: float
    own: float
    pooled: float


def common_of(encoded: EncodedCorpus, languages: Sequence[str], settings: EncoderSettings, hub: str) -> Common:
    """What some languages of an encoded corpus have in common.

    Args:
        encoded: with the text as it is trained on. hub: that the directed overlap is with.
    """
    ngrams = encoded.with_characters(settings.characters if settings.character_weight else ())
    orders = ngrams.orders
    parts = [encoded.language(language) for language in languages]
    trained, tested = (
        [count(ngrams, data, np.asarray(data.sides) == SIDES.index(side)) for data in parts]
        for side in ("train", "test")
    )
    total = np.sum(trained, axis=0)
    kept = np.zeros(len(total), bool)
    kept[select(total, orders, settings)] = True
    has = [kept & (counts > 0) for counts in trained]
    shared = shared_types(has)
    read = np.zeros(len(total), bool)
    read[select(np.full_like(total, settings.min_count), orders, settings)] = True
    beside = ~np.eye(len(parts), dtype=bool)
    towards = directed(shared)[:, languages.index(hub)] if hub in languages else np.full(len(parts), np.nan)
    own, pooled = (
        _mean(np.array([_part(counts[read & known].sum(), counts[read].sum()) for counts, known in pairs]))
        for pairs in (zip(tested, has, strict=True), ((counts, kept) for counts in tested))
    )
    return Common(
        rows=int(kept.sum()),
        jaccard=_mean(jaccard(shared)[beside]),
        directed=_mean(np.array([part for code, part in zip(languages, towards, strict=True) if code != hub])),
        own=own,
        pooled=pooled,
    )


def _part(some: int, all_: int) -> float:
    return float(some / all_) if all_ else np.nan


def _mean(values: Float64) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan
