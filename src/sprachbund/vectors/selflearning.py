"""From some pairs to more: turn, find who is whose nearest, turn again by those, until nothing gets better.

Pairs are sought among the most frequent words, and count where each is the other's nearest. Cosines are dropped at
random, fewer of them each time that it gets no better, so that the first pairs do not hold it in a hollow. Pairs that
were given are held to the end, unlike in the source: near kin give thousands of them, which are right, and letting
them go cost half of the precision (docs/log.md).

Source: Artetxe, Labaka & Agirre 2018, A Robust Self-Learning Method for Fully Unsupervised Cross-Lingual Mappings of
Word Embeddings, sections 3.3 and 3.4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int32
from sprachbund.vectors.nearest import HUBS
from sprachbund.vectors.space import of_length_one
from sprachbund.vectors.turning import rotations

__all__ = ["Learned", "learn_pairs"]

FREQUENT = 3_000
_BETTER = 1e-4


@dataclass(frozen=True, eq=False)
class Learned:
    """Pairs that were found, given ones first.

    Attributes:
        pairs: int32 [pairs, 2]. rounds: how many it took. objective: mean of the words' largest cosines at the end.
    """

    pairs: Int32
    rounds: int
    objective: float


def learn_pairs(
    left: Float32,
    right: Float32,
    given: Int32,
    *,
    frequent: int = FREQUENT,
    keep: float = 0.3,
    grow: float = 2.0,
    patience: int = 2,
    rounds: int = 40,
    seed: int = 0,
    told: Callable[[int, float], None] | None = None,
) -> Learned:
    """Learn pairs from given ones.

    Args:
        left, right: float32 [words, dim], levelled, the most frequent first. given: int32 [pairs, 2].
        frequent: words of each side that pairs are sought among.
        keep: share of the cosines that are looked at at first. grow: its factor when it gets no better in ``patience``
            rounds; with all of them in sight that is the end.
        told: called with the round and the objective.
    """
    random = np.random.default_rng(seed)
    pairs, best, best_pairs, since, number = given, -np.inf, given, 0, 0
    for number in range(1, rounds + 1):
        turned = rotations(left, right, pairs)
        units, others = of_length_one(left[:frequent] @ turned.left), of_length_one(right[:frequent] @ turned.right)
        cosines = units @ others.T
        objective = float((cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2)
        if told:
            told(number, objective)
        since = 0 if objective > best + _BETTER else since + 1
        if objective > best:
            best, best_pairs = objective, pairs
        if since >= patience:
            if keep >= 1:
                break
            keep, since = min(1.0, keep * grow), 0
        pairs = np.concatenate((given, _mutual(cosines, keep, random)))
    return Learned(best_pairs, number, best)


def _mutual(cosines: Float32, keep: float, random: np.random.Generator) -> Int32:
    """Words that are each other's nearest by CSLS, of a share ``keep`` of all pairs."""
    found = 2 * cosines - _largest(cosines)[:, None] - _largest(cosines.T)[None, :]
    if keep < 1:
        found[random.random(found.shape, np.float32) >= keep] = -np.inf
    forward, back = found.argmax(axis=1), found.argmax(axis=0)
    rows = np.flatnonzero(back[forward] == np.arange(len(forward)))
    return np.stack((rows, forward[rows]), 1).astype(np.int32)


def _largest(cosines: Float32) -> Float32:
    """The mean of the largest cosines of each row."""
    k = min(HUBS, cosines.shape[1])
    largest = np.partition(cosines, cosines.shape[1] - k, axis=1)[:, cosines.shape[1] - k :]
    return np.asarray(largest.mean(axis=1), np.float32)
