"""A model that learns from a document while it reads it."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund.errors import SettingsError
from sprachbund.lm.adapting import FIRST, adapting_bits, adapting_gate, stretches
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.scoring import score

RANDOM = np.random.default_rng(1)
WORDS = ["".join(RANDOM.choice(list("abcdefgh"), 6)) for _ in range(40)]


def text(words: list[str], count: int) -> str:
    """A document of words drawn anew."""
    return " ".join(RANDOM.choice(words, count)) + "\n"


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """Of words that the documents do not have."""
    other = ["".join(RANDOM.choice(list("abcdefgh"), 5)) for _ in range(60)]
    plain = LanguageModel("und", (train_characters([text(other, 500)], "und", 4),))
    dev = [text(WORDS[:20], 500), text(WORDS[20:], 500)]
    return LanguageModel("und", plain.ngrams, adapting=adapting_gate(plain, dev))


def test_stretches_are_the_whole_document() -> None:
    """Without a gap, none empty, the first of a fixed length."""
    for length in (0, 1, FIRST, FIRST + 1, 123_456):
        found = list(stretches(length))
        assert [start for start, _ in found] == [0, *(stop for _, stop in found[:-1])][: len(found)]
        assert sum(stop - start for start, stop in found) == length
        assert all(stop > start for start, stop in found)


def test_a_document_is_learned_while_it_is_read(model: LanguageModel) -> None:
    """Words that come again cost less, though the model never saw them; the next document begins anew."""
    document = text(WORDS[:10], 800)
    told = score(model, [document], adapt=True)
    assert told.bits[0] < 0.7 * score(model, [document]).bits[0]
    twice = score(model, [document, document], adapt=True)
    assert twice.bits[0] == pytest.approx(twice.bits[1])


def test_nothing_is_used_that_stands_behind(model: LanguageModel) -> None:
    """What a beginning costs does not depend on what follows."""
    assert model.adapting is not None
    document = text(WORDS[:10], 600)
    head = document[: FIRST + 700]
    one = adapting_bits(model, model.adapting, [head])[0]
    other = (
        adapting_bits(model, model.adapting, [head + "zzz" * 50])[0] - adapting_bits(model, model.adapting, [head])[0]
    )
    assert other > 0
    assert one == pytest.approx(adapting_bits(model, model.adapting, [head, document])[0])


def test_the_weights_are_kept(model: LanguageModel, tmp_path: Path) -> None:
    """In the model's folder; a model without them says so."""
    model.save(tmp_path / "model")
    again = LanguageModel.open(tmp_path / "model")
    document = text(WORDS, 400)
    assert score(again, [document], adapt=True).bits.tolist() == score(model, [document], adapt=True).bits.tolist()
    with pytest.raises(SettingsError, match="train it again"):
        score(LanguageModel("und", model.ngrams), [document], adapt=True)
