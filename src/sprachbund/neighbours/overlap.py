"""How many words and n-grams two languages have in common as they are written.

Plain overlap is blind to sound change (*cabeza* and *cabeça* share nothing) and sees names and loans; it is what a
model with one vocabulary for all languages shares without any table, and the best single predictor of what transfer
brings in several tasks (Lin et al. 2019). Lists in different scripts share nothing, and say so.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sprachbund.neighbours.estimates import interval_of
from sprachbund.neighbours.frequencies import words_of_both
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.scripts import script_of
from sprachbund.neighbours.sources import Sources

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "TYPES",
    "directed",
    "gram_counts",
    "grams_of",
    "jaccard_of_grams",
    "token_coverage",
    "type_overlap",
    "word_coverage",
    "words",
]

TYPES = 5_000
"""Words of each list that are compared: as many of both, since a longer list shares more."""
ORDER = 4  # characters of an n-gram, with the edges of the word
_WIDE = 16  # bits of a character's rank: four in one number
_FEWEST = 1_000
_DRAWS = 100
_SHOWN = 12
_LOOKED = 300  # words whose letters say the script


def type_overlap(one: set[str], other: set[str]) -> float | None:
    """|A and B| / |A or B|; None where both are empty."""
    either = len(one | other)
    return len(one & other) / either if either else None


def token_coverage(target: Mapping[str, int], candidate: Mapping[str, int]) -> float | None:
    """The share of the target's running words that the candidate's list has; None for an empty list."""
    total = sum(target.values())
    return sum(count for word, count in target.items() if word in candidate) / total if total else None


def words(sources: Sources, target: str, candidate: str) -> Value:
    """The Jaccard index of the 5,000 most frequent words of each."""
    found = _lists(sources, target, candidate)
    if isinstance(found, Value):
        return found
    first, second, source = found
    one, other = set(first), set(second)
    parts: dict[str, Any] = {
        "words": len(one),
        "shared": len(one & other),
        "examples": [word for word in first if word in other and len(word) > 2][:_SHOWN],
    }
    parts.update(_scripts(first, second))
    value, (low, high) = type_overlap(one, other), _interval(first, second)
    return Value(value, low, high, min(1.0, len(second) / TYPES), source=source, parts=parts)


def directed(sources: Sources, target: str, candidate: str) -> Value:
    """The share of the target's running words (of its 5,000 most frequent) that the candidate's list has."""
    found = _lists(sources, target, candidate)
    if isinstance(found, Value):
        return found
    first, second, source = found
    value = token_coverage(first, second)
    missed = [word for word in first if word not in second][:_SHOWN]
    low, high = _coverage_interval(first, second)
    parts = {"the most frequent that it lacks": missed, **_scripts(first, second)}
    return Value(value, low, high, min(1.0, len(second) / TYPES), source=source, parts=parts)


def jaccard_of_grams(sources: Sources, target: str, candidate: str) -> Value:
    """The weighted Jaccard index of character 4-grams: sum of the lesser over sum of the greater share of each."""
    found = _lists(sources, target, candidate)
    if isinstance(found, Value):
        return found
    first, second, source = found
    one, other = (_grams(sources, code, each) for code, each in ((target, first), (candidate, second)))
    lesser = {gram: min(share, other[gram]) for gram, share in one.items() if gram in other}
    both = sum(lesser.values())
    # the greater shares are what both have less the lesser ones
    value = both / (sum(one.values()) + sum(other.values()) - both)
    examples = sorted(lesser, key=lambda gram: -lesser[gram])[:_SHOWN]
    parts = {"grams": [len(one), len(other)], "shared": len(lesser), "examples": examples, **_scripts(first, second)}
    return Value(value, coverage=min(1.0, len(second) / TYPES), source=source, parts=parts)


def grams_of(word: str, order: int = ORDER) -> list[str]:
    """The character n-grams of ``<word>``; the whole where it is shorter."""
    edged = f"<{word}>"
    return [edged[place : place + order] for place in range(max(1, len(edged) - order + 1))]


def gram_counts(words: Sequence[str]) -> dict[str, int]:
    """How often each gram of `grams_of` occurs among words, all words at once, in the order of code points."""
    edged = [f"<{word}>" for word in words]
    text = "".join(f"{word}\0" for word in edged) + "\0" * ORDER
    letters, ranks = np.unique(np.frombuffer(text.encode("utf-32-le"), np.uint32), return_inverse=True)
    if len(letters) > 1 << _WIDE:  # more than a number has place for, and than words of one language have
        return dict(sorted(Counter(gram for word in words for gram in grams_of(word)).items()))
    windows = np.lib.stride_tricks.sliding_window_view(ranks.astype(np.uint64), ORDER)
    lengths = np.array([len(word) for word in edged], np.int64)
    starts, short = np.cumsum(lengths + 1) - lengths - 1, lengths < ORDER
    # a word that is shorter than a gram is one, with nothing where its letters end
    wholes = np.where(np.arange(ORDER) < lengths[short, None], windows[starts[short]], 0)
    # ranks in one number: numbers stand as their grams do
    places = np.uint64(_WIDE) * np.arange(ORDER - 1, -1, -1, dtype=np.uint64)
    packed = (np.concatenate([windows[windows.all(axis=1)], wholes]) << places).sum(axis=1, dtype=np.uint64)
    found, counts = np.unique(packed, return_counts=True)
    spelt = letters[(found[:, None] >> places) & np.uint64((1 << _WIDE) - 1)].astype("<u4")
    return dict(zip(spelt.view(f"<U{ORDER}").ravel().tolist(), counts.tolist(), strict=True))


def word_coverage(table: "pl.DataFrame") -> dict[str, int]:
    """The first words of a list with their counts."""
    return dict(table.select("word", "count").head(TYPES).iter_rows())


def _lists(sources: Sources, target: str, candidate: str) -> Value | tuple[dict[str, int], dict[str, int], str]:
    found = words_of_both(sources, target, candidate)
    for each, code in zip(found, (target, candidate), strict=True):
        if each is None:
            return lacking(f"no list of frequent words has {code}", "word lists")
        if each[0].height < _FEWEST:
            return lacking(f"{each[1]} has {each[0].height:,} words of {code}, too few", each[1])
    (one, source), (other, another) = (each for each in found if each is not None)
    first, second = (
        sources.once(("frequent", code, source), lambda table=table: word_coverage(table))  # type: ignore[misc]
        for code, table in ((target, one), (candidate, other))
    )
    return first, second, source if source == another else f"{source}, {another}"


def _grams(sources: Sources, code: str, counts: Mapping[str, int]) -> dict[str, float]:
    """The share of each 4-gram among those of the distinct words: running words would count *que* alone."""

    def make() -> dict[str, float]:
        found = gram_counts(list(counts))
        total = sum(found.values())
        return {gram: count / total for gram, count in found.items()}

    return sources.once(("grams", code, len(counts), sum(counts.values())), make)


def _scripts(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, Any]:
    """What is said where two lists are of different scripts."""
    one, other = _script(tuple(first)[:_LOOKED]), _script(tuple(second)[:_LOOKED])
    return (
        {} if one == other else {"scripts": [one, other], "note": "the scripts differ, so that spelling shares nothing"}
    )


@lru_cache(maxsize=256)
def _script(words: tuple[str, ...]) -> str:
    """The script of most of the words' letters."""
    return script_of("".join(words))


