"""Words of one language with how often they occur: all that cognates are learned from.

From a corpus (counted exactly, by the words that the models use), from a mapping, or from a list as it is commonly
found: ``word count`` or ``count word`` on a line, parted by tabs or blanks; one without counts is in order of
frequency.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from sprachbund.arguments import whole
from sprachbund.arrays import Int64
from sprachbund.cognates.reading import lines_of
from sprachbund.errors import CorpusError, SettingsError, SourceError
from sprachbund.normal_forms import normal_form
from sprachbund.progress import logger

if TYPE_CHECKING:
    from sprachbund.corpus.store import Corpus

__all__ = ["LONGEST", "MOST", "Words", "counted_words", "read_words", "words_of_corpus"]

MOST = 50_000
"""Words of a language that are kept, the most frequent."""
LONGEST = 48
"""Characters of a word: longer ones are addresses and the like."""
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Words:
    """The most frequent words of a language.

    Attributes:
        language: its code.
        words: in NFC and lower case, the most frequent first, equal counts in order of code points.
        counts: int64 [words].
    """

    language: str
    words: tuple[str, ...]
    counts: Int64

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"Words({self.language!r}: {len(self):,} words, {int(self.counts.sum()):,} occurrences)"


def counted_words(language: str, counts: Mapping[str, int] | Iterable[tuple[str, int]], most: int = MOST) -> Words:
    """Words of a language from their counts; what differs in case or normal form alone is one word.

    Args:
        counts: how often each word occurs, a whole number of at least 1. What is no single word (with a blank, without
            a letter, longer than `LONGEST`) is left out.
        most: words that are kept.

    Raises:
        SettingsError: a count is none. CorpusError: no word is left.
    """
    pairs = counts.items() if isinstance(counts, Mapping) else counts
    summed: dict[str, int] = {}
    for word, given in pairs:
        count = whole(given, f"the count of {word!r}")
        if count < 1:
            raise SettingsError(f"the count of {word!r}: expected at least 1, found {count}")
        if is_word(plain := normal_form("NFC", str(word).strip()).lower()):
            summed[plain] = summed.get(plain, 0) + count
    if not summed:
        raise CorpusError(f"{language}: expected words with letters and their counts, found none")
    order = sorted(summed, key=lambda word: (-summed[word], word))[:most]
    return Words(language, tuple(order), np.array([summed[word] for word in order], np.int64))


def is_word(text: str) -> bool:
    """Whether a text is one word: with a letter, without a blank, not too long."""
    return 0 < len(text) <= LONGEST and not any(map(str.isspace, text)) and any(map(str.isalpha, text))


def words_of_corpus(corpus: "Corpus", language: str, most: int = MOST) -> Words:
    """The words of a language in a corpus, counted exactly.

    Raises:
        LanguageError: the corpus lacks the language. CorpusError: it has no word.
    """
    from sprachbund.corpus.segment import prepared_series
    from sprachbund.ngrams.vocabulary import Vocabulary

    def texts() -> Iterator[pl.Series]:
        for frame, _ in corpus.parts(language, ["text"]):
            yield prepared_series(frame["text"], language)

    vocabulary = Vocabulary.count(texts(), bigrams=False, max_size=2 * most)
    return counted_words(language, zip(vocabulary.strings.to_list(), vocabulary.counts.tolist(), strict=True), most)


def read_words(path: Path | str, language: str, most: int = MOST) -> Words:
    """The words of a file: ``word count`` or ``count word`` on a line, or a word alone; it may be compressed.

    A line that says neither is left out and counted in a warning.

    Raises:
        SourceError: it cannot be read, or has no word.
    """
    path = Path(path)
    found: list[tuple[str, int]] = []
    wrong: list[str] = []
    bare = True
    for number, line in lines_of(path):
        cells = line.split("\t") if "\t" in line else line.split()
        cells = [cell.strip() for cell in cells if cell.strip()]
        if len(cells) == 1 and is_word(cells[0]):
            found.append((cells[0], 1))
        elif len(cells) >= 2 and (pair := _word_and_count(cells[0], cells[1])) is not None:
            bare = False
            found.append(pair)
        elif cells:
            wrong.append(f"line {number:,}")
    if bare:  # the order is all that such a list says
        found = [(word, len(found) - place) for place, (word, _) in enumerate(found)]
    if wrong:
        shown = ", ".join(wrong[:_NAMED]) + (", ..." if len(wrong) > _NAMED else "")
        logger.warning("%s: %s lines are no word with a count and are left out: %s", path, f"{len(wrong):,}", shown)
    if not found:
        raise SourceError(f"{path}: expected a word and its count on each line, found none")
    return counted_words(language, found, most)


def _word_and_count(one: str, other: str) -> tuple[str, int] | None:
    for word, count in ((one, other), (other, one)):
        if count.isascii() and count.isdigit() and 0 < len(count) <= 18 and int(count) > 0 and is_word(word):
            return word, int(count)
    return None
