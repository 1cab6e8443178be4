"""A trained neural language model: data alone, in numpy, so that it can be told about and kept without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.units import Units, units_of

__all__ = ["Neural", "Point"]

Point = tuple[int, float, float]
"""Of a learning curve: characters seen, bits per byte on dev, seconds of training."""


@dataclass(frozen=True, eq=False)
class Neural:
    """A neural language model.

    Attributes:
        settings: its own, and those of its training.
        keys: what it knows, in the order of its rows. Of characters, row 0 is every unknown one and row i is
            ``keys[i - 1]``; of pieces, row i is ``keys[i]`` in the letters that stand for bytes; of bytes none.
        merges: pairs of pieces that are joined, the first first; of pieces alone.
        weights: float32, by the names of the network's parts.
        counts: int64 [rows], how often each was read in training, once over the text.
        curve: of the training. seen: characters read in all, starts included in neither.
        carried: how many rows came from where, by the words of `lab.carry.HOW`; empty without a start.
    """

    settings: NeuralSettings
    keys: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]
    weights: Mapping[str, Float32]
    counts: Int64
    curve: Sequence[Point] = ()
    seen: int = 0
    carried: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def units(self) -> Units:
        """What cuts texts."""
        return units_of(self.settings.units, self.keys, self.merges)

    @property
    def parameters(self) -> int:
        """Numbers that training chose."""
        return int(sum(np.size(weight) for weight in self.weights.values()))

    def __repr__(self) -> str:
        own = self.settings
        return f"Neural({own.architecture}, {self.units.size:,} {own.units}, {self.parameters:,} parameters)"
