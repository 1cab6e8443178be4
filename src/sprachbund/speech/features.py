"""Logarithms of the energy in mel bands, as Kaldi computes them, and how they are brought to one scale.

Frames of 25 ms every 10 ms; their mean taken off, pre-emphasis of .97, Povey's window, the power spectrum, triangles
evenly spaced on the mel scale from 20 Hz to half the rate, logarithm. Equal to kaldi-native-fbank's without dither to
1e-4, which the tests hold them to; numpy alone, so that a recogniser in use needs no other library.

Source: Kaldi, feat/feature-fbank.cc, feature-window.cc, mel-computations.cc.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Float32, Float64
from sprachbund.errors import SettingsError

__all__ = ["FeatureSettings", "frames_in", "log_mels", "normalised"]

SHIFT, LENGTH = 0.010, 0.025
"""Seconds."""
_SCALE = 1 << 15
_EMPHASIS, _POWER = 0.97, 0.85
_FLOOR = float(np.finfo(np.float32).eps)
LEAST_DEVIATION = 0.1
"""Of a band over an utterance: what hardly changes is not blown up."""
_BLOCK = 1 << 14
"""Frames that are transformed at a time."""


@dataclass(frozen=True)
class FeatureSettings:
    """What a recogniser hears.

    Attributes:
        sampling_rate: samples a second. mels: bands.
    """

    sampling_rate: int = 8_000
    mels: int = 40

    def __post_init__(self) -> None:
        if not 4_000 <= self.sampling_rate <= 48_000:
            raise SettingsError(
                f"sampling_rate must be from 4,000 to 48,000 samples a second, found {self.sampling_rate}"
            )
        if not 8 <= self.mels <= 128:
            raise SettingsError(f"mels must be from 8 to 128, found {self.mels}")


def frames_in(samples: int, rate: int) -> int:
    """Frames that so many samples have: those that lie wholly inside."""
    length, shift = _sizes(rate)
    return 0 if samples < length else 1 + (samples - length) // shift


def log_mels(samples: Float32, settings: FeatureSettings) -> Float32:
    """The features of a sound: float32 [frames, mels].

    Args:
        samples: float32 within -1 and 1.
    """
    length, shift = _sizes(settings.sampling_rate)
    count = frames_in(len(samples), settings.sampling_rate)
    out = np.empty((count, settings.mels), np.float32)
    if not count:
        return out
    padded, window, bands = _tables(settings)
    scaled = np.asarray(samples, np.float32) * np.float32(_SCALE)
    views = np.lib.stride_tricks.sliding_window_view(scaled, length)[::shift]
    for low in range(0, count, _BLOCK):
        part = views[low : low + _BLOCK].astype(np.float64)
        part -= part.mean(1, keepdims=True)
        part[:, 1:] -= _EMPHASIS * part[:, :-1]
        part[:, 0] *= 1 - _EMPHASIS
        part *= window
        spectrum = np.fft.rfft(part, padded)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        out[low : low + _BLOCK] = np.log(np.maximum(power @ bands, _FLOOR))
    return out


def normalised(features: Float32) -> Float32:
    """The same with mean 0 and deviation 1 in every band over the utterance."""
    if not len(features):
        return features
    deviation = np.maximum(features.std(0, dtype=np.float64), LEAST_DEVIATION)
    return np.asarray((features - features.mean(0, dtype=np.float64)) / deviation, np.float32)


def _sizes(rate: int) -> tuple[int, int]:
    """Samples of a frame, and between two."""
    return int(rate * LENGTH), int(rate * SHIFT)


@lru_cache(maxsize=8)
def _tables(settings: FeatureSettings) -> tuple[int, Float64, Float64]:
    """The length of the transform, float64 [length] the window, float64 [bins, mels] the bands."""
    length, _ = _sizes(settings.sampling_rate)
    padded = 1 << (length - 1).bit_length()
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))) ** _POWER
    low, high = _mel(20.0), _mel(settings.sampling_rate / 2)
    edges = low + (high - low) / (settings.mels + 1) * np.arange(settings.mels + 2)
    bins = _mel(settings.sampling_rate / padded * np.arange(padded // 2 + 1))[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    bands = np.maximum(0, np.minimum(rising, falling))
    bands[-1] = 0  # Kaldi leaves out the highest bin
    return padded, window, bands


def _mel(hertz: npt.ArrayLike) -> Float64:
    return np.asarray(1127 * np.log1p(np.asarray(hertz, np.float64) / 700))
