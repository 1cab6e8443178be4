"""Which utterances train, tune and judge: no speaker on two sides, and no sentence.

Speakers are ranked by a stable hash and cut into shares (`corpus.splits`). A sentence that the test side has is
nobody else's, and one that dev has is not trained on: whoever says it for the other side is left out of it, and
counted. Utterances whose speaker is not known may be anybody's; they train, where others can judge.

What is synthetic stands by itself: it is no speaker's, and an error on it says nothing of anybody's speech.

Where there are too few speakers to part, sentences are parted instead: the error is then that of voices that training
has heard, and is said to be.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sprachbund.arrays import Int8
from sprachbund.corpus.splits import DEV, SIDES, TEST, TRAIN, sides
from sprachbund.progress import logger
from sprachbund.speech.settings import SpeechSplit

__all__ = ["DEV", "HELD_BACK", "SIDES", "SYNTHETIC", "TEST", "TRAIN", "Placed", "place"]

HELD_BACK = -1
"""Of an utterance whose sentence another side has."""
SYNTHETIC = 3
"""Of what no one spoke: it may be trained on beside the training side, and never chooses or judges."""
FEWEST = 3
"""Speakers that three sides take."""


@dataclass(frozen=True, eq=False)
class Placed:
    """The utterances of a language on their sides.

    Attributes:
        sides: int8 [utterances], TRAIN, DEV, TEST, SYNTHETIC or HELD_BACK.
        by_speaker: whether no speaker is on two sides; otherwise sentences alone are parted.
        unknown: recorded utterances whose speaker is not known.
    """

    sides: Int8
    by_speaker: bool
    unknown: int

    def count(self, side: int) -> int:
        """Utterances on a side."""
        return int(np.count_nonzero(self.sides == side))


def place(table: pl.DataFrame, split: SpeechSplit) -> Placed:
    """Put the utterances of one language on sides; a warning says what cannot be kept apart.

    Args:
        table: with ``language``, ``letters``, ``speaker``, ``source`` and ``synthetic``.
    """
    synthetic = table["synthetic"].to_numpy()
    if not synthetic.any():
        return _spoken(table, split)
    found = np.full(len(table), SYNTHETIC, np.int8)
    if synthetic.all():
        logger.warning(
            "%s: all of it is synthetic, which never chooses or judges: ingest it together with recordings",
            table["language"][0],
        )  # fmt: skip
        return Placed(found, True, 0)
    placed = _spoken(table.filter(~table["synthetic"]), split)
    found[~synthetic] = placed.sides
    return replace(placed, sides=_without_repeats(found, list(table["letters"])))


def _spoken(table: pl.DataFrame, split: SpeechSplit) -> Placed:
    """The sides of what people said."""
    speakers, letters = list(table["speaker"]), list(table["letters"])
    unknown = sum(not speaker for speaker in speakers)
    language = table["language"][0] if len(table) else "?"
    may_judge = _may_judge(table, split, language)
    known = sorted({speaker for speaker, fit in zip(speakers, may_judge, strict=True) if speaker and fit})
    if len(known) >= FEWEST:
        if unknown:
            logger.warning(
                "%s: the speakers of %d of %d utterances are not known; they train, and may be heard in the test too",
                language, unknown, len(table),
            )  # fmt: skip
        of_speaker = dict(zip(known, _places(known, split), strict=True))
        found = np.array([of_speaker.get(speaker, TRAIN) for speaker in speakers], np.int8)
        # a speaker of two sources of which one alone may judge is on one side all the same, and judges with that one
        found[(found > TRAIN) & ~np.array(may_judge, bool)] = HELD_BACK
        return Placed(_without_repeats(found, letters), True, unknown)
    told = "the speakers are not known" if unknown else f"{len(known)} speaker{'' if len(known) == 1 else 's'}"
    logger.warning(
        "%s: %s, too few to part: sentences are parted instead, and the error is that of voices that training has "
        "heard",
        language, told,
    )  # fmt: skip
    sentences = sorted({text for text, fit in zip(letters, may_judge, strict=True) if fit})
    of_sentence = dict(zip(sentences, _places(sentences, split), strict=True))
    return Placed(np.array([of_sentence.get(text, TRAIN) for text in letters], np.int8), False, unknown)


def _may_judge(table: pl.DataFrame, split: SpeechSplit, language: str) -> list[bool]:
    if not split.judged:
        return [True] * len(table)
    found = [source in split.judged for source in table["source"]]
    if not any(found):
        logger.warning(
            "%s: no utterance is of %s, whose speakers were to judge; all its speakers may", language,
            ", ".join(split.judged),
        )  # fmt: skip
        return [True] * len(table)
    return found


def _places(names: list[str], split: SpeechSplit) -> list[int]:
    return [int(side) for side in sides({"": names}, split.shares, split.seed)[""]]


def _without_repeats(found: Int8, letters: list[str]) -> Int8:
    """Sides on which no sentence is another side's: test keeps its own, then dev."""
    texts = np.array(letters, dtype=object)
    for judge, others in ((TEST, (DEV, TRAIN, SYNTHETIC)), (DEV, (TRAIN, SYNTHETIC))):
        taken = set(texts[found == judge])
        for number in np.flatnonzero(np.isin(found, others)):
            if letters[number] in taken:
                found[number] = HELD_BACK
    return found
