"""Samples of a neural model, and the words that it suggests."""

import math

import numpy as np
import pytest
from tiny_neural import KINDS, TRAIN, tiny, trained

from sprachbund.errors import SettingsError
from sprachbund.lm.neural.scoring import bits, continuations, sample
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.neural.units import bytes_of_piece

pytest.importorskip("torch")
pytest.importorskip("tokenizers")


@pytest.mark.parametrize(("units", "architecture"), KINDS)
def test_a_sample_is_so_long_and_drawn_by_its_seed(units: str, architecture: str) -> None:
    """The same seed writes the same text; temperature 0 needs none; whole characters, of several bytes too."""
    neural = trained(units, architecture)
    text = sample(neural, "o rio ", 40, seed=1)
    assert len(text) == 40 and text == sample(neural, "o rio ", 40, seed=1) != sample(neural, "o rio ", 40, seed=2)
    assert sample(neural, "o", 12, temperature=0, seed=1) == sample(neural, "o", 12, temperature=0, seed=2)
    assert sample(neural, "o", 0) == ""
    with pytest.raises(SettingsError):
        sample(neural, "o", 3, temperature=-1)


@pytest.mark.parametrize(("units", "architecture"), KINDS)
def test_suggested_words_complete_what_is_there(units: str, architecture: str) -> None:
    """Each begins as the prompt ends, the likeliest first; after a blank the next word is asked for."""
    neural = trained(units, architecture)
    for prompt, begun in (("o rio corr", "corr"), ("o rio ", ""), ("", ""), ("o rio", "rio"), ("a.\nno", "no")):
        words = continuations(neural, prompt, 4)
        assert 0 < len(words) <= 4 and all(word.startswith(begun) and word for word, _ in words)
        chances = [chance for _, chance in words]
        assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1 + 1e-6
    with pytest.raises(SettingsError):
        continuations(neural, "a", 0)


def test_a_words_probability_is_that_of_all_its_ends() -> None:
    """Of characters: P(word, then a character that is in no word), by the bits of each such text."""
    neural = trained()
    word, chance = continuations(neural, "o rio ", 1)[0]
    ends = [symbol for symbol in neural.keys if symbol in " .\n"]
    before = float(bits(neural, ["o rio "])[0])
    expected = sum(2 ** -(float(told) - before) for told in bits(neural, [f"o rio {word}{end}" for end in ends]))
    assert chance == pytest.approx(expected, rel=1e-3)


def test_a_model_that_knows_its_text_goes_on_with_it() -> None:
    """Trained long on one line, it writes that line, and suggests its words."""
    line = "o rio corre para o mar e canta.\n"
    neural = train_neural([line * 40], [line * 4], tiny(width=32, epochs=40, rate=0.02, dropout=0.0))
    assert (
        continuations(neural, "o rio ", 1)[0][0] == "corre" and continuations(neural, "o rio corre pa")[0][0] == "para"
    )
    assert continuations(neural, "o rio ", 1)[0][1] > 0.5
    assert sample(neural, "o rio corre", 10, temperature=0) == " para o ma"


def test_the_letters_of_pieces_stand_for_bytes() -> None:
    """As the library tokenizers has them: all 256, each once."""
    from tokenizers import pre_tokenizers

    letters = pre_tokenizers.ByteLevel.alphabet()
    assert sorted(bytes_of_piece("".join(sorted(letters)))) == list(range(256))
    split = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    for text in ("Ġ ção", "漢字\n\t", "\u0928\u093f"):
        ((piece, _),) = split.pre_tokenize_str(text)
        assert bytes_of_piece(piece) == text.encode()


def test_marks_stay_with_their_letters() -> None:
    """No cut between a letter and a mark in any script, where the rules of GPT-2 cut: Hindi, Thai, pointed Hebrew."""
    from sprachbund.lm.neural.units import learn_pieces, made_tokenizer

    for word in ("किताब", "ที่นี่", "שָׁלוֹם", "cafe\u0301", "မြန်မာ"):
        cuts = made_tokenizer().pre_tokenizer.pre_tokenize_str(f"a {word} b")
        assert [bytes_of_piece(piece).decode() for piece, _ in cuts] == ["a", f" {word}", " b"]
    pieces = learn_pieces(list(TRAIN), 300)
    for text in ("o rio\n", "漢字 \U0001f600 ж\x00", "  \n\n", ""):
        assert pieces.decode(pieces.encode(text)) == text


def test_pieces_grow_with_the_text() -> None:
    """Where there are pairs; and the same text gives the same pieces."""
    from sprachbund.lm.neural.units import learn_pieces, pieces_for

    assert [pieces_for(size) for size in (1_000, 500_000, 2_000_000, 10**12)] == [512, 1_260, 2_520, 16_384]
    first, second = (learn_pieces(list(TRAIN), 320) for _ in range(2))
    assert first == second and 256 < first.size <= 320 and len(first.merges) == first.size - 256
    assert math.isclose(np.mean([len(first.encode(text)) / len(text.encode()) for text in TRAIN]), 0.3, abs_tol=0.15)
