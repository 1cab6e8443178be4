"""A neural model that is trained in a second, and the text that it is trained on."""

from functools import cache
from typing import Any

from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.settings import NeuralSettings
from sprachbund.lm.neural.training import train_neural

WORDS = ("o", "rio", "corre", "para", "mar", "a", "auga", "chove", "canta", "noite", "día", "vento", "ç")
TRAIN = tuple(
    " ".join(WORDS[(place * 7 + document * 3 + place * place) % len(WORDS)] for place in range(120)) + ".\n"
    for document in range(6)
)
DEV = tuple(
    " ".join(WORDS[(place * 7 + document * 3 + place * place) % len(WORDS)] for place in range(60)) + ".\n"
    for document in (6, 7)
)


def tiny(**changed: Any) -> NeuralSettings:
    """Settings of a model that fits into a test."""
    small = {
        "width": 16,
        "embedding": 8,
        "batch": 4,
        "context": 16,
        "epochs": 2.0,
        "evaluations": 4,
        "heads": 2,
        "rate": 0.004,
    }
    return NeuralSettings(**{**small, **changed})


@cache
def trained(units: str = "characters", architecture: str = "recurrent") -> Neural:
    """A model of each kind, trained once."""
    return train_neural(TRAIN, DEV, tiny(units=units, architecture=architecture, pieces=300 * (units == "pieces")))


KINDS = [
    ("characters", "recurrent"), ("pieces", "recurrent"), ("bytes", "recurrent"), ("characters", "transformer"),
    ("pieces", "transformer"),
]  # fmt: skip
