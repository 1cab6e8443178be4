"""From a bag to a vector: the rows that n-grams have, and the units that bags add up.

Ids name the n-grams of a text or corpus, rows name the vectors of a model. Keeping the two apart lets many models
(another minimum count, another set of languages, rows of their own for each language) share one encoded corpus.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int8, Int32, Int64, UInt64
from sprachbund.ngrams.start_rows import write_start_rows
from sprachbund.retrieval.encoder import summing
from sprachbund.retrieval.encoder.bags import UNSEEN, Bags
from sprachbund.retrieval.encoder.short_rows import Table, gather
from sprachbund.retrieval.settings import EncoderSettings


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of a text or corpus, by id.

    Attributes:
        keys: uint64 [ids], the 64-bit key of each.
        orders: int8 [ids], 1 for a word, 2 for a bigram, -n for n characters.
        char_offsets: int64 [ids + 1], char_ids: int32: the character n-grams of each word; none for other ids.
    """

    keys: UInt64
    orders: Int8
    char_offsets: Int64
    char_ids: Int32

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Rows:
    """Where the n-grams of one language find their vectors in a table.

    Attributes:
        row: int32 [ids], the row of each id, UNSEEN where training gave it none.
        unseen_length: the length of the start row that an unseen n-gram gets; 0 drops it.
        seed: the seed of the start rows.
    """

    row: Int32
    unseen_length: float
    seed: int


@dataclass
class Workspace:
    """Scratch memory that is reused from call to call: int32 [ids] twice, all -1 between calls."""

    ids: Int32
    characters: Int32

    @staticmethod
    def of(ngrams: Ngrams) -> "Workspace":
        """A workspace for the ids of ``ngrams``."""
        return Workspace(np.full(len(ngrams), -1, np.int32), np.full(len(ngrams), -1, np.int32))


@dataclass(frozen=True)
class Units:
    """The distinct n-grams of some bags, with their vectors.

    Attributes:
        ids: int32 [units]; local: for each place of the bags the number of its unit.
        characters: int32, the ids of the character n-grams inside.
        vectors: float32 [units, dim].
    """

    ids: Int32
    local: Int32
    characters: Int32
    vectors: Float32


def build_units(
    bags: Bags, ngrams: Ngrams, rows: Rows, table: Table, settings: EncoderSettings, space: Workspace
) -> Units:
    """The vectors of the distinct n-grams of ``bags``, characters included."""
    ids, local = summing.number_locally(bags.ids, bags.starts, bags.ends, space.ids)
    vectors = vectors_of(ids, ngrams, rows, table)
    characters = np.empty(0, np.int32)
    if settings.characters and settings.character_weight:
        characters = summing.number_characters(ids, ngrams.char_offsets, ngrams.char_ids, space.characters)
        inside = vectors_of(characters, ngrams, rows, table)
        summing.add_characters(
            ids,
            ngrams.char_offsets,
            ngrams.char_ids,
            space.characters,
            inside,
            settings.character_weight,
            vectors,
        )
        summing.forget(characters, space.characters)
    return Units(ids, local, characters, vectors)


def vectors_of(ids: Int32, ngrams: Ngrams, rows: Rows, table: Table) -> Float32:
    """The vector of each id, the start row where it has none of its own: float32 [ids, dim]."""
    own = rows.row[ids]
    vectors: Float32 = gather(own, table)
    if rows.unseen_length:
        unseen = np.flatnonzero(own == UNSEEN)
        if len(unseen):
            write_start_rows(ngrams.keys[ids[unseen]], unseen, rows.seed, rows.unseen_length, vectors)
    return vectors


def bag_weights(bags: Bags) -> Float32:
    """The sum of each bag's weights: float32 [bags, 1]."""
    # places between a bag's end and the next bag's start hold anything, so sum by bag
    ones, zeros = np.ones((1, 1), np.float32), np.zeros(len(bags.ids), np.int32)
    weights: Float32 = summing.sum_bags(zeros, bags.weights, bags.starts, bags.ends, ones)
    return weights


def divisors(weights: Float32, pooling: str) -> Float32:
    """What a sum is divided by, from the weights in it, float32 [n, 1]: 1, the count or its root; never 0."""
    if pooling == "sum":
        return np.ones_like(weights)
    weights = np.where(weights == 0, np.float32(1), weights)
    return weights if pooling == "mean" else np.sqrt(weights, dtype=np.float32)


def bag_sums(
    bags: Bags, ngrams: Ngrams, rows: Rows, table: Table, settings: EncoderSettings, space: Workspace
) -> Float32:
    """The sum of each bag, not pooled: float32 [bags, dim]."""
    units = build_units(bags, ngrams, rows, table, settings, space)
    sums: Float32 = summing.sum_bags(units.local, bags.weights, bags.starts, bags.ends, units.vectors)
    return sums
