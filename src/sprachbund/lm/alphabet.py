"""The characters that a model knows, with a price for all others.

A character that the training text lacks is told in two steps: that it is unknown, which the model foresees like any
symbol, and which one it is, for which every scalar value of Unicode is as likely as any other (`UNKNOWN_BITS`). So a
model can tell every text, and cannot win by knowing few characters.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log2

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Int32

__all__ = ["UNKNOWN", "UNKNOWN_BITS", "Alphabet"]

UNKNOWN = 0
"""The symbol of all characters that are not known."""
SCALARS = 0x110000 - 0x800
"""Unicode's scalar values: all code points but surrogates."""
UNKNOWN_BITS = log2(SCALARS)
"""Bits to say which unknown character it is."""


@dataclass(frozen=True)
class Alphabet:
    """Known characters; the number of one is its place and one, 0 is every other.

    Attributes:
        symbols: the characters, each once, by code point.
    """

    symbols: str

    @classmethod
    def of(cls, texts: Iterable[str], minimum: int = 1) -> "Alphabet":
        """The characters of texts that occur so often at least; the line's end is always among them."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(text)
        kept = {symbol for symbol, count in seen.items() if count >= minimum and not 0xD800 <= ord(symbol) <= 0xDFFF}
        return cls("".join(sorted(kept | {"\n"})))

    @property
    def size(self) -> int:
        """Of what a model tells apart: the known characters and the unknown one."""
        return len(self.symbols) + 1

    def encode(self, text: str) -> Int32:
        """int32 [len(text)]: the number of each character."""
        return self._numbers[points_of(text)]

    def encode_all(self, texts: Sequence[str]) -> list[Int32]:
        """The same of several texts: many short ones in one go."""
        ends = np.cumsum([0, *map(len, texts)]).tolist()
        joined = self.encode("".join(texts))
        return [joined[start:end] for start, end in pairwise(ends)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The characters of numbers; an unknown one is U+FFFD."""
        return "".join("\ufffd" if number == UNKNOWN else self.symbols[number - 1] for number in numbers)

    @cached_property
    def _numbers(self) -> Int32:
        """int32 [0x110000]: the number of every code point."""
        numbers = np.full(0x110000, UNKNOWN, np.int32)
        numbers[points_of(self.symbols)] = np.arange(1, self.size, dtype=np.int32)
        return numbers


def points_of(text: str) -> npt.NDArray[np.uint32]:
    """uint32 [len(text)]: code points; a lone surrogate, which is no character, counts as U+FFFD."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