def _interval(first: Mapping[str, int], second: Mapping[str, int]) -> tuple[float | None, float | None]:
    """Of the Jaccard index, the words of either list drawn again."""
    one, other = set(first), set(second)
    shared, either = len(one & other), len(one | other)
    drawn = np.random.default_rng(0).binomial(either, shared / either, _DRAWS) / either
    return interval_of(drawn.astype(np.float64))


def _coverage_interval(first: Mapping[str, int], second: Mapping[str, int]) -> tuple[float | None, float | None]:
    """Of token coverage, the target's words drawn again with their counts."""
    held = np.array([word in second for word in first], np.float32)
    drawn, totals = _drawn_counts(tuple(first.values()))
    return interval_of((drawn @ held / totals).astype(np.float64))


@lru_cache(maxsize=4)
def _drawn_counts(counts: tuple[int, ...]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The counts of a target's words in each draw, float32 [draws, words], and their sums: many candidates ask."""
    drawn = _often(len(counts)) * np.array(counts, np.float32)
    return drawn, drawn.sum(1)


@lru_cache(maxsize=4)
def _often(size: int) -> npt.NDArray[np.float32]:
    """How often each word is drawn, float32 [draws, words]."""
    return np.random.default_rng(0).poisson(1.0, (_DRAWS, size)).astype(np.float32)
