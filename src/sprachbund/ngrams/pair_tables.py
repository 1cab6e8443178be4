"""Exact counts of bigrams in memory, on every core, parted by the first bits of a key.

Most bigrams are rare, and a table of them all misses the cache with each; so their keys are only parted into many
buckets, and a bucket is counted, in a table that fits the cache, when it is asked for.

The price is 16 bytes of memory for each occurrence; ``spill.py`` writes sorted runs to disk before that passes a
budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Keys, Offsets
from sprachbund.kernels import njit
from sprachbund.ngrams.mixing import PAIR64, mixed_key
from sprachbund.ngrams.parting import BLOCK, bounds_of
from sprachbund.ngrams.slices import SAMPLE, PairSlice
from sprachbund.ngrams.tokens import Tokens
from sprachbund.threads import blocks_of, in_threads

__all__ = ["BUCKETS", "PairTables"]

BUCKET_BITS = 10
BUCKETS = 1 << BUCKET_BITS


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
        blocks = [(n, *block) for n, block in enumerate(blocks_of(tokens.offsets, BLOCK))]
        counts = np.zeros((len(blocks), BUCKETS), np.int64)
        in_threads(lambda n, a, b: _pair_histogram(tokens.keys, tokens.offsets, a, b, counts[n]), blocks)
        bounds, places = bounds_of(counts)
        rows = np.empty((int(bounds[-1]), 2), np.uint64)
        in_threads(lambda n, a, b: _pair_scatter(tokens.keys, tokens.offsets, a, b, places[n], rows), blocks)
        self._segments.append(_Segment(rows, bounds))

    def slice(self, number: int, floor: int = 1) -> PairSlice:
        """What a bucket counted ``floor`` times or more, in order of keys; the buckets are in that order too."""
        spans = [(segment.rows, *segment.bounds[number : number + 2].tolist()) for segment in self._segments]
        rows = _candidates([rows[low:high] for rows, low, high in spans], floor)
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


@dataclass(frozen=True)
class _Segment:
    """Bigrams by bucket: uint64 [n, 2], the key and that of the first word; bucket b is bounds[b] to bounds[b + 1]."""

    rows: Keys
    bounds: Offsets


def _candidates(spans: Sequence[Keys], floor: int) -> Keys:
    """Of the rows of a bucket, in order, all whose keys occur ``floor`` times or more, and some besides.

    They are counted by some bits of the key, a byte each: most bigrams occur once, and need no place in a table then.
    """
    if floor <= 1:
        return np.concatenate([np.empty((0, 2), np.uint64), *spans])
    total = sum(map(len, spans))
    seen = np.zeros(1 << max(1, 4 * total - 1).bit_length(), np.uint8)
    limit = np.uint8(min(floor, 255))
    for rows in spans:
        _count_roughly(rows, limit, seen)
    # one more, for a row is written before it is known to stay
    kept, count = np.empty((total + 1, 2), np.uint64), 0
    for rows in spans:
        count = _keep_frequent(rows, limit, seen, kept, count)
    return kept[:count]


@njit(cache=True, nogil=True)
def _count_roughly(rows, limit, seen):  # type: ignore[no-untyped-def]
    """Count keys up to a limit by their last bits; ``seen`` has a power of two of places."""
    mask = np.uint64(len(seen) - 1)
    for i in range(len(rows)):
        place = np.int64(rows[i, 0] & mask)
        seen[place] += np.uint8(seen[place] < limit)


@njit(cache=True, nogil=True)
def _keep_frequent(rows, limit, seen, kept, count):  # type: ignore[no-untyped-def]
    """Write the rows that were seen so often to ``kept`` from ``count`` on; how many it has then."""
    mask = np.uint64(len(seen) - 1)
    for i in range(len(rows)):
        kept[count, 0] = rows[i, 0]
        kept[count, 1] = rows[i, 1]
        count += np.int64(seen[np.int64(rows[i, 0] & mask)] >= limit)
    return count


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
