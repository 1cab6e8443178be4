"""Paths of transitive transfer (Arnold & Cohen 2021, figure 9, table 3): by which n-grams one language reaches another.

An auxiliary that shares no n-gram with the target moves the vector of a target's n-gram g only so: its text moves an
n-gram h that the pivot has too, and the pivot's text, in which g and h stand in the two halves of a pair, hands it on.
Two models are compared that differ in nothing but the link, the auxiliary censored of the target and censored of the
pivots as well; a chain g, h, k is ranked by how far g and h part between the two, and by how closely g and h belong
together in the pivot's pairs, h and k in the auxiliary's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from sprachbund.arrays import Flags, Float32, Float64, Int32, Int64
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.retrieval.encoder.cutting import censored
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.settings import Settings, Task

__all__ = ["Halves", "Path", "belonging", "find_paths", "halves_of", "moved"]

LEAST_SEEN = 2
"""Occurrences below which an n-gram's vector is what it began as."""
_LOOKED_AT = 200
"""N-grams of the target that are followed, those that moved farthest."""


@dataclass(frozen=True)
class Path:
    """A chain of n-grams from a target to an auxiliary.

    Attributes:
        target, pivot, auxiliary: the n-grams g, h, k. language: of the pivot.
        moved, handed: 1 - cosine of the vectors of g, and of h, in the two models.
        pivot_pair, auxiliary_pair: the sentences of a pair that has g and h, and of one that has h and k.
    """

    target: str
    pivot: str
    auxiliary: str
    language: str
    moved: float
    handed: float
    pivot_pair: tuple[str, str]
    auxiliary_pair: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Halves:
    """What stands in the two halves of a language's training pairs.

    Attributes:
        queries, candidates: 0 or 1, float32 [pairs, ids], sparse. pairs: themselves.
    """

    queries: sparse.csr_matrix
    candidates: sparse.csr_matrix
    pairs: Pairs


def halves_of(data: EncodedLanguage, size: int, task: Task, settings: Settings) -> Halves:
    """The halves of the training pairs of a language.

    Args:
        size: n-grams that there are.
    """
    pairs = data.pairs(task, settings, "train")
    text = data.sentences
    sentences = _incidence(text.words, text.word_offsets, size) + _incidence(text.bigrams, text.bigram_offsets, size)
    lengths = pairs.last - pairs.first
    rows = np.repeat(np.arange(len(pairs)), lengths)
    columns = np.arange(lengths.sum()) + np.repeat(pairs.first - (np.cumsum(lengths) - lengths), lengths)
    kept = columns != np.repeat(pairs.query, lengths)
    ones = np.ones(int(kept.sum()), np.float32)
    inside = sparse.csr_matrix((ones, (rows[kept], columns[kept])), shape=(len(pairs), len(text)))
    return Halves(_binary(sentences[pairs.query]), _binary(inside @ sentences), pairs)


def _incidence(ids: Int32, offsets: Int64, size: int) -> sparse.csr_matrix:
    ones = np.ones(len(ids), np.float32)
    return sparse.csr_matrix((ones, np.asarray(ids), np.asarray(offsets)), shape=(len(offsets) - 1, size))


