"""Every n-gram of a text as a tree of contexts, with the counts that Kneser-Ney smoothing asks for.

The longest n-grams are sorted by their contexts, nearest symbol first, packed into words of 64 bits: then a context is
a run of them, and what follows it is counted from the longest contexts up. The longest n-grams are counted as they are,
a shorter one by how many different symbols stand before it; one that begins a document has nothing before it and keeps
its plain count, as in KenLM.

Memory is 16 bytes a symbol and word, one word for eight letters of an alphabet of 255, beside the tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sprachbund.arrays import Bytes, Int32, Int64, UInt64
from sprachbund.kernels import njit

__all__ = ["Level", "Tokens", "by_context", "count", "tokens_of"]


@dataclass(frozen=True)
class Tokens:
    """Documents as numbers of symbols, each after what stands for its beginning.

    Attributes:
        symbols: int32 [n], all documents, each after ``order - 1`` symbols that are nobody's: the boundary as often as
            it takes, and the symbol that closes documents.
        places: int32 [m], where the documents' own symbols lie.
        documents: int64 [documents + 1], which of the places are a document's.
        size: symbols there are; the boundary is the number after them.
    """

    symbols: Int32
    places: Int32
    documents: Int64
    size: int


@dataclass(frozen=True)
class Level:
    """All contexts of one length, sorted by their nearest symbol, then the next.

    Attributes:
        last: int32 [contexts], the symbol that is farthest from what follows; parents: int32 [contexts], the context
            without it, in the level before.
        starts: int64 [contexts + 1], which entries are a context's.
        symbols: int32 [entries], what follows, rising within a context; counts: int64 [entries].
    """

    last: Int32
    parents: Int32
    starts: Int64
    symbols: Int32
    counts: Int64


def tokens_of(documents: Sequence[Int32], size: int, closing: int, order: int) -> Tokens:
    """Documents, ready to be counted or asked for.

    Args:
        documents: int32 arrays of symbols below ``size``.
        closing: the symbol that ends documents, so also what stands before one.
    """
    before = np.full(order - 1, size, np.int32)
    if order > 1:
        before[-1] = closing
    parts: list[Int32] = []
    for document in documents:
        parts += [before, np.asarray(document, np.int32)]
    lengths = np.array([len(document) for document in documents], np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    symbols = np.concatenate(parts) if parts else np.empty(0, np.int32)
    shift = np.repeat((np.arange(len(documents), dtype=np.int64) + 1) * (order - 1), lengths)
    return Tokens(symbols, (np.arange(starts[-1]) + shift).astype(np.int32), starts, size)


def count(tokens: Tokens, order: int) -> list[Level]:
    """The contexts of every length from 0 to ``order - 1``.

    Args:
        order: symbols of the longest n-gram, its last one included; ``tokens`` were made for it.
    """
    packing = _Packing.of(tokens.size, order)
    keys = _sorted(_packed(tokens.symbols, tokens.places, packing.bits, packing.held, order, packing.words), packing)
    grams, counts, first = _distinct(keys, packing.bits, packing.held, order)
    symbols = _symbol(grams, 0, packing)
    new = first < order
    starts = np.append(np.flatnonzero(new), len(new))
    grams, first = grams[:, new], first[new]
    levels: list[Level] = []
    for length in range(order - 1, -1, -1):
        own = first <= length
        if levels:
            below = levels[-1]
            owners = (np.cumsum(own) - 1).astype(np.int32)
            levels[-1] = Level(below.last, owners, below.starts, below.symbols, below.counts)
            symbols, counts, starts = _shorter(
                below.starts, below.symbols, below.counts, below.last, owners, int(own.sum()), tokens.size
            )
        grams, first = grams[:, own], first[own]
        last = _symbol(grams, length, packing) if length else np.full(1, tokens.size, np.int32)
        levels.append(Level(last, np.zeros(len(last), np.int32), starts, symbols, counts))
    return _ended(levels[::-1], tokens.size)


def by_context(tokens: Tokens, order: int) -> Int64:
    """int64 [places]: the places in about the order of a tree's contexts."""
    packing = _Packing.of(tokens.size, order)
    return np.argsort(_packed(tokens.symbols, tokens.places, packing.bits, packing.held, order, packing.words)[0])


def _ended(levels: list[Level], boundary: int) -> list[Level]:
    """The levels without contexts that reach beyond a document's beginning: before it stands nothing to be known."""
    found, kept = levels[:1], np.ones(1, bool)
    for above, level in pairwise(levels):
        whole = (kept & (above.last != boundary))[level.parents] if len(found) > 1 else np.ones(len(level.last), bool)
        places = np.cumsum(kept) - 1
        sizes = np.diff(level.starts)
        entries = np.repeat(whole, sizes)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes[whole])))
        parents = places[level.parents[whole]].astype(np.int32)
        found.append(Level(level.last[whole], parents, starts, level.symbols[entries], level.counts[entries]))
        kept = whole
    return found


