"""Wikimedia's codes are known as they are, others by BCP 47; the rest is refused with the nearest."""

import pytest

from sprachbund.errors import LanguageError
from sprachbund.languages import WIKIPEDIAS, among, find, nearest, one_of, spoken


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


@pytest.mark.parametrize("code", ["xx", "qqq", "", "mis", "ukrainian", "en-", "日本"])
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


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("UK", "uk"),
        ("ukr", "uk"),
        ("UKR", "uk"),
        (" Ukrainian ", "uk"),
        ("uKrAiNiAn", "uk"),
        ("українська", "uk"),
        ("Galician", "gl"),
        ("galego", "gl"),
        ("GALEGO", "gl"),
        ("Türkçe", "tr"),
        ("Tu\u0308rkc\u0327e", "tr"),  # decomposed
        ("日本語", "ja"),
        ("हिन्दी", "hi"),
        ("עברית", "he"),
        ("ΕΛΛΗΝΙΚΆ", "el"),
        ("Deutsch", "de"),
        ("ger", "de"),
        ("deu", "de"),
        ("zho", "zh"),
        ("Norwegian", "no"),
        ("nor", "no"),
        ("Simple English", "simple"),
        ("Alemannic", "als"),
        ("Cantonese", "yue"),
        ("zh_min_nan", "zh-min-nan"),
        ("Võro", "vro"),
        ("pt_BR", "pt-br"),
    ],
)
def test_a_language_is_known_by_code_and_by_name_in_any_case(asked: str, code: str) -> None:
    """Codes of two and three letters, English names and those of the language itself."""
    assert spoken(asked) == code


HAVE = ("als", "ar", "be", "be-tarask", "en", "no", "pt", "simple", "uk", "zh", "zh-yue")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("UK", "uk"),
        ("ukr", "uk"),
        ("Ukrainian", "uk"),
        ("nb", "no"),
        ("NOB", "no"),
        ("Norwegian", "no"),
        ("Norwegian Bokmål", "no"),
        ("gsw", "als"),
        ("als", "als"),
        ("yue", "zh-yue"),
        ("Cantonese", "zh-yue"),
        ("arb", "ar"),
        ("Arabic", "ar"),
        ("cmn", "zh"),
        ("zh-Hant-TW", "zh"),
        ("en_US", "en"),
        ("PT-br", "pt"),
        ("be-x-old", "be-tarask"),
        ("Simple English", "simple"),
        ("English", "en"),
        ("nn", None),
        ("sq", None),  # Albanian, which Wikimedia's als is not
        ("zz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_code_of_the_corpus_comes_out(asked: str, code: str | None) -> None:
    """Whatever is typed for a language that is there; another language is not taken for it."""
    assert one_of(asked, HAVE) == code


def test_several_are_named_once_each_in_their_order() -> None:
    """Two names of one language are one."""
    assert among(["Ukrainian", "EN", "uk", "eng"], HAVE, "corpus:") == ["uk", "en"]
    assert among([], HAVE, "corpus:") == []


def test_what_is_not_there_is_named_with_what_is() -> None:
    """All that lack, at most five of them, shortened and without controls; the nearest of what is there."""
    with pytest.raises(LanguageError, match=r"^corpus: has no ukrainan; it has als, .*, zh-yue \(nearest: uk\)$"):
        among(["ukrainan", "en"], HAVE, "corpus:")
    with pytest.raises(LanguageError, match=r"has no q1, q2, q3, q4, q5 and 3 more; it has uk$"):
        among([f"q{n}" for n in range(1, 9)], ("uk",), "corpus:")
    with pytest.raises(LanguageError) as caught:
        among(["x" * 100_000, "a\x1b[2J"], (), "corpus:")
    assert len(str(caught.value)) < 400 and "\x1b" not in str(caught.value)
    assert str(caught.value).endswith("it has none")
    with pytest.raises(LanguageError, match="expected a list of languages, found 'uk'"):
        among("uk", HAVE, "corpus:")


@pytest.mark.parametrize("asked", ["zz", "", "Klingonish", "en-", "*", "mis", "y" * 200_000], ids=lambda v: v[:10])
def test_what_nobody_knows_is_refused_with_the_nearest(asked: str) -> None:
    """By code or by name; a long one is shortened and compared in its beginning alone."""
    with pytest.raises(LanguageError, match=r"is no language code or name .*; the nearest are ") as caught:
        spoken(asked)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("asked", ["\x00" * 5, "gal\x00ego", "\x00galego", "galego\x7f", "gal\u200bego"])
def test_a_name_with_what_is_not_printed_is_nobodys(asked: str) -> None:
    """It is refused like any other; the library that knows names fails at U+0000."""
    with pytest.raises(LanguageError, match="is no language code or name"):
        spoken(asked)


@pytest.mark.parametrize("code", ["qaa", "qtz", "QPP"])
def test_private_codes_are_languages(code: str) -> None:
    """BCP 47 leaves qaa to qtz to whoever has a language without a code, as simulated ones are; qua is no such code."""
    assert find(code).code == code.lower() and find(code).name == f"private language {code.lower()}"
    assert spoken(code) == code.lower()
    with pytest.raises(LanguageError):
        find("quz-none")
