"""How alike two languages sound, by what is said and how often: divergence of phone bigrams, distance of articulation.

An inventory counts a rare sound like a common one; it puts English nearer to Portuguese than Spanish is. Weighed by how
often each sound is said, and with what follows it, the order is that of what one hears.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import MissingExtraError
from sprachbund.neighbours.articulation import articulation, nearest_distances
from sprachbund.neighbours.estimates import interval_of
from sprachbund.neighbours.inventories import inventory_of
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.phones import Phones, phones_of
from sprachbund.neighbours.sources import Sources

__all__ = ["articulation_of", "bigram_divergence", "divergence", "inventory_distance", "transport"]

_DRAWS = 100
_SHOWN = 8
_LEAST_SHARE = 0.002
"""Of a phone that counts as one of the language: rarer ones are mostly of names and foreign words."""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Shares of bigrams as counted (the first row) and in each draw of the groups: float64 [1 + draws, bigrams]."""

    places: dict[tuple[str, str], int]
    shares: Float64
    surprises: Float64


def divergence(one: Float64, other: Float64) -> float:
    """The Jensen-Shannon divergence of two distributions over the same things, in bits: 0 to 1.

    Source: Lin 1991, Divergence measures based on the Shannon entropy.
    """
    middle = (one + other) / 2
    return float(_entropy(middle).sum() - (_entropy(one).sum() + _entropy(other).sum()) / 2)


def bigram_divergence(sources: Sources, target: str, candidate: str) -> Value:
    """The Jensen-Shannon divergence of bigrams of phones, with the edges of words, in bits.

    A divergence of a drawn text is larger than that of the text itself, so the interval is the pivotal one, the draws
    mirrored at the value.
    """
    first, second = phones_of(sources, target), phones_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"no voice or lexicon of {candidate if first is not None else target}", "eSpeak NG, WikiPron")
    one, other = (_drawn(sources, code, each) for code, each in ((target, first), (candidate, second)))
    shared = [bigram for bigram in one.places if bigram in other.places]
    here, there = ([each.places[bigram] for bigram in shared] for each in (one, other))
    p, q = one.shares[:, here], other.shares[:, there]
    # of what one language alone has, half its share is in the middle: -p/2 log(p/2) = (-p log p + p) / 2
    alone = (one.surprises.sum(axis=1) - one.surprises[:, here].sum(axis=1) + 1 - p.sum(axis=1)) / 2
    alone += (other.surprises.sum(axis=1) - other.surprises[:, there].sum(axis=1) + 1 - q.sum(axis=1)) / 2
    found = _entropy((p + q) / 2).sum(axis=1) + alone
    found -= (one.surprises.sum(axis=1) + other.surprises.sum(axis=1)) / 2
    value = float(found[0])
    low, high = interval_of(2 * value - found[1:])
    apart = np.argsort(-np.abs(p[0] - q[0]), kind="stable")[:_SHOWN]
    parts: dict[str, Any] = {
        "read by": [first.source, second.source],
        "bigrams": [len(first.bigrams), len(second.bigrams)],
        "most unlike": [["".join(shared[place]), float(p[0, place]), float(q[0, place])] for place in apart],
    }
    coverage = min(first.coverage, second.coverage)
    source = first.source.split(" ")[0] if first.source == second.source else f"{first.source}; {second.source}"
    return Value(value, max(0.0, low) if low is not None else None, high, coverage, source=source, parts=parts)


