"""Why an utterance is left out: what its sound, its text and both together must be."""

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.speech.settings import SpeechSettings
from sprachbund.speech.sound import Sound

__all__ = ["LONG_FOR", "SHORT_FOR", "loudness", "share_clipped", "wrong_length", "wrong_sound"]

SHORT_FOR, LONG_FOR = "too short for its text", "too long for its text"
_WINDOW = 0.05
"""Seconds over which loudness is taken."""
_AT_TOP, _RUN = 0.999, 3
"""Samples of at least this share of the largest are at the top; so many side by side may be clipped. A sine that is not
clipped has 3% of its samples there, speech next to none."""
_LOUD = 0.25
"""Of full scale: a quiet recording of 8 bits stands long at its top, and nothing is lost."""


def wrong_sound(sound: Sound, settings: SpeechSettings) -> str:
    """Why a sound by itself cannot serve; "" where it can."""
    if sound.cut or sound.seconds > settings.longest:
        return "too long"
    if not len(sound.samples):
        return "no samples"
    if sound.seconds < settings.shortest:
        return "too short"
    if loudness(sound) < settings.silence:
        return "silent"
    if share_clipped(sound.samples) > settings.clipped:
        return "clipped"
    return ""


def wrong_length(seconds: float, letters: int, settings: SpeechSettings) -> str:
    """Whether a text of so many letters can be said in so many seconds; "" where it can."""
    if letters > settings.most_letters * seconds:
        return SHORT_FOR
    if seconds > settings.slack and letters < settings.least_letters * seconds:
        return LONG_FOR
    return ""


def loudness(sound: Sound) -> float:
    """Decibels below full scale of the loudest twentieth of a second, -inf where all is 0."""
    size = max(1, min(len(sound.samples), round(_WINDOW * sound.rate)))
    whole = len(sound.samples) // size * size
    power = np.square(sound.samples[:whole].astype(np.float64)).reshape(-1, size).mean(1)
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(power.max(initial=0.0)))


def share_clipped(samples: Float32) -> float:
    """The share of samples that stand at the top, or the bottom, in runs."""
    size = np.abs(samples)
    top = float(size.max(initial=0.0))
    if top < _LOUD:
        return 0.0
    side = np.where(size >= _AT_TOP * top, np.sign(samples), 0).astype(np.int8)
    edges = np.flatnonzero(np.diff(side, prepend=np.int8(0), append=np.int8(0)))
    starts, lengths = edges[:-1], np.diff(edges)
    runs = lengths[(side[starts] != 0) & (lengths >= _RUN)] if len(lengths) else lengths
    return float(runs.sum() / len(samples))
