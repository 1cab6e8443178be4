"""Speech that tests make themselves: a tone for every letter, a pitch for every speaker, and folders of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from sprachbund.progress import Silent
from sprachbund.speech.augmenting import AugmentSettings
from sprachbund.speech.keeping import Spelled, keep
from sprachbund.speech.layouts.found import Found
from sprachbund.speech.recogniser.settings import NetworkSettings, RecogniserSettings, TrainingSettings
from sprachbund.speech.settings import SpeechSettings, SpeechSplit
from sprachbund.speech.sound import Sound
from sprachbund.speech.store import SpeechCorpus

RATE = 8_000
LETTER = 0.12
"""Seconds of a letter."""
PAUSE = 0.06
LETTERS = "aeobm"
"""Of what a recogniser learns: few, so that it learns them in seconds."""
TONES = f"{LETTERS}idl"
"""Letters that can be said."""
Samples = npt.NDArray[np.float32]


def tone(hertz: float, seconds: float, rate: int = RATE, loud: float = 0.3) -> Samples:
    """A sine, faded in and out."""
    time = np.arange(round(seconds * rate)) / rate
    fade = np.minimum(1, np.minimum(time, seconds - time) / 0.01)
    return (loud * fade * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(seconds: float, rate: int = RATE, loud: float = 0.1, seed: int = 0) -> Samples:
    """White noise."""
    return (loud * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.float32)


def say(text: str, pitch: float = 1.0, rate: int = RATE, seed: int = 0) -> Samples:
    """A text in tones: two a letter, at places of the spectrum that are the letter's own; blanks are silent."""
    parts = [np.zeros(round(PAUSE * rate), np.float32)]
    for character in text:
        if character == " ":
            parts.append(np.zeros(round(LETTER * rate), np.float32))
            continue
        place = TONES.index(character)
        low, high = 300 + 150 * place, 1500 + 370 * place
        both = tone(low * pitch, LETTER, rate) + tone(high * pitch, LETTER, rate, 0.2)
        parts += [both, np.zeros(round(0.02 * rate), np.float32)]
    parts.append(np.zeros(round(PAUSE * rate), np.float32))
    whole = np.concatenate(parts)
    return (whole + 0.003 * np.random.default_rng(seed).standard_normal(len(whole))).astype(np.float32)


def write(path: Path, samples: npt.NDArray[np.floating], rate: int = RATE, **options: str) -> Path:
    """Write a file of sound; its format by its ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, **options)
    return path


def sentences(count: int, seed: int = 0) -> list[str]:
    """Different sentences of one to three words of two to four letters."""
    generator = np.random.default_rng(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        words = [
            "".join(generator.choice(list(LETTERS), generator.integers(2, 5))) for _ in range(generator.integers(1, 4))
        ]
        found[" ".join(words)] = None
    return list(found)


def common_voice(
    folder: Path, texts: Sequence[str], speakers: int = 6, locale: str = "pt", seed: int = 0, ending: str = ".wav"
) -> Path:
    """Common Voice's layout: ``validated.tsv`` and clips, each text said by one of the speakers in turn."""
    rows = ["client_id\tpath\tsentence\tlocale"]
    for number, text in enumerate(texts):
        who = number % speakers
        name = f"{locale}_{number}{ending}"
        write(folder / "clips" / name, say(text, 1 + 0.01 * who, seed=1_000 * seed + number))
        rows.append(f"voice-{locale}-{seed}-{who}\t{name}\t{text}\t{locale}")
    (folder / "validated.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def synthetic(folder: Path, texts: Sequence[str], language: str = "pt", seed: int = 9) -> SpeechCorpus:
    """A corpus of tones that nobody spoke."""
    every = [
        Spelled(Found(Path(), f"line {number}", text, source="tones", language=language, synthetic=True), text)
        for number, text in enumerate(texts)
    ]

    def decode(found: Found) -> tuple[Sound, str, str]:
        return Sound(say(found.text, 1.1, seed=1_000 * seed + int(found.name.split()[1])), RATE), "", ""

    return keep(every, folder, decode, SpeechSettings(), SpeechSplit(), [], Silent())


TINY = RecogniserSettings(
    network=NetworkSettings(channels=48, width=48, layers=1, dropout=0.0),
    training=TrainingSettings(
        rate=0.004, batch=1.2, epochs=14, patience=0, evaluations=8, precision="float32", dev_seconds=15.0
    ),
    augment=AugmentSettings(speeds=(1.0,), noisy=0.0, time_masks=0, band_masks=0),
)
"""Of a recogniser that learns tones in seconds."""
