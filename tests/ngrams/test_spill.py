"""What is spilled and merged is what would have been counted in memory."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sprachbund.ngrams.slices import PairSlice, WordSlice
from sprachbund.ngrams.spill import Store, _ranges, pair_store, word_store
from sprachbund.ngrams.tokens import Tokens, pack, tokenize


def parts_of_text() -> list[tuple[np.ndarray, Tokens]]:
    """Five parts of text that share most of their words."""
    random = np.random.default_rng(5)
    parts = []
    for part in range(5):
        numbers = random.zipf(1.3, 6000) % 2000 + (part * 100)
        data, offsets = pack([" ".join(f"w{n}é" for n in numbers[at : at + 30]) for at in range(0, 6000, 30)])
        parts.append((data, tokenize(data, offsets)))
    return parts


def fill(words: Store, pairs: Store, *, spill: bool) -> None:
    for number, (data, tokens) in enumerate(parts_of_text()):
        words.tables.add(tokens.keys, data, tokens.starts, tokens.lengths)
        pairs.tables.add(tokens)
        # the last part stays in memory, as at the end of a real count
        if spill and number < 4:
            words.spill()
            pairs.spill()


def joined(parts: list[WordSlice] | list[PairSlice], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts])


@pytest.mark.parametrize("memory", [1 << 12, 1 << 18, 1 << 30])
def test_merge_equals_memory(tmp_path: Path, memory: int) -> None:
    """From one range of keys to hundreds: the same keys, counts, strings and first words, in order."""
    held = word_store(tmp_path / "a"), pair_store(tmp_path / "b")
    spilled = word_store(tmp_path / "c"), pair_store(tmp_path / "d")
    fill(*held, spill=False)
    fill(*spilled, spill=True)
    assert [len(store.runs) for store in spilled] == [4, 4]
    for kind in (0, 1):
        expected, found = list(held[kind].slices(memory)), list(spilled[kind].slices(memory))
        names = ("keys", "counts", "data") if kind == 0 else ("keys", "counts", "firsts")
        for name in names:
            np.testing.assert_array_equal(joined(found, name), joined(expected, name))
        assert (np.diff(joined(found, "keys").astype(object)) > 0).all()
    lengths = [
        np.concatenate([np.diff(part.offsets) for part in store.slices(memory)]) for store in (held[0], spilled[0])
    ]
    np.testing.assert_array_equal(*lengths)
    assert not (tmp_path / "a").exists()
    assert len(list((tmp_path / "c").iterdir())) == 5


def test_slices_can_be_read_twice(tmp_path: Path) -> None:
    """A second reading gives the same, from memory and from runs."""
    for number, spill in enumerate((False, True)):
        words, pairs = word_store(tmp_path / f"w{number}"), pair_store(tmp_path / f"p{number}")
        fill(words, pairs, spill=spill)
        first, second = (joined(list(pairs.slices(1 << 16)), "counts") for _ in range(2))
        np.testing.assert_array_equal(first, second)


def test_ranges_hold_every_row_once(tmp_path: Path) -> None:
    """The ranges of a run follow one another from its first row to its last, in step with those of the others."""
    words, pairs = word_store(tmp_path / "w"), pair_store(tmp_path / "p")
    fill(words, pairs, spill=True)
    ranges = _ranges(pairs.runs, 1 << 16)
    assert len(ranges) > 3
    sizes = [(run / "keys").stat().st_size // 8 for run in pairs.runs]
    assert ranges[0][0].tolist() == [0] * len(sizes)
    assert ranges[-1][1].tolist() == sizes
    for (_, end), (begin, _) in pairwise(ranges):
        assert end.tolist() == begin.tolist()


def test_nothing_to_spill(tmp_path: Path) -> None:
    """Empty tables write no run."""
    words = word_store(tmp_path / "w")
    words.spill()
    assert words.runs == []
    assert not (tmp_path / "w").exists()
