"""A small language model over bytes: how many bits a text takes under what another language is like.

Interpolated with Witten-Bell's weights, order 7, over the bytes of UTF-8: every byte has a probability, those of one
context sum to 1, and a letter that the model never saw is charged in full, which no model over letters or words does of
itself. It is made and asked in numpy, a tenth of a second a language, and is meant to compare languages; it is no good
model of any. Where it is worse than a better one, all candidates lose alike.

Source: Witten & Bell 1991, The zero-frequency problem; Chen & Goodman 1999, section 2.5, for the interpolated form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64, Int64, UInt64
from sprachbund.errors import SettingsError

__all__ = ["ORDER", "ByteModel", "Judged", "bits", "judged", "next_byte", "train"]

ORDER = 7
"""Bytes of the longest n-gram; a key holds eight."""
SYMBOLS = 256
_EDGE = b"\0"  # before a document; in a text it stands for nothing that anybody reads


@dataclass(frozen=True)
class _Order:
    """N-grams of one length, rising, with counts; of each context how often it is, before how many kinds of bytes."""

    keys: UInt64
    counts: Float64
    contexts: UInt64
    totals: Float64
    kinds: Float64


@dataclass(frozen=True)
class ByteModel:
    """N-grams by their length, from 1. ``size``: bytes it was made of."""

    orders: tuple[_Order, ...]
    size: int


@dataclass(frozen=True)
class Judged:
    """A text as its distinct n-grams, so that many models are asked quickly.

    Attributes:
        kinds: of each length uint64 [kinds], rising.
        shorter: of each length int64 [kinds], the place of its last bytes among the kinds that are one shorter.
        places: int64 [bytes], the longest n-gram that ends at each byte. documents: int64 [bytes].
        sizes: float64 [documents], bytes.
    """

    kinds: tuple[UInt64, ...]
    shorter: tuple[Int64, ...]
    places: Int64
    documents: Int64
    sizes: Float64


def train(documents: Sequence[str]) -> ByteModel:
    """The model of some documents.

    Raises:
        SettingsError: they have no text.
    """
    keys, _ = _windows(documents)
    if not len(keys):
        raise SettingsError("a model of bytes needs some text, found none")
    return ByteModel(tuple(_order(keys & _mask(length)) for length in range(1, ORDER + 1)), len(keys))


def judged(documents: Sequence[str]) -> Judged:
    """A text to be asked about.

    Raises:
        SettingsError: it is empty.
    """
    keys, of = _windows(documents)
    if not len(keys):
        raise SettingsError("there are no bytes to judge, found documents without text")
    kinds = [np.unique(keys & _mask(length)) for length in range(1, ORDER + 1)]
    shorter = [np.zeros(len(kinds[0]), np.int64)]
    for length in range(2, ORDER + 1):
        shorter.append(np.searchsorted(kinds[length - 2], kinds[length - 1] & _mask(length - 1)))
    places = np.searchsorted(kinds[-1], keys)
    # a document without text has no bytes and no place among the sizes
    _, of = np.unique(of, return_inverse=True)
    return Judged(tuple(kinds), tuple(shorter), places, of, np.bincount(of).astype(np.float64))


def bits(model: ByteModel, text: Judged) -> Float64:
    """The bits that each document takes: float64 [documents]. Over `Judged.sizes` they are bits per byte."""
    each = -np.log2(_probabilities(model, text))[text.places]
    return np.bincount(text.documents, each, len(text.sizes)).astype(np.float64)


def next_byte(model: ByteModel, context: bytes) -> Float64:
    """The probability of each byte after some: float64 [256]; they sum to 1."""
    before = int.from_bytes((_EDGE * ORDER + context)[-(ORDER - 1) :], "big")
    keys = (np.uint64(before << 8) | np.arange(SYMBOLS, dtype=np.uint64)) & _mask(ORDER)
    kinds = [keys & _mask(length) for length in range(1, ORDER + 1)]
    shorter = [np.zeros(SYMBOLS, np.int64), *[np.arange(SYMBOLS, dtype=np.int64)] * (ORDER - 1)]
    nothing = np.empty(0, np.int64)
    return _probabilities(model, Judged(tuple(kinds), tuple(shorter), nothing, nothing, np.empty(0)))


def _probabilities(model: ByteModel, text: Judged) -> Float64:
    """Of each of the longest n-grams the probability of its last byte after the others."""
    found = np.array([1 / SYMBOLS])
    for order, kinds, shorter in zip(model.orders, text.kinds, text.shorter, strict=True):
        backed = found[shorter]
        (counts,) = _looked_up(order.keys, kinds, order.counts)
        contexts = kinds >> np.uint64(8)
        # the kinds rise, so that those of one context stand together and each is looked up once
        starts = np.flatnonzero(np.diff(contexts, prepend=contexts[:1] + np.uint64(1)))
        totals, distinct = (
            np.repeat(each, np.diff(np.append(starts, len(contexts))))
            for each in _looked_up(order.contexts, contexts[starts], order.totals, order.kinds)
        )
        # where the context never came, it says nothing, and the shorter one decides
        found = np.where(totals > 0, (counts + distinct * backed) / np.maximum(totals + distinct, 1), backed)
    return found


def _windows(documents: Sequence[str]) -> tuple[UInt64, Int64]:
    """Of each byte the key of it and those before it, and its document: uint64 [bytes], int64 [bytes]."""
    parts, of = [], []
    for number, document in enumerate(documents):
        data = document.encode("utf-8", "replace").replace(_EDGE, b" ")
        padded = np.frombuffer(_EDGE * (ORDER - 1) + data, np.uint8).astype(np.uint64)
        keys = np.zeros(len(data), np.uint64)
        for place in range(ORDER):
            keys = (keys << np.uint64(8)) | padded[place : place + len(data)]
        parts.append(keys)
        of.append(np.full(len(data), number, np.int64))
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate(parts), np.concatenate(of)


def _order(keys: UInt64) -> _Order:
    found, counts = np.unique(keys, return_counts=True)
    contexts, starts = np.unique(found >> np.uint64(8), return_index=True)
    totals = np.add.reduceat(counts, starts).astype(np.float64)
    kinds = np.diff(np.append(starts, len(found))).astype(np.float64)
    return _Order(found, counts.astype(np.float64), contexts, totals, kinds)


def _looked_up(keys: UInt64, asked: UInt64, *values: Float64) -> list[Float64]:
    """Of each of some columns its values at keys, 0 for a key that is not there."""
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    there = keys[place] == asked
    return [np.where(there, each[place], 0.0) for each in values]


def _mask(length: int) -> np.uint64:
    return np.uint64((1 << 8 * length) - 1)
