"""What counts hold, in order of their keys."""

from dataclasses import dataclass

from sprachbund.arrays import Bytes, Keys, Offsets

__all__ = ["SAMPLE", "PairSlice", "WordSlice"]

SAMPLE = 16  # what part of all keys a sample of the tables holds


@dataclass(frozen=True)
class WordSlice:
    """Counted strings in order of their keys.

    Attributes:
        keys: uint64 [n], rising; counts: int64 [n].
        offsets: int64 [n + 1], where each string lies in data: uint8, UTF-8.
    """

    keys: Keys
    counts: Offsets
    offsets: Offsets
    data: Bytes


@dataclass(frozen=True)
class PairSlice:
    """Counted bigrams in order of their keys: uint64 [n] rising, int64 [n], and the key of the first word."""

    keys: Keys
    counts: Offsets
    firsts: Keys
