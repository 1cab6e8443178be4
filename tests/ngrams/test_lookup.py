"""The look-up table gives the row of every key that it holds, and -1 for all others."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprachbund.ngrams import lookup
from sprachbund.ngrams.lookup import ABSENT, Lookup

KEYS = st.one_of(st.integers(1, 50), st.integers(1, 2**64 - 1), st.integers(2**64 - 50, 2**64 - 1))


@settings(deadline=None)
@given(st.lists(KEYS, unique=True, max_size=200), st.lists(st.one_of(KEYS, st.just(0)), max_size=50))
def test_rows_are_those_of_a_dictionary(keys: list[int], others: list[int]) -> None:
    """Also where many keys crowd at one end of the table, so that probes pass over its edge."""
    table = Lookup.of(np.array(keys, np.uint64))
    reference = {key: row for row, key in enumerate(keys)}
    asked = keys + others
    found = table.rows(np.array(asked, np.uint64))
    assert found.dtype == np.int32
    assert found.tolist() == [reference.get(key, ABSENT) for key in asked]


def test_an_empty_table() -> None:
    """It holds nothing, not even key 0; asking for nothing gives nothing."""
    table = Lookup.of(np.empty(0, np.uint64))
    assert table.rows(np.array([0, 1], np.uint64)).tolist() == [-1, -1]
    assert table.rows(np.empty(0, np.uint64)).tolist() == []


def test_rows_of_a_fuller_table() -> None:
    """A table that was saved fuller, as earlier versions did, is read all the same."""
    keys = np.unique(np.random.default_rng(2).integers(1, 2**64 - 1, 5000, dtype=np.uint64))
    slots = np.zeros((len(keys) * 10 // 9, 2), np.uint64)
    lookup._build(keys, slots)
    np.testing.assert_array_equal(Lookup(slots, len(keys)).rows(keys), np.arange(len(keys)))
    assert (Lookup(slots, len(keys)).rows(keys ^ np.uint64(1 << 40)) == ABSENT).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_many_keys(threads: int) -> None:
    """300,000 keys over several blocks, half of them known, with any number of threads."""
    keys = np.random.default_rng(1).integers(1, 2**63, 300_000, dtype=np.uint64)
    keys = np.unique(keys)
    known = keys[::2]
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(min(threads, before))
        rows = Lookup.of(known).rows(keys)
    finally:
        numba.set_num_threads(before)
    expected = np.full(len(keys), -1)
    expected[::2] = np.arange(len(known))
    np.testing.assert_array_equal(rows, expected)
