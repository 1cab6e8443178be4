"""A finished n-gram model: a tree of contexts in flat arrays, memory-mapped, and what is asked of it.

A context is found from the nearest symbol outwards. Where the model has the symbol after the longest context that it
knows, its probability stands there; else it is that after the next shorter context times what this one leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprachbund.arrays import Bytes, Float32, Float64, Int32, Int64
from sprachbund.errors import CapacityError, FolderError, SettingsError
from sprachbund.files import read_array, write_array
from sprachbund.kernels import njit
from sprachbund.lm.ngram.counting import by_context, count, tokens_of
from sprachbund.lm.ngram.smoothing import discounts_of, smooth
from sprachbund.machine import memory_limit

__all__ = ["MOST_ORDER", "Asked", "NGram", "after", "ask", "fill_after", "read_ngram", "train_ngram", "write_ngram"]

MOST_ORDER = 16
_BYTES_A_SYMBOL = 100
"""Of memory while a model is made, at most about: keys, counts and the tree."""


@dataclass(frozen=True, eq=False)
class NGram:
    """An n-gram model over symbols 0 to ``size - 1``; contexts by length, then by their nearest symbol.

    Attributes:
        size: symbols. closing: the symbol that ends documents. order: of the longest n-gram.
        last: int32 [contexts], the farthest symbol of each. children: int64 [contexts + 1], the contexts that are one
            longer. entries: int64 [contexts + 1], what follows. left: float32 [contexts], what it leaves the shorter.
        symbols: int32 [entries], rising within a context; probabilities: float32 [entries].
        seen: float32 [contexts], how often each was counted. peaks: float32 [contexts], its largest probability.
        levels: int64 [order + 1], where contexts of each length begin. discounts: float64 [order, 3].
    """

    size: int
    closing: int
    order: int
    last: Int32
    children: Int64
    entries: Int64
    left: Float32
    symbols: Int32
    probabilities: Float32
    seen: Float32
    peaks: Float32
    levels: Int64
    discounts: Float64

    @property
    def contexts(self) -> int:
        """Of all lengths."""
        return len(self.last)


def train_ngram(
    documents: Sequence[Int32], size: int, closing: int, order: int, discounts: Float64 | None = None
) -> NGram:
    """Count and smooth.

    Args:
        documents: int32 arrays of symbols below ``size``.
        discounts: float64 [order, 3]; None: estimated.

    Raises:
        SettingsError: no text, or an order that cannot be.
        CapacityError: it does not fit the memory.
    """
    if not 1 <= order <= MOST_ORDER:
        raise SettingsError(f"the order of n-grams must be 1 to {MOST_ORDER}, found {order}")
    length = sum(map(len, documents))
    if not length:
        raise SettingsError("a model of n-grams needs some text, found none")
    if length * _BYTES_A_SYMBOL > memory_limit():
        most = memory_limit() // _BYTES_A_SYMBOL
        raise CapacityError(f"n-grams of {length:,} symbols do not fit the memory; some {most:,} do: cut the text")
    levels = count(tokens_of(documents, size, closing, order), order)
    discounts = discounts_of(levels) if discounts is None else discounts
    probabilities, left = smooth(levels, discounts, size)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(level.last) for level in levels])))
    shifts = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(level.symbols) for level in levels])))
    children = [np.array([1], np.int64)]
    for number, level in enumerate(levels):
        after = levels[number + 1].parents if number + 1 < order else np.empty(0, np.int32)
        ends = np.searchsorted(after, np.arange(len(level.last)), "right") + starts[number + 1]
        children.append(ends)
    entries = np.concatenate(
        [level.starts[:-1] + at for level, at in zip(levels, shifts, strict=False)] + [shifts[-1:]]
    )
    flat = np.concatenate(probabilities)
    counts = np.concatenate([level.counts for level in levels])
    return NGram(
        size, closing, order,
        np.concatenate([level.last for level in levels]),
        np.concatenate(children),
        entries,
        np.concatenate(left),
        np.concatenate([level.symbols for level in levels]),
        flat,
        np.add.reduceat(counts, entries[:-1]).astype(np.float32),
        np.maximum.reduceat(flat, entries[:-1]),
        starts, discounts,
    )  # fmt: skip


_ARRAYS = ("last", "children", "entries", "left", "symbols", "probabilities", "seen", "peaks", "levels", "discounts")


def write_ngram(model: NGram, folder: Path) -> None:
    """Write the arrays into a folder, a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ARRAYS:
        write_array(folder / f"{name}.npy", getattr(model, name))


def read_ngram(folder: Path, size: int, closing: int) -> NGram:
    """Memory-mapped.

    Raises:
        FolderError: an array is damaged, or does not fit the others.
    """
    kinds = {
        "last": "<i4",
        "symbols": "<i4",
        "left": "<f4",
        "probabilities": "<f4",
        "seen": "<f4",
        "peaks": "<f4",
        "discounts": "<f8",
    }
    found = {
        name: read_array(
            folder / f"{name}.npy", dtype=kinds.get(name, "<i8"), dimensions=2 if name == "discounts" else 1
        )
        for name in _ARRAYS
    }
    order = len(found["levels"]) - 1
    contexts, entries = len(found["last"]), len(found["symbols"])
    lengths = {"children": contexts + 1, "entries": contexts + 1, "probabilities": entries}
    lengths |= dict.fromkeys(("left", "seen", "peaks"), contexts)
    fit = (
        order >= 1
        and all(len(found[name]) == length for name, length in lengths.items())
        and found["discounts"].shape == (order, 3)
        and _rises(found["entries"], 0, entries)
        and _rises(found["children"], 1, contexts)
        and found["levels"][-1] == contexts
        and int(found["symbols"].min(initial=0)) >= 0
        and int(found["symbols"].max(initial=0)) < size
    )
    if not fit:
        raise FolderError(f"{folder}: damaged, its arrays do not fit each other; make the model anew")
    return NGram(size, closing, order, **found)


