"""Which n-gram of which language gets which row of the table: the place where languages meet, or do not.

    shared     the same n-gram is the same row in every language: instance-based transfer (Arnold & Cohen 2021)
    separate   every language has rows of its own: nothing is shared (the arm ``control``)
    permuted   as many rows are shared, but by the wrong n-grams: in each language the n-grams that others have too are
               permuted among neighbours in frequency, so that sharing carries no meaning (the arm ``placebo``)

A row starts as a vector of signs that follows from its n-gram's key and the seed alone, times a length. So an n-gram
has the same start in every arm, and an n-gram that training never saw has the start row that it would have had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sprachbund.arrays import Float32, Int8, Int32, Int64, UInt64
from sprachbund.errors import CorpusError
from sprachbund.lab.placebo import displace
from sprachbund.ngrams.start_rows import start_rows
from sprachbund.retrieval.encoder.bags import UNSEEN
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.features import Rows
from sprachbund.retrieval.settings import EncoderSettings

Sharing = Literal["shared", "separate", "permuted"]


@dataclass(frozen=True)
class Layout:
    """The rows of a table before training.

    Attributes:
        ids: int32 [rows], the n-gram of each row. keys: uint64 [rows]. lengths: float32 [rows], of the start rows.
        rows: for each language where its n-grams find their rows.
        seed: of the start rows.
    """

    ids: Int32
    keys: UInt64
    lengths: Float32
    rows: dict[str, Rows]
    seed: int

    def start(self, dim: int, low: int = 0, high: int | None = None) -> Float32:
        """The table before training, from row ``low`` to ``high``: float32 [rows, dim]."""
        table = start_rows(self.keys[low:high], dim, self.seed)
        table *= self.lengths[low:high, None]
        return table

    def part(self, dim: int) -> Callable[[int, int], Float32]:
        """`start` for a dimension, to be asked for some rows at a time."""
        return lambda low, high: self.start(dim, low, high)


def make_rows(
    encoded: EncodedCorpus, languages: Sequence[str], settings: EncoderSettings, seed: int, sharing: Sharing
) -> Layout:
    """Lay out the rows of a model of ``languages``.

    Raises:
        CorpusError: no n-gram is left.
    """
    if sharing == "separate":
        parts = [_shared(encoded, [language], settings, seed) for language in languages]
        offset, rows = 0, {}
        for language, part in zip(languages, parts, strict=True):
            own = part.rows[language]
            moved = np.where(own.row == UNSEEN, UNSEEN, own.row + offset).astype(np.int32)
            rows[language] = Rows(moved, own.unseen_length, seed)
            offset += len(part.ids)
        return Layout(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            rows,
            seed,
        )
    layout = _shared(encoded, languages, settings, seed)
    if sharing == "permuted":
        total = sum(encoded.counts(language).astype(np.int64) for language in languages)
        for language in languages:
            own = layout.rows[language]
            order = permutation(
                encoded.counts(language), np.asarray(total), encoded.ngrams.orders, own.row, seed, language
            )
            layout.rows[language] = Rows(own.row[order], own.unseen_length, seed)
    return layout


def _shared(encoded: EncodedCorpus, languages: Sequence[str], settings: EncoderSettings, seed: int) -> Layout:
    counts = np.zeros(len(encoded.ngrams), np.int64)
    for language in languages:
        counts += encoded.counts(language)
    counts[encoded.vocabulary_size :] = 0  # cut when the corpus was encoded: no string is kept for them
    ids = select(counts, encoded.ngrams.orders, settings)
    if len(ids) == 0:
        raise CorpusError(
            f"{', '.join(languages)}: no n-gram occurs {settings.min_count} times or more in the training text; lower "
            "min_count or ingest more text"
        )
    sentences = sum(encoded.language(language).train_sentences for language in languages)
    lengths, unseen = start_lengths(counts[ids], sentences, settings)
    row = np.full(len(encoded.ngrams), UNSEEN, np.int32)
    row[ids] = np.arange(len(ids), dtype=np.int32)
    shared = Rows(row, unseen if settings.unseen else 0.0, seed)
    return Layout(ids, encoded.ngrams.keys[ids], lengths, dict.fromkeys(languages, shared), seed)


def select(counts: Int64, orders: Int8, settings: EncoderSettings) -> Int32:
    """The ids that get a row: of a kind in use, ``min_count`` occurrences, the ``max_rows`` most frequent."""
    kinds = [1]
    if settings.bigram_weight:
        kinds.append(2)
    if settings.character_weight:
        kinds += [-order for order in settings.characters]
    ids = np.flatnonzero((counts >= settings.min_count) & np.isin(orders, kinds))
    if settings.max_rows and len(ids) > settings.max_rows:
        ids = np.sort(ids[np.argsort(-counts[ids], kind="stable")[: settings.max_rows]])
    return ids.astype(np.int32)


def start_lengths(counts: Int64, sentences: int, settings: EncoderSettings) -> tuple[Float32, float]:
    """The lengths of start rows, and that of an n-gram never seen.

    ``idf``: ln(1 + sentences / count), divided by its mean over the rows; an unseen n-gram counts as seen once.
    """
    if settings.start == "random":
        return np.ones(len(counts), np.float32), 1.0
    idf = np.log1p(sentences / counts)
    mean = float(idf.mean())
    return (idf / mean).astype(np.float32), float(np.log1p(sentences)) / mean


def permutation(
    own: Int64,
    total: Int64,
    orders: Int8,
    row: Int32,
    seed: int,
    language: str,
) -> Int64:
    """For each id the id whose row it takes in one language of the placebo.

    Ids that have a row and occur in other languages move, among neighbours in frequency as `displace` has it (in this
    language; for n-grams of others alone, in all), kind by kind. Ids of this language alone stay. Each language draws
    its own: n-grams that are as frequent in two languages must not meet again behind the permutation.
    """
    order = np.arange(len(own), dtype=np.int64)
    generator = np.random.default_rng([seed, 1, *language.encode()])
    for kind in np.unique(orders):
        here = (orders == kind) & (row != UNSEEN)
        for ids, by in (
            (np.flatnonzero(here & (own > 0) & (total > own)), own),
            (np.flatnonzero(here & (own == 0)), total),
        ):
            displace(order, ids, by, generator)
    return order
