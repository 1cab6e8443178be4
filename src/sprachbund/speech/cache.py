"""Features of utterances, computed once and kept in memory as long as there is room; else computed again."""

from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.speech.features import FeatureSettings, log_mels
from sprachbund.speech.sound import resampled
from sprachbund.speech.store import Utterances

__all__ = ["Features"]


class Features:
    """Features of some utterances, of one language after the other, at several speeds.

    What is kept is what would be computed, so the room decides how long a training takes and nothing else.

    Args:
        budget: bytes that are kept at most.
    """

    def __init__(self, parts: Sequence[Utterances], settings: FeatureSettings, budget: int) -> None:
        self.parts, self.settings, self.budget = list(parts), settings, budget
        self.starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
        self.kept: dict[tuple[int, float], Float32] = {}
        self.held = 0

    def __len__(self) -> int:
        return int(self.starts[-1])

    def of(self, number: int, speed: float = 1.0) -> Float32:
        """The log-mels of an utterance spoken so fast: float32 [frames, mels]."""
        found = self.kept.get((number, speed))
        if found is None:
            part = int(np.searchsorted(self.starts, number, "right")) - 1
            samples = self.parts[part].samples(number - self.starts[part])
            if speed != 1:
                # read as if it had been recorded so much faster
                samples = resampled(samples, self.settings.sampling_rate * speed, self.settings.sampling_rate)
            found = log_mels(samples, self.settings)
            if self.held + found.nbytes <= self.budget:
                self.kept[number, speed] = found
                self.held += found.nbytes
        return found
