"""What is spoken, from what is written."""

import unicodedata

import pytest

from sprachbund.speech.spelling import own_scripts, script_share, spell

NUMBER = "a number that cannot be spelled out"


@pytest.mark.parametrize(
    ("text", "language", "letters"),
    [
        ("Olá, Mundo!", "pt", "olá mundo"),
        ("  «L’home»  — d'aigua;  ", "ca", "l'home d'aigua"),
        ("'quoted' rock 'n' roll", "en", "quoted rock n roll"),
        (unicodedata.normalize("NFD", "coração"), "pt", "coração"),
        ("IŞIK İyi", "tr", "ışık iyi"), ("IŞIK İyi", "en", "işik iyi"),
        ("Straße", "de", "strasse"), ("ΣΊΣΥΦΟΣ", "el", "σίσυφοσ"),
        ("guarda-chuva", "pt", "guarda chuva"),
        ("ﬁm 🎉 fim", "pt", "fim fim"), ("a\u00adb\u200bc", "pt", "abc"),
        ("हिन्दी में", "hi", "हिन्दी में"), ("שלום עולם", "he", "שלום עולם"),
        ("tenho 21 anos", "pt", "tenho vinte e um anos"), ("en 1998", "es", "en mil novecientos noventa y ocho"),
        ("in 1998", "en", "in nineteen ninety eight"), ("1000000 of them", "en", "one million of them"),
        ("page 7.", "en", "page seven"),
    ],
)  # fmt: skip
def test_letters(text: str, language: str, letters: str) -> None:
    """Folded, composed, without what is not spoken; numbers in words."""
    assert spell(text, language) == (letters, "")


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("", "pt", "no text"), (" \u200b ", "pt", "no text"), ("...", "pt", "no letters"), ("🎉", "pt", "no letters"),
        ("às 10:30", "pt", NUMBER), ("3,5 kg", "pt", NUMBER),
        ("1.000", "pt", NUMBER), ("a 3rd", "en", NUMBER),
        ("x² + ½", "en", NUMBER), ("agent 007", "en", NUMBER),
        ("B2B", "en", NUMBER), ("50%", "en", NUMBER),
        ("12 anos", "mwl", NUMBER),
        ("[laughs] yes", "en", "notes of annotators"), ("say <unk> now", "en", "notes of annotators"),
    ],
)  # fmt: skip
def test_what_was_said_cannot_be_known(text: str, language: str, reason: str) -> None:
    """No letters, and why."""
    assert spell(text, language) == ("", reason)


def test_scripts_of_a_language() -> None:
    """Those that its transcripts are written in, Japanese in three; a stray letter makes none."""
    assert own_scripts(["olá mundo" * 10, "é"]) == {"LATIN"}
    japanese = own_scripts(["日本語をカタカナで書く"] * 3)
    assert japanese == {"CJK", "HIRAGANA", "KATAKANA"}
    assert script_share("カタカナ", japanese) == 1.0 and script_share("abc語", japanese) == 0.25
    assert script_share("", japanese) == 0.0
