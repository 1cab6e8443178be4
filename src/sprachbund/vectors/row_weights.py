"""Rows for what a start model lacks, as weighted means of those that it has: weights come from vectors of the target.

Vectors of the target's own text say which keys mean about the same there. A key that the start lacks begins from keys
that both have:

    nearest  those with the highest cosine, weighed by the sparsemax of it, so that far ones count nothing: as FOCUS has
             it (Dobler & de Melo 2023, arXiv 2305.14481)
    sum      those whose vectors together come nearest to its own, chosen one after the other by orthogonal matching
             pursuit with weights above 0: as mergekit's tokensurgeon has it, but for the sign, for a mean has none

Source of sparsemax: Martins & Astudillo 2016, algorithm 1.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import polars as pl
from scipy.optimize import nnls

from sprachbund.arrays import Float32, Float64
from sprachbund.errors import SettingsError
from sprachbund.files import atomic_path
from sprachbund.vectors.space import Space

__all__ = ["WAYS", "Way", "row_weights", "sparsemax", "write_row_weights"]

Way = Literal["nearest", "sum"]
WAYS: tuple[Way, ...] = get_args(Way)


def row_weights(space: Space, known: Collection[str], *, way: Way = "nearest", k: int = 10) -> pl.DataFrame:
    """A row map's table for the keys of a space that a start lacks.

    Args:
        space: vectors of the target's text. known: keys of the start. k: keys that a mean has at most.

    Returns:
        ``target``, ``start`` and ``weight``, 1 in sum for each target; a key without any likeness to known ones has no
        row.

    Raises:
        SettingsError: the start has none of the space's keys, or there is no such way.
    """
    if way not in WAYS or k < 1:
        raise SettingsError(f"expected a way of {', '.join(WAYS)} and k of at least 1, found {way} and {k}")
    there = set(known)
    shared = np.array([place for place, word in enumerate(space.words) if word in there], np.int64)
    if not len(shared):
        raise SettingsError("the start has none of the keys of these vectors: are they of the same kind and writing?")
    asked = np.array([place for place, word in enumerate(space.words) if word not in there], np.int64)
    rows: list[tuple[str, str, float]] = []
    for low in range(0, len(asked), _BLOCK):
        block = asked[low : low + _BLOCK]
        cosines = space.units[block] @ space.units[shared].T
        for place, cosine in zip(block, cosines, strict=True):
            chosen, weights = _WEIGHTS[way](space.units[place], space.units[shared], cosine, k)
            rows += [
                (space.words[place], space.words[shared[column]], float(weight))
                for column, weight in zip(chosen, weights, strict=True)
                if weight > 0
            ]
    return pl.DataFrame(rows, schema={"target": pl.String, "start": pl.String, "weight": pl.Float64}, orient="row")


def write_row_weights(table: pl.DataFrame, path: Path | str) -> None:
    """Write what `row_weights` gave, a line each under a line of names, as ``train --carry`` reads it."""
    lines = ["\t".join(table.columns), *(f"{target}\t{start}\t{weight:.6g}" for target, start, weight in table.rows())]
    with atomic_path(Path(path)) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


_BLOCK = 512
_Chosen = tuple[np.ndarray, Float64]


def _nearest(own: Float32, others: Float32, cosine: Float32, k: int) -> _Chosen:
    """The k highest cosines above 0, and their sparsemax."""
    best = np.argsort(-cosine, kind="stable")[:k]
    best = best[cosine[best] > 0]
    return best, sparsemax(cosine[best].astype(np.float64) / _TEMPERATURE)


_TEMPERATURE = 0.1
"""Cosines of a space of words differ by some tenths: at 1 all would weigh alike."""


def _sum(own: Float32, others: Float32, cosine: Float32, k: int) -> _Chosen:
    """Orthogonal matching pursuit with weights above 0, made 1 in sum."""
    chosen: list[int] = []
    weights: Float64 = np.empty(0)
    left = cosine
    for _ in range(min(k, len(others))):
        best = int(np.argmax(left))
        if left[best] <= _LEAST or best in chosen:
            break
        chosen.append(best)
        weights, _ = nnls(others[chosen].T.astype(np.float64), own.astype(np.float64))
        left = others @ (own - weights.astype(np.float32) @ others[chosen])
    total = weights.sum()
    return np.array(chosen, np.int64), weights / total if total > 0 else weights


_LEAST = 1e-3
"""A cosine with what is left that is not worth another key."""
_WEIGHTS = {"nearest": _nearest, "sum": _sum}


def sparsemax(scores: Float64) -> Float64:
    """The point of the simplex that is nearest to some scores: float64, 1 in sum, low scores exactly 0."""
    if not len(scores):
        return scores
    ordered = np.sort(scores)[::-1]
    sums = np.cumsum(ordered)
    places = np.arange(1, len(scores) + 1)
    kept = int(places[1 + places * ordered > sums].max())
    return np.asarray(np.maximum(scores - (sums[kept - 1] - 1) / kept, 0.0), np.float64)
