"""Cognates by experts."""

import pytest

from sprachbund.neighbours.iecor import cognates, cognates_of, words_of
from sprachbund.neighbours.sources import Sources


def test_a_living_standard_and_nfc(small: Sources) -> None:
    """Neither the old variety under the same code nor the second of two living ones."""
    spanish, portuguese = words_of(small, "es"), words_of(small, "pt")
    assert spanish is not None and portuguese is not None
    assert spanish.forms == {"water": ("agua",), "head": ("cabeza",), "dog": ("perro",)}
    assert portuguese.forms["head"] == ("cabe\u00e7a",)
    assert cognates(portuguese, spanish) == {"water": True, "head": True, "dog": False}


def test_share_of_cognates(small: Sources) -> None:
    """Two of the three shared concepts, of four asked for."""
    value = cognates_of(small, "pt", "es")
    assert value.value == pytest.approx(2 / 3) and value.coverage == 3 / 4
    assert value.low is not None and value.high is not None and value.low <= 2 / 3 <= value.high
    assert value.parts["examples"][0] == ["water", "água", "agua"]


def test_nothing_in_common(small: Sources) -> None:
    """Lists without shared concepts, and a language that is not there, give no number but the reason."""
    assert cognates_of(small, "es", "is").parts["lacking"] == "IE-CoR has no concept with words of both"
    assert cognates_of(small, "pt", "fi").parts["lacking"] == "IE-CoR has no variety of fi"


def test_portuguese_and_its_neighbours(real: Sources) -> None:
    """143, 124, 120, 34 and 41 of 170 concepts."""
    found = {code: cognates_of(real, "pt", code).value for code in ("es", "it", "fr", "en", "de")}
    counts = {"es": 143, "it": 124, "fr": 120, "en": 34, "de": 41}
    assert found == {code: pytest.approx(count / 170) for code, count in counts.items()}
