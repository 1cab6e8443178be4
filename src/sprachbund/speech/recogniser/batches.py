"""Utterances in batches: alike in length, about as many seconds each, drawn anew every epoch.

The first epoch goes from the short to the long (SortaGrad, Amodei et al. 2016): where letters are few, which sound is
whose is soon found.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64, Int64

__all__ = ["Batches"]

_JITTER = 0.15
"""How far lengths are taken for others, so that the same utterances do not always stand side by side."""


@dataclass(frozen=True)
class Batches:
    """The training utterances.

    Attributes:
        seconds: float64 [utterances], of each. size: seconds of a batch. seed: of the orders.
    """

    seconds: Float64
    size: float
    seed: int

    @property
    def steps(self) -> int:
        """Batches in an epoch, the same in each."""
        return min(len(self.seconds), max(1, round(float(self.seconds.sum()) / self.size)))

    @property
    def total(self) -> float:
        """Seconds of an epoch."""
        return float(self.seconds.sum())

    def epoch(self, number: int) -> list[Int64]:
        """The utterances of each batch of an epoch, every one once; none is empty. The first has the shortest first."""
        generator = np.random.default_rng([self.seed, number, 5])
        taken = self.seconds * (1 + _JITTER * generator.uniform(-1, 1, len(self.seconds)))
        order = np.argsort(taken, kind="stable")
        ends = np.cumsum(self.seconds[order])
        # cut where the seconds are shared out evenly, each batch with an utterance at least
        cuts = np.searchsorted(ends, ends[-1] * np.arange(1, self.steps) / self.steps, "left") + 1
        count = len(order)
        for at in range(len(cuts)):
            cuts[at] = max(cuts[at], cuts[at - 1] + 1 if at else 1)
        for at in range(len(cuts) - 1, -1, -1):
            cuts[at] = min(cuts[at], cuts[at + 1] - 1 if at + 1 < len(cuts) else count - 1)
        batches = np.split(order, cuts)
        return [batches[place] for place in generator.permutation(len(batches))] if number else batches
