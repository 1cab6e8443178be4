"""The table of letter runs: IBM model 1, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.cognates.grams import GramTable, gram_key, gram_text, grams_of, learn_grams
from sprachbund.errors import SettingsError

WORDS = st.lists(st.text("abcdez", min_size=1, max_size=8), min_size=1, max_size=12)


def test_a_key_is_four_bytes_the_first_highest() -> None:
    """ " cab" is 0x20636162, and comes back."""
    assert gram_key(" cab") == 0x20636162 and gram_text(0x20636162) == " cab"
    with pytest.raises(SettingsError, match="a run of 4"):
        gram_key("cab")


def test_the_runs_of_a_word_have_its_edges() -> None:
    """A word of two letters has one run, one of one letter none."""
    keys, offsets = grams_of(["de", "a", "casa"])
    assert [gram_text(int(key)) for key in keys] == [" de ", " cas", "casa", "asa "]
    assert offsets.tolist() == [0, 1, 1, 4]


def test_em_by_hand() -> None:
    """Pairs abc-xy and abcd-uv share the run A = " abc"; X = " xy " and U = " uv " are all of the right.

    Round 1, all equal: A has 1/2 of X and 1/3 of U, so p(X | A) = 3/5, p(U | A) = 2/5; "abc " has X alone, "abcd" and
    "bcd " have U. Round 2: A has .6 / 1.6 = 3/8 of X and .4 / 2.4 = 1/6 of U, so 9/13 and 4/13.
    """
    first, second = (learn_grams(["abc", "abcd"], ["xy", "uv"], rounds=rounds, near=0) for rounds in (1, 2))
    assert first.of(" abc") == [(" xy ", pytest.approx(3 / 5)), (" uv ", pytest.approx(2 / 5))]
    assert second.of(" abc") == [(" xy ", pytest.approx(9 / 13)), (" uv ", pytest.approx(4 / 13))]
    assert second.of("abc ") == [(" xy ", 1.0)] and second.of("bcd ") == [(" uv ", 1.0)]
    assert second.of("zzzz") == []


def test_the_same_place_is_likelier() -> None:
    """abc-xyz: " abc" stands at 1/4 as " xyz" does and 1/2 from "xyz ": with near 4 the odds are e^2 to 1."""
    table = learn_grams(["abc"], ["xyz"], rounds=1)
    odds = float(np.exp(2))
    assert table.of(" abc") == [(" xyz", pytest.approx(odds / (1 + odds))), ("xyz ", pytest.approx(1 / (1 + odds)))]


def test_what_is_unlikely_is_left_out() -> None:
    """The likeliest targets alone are kept, and those above a probability."""
    assert learn_grams(["ab", "ab"], ["xy", "uv"], most=1).of(" ab ") == [(" uv ", 0.5)]
    assert learn_grams(["abc", "abcd"], ["xy", "uv"], rounds=1, least=0.5, near=0).of(" abc") == [
        (" xy ", pytest.approx(0.6))
    ]


@given(WORDS)
def test_probabilities_are_at_most_one_in_sum(words: list[str]) -> None:
    """Whatever the words; the arrays are of the types that are promised."""
    table = learn_grams(words, words[::-1], least=0.0)
    sums = [table.probabilities[a:b].sum() for a, b in zip(table.offsets[:-1], table.offsets[1:], strict=True)]
    assert all(total <= 1 + 1e-5 for total in sums)
    types = (table.keys.dtype, table.offsets.dtype, table.targets.dtype, table.probabilities.dtype)
    assert types == (np.uint32, np.int64, np.uint32, np.float32)
    assert GramTable.of_frame(table.frame()).frame().equals(table.frame())


def test_many_keys_at_once() -> None:
    """Places of what is known, in order, with every target; keys that the table lacks have none."""
    table = learn_grams(["ab", "ab", "cd"], ["xy", "uv", "st"], rounds=1)
    places, targets, probabilities = table.translate(
        np.array([gram_key(g) for g in (" cd ", "none", " ab ")], np.uint32)
    )
    assert places.tolist() == [0, 2, 2] and probabilities.tolist() == [1.0, 0.5, 0.5]
    assert [gram_text(int(t)) for t in targets] == [" st ", " uv ", " xy "]
    assert [len(part) for part in GramTable.empty().translate(np.array([1], np.uint32))] == [0, 0, 0]
