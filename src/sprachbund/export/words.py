"""The whole vector of a word, its character n-grams folded in: what formats with one row a word can hold.

A word's unit in a bag is its row plus ``character_weight`` times the rows of the character n-grams inside it. Both
are known for every word of the vocabulary, so nothing is lost here; what such formats lose is all other words.
"""

from collections.abc import Iterator

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.tokens import from_series
from sprachbund.ngrams.vocabulary import BIGRAM_ORDER, WORD_ORDER
from sprachbund.retrieval.encoder import summing
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.features import Ngrams, Rows, vectors_of
from sprachbund.retrieval.encoder.short_rows import gather

__all__ = ["bigram_rows", "blocks", "word_rows", "word_vectors"]

BLOCK = 20_000


def word_rows(encoder: Encoder) -> Int64:
    """The rows of the vocabulary that are words, the most frequent first: int64 [words]."""
    return np.flatnonzero(np.asarray(encoder.vocabulary.orders) == WORD_ORDER)


def bigram_rows(encoder: Encoder) -> Int64:
    """The rows that are bigrams: int64 [bigrams]; none where the settings give bigrams no weight."""
    if not encoder.settings.encoder.bigram_weight:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.asarray(encoder.vocabulary.orders) == BIGRAM_ORDER)


def word_vectors(encoder: Encoder, rows: Int64) -> Float32:
    """The units of some words, not brought to length 1: float32 [rows, dim].

    Args:
        rows: rows of the vocabulary that are words.
    """
    settings = encoder.settings.encoder
    vectors = gather(rows.astype(np.int32), encoder.table)
    if not (settings.characters and settings.character_weight and len(rows)):
        return vectors
    data, offsets = from_series(encoder.vocabulary.strings[rows.astype(np.uint32)])
    keys, starts = kernels.characters(data, offsets[:-1], np.diff(offsets).astype(np.int32), settings.characters)
    distinct, places = np.unique(keys, return_inverse=True)
    numbers = np.arange(len(distinct), dtype=np.int32)
    none = np.zeros(len(distinct) + 1, np.int64)
    ngrams = Ngrams(distinct, np.full(len(distinct), -1, np.int8), none, np.empty(0, np.int32))
    found = Rows(encoder.vocabulary.lookup(distinct), encoder.unseen_length, encoder.seed)
    inside = vectors_of(numbers, ngrams, found, encoder.table)
    each = np.arange(len(rows), dtype=np.int32)
    summing.add_characters(each, starts, places.astype(np.int32), numbers, inside, settings.character_weight, vectors)
    return vectors


def blocks(rows: Int64) -> Iterator[Int64]:
    """Rows a block at a time: memory stays that of BLOCK vectors and of the characters inside them."""
    for low in range(0, len(rows), BLOCK):
        yield rows[low : low + BLOCK]
