"""word2vec's text format: a line with the number of words and of dimensions, then a word and its vector a line.

What a line holds is an addend: the sum of the lines of a text's words, and of its bigrams where the encoder has them,
brought to length 1, is the encoder's vector of a text without repeated and without unseen words. So a word has its
character n-grams folded in and no length of its own, and a bigram is already times ``bigram_weight``. The space in a
bigram is written as an underscore, as word2vec's phrases are; no word has an underscore, so it stays unambiguous.
Numbers have the digits that give the same float32 back. Unseen words are lost: the format has no place for a rule.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int64
from sprachbund.export.words import bigram_rows, blocks, word_rows, word_vectors
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.short_rows import gather

__all__ = ["FILE", "write"]

FILE = "vectors.txt"


def write(encoder: Encoder, folder: Path) -> int:
    """Write FILE to a folder; the number of its lines after the first."""
    words, bigrams = word_rows(encoder), bigram_rows(encoder)
    with (folder / FILE).open("wb") as handle:
        handle.write(f"{len(words) + len(bigrams)} {encoder.dim}\n".encode())
        for rows, vectors in _parts(encoder, words, bigrams):
            names = encoder.vocabulary.strings[rows.astype(np.uint32)].str.replace_all(" ", "_", literal=True)
            columns = [pl.Series(f"{number}", vectors[:, number]) for number in range(encoder.dim)]
            frame = pl.DataFrame([names.alias("word"), *columns])
            frame.write_csv(handle, include_header=False, separator=" ", quote_style="never")
    return len(words) + len(bigrams)


def _parts(encoder: Encoder, words: Int64, bigrams: Int64) -> Iterator[tuple[Int64, Float32]]:
    """Rows and what their lines hold, a block at a time, the words first."""
    for rows in blocks(words):
        yield rows, word_vectors(encoder, rows)
    weight = np.float32(encoder.settings.encoder.bigram_weight)
    for rows in blocks(bigrams):
        yield rows, gather(rows.astype(np.int32), encoder.table) * weight
