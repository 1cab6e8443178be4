"""What neighbours' text brings, on cards: of text that was read, and of text that was only tried."""

from pathlib import Path

import numpy as np
import pytest
from tests.lm.corpora import make_corpus

from sprachbund import Corpus
from sprachbund.errors import SettingsError
from sprachbund.lab.card import GAIN, GAINED, Score, read_card
from sprachbund.lm.gaining import neighbours_gain
from sprachbund.lm.model import LanguageModel, crossed, crossed_bits, gated
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.settings import LmSettings
from sprachbund.lm.sides import Sides, sides_of
from sprachbund.lm.text import Texts
from sprachbund.lm.train import train_language_model

NGRAMS = LmSettings(size="none")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Little of one language, more of a near and of a strange one."""
    return make_corpus(tmp_path_factory.mktemp("gain"), {"gl": 30, "pt": 200, "fi": 3}, sentences=2)


def score_of(folder: Path, measure: str) -> Score | None:
    """On a model's card."""
    return next((each for each in read_card(folder).scores if each.measure == measure), None)


def test_what_is_tried_is_not_read(corpus: Corpus, tmp_path: Path) -> None:
    """The model is that without it, to the bit; its card says what the model that reads it gains, with its interval."""
    alone = train_language_model(corpus, "gl", settings=NGRAMS)
    tried = train_language_model(corpus, "gl", tmp_path / "tried", tried=["pt", "gl"], settings=NGRAMS)
    read = train_language_model(corpus, "gl", tmp_path / "read", neighbours=["pt"], tried=["pt"], settings=NGRAMS)
    text = ["Casa de pedra.\n"]
    assert len(tried.ngrams) == 1 and np.array_equal(tried.bits(text), alone.bits(text)) and len(read.ngrams) == 2
    would, did = score_of(tmp_path / "tried", GAIN), score_of(tmp_path / "read", GAINED)
    assert would is not None and did is not None
    assert score_of(tmp_path / "tried", GAINED) is None and score_of(tmp_path / "read", GAIN) is None
    assert (would.value, would.low, would.high) == (did.value, did.low, did.high)
    assert (would.unit, would.direction, would.language, would.on) == ("%", "higher", "gl", "pt, n-grams, test")
    assert would.low is not None and 0 < would.low < would.value
    test = sides_of(corpus, "gl").test.texts
    assert would.value == pytest.approx(100 * (1 - read.bits(test).sum() / alone.bits(test).sum()))


def test_a_stranger_brings_nothing(corpus: Corpus) -> None:
    """The gate leaves it out, so its gain is none, and surely none."""
    sides = sides_of(corpus, "gl")
    own = train_characters(sides.train.texts, "gl", 5)
    told = neighbours_gain(GAIN, LanguageModel("gl", (own,)), (train_characters(["zq wz qk " * 50], "fi", 5),), sides)
    assert (
        gated(LanguageModel("gl", (own, train_characters(["zq wz qk " * 50], "fi", 5))), sides.dev.texts).gate is None
    )
    assert (told.value, told.low, told.high) == (0, 0, 0)


def test_without_a_test_side_dev_judges_in_crossed_halves(corpus: Corpus) -> None:
    """And the score says so; of one document without an interval."""
    found = sides_of(corpus, "gl")
    sides = Sides("gl", found.train, found.dev, Texts((), (), ()))
    own = train_characters(sides.train.texts, "gl", 5)
    more = train_characters(sides_of(corpus, "pt").train.texts, "pt", 5)
    told = neighbours_gain(GAIN, LanguageModel("gl", (own,)), (more,), sides)
    both = LanguageModel("gl", (own, more))
    alone = LanguageModel("gl", (own,))
    assert told.value == pytest.approx(100 * (1 - crossed(both, sides.dev.texts) / crossed(alone, sides.dev.texts)))
    assert told.on == "pt, n-grams, dev, crossed halves" and (told.low is None) == (len(set(sides.dev.groups)) == 1)
    bytes_ = sum(len(text.encode()) for text in sides.dev.texts)
    assert crossed_bits(both, sides.dev.texts).sum() / bytes_ == pytest.approx(crossed(both, sides.dev.texts))


def test_a_dictionary_may_be_of_a_language_that_is_tried(corpus: Corpus, tmp_path: Path) -> None:
    """Of no other."""
    table = tmp_path / "table.tsv"
    table.write_text("casa\tcaso\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"a dictionary of fi is given, whose text is not; neighbours: pt"):
        train_language_model(corpus, "gl", tried=["pt"], dictionaries={"fi": table}, settings=NGRAMS)
    train_language_model(corpus, "gl", tried=["pt"], dictionaries={"pt": table}, settings=NGRAMS)
