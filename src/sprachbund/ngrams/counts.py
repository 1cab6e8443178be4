"""Counted n-grams on disk, parted by their hashes: more than any memory holds, read a partition at a time.

    COUNTS/counts.json              the manifest: texts, kinds of n-grams, partitions, sums, hashes
           words/00000.parquet      key, count, ngram: the words whose keys begin with the first bits of all
           bigrams/00000.parquet    key, count, first: the key of the first word, whence that of the second
           characters/00000.parquet key, count, ngram: runs of characters of <word>

A key is a hash of 64 bits, so partitions are alike in size. Rows are in order of keys, in a file and from one to the
next, so that what is read of them in turn is what a count in memory gives.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import polars as pl

from sprachbund.errors import FolderError
from sprachbund.files import read_manifest
from sprachbund.machine import memory_limit
from sprachbund.ngrams.slices import PairSlice, WordSlice
from sprachbund.ngrams.tokens import from_series
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.tables import read_table

__all__ = ["BIGRAMS", "CHARACTERS", "FORMAT", "KIND", "MANIFEST", "SCHEMAS", "WORDS", "Counts"]

KIND, FORMAT, MANIFEST = "n-gram counts", 1, "counts.json"
WORDS, BIGRAMS, CHARACTERS = "words", "bigrams", "characters"
_STRINGS = {"key": pl.UInt64, "count": pl.Int64, "ngram": pl.String}
SCHEMAS: dict[str, dict[str, Any]] = {
    WORDS: _STRINGS,
    BIGRAMS: {"key": pl.UInt64, "count": pl.Int64, "first": pl.UInt64},
    CHARACTERS: _STRINGS,
}
"""The columns of each kind."""
_FIELDS = {"partitions": int, "tokens": int, "sums": dict, "texts": str}
_REMEDY = "count anew"

Slice_co = TypeVar("Slice_co", WordSlice, PairSlice, covariant=True)


@dataclass(frozen=True)
class _Kind(Generic[Slice_co]):
    """The n-grams of a kind, as `Vocabulary` reads them."""

    table: Callable[[int], pl.DataFrame]
    partitions: int
    sliced: Callable[[pl.DataFrame], Slice_co]
    spilled: bool = True

    def slices(self, memory: int, floor: Callable[[], int] = lambda: 1) -> Iterator[Slice_co]:
        """A partition at a time: what the memory is, was decided when it was written."""
        for number in range(self.partitions):
            yield self.sliced(self.table(number))


@dataclass(frozen=True)
class Counts:
    """Counted n-grams in a folder.

    Attributes:
        path: the folder. partitions: of each kind. tokens: words in the texts.
        sums: of each kind how many distinct n-grams (``types``) and occurrences (``tokens``).
        texts: a hash of what was counted of which texts.
    """

    path: Path
    partitions: int
    tokens: int
    sums: dict[str, dict[str, int]]
    texts: str

    @staticmethod
    def open(path: Path | str, *, check: bool = False) -> "Counts":
        """The counts in a folder.

        Args:
            check: also compare every partition with its hash.

        Raises:
            FolderError: it is absent, or a partition is lost or damaged; the message names it.
        """
        path = Path(path)
        said = read_manifest(path, MANIFEST, KIND, FORMAT, check=check, fields=_FIELDS)
        kinds = list(said["sums"])
        whole = all(
            isinstance(each, dict) and all(type(each.get(name)) is int for name in ("types", "tokens"))
            for each in said["sums"].values()
        )
        if not whole or WORDS not in kinds or not set(kinds) <= set(SCHEMAS) or said["partitions"] < 1:
            raise FolderError(f"{path / MANIFEST}: damaged, its sums or partitions cannot be; {_REMEDY}")
        for kind in kinds:
            for number in range(said["partitions"]):
                if name_of(kind, number) not in said["files"]:
                    raise FolderError(f"{path / MANIFEST}: damaged, it lacks partition {number} of {kind}; {_REMEDY}")
        return Counts(path, said["partitions"], said["tokens"], said["sums"], said["texts"])

    def table(self, kind: str, number: int) -> pl.DataFrame:
        """A partition, in order of keys: ``key``, ``count``, and ``ngram`` or ``first``.

        Args:
            kind: words, bigrams or characters, where they were counted.

        Raises:
            FolderError: it is lost or damaged.
        """
        return read_table(self.path / name_of(kind, number), SCHEMAS[kind], _REMEDY)

    @property
    def words(self) -> _Kind[WordSlice]:
        """For `Vocabulary`."""
        return _Kind(partial(self.table, WORDS), self.partitions, _strings)

    @property
    def pairs(self) -> _Kind[PairSlice]:
        """For `Vocabulary`."""
        return _Kind(partial(self.table, BIGRAMS), self.partitions if BIGRAMS in self.sums else 0, _pairs)

    @property
    def inside(self) -> _Kind[WordSlice]:
        """For `Vocabulary`."""
        return _Kind(partial(self.table, CHARACTERS), self.partitions if CHARACTERS in self.sums else 0, _strings)

    def vocabulary(self, *, min_count: int = 1, max_size: int | None = None, memory: int | None = None) -> Vocabulary:
        """The most frequent n-grams: to the bit what `Vocabulary.count` makes of the same texts.

        Args:
            min_count: n-grams with fewer occurrences are dropped. max_size: rows at most, None for all.
            memory: bytes that may be used; None for half of what the process may use.

        Raises:
            CorpusError: nothing is left. CapacityError: the rows do not fit the memory. FolderError: a partition is
                lost or damaged.
        """
        memory = memory_limit() // 2 if memory is None else memory
        return Vocabulary.chosen(self, self.tokens, min_count, max_size, memory, min_count)


def name_of(kind: str, number: int) -> str:
    """Where a partition lies in the folder."""
    return f"{kind}/{number:05}.parquet"


def _strings(table: pl.DataFrame) -> WordSlice:
    data, offsets = from_series(table["ngram"])
    return WordSlice(_column(table, "key"), _column(table, "count"), offsets, data)


def _pairs(table: pl.DataFrame) -> PairSlice:
    return PairSlice(_column(table, "key"), _column(table, "count"), _column(table, "first"))


def _column(table: pl.DataFrame, name: str) -> np.ndarray[Any, Any]:
    return table[name].to_numpy()
