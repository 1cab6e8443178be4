"""Languages in the order in which they cluster, and the tree that the order comes from.

Average linkage (UPGMA) of the pairs' distances; the leaves in the order that puts like beside like (Bar-Joseph et al.
2001). It draws what the numbers say and claims no descent: languages far apart are joined somewhere, since a tree joins
all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.errors import MissingExtraError
from sprachbund.neighbours.measures import Measure
from sprachbund.neighbours.pairs import Matrix

__all__ = ["FUSED", "Tree", "distances", "grown", "tree_of"]

FUSED = "fused"
"""Stands for the order of all measures of text together."""
_KNOWN = 0.5
"""The share of the others that a language has a value with, to stand in the tree."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """A tree over some of the languages.

    Attributes:
        leaves: places of languages, in the order in which they are drawn.
        merges: (left, right, height), each side a leaf's place in ``leaves``, or ``len(leaves)`` and more for an
            earlier merge.
        without: places of languages that the measure knows too little of.
    """

    leaves: tuple[int, ...]
    merges: tuple[tuple[int, int, float], ...]
    without: tuple[int, ...]


def distances(matrix: Matrix, measure: Measure | None) -> Floats:
    """How far each pair is, both ways averaged: float64 [languages, languages], NaN without a value, 0 on the diagonal.

    Args:
        measure: None for the fusion, 1 - score. One that is higher for what is nearer is taken from its highest.
    """
    if measure is None:
        found = 1 - matrix.scores
    else:
        found = matrix.table(measure.name)
        if measure.direction == "higher":
            found = np.nanmax(found) - found
    both = np.where(np.isnan(found), found.T, np.where(np.isnan(found.T), found, (found + found.T) / 2))
    np.fill_diagonal(both, 0.0)
    return both


def tree_of(matrix: Matrix, measure: Measure | None) -> Tree:
    """The tree of a measure, or of the fusion (None).

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    return grown(distances(matrix, measure))


def grown(apart: Floats) -> Tree:
    """The tree of a matrix of distances; a pair without one is as far as the farthest.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    hierarchy, condensed = _scipy()
    count = len(apart)
    chosen = np.arange(count)
    while len(chosen) > 1:  # the least known goes first, for the shares of the others rise with it
        known = (~np.isnan(apart[np.ix_(chosen, chosen)])).sum(1) - 1
        if known.min() >= _KNOWN * (len(chosen) - 1):
            break
        chosen = np.delete(chosen, int(known.argmin()))
    without = tuple(int(each) for each in np.setdiff1d(np.arange(count), chosen))
    if len(chosen) < 2:
        return Tree((), (), tuple(range(count)))
    square = apart[np.ix_(chosen, chosen)]
    square = np.where(np.isnan(square), np.nanmax(square), square)
    flat = condensed(square, checks=False)
    linked = hierarchy.optimal_leaf_ordering(hierarchy.linkage(flat, "average"), flat)
    leaves = hierarchy.leaves_list(linked)
    place = {int(leaf): number for number, leaf in enumerate(leaves)}
    merges = []
    for left, right, height, _ in linked:
        sides = [place[int(side)] if side < len(leaves) else int(side) for side in (left, right)]
        merges.append((sides[0], sides[1], float(height)))
    return Tree(tuple(int(chosen[leaf]) for leaf in leaves), tuple(merges), without)


def _scipy() -> tuple[Any, Any]:
    try:
        from scipy.cluster import hierarchy
        from scipy.spatial.distance import squareform
    except ImportError:
        raise MissingExtraError("an order by nearness needs SciPy; pip install 'sprachbund[neighbours]'") from None
    return hierarchy, squareform
