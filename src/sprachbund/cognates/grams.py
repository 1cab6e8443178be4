"""A table of letter runs: which four letters of one language stand where the other has which.

Learned from the pairs of a lexicon as IBM model 1 learns words from sentences (Brown et al. 1993): a run of the right
word comes from one of those of the left word; EM finds which. What stands at the same place of both words is likelier
by exp(-near |i/n - j/m|), as in fast_align (Dyer, Chahuneau & Smith 2013), for runs that always come together, as
*abez* and *beza*, could not be told apart without it: the table is half as large and finds more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Float64, Int64, Offsets, UInt32
from sprachbund.errors import SettingsError
from sprachbund.kernels import njit

__all__ = ["ORDER", "GramTable", "gram_key", "gram_text", "grams_of", "learn_grams"]

ORDER = 4
_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class GramTable:
    """The likeliest runs of the other language for each run of four letters, a word's edges being blanks.

    Attributes:
        keys: uint32 [n], rising: the four ASCII bytes, the first in the highest place.
        offsets: int64 [n + 1]; the targets of key k are ``targets[offsets[k]:offsets[k + 1]]``.
        targets: uint32 [m], the likeliest first.
        probabilities: float32 [m], above 0; those of a key are at most 1 in sum.

    Raises:
        SettingsError: the arrays do not fit each other.
    """

    keys: UInt32
    offsets: Offsets
    targets: UInt32
    probabilities: Float32

    def __post_init__(self) -> None:
        sizes = np.diff(self.offsets)
        shaped = len(self.offsets) == len(self.keys) + 1 and len(self.targets) == len(self.probabilities)
        if not shaped or self.offsets[0] != 0 or self.offsets[-1] != len(self.targets) or np.any(sizes < 1):
            raise SettingsError(f"expected a table of {len(self.keys):,} runs, found arrays that do not fit it")
        if np.any(np.diff(self.keys.astype(np.int64)) <= 0):
            raise SettingsError("expected a table whose keys rise, found others")
        sums = np.add.reduceat(self.probabilities.astype(np.float64), self.offsets[:-1]) if len(sizes) else np.zeros(0)
        if not np.all(self.probabilities > 0) or np.any(sums > 1 + _TOLERANCE):
            raise SettingsError("expected probabilities above 0 that are at most 1 in sum, found others")

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        return f"GramTable({len(self.keys):,} runs to {len(self):,})"

    @staticmethod
    def empty() -> "GramTable":
        """A table that knows nothing."""
        return GramTable(np.zeros(0, np.uint32), np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))

    def translate(self, keys: UInt32) -> tuple[Int64, UInt32, Float32]:
        """What stands for each key, where the table knows it.

        Args:
            keys: uint32 [asked], in any order.

        Returns:
            Places int64 [found] in ``keys``, rising; targets uint32 [found]; probabilities float32 [found].
        """
        asked = np.asarray(keys, np.uint32)
        if not len(self.keys) or not len(asked):
            return np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32)
        rows = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        known = np.flatnonzero(self.keys[rows] == asked)
        begins, sizes = self.offsets[rows[known]], np.diff(self.offsets)[rows[known]]
        at = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(begins, sizes)
        return np.repeat(known, sizes), self.targets[at], self.probabilities[at]

    def of(self, gram: str) -> list[tuple[str, float]]:
        """What stands for a run, written out: ``of("cion")`` is [("cao ", 0.9), ...]."""
        _, targets, probabilities = self.translate(np.array([gram_key(gram)], np.uint32))
        return [(gram_text(int(key)), float(p)) for key, p in zip(targets, probabilities, strict=True)]

    def frame(self) -> pl.DataFrame:
        """The table in rows: ``key``, ``target`` and ``probability``, in its order."""
        keys = np.repeat(self.keys, np.diff(self.offsets))
        return pl.DataFrame({"key": keys, "target": self.targets, "probability": self.probabilities})

    @staticmethod
    def of_frame(frame: pl.DataFrame) -> "GramTable":
        """The table that `frame` gave.

        Raises:
            SettingsError: it is none.
        """
        rows = frame["key"].to_numpy()
        if np.any(np.diff(rows.astype(np.int64)) < 0):
            raise SettingsError("expected a table whose keys rise, found others")
        keys, begins = np.unique(rows, return_index=True)
        offsets = np.append(begins, len(rows)).astype(np.int64)
        probabilities = frame["probability"].to_numpy().astype(np.float32)
        return GramTable(keys.astype(np.uint32), offsets, frame["target"].to_numpy().astype(np.uint32), probabilities)


def gram_key(gram: str) -> int:
    """The key of a run of four plain letters or blanks.

    Raises:
        SettingsError: it is none.
    """
    if len(gram) != ORDER or not gram.isascii():
        raise SettingsError(f"expected a run of {ORDER} plain letters, found {gram!r}")
    return int.from_bytes(gram.encode("ascii"), "big")


def gram_text(key: int) -> str:
    """The run of a key."""
    return key.to_bytes(ORDER, "big").decode("latin-1")


def grams_of(plain: Sequence[str], letters: int = ORDER) -> tuple[UInt32, Offsets]:
    """The runs of words in plain letters with a blank at both ends: keys uint32, offsets int64 [words + 1]."""
    text = np.frombuffer("".join(f" {word} " for word in plain).encode("ascii"), np.uint8).astype(np.uint32)
    sizes = np.array([max(0, len(word) + 3 - letters) for word in plain], np.int64)
    ends = np.cumsum([len(word) + 2 for word in plain], dtype=np.int64)
    begins = ends - [len(word) + 2 for word in plain]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    at = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes) + np.repeat(begins, sizes)
    keys = np.zeros(len(at), np.uint32)
    for place in range(letters):
        keys = keys << 8 | text[at + place]
    return keys, offsets


def learn_grams(
    left: Sequence[str],
    right: Sequence[str],
    *,
    rounds: int = 5,
    most: int = 5,
    least: float = 0.03,
    near: float = 4.0,
    letters: int = ORDER,
) -> GramTable:
    """The table from left to right of some pairs of words in plain letters.

    Args:
        left, right: as many words of each; pair n is ``left[n]`` and ``right[n]``.
        rounds: of EM; the first begins from equal probabilities.
        most, least: targets of a run, and the probability of each, that are kept.
        near: how much likelier the same place is; 0: IBM model 1.
        letters: of a run, at most four; the key of a shorter one has zeros in its first bytes.
    """
    ours, our_offsets = grams_of(left, letters)
    theirs, their_offsets = grams_of(right, letters)
    keys, rows = np.unique(ours, return_inverse=True)
    targets, columns = np.unique(theirs, return_inverse=True)
    cells = _cells(rows.astype(np.int64), our_offsets, columns.astype(np.int64), their_offsets, len(targets))
    if not len(cells):
        return GramTable.empty()
    known, place = np.unique(cells, return_inverse=True)
    row, column = known // len(targets), known % len(targets)
    values = np.full(len(known), 1.0)
    for _ in range(rounds):
        counts: Float64 = _expected(place, our_offsets, their_offsets, values, near)
        values = counts / np.bincount(row, counts, len(keys))[row]
    order = np.lexsort((targets[column], -values, row))
    row, column, values = row[order], column[order], values[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    kept = (rank < most) & (values >= least)
    row, column, values = row[kept], column[kept], values[kept]
    used, begins = np.unique(row, return_index=True)
    offsets = np.append(begins, len(row)).astype(np.int64)
    return GramTable(keys[used], offsets, targets[column], values.astype(np.float32))


@njit(cache=True, nogil=True)
def _cells(rows, our_offsets, columns, their_offsets, width):  # type: ignore[no-untyped-def]
    """Every run of a word with every one of its partner, as one number, pair after pair."""
    size = 0
    for pair in range(len(our_offsets) - 1):
        size += (our_offsets[pair + 1] - our_offsets[pair]) * (their_offsets[pair + 1] - their_offsets[pair])
    cells = np.empty(size, np.int64)
    at = 0
    for pair in range(len(our_offsets) - 1):
        for j in range(their_offsets[pair], their_offsets[pair + 1]):
            for i in range(our_offsets[pair], our_offsets[pair + 1]):
                cells[at] = rows[i] * width + columns[j]
                at += 1
    return cells


@njit(cache=True, nogil=True)
def _expected(place, our_offsets, their_offsets, values, near):  # type: ignore[no-untyped-def]
    """How often each cell is expected: each run of the right word comes from one of the left word's."""
    weights = np.empty(256)
    counts = np.zeros(len(values))
    at = 0
    for pair in range(len(our_offsets) - 1):
        size = our_offsets[pair + 1] - our_offsets[pair]
        others = their_offsets[pair + 1] - their_offsets[pair]
        for j in range(others):
            total = 0.0
            for i in range(size):
                weights[i] = values[place[at + i]] * np.exp(-near * abs((i + 0.5) / size - (j + 0.5) / others))
                total += weights[i]
            for i in range(size):
                counts[place[at + i]] += weights[i] / total
            at += size
    return counts