def _binary(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    matrix = matrix.tocsr()
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def belonging(halves: Halves, ngram: int) -> Float64:
    """How closely every n-gram belongs to one: float64 [ids], the pairs that have them in different halves over the
    root of the product of the pairs that have either. Source: the cosine of Ochiai 1957.
    """
    asked, answered = (half[:, [ngram]].toarray()[:, 0] for half in (halves.queries, halves.candidates))
    together = np.asarray(asked @ halves.candidates + answered @ halves.queries, np.float64).ravel()
    often = np.asarray((halves.queries + halves.candidates).sum(0), np.float64).ravel()
    return np.asarray(together / np.sqrt(np.maximum(1.0, often * often[ngram])))


def moved(one: Model, other: Model, language: str, ids: Int64) -> Float64:
    """1 - cosine of the vectors of some n-grams in two models: float64 [ids], 0 where a model has none."""
    rows = [model.rows_for(language).row[ids] for model in (one, other)]
    there = (rows[0] >= 0) & (rows[1] >= 0)
    found = np.zeros(len(ids))
    vectors: list[Float32] = [
        np.asarray(model.table)[row[there]] for model, row in zip((one, other), rows, strict=True)
    ]
    lengths = np.linalg.norm(vectors[0], axis=1) * np.linalg.norm(vectors[1], axis=1)
    found[there] = 1 - (vectors[0] * vectors[1]).sum(1) / np.maximum(lengths, 1e-12)
    return found


def find_paths(
    encoded: EncodedCorpus,
    corpus: Corpus,
    linked: Model,
    cut: Model,
    task: Task,
    *,
    target: str,
    pivots: Sequence[str],
    auxiliary: str,
    most: int = 10,
) -> list[Path]:
    """The chains that moved n-grams of the target farthest.

    Args:
        linked, cut: models of the target, the pivots and the auxiliary, censored of the target, and of the pivots too.

    Raises:
        CorpusError: the target shares no n-gram with a pivot.
    """
    settings, size = linked.settings, len(encoded.ngrams)
    strings = encoded.vocabulary().strings
    own = encoded.counts(target) >= LEAST_SEEN
    theirs, _ = censored(encoded, auxiliary, (target,))
    far = halves_of(theirs, size, task, settings)
    texts = {code: corpus.read(code)["text"] for code in (*pivots, auxiliary)}
    found: list[tuple[float, Path]] = []
    for language in pivots:
        data = encoded.language(language)
        shared = own & (data.counts >= LEAST_SEEN)
        shared[encoded.vocabulary_size :] = False
        ids = np.flatnonzero(shared)
        if not len(ids):
            continue
        near = halves_of(data, size, task, settings)
        links: Flags = (data.counts >= LEAST_SEEN) & (theirs.counts >= LEAST_SEEN) & (encoded.counts(target) == 0)
        links[encoded.vocabulary_size :] = False
        handed = np.zeros(size)
        handed[links] = moved(linked, cut, language, np.flatnonzero(links))
        far_moved = moved(linked, cut, target, ids)
        for place in np.argsort(-far_moved, kind="stable")[:_LOOKED_AT]:
            chain = _chain(int(ids[place]), near, far, links, handed)
            if chain is None:
                continue
            link, end, closeness = chain
            path = Path(
                strings[int(ids[place])], strings[link], strings[end], language, float(far_moved[place]),
                float(handed[link]), _pair(texts[language], near, int(ids[place]), link),
                _pair(texts[auxiliary], far, link, end),
            )  # fmt: skip
            found.append((float(far_moved[place]) * closeness, path))
    if not found:
        raise CorpusError(
            f"{target}: no n-gram leads by way of {', '.join(pivots)} to {auxiliary}; name pivots that share more"
        )
    return [path for _, path in sorted(found, key=lambda each: -each[0])[:most]]


def _chain(ngram: int, near: Halves, far: Halves, links: Flags, handed: Float64) -> tuple[int, int, float] | None:
    """The link of the pivot and the end in the auxiliary that belong to an n-gram most closely, and how closely."""
    close = belonging(near, ngram) * links * handed
    link = int(np.argmax(close))
    if close[link] <= 0:
        return None
    ends = belonging(far, link)
    ends[link] = 0
    end = int(np.argmax(ends))
    return (link, end, float(close[link] * ends[end])) if ends[end] > 0 else None


def _pair(texts: pl.Series, halves: Halves, one: int, other: int) -> tuple[str, str]:
    """The query and the candidate of the first pair that has two n-grams in different halves."""
    queries, candidates = (half[:, [one, other]].toarray() for half in (halves.queries, halves.candidates))
    together = queries[:, 0] * candidates[:, 1] + queries[:, 1] * candidates[:, 0]
    pair = halves.pairs[np.argmax(together > 0)]
    query = int(pair.query)
    inside = [row for row in range(int(pair.first), int(pair.last)) if row != query]
    return texts[query], " ".join(texts[row] for row in inside)
