"""A recogniser judged on utterances, one by one, and the weights of what it expects chosen on dev."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from sprachbund.arrays import Float32
from sprachbund.lm.ngram.characters import CharacterNGram
from sprachbund.progress import Progress, Silent
from sprachbund.speech.measures import character_edits, edits_table
from sprachbund.speech.recogniser.beam import beam_search
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.spelling import BLANK
from sprachbund.speech.store import Utterances
from sprachbund.speech.transcribing import Hearing

__all__ = ["item_names", "judge", "judged", "with_expectations"]

WEIGHTS, BONUSES = (0.0, 0.3, 0.6, 0.9, 1.2), (0.0, 0.6, 1.2, 1.8)
_TUNING_BEAM = 12
_SIDE_BY_SIDE = 8


def judge(
    recogniser: Recogniser,
    utterances: Utterances,
    beam: int = 0,
    progress: Progress | None = None,
    graph: Path | None = None,
) -> pl.DataFrame:
    """A row an utterance: what was said and written, and the edits between, see `measures.edits_table`.

    Args:
        beam: of the search; 0 is greedy. graph: as `Hearing` has it.
    """
    bar = progress or Silent()
    hearing = Hearing(recogniser, beam, graph=graph)
    written: list[str] = []
    for low in range(0, len(utterances), _SIDE_BY_SIDE):
        numbers = range(low, min(low + _SIDE_BY_SIDE, len(utterances)))
        written += hearing.texts([utterances.samples(number) for number in numbers])
        bar.advance(len(numbers))
    return judged(utterances, written)


def judged(utterances: Utterances, written: Sequence[str]) -> pl.DataFrame:
    """The same of what was written already."""
    return edits_table(utterances.letters, written, list(utterances.table["speaker"]), item_names(utterances))


def item_names(utterances: Utterances) -> list[str]:
    """What each is called where it is judged: a name may come twice in a language, the samples do not."""
    return [f"{name}#{digest[:8]}" for name, digest in utterances.table.select("item", "sha256").iter_rows()]


def with_expectations(
    recogniser: Recogniser, ngram: CharacterNGram, dev: Sequence[Utterances], progress: Progress | None = None
) -> Recogniser:
    """The same recogniser with n-grams of letters, their weight and bonus those that err least on dev.

    Of weights that are alike the smallest is taken, so that n-grams that bring nothing say nothing.
    """
    bar = progress or Silent()
    hearing = Hearing(recogniser)
    texts = [text for part in dev for text in part.letters]
    told: list[Float32] = []
    for part in dev:
        for number in range(len(part)):
            told += hearing.told([part.samples(number)])
    best, least = Expectations(ngram, 0.0, 0.0), -1
    for weight in WEIGHTS:
        for bonus in BONUSES if weight else BONUSES[:1]:
            tried = Expectations(ngram, weight, bonus)
            edits = 0
            for said, each in zip(texts, told, strict=True):
                symbols = beam_search(each, recogniser.alphabet, tried, beam=_TUNING_BEAM)
                edits += character_edits(said, BLANK.join(recogniser.alphabet.decode(symbols).split()))
            bar.advance()
            if least < 0 or edits < least:
                best, least = tried, edits
    return replace(recogniser, expectations=best)
