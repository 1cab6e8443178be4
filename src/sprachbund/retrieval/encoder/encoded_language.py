"""The sentences of one language as n-gram ids, and the n-grams themselves: arrays on disk, seen before they are used.

Ids, places and numbers in these arrays lead into others. So each is looked at once when it is opened (one pass, a
second a gigabyte): whatever bytes stand there, nothing outside an array is ever read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Flags, Int32, Int64, UInt8, UInt64
from sprachbund.corpus.splits import NOWHERE, SIDES, TRAIN
from sprachbund.errors import FolderError
from sprachbund.files import read_array, read_json
from sprachbund.retrieval.encoder.bags import Ranges, Sentences
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.encoder.pairs import Pairs, find_pairs
from sprachbund.retrieval.settings import Settings, Task

__all__ = ["NGRAMS", "EncodedLanguage", "open_language", "open_ngrams"]

NGRAMS = ("keys", "orders", "char_offsets", "char_ids")
_SENTENCES = ("words", "word_offsets", "bigrams", "bigram_offsets")
READ = "read"
_ARRAYS = {
    "sections": np.int32,
    "documents": np.int32,
    "groups": np.int32,
    "positions": np.int32,
    "sides": np.uint8,
    "templates": np.bool_,
    "hashes": np.uint64,
}


@dataclass(frozen=True)
class EncodedLanguage:
    """The sentences of one language.

    Attributes:
        language: its code.
        sentences: n-gram ids.
        sections, documents, groups: int32 [sentences], numbers that change where the text's do.
        positions: int32 [sentences], the place in the document.
        sides: uint8 [sentences], of the split.
        templates: bool [sentences], no query: it stands in the training text once digits are masked, or many
            sentences of its document do.
        hashes: uint64 [sentences], a hash of the multiset of words.
        names: the id of each document.
        counts: int64 [ids], occurrences of each n-gram on the training side.
        read: int64 [sentences], the words that each has as it is written, where some were taken out or words are spelt
            otherwise; None: those that are there.
    """

    language: str
    sentences: Sentences
    sections: Int32
    documents: Int32
    groups: Int32
    positions: Int32
    sides: UInt8
    templates: Flags
    hashes: UInt64
    names: Sequence[str]
    counts: Int64
    read: Int64 | None = None
    _pairs: dict[Any, Pairs] = field(default_factory=dict, compare=False, repr=False)

    @property
    def train_sentences(self) -> int:
        """Sentences on the training side."""
        return int(np.count_nonzero(self.sides == TRAIN))

    @cached_property
    def lengths(self) -> Int64:
        """Words of each sentence, those that were taken out too where some are left: int64 [sentences]."""
        there: Int64 = np.diff(self.sentences.word_offsets)
        return there if self.read is None else np.where(there > 0, self.read, 0)

    @cached_property
    def _sums(self) -> UInt64:
        return np.concatenate((np.zeros(1, np.uint64), np.cumsum(self.hashes, dtype=np.uint64)))

    def pairs(self, task: Task, settings: Settings, side: str) -> Pairs:
        """The pairs of one side, in the order of the text."""
        key = (task, settings.pairs, settings.split_by, settings.split_seed, settings.shares, side)
        if key not in self._pairs:
            found = find_pairs(task, self.sections, self.lengths, settings.pairs)
            self._pairs[key] = found[self._sides_of(found, settings) == SIDES.index(side)]
        return self._pairs[key]

    def _sides_of(self, pairs: Pairs, settings: Settings) -> UInt8:
        if settings.split_by == "group":
            own: UInt8 = self.sides[pairs.query]
            return own
        order = np.random.default_rng(settings.split_seed).permutation(len(pairs))
        edges = np.cumsum([round(share * len(pairs)) for share in settings.shares[:2]])
        drawn = np.searchsorted(edges, order, side="right").astype(np.uint8)
        missing = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.sides == NOWHERE)))
        low, high = pairs.span()
        drawn[missing[high] > missing[low]] = NOWHERE
        return drawn

    def candidate_hashes(self, ranges: Ranges) -> UInt64:
        """A hash of the multiset of words of each range: uint64 [ranges]; equal bags have equal hashes."""
        total = self._sums[ranges.last] - self._sums[ranges.first]
        inside = (ranges.without >= ranges.first) & (ranges.without < ranges.last)
        own = self.hashes[np.maximum(ranges.without, 0)]
        result: UInt64 = np.where(inside, total - own, total)
        return result


def open_ngrams(folder: Path) -> Ngrams:
    """The n-grams of an encoded corpus.

    Raises:
        FolderError: an array is damaged, or they do not fit each other; the message names it.
    """
    keys = _array(folder, "keys", np.uint64)
    orders = _array(folder, "orders", np.int8, len(keys))
    offsets, ids = _array(folder, "char_offsets", np.int64), _array(folder, "char_ids", np.int32)
    _require_offsets(folder, "char_offsets", offsets, len(keys), len(ids))
    _require_range(folder, "char_ids", ids, len(keys))
    return Ngrams(keys, orders, offsets, ids)


def open_language(path: Path, language: str, ids: int, listed: Collection[str]) -> EncodedLanguage:
    """The sentences of one language of an encoded corpus.

    Args:
        ids: n-grams that there are. listed: the files that the manifest has the hashes of.

    Raises:
        FolderError: an array is damaged, or they do not fit each other; the message names it.
    """
    folder = path / language
    every = [*(f"{name}.npy" for name in (*_SENTENCES, *_ARRAYS, "counts")), "names.json"]
    if lacking := [name for name in every if f"{language}/{name}" not in listed]:
        raise FolderError(f"{folder / lacking[0]}: not listed by the manifest of {path}; encode the corpus anew")
    arrays: dict[str, Any] = {name: _array(folder, name, dtype, mapped=False) for name, dtype in _ARRAYS.items()}
    count = len(arrays["sections"])
    for name in _ARRAYS:
        if len(arrays[name]) != count:
            raise _damaged(folder, name, f"expected {count:,} sentences, found {len(arrays[name]):,}")
    parts = []
    for name in ("word", "bigram"):
        numbers, offsets = _array(folder, f"{name}s", np.int32), _array(folder, f"{name}_offsets", np.int64)
        _require_offsets(folder, f"{name}_offsets", offsets, count, len(numbers))
        _require_range(folder, f"{name}s", numbers, ids)
        parts += [numbers, offsets]
    names = read_json(folder / "names.json", "encode the corpus anew")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FolderError(f"{folder / 'names.json'}: damaged, expected a list of names; encode the corpus anew")
    _require_range(folder, "documents", arrays["documents"], len(names))
    _require_range(folder, "sides", arrays["sides"], len(SIDES))
    for name in ("sections", "groups", "positions"):
        _require_range(folder, name, arrays[name], 1 << 31)
    if np.any(arrays["sections"][1:] < arrays["sections"][:-1]):
        raise _damaged(folder, "sections", "expected numbers that rise")
    counts = _array(folder, "counts", np.int64, ids)
    _require_range(folder, "counts", counts, 1 << 62)
    read = None
    if f"{language}/{READ}.npy" in listed:
        read = _array(folder, READ, np.int64, count, mapped=False)
        _require_range(folder, READ, read, 1 << 31)
    return EncodedLanguage(language, Sentences(*parts), names=names, counts=counts, read=read, **arrays)


def _array(
    folder: Path, name: str, dtype: npt.DTypeLike, length: int | None = None, *, mapped: bool = True
) -> npt.NDArray[Any]:
    array = read_array(folder / f"{name}.npy", mapped=mapped, dtype=dtype, dimensions=1)
    if length is not None and len(array) != length:
        raise _damaged(folder, name, f"expected {length:,} numbers, found {len(array):,}")
    return array


def _require_range(folder: Path, name: str, numbers: npt.NDArray[Any], end: int) -> None:
    """All numbers are from 0 to below ``end``."""
    if len(numbers) and not (int(numbers.min()) >= 0 and int(numbers.max()) < end):
        raise _damaged(folder, name, f"expected numbers from 0 to {end - 1:,}")


def _require_offsets(folder: Path, name: str, offsets: Int64, count: int, end: int) -> None:
    """They rise from 0 to ``end``, one more than there are things."""
    sound = len(offsets) == count + 1 and offsets[0] == 0 and offsets[-1] == end
    if not sound or np.any(offsets[1:] < offsets[:-1]):
        raise _damaged(folder, name, f"expected {count + 1:,} numbers that rise from 0 to {end:,}")


def _damaged(folder: Path, name: str, why: str) -> FolderError:
    return FolderError(f"{folder / name}.npy: damaged, {why}; encode the corpus anew")
