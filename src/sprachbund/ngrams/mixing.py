"""How code points and keys become keys of 64 bits: the constants, in plain Python and in the kernels.

The finaliser is that of splitmix64 (Steele, Lea & Flood 2014), which can be undone; 0 is no key.
"""

import numpy as np

from sprachbund.kernels import njit

__all__ = [
    "GOLDEN", "GOLDEN64", "MASK", "PAIR", "PAIR64", "finalise", "finalise64", "mixed_in", "mixed_key", "points_key",
]  # fmt: skip

MASK = (1 << 64) - 1
GOLDEN, STEP, PAIR = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xC2B2AE3D27D4EB4F
GOLDEN64, STEP64, PAIR64 = np.uint64(GOLDEN), np.uint64(STEP), np.uint64(PAIR)


def finalise(x: int) -> int:
    """Mix 64 bits: the reference for `finalise64`."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def points_key(order: int, text: str) -> int:
    """The key of some code points as an n-gram of an order, 0 for a word: the reference for the kernels."""
    state = (order + 1) * GOLDEN & MASK
    for character in text:
        state = (state ^ ord(character)) * STEP & MASK
        state ^= state >> 32
    return finalise(state) or 1


@njit(cache=True, nogil=True, inline="always")
def finalise64(x: np.uint64) -> np.uint64:
    """Mix 64 bits."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True, inline="always")
def mixed_in(state: np.uint64, point: np.uint64) -> np.uint64:
    """The state after one more code point."""
    state = (state ^ point) * STEP64
    return state ^ (state >> np.uint64(32))


@njit(cache=True, nogil=True, inline="always")
def mixed_key(state: np.uint64) -> np.uint64:
    """The key that a state ends in."""
    key = finalise64(state)
    return key if key != np.uint64(0) else np.uint64(1)
