"""Who trains and who judges: no speaker on two sides, no sentence on two sides, the same whatever the order."""

import logging

import numpy as np
import polars as pl
import pytest

from sprachbund.speech.settings import SpeechSplit
from sprachbund.speech.sides import DEV, HELD_BACK, TEST, TRAIN, place


def table(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    """(speaker, letters, source) each."""
    frame = pl.DataFrame(rows, schema=["speaker", "letters", "source"], orient="row")
    return frame.with_columns(language=pl.lit("pt"), synthetic=pl.lit(False))


MANY = table([(f"s{number % 20}", f"sentence {number % 130}", "cv") for number in range(400)])


@pytest.mark.parametrize("seed", range(5))
def test_no_speaker_and_no_sentence_is_on_two_sides(seed: int) -> None:
    """Prompts repeat between speakers: those that another side has are held back from training."""
    placed = place(MANY, SpeechSplit(seed=seed))
    assert placed.by_speaker and placed.unknown == 0
    for column in ("speaker", "letters"):
        of = {side: set(MANY[column].to_numpy()[placed.sides == side]) for side in (TRAIN, DEV, TEST)}
        assert all(of[side] for side in of)
        assert not (of[TRAIN] & of[TEST] or of[TRAIN] & of[DEV] or of[DEV] & of[TEST])
    # 20 speakers: 5 test and 3 tune, and nothing of a test speaker is held back
    test = {f"s{n}" for n in range(20)} & set(MANY["speaker"].to_numpy()[placed.sides == TEST])
    assert len(test) == 5
    assert not (placed.sides[np.isin(MANY["speaker"].to_numpy(), list(test))] == HELD_BACK).any()


def test_the_order_of_rows_changes_nothing_and_the_seed_does() -> None:
    """A row has its side whatever stands before it."""
    order = np.random.default_rng(0).permutation(len(MANY))
    assert (place(MANY[order], SpeechSplit()).sides == place(MANY, SpeechSplit()).sides[order]).all()
    assert (place(MANY, SpeechSplit(seed=1)).sides != place(MANY, SpeechSplit()).sides).any()


def test_sources_that_judge(caplog: pytest.LogCaptureFixture) -> None:
    """Speakers of a pack never judge; where a language has none of theirs, all may."""
    packs = table([(f"pack{number % 3}", f"word {number}", "pack") for number in range(60)])
    both = pl.concat([MANY, packs])
    placed = place(both, SpeechSplit(judged=("cv",)))
    assert set(both["source"].to_numpy()[placed.sides >= DEV]) == {"cv"}
    assert (placed.sides[len(MANY) :] == TRAIN).all()
    assert (placed.sides[: len(MANY)] == place(MANY, SpeechSplit()).sides).all()
    with caplog.at_level(logging.WARNING, "sprachbund"):
        assert (place(MANY, SpeechSplit(judged=("tv",))).sides == place(MANY, SpeechSplit()).sides).all()
    assert "pt: no utterance is of tv, whose speakers were to judge; all its speakers may" in caplog.text


def test_a_speaker_of_two_sources_trains_with_neither_where_one_judges() -> None:
    """What else a test speaker said is held back."""
    rows = [(f"s{number % 8}", f"sentence {number}", "cv" if number < 80 else "pack") for number in range(160)]
    both = table(rows)
    placed = place(both, SpeechSplit(judged=("cv",)))
    speakers = both["speaker"].to_numpy()
    judging = set(speakers[placed.sides >= DEV])
    assert judging and not judging & set(speakers[placed.sides == TRAIN])
    assert (placed.sides[80:][np.isin(speakers[80:], list(judging))] == HELD_BACK).all()


def test_unknown_speakers_train_and_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Beside known ones, who judge."""
    rows = pl.concat([MANY, table([("", f"other {number}", "cv") for number in range(30)])])
    with caplog.at_level(logging.WARNING, "sprachbund"):
        placed = place(rows, SpeechSplit())
    assert "the speakers of 30 of 430 utterances are not known" in caplog.text and placed.unknown == 30
    assert (placed.sides[400:] == TRAIN).all()


@pytest.mark.parametrize(("speakers", "told"), [([""], "not known"), (["a"], "1 speaker"), (["a", "b"], "2 speakers")])
def test_too_few_speakers_are_parted_by_sentence(
    speakers: list[str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And the warning says what the error will be of."""
    rows = table([(speakers[number % len(speakers)], f"sentence {number % 50}", "x") for number in range(100)])
    with caplog.at_level(logging.WARNING, "sprachbund"):
        placed = place(rows, SpeechSplit())
    assert told in caplog.text and "voices that training has heard" in caplog.text and not placed.by_speaker
    of = [set(rows["letters"].to_numpy()[placed.sides == side]) for side in (TRAIN, DEV, TEST)]
    assert [len(each) for each in of] == [30, 8, 12] and len(set.union(*of)) == 50


def test_one_utterance_trains() -> None:
    """Nothing judges, and nothing fails."""
    assert list(place(table([("a", "lá", "x")]), SpeechSplit()).sides) == [TRAIN]
