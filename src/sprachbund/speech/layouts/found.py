"""An utterance as a folder of strangers names it, before anything of it is decoded."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["SOUNDS", "Found", "Missed", "Stored"]

SOUNDS = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au", ".snd", ".sph", ".w64", ".caf")
)
"""The endings by which sound is looked for where no table names it."""


@dataclass(frozen=True)
class Stored:
    """Which samples of a file of plain samples, in a corpus of speech of ours, are an utterance's.

    Attributes:
        rate: samples a second. first, samples: where they begin, and how many they are.
    """

    rate: int
    first: int
    samples: int


@dataclass(frozen=True)
class Found:
    """An utterance.

    Attributes:
        path: of the sound. name: what it is called in messages and in the corpus.
        text: as it is written; "" where there is none. speaker, source, licence, language: "" where nobody says.
        start, end: seconds of its part of the sound; to the end if None.
        synthetic: whether no one spoke it. stored: its part of plain samples; None of a file of sound.
    """

    path: Path
    name: str
    text: str
    speaker: str = ""
    source: str = ""
    licence: str = ""
    language: str = ""
    start: float = 0.0
    end: float | None = None
    synthetic: bool = False
    stored: Stored | None = None


@dataclass(frozen=True)
class Missed:
    """What a table or folder names and cannot be an utterance: why, and what."""

    reason: str
    name: str
