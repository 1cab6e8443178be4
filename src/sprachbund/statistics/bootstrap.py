"""The two-stage clustered bootstrap: documents are drawn again, then their items.

Items (queries, utterances) of one document are alike, so an interval that draws items alone is too narrow. Every draw
takes as many documents as there are, with replacement, and from each of them as many of its items as it has, with
replacement; the value of a draw is the sum of the values of the items drawn over the sum of their weights. All columns
(arms, measures) share the draw, so differences between columns are paired. With one item a document it is the ordinary
bootstrap.

Random numbers come from splitmix64 with a state of its own for every draw: the same seed gives the same
draws on any machine and with any number of threads. The documents of a draw are drawn before its items, so
two languages with the same documents and the same seed draw the same documents.

Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.errors import SettingsError
from sprachbund.kernels import njit
from sprachbund.machine import cpu_count

DRAWS = 10_000
LEVEL = 0.95

_INCREMENT = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_MASK = (1 << 64) - 1

Floats = npt.NDArray[np.float64]


def weighted_means(values: npt.NDArray[Any], weights: npt.NDArray[Any] | None = None) -> npt.NDArray[np.float64]:
    """The mean of every column: the sum of its values over the sum of the weights, float64 [columns].

    Args:
        values: float [items, columns]. weights: float [items]; 1 each if None.
    """
    if weights is None:
        weights = np.ones(len(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        means: npt.NDArray[np.float64] = values.sum(axis=0, dtype=np.float64) / weights.sum(dtype=np.float64)
    return means


def bootstrap_means(
    values: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    draws: int = DRAWS,
    seed: int = 0,
    weights: npt.NDArray[Any] | None = None,
) -> npt.NDArray[np.float64]:
    """The mean of every column in each draw.

    Args:
        values: float [items, columns], one value an item and column.
        groups: int [items], the document (group) of each item.
        draws: how many draws.
        seed: a number from 0 to 2**64 - 1.
        weights: float [items], above 0; 1 each if None.

    Returns:
        float64 [draws, columns]; NaN where there are no items, or where all are of one document: how documents
        differ cannot be seen then, and an interval from items alone would be far too narrow.

    Raises:
        SettingsError: the shapes do not fit, a value is not finite, a weight not above 0, or ``draws`` is below one.
    """
    table, starts, heavy = _by_document(values, groups, draws, weights)
    means = np.full((draws, table.shape[1]), np.nan)
    if len(starts) <= 2:
        return means
    workers = min(cpu_count(), draws)
    edges = np.linspace(0, draws, workers + 1).astype(np.int64)
    if workers == 1:
        _draw_means(table, starts, heavy, np.uint64(seed), 0, means)
        return means
    with ThreadPoolExecutor(workers) as threads:
        jobs = [
            threads.submit(_draw_means, table, starts, heavy, np.uint64(seed), int(first), means[first:last])
            for first, last in pairwise(edges)
        ]
        for job in jobs:
            job.result()
    return means


def bootstrap_means_reference(
    values: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    draws: int = DRAWS,
    seed: int = 0,
    weights: npt.NDArray[Any] | None = None,
) -> npt.NDArray[np.float64]:
    """What `bootstrap_means` computes, in plain Python, slowly: the tests hold the two equal."""
    table, starts, heavy = _by_document(values, groups, draws, weights)
    documents = len(starts) - 1
    means = np.full((draws, table.shape[1]), np.nan)
    for draw in range(draws if documents > 1 else 0):
        state = _mixed((seed + _mixed(draw + _INCREMENT)) & _MASK)
        drawn = []
        for _ in range(documents):
            state = (state + _INCREMENT) & _MASK
            drawn.append(_below(_mixed(state), documents))
        total, weight = np.zeros(table.shape[1]), 0.0
        for document in drawn:
            size = int(starts[document + 1] - starts[document])
            for _ in range(size):
                state = (state + _INCREMENT) & _MASK
                item = starts[document] + _below(_mixed(state), size)
                total += table[item]
                weight += heavy[item]
        means[draw] = total / weight
    return means


def interval(draws: npt.NDArray[np.float64], level: float = LEVEL) -> tuple[float, float]:
    """The percentile interval of one column of draws, float64 [draws].

    The ends are draws themselves, the outer ones where a percentile falls between two, so the interval is
    never narrower than ``level`` and an infinite draw does no harm. Draws that are NaN are left out; without
    any other the interval is (NaN, NaN).
    """
    known = np.sort(draws[~np.isnan(draws)])
    if not len(known):
        return float("nan"), float("nan")
    # 0.05 * 100 may come out as 4.999...: an end within rounding of a draw is that draw.
    place = round((1 - level) / 2 * (len(known) - 1), 6)
    return float(known[math.floor(place)]), float(known[len(known) - 1 - math.floor(place)])


def count_documents(groups: npt.NDArray[Any]) -> int:
    """How many different documents (groups) the items have."""
    return len(np.unique(groups))


def _by_document(
    values: npt.NDArray[Any], groups: npt.NDArray[Any], draws: int, weights: npt.NDArray[Any] | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The rows of ``values`` with those of one document side by side, where each document starts, and the weights."""
    weights = np.ones(len(values)) if weights is None else weights
    if values.ndim != 2 or groups.shape != (len(values),) or weights.shape != (len(values),):
        raise SettingsError(
            "the bootstrap expects values [items, columns], groups [items] and weights [items], "
            f"found the shapes {values.shape}, {groups.shape} and {weights.shape}"
        )
    if draws < 1:
        raise SettingsError(f"the bootstrap needs at least one draw, found {draws}")
    if not np.isfinite(values).all():
        raise SettingsError("the bootstrap expects finite values, found NaN or an infinite one")
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise SettingsError("the bootstrap expects weights above 0, found one that is not")
    _, which, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    table = np.ascontiguousarray(values[order], dtype=np.float64)
    heavy = np.ascontiguousarray(weights[order], dtype=np.float64)
    return table, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), heavy


