"""Minimal pairs: of two sentences that differ in one point of grammar, does the model foretell the right one better?

A table has a right and a wrong sentence a line: MultiBLiMP's (``sen``, ``wrong_sen``), BLiMP's (``sentence_good``,
``sentence_bad``), or any two columns called ``good`` and ``bad``; without such a head the first two. What a table says
of the point of grammar (``feature``, MultiBLiMP's ``phenomenon``) and of the words between the two that agree
(``between``, one less than MultiBLiMP's ``distance`` either way) is told apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float64, Int64
from sprachbund.cognates.reading import lines_of
from sprachbund.errors import SourceError
from sprachbund.files import write_text
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.scoring import score
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["Judged", "MinimalPair", "Share", "judge_pairs", "read_sentence_pairs", "shares", "write_pairs"]

HEADS = (("sen", "wrong_sen"), ("sentence_good", "sentence_bad"), ("good", "bad"))
_PHENOMENA = {"#": "number", "P": "person", "G": "gender"}
"""What MultiBLiMP's ``SV-#`` ends with."""
DISTANCES = ("0", "1", "2 or 3", "4 or more")
_WRITTEN = ("good", "bad", "feature", "between", "changed")


@dataclass(frozen=True, slots=True)
class MinimalPair:
    """A right sentence and the same with one mistake.

    Attributes:
        feature: what is wrong, ``number``; "" where nobody says. between: words between the two that agree, None where
            nobody says. changed: what was changed, for readers.
    """

    right: str
    wrong: str
    feature: str = ""
    between: int | None = None
    changed: str = ""


@dataclass(frozen=True, eq=False)
class Judged:
    """What came of minimal pairs.

    Attributes:
        right: float64 [pairs], 1 where the right sentence costs fewer bits, a half where both cost the same.
        mixed: the same where both sentences have their words in one random order. groups: int64 [pairs], the right
            sentence of each: pairs of one sentence are drawn together.
        mean: of ``right``. low, high: its 95% interval, NaN where all pairs are of one sentence.
        shuffled: the mean of ``mixed``: what words alone tell.
    """

    right: Float64
    mixed: Float64
    groups: Int64
    mean: float
    low: float
    high: float
    shuffled: float


@dataclass(frozen=True, slots=True)
class Share:
    """Pairs of one kind.

    Attributes:
        by: ``feature`` or ``words between``. name: of the kind. pairs: how many. mean, low, high, shuffled: as
            `Judged`.
    """

    by: str
    name: str
    pairs: int
    mean: float
    low: float
    high: float
    shuffled: float


def read_sentence_pairs(path: Path | str) -> list[MinimalPair]:
    """The pairs of a table parted by tabs; it may be compressed.

    Raises:
        SourceError: it cannot be read, or has no pair.
    """
    rows = [line.split("\t") for _, line in lines_of(Path(path))]
    named = next((head for head in HEADS if rows and set(head) <= set(rows[0])), None)
    head = rows.pop(0) if named else []
    columns = (head.index(named[0]), head.index(named[1])) if named else (0, 1)
    found = []
    for row in rows:
        good, bad = (row[column].strip() if column < len(row) else "" for column in columns)
        if good and bad and good != bad:
            said = dict(zip(head, row, strict=False))
            found.append(MinimalPair(good, bad, _feature(said), _between(said), said.get("changed", "").strip()))
    if not found:
        raise SourceError(
            f"{path}: expected lines of a right and a wrong sentence, parted by a tab, found none; a head may name the "
            f"columns: {'; '.join(' and '.join(head) for head in HEADS)}"
        )
    return found


def write_pairs(path: Path | str, pairs: Iterable[MinimalPair]) -> None:
    """Write a table that `read_sentence_pairs` reads."""
    rows = [_WRITTEN, *((p.right, p.wrong, p.feature, _shown(p.between), p.changed) for p in pairs)]
    write_text(Path(path), "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows))


def judge_pairs(model: LanguageModel, pairs: Sequence[MinimalPair], seed: int = 0) -> Judged:
    """Score both sentences of each pair, and both with their words in another order.

    Args:
        seed: of that order.
    """
    right = _right(model, [(pair.right, pair.wrong) for pair in pairs])
    groups = np.unique([pair.right for pair in pairs], return_inverse=True)[1]
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(max(len(text.split()) for text in (pair.right, pair.wrong))) for pair in pairs]
    mixed = _right(
        model,
        [(_ordered(p.right, order), _ordered(p.wrong, order)) for p, order in zip(pairs, orders, strict=True)],
    )
    return Judged(right, mixed, groups, *_summary(right, mixed, groups))


def shares(pairs: Sequence[MinimalPair], judged: Judged) -> list[Share]:
    """What came of the pairs by feature and by the words between the two that agree, where they say so."""
    found = []
    features = np.array([pair.feature for pair in pairs])
    between = np.array([-1 if pair.between is None else min(pair.between, 4) for pair in pairs])
    kinds = [("feature", name, features == name) for name in sorted(set(features.tolist()) - {""})]
    bins = (between == 0, between == 1, (between == 2) | (between == 3), between == 4)
    kinds += [("words between", name, chosen) for name, chosen in zip(DISTANCES, bins, strict=True)]
    for by, name, chosen in kinds:
        if chosen.any():
            told = _summary(judged.right[chosen], judged.mixed[chosen], judged.groups[chosen])
            found.append(Share(by, name, int(chosen.sum()), *told))
    return found


def _summary(right: Float64, mixed: Float64, groups: Int64) -> tuple[float, float, float, float]:
    low, high = interval(bootstrap_means(right[:, None], groups)[:, 0])
    return float(right.mean()), low, high, float(mixed.mean())


def _right(model: LanguageModel, pairs: Sequence[tuple[str, str]]) -> Float64:
    good, bad = (score(model, [pair[side] for pair in pairs]).bits for side in (0, 1))
    return np.where(good == bad, 0.5, (good < bad).astype(np.float64))


def _ordered(sentence: str, order: Int64) -> str:
    words = sentence.split()
    return " ".join(words[place] for place in order if place < len(words))


def _feature(said: dict[str, str]) -> str:
    given = said.get("feature", said.get("phenomenon", "")).strip()
    parts = given.partition("-")
    return _PHENOMENA.get(parts[2], given) if parts[0] in ("SV", "SP") else given


def _between(said: dict[str, str]) -> int | None:
    for name, less in (("between", 0), ("distance", 1)):
        given = said.get(name, "").strip().removeprefix("-")
        if given.isdecimal() and len(given) < 10:
            return max(0, int(given) - less)
    return None


def _shown(between: int | None) -> str:
    return "" if between is None else str(between)
