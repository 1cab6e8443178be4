"""The settings of a recogniser: what it hears, its network, its training, how training speech is changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from sprachbund.devices import CPU
from sprachbund.errors import SettingsError
from sprachbund.settings import by_name
from sprachbund.speech.augmenting import AugmentSettings
from sprachbund.speech.features import FeatureSettings

__all__ = [
    "SHAPE",
    "NetworkSettings",
    "RecogniserSettings",
    "TrainingSettings",
    "require_rate",
    "require_shape",
    "shaped",
]

Precision = Literal["bf16", "float32"]


@dataclass(frozen=True)
class NetworkSettings:
    """The network: two convolutions, of which the second takes every third frame, and recurrent layers both ways.

    Attributes:
        channels: of the convolutions. width: numbers of a state, in each direction. layers: recurrent ones.
        dropout: share of the numbers between layers that a batch leaves out.
    """

    channels: int = 128
    width: int = 128
    layers: int = 3
    dropout: float = 0.15

    def __post_init__(self) -> None:
        rules = [
            (1 <= self.channels <= 4096, "channels", "from 1 to 4,096"),
            (1 <= self.width <= 4096, "width", "from 1 to 4,096"),
            (1 <= self.layers <= 32, "layers", "from 1 to 32"),
            (0 <= self.dropout < 1, "dropout", "from 0 to below 1"),
        ]
        _refuse(self, rules)


@dataclass(frozen=True)
class TrainingSettings:
    """The training.

    Attributes:
        rate: learning rate at its highest; it rises for the first 5% of the steps and falls as a cosine.
        decay: weight decay of the matrices.
        batch: seconds of speech that a step learns from.
        epochs: passes over the speech at most; 0 scales them with it.
        minutes: of training at most; 0 for no limit. Steps are set by the speed of the first, so other machines learn
            otherwise.
        precision: ``bf16`` multiplies matrices in bfloat16 while it learns, where the processor does that, ``float32``
            in full. Use is in full.
        device: of torch that learns, as ``cuda``; a recogniser is used on the processor.
        threads: of the processor; with another number the last bits differ.
        evaluations: points of the learning curve on dev. patience: stop after so many that write letters and
            are not better; 0 never.
        dev_seconds: of dev speech that a point is measured on, at most.
        cache: megabytes of features that are kept in memory.
    """

    rate: float = 0.003
    decay: float = 0.01
    batch: float = 15.0
    epochs: float = 0.0
    minutes: float = 0.0
    precision: Precision = "float32"
    device: str = CPU
    threads: int = 1
    evaluations: int = 25
    patience: int = 8
    dev_seconds: float = 300.0
    cache: int = 512

    def __post_init__(self) -> None:
        rules = [
            (0 < self.rate < 1, "rate", "above 0 and below 1"),
            (0 <= self.decay < 1, "decay", "from 0 to below 1"),
            (0.1 <= self.batch <= 36_000, "batch", "from 0.1 to 36,000 seconds"),
            (self.epochs >= 0, "epochs", "at least 0 (0 scales them with the speech)"),
            (self.minutes >= 0, "minutes", "at least 0 (0 for no limit)"),
            (self.precision in get_args(Precision), "precision", " or ".join(get_args(Precision))),
            (1 <= self.threads <= 1024, "threads", "from 1 to 1,024"),
            (1 <= self.evaluations <= 10_000, "evaluations", "from 1 to 10,000"),
            (self.patience >= 0, "patience", "at least 0 (0 for never)"),
            (self.dev_seconds > 0, "dev_seconds", "above 0"),
            (self.cache >= 0, "cache", "at least 0 megabytes"),
        ]
        _refuse(self, rules)


@dataclass(frozen=True)
class RecogniserSettings:
    """All that decides what a recogniser learns, but its speech and its seed.

    Attributes:
        features, network, training, augment: see their classes. The sampling rate is that of the speech.
    """

    features: FeatureSettings = field(default_factory=FeatureSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)


SHAPE = ("mels", "channels", "width", "layers")
"""The settings that say what a weight is: a start and its heir have the same."""


def shaped(settings: RecogniserSettings, start: RecogniserSettings) -> RecogniserSettings:
    """Settings with the shape of a start; what its training leaves out is its own."""
    own = settings.network
    return replace(settings, features=start.features, network=replace(start.network, dropout=own.dropout))


def require_shape(given: Mapping[str, Any], start: RecogniserSettings) -> None:
    """See that what somebody says of the shape is what a start has.

    Args:
        given: settings that were named, by name; others are the start's.

    Raises:
        SettingsError: names each that differs.
    """
    own = by_name(start)
    differing = [
        f"{name} is {own[name].value} in the start, not {given[name]}"
        for name in SHAPE
        if given.get(name, own[name].value) != own[name].value
    ]
    if differing:
        raise SettingsError(
            f"a recogniser has its start's shape, but {'; '.join(differing)}; leave it out, or train without a start"
        )


def require_rate(given: Mapping[str, Any], rate: int) -> None:
    """See that what somebody says of the sampling rate is what the speech has.

    Args:
        given: settings that were named, by name.

    Raises:
        SettingsError: it is another.
    """
    asked = given.get("sampling_rate", rate)
    if asked != rate:
        raise SettingsError(
            f"sampling_rate is {rate} in the corpus of speech, not {asked}; leave it out, or ingest the recordings "
            f"with --set sampling_rate={asked}"
        )


def _refuse(held: object, rules: list[tuple[bool, str, str]]) -> None:
    for holds, name, allowed in rules:
        if not holds:
            raise SettingsError(f"{name} must be {allowed}, found {getattr(held, name)}")
