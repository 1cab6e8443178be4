"""In which order auxiliaries are added: the nearest first, the farthest first, or as a seed draws them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sprachbund.analyses.auxiliaries.settings import FARTHEST, NEAREST, RANDOM, Order
from sprachbund.analyses.overlap.vocabularies import Overlap
from sprachbund.errors import SettingsError
from sprachbund.neighbours.asking import find_neighbours

__all__ = ["by_neighbours", "by_overlap", "prefixes"]


def by_overlap(found: Overlap, targets: Sequence[str], others: Mapping[str, Sequence[str]], value: str) -> (
    dict[str, tuple[str, ...]]
):  # fmt: skip
    """By target the languages that may help it, the nearest first; those that are as near in the order of their codes.

    Args:
        others: by target the languages that may help. value: ``jaccard``, or ``directed``: of the target's vocabulary.
    """
    square = found.matrix(value)
    place = {code: number for number, code in enumerate(found.languages)}
    return {
        target: tuple(sorted(others[target], key=lambda code: (-square[place[target], place[code]], code)))
        for target in targets
    }


def by_neighbours(
    targets: Sequence[str], others: Mapping[str, Sequence[str]], corpus: Path
) -> dict[str, tuple[str, ...]]:
    """The same by all measures of `find_neighbours` together.

    Raises:
        SettingsError: no measure knows one of the languages.
    """
    found = {}
    for target in targets:
        near = find_neighbours(target, list(others[target]), corpus=corpus).candidates
        known = [each.language for each in near if each.rank is not None]
        if lost := sorted(set(others[target]) - set(known)):
            raise SettingsError(
                f'no measure of neighbours says how near {lost[0]} is to {target}; leave it out, or set by = "jaccard"'
            )
        found[target] = tuple(known)
    return found


def prefixes(
    near: Sequence[str], order: Order, count: int, shuffles: int, seed: Sequence[int]
) -> list[tuple[str, ...]]:
    """The first ``count`` auxiliaries: one choice, or as many as there are random orders; each sorted.

    >>> prefixes(["pt", "es", "tr"], "farthest", 2, 3, [0])
    [('es', 'tr')]
    """
    if order == RANDOM and count < len(near):
        drawn = [np.random.default_rng([*seed, shuffle]).permutation(len(near))[:count] for shuffle in range(shuffles)]
        return [tuple(sorted(near[place] for place in places)) for places in drawn]
    chosen = {NEAREST: near[:count], FARTHEST: near[len(near) - count :], RANDOM: near}[order]
    return [tuple(sorted(chosen))]
