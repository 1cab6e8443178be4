"""The tables count as a Counter does, and hand out what they hold in order of keys."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.ngrams import pair_tables, word_tables
from sprachbund.ngrams.hangul import letters
from sprachbund.ngrams.keys import bigram_key, character_keys, word_key
from sprachbund.ngrams.pair_tables import PairTables
from sprachbund.ngrams.slices import WordSlice
from sprachbund.ngrams.strings import copy_strings, join_strings
from sprachbund.ngrams.tokens import pack, tokenize
from sprachbund.ngrams.word_tables import SHARDS, WordTables

# keys that crowd at the edges of a shard, so that probes pass over the end of its table
CROWDED = st.integers(0, 40).flatmap(
    lambda far: st.sampled_from(range(SHARDS)).map(lambda shard: (shard + 1 << 64 - word_tables.SHARD_BITS) - 1 - far)
)
KEYS = st.one_of(CROWDED, st.integers(1, 60), st.integers(1, 2**64 - 1)).filter(bool)


def strings(part: WordSlice) -> list[str]:
    raw = part.data.tobytes()
    return [raw[a:b].decode() for a, b in zip(part.offsets[:-1], part.offsets[1:], strict=True)]


@settings(deadline=None)
@given(st.lists(st.lists(KEYS, max_size=300), max_size=4), st.integers(1, 3))
def test_tables_of_any_keys(batches: list[list[int]], floor: int) -> None:
    """Keys in rising order over all shards, their counts, and the string that came first with each."""
    tables = WordTables()
    expected: Counter[int] = Counter()
    names: dict[int, str] = {}
    for number, keys in enumerate(batches):
        data, offsets = pack([f"W{number}x{i}" for i in range(len(keys))])
        lengths = np.diff(offsets).astype(np.int32)
        tables.add(np.array(keys, np.uint64), data, offsets[:-1], lengths)
        for i, key in enumerate(keys):
            names.setdefault(key, f"w{number}x{i}")
        expected.update(keys)
    assert len(tables) == len(expected)
    parts = [tables.slice(number, floor) for number in range(SHARDS)]
    kept = sorted(key for key, count in expected.items() if count >= floor)
    assert [key for part in parts for key in part.keys.tolist()] == kept
    assert [count for part in parts for count in part.counts.tolist()] == [expected[key] for key in kept]
    assert [name for part in parts for name in strings(part)] == [names[key] for key in kept]
    sampled = [key for key in expected if key >> 64 - word_tables.SHARD_BITS < SHARDS // word_tables.SAMPLE]
    assert sorted(tables.sample().tolist()) == sorted(expected[key] for key in sampled)


def test_strings_are_kept_in_lower_case() -> None:
    """Letters whose lower case is longer or shorter in UTF-8, of one to four bytes; soft hyphens go, ß is ss."""
    words = ["ȺȺȺȺȺȺ", "İİİİ", "ẞßß", "ΟΔΟΣ", "K", "a\u00adB", "𐐀𐐁", "П’Я", "צ״ל", "L·L"]
    data, offsets = pack(words)
    tokens = tokenize(data, offsets)
    tables = WordTables()
    tables.add(tokens.keys, data, tokens.starts, tokens.lengths)
    found = {name for number in range(SHARDS) for name in strings(tables.slice(number))}
    assert found == {"ⱥⱥⱥⱥⱥⱥ", "iiii", "ssssss", "οδος", "k", "ab", "𐐨𐐩", "п'я", 'צ"ל', "l·l"}


def test_bigrams_with_their_first_words() -> None:
    """Counted inside a text only; the first word's key goes with each."""
    data, offsets = pack(["a b a b", "b", "", "a b"])
    tables = PairTables()
    tables.add(tokenize(data, offsets))
    parts = [tables.slice(number) for number in range(tables.parts)]
    a, b = word_key("a"), word_key("b")
    found = {
        int(key): (int(count), int(first))
        for part in parts
        for key, count, first in zip(part.keys, part.counts, part.firsts, strict=True)
    }
    assert found == {bigram_key(a, b): (3, a), bigram_key(b, a): (1, b)}


