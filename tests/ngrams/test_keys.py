"""The kernels find the words of the plain reference, and hash them as the docstring of ``ngrams`` says."""

import numba
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.corpus.segment import normalise, prepared, words
from sprachbund.ngrams import keys as ngrams
from sprachbund.ngrams.start_rows import start_row, start_rows, write_start_rows
from sprachbund.ngrams.tokens import _BLOCK, from_series, pack, tokenize, word_texts

# the points at which the rule turns, so that they meet often
TURNS = "aAΣσς\u0130\u0307\u0301п'’я״\"׳צה·l·1\u200b\u200c\u00ad\u200e \U0001f600\U00010400ß-Ⱥ가힣"
SOME_TEXT = st.text(st.one_of(st.sampled_from(TURNS), st.characters(exclude_categories=["Cs"])), max_size=60)


def parted(text: str) -> str:
    return prepared(normalise(text), "en")


@settings(deadline=None, max_examples=300)
@given(st.lists(SOME_TEXT, max_size=5))
def test_kernel_finds_the_words_of_the_reference(texts: list[str]) -> None:
    """For any Unicode texts: words, keys and boundaries between texts are those of plain Python."""
    prepared = [parted(text) for text in texts]
    data, offsets = pack(prepared)
    tokens = tokenize(data, offsets)
    expected = [words(text, "en") for text in prepared]
    assert np.diff(tokens.offsets).tolist() == [len(found) for found in expected]
    flat = [word for found in expected for word in found]
    assert word_texts(data, tokens.starts, tokens.lengths) == flat
    assert tokens.keys.tolist() == [ngrams.word_key(word) for word in flat]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(SOME_TEXT.map(lambda text: text.encode()), st.binary(max_size=40)), max_size=4))
def test_malformed_bytes_separate(pieces: list[bytes]) -> None:
    """Bytes that are not UTF-8 act as the replacement character: a separator; nothing crashes."""
    raw = b"".join(pieces)
    # the reference normalises to NFC, which the kernel leaves to its caller
    readable = raw.decode("utf-8", "replace")
    if normalise(readable) != readable or prepared(readable, "en") != readable:
        return
    tokens = tokenize(np.frombuffer(raw, np.uint8), np.array([0, len(raw)]))
    assert tokens.keys.tolist() == [ngrams.word_key(word) for word in words(readable, "en")]


@pytest.mark.parametrize(
    "raw",
    [
        b"a\xffb",
        b"a\xe2\x82",
        b"\xed\xa0\x80",
        b"a\xc0\xafb",
        b"\xf4\x90\x80\x80b",
        b"x\xf0\x9f\x98y",
        b"\x80\xbf",
    ],
)
def test_every_kind_of_malformed_sequence(raw: bytes) -> None:
    """Stray and missing continuations, surrogates, overlong forms and points past U+10FFFF part words."""
    tokens = tokenize(np.frombuffer(raw, np.uint8), np.array([0, len(raw)]))
    expected = words(raw.decode("utf-8", "replace"), "en")
    assert word_texts(np.frombuffer(raw, np.uint8), tokens.starts, tokens.lengths) == expected


def test_places_of_words() -> None:
    """Starts and lengths are bytes of the text as it stands, inner soft hyphens in, trailing ones out."""
    data, offsets = pack(["Ünïx a\u00adb\u00ad", "", "ΟΔΟΣ Σ"])
    tokens = tokenize(data, offsets)
    assert tokens.starts.tolist() == [0, 7, 13, 22]
    assert tokens.lengths.tolist() == [6, 4, 8, 2]
    assert tokens.offsets.tolist() == [0, 2, 2, 4]
    assert word_texts(data, tokens.starts, tokens.lengths) == ["ünïx", "ab", "οδος", "σ"]


def test_keys_worked_out_by_hand() -> None:
    """The keys are a format: worked out here from the docstring alone, and one of them written out."""

    def finalise(x: int) -> int:
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
        return x ^ x >> 31

    one = (0x9E3779B97F4A7C15 ^ 0x61) * 0xD6E8FEB86659FD93 % 2**64
    assert ngrams.word_key("a") == finalise(one ^ one >> 32) == 9277888442828741113
    a, b = ngrams.word_key("a"), ngrams.word_key("b")
    assert ngrams.bigram_key(a, b) == finalise((a * 0xC2B2AE3D27D4EB4F + b) % 2**64)
    assert ngrams.bigram_key(a, b) != ngrams.bigram_key(b, a)
    assert len(ngrams.character_keys("ab", 3)) == 2
    assert ngrams.character_keys("ab", 4) != [ngrams.word_key("<ab>")]
    assert ngrams.character_keys("a", 4) == []


