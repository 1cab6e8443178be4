"""Korean syllables in letters: the kernels give what Unicode's own decomposition gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.ngrams import hangul
from sprachbund.ngrams import keys as ngrams
from sprachbund.ngrams.mixing import points_key
from sprachbund.ngrams.strings import write_apart

# both kinds of syllable, the first and the last, their neighbours, and what begins with the same bytes
SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
KOREAN = st.text(st.one_of(st.sampled_from("가각힣한글\uabff\ud7a4\ud7b0ꀀꦀᄒㅋaéἀ𐍈"), SYLLABLES), max_size=20)


def test_by_hand() -> None:
    """한 is ㅎ ㅏ ㄴ, 가 has no final; other letters stay, accents too."""
    assert hangul.letters("한") == "\u1112\u1161\u11ab"
    assert hangul.letters("가") == "\u1100\u1161"
    assert hangul.letters("a한é") == "a\u1112\u1161\u11abé"
    # a word of one syllable has a 4-gram, and shares it with the word that goes on
    assert len(ngrams.character_keys("한", 4)) == 2
    assert set(ngrams.character_keys("한", 4)) & set(ngrams.character_keys("한국", 4))
    assert ngrams.word_key("한") == points_key(0, "한")


@settings(deadline=None, max_examples=300)
@given(KOREAN)
def test_code_points(text: str) -> None:
    """Taken apart where they lie."""
    points = np.zeros(len(text.encode()) + 1, np.uint32)
    points[: len(text)] = [ord(c) for c in text]
    count = hangul.take_apart(points, len(text))
    assert "".join(map(chr, points[:count].tolist())) == hangul.letters(text)


@settings(deadline=None, max_examples=300)
@given(KOREAN, st.integers(0, 3))
def test_bytes(text: str, before: int) -> None:
    """As UTF-8, from any place on; `may_hold` never misses a syllable."""
    data = np.frombuffer(b"x" * before + text.encode(), np.uint8)
    out = np.zeros(before + hangul.LONGEST * len(data), np.uint8)
    end = write_apart(data, before, len(data), out, before)
    expected = hangul.letters(text)
    assert out[before:end].tobytes().decode() == expected
    assert hangul.may_hold(data) or expected == text
