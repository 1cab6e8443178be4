"""The n-grams of some texts, counted exactly and cut to the most frequent, and their rows.

Counting holds everything in memory as long as that fits the budget (35 to 50 bytes a distinct n-gram) and
spills sorted runs to a temporary folder where it does not. The result is the same to the last bit, also for
any number of threads. Strings are kept, so that every row of a model can be named.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund import files, machine
from sprachbund.arrays import Int8, Int32, Keys, Offsets
from sprachbund.claims import scratch, workspace
from sprachbund.disk import room_for
from sprachbund.errors import CapacityError, CorpusError, FolderError, SettingsError
from sprachbund.ngrams.filling import Batch, fill, stores_in
from sprachbund.ngrams.keys import bigram_seconds
from sprachbund.ngrams.lookup import ABSENT, Lookup
from sprachbund.ngrams.selection import Selection, likely_floor
from sprachbund.ngrams.slices import SAMPLE, PairSlice, WordSlice
from sprachbund.ngrams.strings import join_strings
from sprachbund.progress import Progress, Silent
from sprachbund.tables import read_table, write_parquet
from sprachbund.threads import in_threads

__all__ = ["Batch", "Counted", "Sliced", "Vocabulary", "check_counting"]

Part_co = TypeVar("Part_co", covariant=True)


class Sliced(Protocol[Part_co]):
    """N-grams of one sort with their counts, in memory or on disk."""

    @property
    def spilled(self) -> bool:
        """Whether they are on disk, so that only what is wanted of them is held in memory."""

    def slices(self, memory: int, floor: Callable[[], int] = ...) -> Iterator[Part_co]:
        """See `spill.Store.slices`."""


class Counted(Protocol):
    """What was counted of some texts."""

    @property
    def words(self) -> Sliced[WordSlice]:
        """Words."""

    @property
    def pairs(self) -> Sliced[PairSlice]:
        """Bigrams."""

    @property
    def inside(self) -> Sliced[WordSlice]:
        """Character n-grams of words."""


MANIFEST, STRINGS = "vocabulary.json", "vocabulary.parquet"
COLUMNS = ("keys", "counts", "orders", "slots")
KIND, FORMAT = "vocabulary", 3
WORD_ORDER, BIGRAM_ORDER = 1, 2
LEAST_MEMORY = 16 << 20
_ROW = 140  # bytes that a row of the result takes while it is made: key, count, string, first word, sorting
_NAMES_AT_A_TIME = 1 << 17


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """N-grams by row, the most frequent first, equal counts in order of keys.

    Attributes:
        keys: uint64 [rows]; counts: int64 [rows].
        orders: int8 [rows]; 1 a word, 2 a bigram, -n a run of n characters of ``<word>``.
    """

    keys: Keys
    counts: Offsets
    orders: Int8
    _strings: pl.Series | None = field(default=None, repr=False)
    _lookup: Lookup | None = field(default=None, repr=False)
    _folder: Path | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} n-grams)"

    @cached_property
    def strings(self) -> pl.Series:
        """The n-gram of each row, a space between the words of a bigram; read when first asked for."""
        if self._strings is not None:
            return self._strings
        assert self._folder is not None
        path = self._folder / STRINGS
        return read_table(path, {"ngram": pl.String}, "make the vocabulary anew", rows=len(self))["ngram"]

    @cached_property
    def table(self) -> Lookup:
        """The look-up table, memory-mapped where the vocabulary was loaded."""
        return self._lookup if self._lookup is not None else Lookup.of(self.keys)

    def lookup(self, keys: Keys) -> Int32:
        """The row of each key, int32 [n]; -1 where the vocabulary lacks it."""
        return self.table.rows(keys)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> "Vocabulary":
        """A vocabulary of these rows alone, in the order given; they are distinct."""
        strings = self.strings[np.asarray(rows, np.uint32)]
        return Vocabulary(self.keys[rows], self.counts[rows], self.orders[rows], strings)

    @staticmethod
    def count(
        batches: Iterable[Batch],
        *,
        bigrams: bool = True,
        characters: Sequence[int] = (),
        min_count: int = 1,
        max_size: int | None = None,
        memory: int | None = None,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> "Vocabulary":
        """Count the n-grams of texts and keep the most frequent.

        Args:
            batches: texts in NFC, with U+200B between words of scripts that write no spaces. A bigram never
                goes from one text to the next.
            bigrams: count adjacent words too.
            characters: orders of character n-grams inside words, such as (4, 5); none by default.
            min_count: n-grams with fewer occurrences are dropped.
            max_size: rows at most, None for all; of equal counts the smallest keys stay.
            memory: bytes that counting may hold, batches apart; None for half of what the process may use.
            folder: where to put temporary files if it spills; None for the system's.
            progress: told the bytes of text that are done.

        Raises:
            CorpusError: nothing is left.
            CapacityError: the rows themselves do not fit ``memory``.
            SettingsError: a setting is out of range.
        """
        memory = machine.memory_limit() // 2 if memory is None else memory
        check_counting(characters, min_count, max_size, memory)
        with workspace(folder, 0o700) if folder else scratch() as temporary, room_for(temporary.parent):
            stores = stores_in(temporary)
            counted = fill(stores, batches, bigrams, characters, memory, progress or Silent())
            # what is kept is made beside the tables; where there is no room for both, they go to disk first
            sample = np.concatenate([store.tables.sample() for store in stores])
            rows = SAMPLE * int((sample >= min_count).sum())
            held = sum(store.tables.size for store in stores)
            if held + _ROW * min(rows, max_size or rows) > memory:
                for store in stores:
                    store.spill()
            floor = min_count
            if max_size is not None and not any(store.spilled for store in stores):
                floor = likely_floor(sample, min_count, max_size)
            return Vocabulary.chosen(stores, counted, min_count, max_size, memory, floor)

    @staticmethod
    def chosen(
        counts: "Counted", tokens: int, min_count: int, max_size: int | None, memory: int, floor: int
    ) -> "Vocabulary":
        """The most frequent of n-grams that were counted.

        Args:
            tokens: words that were counted. floor: a count that more n-grams than are wanted may reach.

        Raises:
            CorpusError: nothing is left. CapacityError: the rows do not fit ``memory``, in bytes.
        """
        share = memory // 4
        selection = _select(counts, Selection(floor, max_size, memory // _ROW), share)
        if floor > min_count and len(selection) < (max_size or 0):  # the sample was not fair
            selection = _select(counts, Selection(min_count, max_size, memory // _ROW), share)
        if not len(selection):
            raise CorpusError(
                f"the vocabulary is empty: {tokens} words were counted, and no n-gram occurs "
                f"{min_count} times; give more text or a smaller minimum count"
            )
        keys, found, orders, firsts = selection.result()
        strings = _name(keys, orders, firsts, counts.words, counts.inside, share)
        return Vocabulary(keys, found, orders, strings)

    def save(self, folder: Path) -> None:
        """Write the vocabulary to ``folder``, whole or not at all; a vocabulary that is there is replaced.

        Raises:
            FolderError: the folder holds something else.
        """
        if not (folder / MANIFEST).is_file():
            files.require_free(folder)
        table = pl.DataFrame(
            {
                "ngram": self.strings,
                "key": np.asarray(self.keys),
                "order": np.asarray(self.orders),
                "count": np.asarray(self.counts),
                "row": np.arange(len(self), dtype=np.int32),
            }
        )
        with files.atomic_folder(folder, MANIFEST) as temporary:
            write_parquet(table, temporary / STRINGS)
            for array_name, array in (
                ("keys", self.keys),
                ("counts", self.counts),
                ("orders", self.orders),
                ("slots", self.table.slots),
            ):
                files.write_array(temporary / f"{array_name}.npy", array)
            files.write_manifest(temporary, MANIFEST, KIND, FORMAT, rows=len(self))

    @staticmethod
    def load(folder: Path, *, check: bool = False) -> "Vocabulary":
        """Open what `save` wrote; arrays are memory-mapped, strings read when asked for.

        Args:
            check: also compare the SHA-256 of every file.

        Raises:
            FolderError: the folder is no vocabulary, or damaged.
        """
        listed = [STRINGS, *(f"{name}.npy" for name in COLUMNS)]
        manifest = files.read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields={"rows": int}, listed=listed)
        rows = manifest["rows"]
        arrays = {}
        for name, dtype in (("keys", np.uint64), ("counts", np.int64), ("orders", np.int8)):
            arrays[name] = files.read_array(folder / f"{name}.npy", dtype=dtype, dimensions=1)
            if len(arrays[name]) != rows:
                raise FolderError(
                    f"{folder / name}.npy: expected {rows} rows, found {len(arrays[name])}; make the vocabulary anew"
                )
        path = folder / "slots.npy"
        slots = files.read_array(path, dtype=np.uint64, dimensions=2)
        if slots.shape[1] != 2 or len(slots) <= rows:
            raise FolderError(f"{path}: expected more than {rows} slots of 2, found {slots.shape}; make it anew")
        lookup = Lookup(slots, rows, str(path))
        return Vocabulary(arrays["keys"], arrays["counts"], arrays["orders"], _lookup=lookup, _folder=folder)

    def coverage(self, batches: Iterable[Batch], *, memory: int | None = None) -> pl.DataFrame:
        """How much of some texts the vocabulary knows, over the kinds of n-grams that it has.

        Returns:
            A row for each order and a last one for all (order 0): ``order``, ``types`` and ``tokens`` of the
            texts, and ``type_coverage`` and ``token_coverage``, the shares of them that have a row.

        Raises:
            CorpusError: the texts have no words.
        """
        orders = np.unique(self.orders)
        inside = [-int(order) for order in orders if order < 0]
        texts = Vocabulary.count(batches, bigrams=BIGRAM_ORDER in orders, characters=inside, memory=memory)
        frame = pl.DataFrame({"order": texts.orders, "count": texts.counts, "known": self.lookup(texts.keys) != ABSENT})
        shares = [
            pl.len().cast(pl.Int64).alias("types"),
            pl.col("count").sum().alias("tokens"),
            pl.col("known").mean().alias("type_coverage"),
            (pl.col("count").filter("known").sum() / pl.col("count").sum()).alias("token_coverage"),
        ]
        by_order = frame.filter(pl.col("order").is_in(orders.tolist())).group_by("order").agg(shares)
        everything = frame.select(pl.lit(0, pl.Int8).alias("order"), *shares)
        return pl.concat([by_order.sort("order", descending=True), everything])


def check_counting(characters: Sequence[int], min_count: int, max_size: int | None, memory: int) -> None:
    """Refuse what cannot be counted.

    Raises:
        SettingsError: an order, a count or a size is out of range. CapacityError: the memory is too little.
    """
    if any(not 1 <= order <= 127 for order in characters) or len(set(characters)) != len(characters):
        raise SettingsError(f"characters: expected different orders from 1 to 127, found {tuple(characters)}")
    if min_count < 1:
        raise SettingsError(f"min_count: expected 1 or more, found {min_count}")
    if max_size is not None and max_size < 1:
        raise SettingsError(f"max_size: expected 1 or more, or none, found {max_size}")
    if memory < LEAST_MEMORY:
        raise CapacityError(
            f"counting needs {LEAST_MEMORY >> 20} MiB of memory at least, found {memory / 2**20:,.1f} MiB"
        )


def _character_orders(part: WordSlice) -> Int8:
    """Minus the number of code points of each string."""
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum((part.data & 0xC0) != 0x80)))
    return -np.diff(begins[part.offsets]).astype(np.int8)


def _select(stores: Counted, selection: Selection, memory: int) -> Selection:
    """Show all that was counted to a selection."""
    for words_part in stores.words.slices(memory, selection.floor):
        selection.add(words_part.keys, words_part.counts, WORD_ORDER)
    for pairs_part in stores.pairs.slices(memory, selection.floor):
        selection.add(pairs_part.keys, pairs_part.counts, BIGRAM_ORDER, pairs_part.firsts)
    for inside_part in stores.inside.slices(memory, selection.floor):
        selection.add(inside_part.keys, inside_part.counts, _character_orders(inside_part))
    return selection


def _name(
    keys: Keys,
    orders: Int8,
    firsts: Keys,
    words: Sliced[WordSlice],
    inside: Sliced[WordSlice],
    memory: int,
) -> pl.Series:
    """The string of each row."""
    plain = orders > 0
    wanted = _distinct(*_words_of(keys[plain], orders[plain], firsts[plain])) if words.spilled else None
    spelt = _strings_of(words, wanted, memory)
    marked = _strings_of(inside, _distinct(keys[~plain]) if inside.spilled else None, memory)
    places, inner_places = Lookup.of(spelt.keys), Lookup.of(marked.keys)
    data, offsets = spelt.data, spelt.offsets
    if len(marked.keys):
        data = np.concatenate((spelt.data, marked.data))
        offsets = np.concatenate((spelt.offsets, marked.offsets[1:] + len(spelt.data)))

    def name(begin: int, end: int) -> pl.Series:
        own = slice(begin, end)
        left, right = (places.rows(part) for part in _words_of(keys[own], orders[own], firsts[own]))
        other = ~plain[own]
        left[other] = inner_places.rows(keys[own][other]) + len(spelt.keys)
        lines = pl.Series([join_strings(data, offsets, left, right)], dtype=pl.Binary)
        return lines.cast(pl.String).str.split("\n").explode()

    blocks = [(a, min(a + _NAMES_AT_A_TIME, len(keys))) for a in range(0, len(keys), _NAMES_AT_A_TIME)]
    names: pl.Series = pl.concat(in_threads(name, blocks))
    return names.alias("ngram")


def _words_of(keys: Keys, orders: Int8, firsts: Keys) -> tuple[Keys, Keys]:
    """The keys of the first and the second word of each row, of a word itself and 0, which is no string's."""
    pair = orders == BIGRAM_ORDER
    return np.where(pair, firsts, keys), np.where(pair, bigram_seconds(keys, firsts), np.uint64(0))


def _distinct(*keys: Keys) -> Keys:
    """Every key once, in order."""
    ordered: Keys = np.sort(np.concatenate(keys))
    distinct: Keys = ordered[np.concatenate((np.ones(min(1, len(ordered)), bool), ordered[1:] != ordered[:-1]))]
    return distinct


def _strings_of(store: Sliced[WordSlice], wanted: Keys | None, memory: int) -> WordSlice:
    """The strings of ``wanted``, keys in order, or all of them; without counts."""
    keys, lengths, data = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
    for part in store.slices(memory) if wanted is None or len(wanted) else ():
        sizes = np.diff(part.offsets)
        if wanted is None:
            chosen = np.ones(len(part.keys), bool)
        else:
            place = np.searchsorted(wanted, part.keys)
            chosen = wanted[np.minimum(place, len(wanted) - 1)] == part.keys
        keys.append(part.keys[chosen])
        lengths.append(sizes[chosen])
        data.append(part.data if wanted is None else part.data[np.repeat(chosen, sizes)])
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.concatenate(lengths))))
    return WordSlice(np.concatenate(keys), np.zeros(0, np.int64), offsets, np.concatenate(data))
