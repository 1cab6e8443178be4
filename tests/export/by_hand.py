"""The vector of a word from the plain references of the hash: another way to what exports fold together."""

from functools import cache

import numpy as np

from sprachbund import Encoder
from sprachbund.arrays import Float32
from sprachbund.ngrams.keys import character_keys, word_key
from sprachbund.ngrams.start_rows import start_row


def unit(encoder: Encoder, word: str) -> Float32:
    """A word's row and its character n-grams' rows, seen or not: float32 [dim]."""
    settings = encoder.settings.encoder
    total = row(encoder, word_key(word)).astype(np.float64)
    for order in settings.characters:
        for key in character_keys(word, order):
            total += settings.character_weight * row(encoder, key)
    return total.astype(np.float32)


def row(encoder: Encoder, key: int) -> Float32:
    """The row of one n-gram, its start row where training never saw it."""
    found = rows(id(encoder.vocabulary), tuple(encoder.vocabulary.keys.tolist())).get(key)
    if found is not None:
        return encoder.table[found]
    start = start_row(key, encoder.settings.encoder.dim, encoder.seed)
    return np.array(start, np.float32) * np.float32(encoder.unseen_length)


@cache
def rows(_: int, keys: tuple[int, ...]) -> dict[int, int]:
    """Keys to rows by a plain dictionary."""
    return {key: place for place, key in enumerate(keys)}


def length_one(vectors: Float32) -> Float32:
    """Each row over its length; a zero row stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)
