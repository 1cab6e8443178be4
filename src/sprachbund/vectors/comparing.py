"""Two aligned spaces compared: what is near a word in both, whether directions run the same way, what opposites are.

*Directions*: good less bad in one language, and in the other, are two vectors in the common space; their cosine is
told beside that with the directions of other pairs, and how often pairs dealt at random run as parallel. *Opposites*:
vectors of antonyms are nearly as near as those of synonyms, since both stand in the same contexts; how well a cosine
tells them apart, and either from words drawn at random, is the area under the curve: .5 for not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Float64
from sprachbund.errors import SettingsError
from sprachbund.vectors.aligning import SOUGHT
from sprachbund.vectors.alignment import Alignment
from sprachbund.vectors.nearest import best_of, hubness
from sprachbund.vectors.relations import ANTONYM, SYNONYM, Direction, Relation
from sprachbund.vectors.space import Space, of_length_one

__all__ = [
    "Both",
    "Directions",
    "Opposites",
    "Parallel",
    "Together",
    "directions",
    "near_in_both",
    "opposites",
    "together",
]

_DEALT = 2_000
_DRAWN = 2_000


@dataclass(frozen=True, eq=False)
class Together:
    """Two spaces and their vectors in the common one.

    Attributes:
        left, right: the spaces. ours, theirs: float32 [words, k] at length 1. mine, others: their hubness.
    """

    left: Space
    right: Space
    ours: Float32
    theirs: Float32
    mine: Float32
    others: Float32


@dataclass(frozen=True)
class Both:
    """What is near a word: (word, cosine) in the left language and in the right; ``side``: 0 if it is of the left."""

    word: str
    side: int
    left: tuple[tuple[str, float], ...]
    right: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Parallel:
    """A pair's direction in both languages: their cosine, and its mean with the other pairs' directions.

    ``found``: the right words are those that the alignment found, not given ones.
    """

    words: tuple[str, str, str, str]
    cosine: float
    with_others: float
    found: bool


@dataclass(frozen=True)
class Directions:
    """All pairs.

    Attributes:
        cosine, with_others: means. chance: how often pairs dealt anew are as parallel, 1 in 2,001 at the least.
        lost: pairs of which a word is not in the vectors.
    """

    pairs: tuple[Parallel, ...]
    cosine: float
    with_others: float
    chance: float
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Opposites:
    """Of a language: mean cosines of synonyms, antonyms and words drawn at random, and areas under the curve.

    Attributes:
        synonyms, antonyms: how many pairs both of whose words are there. apart: synonyms above antonyms; low, high: its
            95% interval. from_random: antonyms above pairs drawn at random.
    """

    language: str
    synonyms: int
    antonyms: int
    of_synonyms: float
    of_antonyms: float
    of_random: float
    apart: float
    low: float
    high: float
    from_random: float


def together(left: Space, right: Space, alignment: Alignment) -> Together:
    """Bring two spaces into one, of each the first 20,000 words."""
    ours, theirs = alignment.bring(left, right)
    ours, theirs = ours[:SOUGHT], theirs[:SOUGHT]
    return Together(left, right, ours, theirs, hubness(ours, theirs), hubness(theirs, ours))


def near_in_both(both: Together, word: str, k: int = 10) -> Both:
    """What is near a word of either language in both; of the left where both have it.

    Raises:
        SettingsError: neither has it.
    """
    for side, (space, vectors) in enumerate(((both.left, both.ours), (both.right, both.theirs))):
        place = space.place(word)
        if place is None or place >= len(vectors):
            continue
        vector = vectors[place][None]
        lists = []
        for other_side, (other, points, hubs) in enumerate(
            ((both.left, both.ours, both.mine), (both.right, both.theirs, both.others))
        ):
            # across languages by CSLS, within by the cosine
            mine = np.zeros(1, np.float32)
            theirs = hubs if other_side != side else np.zeros(len(points), np.float32)
            near, _ = best_of(vector, points, k + 1, mine, theirs)
            kept = [i for i in near[0].tolist() if (other_side, i) != (side, place)][:k]
            lists.append(tuple((other.words[i], float(points[i] @ vector[0])) for i in kept))
        return Both(space.words[place], side, lists[0], lists[1])
    raise SettingsError(f"{word!r} is in neither space")


def directions(both: Together, pairs: Sequence[Direction], seed: int = 0) -> Directions:
    """Whether pairs run the same way in both languages.

    Raises:
        SettingsError: of fewer than two pairs all words are there.
    """
    kept, lost = [], []
    for pair in pairs:
        four = _four(both, pair)
        if four is None:
            lost.append(" ".join(filter(None, (pair.high, pair.low, pair.other_high, pair.other_low))))
        else:
            kept.append(four)
    if len(kept) < 2:
        raise SettingsError(f"of {len(pairs)} pairs {len(kept)} have all their words in the vectors; two are needed")
    ours = of_length_one(np.stack([both.ours[a] - both.ours[b] for (a, b, _, _), _ in kept]))
    theirs = of_length_one(np.stack([both.theirs[c] - both.theirs[d] for (_, _, c, d), _ in kept]))
    cosines = (ours @ theirs.T).astype(np.float64)
    count = len(kept)
    own = np.diag(cosines)
    beside = (cosines.sum(axis=1) - own) / (count - 1)
    random = np.random.default_rng(seed)
    dealt = np.array([cosines[np.arange(count), random.permutation(count)].mean() for _ in range(_DEALT)])
    chance = (1 + int((dealt >= own.mean() - 1e-12).sum())) / (1 + _DEALT)
    rows = []
    for number, ((a, b, c, d), found) in enumerate(kept):
        words = both.left.words[a], both.left.words[b], both.right.words[c], both.right.words[d]
        rows.append(Parallel(words, float(own[number]), float(beside[number]), found))
    return Directions(tuple(rows), float(own.mean()), float(beside.mean()), chance, tuple(lost))


def _four(both: Together, pair: Direction) -> tuple[tuple[int, int, int, int], bool] | None:
    """Where the four words are, the right ones found where they were not given; None where one is not there."""
    ours = [_at(both.left, word, len(both.ours)) for word in (pair.high, pair.low)]
    if ours[0] is None or ours[1] is None:
        return None
    if not pair.other_high:
        points = both.ours[[ours[0], ours[1]]]
        near, _ = best_of(points, both.theirs, 1, both.mine[[ours[0], ours[1]]], both.others)
        one, other = int(near[0, 0]), int(near[1, 0])
        return None if one == other else ((ours[0], ours[1], one, other), True)
    theirs = [_at(both.right, word, len(both.theirs)) for word in (pair.other_high, pair.other_low)]
    if theirs[0] is None or theirs[1] is None or ours[0] == ours[1] or theirs[0] == theirs[1]:
        return None
    return (ours[0], ours[1], theirs[0], theirs[1]), False


def _at(space: Space, word: str, most: int) -> int | None:
    place = space.place(word)
    return place if place is not None and place < most else None


def opposites(both: Together, relations: Sequence[Relation], seed: int = 0) -> tuple[Opposites, ...]:
    """How near synonyms and antonyms are, of each language that has two pairs of either.

    Raises:
        SettingsError: neither has.
    """
    sides = ((both.left, ("", both.left.language)), (both.right, (both.right.language or "right",)))
    found, counts = [], []
    for space, languages in sides:
        asked = [one for one in relations if one.language in languages]
        places = {
            kind: [pair for one in asked if one.kind == kind and (pair := _two(space, one)) is not None]
            for kind in (SYNONYM, ANTONYM)
        }
        counts.append(f"{len(places[SYNONYM])} of synonyms and {len(places[ANTONYM])} of antonyms")
        if min(map(len, places.values())) >= 2:
            found.append(_opposed(space, places[SYNONYM], places[ANTONYM], seed))
    if not found:
        raise SettingsError(
            f"pairs with both words in the vectors: {counts[0]} on the left, {counts[1]} on the right; two of each are "
            "needed on one side"
        )
    return tuple(found)


def _two(space: Space, relation: Relation) -> tuple[int, int] | None:
    one, other = space.place(relation.one), space.place(relation.other)
    return None if one is None or other is None or one == other else (one, other)


def _opposed(
    space: Space, synonyms: Sequence[tuple[int, int]], antonyms: Sequence[tuple[int, int]], seed: int
) -> Opposites:
    random = np.random.default_rng(seed)
    words = np.unique([place for pair in (*synonyms, *antonyms) for place in pair])
    drawn = [tuple(random.choice(words, 2, replace=False).tolist()) for _ in range(_DRAWN)]
    near, opposed, others = (_cosines(space, pairs) for pairs in (synonyms, antonyms, drawn))
    draws = [_area(random.choice(near, len(near)), random.choice(opposed, len(opposed))) for _ in range(1_000)]
    low, high = np.quantile(draws, (0.025, 0.975))
    return Opposites(
        space.language, len(near), len(opposed), float(near.mean()), float(opposed.mean()), float(others.mean()),
        _area(near, opposed), float(low), float(high), _area(opposed, others),
    )  # fmt: skip


def _cosines(space: Space, pairs: Sequence[tuple[int, ...]]) -> Float64:
    at = np.array(pairs)
    return np.asarray((space.units[at[:, 0]] * space.units[at[:, 1]]).sum(axis=1), np.float64)


def _area(high: Float64, low: Float64) -> float:
    """The share of pairs of one of either in which the first is larger, equal ones half."""
    larger = np.searchsorted(np.sort(low), high, "left") + np.searchsorted(np.sort(low), high, "right")
    return float(larger.sum() / (2 * len(high) * len(low)))
