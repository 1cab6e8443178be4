"""The plain form of a word: what stays, what goes, in which language a second one is typed."""

import sys
import unicodedata

import pytest

from sprachbund.corpus.accents import plain_forms, plain_words
from sprachbund.corpus.segment import normalise, words

# as it is written (in lower case), as it is typed
PLAIN = [
    ("país", "pais"),
    ("coração", "coracao"),
    ("niño", "nino"),
    ("œuvre", "oeuvre"),
    ("æsir", "aesir"),
    ("łódź", "lodz"),
    ("đường", "duong"),
    ("smørrebrød", "smorrebrod"),
    ("şişli", "sisli"),
    ("ışık", "isik"),
    ("ɓera", "bera"),
    ("ẹ́kọ́", "eko"),
    ("þór", "thor"),
    ("ǿ", "o"),
    # Greek: tonos, dialytika, breathings, iota below
    ("αθήνα", "αθηνα"),
    ("ᾧ", "ω"),
    # Cyrillic: what is a key of its own stays
    ("ёлка", "елка"),
    ("йод", "йод"),
    ("ўсё", "ўсе"),
    ("ґанок", "ганок"),
    ("їжак", "іжак"),
    ("қазақ", "казак"),
    ("п'ять", "пять"),
    # abjads
    ("أحمد", "احمد"),
    ("إسلام", "اسلام"),
    ("آداب", "اداب"),
    ("مدرسة", "مدرسه"),
    ("کتاب", "كتاب"),
    ('צה"ל', "צהל"),
    # the nukta goes, vowel signs and viramas stay
    ("क़लम", "कलम"),
    ("हिन्दी", "हिन्दी"),
    ("বাংলা", "বাংলা"),
    # nothing of this is an accent
    ("がっこう", "がっこう"),
    ("ガッコウ", "ガッコウ"),
    ("ไทย", "ไทย"),
    ("ก่อน", "ก่อน"),
    ("학교", "학교"),
    ("國家", "國家"),
    ("col·legi", "collegi"),
    ("2023", "2023"),
]


@pytest.mark.parametrize(("written", "typed"), PLAIN)
def test_what_is_typed(written: str, typed: str) -> None:
    """A word as it is written is plain as it is typed; one that is plain stays as it is."""
    assert plain_words([normalise(written), normalise(typed)]) == [normalise(typed)] * 2


def test_the_alphabets_of_europe_as_icu_and_unicode_have_them() -> None:
    """Every letter of Latin-1 and Latin Extended-A is a letter of ASCII, but for those that are two."""
    letters = [c for c in map(chr, range(0xC0, 0x180)) if unicodedata.category(c) == "Ll"]
    plain = dict(zip(letters, plain_words(letters), strict=True))
    two = {"æ": "ae", "þ": "th", "œ": "oe", "ŋ": "ng"}
    odd = {"ß": "ß", "ĳ": "ĳ", "ŉ": "ŉ", "ſ": "ſ"}  # ss, ij, n, s before a word is found
    for letter in letters:
        if letter in odd:
            assert plain[letter] == odd[letter]
        elif letter in two:
            assert plain[letter] == two[letter]
        else:
            assert plain[letter].isascii() and len(plain[letter]) == 1, letter


def test_plain_stays_plain() -> None:
    """The plain form of a plain form is itself, for every letter and mark there is."""
    every = [chr(p) for p in range(sys.maxunicode + 1) if unicodedata.category(chr(p))[0] in "LMN"]
    once = plain_words(every)
    assert plain_words(once) == once
    assert len(once) == len(every)


@pytest.mark.parametrize(
    ("language", "word", "forms"),
    [
        ("de", "münchen", ("munchen", "muenchen")),
        ("de", "haus", ("haus",)),
        ("da", "smørrebrød", ("smorrebrod", "smoerrebroed")),
        ("sv", "råd", ("rad", "raad")),
        ("es", "pingüino", ("pinguino",)),
        ("", "für", ("fur", "fuer")),
        ("", "pais", ("pais",)),
    ],
)
def test_spelt_out(language: str, word: str, forms: tuple[str, ...]) -> None:
    """Umlauts and rings are typed in two ways where the language, or one that is unknown, does so."""
    assert plain_forms([word], language) == [forms]


def test_no_words() -> None:
    """Of nothing there is nothing."""
    assert plain_words([]) == [] and plain_forms([], "de") == []


def test_traditional_characters() -> None:
    """With Chinese asked for, traditional characters are simplified ones; characters of both stay."""
    pytest.importorskip("opencc")
    assert plain_words(["國家", "国家", "發展", "人"], chinese=True) == ["国家", "国家", "发展", "人"]
    assert plain_words(["國家"]) == ["國家"]


def test_words_as_they_are_found() -> None:
    """What ``words`` gives of a capital or decomposed spelling has the plain form of the others."""
    for language, spellings in {
        "fr": ("ÉTÉ", "e\u0301te\u0301", "été", "ete"),
        "el": ("ΑΘΉΝΑ", "Αθήνα", "ΑΘΗΝΑ"),
    }.items():
        assert len({plain_words(words(spelling, language))[0] for spelling in spellings}) == 1