def _mixed(state: int) -> int:
    """The output function of splitmix64 (Steele, Lea & Flood 2014)."""
    state = ((state ^ (state >> 30)) * _FIRST) & _MASK
    state = ((state ^ (state >> 27)) * _SECOND) & _MASK
    return state ^ (state >> 31)


def _below(number: int, limit: int) -> int:
    """A number below ``limit`` from the upper 32 of 64 random bits; its bias is below limit / 2**32."""
    return ((number >> 32) * limit) >> 32


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _mixed_fast(state):  # type: ignore[no-untyped-def]
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
    return state ^ (state >> np.uint64(31))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _draw_means(table, starts, weights, seed, first, means):  # type: ignore[no-untyped-def]
    """Fill ``means`` [draws, columns] with the draws numbered from ``first``."""
    documents, columns = len(starts) - 1, table.shape[1]
    increment, half = np.uint64(_INCREMENT), np.uint64(32)
    drawn = np.empty(documents, np.int64)
    total = np.empty(columns)
    for row in range(len(means)):
        state = _mixed_fast(seed + _mixed_fast(np.uint64(first + row) + increment))
        for place in range(documents):
            state += increment
            drawn[place] = np.int64(((_mixed_fast(state) >> half) * np.uint64(documents)) >> half)
        total[:] = 0.0
        weight = 0.0
        for place in range(documents):
            start = starts[drawn[place]]
            size = starts[drawn[place] + 1] - start
            for _ in range(size):
                state += increment
                item = start + np.int64(((_mixed_fast(state) >> half) * np.uint64(size)) >> half)
                for column in range(columns):
                    total[column] += table[item, column]
                weight += weights[item]
        for column in range(columns):
            means[row, column] = total[column] / weight
