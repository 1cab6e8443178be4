"""What a bench measures: every part of the way, memory, and the errors that judging counts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_speech import RATE, say, write

from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.machine import memory_limit
from sprachbund.speech.judging import judge
from sprachbund.speech.measures import rate_of
from sprachbund.speech.recogniser.expectations import Expectations, learn_letters
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import write_recogniser
from sprachbund.speech.speed import DECODING, FEATURES, GREEDY, NETWORK, SEARCH, Speed, bench
from sprachbund.speech.store import SpeechCorpus, Utterances


@pytest.fixture(scope="module")
def expecting(learned: Recogniser, tones: SpeechCorpus) -> Recogniser:
    """A recogniser with n-grams of letters."""
    ngram = learn_letters(tones.sides("pt")["train"].letters, [], "pt")
    return replace(learned, expectations=Expectations(ngram, 0.5, 1.0))


def test_files(learned: Recogniser, expecting: Recogniser, tmp_path: Path) -> None:
    """Seconds of sound as they are, at the files' own rates, long ones in pieces; a beam where letters are expected."""
    long = np.tile(say("ebo mab oem", seed=4), 18)
    short = say("mab", rate=16_000, seed=5)
    files = [write(tmp_path / "long.flac", long), write(tmp_path / "short.wav", short, 16_000)]
    write_recogniser(learned, tmp_path / "PLAIN")
    write_recogniser(expecting, tmp_path / "R")
    plain, found = bench(tmp_path / "PLAIN", files), bench(tmp_path / "R", files, beam=4)
    assert set(plain.parts) == {DECODING, FEATURES, NETWORK, GREEDY} and plain.beam == 0
    assert set(found.parts) == {*plain.parts, SEARCH} and found.beam == 4 and found.sounds == 2
    assert set(bench(tmp_path / "R", files, beam=0).parts) == set(plain.parts)
    assert found.seconds == pytest.approx(len(long) / RATE + len(short) / 16_000, abs=0.01)
    assert found.seconds > 20 and all(value > 0 for value in found.parts.values()) and found.load > 0
    assert 10 << 20 < found.memory < memory_limit() and found.rates == ()


def test_factors_are_sums_of_parts() -> None:
    """By hand: what both searches share, and each search's own."""
    parts = {DECODING: 1.0, FEATURES: 2.0, NETWORK: 3.0, GREEDY: 0.5, SEARCH: 4.0}
    speed = Speed(1, 100.0, 0.2, parts, 24, 1 << 20)
    assert speed.factor(GREEDY) == 0.065 and speed.factor(SEARCH) == 0.1
    assert speed.to_dict()["factors"] == {"greedy": 0.065, "beam": 0.1}
    without = Speed(1, 10.0, 0.2, {FEATURES: 1.0, NETWORK: 1.0, GREEDY: 0.0}, 0, 1 << 20)
    assert without.to_dict()["factors"] == {"greedy": 0.2}


def test_utterances_give_the_errors_that_judging_counts(
    expecting: Recogniser, tones: SpeechCorpus, tmp_path: Path
) -> None:
    """By both searches, letters and words, with intervals over speakers."""
    write_recogniser(expecting, tmp_path / "R")
    test = tones.sides("pt")["test"]
    found = bench(tmp_path / "R", test, beam=4)
    assert DECODING not in found.parts and found.sounds == len(test)
    assert found.seconds == pytest.approx(test.seconds)
    expected = []
    for search, beam in ((GREEDY, 0), (SEARCH, 4)):
        table = judge(expecting, test, beam)
        for measure, columns in (("character", ("edits", "letters")), ("word", ("word_edits", "words"))):
            rate = rate_of(table, *columns)
            expected.append((search, f"{measure} error rate", rate.value, rate.low, rate.high))
    assert [(each.search, each.measure, each.value, each.low, each.high) for each in found.rates] == expected


def test_refusals(learned: Recogniser, tones: SpeechCorpus, tmp_path: Path) -> None:
    """Nothing to hear, no sound, another rate, no recogniser."""
    write_recogniser(learned, tmp_path / "R")
    with pytest.raises(SettingsError, match="expected sound to hear, found none"):
        bench(tmp_path / "R", [write(tmp_path / "none.wav", np.zeros(0))])
    (tmp_path / "bad.wav").write_text("no sound")
    with pytest.raises(SourceError, match=r"bad\.wav: no sound"):
        bench(tmp_path / "R", [tmp_path / "bad.wav"])
    own = tones.utterances("pt")
    with pytest.raises(SettingsError, match="the recogniser hears 8,000"):
        bench(tmp_path / "R", Utterances("pt", own.table, own.sound, 16_000))
    with pytest.raises(FolderError, match="expected a recogniser"):
        bench(tones.path, [tmp_path / "none.wav"])
