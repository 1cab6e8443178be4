"""A trained recogniser: data alone, in numpy, so that it can be told about and kept without torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.speech.alphabet import Alphabet
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.recogniser.settings import RecogniserSettings

__all__ = ["Point", "Recogniser"]

Point = tuple[int, float, float]
"""Of a learning curve: seconds of speech heard, character error rate on dev, seconds of processor; of a training
that was killed those since its last point are not counted."""


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A recogniser of speech.

    Attributes:
        languages: that it was trained on, codes, sorted. settings: its own, and those of its training.
        alphabet: what it writes. counts: int64 [symbols], of its training text.
        weights: float32, by the names of the network's parts.
        curve: of the training. heard: seconds of speech heard in all, starts left out.
        carried: how many rows came from where, by the words of `lab.carry.HOW`; empty without a start.
        expectations: which letters it expects, for the beam; None where it was given no text.
        about: what it was made of, as JSON.
    """

    languages: tuple[str, ...]
    settings: RecogniserSettings
    alphabet: Alphabet
    counts: Int64
    weights: Mapping[str, Float32]
    curve: Sequence[Point] = ()
    heard: int = 0
    carried: Mapping[str, int] = field(default_factory=dict)
    expectations: Expectations | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Numbers that training chose."""
        return int(sum(np.size(weight) for weight in self.weights.values()))

    def __repr__(self) -> str:
        own = self.settings
        return (
            f"Recogniser({', '.join(self.languages)}: {len(self.alphabet.letters)} letters, {self.parameters:,} "
            f"parameters, {own.features.sampling_rate:,} samples a second)"
        )
