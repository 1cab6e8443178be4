"""Wikimedia's codes are known as they are, others by BCP 47; the rest is refused with the nearest."""

import pytest

from sprachbund.errors import LanguageError
from sprachbund.languages import WIKIPEDIAS, find, nearest


@pytest.mark.parametrize(
    ("code", "bcp47", "name"),
    [
        ("uk", "uk", "Ukrainian"),
        ("no", "nb", "Norwegian Bokmål"),
        ("simple", "en", "Simple English"),
        ("als", "gsw", "Alemannic"),
        ("zh-min-nan", "nan", "Southern Min"),
        ("be-x-old", "be-tarask", "Belarusian (Taraškievica)"),
        ("bat-smg", "sgs", "Samogitian"),
        ("fiu-vro", "vro", "Võro"),
        ("roa-rup", "rup", "Aromanian"),
        ("zh-classical", "lzh", "Classical Chinese"),
        ("zh-yue", "yue", "Cantonese"),
        ("sh", "sh", "Serbo-Croatian"),
    ],
)
def test_wikimedia_codes_keep_their_form_and_map_to_bcp47(code: str, bcp47: str, name: str) -> None:
    """A corpus keeps the code of its source; what it means to everybody else is beside it."""
    language = find(code)
    assert (language.code, language.bcp47, language.name) == (code, bcp47, name)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("UK", "uk"),
        (" zh_min_nan ", "zh-min-nan"),
        ("ukr", "uk"),
        ("nb", "nb"),
        ("pt-BR", "pt-br"),
        ("lvk", "lvk"),
    ],
)
def test_other_spellings_and_other_languages_are_found(given: str, code: str) -> None:
    """Case and underscores do not matter, three letters are two, a language without a Wikipedia is one."""
    assert find(given).code == code


@pytest.mark.parametrize("code", ["xx", "qqq", "", "und", "ukrainian", "en-", "日本"])
def test_unknown_codes_are_refused_with_the_nearest(code: str) -> None:
    """The error names the code and lists codes that can be used instead."""
    with pytest.raises(LanguageError, match="the nearest are ") as caught:
        find(code)
    assert repr(code) in str(caught.value)
    named = str(caught.value).rsplit("are ", 1)[1].split(", ")
    assert len(named) == 5
    assert set(named) <= WIKIPEDIAS


def test_the_nearest_codes_go_by_name_and_by_spelling() -> None:
    """Who writes the name of a language, or a letter too many, is led to its code."""
    assert nearest("turkish")[0] == "tr"
    assert nearest("zh-min-na")[0] == "zh-min-nan"


def test_every_wikipedia_has_a_name() -> None:
    """No code of the list is unknown to the tables of names, and names are not codes."""
    nameless = [code for code in sorted(WIKIPEDIAS) if "nknown" in find(code).name or find(code).name == code]
    assert nameless == []
    assert len(WIKIPEDIAS) > 330
