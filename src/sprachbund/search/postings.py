"""Which passages have an n-gram, and how often: words and character n-grams in one list, sorted by their keys.

A posting is 6 bytes: the passage and a count. What surrounds a passage is not stored; it is added up when a query
comes (`scoring`). Two lists are merged by copying, so a segment is built from batches in bounded memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64, Keys, UInt16
from sprachbund.errors import FolderError
from sprachbund.files import read_array, write_array
from sprachbund.kernels import njit
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.ranking.bm25 import build_index
from sprachbund.threads import over

MOST = 65_535
"""A count above is kept as this."""


@dataclass(frozen=True)
class Postings:
    """The n-grams of some passages.

    Attributes:
        keys: uint64 [n-grams], rising. offsets: int64 [n-grams + 1].
        passages: int32 [postings], rising for each n-gram. counts: uint16 of the same places.
    """

    keys: Keys
    offsets: Int64
    passages: Int32
    counts: UInt16

    def find(self, keys: Keys) -> Int64:
        """The place of each key, -1 where no passage has it: int64 [keys]."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, place, -1)

    def count(self, key: int) -> int:
        """How many passages have an n-gram."""
        (place,) = self.find(np.array([key], np.uint64))
        return int(self.offsets[place + 1] - self.offsets[place]) if place >= 0 else 0


NAMES = ("keys", "offsets", "passages", "counts")
_TYPES = (np.uint64, np.int64, np.int32, np.uint16)


def write_postings(folder: Path, postings: Postings) -> None:
    """Write a file an array."""
    for name in NAMES:
        write_array(folder / f"{name}.npy", getattr(postings, name))


def read_postings(folder: Path) -> Postings:
    """Open what `write_postings` wrote, memory-mapped.

    Raises:
        FolderError: an array is missing or damaged.
    """
    keys, offsets, passages, counts = (
        read_array(folder / f"{name}.npy", dtype=kind, dimensions=1) for name, kind in zip(NAMES, _TYPES, strict=True)
    )
    if len(offsets) != len(keys) + 1 or len(passages) != len(counts) or (len(keys) and offsets[-1] != len(passages)):
        raise FolderError(f"{folder}: damaged, its postings do not fit together; build the index anew")
    return Postings(keys, offsets, passages, counts)


def from_bags(bags: Bags, keys: Keys) -> Postings:
    """The postings of bags whose weights are counts; ``keys`` by id."""
    index = build_index(bags, len(keys))
    ids = np.flatnonzero(index.column >= 0)
    ids = ids[np.argsort(keys[ids], kind="stable")]
    columns = index.column[ids]
    sizes = np.diff(index.offsets)[columns]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    places = np.arange(offsets[-1]) + np.repeat(index.offsets[columns] - offsets[:-1], sizes)
    counts = np.minimum(index.frequencies[places], MOST).astype(np.uint16)
    return Postings(keys[ids], offsets, index.documents[places], counts)


def merge(parts: Sequence[Postings], passages: Sequence[int]) -> Postings:
    """Postings of passages that follow one another; ``passages`` says how many each part has."""
    if len(parts) == 1:
        return parts[0]
    every = np.concatenate([part.keys for part in parts]) if parts else np.empty(0, np.uint64)
    keys, inverse = np.unique(every, return_inverse=True)
    sizes = np.concatenate([np.diff(part.offsets) for part in parts]) if parts else np.empty(0, np.int64)
    offsets = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(np.bincount(inverse, sizes, len(keys)).astype(np.int64), out=offsets[1:])
    merged = Postings(keys, offsets, np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.uint16))
    cursor, low, before = offsets[:-1].copy(), 0, 0
    for part, count in zip(parts, passages, strict=True):
        high = low + len(part.keys)
        _copy(
            part.offsets, part.passages, part.counts, inverse[low:high], before, cursor, merged.passages, merged.counts
        )
        low, before = high, before + count
    return merged


