"""Cognates of two languages from their frequent words alone: no parallel text, no dictionary, seconds of one core.

Words are compared in plain letters (`romanising`). Each has candidates (`candidates`); of those the pairs that are each
other's best under the scores of edit operations (`costs`) are taken, the scores are estimated anew from them, and so on
for some rounds; of long lists the 10,000 most frequent words teach the scores. A pair's score is that of its
operations, per letter, less a part of what the logarithms of the ranks of the two words in their lists differ:
translations are about as frequent.

**What chance gives** decides which pairs are kept. The same is done with decoys, the right words with their letters
exchanged (each vowel for the next by frequency, each consonant for the next), which keeps how long words are, how often
letters occur and which follow which. How many decoys pass a score says how many of the real pairs that pass it are
chance (target-decoy, Elias & Gygi 2007); the lowest score at which that is at most a tenth (`chance`) is the threshold.
For two languages with nothing in common there is no such score, and the lexicon is empty.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.cognates.candidates import candidates
from sprachbund.cognates.costs import counted, rescored, scores, start_costs
from sprachbund.cognates.grams import GramTable, learn_grams
from sprachbund.cognates.letters import LETTERS, Encoded, encode, is_vowel
from sprachbund.cognates.lexicon import LEARNED, SCHEMA, Cognates
from sprachbund.cognates.romanising import plain_words
from sprachbund.cognates.words import MOST, Words
from sprachbund.errors import CorpusError, SettingsError

__all__ = ["LearningSettings", "learn"]

TEACHING = 10_000
"""Words of each language, the most frequent, that the scores of operations are estimated from."""
_Scored = tuple[Int32, Float32]


@dataclass(frozen=True)
class LearningSettings:
    """How cognates are learned.

    Attributes:
        words: of each language, the most frequent; at most 50,000.
        candidates: of each word. rounds: of estimating scores.
        letters: that both words of a pair have at least.
        rank: taken off a score for a difference of 1 in the natural logarithms of ranks.
        least: score that a pair has at least, whatever chance gives.
        chance: share of the pairs that may be chance, as the decoys tell.
    """

    words: int = 10_000
    candidates: int = 20
    rounds: int = 4
    letters: int = 4
    rank: float = 0.4
    least: float = 0.9
    chance: float = 0.1

    def __post_init__(self) -> None:
        for name, low, high in (
            ("words", 1, MOST), ("candidates", 1, 200), ("rounds", 0, 50), ("letters", 1, 48),
            ("rank", 0, 10), ("least", -100, 100), ("chance", 0, 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise SettingsError(f"{name}: expected a number from {low:,} to {high:,}, found {value!r}")


@dataclass(frozen=True, eq=False)
class _Units:
    """Words that are one in plain letters: a unit, in order of their counts.

    Attributes:
        plain: the units. words: those of each, the most frequent first.
    """

    plain: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """Mutual best pairs: int32 [pairs, 2], float32 [pairs], and the costs that found them."""

    pairs: Int32
    scores: Float32
    costs: Float32


def learn(left: Words, right: Words, settings: LearningSettings | None = None) -> Cognates:
    """The cognates of two languages. The same words and settings give the same bits.

    Raises:
        SettingsError: it is one language. CorpusError: a list has no word in letters that can be romanised.
    """
    settings = settings or LearningSettings()
    if left.language == right.language:
        raise SettingsError(f"expected the words of two languages, found {left.language} twice")
    ours, theirs = _units(left, settings.words), _units(right, settings.words)
    found = _mutual(ours.plain, theirs.plain, settings)
    decoys = _mutual(ours.plain, _decoys(theirs.plain), settings)
    smaller = min(len(ours.plain), len(theirs.plain))
    threshold = _threshold(found.scores, decoys.scores, smaller, settings)
    kept = found.scores >= threshold
    pairs, values = found.pairs[kept], found.scores[kept]
    plain = [ours.plain[i] for i in pairs[:, 0]], [theirs.plain[j] for j in pairs[:, 1]]
    about: dict[str, Any] = {
        "words": {left.language: min(len(left), settings.words), right.language: min(len(right), settings.words)},
        "settings": asdict(settings),
        "mutual": len(found.scores),
        "decoys": len(decoys.scores),
        "threshold": None if threshold == np.inf else round(float(threshold), 4),
    }
    return Cognates(
        (left.language, right.language),
        _spelt(ours, theirs, pairs, values),
        learn_grams(*plain) if len(pairs) else GramTable.empty(),
        learn_grams(plain[1], plain[0]) if len(pairs) else GramTable.empty(),
        found.costs,
        about,
    )


def _units(words: Words, most: int) -> _Units:
    gathered: dict[str, list[str]] = {}
    for word, plain in zip(words.words[:most], plain_words(words.words[:most]), strict=True):
        if plain:
            gathered.setdefault(plain, []).append(word)
    if not gathered:
        raise CorpusError(f"{words.language}: none of its {len(words):,} words can be written in plain letters")
    return _Units(tuple(gathered), tuple(map(tuple, gathered.values())))


def _mutual(left: Sequence[str], right: Sequence[str], settings: LearningSettings) -> _Found:
    """The pairs that are each other's best, and their scores, after all rounds; those below ``least`` left out."""
    ours, theirs = encode(left[:TEACHING]), encode(right[:TEACHING])
    nearest = candidates(ours, theirs, settings.candidates, _widest(len(theirs)))
    start = costs = start_costs()
    for _ in range(settings.rounds):
        pairs, _ = _best(ours, theirs, nearest, costs, settings)
        costs = rescored(*counted(ours, theirs, pairs, costs), start)
    if max(len(left), len(right)) > TEACHING:
        ours, theirs = encode(left), encode(right)
        nearest = candidates(ours, theirs, settings.candidates, _widest(len(theirs)))
    pairs, values = _best(ours, theirs, nearest, costs, settings)
    return _Found(pairs, values, costs)


