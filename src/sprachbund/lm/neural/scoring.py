"""What a neural model says of text: bits of documents, and the probabilities of every next character.

A document is read from its beginning to its end: the line's end before it, its units, each told from all before it (a
transformer: from at least half of its context). Documents of like length are read side by side. Always in float32:
bfloat16 is for learning.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Float64, Int32
from sprachbund.errors import SettingsError
from sprachbund.lm.alphabet import Alphabet
from sprachbund.lm.neural import extra
from sprachbund.lm.neural.generating import continuations, sample
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import loaded, on_threads
from sprachbund.lm.neural.settings import NeuralSettings

__all__ = ["bits", "continuations", "log_probabilities", "nats", "sample", "side_by_side", "stretches"]

SIDE_BY_SIDE = 64
"""Texts at a time."""
_PADDING = 1.3
"""The longest of them over the shortest."""
_STRETCH = 512
"""Units of a text whose logits are in memory at a time."""
_CELLS = 1 << 24
"""Logits in memory at a time."""


def bits(neural: Neural, texts: Sequence[str]) -> Float64:
    """The bits of each text, what is unknown charged in full: float64 [len(texts)].

    Raises:
        MissingExtraError: torch is not installed.
    """
    units = neural.units
    numbers = [units.encode(text) for text in texts]
    network = loaded(neural.settings, units.size, neural.weights)
    with on_threads(neural.settings.threads):
        told = nats(network, neural.settings, numbers, units.context)
    extra_bits = [units.extra_bits(each) for each in numbers]
    return np.array([each.sum() / math.log(2) + more for each, more in zip(told, extra_bits, strict=True)], np.float64)


def nats(network: Any, settings: NeuralSettings, numbers: Sequence[Int32], context: int) -> list[Float64]:
    """-ln P of each unit of each text: float64 [units], by text, in the order given.

    Args:
        network: in which no number is drawn. context: the unit before each text.
    """
    told: list[Float64] = [np.empty(0)] * len(numbers)
    for group in side_by_side(numbers):
        found = _group(network, settings, [numbers[place] for place in group], context)
        for place, each in zip(group, found, strict=True):
            told[place] = each
    return told


def side_by_side(numbers: Sequence[Int32]) -> Iterator[list[int]]:
    """The places of texts in groups of like length, the longest first."""
    order = sorted(range(len(numbers)), key=lambda place: -len(numbers[place]))
    low = 0
    while low < len(order):
        longest = len(numbers[order[low]])
        high = low + 1
        while high < min(len(order), low + SIDE_BY_SIDE) and len(numbers[order[high]]) * _PADDING >= longest:
            high += 1
        yield order[low:high]
        low = high


def _group(network: Any, settings: NeuralSettings, numbers: list[Int32], context: int) -> list[Float64]:
    """The same of some texts of like length, side by side; the longest first."""
    torch = extra.torch()
    told = [np.empty(len(each), np.float64) for each in numbers]
    for low, logits in stretches(network, settings, numbers, context):
        wanted = torch.zeros(logits.shape[:2], dtype=torch.int64)
        for text, each in enumerate(numbers):
            part = each[low : low + len(logits)]
            wanted[: len(part), text] = torch.from_numpy(part.astype(np.int64))
        logs = torch.log_softmax(logits, -1).gather(-1, wanted.to(logits.device)[..., None])[..., 0].cpu().numpy()
        for text, own in enumerate(told):
            rest = own[low : low + len(logits)]
            rest[:] = -logs[: len(rest), text]
    return told


def stretches(
    network: Any, settings: NeuralSettings, numbers: Sequence[Int32], context: int
) -> Iterator[tuple[int, Any]]:
    """The logits of texts side by side: (place of the first unit, torch float32 [length, texts, size]), in order.

    Behind a text's end they say nothing.
    """
    torch = extra.torch()
    length = max(map(len, numbers), default=0)
    read = np.zeros((length + 1, len(numbers)), np.int64)
    read[0] = context
    for text, each in enumerate(numbers):
        read[1 : len(each) + 1, text] = each
    units = torch.from_numpy(read[:length]).to(next(network.parameters()).device)
    with torch.inference_mode():
        if settings.architecture == "recurrent":
            size = len(network.bias)
            step = max(1, min(_STRETCH, _CELLS // max(1, size * len(numbers))))
            state = network.state(len(numbers))
            for low in range(0, length, step):
                logits, state = network(units[low : low + step], state)
                yield low, logits
            return
        half = max(1, settings.context // 2)
        for low in range(0, length, half):
            first = max(0, low + half - settings.context)
            logits, _ = network(units[first : low + half], [])
            yield low, logits[low - first :]


def log_probabilities(neural: Neural, text: str, alphabet: Alphabet) -> Float32:
    """ln P of every character of an alphabet at each place of a text: float32 [len(text), alphabet.size].

    What the model gives to characters that the alphabet lacks goes to the unknown one; what it gives to unknown ones is
    spread evenly over the alphabet's characters that it lacks, and the unknown one. So each row sums to 1.

    Raises:
        SettingsError: the model reads other units than characters.
    """
    if neural.settings.units != "characters":
        raise SettingsError(
            f"probabilities by character take a model of characters, found one of {neural.settings.units}; train one "
            "with units = characters"
        )
    torch, units = extra.torch(), neural.units
    column = np.concatenate((np.zeros(1, np.int64), alphabet.encode("".join(neural.keys)).astype(np.int64)))
    lacking = np.setdiff1d(np.arange(1, alphabet.size), column[1:])
    direct = len(np.unique(column)) == len(column)
    result = np.empty((len(text), alphabet.size), np.float32)
    network = loaded(neural.settings, units.size, neural.weights)
    with on_threads(neural.settings.threads):
        for low, logits in stretches(network, neural.settings, [units.encode(text)], units.context):
            logs = torch.log_softmax(logits[:, 0], -1).numpy()
            part = result[low : low + len(logs)]
            part[:] = -np.inf
            part[:, column[1:]] = logs[:, 1:]
            unknown = np.exp(logs[:, 0].astype(np.float64))
            share = np.log(unknown / (len(lacking) + 1))
            part[:, lacking] = share[:, None]
            if direct:
                part[:, 0] = share
            else:
                strange = np.exp(logs[:, 1:][:, column[1:] == 0].astype(np.float64)).sum(1)
                part[:, 0] = np.log(unknown / (len(lacking) + 1) + strange)
    return result
