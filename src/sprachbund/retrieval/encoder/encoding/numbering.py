"""Every n-gram by id: the vocabulary's rows first, then those that the parts have and it lacks, in order of keys.

The parts' keys are in order, and meet in ranges of them. Memory: the keys of the n-grams that the vocabulary lacks and
8 bytes a word that there is; the rest lies on disk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Int8, Int32, Int64, UInt64
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder.encoding.disk import (
    AT_A_TIME,
    bounds_of,
    edges_for,
    empty_array,
    piece,
    read,
    save_pieces,
)

__all__ = ["number_ngrams", "numbered"]


@dataclass(frozen=True)
class _Words:
    """Some distinct words and the character n-grams inside them.

    Attributes:
        words: uint64 [words]. counts: int64 [words], n-grams of each. keys, orders: of these, word after word.
    """

    words: UInt64
    counts: Int64
    keys: UInt64
    orders: Int8


def number_ngrams(
    parts: Sequence[Path], vocabulary: Vocabulary, characters: tuple[int, ...], folder: Path
) -> dict[str, Any]:
    """Write keys, orders and the character n-grams of all parts into ``folder``.

    Returns:
        ``size``, the n-grams that there are; ``words`` and ``bigrams``, where the ids of those begin and end that the
        vocabulary lacks.
    """
    rows = len(vocabulary)
    words = np.concatenate([np.empty(0, np.uint64), *_merged(parts, "words_lacking")])
    pairs = np.concatenate([np.empty(0, np.uint64), *_merged(parts, "bigrams_lacking")])
    counts = np.zeros(rows + len(words), np.int64)
    lacking = {-order: _Distinct() for order in characters}
    for found in _spelt(parts) if characters else ():
        counts[numbered(vocabulary.lookup(found.words), found.words, rows, words)] = found.counts
        unknown = vocabulary.lookup(found.keys) < 0
        for order, own in lacking.items():
            own.add(found.keys[unknown & (found.orders == order)])
    inside = {order: own.keys() for order, own in lacking.items()}
    tails = {1: words, 2: pairs, **inside}
    size = rows + sum(map(len, tails.values()))
    save_pieces(folder, "keys", np.uint64, size, (np.asarray(vocabulary.keys), *tails.values()))
    of_tails = (np.full(len(keys), order, np.int8) for order, keys in tails.items())
    save_pieces(folder, "orders", np.int8, size, (np.asarray(vocabulary.orders), *of_tails))
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    rest = np.full(size + 1 - len(offsets), offsets[-1], np.int64)
    save_pieces(folder, "char_offsets", np.int64, size + 1, (offsets, rest))
    starts, start = {}, rows + len(words) + len(pairs)
    for order, keys in inside.items():
        starts[order], start = start, start + len(keys)
    ids = empty_array(folder, "char_ids", np.int32, int(offsets[-1]))
    for found in _spelt(parts) if characters else ():
        of_keys = vocabulary.lookup(found.keys)
        for order, keys in inside.items():
            own = (of_keys < 0) & (found.orders == order)
            of_keys[own] = starts[order] + np.searchsorted(keys, found.keys[own])
        of_words = numbered(vocabulary.lookup(found.words), found.words, rows, words)
        begins = np.cumsum(found.counts) - found.counts
        ids[np.arange(len(of_keys)) + np.repeat(offsets[of_words] - begins, found.counts)] = of_keys
    bigrams_from = rows + len(words)
    return {"size": size, "words": [rows, bigrams_from], "bigrams": [bigrams_from, bigrams_from + len(pairs)]}


def numbered(rows: Int32, keys: UInt64, start: int, known: UInt64) -> Int32:
    """``rows`` with each -1 replaced by the id of its key, ``start`` and its place among those known."""
    missing = rows < 0
    rows[missing] = start + np.searchsorted(known, keys[missing])
    return rows


class _Distinct:
    """Keys that come in any order, each kept once."""

    def __init__(self) -> None:
        self._waiting: list[UInt64] = []
        self._held, self._size = 0, 0

    def add(self, keys: UInt64) -> None:
        """Take some."""
        self._waiting.append(np.unique(keys))
        self._size += len(self._waiting[-1])
        if self._size > 2 * self._held + AT_A_TIME:
            self._held = self._size = len(self.keys())

    def keys(self) -> UInt64:
        """All of them, in order."""
        self._waiting = [np.unique(np.concatenate([np.empty(0, np.uint64), *self._waiting]))]
        return self._waiting[0]


def _merged(parts: Sequence[Path], name: str) -> Iterator[UInt64]:
    """The keys of all parts, each once, in order; those of a part are so already."""
    for ranges in _ranges(parts, name):
        yield np.unique(np.concatenate([piece(part, name, *own) for part, own in zip(parts, ranges, strict=True)]))


def _spelt(parts: Sequence[Path]) -> Iterator[_Words]:
    """The words of all parts, each once."""
    for ranges in _ranges(parts, "spelt"):
        found = [_some(part, *own) for part, own in zip(parts, ranges, strict=True)]
        words, counts, keys, orders = (np.concatenate(each) for each in zip(*found, strict=True))
        chosen = np.zeros(len(words), bool)
        chosen[np.unique(words, return_index=True)[1]] = True
        inside = np.repeat(chosen, counts)
        yield _Words(words[chosen], counts[chosen], keys[inside], orders[inside])


def _some(part: Path, low: int, high: int) -> tuple[UInt64, Int64, UInt64, Int8]:
    offsets = piece(part, "inside_offsets", low, high + 1)
    own = (int(offsets[0]), int(offsets[-1]))
    return (
        piece(part, "spelt", low, high),
        np.diff(offsets),
        piece(part, "inside", *own),
        piece(part, "inside_orders", *own),
    )


def _ranges(parts: Sequence[Path], name: str) -> Iterator[tuple[tuple[int, int], ...]]:
    """For each range of keys where it begins and ends in every part."""
    edges = edges_for(sum(len(read(part, name)) for part in parts))
    yield from zip(*(bounds_of(read(part, name), edges) for part in parts), strict=True)
