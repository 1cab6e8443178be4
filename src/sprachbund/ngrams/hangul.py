"""Korean syllables as the letters that they are written with, for the n-grams of characters inside words.

A syllable of Hangul is two or three letters in one code point, so four of them are nearly a whole word, and a stem with
another ending shares none. In letters (Unicode's conjoining jamo, those of NFD) a 4-gram is about a syllable and a
half, as it is elsewhere. Words themselves stay as they are written.

The arithmetic is that of the Unicode Standard, section 3.12: syllable = 0xAC00 + (initial * 21 + vowel) * 28 + final.
"""

import numpy as np

from sprachbund.kernels import njit
from sprachbund.normal_forms import normal_form

FIRST, STOP = 0xAC00, 0xD7A4
_INITIALS, _VOWELS, _FINALS = 0x1100, 0x1161, 0x11A7
_FINALS_EACH, _EACH = 28, 588  # finals after a vowel, none being one of them; syllables of an initial
LONGEST = 3
"""Letters of a syllable at most; a letter takes as many bytes of UTF-8 as the syllable."""


def letters(word: str) -> str:
    """A word with its syllables taken apart: the reference for the kernels."""
    return "".join(normal_form("NFD", c) if FIRST <= ord(c) < STOP else c for c in word)


def may_hold(data: np.ndarray) -> bool:
    """Whether UTF-8 may hold a syllable: uint8 [bytes]; so begin all syllables, and a few other scripts."""
    return bool(((data >= 0xEA) & (data <= 0xED)).any())


@njit(cache=True, nogil=True, inline="always")
def _is_syllable(point):  # type: ignore[no-untyped-def]
    return np.int64(FIRST) <= np.int64(point) < np.int64(STOP)


@njit(cache=True, nogil=True)
def take_apart(points, count):  # type: ignore[no-untyped-def]
    """Take the first ``count`` code points of ``points`` apart where they lie; how many they are then.

    There is room: a word was given as many places as it has bytes, and a syllable has three.
    """
    more = 0
    for i in range(count):
        if _is_syllable(points[i]):
            more += 1 if (np.int64(points[i]) - FIRST) % _FINALS_EACH == 0 else 2
    if more == 0:
        return count
    at = count + more
    for i in range(count - 1, -1, -1):
        if not _is_syllable(points[i]):
            at -= 1
            points[at] = points[i]
            continue
        number = np.int64(points[i]) - FIRST
        if number % _FINALS_EACH > 0:
            at -= 1
            points[at] = _FINALS + number % _FINALS_EACH
        at -= 2
        points[at + 1] = _VOWELS + number % _EACH // _FINALS_EACH
        points[at] = _INITIALS + number // _EACH
    return count + more
