"""Measures over word lists by concept: the share of words within two edits, LDND, in spelling (IE-CoR) and sounds
(ASJP).

The floor is computed with every value: the same lists with the concepts of one moved against those of the other, so
    that what languages share by chance, short words and common letters, is seen. For LDND it is 1 by its definition.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.neighbours import asjp, iecor
from sprachbund.neighbours.edits import Aligned, align, distance, distances, ldnd, normalised
from sprachbund.neighbours.estimates import DRAWS, interval_of, mean_of
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources

__all__ = ["NEAR", "asjp_ldnd", "iecor_ldnd", "ldnd_value", "near_value", "near_words", "table_one"]

NEAR = 2
"""Edits: what the post's Table 1 calls the same word or nearly so."""
_FEWEST = 10  # concepts: a mean of fewer says nothing
_SHOWN = 6  # of every distance


def near_words(sources: Sources, target: str, candidate: str) -> Value:
    """The share of IE-CoR's concepts whose words are at most two edits apart."""
    first, second = iecor.words_of(sources, target), iecor.words_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"{iecor.NAME} has no variety of {candidate if first is not None else target}", iecor.NAME)
    return near_value(align(first.forms, second.forms), iecor.NAME, first.concepts)


def iecor_ldnd(sources: Sources, target: str, candidate: str) -> Value:
    """LDND of spellings: IE-CoR's words in Latin letters."""
    first, second = iecor.words_of(sources, target), iecor.words_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"{iecor.NAME} has no variety of {candidate if first is not None else target}", iecor.NAME)
    return ldnd_value(align(first.forms, second.forms), iecor.NAME, first.concepts)


def asjp_ldnd(sources: Sources, target: str, candidate: str) -> Value:
    """LDND of sounds: ASJP's 40 concepts in its 41 broad classes of sounds."""
    first, second = asjp.words_of(sources, target), asjp.words_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"{asjp.NAME} has no list of {candidate if first is not None else target}", asjp.NAME)
    value = ldnd_value(align(first.forms, second.forms), asjp.NAME, first.concepts)
    return value if value.value is None else _with(value, lists=[first.name, second.name])


def near_value(words: Aligned, source: str, asked: int, near: int = NEAR) -> Value:
    """The share of concepts with words at most ``near`` edits apart; the floor is that share among different concepts.

    Args:
        asked: concepts that the list has.
    """
    if len(words.concepts) < _FEWEST:
        return lacking(f"{source} has {len(words.concepts)} concepts with words of both, too few", source)
    apart = distances(words)
    value, low, high = mean_of((apart <= near).astype(np.float64))
    by_chance = _others(words, near)
    parts: dict[str, Any] = {
        "concepts": len(words.concepts),
        "edits": {str(edits): int((apart == edits).sum()) for edits in range(near + 1)},
        "more": int((apart > near).sum()),
        "examples": [
            [words.concepts[place], words.first[place], words.second[place], int(apart[place])]
            for edits in range(near + 1)
            for place in np.flatnonzero(apart == edits)[:_SHOWN]
        ],
        "floor": "the same words, different concepts",
    }
    return Value(value, low, high, len(apart) / asked, by_chance, source, parts)


def _others(words: Aligned, near: int) -> float:
    """The share of pairs of words of different concepts that are at most ``near`` edits apart."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    count = len(words.concepts)
    table = cdist(words.first, words.second, scorer=Levenshtein.distance, score_cutoff=near, dtype=np.int32) <= near
    return float((table.sum() - np.trace(table)) / (count * (count - 1)))


def ldnd_value(words: Aligned, source: str, asked: int) -> Value:
    """LDND of two lists, and its interval over concepts drawn again."""
    if len(words.concepts) < _FEWEST:
        return lacking(f"{source} has {len(words.concepts)} concepts with words of both, too few", source)
    table = normalised(words)
    found = ldnd(table)
    assert found is not None
    value, same, different = found
    low, high = interval_of(_drawn(table))
    parts = {
        "concepts": len(table),
        "same concept": same,
        "different concepts": different,
        "floor": "words of different concepts, by definition",
    }
    return Value(value, low, high, len(table) / asked, 1.0, source, parts)


def _drawn(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """LDND of concepts drawn with replacement, float64 [draws]; a concept drawn twice is not compared with itself."""
    often, pairs = _often(len(table))
    diagonal = np.diag(table)
    apart = np.einsum("dc,dc->d", often @ table, often) - (often**2) @ diagonal
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn: npt.NDArray[np.float64] = (often @ diagonal / len(table)) / (apart / pairs)
    return drawn[np.isfinite(drawn)]


@lru_cache(maxsize=16)
def _often(concepts: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """How often each concept is drawn, float32 [draws, concepts], and the pairs of different ones of each draw."""
    rng = np.random.default_rng(0)
    often = rng.multinomial(concepts, np.full(concepts, 1 / concepts), DRAWS).astype(np.float32)
    return often, concepts * concepts - (often**2).sum(axis=1)


def table_one(pairs: Sequence[tuple[str, str]], known: Callable[[str], bool] | None = None) -> list[dict[str, Any]]:
    """The post's Table 1 for any pairs of words: the distance of each, and whether the second word exists.

    Args:
        known: of a word, whether it is in the second language; None: not asked.
    """
    return [
        {"words": [one, other], "edits": distance(one.lower(), other.lower()), "known": known(other) if known else None}
        for one, other in pairs
    ]


def _with(value: Value, **more: Any) -> Value:
    from dataclasses import replace

    return replace(value, parts={**value.parts, **more})
