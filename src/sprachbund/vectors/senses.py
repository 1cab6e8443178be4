"""How many senses a word's contexts split into, and which words tell them apart.

A context is the mean of the vectors of the words around an occurrence, rare words weighing more (a / (a + p), a =
.001), less the mean of all of the word's contexts, at length 1. Words that make up more than a thousandth of the text
are left out: they tell dialogue from report, and no senses. Contexts are clustered (k-means), and the number of senses
is the largest k of which all of this holds; else 1:

1. Each cluster has at least a tenth of the occurrences.
2. Clusters of one half of the occurrences foretell those of the other: of two contexts in one cluster of a half, at
   least ``STRENGTH`` also go together by the other half's centres, in every cluster (the prediction strength).
3. Clusters explain more than in texts where the words around all occurrences were dealt anew among them: by at least
   three standard deviations of such texts.

So a text of dealt words has one sense. What is found are uses: a word in two genres may split as one of two meanings
does.

Source: Tibshirani & Walther 2005, Cluster Validation by Prediction Strength; Arora, Liang & Ma 2017 for the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Flags, Float32, Int32, Int64
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.vectors.running import Running
from sprachbund.vectors.space import Space, of_length_one

__all__ = ["LEAST_OCCURRENCES", "Sense", "Senses", "find_senses", "senses_of_contexts"]

WINDOW, MOST_SENSES, MOST_OCCURRENCES, LEAST_OCCURRENCES = 10, 5, 1_000, 60
STRENGTH, SMALLEST, DEALT, DEVIATIONS = 0.8, 0.1, 8, 3.0
_WEIGHT, _GRAMMAR, _FEW = 1e-3, 1e-3, 5
_STARTS, _STEPS = 3, 30
_TOLD, _SHOWN = 8, 3


@dataclass(frozen=True)
class Sense:
    """A sense: its share of the occurrences, the words that stand around it more than around the others, contexts."""

    share: float
    words: tuple[str, ...]
    contexts: tuple[str, ...]


@dataclass(frozen=True)
class Senses:
    """The senses of a word.

    Attributes:
        word, occurrences: what was looked at. senses: the most frequent first.
        strengths: prediction strength of 2, 3, ... clusters. deviations: how far each explains more than dealt words.
        dealt: senses of the same contexts with their words dealt anew: 1, or the rule does not hold here.
    """

    word: str
    occurrences: int
    senses: tuple[Sense, ...]
    strengths: tuple[float, ...]
    deviations: tuple[float, ...]
    dealt: int


def find_senses(space: Space, text: Running, word: str, *, seed: int = 0) -> Senses:
    """The senses of a word in a text.

    Args:
        space: vectors of the words around it. text: where it occurs.

    Raises:
        SettingsError: the text or the vectors lack the word. CorpusError: it occurs too seldom.
    """
    plain = word.strip().lower()
    places = {each: place for place, each in enumerate(text.words)}
    if plain not in places:
        raise SettingsError(f"{word!r} does not occur in the text, or too seldom to have been kept")
    windows = windows_of(text, places[plain], seed)
    grammar = text.counts > max(_GRAMMAR, _FEW / len(text.words)) * text.counts.sum()
    grammar[places[plain]] = True
    around = [window[~grammar[window]] for window in windows]
    windows = [window for window, near in zip(windows, around, strict=True) if len(near)]
    around = [near for near in around if len(near)]
    if len(around) < LEAST_OCCURRENCES:
        found = f"{word!r} occurs {len(around)} times beside other words"
        raise CorpusError(f"{found}, at least {LEAST_OCCURRENCES} are needed")
    rows = np.array([place if (place := space.place(each)) is not None else -1 for each in text.words], np.int64)
    return senses_of_contexts(space, text, plain, around, rows, seed, windows)


def windows_of(text: Running, word: int, seed: int) -> list[Int32]:
    """The words around each occurrence and itself, in order; at most `MOST_OCCURRENCES` of them, drawn evenly."""
    at = np.flatnonzero(text.ids == word)
    if len(at) > MOST_OCCURRENCES:
        at = np.sort(np.random.default_rng(seed).permutation(at)[:MOST_OCCURRENCES])
    sentence = np.searchsorted(text.offsets, at, "right") - 1
    begins, ends = text.offsets[sentence].tolist(), text.offsets[sentence + 1].tolist()
    places = zip(at.tolist(), begins, ends, strict=True)
    return [text.ids[max(place - WINDOW, begin) : min(place + WINDOW + 1, end)] for place, begin, end in places]


def senses_of_contexts(
    space: Space,
    text: Running,
    word: str,
    around: Sequence[Int32],
    rows: Int64,
    seed: int = 0,
    windows: Sequence[Int32] | None = None,
) -> Senses:
    """`find_senses` of contexts that are found.

    Args:
        around: the words of each context that count. rows: of each word of the text in the space, -1 for none.
        windows: each context as it is shown; None: ``around``.
    """
    windows = around if windows is None else windows
    rare = (_WEIGHT / (_WEIGHT + text.counts / max(1, int(text.counts.sum())))).astype(np.float32)
    weights = np.where(rows >= 0, rare, 0).astype(np.float32)
    units = space.units[np.maximum(rows, 0)]
    random = np.random.default_rng(seed)
    points = _points(around, units, weights)
    chance = [_points(_dealt(around, random), units, weights) for _ in range(DEALT + 1)]
    number, labels, strengths, deviations = _number(points, chance[1:], seed)
    dealt, *_ = _number(chance[0], chance[1:], seed)
    found = [_sense(text, around, windows, labels == k, weights > 0) for k in range(number)]
    found.sort(key=lambda sense: -sense.share)
    return Senses(word, len(around), tuple(found), tuple(strengths), tuple(deviations), dealt)


def _points(around: Sequence[Int32], units: Float32, weights: Float32) -> Float32:
    points = np.stack([weights[near] @ units[near] for near in around])
    points = of_length_one(points)
    return of_length_one(points - points.mean(axis=0))


def _dealt(around: Sequence[Int32], random: np.random.Generator) -> list[Int32]:
    """The words of all contexts dealt anew, each context as long as it was."""
    ends = np.cumsum([len(near) for near in around])[:-1]
    return np.split(random.permutation(np.concatenate(around)), ends)


def _number(points: Float32, chance: Sequence[Float32], seed: int) -> tuple[int, Int64, list[float], list[float]]:
    """The number of senses by the rule of the module, the sense of each context, strengths and deviations."""
    best: Int64 = np.zeros(len(points), np.int64)
    number, strengths, deviations = 1, [], []
    for k in range(2, MOST_SENSES + 1):
        labels, explained = _clusters(points, k, seed)
        dealt = np.array([_clusters(each, k, seed)[1] for each in chance])
        far = float((explained - dealt.mean()) / max(float(dealt.std(ddof=1)), 1e-6))
        strength = _strength(points, k, seed)
        strengths.append(round(strength, 3))
        deviations.append(round(far, 2))
        shares = np.bincount(labels, minlength=k) / len(labels)
        if shares.min() >= SMALLEST and strength >= STRENGTH and far >= DEVIATIONS:
            number, best = k, labels
    return number, best, strengths, deviations


def _strength(points: Float32, k: int, seed: int) -> float:
    """The prediction strength of k clusters: the mean over three partings into halves, both ways."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(3):
        order = random.permutation(len(points))
        halves = points[order[::2]], points[order[1::2]]
        for one, other in (halves, halves[::-1]):
            labels, _ = _clusters(one, k, seed)
            own, _ = _clusters(other, k, seed)
            centres = np.stack([one[labels == j].mean(axis=0) if (labels == j).any() else 0 * one[0] for j in range(k)])
            told = _nearest(other, centres)
            found.append(min(_together(told[own == j]) for j in range(k)))
    return float(np.mean(found))


