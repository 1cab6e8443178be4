"""Counts that do not fit the memory: tables written out as sorted runs, merged by ranges of keys.

A run is a folder of raw arrays in order of keys. The merge cuts the space of keys into ranges that are small
enough for the budget, reads each range of every run and adds up equal keys; so its result is exact and comes
in order of keys, as that of tables in memory does. Disk: 24 bytes for each distinct bigram of a run, and for
each distinct word 24 and its letters.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int64
from sprachbund.ngrams.pair_tables import PairTables
from sprachbund.ngrams.slices import PairSlice, WordSlice
from sprachbund.ngrams.strings import copy_strings
from sprachbund.ngrams.word_tables import WordTables
from sprachbund.threads import in_threads

__all__ = [
    "Store", "merge_pairs", "merge_words", "pair_store", "parted", "parts_for", "rows_of", "word_store",
]  # fmt: skip

_MERGING = 120  # bytes that a row takes while its range is merged
_MOST_RANGES = 1 << 16

Part = TypeVar("Part", WordSlice, PairSlice)
Held = TypeVar("Held", WordTables, PairTables)
Range = tuple[Int64, Int64]


class Store(Generic[Held, Part]):
    """Tables, and the runs that they were spilled to.

    Args:
        folder: for the runs, made when the first is written.
        merge: reads the rows low[i] to high[i] of each run i and adds up what has the same key.
    """

    def __init__(
        self,
        tables: Held,
        folder: Path,
        merge: Callable[[Sequence[Path], Range], Part],
    ) -> None:
        self.tables: Held = tables
        self.runs: list[Path] = []
        self._folder = folder
        self._merge: Callable[[Sequence[Path], Range], Part] = merge

    @property
    def spilled(self) -> bool:
        """Whether there are runs."""
        return bool(self.runs)

    def spill(self) -> None:
        """Write the tables out as a run and empty them."""
        if not len(self.tables):
            return
        run = self._folder / f"run-{len(self.runs):05}"
        run.mkdir(parents=True)
        before = 0
        for part in self._held(lambda: 1):
            columns: dict[str, npt.NDArray[Any]] = {"keys": part.keys, "counts": part.counts}
            if isinstance(part, WordSlice):
                columns |= {"ends": part.offsets[1:] + before, "data": part.data}
                before += len(part.data)
            else:
                columns["firsts"] = part.firsts
            for name, column in columns.items():
                with (run / name).open("ab") as file:
                    column.tofile(file)
        self.tables.clear()
        self.runs.append(run)

    def slices(self, memory: int, floor: Callable[[], int] = lambda: 1) -> Iterator[Part]:
        """All that was counted, in order of keys.

        Args:
            memory: bytes that merging what was spilled may take.
            floor: a count that may rise on the way; what has a lower one may be left out.
        """
        if not self.runs:
            yield from self._held(floor)
            return
        self.spill()
        threads = numba.get_num_threads()
        ranges = _ranges(self.runs, memory // threads)
        for at in range(0, len(ranges), threads):
            yield from in_threads(self._merge, [(self.runs, r) for r in ranges[at : at + threads]])

    def _held(self, floor: Callable[[], int]) -> Iterator[Part]:
        """What the tables hold, some parts at a time."""
        step = max(numba.get_num_threads(), self.tables.parts // 64)
        for at in range(0, self.tables.parts, step):
            numbers = range(at, min(at + step, self.tables.parts))
            yield from in_threads(self.tables.slice, [(number, floor()) for number in numbers])


def word_store(folder: Path) -> "Store[WordTables, WordSlice]":
    """Counts of strings that may spill to ``folder``."""
    return Store(WordTables(), folder, merge_words)


def pair_store(folder: Path) -> "Store[PairTables, PairSlice]":
    """Counts of bigrams that may spill to ``folder``."""
    return Store(PairTables(), folder, merge_pairs)


def _ranges(runs: Sequence[Path], memory: int) -> list[Range]:
    """The rows of each run, [low, high), that belong to one range of keys after another."""
    return parted(runs, min(_MOST_RANGES, parts_for(rows_of(runs), memory)))


def rows_of(runs: Sequence[Path]) -> int:
    """Rows of all runs."""
    return sum((run / "keys").stat().st_size // 8 for run in runs)


def parts_for(rows: int, memory: int) -> int:
    """Into how many ranges of keys rows are to be parted, so that merging one takes no more than so many bytes."""
    # hashed keys spread evenly; a quarter more for chance
    return max(1, -(-rows * _MERGING * 5 // (4 * max(memory, 1))))


def parted(runs: Sequence[Path], count: int) -> list[Range]:
    """The rows of each run, [low, high), in each of ``count`` ranges of the first bits of keys, all as wide."""
    keys = [np.memmap(run / "keys", np.uint64, "r") for run in runs]
    marks = np.array([(i << 64) // count for i in range(1, count)], np.uint64)
    cuts = np.stack([np.concatenate(([0], np.searchsorted(k, marks), [len(k)])) for k in keys], axis=1)
    return [(cuts[i], cuts[i + 1]) for i in range(count)]


def _read(path: Path, dtype: Any, low: int, high: int) -> npt.NDArray[Any]:
    """Elements [low, high) of a raw array: read, not mapped, so that they leave the memory when they go."""
    return np.fromfile(path, dtype, high - low, offset=low * np.dtype(dtype).itemsize)


def _grouped(runs: Sequence[Path], rows: Range) -> tuple[Any, Any, Any]:
    """The distinct keys of a range in order, their counts, and where each stood first in the runs' rows."""
    spans = list(zip(runs, *(bound.tolist() for bound in rows), strict=True))
    keys = np.concatenate([_read(run / "keys", np.uint64, low, high) for run, low, high in spans])
    counts = np.concatenate([_read(run / "counts", np.int64, low, high) for run, low, high in spans])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    begins = np.flatnonzero(np.concatenate((np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1])))
    sums = np.add.reduceat(counts[order], begins) if len(keys) else counts
    return keys[begins], sums, order[begins]


def merge_pairs(runs: Sequence[Path], rows: Range) -> PairSlice:
    keys, counts, chosen = _grouped(runs, rows)
    spans = zip(runs, *(bound.tolist() for bound in rows), strict=True)
    firsts = np.concatenate([_read(run / "firsts", np.uint64, low, high) for run, low, high in spans])
    return PairSlice(keys, counts, firsts[chosen])


def merge_words(runs: Sequence[Path], rows: Range) -> WordSlice:
    keys, counts, chosen = _grouped(runs, rows)
    starts, lengths, data = [], [], []
    before = 0
    for run, low, high in zip(runs, *(bound.tolist() for bound in rows), strict=True):
        ends = _read(run / "ends", np.int64, max(low - 1, 0), high)
        ends = ends if low else np.concatenate((np.zeros(1, np.int64), ends))
        data.append(_read(run / "data", np.uint8, int(ends[0]), int(ends[-1])))
        starts.append(ends[:-1] - ends[0] + before)
        lengths.append(np.diff(ends))
        before += len(data[-1])
    places, sizes = np.concatenate(starts)[chosen], np.concatenate(lengths)[chosen]
    offsets, strings = copy_strings(np.concatenate(data), places, sizes)
    return WordSlice(keys, counts, offsets, strings)
