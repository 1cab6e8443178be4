"""Texts as the words that they are found by, for finding phrases and beginnings of words in them.

A phrase is looked for as words, so case, accents (where the index folds them), marks between words and line breaks do
not matter. In scripts that write no spaces, where words begin depends on what stands around them, so there the letters
of the words have to follow one another.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from sprachbund.arrays import Flags, Int64
from sprachbund.corpus.accents import CHINESE, plain_words
from sprachbund.corpus.segment import needs_dictionary, words
from sprachbund.ngrams.strings import word_lines
from sprachbund.retrieval.encoder.texts import analyse


@dataclass(frozen=True)
class Wording:
    """Some texts.

    Attributes:
        distinct: their words, each once, `plain`. ids: int64 [tokens], the words in order. offsets: int64 [texts + 1].
    """

    distinct: tuple[str, ...]
    ids: Int64
    offsets: Int64

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Where each distinct word stands."""
        return {word: number for number, word in enumerate(self.distinct)}

    @cached_property
    def order(self) -> list[tuple[str, int]]:
        """The distinct words in order, with where they stand."""
        return sorted(self.numbers.items())

    def having(self, phrase: Sequence[str]) -> Flags:
        """The texts that have these words, `plain`, one after another: bool [texts]."""
        if needs_letters(phrase):
            letters = "".join(phrase)
            return np.array([letters in text for text in self.run_together], np.bool_)
        wanted = [self.numbers.get(word, -1) for word in phrase]
        count, length = len(self.offsets) - 1, len(wanted)
        found = np.zeros(count, np.bool_)
        if not length or -1 in wanted or len(self.ids) < length:
            return found
        fits = np.ones(len(self.ids) - length + 1, np.bool_)
        for place, number in enumerate(wanted):
            fits &= self.ids[place : place + len(fits)] == number
        starts = np.flatnonzero(fits)
        texts = np.searchsorted(self.offsets, starts, "right") - 1
        found[texts[starts + length <= self.offsets[texts + 1]]] = True
        return found

    def beginning(self, stem: str) -> Flags:
        """The texts with a word that begins so: bool [texts]."""
        low = bisect_left(self.order, (stem,))
        high = low
        while high < len(self.order) and self.order[high][0].startswith(stem):
            high += 1
        fits = np.zeros(len(self.distinct), np.bool_)
        fits[[number for _, number in self.order[low:high]]] = True
        found = np.zeros(len(self.offsets) - 1, np.bool_)
        if len(self.ids):
            found[np.searchsorted(self.offsets, np.flatnonzero(fits[self.ids]), "right") - 1] = True
        return found

    @cached_property
    def run_together(self) -> tuple[str, ...]:
        """The words of each text without anything between them."""
        return tuple(
            "".join(self.distinct[number] for number in self.ids[low:high].tolist())
            for low, high in pairwise(self.offsets.tolist())
        )


def worded(texts: Sequence[str], language: str, folds: Sequence[str]) -> Wording:
    """The words of some texts.

    Args:
        folds: of the index, see `forms`.
    """
    if not texts:
        return Wording((), np.empty(0, np.int64), np.zeros(1, np.int64))
    found = analyse(texts, language, bigrams=False, characters=())
    tokens = found.tokens
    written = plain(word_lines(found.data, tokens.starts[found.first], tokens.lengths[found.first]), folds)
    distinct = {word: number for number, word in enumerate(dict.fromkeys(written))}
    same = np.array([distinct[word] for word in written], np.int64)
    ids = same[found.sentences.words] if len(same) else np.empty(0, np.int64)
    return Wording(tuple(distinct), ids, np.asarray(tokens.offsets, np.int64))


def needs_letters(phrase: Sequence[str]) -> bool:
    """Whether a phrase is looked for by its letters, for it has words of a script that writes no spaces."""
    return any(needs_dictionary(word) for word in phrase)


def wanted(text: str, language: str, folds: Sequence[str]) -> list[str]:
    """The words of a phrase in order, `plain`."""
    return plain(words(text, language), folds)


def plain(written: Sequence[str], folds: Sequence[str]) -> list[str]:
    """Words as they are compared here: without what the index folds."""
    return plain_words(written, chinese=CHINESE in folds) if folds else list(written)
