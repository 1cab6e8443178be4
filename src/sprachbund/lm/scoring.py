"""What texts cost under a model, and which of them are of its kind: a row a text, and a filter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Flags, Float64
from sprachbund.errors import SettingsError
from sprachbund.lm.adapting import adapting_bits
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import by_text
from sprachbund.lm.text import END, as_read, bytes_of
from sprachbund.threads import in_threads

__all__ = ["SHORT", "Scored", "keep", "score", "typical"]

SHORT = 20
"""Bytes of a text below which its bits say little: nothing so short is filtered out."""
_MOST = 0.98
_BLOCK = 2_000_000
"""Characters that are asked about at a time: some 100 bytes of memory each, and as often a thread."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What each text costs.

    Attributes:
        bits: float64 [texts]. bytes: float64 [texts], of UTF-8, with the line's end that closes a text.
    """

    bits: Float64
    bytes: Float64

    @property
    def each(self) -> Float64:
        """Bits per byte of each text: float64 [texts]."""
        return np.asarray(self.bits / np.maximum(self.bytes, 1))

    @property
    def mean(self) -> float:
        """Of all together: the sum of the bits over the sum of the bytes."""
        return float(self.bits.sum() / max(1.0, float(self.bytes.sum())))


def score(model: LanguageModel, texts: Sequence[str], *, ngrams_only: bool = False, adapt: bool = False) -> Scored:
    """Read plain texts as documents and sum what they cost.

    Args:
        adapt: learn from each text while reading it, see `adapting`.
        ngrams_only: ask the language's own n-grams alone: many times as fast.
    """
    read = [as_read(text) for text in texts]
    if adapt:
        if model.adapting is None:
            raise SettingsError("the model has no weights for learning as it reads; train it again")
        told = adapting_bits(model, model.adapting, read)
        return Scored(told, np.array(bytes_of(read), np.float64))
    tasks = [(model, block, ngrams_only) for block in _blocks(read)]
    bits = in_threads(_bits, tasks) if ngrams_only else [_bits(*task) for task in tasks]
    return Scored(np.concatenate([np.empty(0), *bits]), np.array(bytes_of(read), np.float64))


def _bits(model: LanguageModel, texts: Sequence[str], ngrams_only: bool) -> Float64:
    return by_text(model.ngrams[0].ask(texts)[1], texts) if ngrams_only else model.bits(texts)


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for number, text in enumerate(texts):
        if size and size + len(text) > _BLOCK:
            yield texts[start:number]
            start, size = number, 0
        size += len(text)
    if start < len(texts):
        yield texts[start:]


def typical(model: LanguageModel, texts: Sequence[str]) -> float:
    """Bits per byte that 98 of 100 lines of a text do not pass, under the language's own n-grams alone."""
    lines = [line for text in texts for line in text.split(END) if len(line.encode()) >= SHORT]
    return float(np.quantile(score(model, lines, ngrams_only=True).each, _MOST)) if lines else float("inf")


def keep(scored: Scored, below: float) -> Flags:
    """bool [texts]: which cost at most so many bits per byte, or are too short to say."""
    return np.asarray((scored.each <= below) | (scored.bytes < SHORT))
