"""Training speech made harder: faster and slower, in noise, with bands and moments masked.

Speed is changed in the sound (a resampling), for pitch and bands move with it. Noise is added to the power in the mel
bands, where noise and speech add up on average: so features are computed once and kept, and every epoch has its own
noise. Masks are SpecAugment's (Park et al. 2019, without warping).
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import SettingsError

__all__ = ["AugmentSettings", "masked", "noisy"]

_SLOPES = (0.0, -1.0)
"""Of noise over frequency: white, and pink as rooms have."""


@dataclass(frozen=True)
class AugmentSettings:
    """How training speech is changed.

    Attributes:
        speeds: at which an utterance is spoken, drawn each epoch; 1 alone changes nothing.
        noisy: share of utterances with noise. quietest: decibels of speech above noise at most; loudest: at least.
        time_masks, band_masks: of an utterance. time_share: of its length that a mask of time takes at most;
            band_width: bands that a mask takes at most.
    """

    speeds: tuple[float, ...] = (0.9, 1.0, 1.1)
    noisy: float = 0.3
    loudest: float = 5.0
    quietest: float = 30.0
    time_masks: int = 2
    time_share: float = 0.1
    band_masks: int = 2
    band_width: int = 8

    def __post_init__(self) -> None:
        rules = [
            (bool(self.speeds) and all(0.5 <= speed <= 2 for speed in self.speeds), "speeds", "from 0.5 to 2"),
            (0 <= self.noisy <= 1, "noisy", "a share"),
            (self.loudest <= self.quietest, "loudest", "at most quietest, in decibels"),
            (min(self.time_masks, self.band_masks, self.band_width) >= 0, "masks", "at least 0"),
            (0 <= self.time_share <= 1, "time_share", "a share"),
        ]
        for holds, name, allowed in rules:
            if not holds:
                raise SettingsError(f"{name} must be {allowed}, found {getattr(self, name, '')}")


def noisy(features: Float32, settings: AugmentSettings, generator: np.random.Generator) -> Float32:
    """Log-mels with noise in some of the utterances: float32 [frames, mels]."""
    # the same numbers are drawn whether there is noise or not
    drawn, ratio, slope = generator.random(), generator.uniform(settings.loudest, settings.quietest), generator.random()
    if drawn >= settings.noisy or not len(features):
        return features
    bands = features.shape[1]
    shape = np.linspace(1, 2, bands) ** _SLOPES[int(slope * len(_SLOPES))]
    speech = np.exp(features.astype(np.float64))
    level = speech.mean() * 10 ** (-ratio / 10)
    # a band's power varies from frame to frame as an average of a few squares does
    grain = generator.gamma(4.0, 0.25, features.shape)
    return np.asarray(np.log(speech + level * shape / shape.mean() * grain), np.float32)


def masked(features: Float32, settings: AugmentSettings, generator: np.random.Generator) -> Float32:
    """Normalised features with some bands and moments at the mean: float32 [frames, mels]."""
    frames, bands = features.shape
    out = np.array(features)
    for _ in range(settings.band_masks):
        width = int(generator.integers(0, min(settings.band_width, bands - 1) + 1))
        low = int(generator.integers(0, bands - width + 1))
        out[:, low : low + width] = 0
    for _ in range(settings.time_masks):
        width = int(generator.integers(0, int(settings.time_share * frames) + 1))
        low = int(generator.integers(0, frames - width + 1))
        out[low : low + width] = 0
    return out
