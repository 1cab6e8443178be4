"""Words as small numbers: letters, digits and the edge of a word, and the strings of none, one or two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Int32, Offsets, UInt8

__all__ = ["EDGE", "LETTERS", "STRINGS", "Encoded", "encode", "is_vowel", "sounds_alike", "spelt", "string_number"]

LETTERS = " abcdefghijklmnopqrstuvwxyz0123456789"
"""What has a number; the blank is the edge of a word."""
EDGE = 0
STRINGS = 1 + len(LETTERS) + len(LETTERS) ** 2
"""Strings of at most two: the empty one is 0, that of letter x is 1 + x, that of x and y 1 + 37 + 37 x + y."""
_CODES = np.full(128, 255, np.uint8)
_CODES[list(LETTERS.encode())] = np.arange(len(LETTERS))
_VOWELS = frozenset("aeiouy")
_SOUNDS = ("pbfvw", "td", "ckgqhx", "csztx", "gjy", "mn", "lr", "uvw", "ij")
"""Letters that one sound has in one language or another; a letter may be in several."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Words with an edge at both ends.

    Attributes:
        letters: uint8, of all words. offsets: int64 [words + 1].
    """

    letters: UInt8
    offsets: Offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int32:
        """Letters of each word, its edges apart: int32 [words]."""
        return (np.diff(self.offsets) - 2).astype(np.int32)


def encode(plain: Sequence[str]) -> Encoded:
    """Words in plain letters (see `romanising.plain_word`) as numbers."""
    offsets = np.zeros(len(plain) + 1, np.int64)
    np.cumsum([len(word) + 2 for word in plain], out=offsets[1:])
    marked = "".join(f" {word} " for word in plain)
    return Encoded(_CODES[np.frombuffer(marked.encode("ascii"), np.uint8)], offsets)


def string_number(text: str) -> int:
    """The number of a string of at most two letters."""
    places = [LETTERS.index(letter) for letter in text]
    if len(places) == 2:
        return 1 + len(LETTERS) + len(LETTERS) * places[0] + places[1]
    return 1 + places[0] if places else 0


def spelt(number: int) -> str:
    """The string of a number."""
    if number <= len(LETTERS):
        return LETTERS[number - 1] if number else ""
    first, second = divmod(number - 1 - len(LETTERS), len(LETTERS))
    return LETTERS[first] + LETTERS[second]


def is_vowel(letter: str) -> bool:
    """Whether a plain letter writes a vowel in most languages; y does in some."""
    return letter in _VOWELS


def sounds_alike(one: str, other: str) -> bool:
    """Whether two letters are vowels both, or write one sound in some language."""
    if is_vowel(one) and is_vowel(other):
        return True
    return any(one in sound and other in sound for sound in _SOUNDS)
