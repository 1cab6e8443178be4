"""Spellings that differ only in look are one word, those that differ in more are two; the text stays as it is."""

import sys
import unicodedata

import numpy as np
import polars as pl
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sprachbund.corpus.folding import CAPITALS, fold, fold_aligned, fold_series, presentation_forms
from sprachbund.corpus.segment import normalise, prepared, prepared_series, words
from sprachbund.ngrams import keys as ngrams
from sprachbund.ngrams.tokens import pack, tokenize, word_texts
from sprachbund.retrieval.encoder.texts import analyse

SIGNS = "aiIİıјіñЯгßẞſĳŀևﬁＡｱｶﾞﾟカはﻻﷺ﷽ଅനരറൻ്ത্ऱर्कשָּלמאرـمَّ한\u0307\u0301\u0300\u0323\u200d\u200c\u200b\u034f𝐣𝟎ໜภ中·'’. "
TEXTS = st.lists(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"])), max_size=24).map("".join)
LANGUAGES = st.sampled_from(["", "en", "tr", "az-latn", "ml", "ja", "th"])

# language, how it is written, how it is asked for
SAME = [
    # case
    ("tr", "İş", "iş"),
    ("tr", "IŞIK", "ışık"),
    ("tr", "DİYARBAKIR", "Diyarbakır"),
    ("az", "İt", "it"),
    ("az", "QIZIL", "qızıl"),
    ("crh", "QIRIM", "Qırım"),
    ("gag", "KIŞ İÇİN", "kış için"),
    ("kaa", "QARAQALPAQSTAN TILI", "qaraqalpaqstan tılı"),
    ("tr-cy", "IRMAK", "ırmak"),
    ("", "İş", "iş"),
    ("", "IŞIK ışık", "ışık IŞIK"),
    ("en", "İstanbul", "istanbul"),
    ("en", "i\u0307stanbul", "İSTANBUL"),
    ("en", "TITLE Is", "title is"),
    ("lt", "i\u0307\u0301", "í"),
    ("lt", "J\u0307", "j\u0307".upper()),
    ("de", "STRASSE", "Straße"),
    ("de", "STRAẞE", "Strasse"),
    ("el", "ΟΔΟΣ", "οδος"),
    # what only joins or stretches
    ("ar", "كـتـاب", "كتاب"),
    ("fa", "ســـلام", "سلام"),
    ("ur", "پـاکستان", "پاکستان"),
    ("nqo", "ߒߞߏߺ", "ߒߞߏ"),
    ("mn", "ᠮᠣᠩᠭᠣᠯ᠊", "ᠮᠣᠩᠭᠣᠯ"),
    ("syc", "ܫـܠܡܐ", "ܫܠܡܐ"),
    # points of abjads
    ("he", "שָׁלוֹם", "שלום"),
    ("he", "בְּרֵאשִׁ֖ית", "בראשית"),
    ("yi", "אַלע ייִדן", "אלע יידן"),
    ("ar", "كِتَابٌ", "كتاب"),
    ("ar", "اللّٰه", "الله"),
    ("fa", "حتماً", "حتما"),
    ("ur", "اُردُو", "اردو"),
    ("syc", "ܫܠܳܡܳܐ", "ܫܠܡܐ"),
    # two encodings of one letter
    ("ml", "അവന്\u200d", "അവൻ"),
    ("ml", "അവര്\u200d അവള്\u200d കാല്\u200d", "അവർ അവൾ കാൽ"),
    ("ml", "എന്\u200dറെ", "എന്റെ"),
    ("ml", "എൻ്റെ", "എന്റെ"),
    ("ml", "എൻറെ", "എന്റെ"),
    ("bn", "উত্\u200dসব", "উৎসব"),
    ("mr", "दर्\u200dया", "दऱ्या"),
    ("ne", "गर्\u200dयो", "गर्यो"),
    ("si", "ශ්\u200dරී", "ශ්රී"),
    ("fa", "می\u200cخواهم", "میخواهم"),
    ("bn", "র\u200d্যাব", "র্যাব"),
    # width, place, font, ligatures
    ("ja", "ｶﾞｯｺｳ", "ガッコウ"),
    ("ja", "ﾊﾟﾘ", "パリ"),
    ("ja", "カﾞ", "ガ"),
    ("ja", "Ｗｅｂ２０", "web20"),
    ("ko", "ﾡﾢ", "ㄱㄲ"),
    ("ar", "ﻛﺘﺎﺏ", "كتاب"),
    ("ar", "ﻻ", "لا"),
    ("fa", "ﮔﺮﮒ", "گرگ"),
    ("he", "ﬡﬢ", "אד"),
    ("yi", "ﭏ", "אל"),
    ("en", "ﬁnd oﬃce", "find office"),
    ("nl", "ĲSSEL", "ijssel"),
    ("ca", "coŀlegi", "col·legi"),
    ("hr", "ǉubav", "ljubav"),
    ("de", "Waſſer", "wasser"),
    ("hy", "Երևան", "Երեւան"),
    ("lo", "ໜັງສື", "ຫນັງສື"),
    ("el", "ϐιϐλίο", "βιβλίο"),
    ("en", "𝐛𝐨𝐥𝐝 ℝ𝟚", "bold R2"),
    # not shown
    ("de", "Silben\u00adtrennung", "Silbentrennung"),
    ("en", "co\u2060op a\u034fb \ufeffc", "coop ab c"),
    ("mn", "ᠮᠣᠩᠭᠣᠯ\u180b", "ᠮᠣᠩᠭᠣᠯ"),
    ("zh", "葛\U000e0100", "葛"),
    ("ko", "한\u3164", "한"),
    # stress
    ("ru", "Москва\u0301", "Москва"),
    ("uk", "Украї\u0301на", "Україна"),
    ("bg", "къ\u0300де", "къде"),
]
# what means another word or another number
DIFFERENT = [
    ("tr", "kız", "kiz"),
    ("tr", "IŞIK", "işik"),
    ("en", "IT", "ıt"),
    ("ml", "അവൻ", "അവന്"),  # he, to him
    ("mk", "ќе", "ке"),
    ("bg", "ѝ", "и"),
    ("ru", "ё", "е"),
    ("ar", "آن", "ان"),
    ("ar", "سأل", "سال"),
    ("ks", "کٲشُر", "کاشر"),
    ("hi", "कि", "की"),
    ("th", "น้ำ", "นำ"),
    ("vi", "má", "ma"),
    ("nqo", "ߓߊ߫", "ߓߊ߬"),
    ("ja", "か", "が"),
    ("ja", "ビル", "ビール"),
    ("yo", "ọ̀", "ọ́"),
    ("en", "m²", "m2"),
    ("en", "½", "12"),
    ("de", "Maß", "Mas"),
    ("mn", "ᠠ", "ᠡ"),
]


def keys(text: str, language: str) -> list[int]:
    """Keys of words by the kernel."""
    tokens = tokenize(*pack([prepared(normalise(text), language)]))
    return tokens.keys.tolist()


@pytest.mark.parametrize(("language", "written", "asked"), SAME, ids=[f"{n}-{row[0]}" for n, row in enumerate(SAME)])
def test_spellings_that_differ_only_in_look_are_one(language: str, written: str, asked: str) -> None:
    """In the reference, in the kernel, and in the runs of characters inside words."""
    assert sorted(words(written, language)) == sorted(words(asked, language)) != []
    assert sorted(keys(written, language)) == sorted(keys(asked, language))
    one, other = (analyse([text], language, bigrams=False, characters=(1, 4)).ngrams.keys for text in (written, asked))
    np.testing.assert_array_equal(np.sort(one), np.sort(other))


@pytest.mark.parametrize(
    ("language", "one", "other"), DIFFERENT, ids=[f"{n}-{row[0]}" for n, row in enumerate(DIFFERENT)]
)
def test_spellings_that_differ_in_more_stay_two(language: str, one: str, other: str) -> None:
    """Of many scripts; in the reference and in the kernel."""
    assert words(one, language) != words(other, language)
    assert keys(one, language) != keys(other, language)


def test_forms_of_presentation_are_those_of_nfkc() -> None:
    """Over all of Unicode: each form is what NFKC has for it, in one step or in more."""
    wrong = {
        chr(point): plain
        for point, plain in presentation_forms().items()
        if unicodedata.normalize("NFKC", plain) != unicodedata.normalize("NFKC", chr(point))
    }
    assert wrong == {}
    names = [unicodedata.name(chr(point)) for point in presentation_forms()]
    assert sum("FULLWIDTH" in name for name in names) == 62
    assert sum("HALFWIDTH KATAKANA" in name for name in names) == 58
    assert sum("HALFWIDTH HANGUL" in name for name in names) == 52
    kinds = {unicodedata.decomposition(chr(point)).split()[0] for point in presentation_forms()}
    assert kinds == {"<wide>", "<narrow>", "<initial>", "<medial>", "<final>", "<isolated>", "<font>", "<compat>"}
    assert not any("THAI" in name or "SYMBOL FOR" in name for name in names)


def test_a_dot_goes_in_either_case() -> None:
    """A letter with a dot of its own needs no second one, a capital neither; of other letters it stays a part."""
    dotted = [chr(point) for point in range(sys.maxunicode + 1) if regex.match(r"\p{Soft_Dotted}", chr(point).lower())]
    capitals = {letter for letter in dotted if letter.lower() != letter}
    assert capitals == set(CAPITALS)
    for letter in dotted:
        for language in ("", "lt", "tr"):
            written = normalise(f"a {letter}\u0307\u0307 b")
            assert fold(written, language) == fold(normalise(f"a {letter} b" if letter != "I" else "a İ b"), language)
    assert fold("Ż", "pl") == "Ż"
    for language in ("", "lt", "tr"):
        assert fold("İ\u0301", language) == fold("i\u0307\u0301", language) == "í"


@settings(max_examples=300, deadline=None)
@given(TEXTS, LANGUAGES)
@example("𝐣\u0307\u0301", "en")
@example("カﾞﾞ\u0301", "ja")
@example("İ\u0307", "")
@example("İ\u0307\u0307", "tr")
@example("J\u0307", "lt")
def test_folding_twice_changes_nothing_and_the_places_are_true(text: str, language: str) -> None:
    """What is folded is in NFC and folded; each piece of it comes from the piece of text where it is said to stand."""
    text = normalise(text)
    folded = fold(text, language)
    assert fold(folded, language) == folded
    assert unicodedata.is_normalized("NFC", folded)
    again, places = fold_aligned(text, language)
    assert again == folded and len(places) == len(folded)
    assert all(start < end for start, end in places) and places == sorted(places)
    for start, end in set(places):
        piece = "".join(c for c, place in zip(folded, places, strict=True) if place == (start, end))
        # a dotless i depends on the whole text where the language is unknown
        assert language == "" or fold(text[start:end], language) in (piece, text[start:end])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=6), LANGUAGES)
