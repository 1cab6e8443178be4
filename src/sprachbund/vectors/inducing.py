"""A dictionary of two aligned spaces, and how much of it is right by a dictionary that people made.

Near kin share words, and those that are spelled alike need no vectors: so precision is said for all words, and for
those none of whose translations looks like them and that learned cognates do not have, which is what an alignment
adds.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from rapidfuzz.distance import Levenshtein

from sprachbund.arrays import Float32
from sprachbund.cognates.romanising import plain_word
from sprachbund.errors import SettingsError
from sprachbund.vectors.aligning import FREQUENT, SOUGHT
from sprachbund.vectors.alignment import Alignment
from sprachbund.vectors.nearest import best_of, hubness
from sprachbund.vectors.space import Space

__all__ = ["ALIKE", "Judged", "Precision", "are_alike", "induce", "judge"]

ALIKE = 0.5
"""Similarity of the plain letters (1 less the edit distance over the longer word) from which words look alike."""
AT = (1, 5)


def induce(left: Space, right: Space, alignment: Alignment, most: int = FREQUENT, k: int = 5) -> pl.DataFrame:
    """The words of the right nearest to each of the left: left, right, rank (from 1), score (CSLS), mutual.

    Args:
        most: words of the left, the most frequent. k: how many for each. ``mutual``: each is the other's first.
    """
    ours, theirs = alignment.bring(left, right)
    ours, theirs = ours[:most], theirs[:SOUGHT]
    mine, others = hubness(ours, theirs), hubness(theirs, ours)
    places, scores = best_of(ours, theirs, k, mine, others)
    back, _ = best_of(theirs, ours, 1, others, mine)
    rows = np.repeat(np.arange(len(ours)), places.shape[1])
    flat, rank = places.ravel(), np.tile(np.arange(1, places.shape[1] + 1), len(ours))
    return pl.DataFrame(
        {
            "left": pl.Series([left.words[i] for i in rows.tolist()], dtype=pl.String),
            "right": pl.Series([right.words[i] for i in flat.tolist()], dtype=pl.String),
            "rank": rank.astype(np.int32),
            "score": scores.ravel(),
            "mutual": (rank == 1) & (back[flat, 0] == rows),
        }
    )


def are_alike(left: str, right: str) -> bool:
    """Whether two words look alike, their letters romanised and without accents."""
    return Levenshtein.normalized_similarity(plain_word(left), plain_word(right)) >= ALIKE


@dataclass(frozen=True)
class Precision:
    """Shares of words whose translation is among the first 1 and 5, with 95% intervals (Wilson), and of how many.

    Attributes:
        words: that were asked. at_1, at_5: shares. low, high: of ``at_1``.
    """

    words: int
    at_1: float
    at_5: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """An induced dictionary against one that people made.

    Attributes:
        entries: left words of the dictionary. covered: the share that the vectors have with a translation.
        all: of the words that were asked. unlike: of those that are not spelled like their translations.
        mutual: precision at 1, over those only that are each other's first, and their share of those asked.
    """

    entries: int
    covered: float
    all: Precision
    unlike: Precision
    mutual: tuple[float, float]

    def for_json(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def judge(
    induced: pl.DataFrame,
    dictionary: Iterable[tuple[str, str]],
    left: Space,
    right: Space,
    *,
    apart: Iterable[tuple[str, str]] = (),
    without: Iterable[tuple[str, str]] = (),
) -> Judged:
    """Judge what `induce` gave; the dictionary may be either way round.

    A left word is asked if it is among those induced for and one of its translations among those sought.

    Args:
        apart: pairs that count as alike, however they look: learned cognates.
        without: pairs that were learned from, whose left words are not asked.

    Raises:
        SettingsError: no word of the dictionary can be asked.
    """
    given = [(one.lower(), other.lower()) for one, other in dictionary]
    induced = induced.sort("rank", maintain_order=True)
    got = induced.group_by("left", maintain_order=True).agg("right", "mutual")
    answers = {row[0].lower(): [word.lower() for word in row[1]] for row in got.iter_rows()}
    mutual = {row[0].lower() for row in got.iter_rows() if row[2][0]}
    sought = {word.lower() for word in right.words[:SOUGHT]}
    known = {word.lower() for word in left.words}
    if sum(a in known for a, _ in given) < sum(b in known for _, b in given):
        given = [(b, a) for a, b in given]
    truth: dict[str, set[str]] = {}
    for one, other in given:
        truth.setdefault(one, set()).add(other)
    taught = {one.lower() for one, _ in without}
    asked = [word for word in truth if word in answers and truth[word] & sought and word not in taught]
    if not asked:
        raise SettingsError("no word of the dictionary stands in the vectors with one of its translations")
    lexicon = {(one.lower(), other.lower()) for one, other in apart}
    unlike = [
        word for word in asked
        if not any(are_alike(word, other) or (word, other) in lexicon for other in truth[word])
    ]  # fmt: skip
    both = [word for word in asked if word in mutual]
    right_both = sum(answers[word][0] in truth[word] for word in both)
    return Judged(
        len(truth),
        sum(word in known and bool(truth[word] & sought) for word in truth) / len(truth),
        _precision(asked, answers, truth),
        _precision(unlike, answers, truth),
        (right_both / max(1, len(both)), len(both) / len(asked)),
    )


def _precision(asked: list[str], answers: dict[str, list[str]], truth: dict[str, set[str]]) -> Precision:
    if not asked:
        return Precision(0, 0.0, 0.0, 0.0, 1.0)
    hits = [sum(bool(set(answers[word][:at]) & truth[word]) for word in asked) for at in AT]
    low, high = wilson(hits[0], len(asked))
    return Precision(len(asked), hits[0] / len(asked), hits[1] / len(asked), low, high)


def wilson(hits: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95% interval of a share. Source: Wilson 1927."""
    share, spread = hits / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * float(np.sqrt(share * (1 - share) / count + spread / (4 * count)))
    return max(0.0, middle - half), min(1.0, middle + half)


def shuffled(vectors: Float32, seed: int = 0) -> Float32:
    """Vectors dealt to other words: the control."""
    return np.ascontiguousarray(vectors[np.random.default_rng(seed).permutation(len(vectors))])
