"""Minimal pairs: of two sentences that differ in one point of grammar, does the model foretell the right one better?

A table has a right and a wrong sentence a line: MultiBLiMP's (``sen``, ``wrong_sen``), BLiMP's (``sentence_good``,
``sentence_bad``), or any two columns called ``good`` and ``bad``; without such a head the first two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float64, Int64
from sprachbund.cognates.reading import lines_of
from sprachbund.errors import SourceError
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.scoring import score
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["Judged", "judge_pairs", "read_sentence_pairs"]

HEADS = (("sen", "wrong_sen"), ("sentence_good", "sentence_bad"), ("good", "bad"))


@dataclass(frozen=True, eq=False)
class Judged:
    """What came of minimal pairs.

    Attributes:
        right: float64 [pairs], 1 where the right sentence costs fewer bits, a half where both cost the same.
        mean: their mean. low, high: its 95% interval over pairs.
        shuffled: the mean where both sentences have their words in one random order: what words alone tell.
    """

    right: Float64
    mean: float
    low: float
    high: float
    shuffled: float


def read_sentence_pairs(path: Path | str) -> list[tuple[str, str]]:
    """(right, wrong) of each line of a table parted by tabs; it may be compressed.

    Raises:
        SourceError: it cannot be read, or has no pair.
    """
    rows = [line.split("\t") for _, line in lines_of(Path(path))]
    columns = (0, 1)
    if rows:
        named = next((head for head in HEADS if set(head) <= set(rows[0])), None)
        if named:
            columns = rows[0].index(named[0]), rows[0].index(named[1])
            rows = rows[1:]
    found = [(row[columns[0]].strip(), row[columns[1]].strip()) for row in rows if len(row) > max(columns)]
    found = [(good, bad) for good, bad in found if good and bad and good != bad]
    if not found:
        raise SourceError(
            f"{path}: expected lines of a right and a wrong sentence, parted by a tab, found none; a head may name the "
            f"columns: {'; '.join(' and '.join(head) for head in HEADS)}"
        )
    return found


def judge_pairs(model: LanguageModel, pairs: Sequence[tuple[str, str]], seed: int = 0) -> Judged:
    """Score both sentences of each pair, and both with their words in another order.

    Args:
        seed: of that order.
    """
    right = _right(model, pairs)
    low, high = interval(bootstrap_means(right[:, None], np.arange(len(right)))[:, 0])
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(max(len(one.split()) for one in pair)) for pair in pairs]
    mixed = [(_ordered(good, order), _ordered(bad, order)) for (good, bad), order in zip(pairs, orders, strict=True)]
    return Judged(right, float(right.mean()), low, high, float(_right(model, mixed).mean()))


def _right(model: LanguageModel, pairs: Sequence[tuple[str, str]]) -> Float64:
    good, bad = (score(model, [pair[side] for pair in pairs]).bits for side in (0, 1))
    return np.where(good == bad, 0.5, (good < bad).astype(np.float64))


def _ordered(sentence: str, order: Int64) -> str:
    words = sentence.split()
    return " ".join(words[place] for place in order if place < len(words))
