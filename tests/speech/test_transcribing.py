"""Files to text: whatever their rate and length, in bounded memory, as text and as subtitles."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_speech import RATE, noise, say, write

from sprachbund.corpus.sources.subtitles import _cues
from sprachbund.errors import SourceError
from sprachbund.speech.judging import judge, with_expectations
from sprachbund.speech.measures import character_edits, edits_table, rate_of, word_edits
from sprachbund.speech.pauses import at_pauses, pieces_of
from sprachbund.speech.recogniser.expectations import learn_letters
from sprachbund.speech.recogniser.greedy import Word
from sprachbund.speech.recogniser.model import Recogniser
from sprachbund.speech.recogniser.saved import read_recogniser, write_recogniser
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.subtitles import cues, srt, vtt
from sprachbund.speech.transcribing import Hearing, written


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (48_000, 2), (22_050, 5)])
def test_a_file_is_heard_at_any_rate(learned: Recogniser, tmp_path: Path, rate: int, channels: int) -> None:
    """Most letters right, words at their places: the first begins behind the pause before it."""
    samples = say("ebo mab oem", rate=rate, seed=4)
    path = write(tmp_path / "a.wav", np.repeat(samples[:, None], channels, 1), rate)
    found = Hearing(learned).transcribe(path)
    assert character_edits("ebo mab oem", found.text) <= 1
    assert found.seconds == pytest.approx(len(samples) / rate, abs=0.01)
    assert 0 <= found.words[0].start < 0.25 and found.words[-1].end <= found.seconds + 0.05
    assert all(one.end <= other.start + 1e-9 for one, other in zip(found.words, found.words[1:], strict=False))
    assert all(0 < word.confidence <= 1 for word in found.words)


def test_beam_and_greedy_agree_where_the_sound_is_clear(learned: Recogniser, tones: SpeechCorpus) -> None:
    """And expected letters never make dev worse; the n-grams are kept with the recogniser."""
    test, dev = tones.sides("pt")["test"], tones.sides("pt")["dev"]
    plain = judge(learned, test)
    searched = judge(learned, test, beam=8)
    assert abs(plain["edits"].sum() - searched["edits"].sum()) <= 0.1 * plain["letters"].sum()
    expecting = with_expectations(learned, learn_letters(tones.sides("pt")["train"].letters, dev.letters, "pt"), [dev])
    assert expecting.expectations is not None
    assert judge(expecting, dev, beam=12)["edits"].sum() <= judge(learned, dev, beam=12)["edits"].sum()


def test_expectations_are_saved(learned: Recogniser, tmp_path: Path, tones: SpeechCorpus) -> None:
    """What is read again hears the same."""
    from sprachbund.speech.recogniser.expectations import Expectations

    ngram = learn_letters(tones.sides("pt")["train"].letters, [], "pt")
    own = replace(learned, expectations=Expectations(ngram, 0.5, 1.0))
    write_recogniser(own, tmp_path / "R")
    again = read_recogniser(tmp_path / "R")
    assert again.expectations is not None and (again.expectations.weight, again.expectations.bonus) == (0.5, 1.0)
    test = tones.sides("pt")["test"]
    assert judge(own, test, beam=8).equals(judge(again, test, beam=8))


def test_hot_words_are_preferred(learned: Recogniser) -> None:
    """A word that is nearly heard is written as the list has it."""
    samples = say("ebo", seed=3)
    assert Hearing(learned, beam=24, hot=("EBA",)).texts([samples])[0] in ("eba", "ebo")
    told = Hearing(learned).told([samples])[0]
    assert told.shape[1] == 7


def test_pieces_are_the_sound_and_end_in_pauses() -> None:
    """One after the other they are what came in, none longer than it may be, cut where it is quiet."""
    loud, quiet = noise(3.0, loud=0.3), noise(0.5, loud=0.001)
    whole = np.concatenate([loud, quiet] * 12)
    for size in (1_000, 7_777, len(whole)):
        pieces = list(at_pauses((whole[low : low + size] for low in range(0, len(whole), size)), RATE, 8.0))
        assert np.array_equal(np.concatenate([samples for _, samples in pieces]), whole)
        assert all(len(samples) <= 8 * RATE for _, samples in pieces)
        starts = [offset for offset, _ in pieces]
        assert starts == pytest.approx(np.cumsum([0, *(len(samples) / RATE for _, samples in pieces[:-1])]))
        for start in starts[1:]:
            assert start % 3.5 >= 3.05, start
    assert list(at_pauses([], RATE)) == []


def test_an_hour_is_heard_in_bounded_memory(tmp_path: Path, learned: Recogniser) -> None:
    """Ten times as long takes no more; silence is not listened to."""

    def peak(minutes: int) -> tuple[int, int]:
        path = write(tmp_path / f"{minutes}.flac", np.tile(noise(10, 16_000), 6 * minutes), 16_000)
        tracemalloc.start()
        count = sum(1 for _ in pieces_of(path, RATE))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, count

    (short, few), (long, many) = peak(1), peak(10)
    assert many > 8 * few and long < 1.2 * short < 20e6
    silent = write(tmp_path / "silent.flac", np.zeros(60 * RATE, np.int16))
    found = Hearing(learned).transcribe(silent)
    assert found.words == () and found.seconds == 60.0 and found.text == ""


def test_what_is_no_sound_is_refused(learned: Recogniser, tmp_path: Path) -> None:
    """With what it is."""
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    with pytest.raises(SourceError, match="ffmpeg"):
        Hearing(learned).transcribe(tmp_path / "film.mp4")
    with pytest.raises(SourceError, match="no such file"):
        Hearing(learned).transcribe(tmp_path / "absent.wav")
    with pytest.raises(SourceError, match="a folder"):
        Hearing(learned).transcribe(tmp_path)
    empty = write(tmp_path / "empty.wav", np.zeros(0))
    assert Hearing(learned).transcribe(empty).text == ""


WORDS = [Word("olá", 0.5, 0.9, 0.9), Word("mundo", 1.0, 1.5, 0.8), Word("sim", 3_661.0, 3_661.25, 0.7)]


def test_subtitles() -> None:
    """Cues by hand; our own reader reads them again."""
    assert srt(WORDS) == ("1\n00:00:00,500 --> 00:00:01,500\nolá mundo\n\n2\n01:01:01,000 --> 01:01:01,250\nsim\n")
    assert vtt(WORDS) == ("WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nolá mundo\n\n01:01:01.000 --> 01:01:01.250\nsim\n")
    for text in (srt(WORDS), vtt(WORDS)):
        assert list(_cues(text)) == [(0.5, 1.5, "olá mundo"), (3661.0, 3661.25, "sim")]
    assert srt([]) == "" and vtt([]) == "WEBVTT\n"
    long = [Word("palavra", number * 0.5, number * 0.5 + 0.4, 1.0) for number in range(40)]
    assert all(len(text) <= 64 and end - start <= 6 for start, end, text in cues(long))
    assert " ".join(text for _, _, text in cues(long)).split() == ["palavra"] * 40
    from sprachbund.speech.transcribing import Transcript

    transcript = Transcript(tuple(WORDS), 3_662.0)
    assert written(transcript, "srt") == srt(WORDS) and written(transcript, "text") == "olá mundo sim\n"
    assert '"confidence": 0.9' in written(transcript, "json")


def test_error_rates_are_sums_over_sums() -> None:
    """By hand: one edit of three letters and none of nine are one of twelve, not a sixth; jiwer counts the edits."""
    assert character_edits("kitten", "sitting") == 3 and word_edits("a b c", "a x c d") == 2
    assert character_edits("", "ab") == 2 and character_edits("ab", "") == 2 and word_edits("", "") == 0
    table = edits_table(["abc", "abcdefghi"], ["abd", "abcdefghi"], ["x", "y"], ["1", "2"])
    rate = rate_of(table)
    assert rate.value == pytest.approx(1 / 12) and rate.low == 0.0 and rate.high == pytest.approx(1 / 3)
    assert rate_of(table, "word_edits", "words").value == 0.5
    alone = rate_of(edits_table(["abc", "ab"], ["abd", "ab"], ["x", "x"], ["1", "2"]))
    assert np.isnan(alone.low) and np.isnan(alone.high)


def test_intervals_draw_speakers() -> None:
    """Utterances of one speaker are alike: an interval over speakers is wider than one over utterances."""

    def rows() -> Iterator[tuple[str, str, str]]:
        for number in range(60):
            who = number % 4
            yield "abcde", "abcde" if who < 2 else "vwxyz", f"s{who}"

    said, heard, speakers = (list(column) for column in zip(*rows(), strict=True))
    by_speaker = rate_of(edits_table(said, heard, speakers, list(map(str, range(60)))))
    apart = rate_of(edits_table(said, heard, list(map(str, range(60))), list(map(str, range(60)))))
    assert by_speaker.value == apart.value == 0.5
    assert by_speaker.high - by_speaker.low > 2 * (apart.high - apart.low)
