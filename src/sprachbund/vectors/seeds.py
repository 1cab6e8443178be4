"""Pairs of words to begin an alignment from: the same string in both, learned cognates, a dictionary."""

from collections.abc import Iterable

import numpy as np

from sprachbund.arrays import Int32
from sprachbund.cognates.learning import learn
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.words import Words, is_word
from sprachbund.errors import CorpusError
from sprachbund.vectors.space import Space

__all__ = ["from_cognates", "from_dictionary", "identical", "words_of"]

_COGNATE_WORDS = 10_000
_LEAST_LETTERS = 1


def identical(left: Space, right: Space, most: int) -> Int32:
    """Words that both have among their ``most`` first, numbers and signs too: int32 [pairs, 2]."""
    theirs = {word: place for place, word in enumerate(right.words[:most])}
    found = [(place, theirs[word]) for place, word in enumerate(left.words[:most]) if word in theirs]
    return np.array(found, np.int32).reshape(-1, 2)


def words_of(space: Space, most: int = _COGNATE_WORDS) -> Words:
    """The words of a space as cognates are learned from; where counts are not known the order stands for them.

    Raises:
        CorpusError: none is a word of letters.
    """
    plain: dict[str, int] = {}
    for place, word in enumerate(space.words[: 2 * most]):
        lower = word.lower()
        if is_word(lower):
            plain[lower] = max(plain.get(lower, 0), int(space.counts[place]) or len(space) - place)
    if not plain:
        raise CorpusError(f"{space.language or 'a space'}: none of its words has letters")
    order = sorted(plain, key=lambda word: (-plain[word], word))[:most]
    return Words(space.language or "und", tuple(order), np.array([plain[word] for word in order], np.int64))


def learned_cognates(left: Space, right: Space) -> Cognates:
    """The cognates of two spaces' frequent words."""
    ours, theirs = words_of(left), words_of(right)
    if ours.language == theirs.language:  # of files that do not say what they are
        theirs = Words(f"{theirs.language}-2", theirs.words, theirs.counts)
    return learn(ours, theirs)


def from_cognates(left: Space, right: Space, cognates: Cognates) -> Int32:
    """The pairs of a lexicon that both spaces have: int32 [pairs, 2]."""
    return from_dictionary(left, right, cognates.pairs.select("left", "right").iter_rows())


def from_dictionary(left: Space, right: Space, pairs: Iterable[tuple[str, str]]) -> Int32:
    """The pairs of words that both spaces have, each once: int32 [pairs, 2]."""
    found: dict[tuple[int, int], None] = {}
    for one, other in pairs:
        places = left.place(one), right.place(other)
        if places[0] is not None and places[1] is not None:
            found[places[0], places[1]] = None
    return np.array(list(found), np.int32).reshape(-1, 2)
