"""Cognates that were learned from two lists of frequent words, as a measure: how many words of a language have one.

It sees through sound change, where overlap is blind: *cabeza* is found in *cabeça* because z and ç meet in hundreds of
pairs. Learning takes seconds a pair, so the measure is asked of one pair, or when a thorough answer is wanted; what was
learned is kept.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.neighbours.estimates import mean_of
from sprachbund.neighbours.frequencies import words_of_both
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources

if TYPE_CHECKING:
    import polars as pl

__all__ = ["WORDS", "pairs_of", "share_of"]

WORDS = 2_000
"""Words of each list: what speech mostly consists of; rarer words are more often international."""
_VERSION = 1
_LETTERS = 4
_SHOWN = 12


def share_of(sources: Sources, target: str, candidate: str) -> Value:
    """The share of the target's 2,000 most frequent words (of four letters or more) that have a learned cognate."""
    found = words_of_both(sources, target, candidate)
    for each, code in zip(found, (target, candidate), strict=True):
        if each is None or each[0].height < WORDS:
            return lacking(f"no list of frequent words has {code}", "word lists")
    (first, source), (second, another) = (each for each in found if each is not None)
    pairs = pairs_of(sources, target, candidate, first, second)
    left = set(pairs["left"])
    words = [word for word in first["word"].head(WORDS) if len(word) >= _LETTERS]
    value, low, high = mean_of(np.array([word in left for word in words], np.float64))
    parts: dict[str, Any] = {
        "words": len(words),
        "pairs": pairs.height,
        "examples": [[*row] for row in _changed(pairs)[:_SHOWN]],
    }
    both = source if source == another else f"{source}, {another}"
    return Value(value, low, high, 1.0, source=f"{both}, learned", parts=parts)


def pairs_of(
    sources: Sources, target: str, candidate: str, first: "pl.DataFrame", second: "pl.DataFrame"
) -> "pl.DataFrame":
    """Learned cognates (left, right, score) of two lists; kept under their content."""
    from sprachbund.cognates.learning import LearningSettings, learn
    from sprachbund.cognates.words import counted_words
    from sprachbund.errors import CorpusError

    def make() -> "pl.DataFrame":
        left, right = (
            counted_words(code, list(table.head(WORDS).iter_rows()))
            for code, table in ((target, first), (candidate, second))
        )
        try:
            return learn(left, right, LearningSettings(words=WORDS)).pairs.select("left", "right", "score")
        except CorpusError:  # no word in letters that can be romanised
            return pl.DataFrame(schema=schema)

    import polars as pl

    schema = {"left": pl.String, "right": pl.String, "score": pl.Float32}
    files = _files(sources, (target, candidate))
    if not files:  # from a corpus or a package, which have no file of their own to name
        return sources.once(("learned", target, candidate), make)
    return sources.features(f"cognates-{target}-{candidate}", _VERSION, files, schema, make)


def _files(sources: Sources, codes: Sequence[str]) -> list[Path]:
    """The published lists that were read; none where the words are of the corpus or a package."""
    from sprachbund.neighbours.frequencies import corpus_code, list_of

    if all(corpus_code(sources, code) is not None for code in codes):
        return []
    found = [list_of(sources, code) for code in codes]
    return [path for path in found if path is not None] if all(found) else []


def _changed(pairs: "pl.DataFrame") -> list[tuple[str, str, float]]:
    """Pairs that are not spelt alike, the surest first: what overlap cannot see."""
    import polars as pl

    unlike = pairs.filter(pl.col("left") != pl.col("right")).sort("score", descending=True)
    return [(left, right, round(score, 3)) for left, right, score in unlike.iter_rows()]
