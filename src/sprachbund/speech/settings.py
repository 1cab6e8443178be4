"""What is decided when speech is ingested or synthesised, and which utterances train, tune and judge."""

from dataclasses import dataclass, field

from sprachbund.errors import SettingsError

__all__ = ["SpeechSettings", "SpeechSplit", "SynthesisSettings", "VoiceSettings"]

MOST_RATE, LEAST_RATE = 48_000, 4_000


@dataclass(frozen=True)
class SpeechSettings:
    """How speech is stored, and what of it is left out.

    Attributes:
        sampling_rate: samples a second that everything is brought to.
        shortest, longest: seconds of an utterance.
        silence: decibels below full scale that no twentieth of a second of an utterance passes: it is silent.
        clipped: share of the samples that stand at full scale in runs, above which an utterance is spoilt.
        most_letters: a second; with more the sound is too short for its text.
        slack, least_letters: sound longer than ``slack`` seconds with fewer letters a second is too long for its text.
        shareable: whether only what is CC0, CC BY or CC BY-SA is taken, so that what learns from it may be given away.
    """

    sampling_rate: int = 8_000
    shortest: float = 0.1
    longest: float = 30.0
    silence: float = -50.0
    clipped: float = 0.05
    most_letters: float = 30.0
    slack: float = 8.0
    least_letters: float = 0.8
    shareable: bool = False

    def __post_init__(self) -> None:
        rules = [
            (
                LEAST_RATE <= self.sampling_rate <= MOST_RATE,
                "sampling_rate",
                f"from {LEAST_RATE:,} to {MOST_RATE:,} samples a second",
            ),
            (0 < self.shortest < self.longest <= 3600, "shortest and longest", "seconds above 0, at most 3600, rising"),
            (-120 <= self.silence < 0, "silence", "decibels from -120 to below 0"),
            (0 < self.clipped <= 1, "clipped", "a share above 0"),
            (self.most_letters > 0 and self.least_letters >= 0, "most_letters and least_letters", "at least 0"),
            (self.slack >= 0, "slack", "seconds, at least 0"),
        ]
        _refuse(rules)


@dataclass(frozen=True)
class SpeechSplit:
    """Which speakers train, tune and judge.

    Attributes:
        shares: of the speakers, for train, dev and test.
        seed: another seed, another split.
        judged: sources whose speakers alone may be on dev and test, as ``cv6.1``; all if empty.
    """

    shares: tuple[float, float, float] = (0.6, 0.15, 0.25)
    seed: int = 0
    judged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.shares) != 3 or min(self.shares) < 0 or abs(sum(self.shares) - 1) > 1e-9:
            raise SettingsError(f"the shares of train, dev and test must sum to 1, found {self.shares}")


@dataclass(frozen=True)
class VoiceSettings:
    """How synthetic speech is said; each sentence is drawn for itself, evenly.

    Attributes:
        slowest, fastest: words a minute. lowest, highest: pitches, from 0 to 99; 50 is a voice's own.
    """

    slowest: int = 120
    fastest: int = 220
    lowest: int = 25
    highest: int = 75

    def __post_init__(self) -> None:
        rules = [
            (80 <= self.slowest <= self.fastest <= 450, "slowest and fastest", "from 80 to 450 words a minute, rising"),
            (0 <= self.lowest <= self.highest <= 99, "lowest and highest", "pitches from 0 to 99, rising"),
        ]
        _refuse(rules)


@dataclass(frozen=True)
class SynthesisSettings:
    """All that decides what synthetic speech is, but its text, voices and seed.

    Attributes:
        speech: how it is stored, and what of it is left out. voices: how it is said.
    """

    speech: SpeechSettings = field(default_factory=SpeechSettings)
    voices: VoiceSettings = field(default_factory=VoiceSettings)


def _refuse(rules: list[tuple[bool, str, str]]) -> None:
    for holds, name, allowed in rules:
        if not holds:
            raise SettingsError(f"{name} must be {allowed}")
