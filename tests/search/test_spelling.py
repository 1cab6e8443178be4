"""One edit away, in every script."""

from itertools import product

import pytest

from sprachbund.search.spelling import edits, respell


def by_hand(word: str, letters: str) -> set[str]:
    """All words that are one edit away, for words of letters without marks."""
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
        *(a + c + b[1:] for (a, b), c in product(cuts, letters) if b),
        *(a + c + b for (a, b), c in product(cuts, letters)),
    }


@pytest.mark.parametrize(("word", "letters"), [("rio", "abio"), ("νερό", "αβνερόό"), ("вода", "абвод"), ("aa", "a")])
def test_edits_are_all_that_there_are(word: str, letters: str) -> None:
    """A letter left out, put in, replaced, or two swapped: Damerau's four."""
    assert set(edits(word, letters)) == by_hand(word, letters)


def test_letters_are_of_the_scripts_of_the_word() -> None:
    """A Greek or a Cyrillic letter is no typing error for a Latin one."""
    made = "".join(edits("rio", "aαа"))
    assert "a" in made and "α" not in made and "а" not in made


def test_hangul_is_edited_inside_syllables() -> None:
    """바나나 is one letter from 바나너, and 한글 from 하글 (a final left out)."""
    assert "바나나" in set(edits("바나너", "바나한글"))
    assert "한글" in set(edits("하글", "바나한글"))


def test_what_is_read_as_one_letter_moves_as_one() -> None:
    """A consonant with its vowel sign is left out, or swapped, whole; a sign alone too."""
    made = set(edits("नमिस्ते", "नमसतेि"))
    assert {"नस्ते", "मिनस्ते", "नमस्ते"} <= made


def test_edits_are_in_nfc() -> None:
    """A mark that is put in joins its letter."""
    assert "é" in set(edits("e", "\u0301"))


def test_a_text_is_respelt_in_place() -> None:
    """Case, marks and all other words stay."""
    assert respell('-"Govreno, do" x', {"govreno": "governo"}) == '-"Governo, do" x'
