"""Texts as n-grams of their own: the words, and where they stand in the text."""

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from sprachbund.corpus.segment import normalise, prepared, words
from sprachbund.retrieval.encoder.texts import analyse


def cut(text: str, language: str = "") -> tuple[str, list[str]]:
    """The text as it was read and the words that its spans cut out of it."""
    found = analyse([text], language, bigrams=False, characters=())
    shown = found.text(0)
    return shown, [shown[start:end] for start, end in found.spans(0)]


@pytest.mark.parametrize(
    ("text", "language", "shown", "expected"),
    [
        ("O rio, e o mar.", "pt", "O rio, e o mar.", ["O", "rio", "e", "o", "mar"]),
        ("  dois\tespaços \n aqui ", "pt", "dois espaços aqui", ["dois", "espaços", "aqui"]),
        ("cafe\u0301 e\u0301 bom", "pt", "café é bom", ["café", "é", "bom"]),  # brought to NFC
        ("l'aigua i l’hort", "ca", "l'aigua i l’hort", ["l", "aigua", "i", "l", "hort"]),
        ("q\u0323\u0302x y", "vi", "q\u0323\u0302x y", ["q\u0323\u0302x", "y"]),  # marks that no letter takes in
        ("😀 a 😀b", "en", "😀 a 😀b", ["a", "b"]),  # four bytes are one code point
        ("...", "en", "...", []),
        ("", "en", "", []),
        ("zero\u200bwidth", "en", "zerowidth", ["zero", "width"]),
        ("a\ud800b", "en", "a b", ["a", "b"]),
        ("iPhoneが好き", "ja", "iPhoneが好き", ["iPhone", "が", "好き"]),
        ("2023年", "zh", "2023年", ["2023", "年"]),
    ],
)
def test_words_are_where_they_stand(text: str, language: str, shown: str, expected: list[str]) -> None:
    """Code points, not bytes; marks that part words of scripts without spaces are not counted."""
    found, words_found = cut(text, language)
    assert found == shown
    assert words_found == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("แม่น้ำไหลลงสู่ทะเล และ iPhone ดี", "th"),
        ("海の水は塩からい。東京2020だ。", "ja"),
        ("ພາສາລາວ", "lo"),
        ("中文维基百科", "zh"),
    ],
)
def test_scripts_without_spaces(text: str, language: str) -> None:
    """The words of the project's own reference, one after another; the text is as it was."""
    shown, found = cut(text, language)
    assert shown == unicodedata.normalize("NFC", text)
    assert [word.lower() for word in found] == words(text, language) and len(found) > 1
    assert "\u200b" in prepared(shown, language) and prepared(shown, language).replace("\u200b", "") == shown


pieces = st.sampled_from(
    [*"abzAZ09 .,-'’\u00ad\u200b\u200d\n", "é", "e\u0301", "\u0323", "ß", "İ", "ไทย", "น้ำ", "海", "の", "ア", "한",
     "😀", "ا", "ـ", "·", "ς", "Σ", "ꙮ", "\u0300"]
)  # fmt: skip


@run(deadline=None, max_examples=300)
@given(st.lists(st.lists(pieces, max_size=14).map("".join), min_size=1, max_size=3))
def test_spans_hold_the_words(texts: list[str]) -> None:
    """Of several texts at once: what each span cuts out is the word that the reference has there; spans rise."""
    found = analyse(texts, "", bigrams=False, characters=())
    for number, text in enumerate(texts):
        shown = found.text(number)
        assert shown == normalise(text).replace("\u200b", "")
        spans = found.spans(number)
        assert all(0 <= start < end <= len(shown) for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        expected = words(normalise(text), "")
        assert len(spans) == len(expected)
        for (start, end), word in zip(spans, expected, strict=True):
            # alone a piece of a script without spaces may be parted otherwise
            assert "".join(words(shown[start:end], "")) == word


def test_ids_count_what_is_there() -> None:
    """Words first, then bigrams, then runs of characters; equal n-grams have one id, their keys too."""
    found = analyse(["barco rio barco", "rio"], bigrams=True, characters=(4,))
    assert found.words == 2
    own = found.sentences.words.tolist()
    assert own[0] == own[2] != own[1] == own[3] and set(own) == {0, 1}
    assert found.sentences.word_offsets.tolist() == [0, 3, 4]
    pairs = found.sentences.bigrams.tolist()
    assert len(pairs) == 2 and set(pairs) == {2, 3} and found.sentences.bigram_offsets.tolist() == [0, 2, 2]
    orders = found.ngrams.orders.tolist()
    assert orders[:4] == [1, 1, 2, 2] and set(orders[4:]) == {-1}
    again = analyse(["rio"], bigrams=False, characters=(4,))
    place = found.ngrams.keys.tolist().index(int(again.ngrams.keys[again.sentences.words[0]]))
    assert place == own[1]
    inside = found.ngrams.char_ids[found.ngrams.char_offsets[own[1]] : found.ngrams.char_offsets[own[1] + 1]]
    alone = again.ngrams.char_ids[again.ngrams.char_offsets[0] : again.ngrams.char_offsets[1]]
    np.testing.assert_array_equal(found.ngrams.keys[inside], again.ngrams.keys[alone])
    assert analyse([], bigrams=True, characters=(4,)).words == 0
