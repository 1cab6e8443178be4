"""Exact counts of 64-bit keys in memory, on every core, parted by the first bits of a key.

Words are counted in open addressing as they come, for most are known already: each shard is a table of its own
that one thread fills. Most bigrams are rare, and a table of them all misses the cache with each; so their keys are
only parted into many buckets, and a bucket is counted, in a table that fits the cache, when it is asked for. Either
way there are no locks, and the result does not depend on the number of threads. A key's home is in proportion to
its value, so that a table is all but sorted as it stands and comes out in order of keys in linear time.

The price is memory: about 45 bytes for each distinct word and 16 for each occurrence of a bigram; ``spill.py`` writes
sorted runs to disk before that passes a budget.
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
from sprachbund.ngrams.keys import Tokens
from sprachbund.ngrams.mixing import PAIR64, mixed_key
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.ngrams.strings import copy_strings, explode, keep_strings
from sprachbund.threads import blocks_of, in_threads

__all__ = ["PairSlice", "PairTables", "WordSlice", "WordTables", "add_first_bits"]

SHARD_BITS = 4
SHARDS = 1 << SHARD_BITS
BUCKET_BITS = 10
BUCKETS = 1 << BUCKET_BITS
SAMPLE = 16  # what part of all keys a sample of the tables holds
_FILL = 0.7  # of a table's slots, at most
_SMALLEST = 64  # slots
_AHEAD = 32  # items whose memory is asked for before they are needed
_BLOCK = 1 << 16  # keys that a thread scatters at a time
_SMALL_BLOCK = 1 << 16  # keys whose table fits the second level of the cache

_Item = TypeVar("_Item", bound=np.generic)


@dataclass(frozen=True)
class WordSlice:
    """Counted strings in order of their keys.

    Attributes:
        keys: uint64 [n], rising; counts: int64 [n].
        offsets: int64 [n + 1], where each string lies in data: uint8, UTF-8.
    """

    keys: Keys
    counts: Offsets
    offsets: Offsets
    data: Bytes


@dataclass(frozen=True)
class PairSlice:
    """Counted bigrams in order of their keys: uint64 [n] rising, int64 [n], and the key of the first word."""

    keys: Keys
    counts: Offsets
    firsts: Keys


# ---- kernels


@njit(cache=True, nogil=True, inline="always")
def _home(key: np.uint64, capacity: np.int64) -> np.int64:
    """The first slot to look at: the 32 bits below the shard's, in proportion to the capacity."""
    below = (key << np.uint64(SHARD_BITS)) >> np.uint64(32)
    return np.int64((below * np.uint64(capacity)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def add_first_bits(keys, bits, counts):  # type: ignore[no-untyped-def]
    """Add to counts[b] how many keys begin with the bits b."""
    for key in keys:
        counts[np.int64(key >> np.uint64(64 - bits))] += 1


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
def _scatter(keys, values, bits, places, out_keys, out_values):  # type: ignore[no-untyped-def]
    """Move keys with their values to the parts that the first bits name."""
    for i in range(len(keys)):
        part = np.int64(keys[i] >> np.uint64(64 - bits))
        place = places[part]
        places[part] = place + 1
        out_keys[place] = keys[i]
        out_values[place] = values[i]


@njit(cache=True, nogil=True)
def _count_bucket(rows, floor, out_keys, out_counts, out_firsts):  # type: ignore[no-untyped-def]
    """The distinct keys of a bucket counted ``floor`` times or more, in order, with the first value of each.

    A slot is a key, and the number of its first row times 2**32 with its count; it is written without a branch on
    whether the key is new, for no processor can guess that.
    """
    capacity = 2 * len(rows)
    # room for every key after the last home: probes never turn round
    table = np.zeros((capacity + len(rows), 2), np.uint64)
    for i in range(len(rows)):
        key = rows[i, 0]
        below = (key << np.uint64(BUCKET_BITS)) >> np.uint64(32)
        slot = np.int64((below * np.uint64(capacity)) >> np.uint64(32))
        held = table[slot, 0]
        while (held != key) & (held != np.uint64(0)):
            slot += 1
            held = table[slot, 0]
        value = table[slot, 1]
        table[slot, 0] = key
        table[slot, 1] = (value if value != np.uint64(0) else np.uint64(i) << np.uint64(32)) + np.uint64(1)
    kept = 0
    for number in range(len(table)):
        out_keys[kept] = number
        kept += (table[number, 1] & np.uint64(0xFFFFFFFF)) >= np.uint64(floor)
    for number in range(kept):
        key, value = table[np.int64(out_keys[number])]
        at = number
        while at > 0 and out_keys[at - 1] > key:
            out_keys[at], out_counts[at] = out_keys[at - 1], out_counts[at - 1]
            out_firsts[at] = out_firsts[at - 1]
            at -= 1
        out_keys[at], out_counts[at] = key, np.int64(value & np.uint64(0xFFFFFFFF))
        out_firsts[at] = rows[np.int64(value >> np.uint64(32)), 1]
    return kept


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


@njit(cache=True, nogil=True)
def _pair_histogram(keys, offsets, first, last, counts):  # type: ignore[no-untyped-def]
    """Count the bigrams of the texts [first, last) by bucket."""
    for text in range(first, last):
        for token in range(offsets[text], offsets[text + 1] - 1):
            key = mixed_key(keys[token] * PAIR64 + keys[token + 1])
            counts[np.int64(key >> np.uint64(64 - BUCKET_BITS))] += 1


@njit(cache=True, nogil=True)
def _pair_scatter(keys, offsets, first, last, places, rows):  # type: ignore[no-untyped-def]
    """Move the bigrams of the texts [first, last) to their buckets; a key is made anew, cheaper than kept."""
    for text in range(first, last):
        for token in range(offsets[text], offsets[text + 1] - 1):
            key = mixed_key(keys[token] * PAIR64 + keys[token + 1])
            part = np.int64(key >> np.uint64(64 - BUCKET_BITS))
            place = places[part]
            places[part] = place + 1
            rows[place, 0] = key
            rows[place, 1] = keys[token]


# ---- tables


def _grown(capacity: int) -> int:
    """Slots after growing; first touching fresh memory costs more than moving the keys, so not twice as many."""
    return capacity * 3 // 2


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


@dataclass(frozen=True)
class _Parted:
    """Keys by their first bits: those of part p are bounds[p] to bounds[p + 1]."""

    keys: Keys
    values: Keys
    bounds: Offsets


def _numbered(size: int) -> Keys:
    """Values of tokens that count once each."""
    return np.arange(size, dtype=np.uint64) << np.uint64(32) | np.uint64(1)


def _deduplicated(keys: Keys) -> tuple[Keys, Keys]:
    """The distinct keys of each small block, with their values: most words are frequent ones."""

    def distinct(first: int, last: int) -> tuple[Keys, Keys]:
        out_keys, values = np.empty(last - first, np.uint64), np.empty(last - first, np.uint64)
        count = _distinct(keys[first:last], first, out_keys, values)
        return out_keys[:count], values[:count]

    parts = in_threads(distinct, [(a, min(a + _SMALL_BLOCK, len(keys))) for a in range(0, len(keys), _SMALL_BLOCK)])
    if not parts:
        return keys, keys
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _bounds(counts: Offsets) -> tuple[Offsets, Offsets]:
    """Where parts begin, int64 [parts + 1], and each block in each, [blocks, parts]; counts are [blocks, parts]."""
    bounds = np.zeros(counts.shape[1] + 1, np.int64)
    np.cumsum(counts.sum(axis=0), out=bounds[1:])
    return bounds, bounds[:-1] + np.cumsum(counts, axis=0) - counts


def _part(keys: Keys, values: Keys, bits: int) -> _Parted:
    """Scatter keys with their values by the first bits of the keys, each part in the order given."""
    blocks = [(a, min(a + _BLOCK, len(keys))) for a in range(0, len(keys), _BLOCK)]
    counts = np.zeros((len(blocks), 1 << bits), np.int64)
    in_threads(lambda n, a, b: add_first_bits(keys[a:b], bits, counts[n]), [(n, *ab) for n, ab in enumerate(blocks)])
    bounds, places = _bounds(counts)
    out_keys, out_values = np.empty(len(keys), np.uint64), np.empty(len(keys), np.uint64)

    def scatter(n: int, a: int, b: int) -> None:
        _scatter(keys[a:b], values[a:b], bits, places[n], out_keys, out_values)

    in_threads(scatter, [(n, *ab) for n, ab in enumerate(blocks)])
    return _Parted(out_keys, out_values, bounds)


_NO_WEIGHTS = np.empty(0, np.int64)


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
        distinct, numbers = (keys, _numbered(len(keys))) if len(weights) else _deduplicated(keys)
        parted = _part(distinct, numbers, SHARD_BITS)

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


def _longer(array: npt.NDArray[_Item], needed: int) -> npt.NDArray[_Item]:
    """The array itself if it has ``needed`` places, else a copy with half as many again."""
    if needed <= len(array):
        return array
    longer = np.empty(max(needed, len(array) * 3 // 2), array.dtype)
    longer[: len(array)] = array
    return longer


@dataclass(frozen=True)
class _Segment:
    """Bigrams by bucket: uint64 [n, 2], the key and that of the first word; bucket b is bounds[b] to bounds[b + 1]."""

    rows: Keys
    bounds: Offsets


class PairTables:
    """Counts of bigrams by their keys, each with the key of its first word.

    The second word need not be kept: the key of a bigram and that of its first word give it.
    """

    parts = BUCKETS

    def __init__(self) -> None:
        self._segments: list[_Segment] = []

    def __len__(self) -> int:
        """Bigrams, each as often as it occurred."""
        return sum(len(segment.rows) for segment in self._segments)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(segment.rows.nbytes for segment in self._segments)

    def add(self, tokens: Tokens) -> None:
        """Count the adjacent words of each text."""
        blocks = [(n, *block) for n, block in enumerate(blocks_of(tokens.offsets, _BLOCK))]
        counts = np.zeros((len(blocks), BUCKETS), np.int64)
        in_threads(lambda n, a, b: _pair_histogram(tokens.keys, tokens.offsets, a, b, counts[n]), blocks)
        bounds, places = _bounds(counts)
        rows = np.empty((int(bounds[-1]), 2), np.uint64)
        in_threads(lambda n, a, b: _pair_scatter(tokens.keys, tokens.offsets, a, b, places[n], rows), blocks)
        self._segments.append(_Segment(rows, bounds))

    def slice(self, number: int, floor: int = 1) -> PairSlice:
        """What a bucket counted ``floor`` times or more, in order of keys; the buckets are in that order too."""
        spans = [(segment.rows, *segment.bounds[number : number + 2].tolist()) for segment in self._segments]
        rows = np.concatenate([np.empty((0, 2), np.uint64), *(rows[low:high] for rows, low, high in spans)])
        # one more than rows, for a slot is written before it is known to count
        keys, firsts = np.empty(len(rows) + 1, np.uint64), np.empty(len(rows), np.uint64)
        counts = np.empty(len(rows), np.int64)
        kept = _count_bucket(rows, floor, keys, counts, firsts)
        return PairSlice(keys[:kept].copy(), counts[:kept].copy(), firsts[:kept].copy())

    def sample(self) -> Offsets:
        """The counts of one bigram in SAMPLE, int64; hashed keys make it a fair one."""
        numbers = [(number,) for number in range(BUCKETS // SAMPLE)]
        return np.concatenate([part.counts for part in in_threads(self.slice, numbers)])

    def clear(self) -> None:
        """Forget everything."""
        self._segments = []
