"""The settings of the neural language model: sizes by name, and what cannot work.

The figures behind the defaults are in docs/log.md: all were chosen by bits per byte on dev at equal seconds of a core.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from sprachbund.devices import CPU
from sprachbund.errors import SettingsError

__all__ = ["SHAPE", "SIZES", "NeuralSettings", "check", "settings_of", "shaped"]

Architecture = Literal["recurrent", "transformer"]
Units = Literal["characters", "pieces", "bytes"]
Precision = Literal["bf16", "float32"]


@dataclass(frozen=True)
class NeuralSettings:
    """All that decides what a neural language model learns, but its text and its seed.

    Attributes:
        architecture: ``recurrent`` (an LSTM: the better one for minutes of a core) or ``transformer`` (of the shape of
            Llama, which other programs load).
        units: ``characters``; ``pieces`` (byte pairs: every text can be written, other programs know them); ``bytes``.
        width: numbers in a hidden state. layers: one upon another.
        embedding: numbers in a unit's row, of a recurrent model; a transformer has its width.
        heads: of attention, of a transformer; they divide the width.
        pieces: in the vocabulary, 256 bytes among them; 0 scales it with the text.
        dropout: share of the numbers between layers that each batch leaves out, in a recurrent model the same all along
            a text; below 0 it is scaled with the text: little text is learned by heart otherwise.
        rate: learning rate at its highest; it rises for the first 3% of the steps and falls as a cosine.
        decay: weight decay of the matrices.
        batch: texts read side by side. context: units that a step learns from in each of them; a transformer sees no
            farther than this.
        epochs: passes over the text at most; 0 scales them with the text.
        minutes: of training at most; 0 for no limit. Steps are set by the speed of the first, so other machines learn
            otherwise.
        precision: ``bf16`` multiplies matrices in bfloat16 while it learns (more than twice as fast, on processors that
            have it; elsewhere float32 is multiplied), ``float32`` in full. Scores are always in full.
        device: of torch that learns, as ``cuda``; scores are the processor's.
        threads: of the processor; with another number the last bits differ.
        evaluations: points of the learning curve on dev. patience: stop after so many without a better one; 0 never.
        dev_characters: of dev that a point is measured on, at most, evenly from its documents.
    """

    architecture: Architecture = "recurrent"
    units: Units = "characters"
    width: int = 256
    layers: int = 1
    embedding: int = 96
    heads: int = 4
    pieces: int = 0
    dropout: float = -1.0
    rate: float = 0.008
    decay: float = 0.01
    batch: int = 32
    context: int = 64
    epochs: float = 0.0
    minutes: float = 0.0
    precision: Precision = "bf16"
    device: str = CPU
    threads: int = 1
    evaluations: int = 20
    patience: int = 5
    dev_characters: int = 100_000

    def __post_init__(self) -> None:
        check(self)


SHAPE = ("architecture", "units", "width", "layers", "embedding", "heads")
"""The settings that say what a weight is: a start and its heir have the same."""
MOST_WIDTH, MOST_LAYERS, MOST_BATCH, MOST_CONTEXT, MOST_THREADS = 16_384, 128, 65_536, 65_536, 1_024
BYTES = 256


def check(settings: NeuralSettings) -> None:
    """Refuse what cannot work.

    Raises:
        SettingsError: names the setting, its value and what is allowed.
    """
    own = settings
    rules = [
        *((getattr(own, name) in get_args(kind), name, " or ".join(get_args(kind)))
          for name, kind in (("architecture", Architecture), ("units", Units), ("precision", Precision))),
        *((1 <= getattr(own, name) <= most, name, f"from 1 to {most:,}")
          for name, most in (("width", MOST_WIDTH), ("embedding", MOST_WIDTH), ("layers", MOST_LAYERS),
                             ("batch", MOST_BATCH), ("context", MOST_CONTEXT),
                             ("heads", MOST_WIDTH), ("threads", MOST_THREADS))),
        (own.pieces == 0 or BYTES < own.pieces <= 1 << 20, "pieces", f"above {BYTES} (0 scales it with the text)"),
        (-1 <= own.dropout < 1, "dropout", "from 0 to below 1 (-1 scales it with the text)"),
        (0 < own.rate < 1, "rate", "above 0 and below 1"),
        (0 <= own.decay < 1, "decay", "from 0 to below 1"),
        (own.epochs >= 0, "epochs", "at least 0 (0 scales them with the text)"),
        (own.minutes >= 0, "minutes", "at least 0 (0 for no limit)"),
        (1 <= own.evaluations <= 10_000, "evaluations", "from 1 to 10,000"),
        (own.patience >= 0, "patience", "at least 0 (0 for never)"),
        (own.dev_characters >= 1, "dev_characters", "at least 1"),
    ]  # fmt: skip
    for holds, name, allowed in rules:
        if not holds:
            raise SettingsError(f"{name} must be {allowed}, found {getattr(own, name)}")
    if own.architecture == "transformer" and (own.width % own.heads or own.width // own.heads % 2):
        raise SettingsError(
            f"heads must divide the width into even parts, found {own.heads} heads and a width of {own.width}"
        )


SIZES = {
    "small": NeuralSettings(),
    "medium": NeuralSettings(width=512, layers=2, embedding=128, rate=0.004),
    "transformer": NeuralSettings(
        architecture="transformer",
        width=96,
        layers=3,
        heads=3,
        rate=0.004,
        batch=4,
        context=128,
        dropout=0.1,
        precision="float32",
    ),
}
"""Settings by name; ``transformer`` is the one that other programs load, about as large as ``small``."""


def settings_of(given: NeuralSettings | str, **changed: Any) -> NeuralSettings:
    """Settings, or those of a name in SIZES, with some changed.

    Raises:
        SettingsError: no size has the name, no setting one of the others, or a value cannot work.
    """
    if isinstance(given, str):
        if given not in SIZES:
            raise SettingsError(f"no size is called {given!r}; there are: {', '.join(SIZES)}")
        given = SIZES[given]
    try:
        return replace(given, **changed)
    except TypeError:
        strangers = sorted(set(changed) - set(given.__dataclass_fields__))
        raise SettingsError(
            f"no setting is called {', '.join(strangers)}; there are: {', '.join(given.__dataclass_fields__)}"
        ) from None


def shaped(settings: NeuralSettings, start: NeuralSettings) -> NeuralSettings:
    """Settings with the shape of a start."""
    return replace(settings, **{name: getattr(start, name) for name in SHAPE})
