"""The runs of letters inside a word that share rows of a table, numbered as fastText numbers them.

So that its models can be read, and that a word that was never seen has a vector. A run is of code points of ``<word>``,
its number FNV-1a over the UTF-8 bytes modulo the buckets. fastText widens each byte with its sign, which its files hold
for ever.

Source: Bojanowski et al. 2017, Enriching Word Vectors with Subword Information; the numbering as in fastText 0.9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int64, Offsets

__all__ = ["Subwords", "run_number", "runs", "runs_of"]


@dataclass(frozen=True, eq=False)
class Subwords:
    """Rows of runs of letters.

    Attributes:
        shortest, longest: code points of a run. table: float32 [buckets, dim].
    """

    shortest: int
    longest: int
    table: Float32

    def vector(self, word: str) -> Float32 | None:
        """The mean of the rows of an unseen word's runs, float32 [dim]; None where it has none."""
        rows = runs_of(word, self.shortest, self.longest, len(self.table))
        return np.asarray(self.table[rows].mean(axis=0), np.float32) if rows else None


def run_number(run: str, buckets: int) -> int:
    """The row of a run."""
    value = 2166136261
    for byte in run.encode("utf-8", "surrogatepass"):
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) & 0xFFFFFFFF
    return value % buckets


def runs(word: str, shortest: int, longest: int) -> list[str]:
    """The runs of ``<word>``; a single ``<`` or ``>`` is none."""
    marked = f"<{word}>"
    found = []
    for first in range(len(marked)):
        for length in range(shortest, min(longest, len(marked) - first) + 1):
            if length > 1 or 0 < first < len(marked) - 1:
                found.append(marked[first : first + length])
    return found


def runs_of(word: str, shortest: int, longest: int, buckets: int) -> list[int]:
    """The rows of a word's runs, repeats kept."""
    return [run_number(run, buckets) for run in runs(word, shortest, longest)]


def rows_of_words(words: Sequence[str], shortest: int, longest: int, buckets: int) -> tuple[Int64, Offsets]:
    """The rows of the runs of some words: int64 [runs], and where those of each word lie, int64 [words + 1]."""
    found = [runs_of(word, shortest, longest, buckets) for word in words]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(rows) for rows in found], dtype=np.int64)))
    return np.array([row for rows in found for row in rows], np.int64), offsets