def test_bigrams_stay_inside_a_text() -> None:
    """Adjacent words of one text, never across two."""
    data, offsets = pack(["a b c", "", "d", "e f"])
    keys, ends = ngrams.bigrams(tokenize(data, offsets))
    word = ngrams.word_key
    expected = [ngrams.bigram_key(word(x), word(y)) for x, y in ("ab", "bc", "ef")]
    assert keys.tolist() == expected
    assert ends.tolist() == [0, 2, 2, 2, 3]


@settings(deadline=None)
@given(st.lists(SOME_TEXT, max_size=5), st.lists(st.integers(1, 7), min_size=1, max_size=3))
def test_character_ngrams_are_those_of_the_reference(texts: list[str], orders: list[int]) -> None:
    """Order after order for each word, none where the marked word is shorter."""
    prepared = [parted(text) for text in texts]
    data, offsets = pack(prepared)
    tokens = tokenize(data, offsets)
    keys, ends = ngrams.characters(data, tokens.starts, tokens.lengths, orders)
    found = [word for text in prepared for word in words(text, "en")]
    expected = [[key for order in orders for key in ngrams.character_keys(word, order)] for word in found]
    assert keys.tolist() == [key for keys in expected for key in keys]
    assert np.diff(ends).tolist() == [len(keys) for keys in expected]


@pytest.mark.parametrize("dim", [1, 63, 64, 65, 300])
def test_start_rows_are_those_of_the_reference(dim: int) -> None:
    """Signs by key, seed and dimension; length 1; half of the signs are plus."""
    keys = np.array([1, 2, 2**64 - 1, ngrams.word_key("a")], np.uint64)
    rows = start_rows(keys, dim, 7)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, np.float32([start_row(int(key), dim, 7) for key in keys]))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)


def test_start_rows_of_other_keys_and_seeds_are_unrelated() -> None:
    """Two rows of dimension 4096 have a cosine within five deviations of 0, and a mean near 0."""
    keys = np.arange(1, 9, dtype=np.uint64)
    rows = np.concatenate([start_rows(keys, 4096, seed) for seed in (0, 1, -1)])
    cosines = rows @ rows.T - np.eye(len(rows))
    assert np.abs(cosines).max() < 5 / 64
    assert np.abs((rows > 0).mean(axis=1) - 0.5).max() < 5 / 128


def test_start_rows_of_a_prefix() -> None:
    """A narrower row has the signs of a wider one."""
    keys = np.arange(1, 50, dtype=np.uint64)
    assert np.array_equal(start_rows(keys, 70, 3) > 0, start_rows(keys, 200, 3)[:, :70] > 0)


def test_threads_do_not_matter() -> None:
    """One thread and all of them give the same arrays, over several blocks of text."""
    texts = [f"Слово{i} word{i % 977} it's п'ять col·legi" for i in range(60_000)]
    data, offsets = pack(texts)
    assert len(data) > 2 * _BLOCK
    threads = numba.get_num_threads()
    many = tokenize(data, offsets)
    pairs = ngrams.bigrams(many)[0]
    try:
        numba.set_num_threads(1)
        one = tokenize(data, offsets)
        assert np.array_equal(ngrams.bigrams(one)[0], pairs)
    finally:
        numba.set_num_threads(threads)
    for name in ("keys", "starts", "lengths", "offsets"):
        assert np.array_equal(getattr(one, name), getattr(many, name)), name


def test_series_and_list_give_the_same_bytes() -> None:
    """A null is the empty text; an empty column is no text."""
    texts = ["añb", "", "𐐀 long enough to leave the view"]
    data, offsets = pack(texts)
    series_data, series_offsets = from_series(pl.Series([texts[0], None, texts[2]]))
    assert series_data.tolist() == data.tolist()
    assert series_offsets.tolist() == offsets.tolist()
    for packed in (pack([]), from_series(pl.Series([], dtype=pl.String))):
        assert packed[0].tolist() == []
        assert packed[1].tolist() == [0]
        assert len(tokenize(*packed)) == 0


def test_slice_of_a_column() -> None:
    """Offsets may begin past 0, as those of a slice do."""
    data, offsets = pack(["x y", "a b", "c"])
    tokens = tokenize(data, offsets[1:])
    assert word_texts(data, tokens.starts, tokens.lengths) == ["a", "b", "c"]
    assert tokens.offsets.tolist() == [0, 2, 3]


def test_start_rows_are_written_where_they_are_asked() -> None:
    """At their places and times a length; the other rows stay as they were."""
    keys = np.array([3, 2**63 + 5], np.uint64)
    rows = np.full((5, 70), 9, np.float32)
    write_start_rows(keys, np.array([4, 1]), 7, 0.25, rows)
    np.testing.assert_array_equal(rows[[4, 1]], start_rows(keys, 70, 7) * np.float32(0.25))
    assert (rows[[0, 2, 3]] == 9).all()
