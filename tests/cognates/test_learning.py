"""Cognates of artificial languages whose sound laws are known."""

import unicodedata
from itertools import product

import numpy as np
import pytest

from sprachbund.cognates.costs import counted, rescored, start_costs
from sprachbund.cognates.learning import LearningSettings, learn
from sprachbund.cognates.letters import encode, spelt, string_number
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.words import Words, counted_words
from sprachbund.errors import CorpusError, SettingsError

ONSETS, VOWELS, ENDS = ("b", "d", "g", "l", "m", "n", "p", "r", "s", "t"), "aeiou", ("", "n", "r", "s")
LAW = str.maketrans("pt", "fz")


def made(language: str, change: bool, first: int = 0) -> Words:
    """Words of three syllables drawn from all, each with its own count; by the law p is f and t is z."""
    syllables = [a + b + c for a, b, c in product(ONSETS, VOWELS, ENDS)]
    random = np.random.default_rng(first)
    words = ["".join(syllables[i] for i in random.integers(0, len(syllables), 3)) for _ in range(800)]
    words = list(dict.fromkeys(words))
    changed = [word.translate(LAW) if change else word for word in words]
    return counted_words(language, [(word, len(words) - place) for place, word in enumerate(changed)])


@pytest.fixture(scope="module")
def sisters() -> Cognates:
    """Two languages that differ by the law alone."""
    return learn(made("xa", False), made("xb", True))


def test_the_law_is_found(sisters: Cognates) -> None:
    """Every word finds its own, though a third of the letters differ in some; p to f scores high, p to p low."""
    right = sum(left.translate(LAW) == other for left, other in sisters.pairs.select("left", "right").iter_rows())
    assert right == len(sisters.pairs) > 780
    score = {(x, y): sisters.costs[string_number(x), string_number(y)] for x in "pt" for y in "pftz"}
    assert score["p", "f"] > 1.5 and score["t", "z"] > 1.5 and score["p", "p"] < -1 and score["t", "t"] < -1


def test_the_other_way_is_the_same(sisters: Cognates) -> None:
    """Reversed, every pair is turned, and its table of runs is the one from right to left; twice gives the first."""
    back = sisters.reversed()
    assert back.languages == ("xb", "xa")
    assert back.pairs.select("right", "left").rows() == sisters.pairs.select("left", "right").rows()
    assert back.reversed().grams is sisters.grams
    left, right, _, _ = sisters.pairs.row(0)
    assert back.of(right)[0][0] == left


def test_the_same_words_give_the_same_bits(sisters: Cognates) -> None:
    """Nothing is left to chance."""
    again = learn(made("xa", False), made("xb", True))
    assert again.pairs.equals(sisters.pairs) and again.grams.frame().equals(sisters.grams.frame())
    assert np.array_equal(again.costs, sisters.costs)


def test_long_lists_are_learned_from_their_frequent_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores that the first 300 words teach find the pairs of all."""
    monkeypatch.setattr("sprachbund.cognates.learning.TEACHING", 300)
    found = learn(made("xa", False), made("xb", True))
    assert len(found) > 780
    assert all(left.translate(LAW) == right for left, right in found.pairs.select("left", "right").iter_rows())


def test_nothing_in_common_is_an_empty_lexicon() -> None:
    """Words drawn apart from each other meet as often as decoys do, though the two have the same syllables."""
    found = learn(made("xa", False, 1), made("xb", False, 2))
    assert len(found) == len(found.grams) == len(found.back) == 0
    assert found.about["threshold"] is None and found.about["mutual"] > 100
    assert found.why("bada") == []


def test_normal_forms_give_the_same() -> None:
    """Words in NFD are those in NFC."""
    words = {"cabeça": 5, "coração": 4, "ação": 3}
    nfd = {unicodedata.normalize("NFD", word): count for word, count in words.items()}
    assert counted_words("pt", nfd).words == counted_words("pt", words).words == ("cabeça", "coração", "ação")


def test_counts_by_hand() -> None:
    """Of ab-ab and ab-ac: a stands twice, b and c once each in the right words; the pair of letters ab-ac once."""
    left, right = encode(["ab"]), encode(["ab", "ac"])
    joint, ours, theirs = counted(left, right, np.array([[0, 0], [0, 1]], np.int32), start_costs())
    at = string_number
    assert joint[at("a"), at("a")] == 2 and joint[at("b"), at("b")] == joint[at("b"), at("c")] == 1
    assert joint[at("ab"), at("ab")] == joint[at("ab"), at("ac")] == 1
    assert (ours[at("b")], theirs[at("b")], theirs[at("c")], ours[at(" a")]) == (2, 1, 1, 2)


def test_a_score_by_hand() -> None:
    """a stands for x 96 times of 100; of 36 letters with half a count more each, x is 100.5 of 1,018."""
    joint, left, right = np.zeros((len(start_costs()),) * 2), np.zeros(len(start_costs())), np.zeros(len(start_costs()))
    a, x, y = map(string_number, "axy")
    joint[a, x], left[a], right[x], right[y] = 96, 100, 100, 900
    table = rescored(joint, left, right, start_costs())
    assert table[a, x] == pytest.approx(np.log((96 + 4 * np.exp(-3) * 100.5 / 1018) / 104 * 1018 / 100.5))
    # never seen, but a and y may be one sound: whatever the frequency of y
    assert table[a, y] == pytest.approx(np.log(4 * np.exp(-0.5) / 104))


def test_strings_have_numbers() -> None:
    """Of none, one or two letters, and back."""
    assert [string_number(text) for text in ("", " ", "a", "z", "  ", "ab")] == [0, 1, 2, 27, 38, 38 + 37 + 2]
    assert all(spelt(string_number(text)) == text for text in ("", " ", "9", "ab", " a", "z "))


def test_what_cannot_work_is_said_in_a_line() -> None:
    """One language twice, no words, words without plain letters, settings out of range."""
    words = made("xa", False)
    with pytest.raises(SettingsError, match="two languages, found xa twice"):
        learn(words, words)
    with pytest.raises(CorpusError, match="expected words with letters"):
        counted_words("xa", {"12": 3, "a b": 2})
    with pytest.raises(SettingsError, match="expected at least 1, found 0"):
        counted_words("xa", {"ab": 0})
    with pytest.raises(SettingsError, match="words: expected a number from 1 to 50,000, found 0"):
        LearningSettings(words=0)


@pytest.mark.parametrize("right", [("ciudad",), ("cidade",), ("casa", "casas")])
def test_of_a_word_or_two_nothing_is_learned(right: tuple[str, ...]) -> None:
    """Letter runs that every right word has tell nothing: no candidate, no pair, and no error."""
    found = learn(counted_words("xa", {"cidade": 1}), counted_words("xb", dict.fromkeys(right, 1)))
    assert len(found) == 0 and found.nothing()


def test_an_ending_that_all_words_have() -> None:
    """Runs that every word has tell nothing, and are not looked up; each word still has its twin."""
    stems = [first + last for first in ("na", "re", "po", "li", "tra", "men", "so", "di") for last in "bcdfglmnprstv"]
    left, right = (
        counted_words(language, [(stem + ending, 1 + number) for number, stem in enumerate(stems)])
        for language, ending in (("pt", "ção"), ("es", "ción"))
    )
    found = dict(learn(left, right).pairs.select("left", "right").iter_rows())
    assert found == {f"{stem}ção": f"{stem}ción" for stem in stems}
