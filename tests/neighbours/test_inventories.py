"""Phoneme inventories."""

import pytest

from sprachbund.neighbours.inventories import inventory_of, jaccard, jaccard_of
from sprachbund.neighbours.sources import Sources


def test_jaccard() -> None:
    """Shared over either; composed and decomposed are one; nothing against nothing is no number."""
    assert jaccard("ptk", "pts") == 2 / 4
    assert jaccard(["\u00e3"], ["a\u0303"]) == 1
    assert jaccard([], []) is None and jaccard([], ["p"]) == 0


def test_the_inventory_that_phoible_trusts(small: Sources) -> None:
    """Not the first of the file; vowels apart; in NFC; a standard of Serbo-Croatian stands for the others."""
    spanish, portuguese, serbian = (inventory_of(small, code) for code in ("es", "pt", "sr"))
    assert spanish is not None and portuguese is not None and serbian is not None
    assert spanish.name == "Spanish" and spanish.phonemes == ("p", "t", "a")
    assert portuguese.vowels == ("a", "\u00e3") and serbian.name == "Croatian"
    assert inventory_of(small, "de") is None


def test_jaccard_of_two_languages(small: Sources) -> None:
    """By hand: p, a shared of p, t, z, a, ã; consonants 1 of 3, vowels 1 of 2."""
    value = jaccard_of(small, "pt", "es")
    assert value.value == 2 / 5 and value.source == "PHOIBLE"
    assert value.parts["consonants"] == {"value": 1 / 3, "shared": ["p"], "only": [["z"], ["t"]]}
    assert value.parts["vowels"]["value"] == 1 / 2
    absent = jaccard_of(small, "pt", "de")
    assert absent.value is None and absent.parts["lacking"] == "PHOIBLE has no inventory of de"


def test_portuguese_and_its_neighbours(real: Sources) -> None:
    """Of the real table: counted apart from this code, in the inventories that it prefers."""
    found = {code: jaccard_of(real, "pt", code).value for code in ("es", "it", "en")}
    assert found == {"es": pytest.approx(16 / 47), "it": pytest.approx(21 / 47), "en": pytest.approx(15 / 63)}
