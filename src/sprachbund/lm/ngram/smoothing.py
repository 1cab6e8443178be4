"""Interpolated modified Kneser-Ney: from counts to probabilities.

    p(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + g(h) p(w | h'),    g(h) = sum of the D(c(h w)) / c(h)

h' is h without its farthest symbol; below the empty context every symbol is as likely. D depends on whether a count is
1, 2 or more, by length, and is estimated from the counts of counts; where these are missing or give what cannot be (a
small text, an alphabet of a few letters: KenLM refuses both), the discount of the next longer n-grams is taken, at
last `FALLBACK`. All probabilities after a context sum to 1.

Source: Chen & Goodman 1999, An empirical study of smoothing techniques for language modeling, section 3.
"""

from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Float32, Float64, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.lm.ngram.counting import Level

__all__ = ["FALLBACK", "discounts_of", "smooth"]

FALLBACK = (0.5, 1.0, 1.5)
"""Of counts of 1, 2 and more: what KenLM takes when it is told to fall back."""
_LEAST = 5
"""Counts of counts below it are chance."""


def discounts_of(levels: Sequence[Level]) -> Float64:
    """float64 [levels, 3]: what is taken from counts of 1, 2 and more, by length."""
    found = np.empty((len(levels), 3))
    longer = np.array(FALLBACK)
    for number in range(len(levels) - 1, -1, -1):
        longer = _estimated(levels[number].counts, longer)
        found[number] = longer
    return found


def _estimated(counts: Int64, otherwise: Float64) -> Float64:
    n1, n2, n3, n4 = (float(np.count_nonzero(counts == number)) for number in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) < _LEAST:
        return otherwise
    y = n1 / (n1 + 2 * n2)
    made = np.array([1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    return made if np.all((made > 0) & (made < (1, 2, 3)) & (np.diff(made, prepend=0) >= 0)) else otherwise


def smooth(levels: Sequence[Level], discounts: Float64, size: int) -> tuple[list[Float32], list[Float32]]:
    """The probability of each entry of each level, and of each context what it leaves to the shorter one.

    Args:
        size: symbols there are; those that never occur have a share of what the empty context leaves.
    """
    probabilities: list[Float32] = []
    left: list[Float32] = []
    for number, level in enumerate(levels):
        if not number:
            even = np.full(1, 1 / size, np.float32)
            found = _smooth(level.starts, level.symbols, level.counts, level.parents, discounts[0], even, size)
        else:
            above = levels[number - 1]
            found = _smooth_on(
                level.starts, level.symbols, level.counts, level.parents, discounts[number],
                above.starts, above.symbols, probabilities[-1], size,
            )  # fmt: skip
        probabilities.append(found[0])
        left.append(found[1])
    return probabilities, left


@njit(cache=True)
def _discount(count: int, discounts: Float64) -> float:
    found: float = discounts[min(count, 3) - 1]
    return found


@njit(cache=True)
def _totals(starts: Int64, counts: Int64, discounts: Float64, node: int) -> tuple[float, float]:
    """How often a context is, and the share of it that discounting frees."""
    total = freed = 0.0
    for i in range(starts[node], starts[node + 1]):
        total += counts[i]
        freed += min(_discount(counts[i], discounts), counts[i])
    return total, freed / total


@njit(cache=True)
def _smooth(
    starts: Int64, symbols: Int32, counts: Int64, parents: Int32, discounts: Float64, even: Float32, size: int
) -> tuple[Float32, Float32]:
    """Of the empty context."""
    found, left = np.empty(len(symbols), np.float32), np.empty(len(parents), np.float32)
    for node in range(len(parents)):
        total, freed = _totals(starts, counts, discounts, node)
        left[node] = freed
        for i in range(starts[node], starts[node + 1]):
            found[i] = max(counts[i] - _discount(counts[i], discounts), 0.0) / total + freed * even[0]
    return found, left


@njit(cache=True)
def _smooth_on(
    starts: Int64, symbols: Int32, counts: Int64, parents: Int32, discounts: Float64,
    above_starts: Int64, above_symbols: Int32, above: Float32, size: int,
) -> tuple[Float32, Float32]:  # fmt: skip
    """Of longer contexts; those of one parent stand together, whose probabilities are laid out once."""
    found, left = np.empty(len(symbols), np.float32), np.empty(len(parents), np.float32)
    of = np.zeros(size + 1, np.float32)
    laid = -1
    for node in range(len(parents)):
        if parents[node] != laid:
            laid = parents[node]
            for i in range(above_starts[laid], above_starts[laid + 1]):
                of[above_symbols[i]] = above[i]
        total, freed = _totals(starts, counts, discounts, node)
        left[node] = freed
        for i in range(starts[node], starts[node + 1]):
            kept = max(counts[i] - _discount(counts[i], discounts), 0.0) / total
            found[i] = kept + freed * of[symbols[i]]
    return found, left
