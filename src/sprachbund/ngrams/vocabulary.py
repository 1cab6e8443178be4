"""The n-grams of some texts, counted exactly and cut to the most frequent, and their rows.

Counting holds everything in memory as long as that fits the budget (35 to 50 bytes a distinct n-gram) and
spills sorted runs to a temporary folder where it does not. The result is the same to the last bit, also for
any number of threads. Strings are kept, so that every row of a model can be named.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from sprachbund import files
from sprachbund.arrays import Bytes, Int8, Int32, Int64, Keys, Offsets
from sprachbund.claims import scratch, workspace
from sprachbund.disk import room_for
from sprachbund.errors import CapacityError, CorpusError, FolderError, SettingsError
from sprachbund.ngrams.counting import (
    SAMPLE,
    PairSlice,
    PairTables,
    WordSlice,
    WordTables,
    add_first_bits,
)
from sprachbund.ngrams.hangul import LONGEST, may_hold
from sprachbund.ngrams.keys import bigram_seconds, from_series, tokenize
from sprachbund.ngrams.lookup import ABSENT, Lookup
from sprachbund.ngrams.spill import Store, pair_store, word_store
from sprachbund.ngrams.strings import join_strings
from sprachbund.progress import Progress, Silent
from sprachbund.tables import read_table, write_parquet
from sprachbund.threads import blocks_of, in_threads

__all__ = ["Batch", "Vocabulary"]

Batch = tuple[Bytes, Offsets] | pl.Series
"""Texts in NFC and split by dictionary: bytes with offsets as `keys.pack` gives them, or a column."""

Stores = tuple[Store[WordTables, WordSlice], Store[PairTables, PairSlice], Store[WordTables, WordSlice]]

MANIFEST, STRINGS = "vocabulary.json", "vocabulary.parquet"
COLUMNS = ("keys", "counts", "orders", "slots")
KIND, FORMAT = "vocabulary", 3
WORD_ORDER, BIGRAM_ORDER = 1, 2
_LEAST_MEMORY = 16 << 20
_LARGEST_CHUNK = 8 << 20  # bytes of text counted at a time
_CHUNKS = 128  # a chunk's share of the budget; its tokens take some twelve times as much
_ROW = 140  # bytes that a row of the result takes while it is made: key, count, string, first word, sorting
_HIGHEST = 65_535  # counts above are rare and sorted by themselves
_NTH_BITS = 12
_PARTS_AT_A_TIME = 32
_WORDS_AT_A_TIME = 1 << 15  # whose character n-grams are counted together
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
        memory = files.memory_limit() // 2 if memory is None else memory
        _check(characters, min_count, max_size, memory)
        with workspace(folder, 0o700) if folder else scratch() as temporary, room_for(temporary.parent):
            words = word_store(temporary / "words")
            pairs = pair_store(temporary / "pairs")
            inside = word_store(temporary / "characters")
            counted = _count(batches, words, pairs if bigrams else None, memory, progress or Silent())
            if characters:
                _count_characters(words, inside, characters, memory - pairs.tables.size)
            # what is kept is made beside the tables; where there is no room for both, they go to disk first
            stores = (words, pairs, inside)
            sample = np.concatenate([store.tables.sample() for store in stores])
            rows = SAMPLE * int((sample >= min_count).sum())
            held = sum(store.tables.size for store in stores)
            if held + _ROW * min(rows, max_size or rows) > memory:
                for store in stores:
                    store.spill()
            share = memory // 4
            floor = min_count
            if max_size is not None and not any(store.runs for store in stores):
                floor = _likely_floor(sample, min_count, max_size)
            selection = _select(stores, Selection(floor, max_size, memory // _ROW), share)
            if floor > min_count and len(selection) < (max_size or 0):  # the sample was not fair
                selection = _select(stores, Selection(min_count, max_size, memory // _ROW), share)
            if not len(selection):
                raise CorpusError(
                    f"the vocabulary is empty: {counted} words were counted, and no n-gram occurs "
                    f"{min_count} times; give more text or a smaller minimum count"
                )
            keys, counts, orders, firsts = selection.result()
            strings = _name(keys, orders, firsts, words, inside, share)
        return Vocabulary(keys, counts, orders, strings)

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


def _check(characters: Sequence[int], min_count: int, max_size: int | None, memory: int) -> None:
    if any(not 1 <= order <= 127 for order in characters) or len(set(characters)) != len(characters):
        raise SettingsError(f"characters: expected different orders from 1 to 127, found {tuple(characters)}")
    if min_count < 1:
        raise SettingsError(f"min_count: expected 1 or more, found {min_count}")
    if max_size is not None and max_size < 1:
        raise SettingsError(f"max_size: expected 1 or more, or none, found {max_size}")
    if memory < _LEAST_MEMORY:
        raise CapacityError(f"counting needs {_LEAST_MEMORY} bytes of memory at least, {memory} are allowed")


def _chunks(batches: Iterable[Batch], size: int) -> Iterator[tuple[Bytes, Offsets]]:
    """The texts in parts of about ``size`` bytes; a text is never cut."""
    for batch in batches:
        if isinstance(batch, pl.Series):
            rows = max(1, int(len(batch) * size / max(1, batch.estimated_size())))
            for at in range(0, len(batch), rows):
                yield from _chunks([from_series(batch[at : at + rows])], 2 * size)
        else:
            data, offsets = batch
            for first, last in blocks_of(offsets, size):
                yield data, offsets[first : last + 1]


def _count(
    batches: Iterable[Batch],
    words: Store[WordTables, Any],
    pairs: Store[PairTables, Any] | None,
    memory: int,
    progress: Progress,
) -> int:
    """Count words and, where there is a store for them, bigrams; the number of words."""
    size = min(_LARGEST_CHUNK, memory // _CHUNKS)
    budget = memory - 12 * size
    total = 0
    for data, offsets in _chunks(batches, size):
        tokens = tokenize(data, offsets)
        span = int(offsets[-1] - offsets[0])
        total += len(tokens)
        worst = words.tables.worst(len(tokens), span)
        if worst + (pairs.tables.size + 16 * len(tokens) if pairs else 0) > budget:
            words.spill()
            if pairs:
                pairs.spill()
        words.tables.add(tokens.keys, data, tokens.starts, tokens.lengths)
        if pairs:
            pairs.tables.add(tokens)
        progress.advance(span)
    return total


def _count_characters(
    words: Store[WordTables, WordSlice],
    inside: Store[WordTables, WordSlice],
    orders: Sequence[int],
    memory: int,
) -> None:
    """Count the character n-grams of the distinct words, each as often as its word."""
    for part in words.slices(memory // 4):
        for at in range(0, len(part.keys), _WORDS_AT_A_TIME):
            end = min(at + _WORDS_AT_A_TIME, len(part.keys))
            low, high = int(part.offsets[at]), int(part.offsets[end])
            offsets = part.offsets[at : end + 1] - low
            few = WordSlice(part.keys[at:end], part.counts[at:end], offsets, part.data[low:high])
            room = (high - low + 2 * (end - at)) * len(orders)
            span = room * max(orders) * (LONGEST if may_hold(few.data) else 1)
            if inside.tables.worst(room, span) + words.tables.size > memory:
                inside.spill()
            inside.tables.add_characters(few, orders)


def _character_orders(part: WordSlice) -> Int8:
    """Minus the number of code points of each string."""
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum((part.data & 0xC0) != 0x80)))
    return -np.diff(begins[part.offsets]).astype(np.int8)


def _likely_floor(sample: Offsets, min_count: int, max_size: int) -> int:
    """A count that more n-grams reach than are wanted, so that most of the others need not be looked at."""
    wanted = int(1.2 * max_size / SAMPLE) + 1
    if wanted >= len(sample):
        return min_count
    return max(min_count, int(np.partition(sample, len(sample) - wanted)[len(sample) - wanted]))


def _select(stores: Stores, selection: "Selection", memory: int) -> "Selection":
    """Show all that was counted to a selection."""
    words, pairs, inside = stores
    for words_part in words.slices(memory, selection.floor):
        selection.add(words_part.keys, words_part.counts, WORD_ORDER)
    for pairs_part in pairs.slices(memory, selection.floor):
        selection.add(pairs_part.keys, pairs_part.counts, BIGRAM_ORDER, pairs_part.firsts)
    for inside_part in inside.slices(memory, selection.floor):
        selection.add(inside_part.keys, inside_part.counts, _character_orders(inside_part))
    return selection


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


def _name(
    keys: Keys,
    orders: Int8,
    firsts: Keys,
    words: Store[WordTables, WordSlice],
    inside: Store[WordTables, WordSlice],
    memory: int,
) -> pl.Series:
    """The string of each row."""
    plain = orders > 0
    wanted = _distinct(*_words_of(keys[plain], orders[plain], firsts[plain])) if words.runs else None
    spelt = _strings_of(words, wanted, memory)
    marked = _strings_of(inside, _distinct(keys[~plain]) if inside.runs else None, memory)
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
    names: pl.Series = pl.concat(in_threads(name, blocks), rechunk=True)
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


def _strings_of(store: Store[WordTables, WordSlice], wanted: Keys | None, memory: int) -> WordSlice:
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