def test_a_column_is_folded_as_its_texts_are(texts: list[str | None], language: str) -> None:
    """Text by text the same, nulls stay; so what is indexed is what is asked for."""
    normal = [None if text is None else normalise(text) for text in texts]
    column = pl.Series("text", normal, pl.String)
    expected = [None if text is None else fold(text, language) for text in normal]
    if language:
        assert fold_series(column, language).to_list() == expected
        expected = [None if text is None else prepared(text, language) for text in normal]
        assert prepared_series(column, language).to_list() == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "هذا كـتـاب جديد.", ["هذا", "كـتـاب", "جديد"]),
        ("he", "על שָׁלוֹם וּבַיִתֵ.", ["על", "שָׁלוֹם", "וּבַיִתֵ"]),
        ("ml", "അവന്\u200d പോയി", ["അവന്\u200d", "പോയി"]),
        ("ja", "彼はｶﾞｯｺｳへ。", ["彼", "は", "ｶﾞｯｺｳ", "へ"]),
        ("en", "Oﬃces: ＡＢＣ", ["Oﬃces", "ＡＢＣ"]),
        ("ru", "Москва\u0301 и", ["Москва\u0301", "и"]),
        ("tr", "İş IŞIĞI", ["İş", "IŞIĞI"]),
        ("de", "Die Straße!", ["Die", "Straße"]),
        ("ar", "ﻻ سلام\u0640", ["ﻻ", "سلام\u0640"]),
        ("th", "ภาษา\u200bไทย", ["ภาษา", "ไทย"]),
        ("lo", "ໜັງສື ໃໝ່", ["ໜັງສື", "ໃໝ່"]),
        ("zh", "葛\U000e0100城", ["葛\U000e0100", "城"]),
    ],
)
def test_what_is_shown_is_the_text_as_it_is_written(language: str, text: str, expected: list[str]) -> None:
    """The spans of words, by which they are highlighted, cut the words out of the text before it was folded."""
    found = analyse([text], language, bigrams=False, characters=())
    assert found.text(0) == unicodedata.normalize("NFC", text).replace("\u200b", "")
    assert [found.text(0)[start:end] for start, end in found.spans(0)] == [
        unicodedata.normalize("NFC", word) for word in expected
    ]


@settings(max_examples=300, deadline=None)
@given(TEXTS, LANGUAGES)
def test_the_kernel_finds_the_words_of_the_reference(text: str, language: str) -> None:
    """Keys, strings and characters of any folded text; the spans lie in the text and rise."""
    ready = prepared(normalise(text), language)
    data, offsets = pack([ready])
    tokens = tokenize(data, offsets)
    expected = words(text, language)
    assert tokens.keys.tolist() == [ngrams.word_key(word) for word in expected]
    assert word_texts(data, tokens.starts, tokens.lengths) == expected
    keys, _ = ngrams.characters(data, tokens.starts, tokens.lengths, (3,))
    assert keys.tolist() == [key for word in expected for key in ngrams.character_keys(word, 3)]
    found = analyse([text], language, bigrams=False, characters=())
    spans = found.spans(0)
    assert len(spans) == len(expected)
    assert all(0 <= start < end <= len(found.text(0)) for start, end in spans)
    assert spans == sorted(spans)