def merge_features(parts: Sequence[Postings]) -> Postings:
    """Postings of the same passages whose keys are distinct, in one list."""
    keys = np.concatenate([part.keys for part in parts])
    order = np.argsort(keys, kind="stable")
    shifts = np.cumsum([0, *(len(part.passages) for part in parts[:-1])])
    starts = np.concatenate([part.offsets[:-1] + shift for part, shift in zip(parts, shifts, strict=True)])[order]
    sizes = np.concatenate([np.diff(part.offsets) for part in parts])[order]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
    passages = np.concatenate([part.passages for part in parts])[places]
    return Postings(keys[order], offsets, passages, np.concatenate([part.counts for part in parts])[places])


@njit(cache=True, nogil=True)
def _sound(places, offsets, passages, count):  # type: ignore[no-untyped-def]
    for place in places:
        begin, end = offsets[place], offsets[place + 1]
        if begin < 0 or end < begin or end > len(passages):
            return False
        before = np.int64(-1)
        for at in range(begin, end):
            passage = np.int64(passages[at])
            if passage <= before or passage >= count:
                return False
            before = passage
    return True


def are_sound(postings: Postings, places: Int64, count: int) -> bool:
    """Whether the postings of some n-grams are in the file, and rise, and are passages of which there are ``count``.

    The kernels that walk them believe it. Looking costs what walking them once costs.
    """
    return bool(_sound(places, postings.offsets, postings.passages, count))


@njit(cache=True, nogil=True)
def _copy(offsets, passages, counts, targets, before, cursor, out_passages, out_counts):  # type: ignore[no-untyped-def]
    for number in range(len(targets)):
        place = cursor[targets[number]]
        for at in range(offsets[number], offsets[number + 1]):
            out_passages[place] = passages[at] + before
            out_counts[place] = counts[at]
            place += 1
        cursor[targets[number]] = place


@njit(cache=True, nogil=True)
def _reach(offsets, passages, counts, low, high, sections, fading, across, reached, most, held):  # type: ignore[no-untyped-def]
    span = len(fading) - 1
    for number in range(len(offsets) - 1):
        head = tail = np.int64(0)
        count = 0
        largest = np.float32(0)
        begin, end = offsets[number], offsets[number + 1]
        for at in range(begin, end + 1):
            if at < end:
                p = np.int64(passages[at])
                first, stop = max(np.int64(low[p]), p - span), min(np.int64(high[p]), p + span + 1)
            else:
                p, first, stop = np.int64(-1), np.int64(len(low)), np.int64(len(low))
            for j in range(head, min(tail, first)):
                if held[j] > 0:
                    count += 1
                    largest = max(largest, held[j])
                    held[j] = 0
            head, tail = first, max(tail, stop)
            if p >= 0:
                for j in range(first, stop):
                    weight = fading[abs(p - j)]
                    if sections[p] != sections[j]:
                        weight *= across
                    held[j] += np.float32(counts[at]) * weight
        reached[number] = count
        most[number] = largest


def reach(
    postings: Postings, low: Int32, high: Int32, sections: Int32, fading: Float32, across: float
) -> tuple[Int32, Float32]:
    """For each n-gram how many passages have it within their reach, and the most that one counts of it.

    Returns:
        int32 [n-grams] and float32 [n-grams].
    """
    reached = np.empty(len(postings.keys), np.int32)
    most = np.empty(len(postings.keys), np.float32)
    held = np.zeros(len(low), np.float32)
    _reach(
        postings.offsets, postings.passages, postings.counts, low, high, sections, fading, np.float32(across),
        reached, most, held,
    )  # fmt: skip
    return reached, most


@njit(cache=True, nogil=True)
def _sum_around(begin, end, values, low, high, sections, fading, across, result):  # type: ignore[no-untyped-def]
    span = len(fading) - 1
    for j in range(begin, end):
        target = result[j]
        target[:] = 0
        for p in range(max(low[j], j - span), min(high[j], j + span + 1)):
            weight = fading[abs(p - j)]
            if sections[p] != sections[j]:
                weight *= across
            if weight > 0:
                for d in range(values.shape[1]):
                    target[d] += weight * values[p, d]


def sum_around(
    values: Float32, low: Int32, high: Int32, sections: Int32, fading: Float32, across: float, result: Float32
) -> None:
    """Each passage with what surrounds it: ``values`` float32 [passages, n] summed into ``result`` of that shape."""
    over(_sum_around, len(values), values, low, high, sections, fading, np.float32(across), result)
