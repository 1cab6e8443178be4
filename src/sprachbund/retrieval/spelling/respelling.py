"""Whole texts respelt: each distinct word once, then bytes are copied, a word after the other with a blank between."""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Bytes, Int64, Offsets
from sprachbund.ngrams.strings import copy_strings, word_lines
from sprachbund.ngrams.tokens import Tokens, tokenize
from sprachbund.retrieval.spelling.spellings import WRITTEN, Spelling, spell

__all__ = ["Respelt", "respell"]


@dataclass(frozen=True)
class Respelt:
    """Texts as they are read.

    Attributes:
        data, offsets: uint8 UTF-8 and int64 [texts + 1], as `tokens.tokenize` takes them. tokens: their words.
        written: the words of the text itself, before. origins: int64 [tokens], the number of the written word of each.
    """

    data: Bytes
    offsets: Offsets
    tokens: Tokens
    written: Tokens
    origins: Int64


def respell(data: Bytes, offsets: Offsets, language: str, spelling: Spelling) -> Respelt:
    """Texts in a spelling.

    Args:
        data, offsets: prepared texts (`segment.prepared`) in UTF-8. language: "" if unknown.
    """
    written = tokenize(data, offsets)
    if spelling.name == WRITTEN:
        return Respelt(data, offsets, written, written, np.arange(len(written), dtype=np.int64))
    _, first, inverse = np.unique(written.keys, return_index=True, return_inverse=True)
    words = word_lines(data, written.starts[first], written.lengths[first])
    spelt = [f"{each} ".encode() for each in spell(spelling, words, language)]
    counts = _counts(spelt)
    for lost in np.flatnonzero(counts == 0).tolist():
        spelt[lost] = f"{words[lost]} ".encode()
    counts = np.maximum(counts, 1)
    sizes = np.array([len(each) for each in spelt], np.int64)
    begins = np.cumsum(sizes) - sizes
    arena = np.frombuffer(b"".join(spelt), np.uint8)
    places, copied = copy_strings(arena, begins[inverse], sizes[inverse])
    own = places[written.offsets]
    origins = np.repeat(np.arange(len(written), dtype=np.int64), counts[inverse])
    return Respelt(copied, own, tokenize(copied, own), written, origins)


def _counts(spelt: list[bytes]) -> Int64:
    """How many words each is read as."""
    ends = np.cumsum([len(each) for each in spelt], dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, np.int64), ends))
    return np.diff(tokenize(np.frombuffer(b"".join(spelt), np.uint8), offsets).offsets)
