"""Posting lists against dictionaries, surroundings against plain loops."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st
from shelf import around

from sprachbund.errors import FolderError
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.search import postings as lists
from sprachbund.search.postings import MOST, Postings

KEYS = np.array([90, 7, 55, 2, 2**64 - 1, 31, 8], np.uint64)
"""Keys by id, in no order."""

texts = st.lists(st.lists(st.integers(0, len(KEYS) - 1), max_size=8), max_size=8)
"""Passages of n-grams by id."""


def bags(passages: list[list[int]]) -> Bags:
    """Counts of each passage, a hole after each as kernels leave them."""
    counted = [Counter(passage) for passage in passages]
    room = np.cumsum([0, *(len(c) + 1 for c in counted)])
    ids, weights = np.zeros(room[-1], np.int32), np.full(room[-1], np.nan, np.float32)
    for start, c in zip(room, counted, strict=False):
        ids[start : start + len(c)] = list(c)
        weights[start : start + len(c)] = list(c.values())
    ends = room[:-1] + np.array([len(c) for c in counted], np.int64)
    return Bags(ids, weights, room[:-1].astype(np.int64), ends.astype(np.int64))


def plain(postings: Postings) -> dict[int, dict[int, int]]:
    """For each key the passages that have it and how often; the arrays are in their order."""
    assert postings.keys.dtype == np.uint64 and postings.counts.dtype == np.uint16
    assert (postings.keys[1:] > postings.keys[:-1]).all()
    assert postings.offsets[0] == 0 and postings.offsets[-1] == len(postings.passages) == len(postings.counts)
    found = {}
    for number, key in enumerate(postings.keys.tolist()):
        own = slice(postings.offsets[number], postings.offsets[number + 1])
        passages = postings.passages[own].tolist()
        assert passages == sorted(set(passages))
        found[key] = dict(zip(passages, postings.counts[own].tolist(), strict=True))
    return found


def expected(passages: list[list[int]], keys: np.ndarray = KEYS) -> dict[int, dict[int, int]]:
    """The same from the texts."""
    found: dict[int, dict[int, int]] = {}
    for number, passage in enumerate(passages):
        for ngram, count in Counter(passage).items():
            found.setdefault(int(keys[ngram]), {})[number] = count
    return found


@run(deadline=None, max_examples=100)
@given(texts)
def test_from_bags(passages: list[list[int]]) -> None:
    """Every n-gram with the passages that have it."""
    assert plain(lists.from_bags(bags(passages), KEYS)) == expected(passages)


def test_a_count_above_the_most_is_kept_as_the_most() -> None:
    """65,535 fit."""
    many = Bags(*(np.array(x) for x in (np.zeros(1, np.int32), np.array([70_000], np.float32), [0], [1])))
    assert lists.from_bags(many, KEYS).counts.tolist() == [MOST] == [65_535]


@run(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=4))
def test_merge(parts: list[list[list[int]]]) -> None:
    """Passages that follow one another, as if they had been counted together."""
    made = lists.merge([lists.from_bags(bags(part), KEYS) for part in parts], [len(part) for part in parts])
    assert plain(made) == expected([passage for part in parts for passage in part])


@run(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.lists(st.integers(0, len(KEYS) - 1), max_size=5)] * 2), max_size=6))
def test_merge_features(passages: list[tuple[list[int], list[int]]]) -> None:
    """Words and characters of the same passages in one list."""
    words, characters = [list(side) for side in zip(*passages, strict=True)] or ([], [])
    other = KEYS ^ np.uint64(1 << 40)
    made = lists.merge_features([lists.from_bags(bags(words), KEYS), lists.from_bags(bags(characters), other)])
    assert plain(made) == expected(words) | expected(characters, other)


def test_find() -> None:
    """The place of a key, -1 where no passage has it; nothing is in an empty list."""
    made = lists.from_bags(bags([[0, 1], [3]]), KEYS)
    assert made.keys.tolist() == [2, 7, 90]
    assert made.find(np.array([90, 8, 2, 2**64 - 1, 0], np.uint64)).tolist() == [2, -1, 0, -1, -1]
    assert lists.from_bags(bags([[]]), KEYS).find(KEYS).tolist() == [-1] * len(KEYS)


def test_written_and_read(tmp_path: Path) -> None:
    """The same arrays; a missing one is named, and arrays that do not fit together are refused."""
    made = lists.from_bags(bags([[0, 0, 5], [3, 5]]), KEYS)
    lists.write_postings(tmp_path, made)
    assert plain(lists.read_postings(tmp_path)) == plain(made)
    np.save(tmp_path / "counts.npy", made.counts[:-1])
    with pytest.raises(FolderError, match="postings do not fit together"):
        lists.read_postings(tmp_path)
    (tmp_path / "counts.npy").unlink()
    with pytest.raises(FolderError, match=r"counts\.npy: expected a file here"):
        lists.read_postings(tmp_path)


@st.composite
def places(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """low, high and section of some passages."""
    sizes = draw(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), min_size=1, max_size=4))
    low, high, sections, at = [], [], [], 0
    for document in sizes:
        total = sum(document)
        low += [at] * total
        high += [at + total] * total
        sections += [number for number, size in enumerate(document) for _ in range(size)]
        at += total
    return np.array(low, np.int32), np.array(high, np.int32), np.array(sections, np.int32)


fadings = st.sampled_from([[1.0], [1.0, 0.5], [1.0, 0.75, 0.25, 0.125], [1.0, 0.5, 0.0]])


@run(deadline=None, max_examples=100)
@given(places(), fadings, st.sampled_from([0.0, 0.25, 1.0]), st.data())
def test_reach_and_sums_by_hand(
    where: tuple[np.ndarray, ...], fade: list[float], across: float, data: st.DataObject
) -> None:
    """How many passages count an n-gram, and the most that one counts; values summed with their surroundings."""
    low, high, sections = where
    count = len(low)
    passages = data.draw(st.lists(st.lists(st.integers(0, 6), max_size=4), min_size=count, max_size=count))
    made = lists.from_bags(bags(passages), KEYS)
    fading = np.array(fade, np.float32)
    reached, most = lists.reach(made, low, high, sections, fading, across)
    near = [around(low, high, sections, fading, across, j) for j in range(count)]
    for number, held in enumerate(plain(made).values()):
        sums = [sum(weight * held.get(p, 0) for p, weight in own.items()) for own in near]
        assert reached[number] == sum(value > 0 for value in sums)
        assert most[number] == pytest.approx(max(sums))
    values = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    result = np.full_like(values, np.nan)
    lists.sum_around(values, low, high, sections, fading, across, result)
    by_hand = [sum((weight * values[p] for p, weight in own.items()), np.zeros(3)) for own in near]
    np.testing.assert_allclose(result, by_hand, atol=1e-5)