def transport(one: Float64, other: Float64, costs: Float64) -> tuple[float, Float64, Float64, Float64]:
    """The earth mover's distance of two distributions: the least cost of making one into the other.

    Args:
        one, other: float64 [n], [m], each of sum 1. costs: float64 [n, m].

    Returns:
        The distance; what is moved where, float64 [n, m]; and the prices of either side: for distributions near these
        the distance is one' @ prices + other' @ prices.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    try:
        from scipy.optimize import linprog
        from scipy.sparse import csc_array
    except ImportError:
        raise MissingExtraError("articulation needs scipy: pip install 'sprachbund[neighbours]'") from None
    rows, columns = costs.shape
    # what is moved from a to b is counted in the sum of a and in that of b
    counted = np.stack([np.repeat(np.arange(rows), columns), rows + np.tile(np.arange(columns), rows)], axis=1)
    ends = np.arange(0, counted.size + 1, 2)
    sums = csc_array((np.ones(counted.size), counted.ravel(), ends), shape=(rows + columns, rows * columns))
    solved = linprog(costs.ravel(), A_eq=sums, b_eq=np.concatenate([one, other]), method="highs")
    prices = np.asarray(solved.eqlin.marginals, np.float64)
    return float(solved.fun), np.asarray(solved.x).reshape(costs.shape), prices[:rows], prices[rows:]


def articulation_of(sources: Sources, target: str, candidate: str) -> Value:
    """How much articulation has to change, a sound, to make the sounds of one text those of the other.

    The earth mover's distance of how often sounds are said, at the cost of the weighted share of features that
    differ. The interval is of sentences drawn again, at the prices of the solution.
    """
    table = articulation(sources)
    first, second = phones_of(sources, target), phones_of(sources, candidate)
    if first is None or second is None:
        return lacking(f"no voice or lexicon of {candidate if first is not None else target}", "PanPhon")
    one, other = (_said(sources, code, each) for code, each in ((target, first), (candidate, second)))
    value, moved, here, there = transport(one.shares[0], other.shares[0], table.distances(one.phones, other.phones))
    low, high = interval_of(2 * value - (one.shares[1:] @ here + other.shares[1:] @ there))
    costs = table.distances(one.phones, other.phones) * moved
    most = np.argsort(-costs, axis=None, kind="stable")[:_SHOWN]
    pairs = [(*divmod(int(place), len(other.phones)), place) for place in most if costs.flat[place] > 0]
    parts: dict[str, Any] = {
        "read by": [first.source, second.source],
        "changes": [[one.phones[a], other.phones[b], float(moved.flat[place])] for a, b, place in pairs],
    }
    if (plain := inventory_distance(sources, target, candidate)) is not None:
        parts["inventories"] = plain
    both = first.source if first.source == second.source else f"{first.source}; {second.source}"
    low = max(0.0, low) if low is not None else None
    return Value(
        value,
        low,
        high,
        min(one.known * first.coverage, other.known * second.coverage),
        source=f"PanPhon, {both}",
        parts=parts,
    )


@dataclass(frozen=True, eq=False)
class _Said:
    """Sounds of a language with features, and their shares as counted (the first row) and as drawn.

    Attributes:
        phones: those of at least `_LEAST_SHARE`. shares: float64 [1 + draws, phones]. known: the share that these are.
    """

    phones: list[str]
    shares: Float64
    known: float


def _said(sources: Sources, code: str, phones: Phones) -> _Said:
    def count() -> _Said:
        table = articulation(sources)
        names = list(phones.phones())
        place = {name: number for number, name in enumerate(names)}
        counts = np.zeros((len(phones.counts), len(names)))
        for column, (phone, _) in enumerate(phones.bigrams):
            if phone in place:
                counts[:, place[phone]] += phones.counts[:, column]
        total = counts.sum(axis=0)
        kept = [
            number
            for number, name in enumerate(names)
            if total[number] >= _LEAST_SHARE * total.sum() and table.features(name) is not None
        ]
        drawn = np.vstack([total[kept], _often(len(counts)) @ counts[:, kept]])
        shares = drawn / drawn.sum(axis=1, keepdims=True)
        return _Said([names[number] for number in kept], shares, float(total[kept].sum() / total.sum()))

    return sources.once(("said", code, phones.source), count)


def inventory_distance(sources: Sources, target: str, candidate: str) -> dict[str, float] | None:
    """The mean distance of each sound of an inventory to the nearest of the other, both ways: all, consonants, vowels.

    None where PHOIBLE is not there or lacks one.
    """
    from sprachbund.errors import MissingDataError

    try:
        first, second = inventory_of(sources, target), inventory_of(sources, candidate)
    except MissingDataError:
        return None
    if first is None or second is None:
        return None
    table, found = articulation(sources), {}
    for name, one, other in (
        ("all", first.phonemes, second.phonemes),
        ("consonants", first.consonants, second.consonants),
        ("vowels", first.vowels, second.vowels),
    ):
        if one and other:
            ways = nearest_distances(table.distances(one, other))
            found[name] = float(np.mean([np.nanmean(way) for way in ways]))
    return found


def _entropy(shares: Float64) -> Float64:
    """-p log2 p of each, 0 where p is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Float64 = np.where(shares > 0, -shares * np.log2(shares), 0.0)
    return found


def _drawn(sources: Sources, code: str, phones: Phones) -> _Drawn:
    def draw() -> _Drawn:
        groups = len(phones.counts)
        counts = np.vstack([phones.counts.sum(axis=0), _often(groups) @ phones.counts])
        shares = counts / counts.sum(axis=1, keepdims=True)
        return _Drawn({each: place for place, each in enumerate(phones.bigrams)}, shares, _entropy(shares))

    return sources.once(("drawn phones", code, phones.source), draw)


@lru_cache(maxsize=8)
def _often(groups: int) -> Float64:
    """How often each group is drawn, float64 [draws, groups]."""
    return np.random.default_rng(0).multinomial(groups, np.full(groups, 1 / groups), _DRAWS).astype(np.float64)
