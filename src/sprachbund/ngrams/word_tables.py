"""Exact counts of words in memory, on every core, parted by the first bits of a key.

Words are counted in open addressing as they come, for most are known already: each shard is a table of its own
that one thread fills, so there are no locks, and the result does not depend on the number of threads. A key's home is
in proportion to its value, so that a table is all but sorted as it stands and comes out in order of keys in linear
time.

The price is about 45 bytes of memory for each distinct word; ``spill.py`` writes sorted runs to disk before that passes
a budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Bytes, Int32, Int64, Keys, Offsets, UInt32, UInt64
from sprachbund.corpus.characters import character_tables
from sprachbund.kernels import njit
from sprachbund.ngrams.hangul import LONGEST, may_hold
from sprachbund.ngrams.parting import BLOCK, by_first_bits
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.ngrams.slices import SAMPLE, WordSlice
from sprachbund.ngrams.strings import copy_strings, explode, keep_strings
from sprachbund.threads import in_threads

__all__ = ["SHARDS", "WordTables"]

SHARD_BITS = 4
SHARDS = 1 << SHARD_BITS
_FILL = 0.7  # of a table's slots, at most
_SMALLEST = 64  # slots
_AHEAD = 32  # items whose memory is asked for before they are needed
_SMALL_BLOCK = 1 << 16  # keys whose table fits the second level of the cache
_NO_WEIGHTS = np.empty(0, np.int64)

_Item = TypeVar("_Item", bound=np.generic)


class WordTables:
    """Counts of strings by their keys."""

    parts = SHARDS

    def __init__(self) -> None:
        self._shards = [_Shard() for _ in range(SHARDS)]

    def __len__(self) -> int:
        return sum(shard.used for shard in self._shards)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(shard.size for shard in self._shards)

    def worst(self, keys: int, span: int) -> int:
        """Bytes held at most after ``keys`` more keys whose strings have ``span`` bytes in all."""
        strings = sum(shard.arena.nbytes + shard.ends.nbytes for shard in self._shards)
        incoming = np.full(SHARDS, keys // SHARDS + 1, np.int64)
        return _worst(self._shards, incoming) + strings * 3 // 2 + 2 * span + 8 * keys

    def add(self, keys: Keys, data: Bytes, starts: Offsets, lengths: Int32, weights: Offsets = _NO_WEIGHTS) -> None:
        """Count words that lie in ``data``; with ``weights``, strings that are kept as they stand."""
        classes, lower = character_tables()
        parted = by_first_bits(_numbered(keys) if len(weights) else _deduplicated(keys), SHARD_BITS)

        def fill(number: int) -> None:
            shard = self._shards[number]
            own = slice(*parted.bounds[number : number + 2].tolist())
            shard_keys, values = parted.keys[own], parted.values[own]
            fresh = np.empty(len(shard_keys), np.uint32)
            at = 0
            while True:
                before = shard.used
                at, shard.used = _insert_words(
                    shard.slots, shard.payloads, shard_keys, values, weights, at, before, shard.limit, fresh
                )
                tokens = fresh[: shard.used - before]
                # lower case may take half as many bytes again: U+023A
                span = 2 * int(lengths[tokens].sum(dtype=np.int64))
                shard.arena = _longer(shard.arena, int(shard.ends[before]) + span)
                shard.ends = _longer(shard.ends, shard.used + 1)
                keep_strings(
                    tokens, before, data, starts, lengths, len(weights) > 0, classes, lower, shard.arena,
                    shard.ends,
                )  # fmt: skip
                if at == len(shard_keys):
                    return
                shard.grow()

        in_threads(fill, [(number,) for number in range(SHARDS)])

    def add_characters(self, words: WordSlice, orders: Sequence[int]) -> None:
        """Count the character n-grams of each ``<word>``, each as often as its word."""
        sizes = np.diff(words.offsets) + 2
        room = int(sizes.sum())
        keys, starts = np.empty(room * len(orders), np.uint64), np.empty(room * len(orders), np.int64)
        lengths, weights = np.empty(len(keys), np.int32), np.empty(len(keys), np.int64)
        # a syllable is no more letters than it has bytes, but each letter has as many bytes again
        marked = np.empty(room * LONGEST if may_hold(words.data) else room, np.uint8)
        wanted = np.asarray(orders, np.int64)
        n = explode(words.data, words.offsets, words.counts, wanted, marked, keys, starts, lengths, weights)
        self.add(keys[:n], marked, starts[:n], lengths[:n], weights[:n])

    def slice(self, number: int, floor: int = 1) -> WordSlice:
        """What a shard counted ``floor`` times or more, in order of keys; the shards are in that order too."""
        shard = self._shards[number]
        keys, counts, places = shard.sorted(floor)
        ends = shard.ends[: shard.used + 1]
        offsets, data = copy_strings(shard.arena, ends[places], np.diff(ends)[places])
        return WordSlice(keys, counts, offsets, data)

    def sample(self) -> Offsets:
        """The counts of one string in SAMPLE, int64; hashed keys make it a fair one."""
        counts = np.concatenate([shard.slots[:, 1] for shard in self._shards[: SHARDS // SAMPLE]])
        return counts[counts > 0].astype(np.int64)

    def clear(self) -> None:
        """Forget everything."""
        self._shards = [_Shard() for _ in range(SHARDS)]


@dataclass
class _Shard:
    """One table of words, and their strings in the order in which they came."""

    slots: UInt64 = field(default_factory=lambda: np.zeros((_SMALLEST, 2), np.uint64))
    payloads: UInt32 = field(default_factory=lambda: np.zeros(_SMALLEST, np.uint32))
    used: int = 0
    arena: Bytes = field(default_factory=lambda: np.empty(0, np.uint8))
    ends: Offsets = field(default_factory=lambda: np.zeros(1, np.int64))

    @property
    def limit(self) -> int:
        """How many keys it takes before it grows."""
        return int(len(self.payloads) * _FILL)

    @property
    def size(self) -> int:
        """Bytes held."""
        return self.slots.nbytes + self.payloads.nbytes + self.arena.nbytes + self.ends.nbytes

    def grow(self) -> None:
        """Make room for more keys."""
        capacity = _grown(len(self.payloads))
        slots, payloads = np.zeros((capacity, 2), np.uint64), np.zeros(capacity, np.uint32)
        _rehash(self.slots, self.payloads, slots, payloads)
        self.slots, self.payloads = slots, payloads

    def sorted(self, floor: int) -> tuple[Keys, Offsets, UInt32]:
        """The keys counted ``floor`` times or more (at least 1) in rising order, their counts and payloads."""
        order = np.empty(self.used, np.uint32)
        order = order[: _sorted_slots(self.slots, floor, order)]
        return self.slots[order, 0], self.slots[order, 1].astype(np.int64), self.payloads[order]


def _grown(capacity: int) -> int:
    """Slots after growing; first touching fresh memory costs more than moving the keys, so not twice as many."""
    return capacity * 3 // 2


def _worst(shards: Sequence[_Shard], incoming: Int64) -> int:
    """Bytes of slots if every incoming key were new."""
    total = 0
    for shard, more in zip(shards, incoming.tolist(), strict=True):
        capacity = len(shard.payloads)
        if shard.used + more > shard.limit:
            while int(capacity * _FILL) < shard.used + more:
                capacity = _grown(capacity)
        total += capacity * (16 + shard.payloads.itemsize)
    return total


def _longer(array: npt.NDArray[_Item], needed: int) -> npt.NDArray[_Item]:
    """The array itself if it has ``needed`` places, else a copy with half as many again."""
    if needed <= len(array):
        return array
    longer = np.empty(max(needed, len(array) * 3 // 2), array.dtype)
    longer[: len(array)] = array
    return longer


def _numbered(keys: Keys) -> list[tuple[Keys, Keys]]:
    """The keys of each block with their values, as tokens that count once each."""
    values = np.arange(len(keys), dtype=np.uint64) << np.uint64(32) | np.uint64(1)
    return [(keys[at : at + BLOCK], values[at : at + BLOCK]) for at in range(0, len(keys), BLOCK)]


def _deduplicated(keys: Keys) -> list[tuple[Keys, Keys]]:
    """The distinct keys of each small block, with their values: most words are frequent ones."""

    def distinct(first: int, last: int) -> tuple[Keys, Keys]:
        out_keys, values = np.empty(last - first, np.uint64), np.empty(last - first, np.uint64)
        count = _distinct(keys[first:last], first, out_keys, values)
        return out_keys[:count], values[:count]

    return in_threads(distinct, [(a, min(a + _SMALL_BLOCK, len(keys))) for a in range(0, len(keys), _SMALL_BLOCK)])


@njit(cache=True, nogil=True, inline="always")
def _home(key: np.uint64, capacity: np.int64) -> np.int64:
    """The first slot to look at: the 32 bits below the shard's, in proportion to the capacity."""
    below = (key << np.uint64(SHARD_BITS)) >> np.uint64(32)
    return np.int64((below * np.uint64(capacity)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def _distinct(keys, first, out_keys, values):  # type: ignore[no-untyped-def]
    """The distinct keys of a block that fits the cache, and the number of the first of each with its count."""
    capacity = np.int64(2)
    while capacity < 2 * len(keys):
        capacity *= 2
    places = np.full(capacity, -1, np.int32)
    mask = np.uint64(capacity - 1)
    count = 0
    for i in range(len(keys)):
        slot = np.int64(keys[i] & mask)
        while True:
            place = places[slot]
            if place < 0:
                places[slot] = count
                out_keys[count] = keys[i]
                values[count] = np.uint64(first + i) << np.uint64(32) | np.uint64(1)
                count += 1
                break
            if out_keys[place] == keys[i]:
                values[place] += np.uint64(1)
                break
            slot = (slot + 1) & np.int64(mask)
    return count


@njit(cache=True, nogil=True)
def _insert_words(slots, payloads, keys, values, weights, begin, used, limit, fresh):  # type: ignore[no-untyped-def]
    """Count keys[begin:] until the table is full; (keys seen, used).

    A value is the number of a token times 2**32 and how often it counts, unless there are weights. The tokens
    that brought new keys go to ``fresh``, and the place of each key's string to its payload.
    """
    capacity = len(payloads)
    before = used
    for i in range(begin, len(keys)):
        if i + _AHEAD < len(keys):
            prefetch(slots, _home(keys[i + _AHEAD], capacity))
        key = keys[i]
        token = np.int64(values[i] >> np.uint64(32))
        slot = _home(key, capacity)
        while slots[slot, 0] != key:
            if slots[slot, 0] == np.uint64(0):
                if used >= limit:
                    return i, used
                slots[slot, 0] = key
                payloads[slot] = used
                fresh[used - before] = token
                used += 1
                break
            slot = slot + 1 if slot + 1 < capacity else 0
        slots[slot, 1] += np.uint64(weights[token]) if len(weights) else values[i] & np.uint64(0xFFFFFFFF)
    return len(keys), used


@njit(cache=True, nogil=True)
def _rehash(slots, payloads, new_slots, new_payloads):  # type: ignore[no-untyped-def]
    capacity = len(new_payloads)
    for old in range(len(payloads)):
        key = slots[old, 0]
        if key != np.uint64(0):
            slot = _home(key, capacity)
            while new_slots[slot, 0] != np.uint64(0):
                slot = slot + 1 if slot + 1 < capacity else 0
            new_slots[slot, 0] = key
            new_slots[slot, 1] = slots[old, 1]
            new_payloads[slot] = payloads[old]


@njit(cache=True, nogil=True)
def _sorted_slots(slots, floor, order):  # type: ignore[no-untyped-def]
    """The slots with a count of ``floor`` or more in order of keys; linear, for a key is near its home."""
    capacity = len(slots)
    count = 0
    # keys at the front of the table whose home is at its end were carried over the edge
    carried = 0
    while carried < capacity and slots[carried, 0] != np.uint64(0):
        carried += 1
    for part in range(2):
        for slot in range(capacity if part == 0 else carried):
            key = slots[slot, 0]
            if slots[slot, 1] < np.uint64(floor):
                continue
            over = slot < carried and _home(key, capacity) > capacity // 2
            if over != (part == 1):
                continue
            place = count
            while place > 0 and slots[order[place - 1], 0] > key:
                order[place] = order[place - 1]
                place -= 1
            order[place] = slot
            count += 1
    return count
