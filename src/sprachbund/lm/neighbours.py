"""What neighbours lend a language model: n-grams of their text, as it is or in the language's words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sprachbund.cognates.correcting import oriented, with_dictionary
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.learning import learn
from sprachbund.cognates.words import Words, counted_words
from sprachbund.errors import CorpusError
from sprachbund.lm.respelling import WORD, respelled, words_table
from sprachbund.progress import logger

__all__ = ["MOST_CHARACTERS", "Lent", "lend"]

MOST_CHARACTERS = 10_000_000
"""Of a neighbour's text that are read."""
NEIGHBOUR_ORDER = 8
_WORDS = 10_000
LEAST_KNOWN = 0.02
"""A respelling that knows fewer of the words is none."""


@dataclass(frozen=True)
class Lent:
    """A neighbour's text as it is lent.

    Attributes:
        language: the neighbour. texts: as it is. respelled: in the language's words, None where no table knows enough.
        known: the share of its words that were replaced. pairs: in the table.
    """

    language: str
    texts: tuple[str, ...]
    respelled: tuple[str, ...] | None = None
    known: float = 0.0
    pairs: int = 0
    dictionary: str = ""

    @property
    def nearest(self) -> tuple[str, ...]:
        """The text that is nearer to the language."""
        return self.texts if self.respelled is None else self.respelled


@dataclass(frozen=True)
class Respelling:
    """How neighbours' text is respelled: whether cognates are learned, and dictionaries by neighbour."""

    cognates: bool = True
    dictionaries: Mapping[str, Path] = field(default_factory=dict)


def lend(language: str, train: Sequence[str], neighbour: str, texts: Sequence[str], how: Respelling) -> Lent:
    """A neighbour's text, respelled where a dictionary or learned cognates know enough of its words.

    Args:
        train: the language's own training text, which the cognates are learned from.
    """
    plain = Lent(neighbour, tuple(texts))
    dictionary = how.dictionaries.get(neighbour)
    if not how.cognates and dictionary is None:
        return plain
    try:
        found = learn(_words(neighbour, texts), _words(language, train))
    except CorpusError as error:
        logger.warning("%s: not respelled: %s", neighbour, error)
        return plain
    if dictionary is not None:
        pairs, _ = oriented(read_dictionary(dictionary).pairs, found)
        found, _ = with_dictionary(found, pairs)
    table = words_table(found, train)
    made, known = respelled(texts, table)
    if known < LEAST_KNOWN:
        return plain
    return Lent(neighbour, tuple(texts), tuple(made), known, len(table), dictionary.name if dictionary else "")


def _words(language: str, texts: Sequence[str]) -> Words:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(WORD.findall(text.lower()))
    return counted_words(language, counts, _WORDS)
