"""Which n-grams get a row: those with the highest counts among all that were counted."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int8, Int64, Keys, Offsets
from sprachbund.errors import CapacityError
from sprachbund.kernels import njit
from sprachbund.ngrams.parting import add_first_bits
from sprachbund.ngrams.slices import SAMPLE
from sprachbund.threads import in_threads

__all__ = ["Selection", "likely_floor"]

_HIGHEST = 65_535  # counts above are rare and sorted by themselves
_NTH_BITS = 12
_PARTS_AT_A_TIME = 32


def likely_floor(sample: Offsets, min_count: int, max_size: int) -> int:
    """A count that more n-grams reach than are wanted, so that most of the others need not be looked at."""
    wanted = int(1.2 * max_size / SAMPLE) + 1
    if wanted >= len(sample):
        return min_count
    return max(min_count, int(np.partition(sample, len(sample) - wanted)[len(sample) - wanted]))


class Selection:
    """The rows with the highest counts among all that are added; of equal counts the smallest keys."""

    def __init__(self, min_count: int, max_size: int | None, room: int) -> None:
        self._floor = min_count
        self._highest = np.uint64(2**64 - 1)  # key that is kept at the floor
        self._max_size = max_size
        self._room = room
        self._parts: list[tuple[npt.NDArray[Any], ...]] = []
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def floor(self) -> int:
        """No count below this is kept any more."""
        return self._floor

    def add(self, keys: Keys, counts: Offsets, orders: int | Int8, firsts: Keys | None = None) -> None:
        """Consider distinct n-grams; ``firsts`` are the keys of the first words of bigrams."""
        kept = self._rows(keys, counts)
        orders = orders[kept] if isinstance(orders, np.ndarray) else np.full(len(kept), orders, np.int8)
        first = np.zeros(len(kept), np.uint64) if firsts is None else firsts[kept]
        self._parts.append((keys[kept], counts[kept], orders, first))
        self._held += len(kept)
        if self._max_size is not None and self._held > 2 * self._max_size:
            self._cut(self._max_size)
        if min(self._held, self._max_size or self._held) > self._room:
            raise CapacityError(
                f"the vocabulary has more rows than the memory holds: room for {self._room:,}, found "
                f"{self._held:,} or more; set max_size to {self._room:,} or less, raise min_count, or allow "
                "more memory"
            )

    def _cut(self, size: int) -> None:
        """Keep ``size`` rows."""
        if self._held <= size:
            return
        self._floor = _nth_count([part[1] for part in self._parts], size)
        above = sum(int(np.count_nonzero(part[1] > self._floor)) for part in self._parts)
        ties = _each(lambda keys, counts, *_: keys[counts == self._floor], self._parts)
        self._highest = _nth_key(np.concatenate(ties), size - above)
        self._parts = _each(self._kept, self._parts)
        self._held = sum(len(part[0]) for part in self._parts)

    def _kept(self, keys: Keys, counts: Offsets, *others: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
        """The rows of a part that are not below the edge."""
        kept = self._rows(keys, counts)
        return tuple(column[kept] for column in (keys, counts, *others))

    def _rows(self, keys: Keys, counts: Offsets) -> Int64:
        """Which rows are not below the edge."""
        rows = np.empty(len(keys) + 1, np.int64)
        return rows[: _not_below(keys, counts, self._floor, self._highest, rows)]

    def result(self) -> tuple[Keys, Offsets, Int8, Keys]:
        """Keys, counts, orders and first words, the highest count first, then the smallest key."""
        self._cut(self._max_size or self._held)
        columns = [np.concatenate(column) for column in zip(*self._parts, strict=True)]
        keys, counts = columns[:2]
        order = np.empty(len(keys), np.int64)
        _by_count(counts, np.argsort(keys, kind="stable"), np.zeros(_HIGHEST + 2, np.int64), order)
        high = int((counts >= _HIGHEST).sum())
        order[:high] = order[:high][np.argsort(-counts[order[:high]], kind="stable")]
        keys, counts, orders, firsts = in_threads(lambda column: column[order], [(column,) for column in columns])
        return keys, counts, orders, firsts


def _each(work: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call ``work`` on each of many small parts, some to a thread at a time."""
    groups = [(parts[at : at + _PARTS_AT_A_TIME],) for at in range(0, len(parts), _PARTS_AT_A_TIME)]
    return list(chain.from_iterable(in_threads(lambda group: [work(*part) for part in group], groups)))


@njit(cache=True, nogil=True)
def _not_below(keys, counts, floor, highest, rows):  # type: ignore[no-untyped-def]
    """Write to ``rows`` which rows have a higher count, or that and no higher key; their number."""
    kept = 0
    for row in range(len(keys)):
        # no branch, for the processor cannot guess it; so there is room for one row more
        rows[kept] = row
        kept += (counts[row] > floor) | ((counts[row] == floor) & (keys[row] <= highest))
    return kept


@njit(cache=True, nogil=True)
def _add_counts(counts, histogram):  # type: ignore[no-untyped-def]
    """Add to ``histogram`` how often each count occurs, higher ones than it has among its last."""
    for count in counts:
        histogram[min(count, len(histogram) - 1)] += 1


@njit(cache=True, nogil=True)
def _by_count(counts, rows, ends, order):  # type: ignore[no-untyped-def]
    """Sort ``rows`` to ``order`` by falling count, equal ones as they stand; above _HIGHEST all are equal."""
    for count in counts:
        ends[_HIGHEST - min(count, _HIGHEST) + 1] += 1
    for rank in range(1, len(ends)):
        ends[rank] += ends[rank - 1]
    for row in rows:
        rank = _HIGHEST - min(counts[row], _HIGHEST)
        order[ends[rank]] = row
        ends[rank] += 1


def _nth_count(parts: Sequence[Offsets], size: int) -> int:
    """The count that ``size`` rows reach and no more than those above it and its own; there are that many rows."""
    histogram = np.zeros(_HIGHEST + 1, np.int64)
    for counts in parts:
        _add_counts(counts, histogram)
    reached = np.cumsum(histogram[::-1])[::-1]
    floor = int(np.flatnonzero(reached >= size)[-1])
    if floor < _HIGHEST:
        return floor
    highest = np.concatenate([counts[counts >= _HIGHEST] for counts in parts])
    return int(np.partition(highest, len(highest) - size)[len(highest) - size])


def _nth_key(keys: Keys, number: int) -> np.uint64:
    """The key that ``number`` keys, 1 or more, do not pass; hashes spread evenly, so their first bits find it."""
    histogram = np.zeros(1 << _NTH_BITS, np.int64)
    add_first_bits(keys, _NTH_BITS, histogram)
    reached = np.cumsum(histogram)
    first = int(np.searchsorted(reached, number))
    near = keys[keys >> np.uint64(64 - _NTH_BITS) == np.uint64(first)]
    place = number - 1 - int(reached[first] - histogram[first])
    nth: np.uint64 = np.partition(near, place)[place]
    return nth
