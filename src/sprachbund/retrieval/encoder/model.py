"""A model in the ids of an encoded corpus: what training changes and evaluation asks.

`Encoder` is the same model with the strings of its n-grams, for text that comes later and for the disk.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.retrieval.encoder.bags import Bags, Ranges, Sentences, assemble, own_sentences
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.features import Ngrams, Rows, Workspace, bag_sums, bag_weights, divisors
from sprachbund.retrieval.encoder.short_rows import Table
from sprachbund.retrieval.encoder.softmax import normalise
from sprachbund.retrieval.encoder.summing import sum_ranges
from sprachbund.retrieval.settings import EncoderSettings, Settings

BLOCK = 16_384


@dataclass(frozen=True)
class Model:
    """A table of vectors, and where the n-grams of each language find theirs.

    Attributes:
        settings: all of them.
        ngrams: the ids, with the character n-grams that the settings use.
        rows: by language; a language that was not trained reads through those of the first.
        table: float32 [rows, dim], or the same in fewer bits where it only serves.
        ids: int32 [rows], the n-gram of each row.
    """

    settings: Settings
    ngrams: Ngrams
    rows: dict[str, Rows]
    table: Table
    ids: Int32

    def rows_for(self, language: str) -> Rows:
        """The rows of a language, those of the first trained language for a stranger."""
        return self.rows[language] if language in self.rows else next(iter(self.rows.values()))


def bags_of(sentences: Sentences, rows: Int64, settings: EncoderSettings) -> Bags:
    """The bags of some sentences, weighted as the encoder wants."""
    each = Ranges(rows, rows + 1, np.full(len(rows), -1, np.int64))
    return assemble(sentences, each, bigram_weight=settings.bigram_weight, power=settings.power)


def encode_ranges(model: Model, data: EncodedLanguage, ranges: Ranges) -> Float32:
    """The vectors of ranges of sentences: float32 [ranges, dim], of length 1 with cosine, zero for an empty bag.

    Memory: BLOCK ranges and their sentences at a time, beside the result.
    """
    space = Workspace.of(model.ngrams)
    rows = model.rows_for(data.language)
    result = np.empty((len(ranges), model.settings.encoder.dim), np.float32)
    for low in range(0, len(ranges), BLOCK):
        part = slice(low, low + BLOCK)
        result[part] = pool_ranges(model, data.sentences, rows, ranges[part], space)
    return result


def pool_ranges(model: Model, sentences: Sentences, rows: Rows, ranges: Ranges, space: Workspace) -> Float32:
    """The vectors of a block of ranges of sentences."""
    encoder = model.settings.encoder
    own, (local,) = own_sentences(ranges)
    bags = bags_of(sentences, own, encoder)
    sums = bag_sums(bags, model.ngrams, rows, model.table, encoder, space)
    pooled: Float32 = sum_ranges(sums, local.first, local.last, local.without)
    if encoder.pooling != "sum":
        pooled /= divisors(sum_ranges(bag_weights(bags), local.first, local.last, local.without), encoder.pooling)
    return normalise(pooled)[0] if encoder.similarity == "cosine" else pooled


def sentence_sums(model: Model, data: EncodedLanguage, rows: Int64) -> Float32:
    """The sum of each sentence, before pooling and length: float32 [sentences, dim]."""
    space = Workspace.of(model.ngrams)
    encoder, own = model.settings.encoder, model.rows_for(data.language)
    result = np.empty((len(rows), encoder.dim), np.float32)
    for low in range(0, len(rows), BLOCK):
        part = slice(low, low + BLOCK)
        bags = bags_of(data.sentences, rows[part], encoder)
        result[part] = bag_sums(bags, model.ngrams, own, model.table, encoder, space)
    return result