def _together(labels: Int64) -> float:
    """Of all pairs the share that have one label; 1 where there is no pair."""
    count = len(labels)
    counts = np.bincount(labels) if count else np.zeros(1)
    return float((counts * (counts - 1)).sum() / (count * (count - 1))) if count > 1 else 1.0


def _clusters(points: Float32, k: int, seed: int) -> tuple[Int64, float]:
    """k-means, the best of some starts: the cluster of each point, the share of the squares that centres explain."""
    random = np.random.default_rng(seed)
    whole = float((points**2).sum())
    best: tuple[Int64, float] = (np.zeros(len(points), np.int64), -np.inf)
    for _ in range(_STARTS):
        centres = _spread(points, k, random)
        labels = _nearest(points, centres)
        for _ in range(_STEPS):
            sums = (labels == np.arange(k)[:, None]).astype(np.float32) @ points
            counts = np.bincount(labels, minlength=k)[:, None]
            centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres).astype(np.float32)
            after = _nearest(points, centres)
            if np.array_equal(after, labels):
                break
            labels = after
        left = float(((points - centres[labels]) ** 2).sum())
        if 1 - left / max(whole, 1e-12) > best[1]:
            best = labels, 1 - left / max(whole, 1e-12)
    return best


def _spread(points: Float32, k: int, random: np.random.Generator) -> Float32:
    """Centres to begin from, each drawn by its squared distance from those before (k-means++)."""
    chosen = [int(random.integers(len(points)))]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    for _ in range(k - 1):
        total = float(away.sum())
        share = away.astype(np.float64) / total if total > 0 else np.full(len(points), 1 / len(points))
        chosen.append(int(random.choice(len(points), p=share / share.sum())))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen].copy()


def _nearest(points: Float32, centres: Float32) -> Int64:
    found: Int64 = ((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1)
    return found


def _sense(text: Running, around: Sequence[Int32], windows: Sequence[Int32], own: Flags, known: Flags) -> Sense:
    """What tells a cluster from the rest: words by the log of how much oftener they stand there, and some contexts."""
    size = len(text.words)
    inside = [near for near, is_own in zip(around, own, strict=True) if is_own]
    mine = np.bincount(np.concatenate(inside), minlength=size)
    whole = np.bincount(np.concatenate(list(around)), minlength=size)
    expected = whole * (mine.sum() / max(1, whole.sum()))
    # signed log-likelihood, so that neither a single hit nor a function word comes first
    gain = np.where((mine > 1) & known, mine * np.log(np.maximum(mine, 1) / np.maximum(expected, 1e-9)), -np.inf)
    order = [place for place in np.argsort(-gain, kind="stable")[:_TOLD].tolist() if gain[place] > 0]
    if own.all():
        order = np.argsort(-np.where(known, whole / np.sqrt(text.counts + 1.0), -1), kind="stable")[:_TOLD].tolist()
    shown = [window for window, is_own in zip(windows, own, strict=True) if is_own][:_SHOWN]
    contexts = tuple(" ".join(text.words[place] for place in window.tolist()) for window in shown)
    return Sense(float(own.mean()), tuple(text.words[place] for place in order), contexts)
