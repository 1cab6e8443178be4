"""The weights of an index, chosen on text: sentences are taken out of documents and must find where they were.

The text is the dev side of the encoder's own split where it was trained on this corpus, any of it otherwise: an encoder
that has learned a sentence finds its place too easily, and would be trusted too much. The weights are those with the
best geometric mean of MRR over the languages.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Float64, Int64
from sprachbund.claims import scratch
from sprachbund.corpus.duplicates import template_form
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.segment import words
from sprachbund.corpus.splits import DEV
from sprachbund.corpus.store import Corpus
from sprachbund.disk import room_for
from sprachbund.progress import Progress, Silent
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.seen import same_text
from sprachbund.search.filling import batches
from sprachbund.search.forms import DEFAULT
from sprachbund.search.fusion import Fusion, default_fusion, sums_up
from sprachbund.search.passages import Document, documents_of
from sprachbund.search.restoring import understand
from sprachbund.search.scoring import complete
from sprachbund.search.searching import Scope, terms_of
from sprachbund.search.segment import Segment, open_segment
from sprachbund.search.writing import SegmentWriter

DENSE = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5)
OWN = (0.0, 0.25, 0.5, 0.75, 1.0)
APART = 20
"""One sentence in so many is taken out."""
DOCUMENTS, QUERIES = 300, 200
"""Of a language at most."""
LEAST_QUERIES = 20
"""Languages with fewer have no say."""
LEAST_WORDS = 4


@dataclass(frozen=True)
class Removed:
    """A sentence that was taken out: its text, its document, and the sentences beside it, one of which it must find."""

    text: str
    document: str
    near: tuple[str, ...]


def take_out(documents: Sequence[Document], language: str, most: int) -> tuple[list[Document], list[Removed]]:
    """Documents without some of their sentences, and these.

    Left alone are sentences under four words, those without a neighbour in their section, and those that differ from
    another by their digits alone: templates, whose place cannot be told.
    """
    every = pl.Series("text", [text for document in documents for text in document.texts], pl.String)
    forms = every.to_frame().select(template_form(pl.col("text"))).to_series()
    single = dict(zip(every, forms.is_unique(), strict=True))
    left: list[Document] = []
    found: list[Removed] = []
    for document in documents:
        # where counting begins depends on the document, so that it is not the first sentence everywhere
        start = hashlib.sha256(document.id.encode()).digest()[0] % APART
        out = []
        for position in range(start, len(document.texts), APART):
            near = [p for p in (position - 1, position + 1) if 0 <= p < len(document.texts)]
            near = [p for p in near if document.sections[p] == document.sections[position]]
            text = document.texts[position]
            if near and len(found) < most and single[text] and len(words(text, language)) >= LEAST_WORDS:
                found.append(Removed(text, document.id, tuple(document.texts[p] for p in near)))
                out.append(position)
        kept = [i for i in range(len(document.texts)) if i not in out]
        texts, sections = [document.texts[i] for i in kept], [document.sections[i] for i in kept]
        left.append(replace(document, texts=texts, sections=sections))
    return left, found


def held_out(
    encoder: Encoder, corpus: Corpus, languages: Sequence[str], side: int = DEV, most: int = DOCUMENTS
) -> dict[str, list[Document]]:
    """Documents of each language that the encoder was not trained on, drawn by seed where there are more than ``most``.

    Args:
        side: of the encoder's split, where the corpus is the one of its training; any document otherwise.
    """
    seen = same_text(encoder, corpus)
    placed = place_corpus(corpus, Split(encoder.settings.shares, encoder.settings.split_seed))
    found: dict[str, list[Document]] = {}
    for code in languages:
        own = placed[code].sides
        allowed = own == side if seen else np.ones(len(own), np.bool_)
        drawn = np.random.default_rng(0).permutation(np.flatnonzero(allowed))[:most]
        wanted = set(corpus.documents(code)["document"].gather(np.sort(drawn)).to_list())
        found[code] = [document for document in documents_of(corpus, code) if document.id in wanted]
    return found


def tune(
    encoder: Encoder,
    documents: Mapping[str, Sequence[Document]],
    sentences: int,
    progress: Progress | None = None,
    folds: Sequence[str] = DEFAULT,
) -> Fusion:
    """Choose the weight of the encoder and of a passage by itself.

    Args:
        documents: by language, unseen by the encoder. sentences: of a passage at most.
        progress: told each language that is done. folds: of the index.
    """
    progress = progress or Silent()
    start = default_fusion(encoder)
    linear = sums_up(encoder) and start.surroundings.reach > 0
    options = list(product(DENSE, OWN if linear else (1.0,)))
    table, queries = {}, {}
    for language, given in documents.items():
        left, removed = take_out(given, language, QUERIES)
        if len(removed) >= LEAST_QUERIES:
            table[language] = try_weights(encoder, start, language, left, removed, sentences, options, folds)
            queries[language] = len(removed)
        progress.advance(1)
    if not table:
        return start
    best = int(np.argmax(np.log(np.maximum(list(table.values()), 1e-6)).mean(axis=0)))
    dense, own = options[best]
    tuned = {code: {"queries": queries[code], "mrr": round(float(row[best]), 4)} for code, row in table.items()}
    return replace(start, dense=dense, own=own, tuned=tuned)


def try_weights(
    encoder: Encoder,
    start: Fusion,
    language: str,
    documents: Sequence[Document],
    removed: Sequence[Removed],
    sentences: int,
    options: Sequence[tuple[float, float]],
    folds: Sequence[str] = DEFAULT,
) -> Float64:
    """The MRR of each option, the weights of dense and own: float64 [options].

    Args:
        documents: what is left of them. removed: what was taken out and must find its place.
    """
    with scratch() as folder, room_for(folder):
        alone, around = (
            _segment(encoder, replace(start, own=own), language, documents, sentences, folder / str(own), folds)
            for own in (1.0, 0.0)
        )
        every = np.arange(len(alone))
        near, wide = alone.dense.vectors(every), around.dense.vectors(every)
        scope = Scope.of([alone], start)
        where = places_of(alone, removed)
        sums = np.zeros(len(options))
        for query, places in zip(removed, where, strict=True):
            question = understand(scope, encoder, query.text, language, folds)
            terms = terms_of(scope, question, start)[0]
            exact = complete(alone.collection, terms, scope.saturation, every.astype(np.int32))
            parts = np.stack([exact, near @ question.vector, wide @ question.vector])
            sums += 1 / _ranks(parts, options, places)
    result: Float64 = sums / len(removed)
    return result


def _ranks(parts: Float32, options: Sequence[tuple[float, float]], places: Sequence[int]) -> Int64:
    """The rank of the best of ``places`` under each option, ties against it: int64 [options]."""
    weights = np.array([(1.0, dense * own, dense * (1 - own)) for dense, own in options], np.float32)
    scores = weights @ parts
    truth = scores[:, places].max(axis=1, keepdims=True)
    at_least = (scores >= truth).sum(axis=1) - (scores[:, places] >= truth).sum(axis=1)
    result: Int64 = 1 + at_least
    return result


def places_of(segment: Segment, removed: Sequence[Removed]) -> list[list[int]]:
    """The passages that hold a neighbour of each sentence that was taken out."""
    found = []
    for query in removed:
        document = segment.records.document(query.document)
        assert document is not None
        texts = segment.records.texts(document.first, document.last)
        holds = [any(near in text.split("\n") for near in query.near) for text in texts]
        found.append([document.first + i for i, held in enumerate(holds) if held])
    return found


def _segment(
    encoder: Encoder,
    fusion: Fusion,
    language: str,
    documents: Sequence[Document],
    sentences: int,
    folder: Path,
    folds: Sequence[str],
) -> Segment:
    (folder / "work").mkdir(parents=True)
    writer = SegmentWriter(folder / "work", language, encoder, fusion, sentences, "flat", folds)
    for batch in batches(document for document in documents if document.texts):
        writer.add(batch)
    writer.write(folder / "segment")
    return open_segment(folder / "segment", fusion, encoder.dim)