def _widest(size: int) -> int:
    """Words that may share a run for it to be looked up: one of many costs the square of the list and tells little."""
    return max(1_000, size // 5) if size <= 20_000 else 2_500


def _best(ours: Encoded, theirs: Encoded, nearest: Int32, costs: Float32, settings: LearningSettings) -> _Scored:
    """The pairs that are each other's best under some costs, those at or below ``least`` left out."""
    letters = ours.letters, ours.offsets, theirs.letters, theirs.offsets
    found = scores(*letters, nearest, costs, settings.rank, settings.letters)
    pairs, values = _each_others_best(nearest, found, len(theirs))
    kept = values > settings.least
    return pairs[kept], values[kept]


def _each_others_best(nearest: Int32, found: Float32, size: int) -> tuple[Int32, Float32]:
    """Of candidates and their scores the pairs that are best for both words; of equal ones the more frequent word."""
    count, most = nearest.shape
    place = found.argmax(axis=1)
    rows = np.arange(count)
    best = np.where(np.isfinite(found[rows, place]), nearest[rows, place], -1)
    flat = np.flatnonzero(np.isfinite(found.ravel()) & (nearest.ravel() >= 0))
    others, owners = nearest.ravel()[flat], flat // most
    order = np.lexsort((owners, -found.ravel()[flat], others))
    others, owners = others[order], owners[order]
    first = np.flatnonzero(np.diff(others, prepend=-1))
    back: Int64 = np.full(size, -1, np.int64)
    back[others[first]] = owners[first]
    mutual = np.flatnonzero((best >= 0) & (back[best] == rows))
    return np.stack((mutual, best[mutual]), 1).astype(np.int32), found[mutual, place[mutual]]


def _decoys(words: Sequence[str]) -> list[str]:
    """The words with every vowel, consonant and digit exchanged for the next one by frequency."""
    often = Counter("".join(words))
    table: dict[int, str] = {}
    letters = LETTERS[1:]
    for group in (
        [c for c in letters if is_vowel(c)],
        [c for c in letters if c.isalpha() and not is_vowel(c)],
        [c for c in letters if c.isdigit()],
    ):
        ordered = sorted(group, key=lambda c: (-often[c], c))
        table |= {ord(c): after for c, after in zip(ordered, ordered[1:] + ordered[:1], strict=True)}
    return [word.translate(table) for word in words]


def _threshold(found: Float32, decoys: Float32, size: int, settings: LearningSettings) -> float:
    """The lowest score at which the share of chance is bearable; infinity where there is none.

    Of ``size`` words those that are paired rightly meet no others by chance, so that of the decoys only the share of
    the rest counts; one decoy is added, so that a few pairs that no decoy reaches are no proof.
    """
    ordered = np.sort(found)[::-1]
    passing = np.arange(1, len(ordered) + 1)
    chance = len(decoys) - np.searchsorted(np.sort(decoys), ordered, "left")
    rest = np.clip(1 - (passing - chance) / size, 0, 1)
    bearable = np.flatnonzero((chance * rest + 1) / passing <= settings.chance)
    return float(ordered[bearable[-1]]) if len(bearable) else np.inf


def _spelt(ours: _Units, theirs: _Units, pairs: Int32, values: Float32) -> pl.DataFrame:
    """The pairs as they are written: of several spellings of a unit the same first, then by frequency."""
    rows: list[tuple[str, str, float, str]] = []
    for (i, j), value in zip(pairs.tolist(), values.tolist(), strict=True):
        left, right = ours.words[i], theirs.words[j]
        same = [word for word in left if word in right]
        rest = zip(
            [word for word in left if word not in same], [word for word in right if word not in same], strict=False
        )
        rows += [(a, b, value, LEARNED) for a, b in (*((word, word) for word in same), *rest)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
