"""What comes before any part is encoded: how words are spelt, the vocabulary of the training side, the split.

One machine does it. Memory: the text of a file at a time, and what counting takes.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.corpus.placing import Placed
from sprachbund.corpus.segment import prepared_series
from sprachbund.corpus.splits import TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.files import write_json
from sprachbund.ngrams.tokens import from_series
from sprachbund.ngrams.vocabulary import Batch, Vocabulary
from sprachbund.retrieval.encoder.encoding.disk import save
from sprachbund.retrieval.encoder.encoding.work import VOCABULARY, parts_of
from sprachbund.retrieval.settings import Settings
from sprachbund.retrieval.spelling.keeping import FOLDER, write_spelling
from sprachbund.retrieval.spelling.learning import Counted, learn_spelling
from sprachbund.retrieval.spelling.respelling import respell
from sprachbund.retrieval.spelling.spellings import LEARNED, WRITTEN, Spelling
from sprachbund.runs.store import Specification

__all__ = ["begin"]


def begin(
    corpus: Corpus,
    placed: Mapping[str, Placed],
    settings: Settings,
    spelling: Spelling | None,
    memory: int | None,
    specification: Specification,
    folder: Path,
) -> dict[str, Any]:
    """Count the vocabulary and write what every part asks for.

    Args:
        placed, settings, spelling, memory: see `encoded.encode_corpus`.
        specification: says what is counted.

    Returns:
        ``parts``, see `work.parts_of`; ``learned``, a hash of what was learned to spell words, "" if nothing was.
    """
    if spelling is None:
        spelling = _learned(corpus, placed, settings, memory)
    vocabulary = Vocabulary.count(
        _training_texts(corpus, placed, spelling),
        bigrams=specification["bigrams"],
        characters=tuple(specification["characters"]),
        min_count=specification["min_count"],
        max_size=specification["max_size"],
        memory=memory,
    )
    vocabulary.save(folder / VOCABULARY)
    if spelling.name != WRITTEN:
        write_spelling(spelling, folder / FOLDER)
    for language, documents in placed.items():
        (folder / language).mkdir()
        write_json(folder / language / "names.json", documents.names)
        numbers = {name: number for number, name in enumerate(dict.fromkeys(documents.groups))}
        save(folder / language, "sides", documents.sides)
        save(folder / language, "groups", np.array([numbers[name] for name in documents.groups], np.int32))
    parts = {language: parts_of(corpus, language) for language in placed}
    return {"parts": parts, "learned": spelling.hash() if spelling.name in LEARNED else ""}


def _learned(corpus: Corpus, placed: Mapping[str, Placed], settings: Settings, memory: int | None) -> Spelling:
    """The spelling of the settings, with what it learns from the words of the training side."""
    name = settings.encoder.spelling
    counted = {}
    for language, documents in placed.items() if name in LEARNED else ():
        words = Vocabulary.count(_texts(corpus, documents), bigrams=False, memory=memory)
        counted[language] = Counted(words.strings.to_list(), np.asarray(words.counts))
    return learn_spelling(name, counted, settings.encoder.pieces)


def _training_texts(corpus: Corpus, placed: Mapping[str, Placed], spelling: Spelling) -> Iterator[Batch]:
    for language, documents in placed.items():
        for text in _texts(corpus, documents):
            if spelling.name == WRITTEN:
                yield text
            else:
                found = respell(*from_series(text), language, spelling)
                yield found.data, found.offsets


def _texts(corpus: Corpus, placed: Placed) -> Iterator[pl.Series]:
    """The training text of a language, file by file."""
    first = 0
    for frame, notes in corpus.parts(placed.language, ["document", "text"]):
        sides = placed.sides[first : first + len(notes)]
        train = np.repeat(sides == TRAIN, [note["sentences"] for note in notes])
        first += len(notes)
        yield prepared_series(frame["text"].filter(pl.Series(train)), placed.language)
