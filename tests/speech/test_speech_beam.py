"""The beam: all ways to say a text summed, letters expected, hot words, against every text there is."""

from itertools import pairwise, product

import numpy as np
import pytest

from sprachbund.arrays import Float32
from sprachbund.lm.ngram.characters import CharacterNGram, train_characters
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.recogniser.beam import aligned, beam_search, hot_words
from sprachbund.speech.recogniser.expectations import Expectations, learn_letters
from sprachbund.speech.recogniser.greedy import greedy, text_of, words_of

ALPHABET = Alphabet((" ", "a", "b"))


def told(rows: int, seed: int, symbols: int = 4, sharp: float = 1.5) -> Float32:
    """Logarithms of random probabilities."""
    raw = sharp * np.random.default_rng(seed).standard_normal((rows, symbols))
    return (raw - np.logaddexp.reduce(raw, 1, keepdims=True)).astype(np.float32)


def every_text(logs: Float32) -> dict[tuple[int, ...], float]:
    """The logarithm of the probability of every text, from every path there is."""
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(logs.shape[1]), repeat=len(logs)):
        text = tuple(symbol for before, symbol in pairwise((-1, *path)) if symbol != before and symbol)
        score = float(sum(logs[row, symbol] for row, symbol in enumerate(path)))
        found[text] = np.logaddexp(found.get(text, -np.inf), score)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_wide_beam_finds_the_likeliest_text(seed: int) -> None:
    """Of all, by hand; the likeliest path alone is often another."""
    logs = told(6, seed)
    every = every_text(logs)
    assert tuple(beam_search(logs, ALPHABET, beam=400).tolist()) == max(every, key=every.__getitem__)


def ngram() -> CharacterNGram:
    """Of a few words."""
    return train_characters(["ab ab aab\n", "ab ba\n", "b ab\n"], "pt", 3)


@pytest.mark.parametrize("seed", range(8))
def test_expected_letters_count_as_they_should(seed: int) -> None:
    """The score of a text is that of its sound, the weight times its n-grams with its end, and a bonus a letter."""
    logs, model = told(5, seed, sharp=1.0), ngram()
    expectations = Expectations(model, 0.7, 0.9)
    scores = {}
    for text, sound in every_text(logs).items():
        letters = ALPHABET.decode(text)
        bits = model.ask([letters + "\n"])[1]
        unknown = model.alphabet.encode(letters + "\n") == 0
        assert not unknown.any()
        scores[text] = sound - 0.7 * np.log(2) * float(bits.sum()) + 0.9 * len(text)
    found = tuple(beam_search(logs, ALPHABET, expectations, beam=400).tolist())
    assert scores[found] == pytest.approx(max(scores.values()), abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_hot_words_count_when_they_are_whole(seed: int) -> None:
    """A bonus for each letter of a whole word of the list, and of no other."""
    logs = told(6, seed, sharp=0.7)
    hot = hot_words(["ab", "aab", "x"], ALPHABET)
    scores = {}
    for text, sound in every_text(logs).items():
        words = ALPHABET.decode(text).split(" ")
        scores[text] = sound + 2.0 * sum(len(word) for word in words if word in ("ab", "aab"))
    found = tuple(beam_search(logs, ALPHABET, None, hot, beam=600, hot_bonus=2.0).tolist())
    assert scores[found] == pytest.approx(max(scores.values()), abs=1e-4)


def test_the_beam_says_what_is_certain() -> None:
    """Sharp rows give their letters, repeats parted by a blank, whatever the width; no rows give nothing."""
    path = [0, 2, 2, 0, 2, 3, 1, 1, 0, 2]
    logs = np.full((len(path), 4), np.log(1e-4), np.float32)
    logs[np.arange(len(path)), path] = np.log(1 - 3e-4)
    for beam in (1, 2, 24):
        assert ALPHABET.decode(beam_search(logs, ALPHABET, beam=beam)) == "aab a"
    assert text_of(greedy(logs), ALPHABET) == "aab a"
    assert len(beam_search(logs[:0], ALPHABET)) == 0 and text_of(greedy(logs[:0]), ALPHABET) == ""
    one = Alphabet(("x",))
    assert one.decode(beam_search(told(5, 1, 2), one)) in ("", "x", "xx", "xxx")


def test_words_have_the_times_and_confidence_of_their_letters() -> None:
    """A row is 30 ms; a word's confidence is the geometric mean of its letters' best."""
    path = [0, 2, 2, 3, 1, 1, 0, 2, 0]
    logs = np.full((len(path), 4), np.log(0.1), np.float32)
    logs[np.arange(len(path)), path] = np.log(0.7)
    logs[2, 2] = np.log(0.9)
    first, second = words_of(greedy(logs), ALPHABET, 10.0)
    assert (first.text, first.start, first.end) == ("ab", 10.03, 10.12)
    assert first.confidence == pytest.approx(np.sqrt(0.9 * 0.7), abs=1e-4)
    assert (second.text, second.start, second.end, second.confidence) == ("a", 10.21, 10.24, pytest.approx(0.7))


@pytest.mark.parametrize("seed", range(6))
def test_alignment_is_the_likeliest_path(seed: int) -> None:
    """Of all paths that say the text."""
    logs = told(7, seed)
    symbols = np.array([2, 2, 3])
    best, path = -np.inf, ()
    for tried in product(range(4), repeat=len(logs)):
        said = tuple(symbol for before, symbol in pairwise((-1, *tried)) if symbol != before and symbol)
        score = sum(logs[row, symbol] for row, symbol in enumerate(tried))
        if said == (2, 2, 3) and score > best:
            best, path = score, tried
    edges = [row for row, (before, symbol) in enumerate(pairwise((-1, *path))) if symbol != before and symbol]
    firsts, ends, chances = aligned(logs, symbols)
    assert firsts.tolist() == edges
    for first, end, symbol, chance in zip(firsts, ends, symbols, chances, strict=True):
        assert all(path[row] == symbol for row in range(first, end)) and (end == len(path) or path[end] != symbol)
        assert chance == pytest.approx(float(np.exp(logs[first:end, symbol].max())))


def test_unknown_letters_of_hot_words_are_left_out_and_letters_are_learned() -> None:
    """A hot word that cannot be written is none; n-grams need text, and choose their order on dev."""
    from sprachbund.errors import SettingsError

    assert len(hot_words(["zz", ""], ALPHABET).ends) == 1
    assert learn_letters(["ab ab", "", "ba"], [], "pt").ngram.order == 6
    assert learn_letters(["ab ab"] * 9, ["ab ab"], "pt").ngram.order in (4, 5, 6, 7, 8)
    with pytest.raises(SettingsError, match="found none"):
        learn_letters(["", ""], [], "pt")
