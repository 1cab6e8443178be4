"""Kneser-Ney: counts and probabilities as worked out by hand and by a plain reference."""

from pathlib import Path

import numpy as np
import pytest
from tests.lm.kneser_ney import Reference

from sprachbund.errors import FolderError, SettingsError
from sprachbund.lm.alphabet import UNKNOWN_BITS
from sprachbund.lm.ngram.characters import (
    bits_of,
    choose_order,
    read_characters,
    train_characters,
    write_characters,
)
from sprachbund.lm.ngram.counting import count, tokens_of
from sprachbund.lm.ngram.model import NGram, after, ask, train_ngram
from sprachbund.lm.ngram.smoothing import FALLBACK, discounts_of

RANDOM = np.random.default_rng(3)


def texts(count: int, size: int, length: int = 60) -> list[np.ndarray]:
    """Documents in which some symbols are far more frequent than others, each closed by symbol 1."""
    made = [np.minimum(RANDOM.geometric(0.3, RANDOM.integers(1, length)), size - 1) for _ in range(count)]
    return [np.append(each, 1).astype(np.int32) for each in made]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("size", [6, 300])
def test_probabilities_are_those_of_the_formula(order: int, size: int) -> None:
    """On what was read and on what was not, with one word of 64 bits an n-gram."""
    read, new = texts(20, size), texts(4, size)
    discounts = np.tile(FALLBACK, (order, 1)) * 0.8
    model = train_ngram(read, size, 1, order, discounts)
    reference = Reference([each.tolist() for each in read], size, 1, order, discounts)
    for documents in (read[:3], new):
        wanted = np.concatenate([reference.bits(each.tolist()) for each in documents])
        assert np.allclose(-np.log2(ask(model, documents).probabilities), wanted, rtol=1e-5)


@pytest.mark.parametrize("order", [7, 9])
def test_long_ngrams_take_several_words(order: int) -> None:
    """Of 20 bits a symbol three fit a word: two and three words, sorted as one."""
    size = 1 << 19
    read = [np.append(RANDOM.integers(2, 5, 80), 1).astype(np.int32) for _ in range(6)]
    discounts = np.tile(FALLBACK, (order, 1))
    reference = Reference([each.tolist() for each in read], size, 1, order, discounts)
    model = train_ngram(read, size, 1, order, discounts)
    wanted = np.concatenate([reference.bits(each.tolist()) for each in read])
    assert np.allclose(-np.log2(ask(model, read).probabilities), wanted, rtol=1e-5)


def test_counts_by_hand() -> None:
    """abab: after a stands b twice; a shorter count is of different symbols before, and of a beginning itself."""
    levels = count(tokens_of([np.array([2, 3, 2, 3, 1], np.int32)], 4, 1, 2), 2)
    single, pairs = levels
    assert single.symbols.tolist() == [1, 2, 3]
    # 1 after b; a after the beginning and after b; b after a alone
    assert single.counts.tolist() == [1, 2, 1]
    # contexts in order of their symbol: closing (before the text), a, b
    assert pairs.last.tolist() == [1, 2, 3]
    assert [pairs.symbols[s:e].tolist() for s, e in zip(pairs.starts, pairs.starts[1:], strict=False)] == [
        [2],
        [3],
        [1, 2],
    ]
    assert pairs.counts.tolist() == [1, 2, 1, 1]


@pytest.mark.parametrize("order", [1, 3, 6])
def test_all_that_may_follow_sums_to_one(order: int) -> None:
    """After contexts that were read and after such that were not, symbols that never occur among them."""
    model = train_ngram(texts(30, 9), 12, 1, order)
    for _ in range(20):
        told, *_ = after(model, RANDOM.integers(0, 12, RANDOM.integers(0, 9)).astype(np.int32))
        assert told.sum() == pytest.approx(1, abs=1e-6)
        assert told.min() > 0


def test_what_follows_is_what_is_asked() -> None:
    """`after` and `ask` say the same of every place."""
    model = train_ngram(texts(30, 9), 9, 1, 4)
    document = texts(1, 9)[0]
    asked = ask(model, [document])
    for place in range(len(document)):
        told, depth, seen, peak = after(model, document[:place])
        assert told[document[place]] == pytest.approx(asked.probabilities[place])
        assert (depth, seen) == (asked.depths[place], asked.seen[place])
        assert peak == pytest.approx(float(asked.peaks[place]))


def test_discounts_fall_back_where_counts_are_missing() -> None:
    """A text whose pairs all occur once has no counts of counts to estimate from."""
    levels = count(tokens_of([np.arange(2, 40, dtype=np.int32)], 40, 1, 2), 2)
    assert discounts_of(levels).tolist() == [list(FALLBACK)] * 2


def test_discounts_by_the_formula() -> None:
    """Counts of counts 40, 20, 10, 5: Y is 1/2, and D are 1/2, 5/4, 2."""
    counts = [1] * 40 + [2] * 20 + [3] * 10 + [4] * 5
    text = [symbol for symbol, times in enumerate(counts, 2) for _ in range(times)]
    levels = count(tokens_of([np.array(text, np.int32)], 100, 1, 1), 1)
    assert discounts_of(levels)[0].tolist() == [0.5, 1.25, 2.0]


def test_an_order_that_cannot_be_is_refused() -> None:
    """Nor is an empty text a model."""
    with pytest.raises(SettingsError, match="order of n-grams must be 1 to 16, found 17"):
        train_ngram(texts(2, 5), 5, 1, 17)
    with pytest.raises(SettingsError, match="needs some text, found none"):
        train_ngram([], 5, 1, 3)


def test_unknown_characters_are_charged_in_full() -> None:
    """Their symbol's bits and those that say which character it is."""
    model = train_characters(["abab\n" * 5], "und", 3)
    told, each = model.ask(["a\U0001f600\n"])
    assert each[1] == pytest.approx(-np.log2(told.probabilities[1]) + UNKNOWN_BITS)
    assert bits_of(model, ["ab\n", "", "a\U0001f600\n"]).tolist()[1:] == [0, pytest.approx(each.sum())]


def test_dev_chooses_the_order() -> None:
    """Of the text that was read a longer one is best; of noise the shortest."""
    noise = ["".join(RANDOM.choice(list("abcdef"), 400)) + "\n" for _ in range(3)]
    assert choose_order(noise[:2], noise[2:], "und", (1, 2, 5)).ngram.order == 1
    saying = ["the same old story told again and again\n"] * 8
    assert choose_order(saying, saying[:1], "und", (2, 4)).ngram.order == 4


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """To the bit, memory-mapped; damage is told."""
    model = train_characters(["o rei foi \u00e0 ca\u00e7a\n", "a rainha ficou\n"], "pt", 5)
    write_characters(model, tmp_path / "model")
    again = read_characters(tmp_path / "model")
    assert np.array_equal(again.ask(["o rei ficou\n"])[1], model.ask(["o rei ficou\n"])[1])
    assert (again.language, again.characters, again.alphabet) == ("pt", model.characters, model.alphabet)
    symbols = np.load(tmp_path / "model" / "symbols.npy")
    np.save(tmp_path / "model" / "symbols.npy", symbols[:-1])
    with pytest.raises(FolderError, match="do not fit each other"):
        read_characters(tmp_path / "model")


def test_models_do_not_compare() -> None:
    """They hold arrays: two are one only if they are the same object."""
    model: NGram = train_ngram(texts(2, 5), 5, 1, 2)
    assert model == model
    assert model != train_ngram(texts(2, 5), 5, 1, 2)