@dataclass(frozen=True)
class _Packing:
    """How an n-gram lies in words of 64 bits, so that their order is that of its context, nearest symbol first.

    Attributes:
        bits: of a symbol. held: symbols in a word. words: of an n-gram.
    """

    bits: int
    held: int
    words: int

    @classmethod
    def of(cls, size: int, order: int) -> "_Packing":
        bits = max(1, int(size).bit_length())
        held = 64 // bits
        return cls(bits, held, -(-order // held))


def _symbol(grams: UInt64, back: int, packing: _Packing) -> Int32:
    """The symbol so far before the last one, of each n-gram; 0 is what follows the context, and stands at the end."""
    order = packing.held * packing.words
    at = back - 1 if back else order - 1
    word, place = divmod(at, packing.held)
    shift = np.uint64(packing.bits * (packing.held - 1 - place))
    found: Int32 = ((grams[word] >> shift) & np.uint64((1 << packing.bits) - 1)).astype(np.int32)
    return found


@njit(cache=True, nogil=True)
def _packed(symbols: Int32, places: Int32, bits: int, held: int, order: int, words: int) -> UInt64:
    """uint64 [words, places]: context from the nearest to the farthest symbol, then what follows, in the last bits."""
    keys = np.zeros((words, len(places)), np.uint64)
    for i in range(len(places)):
        place = places[i]
        for back in range(1, order):
            word = (back - 1) // held
            shift = bits * (held - 1 - (back - 1) % held)
            keys[word, i] |= np.uint64(symbols[place - back]) << np.uint64(shift)
        keys[words - 1, i] |= np.uint64(symbols[place])
    return keys


def _sorted(keys: UInt64, packing: _Packing) -> UInt64:
    if packing.words == 1:
        return np.sort(keys, axis=1)
    order = np.argsort(keys[0])
    keys = keys[:, order]
    if packing.words == 2:
        _sort_runs(keys[0], keys[1])
        return keys
    return keys[:, np.lexsort(keys[::-1])]


@njit(cache=True)
def _sort_runs(first: UInt64, second: UInt64) -> None:
    """Sort the second words where the first are equal."""
    begin = 0
    for i in range(1, len(first) + 1):
        if i == len(first) or first[i] != first[begin]:
            if i - begin > 1:
                _sort(second[begin:i])
            begin = i


@njit(cache=True)
def _distinct(keys: UInt64, bits: int, held: int, order: int) -> tuple[UInt64, Int64, Bytes]:
    """The distinct n-grams, how often each occurs, and the length from which on its context differs from that before.

    The length is ``order`` where the context is the same.
    """
    words, n = keys.shape
    distinct = 0
    for i in range(n):
        new = i == 0
        for word in range(words):
            new |= keys[word, i] != keys[word, i - 1]
        distinct += new
    grams = np.empty((words, distinct), np.uint64)
    counts, first = np.zeros(distinct, np.int64), np.empty(distinct, np.uint8)
    at = -1
    for i in range(n):
        differs = -1 if i else 0
        if i:
            for word in range(words):
                apart = keys[word, i] ^ keys[word, i - 1]
                if apart:
                    place = 0
                    while apart >> np.uint64(bits * (held - 1 - place)) == 0 and place < held - 1:
                        place += 1
                    differs = min(word * held + place + 1, order)
                    break
        if differs >= 0:
            at += 1
            first[at] = differs
            for word in range(words):
                grams[word, at] = keys[word, i]
        counts[at] += 1
    return grams, counts, first


@njit(cache=True)
def _shorter(
    starts: Int64, symbols: Int32, counts: Int64, last: Int32, owners: Int32, nodes: int, boundary: int
) -> tuple[Int32, Int64, Int64]:
    """What follows the contexts that are one shorter: in how many longer ones a symbol follows."""
    follow, sums = np.empty(len(symbols), np.int32), np.empty(len(symbols), np.int64)
    begin = np.empty(nodes + 1, np.int64)
    total = np.zeros(boundary + 1, np.int64)
    entry = 0
    child = 0
    for node in range(nodes):
        begin[node] = entry
        while child < len(owners) and owners[child] == node:
            plain = last[child] == boundary
            for i in range(starts[child], starts[child + 1]):
                symbol = symbols[i]
                if not total[symbol]:
                    follow[entry] = symbol
                    entry += 1
                total[symbol] += counts[i] if plain else 1
            child += 1
        own = follow[begin[node] : entry]
        _sort(own)
        for i in range(len(own)):
            sums[begin[node] + i] = total[own[i]]
            total[own[i]] = 0
    begin[nodes] = entry
    return follow[:entry].copy(), sums[:entry].copy(), begin


@njit(cache=True)
def _sort(values: Int32 | UInt64) -> None:
    """In place; most runs are short, where insertion is quickest."""
    if len(values) > 32:
        values.sort()
        return
    for i in range(1, len(values)):
        value = values[i]
        j = i
        while j and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
