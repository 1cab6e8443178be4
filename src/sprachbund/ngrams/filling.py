"""Texts counted into stores, which spill to disk before they pass a budget of memory."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sprachbund.arrays import Bytes, Offsets
from sprachbund.ngrams.hangul import LONGEST, may_hold
from sprachbund.ngrams.pair_tables import PairTables
from sprachbund.ngrams.slices import PairSlice, WordSlice
from sprachbund.ngrams.spill import Store, pair_store, word_store
from sprachbund.ngrams.tokens import from_series, tokenize
from sprachbund.ngrams.word_tables import WordTables
from sprachbund.progress import Progress
from sprachbund.threads import blocks_of

__all__ = ["Batch", "Stores", "fill", "stores_in"]

Batch = tuple[Bytes, Offsets] | pl.Series
"""Texts in NFC and split by dictionary: bytes with offsets as `tokens.pack` gives them, or a column."""

_LARGEST_CHUNK = 8 << 20  # bytes of text counted at a time
_CHUNKS = 128  # a chunk's share of the budget; its tokens take some twelve times as much
_WORDS_AT_A_TIME = 1 << 15  # whose character n-grams are counted together


class Stores(NamedTuple):
    """Where the words of texts are counted, the bigrams, and the character n-grams inside words."""

    words: Store[WordTables, WordSlice]
    pairs: Store[PairTables, PairSlice]
    inside: Store[WordTables, WordSlice]


def stores_in(folder: Path) -> Stores:
    """Empty stores that may spill to ``folder``."""
    return Stores(word_store(folder / "words"), pair_store(folder / "pairs"), word_store(folder / "characters"))


def fill(
    stores: Stores, batches: Iterable[Batch], bigrams: bool, characters: Sequence[int], memory: int, progress: Progress
) -> int:
    """Count texts into stores; the number of words.

    Args:
        memory: bytes that counting may hold, batches apart. progress: told the bytes of text that are done.
    """
    counted = _count(batches, stores.words, stores.pairs if bigrams else None, memory, progress)
    if characters:
        _count_characters(stores.words, stores.inside, characters, memory - stores.pairs.tables.size)
    return counted


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
    words: Store[WordTables, WordSlice],
    pairs: Store[PairTables, PairSlice] | None,
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