def test_bigrams_of_one_bucket() -> None:
    """Keys that crowd at the end of a bucket, each once or often, come in order, with the first value of each."""
    edge = 2**64 - 1 >> pair_tables.BUCKET_BITS
    keys = [edge - far for far in (0, 5, 1, 5, 3, 0, 2, 5)]
    rows = np.array([[key, 100 + i] for i, key in enumerate(keys)], np.uint64)
    for floor in (1, 2, 3, 4):
        out = np.empty(len(rows) + 1, np.uint64), np.empty(len(rows), np.int64), np.empty(len(rows), np.uint64)
        kept = pair_tables._count_bucket(rows, floor, *out)
        found = {int(key): (int(n), int(first)) for key, n, first in zip(*(c[:kept] for c in out), strict=True)}
        expected = {key: (keys.count(key), 100 + keys.index(key)) for key in sorted(set(keys))}
        assert list(found.items()) == [item for item in expected.items() if item[1][0] >= floor]


def test_characters_of_counted_words() -> None:
    """Each n-gram of <word> counts as often as its word does; an n-gram twice in a word counts twice."""
    data = np.frombuffer("nananañ한국가".encode(), np.uint8)
    words = WordSlice(np.array([5, 9, 11], np.uint64), np.array([10, 3 << 40, 7]), np.array([0, 4, 8, 17]), data)
    tables = WordTables()
    tables.add_characters(words, (2, 3))
    found = {}
    for number in range(SHARDS):
        part = tables.slice(number)
        found |= {key: pair for key, *pair in zip(part.keys.tolist(), strings(part), part.counts.tolist(), strict=True)}
    expected: Counter[str] = Counter()
    keys = {}
    for word, count in (("nana", 10), ("nañ", 3 << 40), ("한국가", 7)):
        for order in (2, 3):
            marked = f"<{letters(word)}>"
            grams = [marked[i : i + order] for i in range(len(marked) + 1 - order)]
            keys |= dict(zip(grams, character_keys(word, order), strict=True))
            for gram in grams:
                expected[gram] += count
    assert found == {keys[gram]: [gram, count] for gram, count in expected.items()}


def test_growing_tables() -> None:
    """200,000 distinct words pass through every factor of growth; a table never overflows."""
    data, offsets = pack([f"x{i}" for i in range(200_000)])
    tokens = tokenize(data, offsets)
    tables = WordTables()
    worst = tables.worst(len(tokens), len(data))
    tables.add(tokens.keys, data, tokens.starts, tokens.lengths)
    assert len(tables) == 200_000
    assert tables.size <= worst
    assert sorted(name for n in range(SHARDS) for name in strings(tables.slice(n))) == sorted(
        f"x{i}" for i in range(200_000)
    )
    tables.clear()
    assert len(tables) == 0


def test_one_word_longer_than_any_buffer() -> None:
    """A word of a million letters is one word and keeps its string."""
    text = "É" * 1_000_000
    data, offsets = pack([text])
    tokens = tokenize(data, offsets)
    tables = WordTables()
    tables.add(tokens.keys, data, tokens.starts, tokens.lengths)
    assert [name for n in range(SHARDS) for name in strings(tables.slice(n))] == ["é" * 1_000_000]


def test_copying_and_joining_strings() -> None:
    """Strings are copied in any order, and joined by a space where there is a second one."""
    data = np.frombuffer("abcdé".encode(), np.uint8)
    offsets, copied = copy_strings(data, np.array([3, 0, 1]), np.array([3, 1, 0]))
    assert copied.tobytes().decode() == "déa"
    assert offsets.tolist() == [0, 3, 4, 4]
    left, right = np.array([1, 0, 2], np.int32), np.array([-1, 1, 0], np.int32)
    assert join_strings(copied, offsets, left, right).decode() == "a\ndé a\n dé"
    nothing = np.empty(0, np.int32)
    assert join_strings(copied, offsets, nothing, nothing) == b""


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 70_000])
def test_small_blocks(size: int) -> None:
    """Words are told apart block by block first: sizes around a block's edge count the same."""
    keys = np.arange(size, dtype=np.uint64) % np.uint64(7) + np.uint64(1)
    data, _ = pack(["x"])
    tables = WordTables()
    tables.add(keys, data, np.zeros(size, np.int64), np.ones(size, np.int32))
    counts = np.concatenate([tables.slice(number).counts for number in range(SHARDS)])
    assert counts.tolist() == [n for n in np.bincount(np.arange(size) % 7, minlength=7).tolist() if n]