def _rises(bounds: Int64, first: int, last: int) -> bool:
    return bool(bounds[0] == first and bounds[-1] == last and np.all(np.diff(bounds) >= 0))


@dataclass(frozen=True, eq=False)
class Asked:
    """What a model says of the symbols of some documents.

    Attributes:
        probabilities: float64 [symbols], of each.
        depths: uint8 [symbols], the length of the longest context known. seen: float32 [symbols], how often that was
            counted. peaks: float32 [symbols], the largest probability of any symbol there.
    """

    probabilities: Float64
    depths: Bytes
    seen: Float32
    peaks: Float32


def ask(model: NGram, documents: Sequence[Int32]) -> Asked:
    """What a model says of documents, one after the other."""
    tokens = tokens_of(documents, model.size, model.closing, model.order)
    # in the order of the tree neighbours find what they ask for in the cache: three times as fast
    order = by_context(tokens, model.order)
    nodes: Int64 = np.empty(len(order), np.int64)
    depths: Bytes = np.empty(len(order), np.uint8)
    found: Float64 = np.empty(len(order), np.float64)
    nodes[order], depths[order], found[order] = _ask(
        tokens.symbols, tokens.places[order], model.order, model.last, model.children, model.entries, model.left,
        model.symbols, model.probabilities, 1 / model.size,
    )  # fmt: skip
    return Asked(found, depths, model.seen[nodes], model.peaks[nodes])


def after(model: NGram, context: Int32) -> tuple[Float64, int, float, float]:
    """The probability of every symbol after a document's beginning: float64 [size], which sum to 1.

    Returns:
        also what `Asked` has of the context: its depth, how often it was seen, its peak.
    """
    tokens = tokens_of([np.append(context, 0).astype(np.int32)], model.size, model.closing, model.order)
    place = tokens.places[-1]
    out = np.empty(model.size)
    node, depth = fill_after(
        tokens.symbols, place, model.order, model.last, model.children, model.entries, model.left, model.symbols,
        model.probabilities, out,
    )  # fmt: skip
    return out, depth, float(model.seen[node]), float(model.peaks[node])


@njit(cache=True, inline="always")
def _find(values: Int32, low: int, high: int, wanted: int) -> int:
    """The place of a value in a rising run, -1 if it is not there."""
    while high - low > 8:
        middle = (low + high) >> 1
        if values[middle] <= wanted:
            low = middle
        else:
            high = middle
    for i in range(low, high):
        if values[i] == wanted:
            return i
    return -1


@njit(cache=True, nogil=True)
def _walk(symbols: Int32, place: int, order: int, last: Int32, children: Int64, path: Int64) -> int:
    """The contexts known before a place, the empty one first; gives back the length of the longest."""
    depth = 0
    path[0] = 0
    while depth < order - 1:
        node = path[depth]
        found = _find(last, children[node], children[node + 1], symbols[place - depth - 1])
        if found < 0:
            break
        depth += 1
        path[depth] = found
    return depth


@njit(cache=True, nogil=True)
def _ask(
    symbols: Int32, places: Int32, order: int, last: Int32, children: Int64, entries: Int64, left: Float32,
    follow: Int32, probabilities: Float32, even: float,
) -> tuple[Int64, Bytes, Float64]:  # fmt: skip
    """Of each place the longest context known, its length, and the probability of what stands there."""
    nodes, depths, out = np.empty(len(places), np.int64), np.empty(len(places), np.uint8), np.empty(len(places))
    path = np.empty(order, np.int64)
    for at in range(len(places)):
        place = places[at]
        depth = _walk(symbols, place, order, last, children, path)
        nodes[at], depths[at] = path[depth], depth
        kept = 1.0
        wanted = symbols[place]
        probability = -1.0
        while depth >= 0:
            node = path[depth]
            found = _find(follow, entries[node], entries[node + 1], wanted)
            if found >= 0:
                probability = kept * probabilities[found]
                break
            kept *= left[node]
            depth -= 1
        out[at] = probability if probability >= 0 else kept * even
    return nodes, depths, out


@njit(cache=True, nogil=True)
def fill_after(
    symbols: Int32, place: int, order: int, last: Int32, children: Int64, entries: Int64, left: Float32,
    follow: Int32, probabilities: Float32, out: Float64,
) -> tuple[int, int]:  # fmt: skip
    """Fill in the probability of every symbol; gives back the longest context known and its length."""
    path = np.empty(order, np.int64)
    depth = _walk(symbols, place, order, last, children, path)
    # from the shortest context up: a longer one scales what the shorter gave, and says its own
    out[:] = left[0] / len(out)
    for level in range(depth + 1):
        node = path[level]
        if level:
            out *= left[node]
        for i in range(entries[node], entries[node + 1]):
            out[follow[i]] = probabilities[i]
    return path[depth], depth
