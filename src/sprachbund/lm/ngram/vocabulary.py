"""The tokens that a model of words knows, by number: 0 is the unknown one, then single characters, then words.

Both are in the order of their code points, so that all words with one beginning are a run of numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sprachbund.arrays import Int64, UInt32
from sprachbund.lm.alphabet import points_of
from sprachbund.lm.ngram.cutting import is_word
from sprachbund.lm.text import END

__all__ = ["UNKNOWN", "Vocabulary"]

UNKNOWN = 0


@dataclass(frozen=True)
class Vocabulary:
    """Known tokens.

    Attributes:
        others: characters that are no words, each once, by code point; the line's end is always among them.
        words: each once, by code point.
    """

    others: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, counts: Mapping[str, int], least: int) -> "Vocabulary":
        """The tokens that occur so often at least."""
        known = {token for token, count in counts.items() if count >= least and not _broken(token)}
        words = {token for token in known if is_word(token)}
        return cls("".join(sorted((known - words) | {END})), tuple(sorted(words)))

    @property
    def first(self) -> int:
        """The number of the first word."""
        return len(self.others) + 1

    @property
    def size(self) -> int:
        """Of what is told apart: the unknown token, characters and words."""
        return self.first + len(self.words)

    @property
    def closing(self) -> int:
        """The number of the line's end."""
        return self.numbers[END]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each known token."""
        return {token: number for number, token in enumerate((*self.others, *self.words), 1)}

    @cached_property
    def points(self) -> tuple[UInt32, Int64]:
        """The code points of all words, uint32, and where each word's begin: int64 [words + 1]."""
        return flattened(self.words)


def flattened(tokens: Iterable[str]) -> tuple[UInt32, Int64]:
    """The code points of tokens one after the other, uint32, and where each begins: int64 [tokens + 1]."""
    every = tuple(tokens)
    starts = np.zeros(len(every) + 1, np.int64)
    np.cumsum([len(token) for token in every], out=starts[1:])
    return points_of("".join(every)), starts


def _broken(token: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in token)
