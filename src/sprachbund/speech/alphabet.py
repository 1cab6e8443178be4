"""The letters that a recogniser writes, as data: the blank that writes nothing, then letters by code point."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sprachbund.arrays import Int32, Int64

__all__ = ["NOTHING", "Alphabet"]

NOTHING = 0
"""The symbol that writes no letter: CTC's blank."""


@dataclass(frozen=True)
class Alphabet:
    """Known letters; the number of one is its place and one.

    Attributes:
        letters: each a single code point, each once, rising.
    """

    letters: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], more: Iterable[str] = ()) -> "Alphabet":
        """The letters of texts, and more."""
        return cls(tuple(sorted({*more, *(letter for text in texts for letter in text)})))

    @property
    def size(self) -> int:
        """Symbols: letters and the blank."""
        return len(self.letters) + 1

    def encode(self, text: str) -> Int32:
        """int32: the numbers of the letters of a text; what is unknown is left out."""
        return np.array([self._numbers[letter] for letter in text if letter in self._numbers], np.int32)

    def decode(self, numbers: Iterable[int]) -> str:
        """The letters of numbers above 0."""
        return "".join(self.letters[number - 1] for number in numbers)

    def unknown(self, text: str) -> int:
        """Letters of a text that are not known."""
        return sum(letter not in self._numbers for letter in text)

    def counts(self, texts: Iterable[str]) -> Int64:
        """int64 [size]: how often each symbol comes in texts; 0 for the blank."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(text)
        return np.array([0, *(seen[letter] for letter in self.letters)], np.int64)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {letter: number for number, letter in enumerate(self.letters, 1)}
