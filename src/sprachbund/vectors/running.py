"""The words of a corpus as numbers: what vectors are counted and trained from.

Words are those of the models (`ngrams.keys`): NFC, lower case, parted by the project's own rule, Thai and the like by
dictionary. Words that are too rare are left out of the text, so that those around them are neighbours, as
word2vec has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.arrays import Int32, Int64, Offsets
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.ngrams.tokens import from_series, tokenize
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.vectors.settings import VectorSettings

__all__ = ["Running", "of_texts", "running_words"]


@dataclass(frozen=True, eq=False)
class Running:
    """Text as the numbers of its words.

    Attributes:
        words: each word once, the most frequent first. counts: int64 [words].
        ids: int32 [tokens]. offsets: int64 [sentences + 1].
        text: words of the text, those that were left out too.
    """

    words: tuple[str, ...]
    counts: Int64
    ids: Int32
    offsets: Offsets
    text: int

    def __len__(self) -> int:
        return len(self.ids)


def running_words(corpus: Corpus, language: str, settings: VectorSettings, memory: int | None = None) -> Running:
    """The words of a language of a corpus.

    Raises:
        CorpusError: no word occurs often enough.
    """

    def texts() -> Iterator[pl.Series]:
        for frame, _ in corpus.parts(language, ["text"]):
            yield prepared_series(frame["text"], language)

    return _numbered(texts, settings, memory)


def of_texts(texts: list[str], language: str, settings: VectorSettings) -> Running:
    """The words of some texts; a window never goes from one to the next.

    Raises:
        CorpusError: no word occurs often enough.
    """
    prepared = prepared_series(pl.Series("text", texts, pl.String), language)
    return _numbered(lambda: iter([prepared]), settings, None)


def _numbered(texts, settings: VectorSettings, memory: int | None) -> Running:  # type: ignore[no-untyped-def]
    try:
        vocabulary = Vocabulary.count(
            texts(), bigrams=False, min_count=settings.min_count, max_size=settings.words, memory=memory
        )
    except CorpusError as error:
        raise CorpusError(f"no vectors: {error}") from None
    ids, lengths, total = [], [], 0
    for series in texts():
        tokens = tokenize(*from_series(series))
        rows = vocabulary.lookup(tokens.keys)
        known = rows >= 0
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(known)))
        lengths.append(np.diff(before[tokens.offsets]))
        ids.append(rows[known])
        total += len(rows)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.concatenate(lengths))))
    words = tuple(vocabulary.strings.to_list())
    return Running(words, np.asarray(vocabulary.counts, np.int64), np.concatenate(ids), offsets, total)
