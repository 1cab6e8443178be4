"""How much of what was said is written wrongly: character and word error rates, utterance by utterance.

An error rate is the sum of the edits (substitutions, deletions, insertions) over the sum of the letters, or words, that
were said: sums over sums, never a mean of rates. Edits are counted by jiwer; intervals draw speakers again, since
utterances of one speaker are alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.lab.alignment import DELETED, INSERTED, SAME, SUBSTITUTED
from sprachbund.speech import extra
from sprachbund.statistics import bootstrap_means, interval

__all__ = ["RATES", "Rate", "aligned", "character_edits", "edits_table", "rate_of", "word_edits"]

RATES = (("character error rate", "edits", "letters"), ("word error rate", "word_edits", "words"))
"""What each is called, and the columns that it is made of."""


@dataclass(frozen=True)
class Rate:
    """An error rate with its 95% interval over speakers; the ends are NaN where all are of one speaker."""

    value: float
    low: float
    high: float

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Of the interval; None where there is none."""
        return (self.low, self.high) if self.low == self.low else (None, None)


def character_edits(said: str, written: str) -> int:
    """Edits between letters, blanks among them."""
    if not said or not written:
        return len(said) + len(written)
    measured = extra.jiwer().process_characters(said, written)
    return int(measured.substitutions + measured.deletions + measured.insertions)


_SIGNS = {"equal": SAME, "substitute": SUBSTITUTED, "delete": DELETED, "insert": INSERTED}


def aligned(said: str, written: str) -> str:
    """The edits between letters one by one, as few as there are, see `lab.alignment`."""
    if not said or not written:
        return DELETED * len(said) + INSERTED * len(written)
    found = []
    for part in extra.jiwer().process_characters(said, written).alignments[0]:
        length = max(part.ref_end_idx - part.ref_start_idx, part.hyp_end_idx - part.hyp_start_idx)
        found.append(_SIGNS[part.type] * length)
    return "".join(found)


def word_edits(said: str, written: str) -> int:
    """Edits between words."""
    if not said.split() or not written.split():
        return len(said.split()) + len(written.split())
    measured = extra.jiwer().process_words(said, written)
    return int(measured.substitutions + measured.deletions + measured.insertions)


def edits_table(
    said: Sequence[str], written: Sequence[str], speakers: Sequence[str], items: Sequence[str]
) -> pl.DataFrame:
    """A row an utterance: item, speaker, said, written, edits and letters, word_edits and words."""
    return pl.DataFrame(
        {
            "item": list(items),
            "speaker": list(speakers),
            "said": list(said),
            "written": list(written),
            "edits": [character_edits(one, other) for one, other in zip(said, written, strict=True)],
            "letters": [len(text) for text in said],
            "word_edits": [word_edits(one, other) for one, other in zip(said, written, strict=True)],
            "words": [len(text.split()) for text in said],
        },
        schema_overrides=dict.fromkeys(("edits", "letters", "word_edits", "words"), pl.Int64),
    )


def rate_of(table: pl.DataFrame, edits: str = "edits", of: str = "letters", draws: int = 2_000, seed: int = 0) -> Rate:
    """The error rate of a table of `edits_table`, with its interval over speakers.

    Args:
        edits, of: columns: ``word_edits`` and ``words`` for the word error rate.
    """
    values, weights = table[edits].to_numpy().astype(np.float64), table[of].to_numpy().astype(np.float64)
    _, groups = np.unique(table["speaker"].to_numpy().astype(str), return_inverse=True)
    drawn = bootstrap_means(values[:, None], groups, draws, seed, weights)[:, 0]
    low, high = interval(drawn)
    return Rate(float(values.sum() / weights.sum()), low, high)
