"""Mixtures: which share of what is read each language gets, the total fixed.

A mixture is float64 [languages], at least 0, summing to 1. With a fixed total a small language is repeated: a language
of size n that gets the share w of a total T is read w T / n times.

    natural      in proportion to the sizes
    tempered     in proportion to size^a: a = 1 is natural, 0 uniform (Conneau et al. 2020 have .3; T is 1 / a)
    unimax       as even as a limit on repetitions allows (Chung et al. 2023, UniMax, algorithm 1)
    drawn        from a Dirichlet around tempered ones, for small runs that a regression learns from
"""

import math
from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import SettingsError

__all__ = [
    "EXPONENTS",
    "MOST",
    "STRENGTHS",
    "capped",
    "drawn",
    "natural",
    "passes_of",
    "tempered",
    "unimax",
    "with_share",
]

MOST = 4.0
"""Repetitions of a language at most: beyond four passes repeated text soon brings nothing (Muennighoff et al. 2023)."""
EXPONENTS = (0.3, 0.5)
STRENGTHS = (0.2, 5.0)
"""Of a Dirichlet, for each language on the average: at 1 all mixtures are about as likely, below they are lopsided."""


def natural(sizes: Float64) -> Float64:
    """In proportion to the sizes, float64 [languages]."""
    return tempered(sizes, 1.0)


def tempered(sizes: Float64, exponent: float) -> Float64:
    """In proportion to size^exponent; 0 gives each language the same."""
    _require_sizes(sizes)
    raw = np.asarray(sizes, np.float64) ** exponent
    mixture: Float64 = raw / raw.sum()
    return mixture


def passes_of(mixture: Float64, sizes: Float64, total: float | None = None) -> Float64:
    """How often each language is read, float64 of the mixture's shape.

    Args:
        mixture: [..., languages]. total: that is read, in the unit of the sizes; all of them together if None.
    """
    times: Float64 = mixture * (float(np.sum(sizes)) if total is None else total) / sizes
    return times


def unimax(sizes: Float64, total: float | None = None, most: float = MOST) -> Float64:
    """As even as can be with no language read more than ``most`` times.

    From the smallest language on, each gets an even part of what is left of the total, or all its repetitions if that
    is less (Chung et al. 2023).

    Raises:
        SettingsError: the total is more than all repetitions of all languages.
    """
    whole = _whole(sizes, total, most)
    left, found = whole, np.zeros(len(sizes))
    order = np.argsort(sizes, kind="stable")
    for place, language in enumerate(order):
        found[language] = min(left / (len(sizes) - place), most * float(sizes[language]))
        left -= found[language]
    mixture: Float64 = found / found.sum()
    return mixture


def capped(mixtures: Float64, sizes: Float64, total: float | None = None, most: float = MOST) -> Float64:
    """Mixtures in which no language is read more than ``most`` times: clipped, the rest raised in proportion.

    Args:
        mixtures: [..., languages].

    Raises:
        SettingsError: the total is more than all repetitions of all languages.
    """
    whole = _whole(sizes, total, most)
    limits = np.minimum(1.0, most * np.asarray(sizes, np.float64) / whole)
    found = np.array(mixtures, np.float64).reshape(-1, len(sizes))
    full = np.zeros(found.shape, bool)
    for _ in range(len(sizes)):  # every round fills one language at least
        over = (found > limits) & ~full
        if not over.any():
            break
        full |= over
        found = np.where(full, limits, found)
        free = np.where(full, 0.0, found)
        left = 1.0 - np.where(full, limits, 0.0).sum(axis=1, keepdims=True)
        there = free.sum(axis=1, keepdims=True)
        # where nothing is left to be raised, those that are free share what is over
        even = ~full * np.asarray(sizes, np.float64)
        even = even / np.maximum(even.sum(axis=1, keepdims=True), 1e-300)
        raised = np.where(there > 0, free * left / np.where(there > 0, there, 1.0), even * left)
        found = np.where(full, limits, raised)
    return found.reshape(np.shape(mixtures))


def drawn(
    sizes: Float64,
    count: int,
    seed: int | Sequence[int] = 0,
    *,
    exponents: tuple[float, float] = EXPONENTS,
    strengths: tuple[float, float] = STRENGTHS,
    most: float = MOST,
) -> Float64:
    """Mixtures for small runs, float64 [count, languages], none with more than ``most`` repetitions.

    Each is drawn from a Dirichlet of s L p, where p is `tempered` by an exponent that is drawn evenly from
    ``exponents``, L the number of languages, and s drawn from ``strengths``, evenly on a logarithmic scale. RegMix
    (Liu et al. 2024) has p tempered by .5 and strengths of .1 to 5 for all of its 17 domains together, which with few
    languages would be mixtures of one.
    """
    _require_sizes(sizes)
    generator = np.random.default_rng(seed)
    powers = generator.uniform(*exponents, (count, 1))
    strength = np.exp(generator.uniform(math.log(strengths[0]), math.log(strengths[1]), (count, 1))) * len(sizes)
    centres = np.asarray(sizes, np.float64)[None, :] ** powers
    centres /= centres.sum(axis=1, keepdims=True)
    heights = np.maximum(generator.standard_gamma(centres * strength), 1e-300)
    return capped(heights / heights.sum(axis=1, keepdims=True), sizes, most=most)


def with_share(sizes: Float64, target: int, share: float) -> Float64:
    """One language with a share, the others natural among themselves."""
    others = np.array(sizes, np.float64)
    others[target] = 0.0
    if not 0 <= share <= 1 or not others.sum():
        raise SettingsError(f"a share is from 0 to 1, beside another language, found {share:g}")
    found: Float64 = others / others.sum() * (1 - share)
    found[target] = share
    return found


def _whole(sizes: Float64, total: float | None, most: float) -> float:
    _require_sizes(sizes)
    whole = float(np.sum(sizes)) if total is None else float(total)
    if not 0 < whole <= most * float(np.sum(sizes)) * (1 + 1e-12):
        raise SettingsError(
            f"{most:g} repetitions of all languages are {most * float(np.sum(sizes)):,.0f}, from which "
            f"{whole:,.0f} cannot be drawn; allow more repetitions or draw less"
        )
    return whole


def _require_sizes(sizes: Float64) -> None:
    if not len(sizes) or not (np.isfinite(sizes) & (np.asarray(sizes) > 0)).all():
        raise SettingsError("a mixture needs languages with something to train on each, found one without")
