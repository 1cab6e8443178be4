"""Which recordings may be learned from for weights that are given away, and that it is inherited."""

from dataclasses import replace

import polars as pl
import pytest

from sprachbund.speech.card import LICENCES, SYNTHETIC, heard_of
from sprachbund.speech.licences import free, licences_in
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.store import SpeechCorpus, Utterances


@pytest.mark.parametrize(
    "licence",
    ["CC0-1.0", "cc0-1.0", "CC0", "CC BY-SA 3.0", "cc-by-sa-4.0", "CC-BY-4.0", "CC BY 3.0 Unported", "public domain"],
)
def test_free_ones(licence: str) -> None:
    """However they are written."""
    assert free([licence])


@pytest.mark.parametrize(
    "licence",
    ["GPL-2/GPL-3", "CC BY-NC 4.0", "cc-by-nd-4.0", "CC BY-SA 3.0 or GPL", "unknown", "", "ccx0", "CC-BY-SA-NC"],
)
def test_others(licence: str) -> None:
    """Where one of all is not free, all are not."""
    assert not free([licence]) and not free(["CC0-1.0", licence])


def test_they_are_inherited(learned: Recogniser, tones: SpeechCorpus) -> None:
    """What a start learned from, its weights have learned too; where it says nothing it is not known."""
    train = tones.sides("pt")["train"]

    def of(licence: str) -> Utterances:
        return Utterances("pt", train.table.with_columns(pl.lit(licence).alias("licence")), train.sound, train.rate)

    assert licences_in(["b", None, "a", "", " b"]) == ("a", "b", "unknown")
    assert heard_of([of("CC0-1.0")], None)[LICENCES] == ["CC0-1.0"]
    started = replace(learned, about={LICENCES: ["GPL-2"]})
    assert heard_of([of("CC0-1.0"), of("CC BY 4.0")], started)[LICENCES] == ["CC BY 4.0", "CC0-1.0", "GPL-2"]
    for about in ({}, {LICENCES: 7}, {LICENCES: None}):
        assert heard_of([of("CC0-1.0")], replace(learned, about=about))[LICENCES] == ["CC0-1.0", "unknown"]


def test_what_is_synthetic_is_inherited(learned: Recogniser, tones: SpeechCorpus) -> None:
    """Its seconds, and those of the start, where it says a number."""
    train = tones.sides("pt")["train"]
    made = Utterances("pt", train.table.with_columns(synthetic=pl.lit(True)), train.sound, train.rate)
    assert SYNTHETIC not in heard_of([train], learned)
    assert heard_of([train, made], None)[SYNTHETIC] == pytest.approx(train.seconds, abs=0.001)
    started = replace(learned, about={SYNTHETIC: 60.0})
    assert heard_of([train], started)[SYNTHETIC] == 60.0
    assert heard_of([made], started)[SYNTHETIC] == pytest.approx(60 + train.seconds, abs=0.001)
    for odd in (None, "x", -1.0, float("nan")):
        assert SYNTHETIC not in heard_of([train], replace(learned, about={SYNTHETIC: odd}))
