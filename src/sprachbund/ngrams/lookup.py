"""From 64-bit keys to rows: open addressing in one array that can be memory-mapped.

A slot is 16 bytes, the key and the row side by side, so that a look-up costs one miss of the cache as a rule, and
the slots of the keys to come are asked for while one is looked up; 32 bytes a key in all. Where memory is dearer
than time, a sorted array and a binary search take a quarter of the room and many times as long.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Int32, Keys, UInt64
from sprachbund.errors import FolderError
from sprachbund.kernels import njit
from sprachbund.ngrams.prefetch import prefetch
from sprachbund.threads import in_threads

__all__ = ["ABSENT", "Lookup"]

ABSENT = -1
_FILL = 0.5  # of the slots: a key is 1.5 probes from its home, an empty slot 2.5
_BLOCK = 1 << 16  # keys that a thread looks up at a time
_AHEAD = 64  # keys whose slots are on their way from memory


@dataclass(frozen=True)
class Lookup:
    """A table of distinct keys.

    Attributes:
        slots: uint64 [slots, 2]; a key and its row, key 0 where the slot is empty.
        size: rows that there are; a slot that names another is damage, and so is a table without an empty slot.
        place: where the table was read from, for messages.
    """

    slots: UInt64
    size: int
    place: str = "the look-up table"

    @staticmethod
    def of(keys: Keys) -> "Lookup":
        """The table that gives for keys[i] the row i; keys are distinct and not 0."""
        slots = np.zeros((int(len(keys) / _FILL) + 8, 2), np.uint64)
        _build(np.ascontiguousarray(keys, np.uint64), slots)
        return Lookup(slots, len(keys))

    def rows(self, keys: Keys) -> Int32:
        """The row of each key, int32 [n]; ABSENT (-1) where there is none.

        Raises:
            FolderError: the table is damaged: a row that is none, or nowhere an end of the search.
        """
        keys = np.ascontiguousarray(keys, np.uint64)
        rows = np.empty(len(keys), np.int32)
        blocks = [(a, min(a + _BLOCK, len(keys))) for a in range(0, len(keys), _BLOCK)]
        sound = in_threads(lambda a, b: _find(self.slots, keys[a:b], self.size, rows[a:b]), blocks)
        if not all(sound):
            raise FolderError(f"{self.place}: damaged, its rows are none of {self.size:,}; make it anew")
        return rows


@njit(cache=True, nogil=True, inline="always")
def _home(key: np.uint64, capacity: np.int64) -> np.int64:
    return np.int64(((key >> np.uint64(32)) * np.uint64(capacity)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def _build(keys, slots):  # type: ignore[no-untyped-def]
    capacity = len(slots)
    for row in range(len(keys)):
        if row + _AHEAD < len(keys):
            prefetch(slots, _home(keys[row + _AHEAD], capacity))
        slot = _home(keys[row], capacity)
        while slots[slot, 0] != np.uint64(0):
            slot = slot + 1 if slot + 1 < capacity else 0
        slots[slot, 0] = keys[row]
        slots[slot, 1] = np.uint64(row)


@njit(cache=True, nogil=True)
def _find(slots, keys, size, rows):  # type: ignore[no-untyped-def]
    """Fill ``rows``; whether the table is sound, as far as it was seen."""
    capacity = len(slots)
    for i in range(len(keys)):
        if i + _AHEAD < len(keys):
            ahead = _home(keys[i + _AHEAD], capacity)
            prefetch(slots, ahead)
            prefetch(slots, ahead + 2)  # probes may pass on to the next line of the cache
        key = keys[i]
        slot = _home(key, capacity)
        home = slot
        held = slots[slot, 0]
        while held != key and held != np.uint64(0):
            slot = slot + 1 if slot + 1 < capacity else 0
            if slot == home:
                return False
            held = slots[slot, 0]
        if held == np.uint64(0):  # key 0 itself is in no table
            rows[i] = ABSENT
        elif slots[slot, 1] < np.uint64(size):
            rows[i] = np.int32(slots[slot, 1])
        else:
            return False
    return True
