"""A model of all kinds of parts, weighed together: n-grams of characters, of a neighbour, of words, a neural one."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund.lm.completing import known_characters, next_characters
from sprachbund.lm.gate import learn_gate
from sprachbund.lm.model import LanguageModel, bits_each, signals
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.ngram.words import train_words

pytest.importorskip("torch")


def test_what_may_follow_is_what_scoring_charges(tmp_path: Path) -> None:
    """Saved and opened, each part has its own place in the gate, in scoring and in what may follow."""
    from tests.lm.tiny_neural import DEV, TRAIN, trained

    ngrams = (train_characters(TRAIN, "gl", 4), train_characters(DEV, "pt", 3))
    plain = LanguageModel("gl", ngrams, trained(), words=train_words(TRAIN, "gl", 2))
    heard = signals(plain, DEV)
    assert heard.probabilities.shape[1] == plain.parts == 4
    LanguageModel("gl", ngrams, trained(), learn_gate(heard), words=plain.words).save(tmp_path / "GL")
    model = LanguageModel.open(tmp_path / "GL")
    characters = known_characters(model)
    text = "chove noite o mar corre.\n"
    told = next_characters(model, [text[:place] for place in range(len(text))], characters)
    assert told.sum(1).max() <= 1 + 1e-5
    own = [row[characters.index(text[place])] for place, row in enumerate(told)]
    assert np.array(own) == pytest.approx(2.0 ** -bits_each(model, [text]), rel=1e-3)
