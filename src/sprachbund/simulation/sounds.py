"""How words sound: which letters a language has, words coined of them, and letters that become others.

A sound change is a one-to-one map of letters, so that it is regular and no two words become one. Letters are the plain
Latin ones: what reads words romanised, as `cognates` does, sees every change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import SettingsError

__all__ = ["Alphabet", "Stream", "closed", "coin", "draw_alphabet", "draw_changes"]

CLASSES = ("ptkbdgqc", "fvszhxj", "mnlrw", "aeiouy")
VOWELS = CLASSES[-1]
CONSONANTS = "".join(CLASSES[:-1])
_CODA = 0.25
"""Syllables that end in a consonant."""
_TRIES = 200


class Stream:
    """Random numbers that follow from a seed and a name alone: the same on every machine, for every version of numpy.

    What a bit generator yields is fixed by numpy's policy, what its methods make of it is not: only doubles are taken.
    """

    def __init__(self, *key: int | str) -> None:
        words = [part if isinstance(part, int) else int.from_bytes(part.encode(), "little") for part in key]
        self._bits = np.random.PCG64(np.random.SeedSequence(words))

    def evenly(self, count: int) -> Float64:
        """Float64 [count], from 0 to below 1."""
        raw = self._bits.random_raw(count)
        return (np.asarray(raw, np.uint64) >> np.uint64(11)).astype(np.float64) * np.float64(2.0**-53)

    def below(self, limit: int) -> int:
        """A whole number from 0 to below ``limit``."""
        return int(self.evenly(1)[0] * limit)

    def order(self, count: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """A permutation: int64 [count]."""
        return np.argsort(self.evenly(count), kind="stable").astype(np.int64)


@dataclass(frozen=True)
class Alphabet:
    """The letters that a language coins words of."""

    consonants: str
    vowels: str


def draw_alphabet(stream: Stream) -> Alphabet:
    """Twelve consonants and four vowels; the rest are there for what changes."""
    consonants = sorted(CONSONANTS[place] for place in stream.order(len(CONSONANTS))[:12])
    vowels = sorted(VOWELS[place] for place in stream.order(len(VOWELS))[:4])
    return Alphabet("".join(consonants), "".join(vowels))


def coin(alphabet: Alphabet, stream: Stream, short: bool, taken: set[str]) -> str:
    """A word that nobody has yet; it is put among those ``taken``.

    Args:
        short: of one or two syllables and three letters at least, as grammatical words are; else of two to five.
    """
    for number in range(_TRIES):
        chances = stream.evenly(24)
        syllables = 1 + int(chances[0] * 2) if short else 2 + int(chances[0] * 2)
        syllables = min(5, syllables + number // 20)  # crowded: longer ones are free
        word = "".join(_syllables(alphabet, chances[1:], syllables))
        if len(word) >= (3 if short else 4) and word not in taken:
            taken.add(word)
            return word
    raise SettingsError(f"no word of {alphabet.consonants}{alphabet.vowels} is left; take fewer concepts or languages")


def _syllables(alphabet: Alphabet, chances: Float64, count: int) -> Iterator[str]:
    consonants, vowels = alphabet.consonants, alphabet.vowels
    for place in range(count):
        onset, nucleus, closed, coda = chances[4 * place : 4 * place + 4]
        yield consonants[int(onset * len(consonants))] + vowels[int(nucleus * len(vowels))]
        if closed < _CODA:
            yield consonants[int(coda * len(consonants))]


def draw_changes(count: int, used: str, given: Mapping[str, str], stream: Stream) -> dict[str, str]:
    """``given`` and so many more letters in use, each with what it becomes: a free one, of its class where there is.

    Args:
        used: the letters of the words that will change.

    Raises:
        SettingsError: there are fewer letters.
    """
    changes = dict(given)
    letters = [letter for letter in (used[place] for place in stream.order(len(used))) if letter not in changes]
    if count > len(letters):
        raise SettingsError(f"sound_changes must be at most the {len(used)} letters in use, found {count + len(given)}")
    for letter in letters[:count]:
        others = [other for other in CONSONANTS + VOWELS if (other in VOWELS) == (letter in VOWELS) and other != letter]
        others = [other for other in others if other not in changes.values()]
        free = [other for other in others if other not in used or other in changes] or others
        near = [other for other in free if any(other in group and letter in group for group in CLASSES)] or free
        if near:
            changes[letter] = near[stream.below(len(near))]
    return changes


def closed(changes: Mapping[str, str]) -> dict[str, str]:
    """The changes as a permutation of letters: what has only come to an end takes the letter at the beginning.

    With ``p`` to ``f`` and ``f`` to ``h``, a word that has ``h`` already might fall together with another: ``h``
    becomes ``p``.
    """
    back = {other: one for one, other in changes.items()}
    whole = dict(changes)
    for end in set(changes.values()) - set(changes):
        start = end
        while start in back:
            start = back[start]
        whole[end] = start
    return dict(sorted(whole.items()))
