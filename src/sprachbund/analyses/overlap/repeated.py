"""Template text: sentences that bots and forms write again and again, found in the ids of an encoded corpus.

Millions of articles in Cebuano, Waray and Swedish are one program's (Lsjbot), and so are the n-grams that these
languages have in common (Arnold & Cohen 2021, footnote 4). The encoded corpus marks what of the held-out text stands in
the training text; here it is asked within the training text, of which vocabularies are made.
"""

import numpy as np
import polars as pl

from sprachbund.arrays import Flags, UInt64
from sprachbund.corpus.duplicates import TEMPLATE_SHARE
from sprachbund.corpus.splits import TRAIN
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage

__all__ = ["numerals", "repeated"]

LEAST_WORDS = 4
"""Shorter sentences are headings and dates, which anybody repeats."""
_NUMERAL = r"^[\p{N}.,]+$"
_STEP, _FIRST, _SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def numerals(words: pl.Series) -> Flags:
    """Which words are numbers: bool [words]."""
    found: Flags = words.str.contains(_NUMERAL).to_numpy()
    return found


def repeated(data: EncodedLanguage, numbers: Flags) -> Flags:
    """Which training sentences are template text: bool [sentences].

    One of four words or more that stands in another document too once its numbers are masked; and all sentences of a
    document where more than one in ten of those are such.

    Args:
        numbers: bool [ids], which n-grams are numbers.
    """
    train = np.asarray(data.sides) == TRAIN
    judged = train & (np.diff(data.sentences.word_offsets) >= LEAST_WORDS)
    documents = np.asarray(data.documents)
    frame = pl.DataFrame({"form": _forms(data, numbers)[judged], "document": documents[judged]})
    again = np.zeros(len(train), bool)
    again[judged] = frame.select(pl.col("document").n_unique().over("form") > 1).to_series().to_numpy()
    size = int(documents.max(initial=-1)) + 1
    of_document = np.bincount(documents[judged], minlength=size)
    share = np.bincount(documents[again], minlength=size) / np.maximum(of_document, 1)
    marked: Flags = train & (again | (share > TEMPLATE_SHARE)[documents])
    return marked


def _forms(data: EncodedLanguage, numbers: Flags) -> UInt64:
    """A hash of the sequence of words of each sentence, all numbers being one word: uint64 [sentences]."""
    offsets = np.asarray(data.sentences.word_offsets)
    words = np.asarray(data.sentences.words)
    masked = np.where(numbers[words], 0, words.astype(np.int64) + 1).astype(np.uint64)
    places = (np.arange(len(words)) - np.repeat(offsets[:-1], np.diff(offsets))).astype(np.uint64)
    # what a word adds hangs on its place, so that sentences of the same words in another order differ
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(_mixed(_mixed(masked) ^ places), dtype=np.uint64)))
    return sums[offsets[1:]] - sums[offsets[:-1]]


def _mixed(numbers: UInt64) -> UInt64:
    """splitmix64's finisher."""
    state = numbers + _STEP
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
