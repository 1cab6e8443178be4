"""Plain letters: what anyascii writes, without what would part a word."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.cognates.romanising import plain, plain_series, plain_word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cabeça  Ação", "cabeca acao"),
        ("Мягкий объект", "myagkiy obekt"),  # anyascii writes ь and ъ as marks that would part the word
        ("п'ять", "p yat"),
        ("Straße", "strasse"),
        ("Ελλάδα", "ellada"),
        ("½ № 7", "12 no 7"),
        ("a\u200db\u00adc", "abc"),  # a joiner and a soft hyphen part nothing
        ("...", ""),
    ],
)
def test_plain_letters(text: str, expected: str) -> None:
    """Scripts and accents go, words stay parted, nothing but letters, digits and single blanks is left."""
    assert plain(text) == expected


def test_a_word_has_no_blank() -> None:
    """What parts a word in writing is left out of it."""
    assert plain_word("l'eau") == "leau" and plain_word("п’ять") == "pyat"


@given(st.text())
def test_normal_forms_give_the_same(text: str) -> None:
    """NFD is as NFC; the result is plain ASCII and stays as it is."""
    found = plain(text)
    assert found == plain(unicodedata.normalize("NFD", text)) == plain(found)
    assert all(c.isascii() and (c.isdigit() or c.islower() or c == " ") for c in found)
    assert "  " not in found and found == found.strip()


def test_a_column() -> None:
    """A column is the same, null stays null."""
    assert plain_series(pl.Series("x", ["Ñu", None])).to_list() == ["nu", None]
