"""Ways to train that `best` does not have, for a model of one language.

    drop       so much of the words of every sentence is hidden, others in each pass
    average    the table is the mean of those along the last part of the training
    both       next sentences and contexts in turn, each as often as it would be alone
    residual   the batch's BM25 of words and characters is added to the logits, so that rows learn what it lacks
    indexing   random indexing: a word's start row has so much of the start rows of the sentences beside its own

A benchmark's own code.
"""

import dataclasses
from collections.abc import Sequence
from itertools import chain

import numpy as np
import scipy.sparse as sparse

from sprachbund.corpus.splits import TRAIN
from sprachbund.retrieval.encoder import training
from sprachbund.retrieval.encoder.bags import Bags, Ranges, assemble
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, EncodedLanguage
from sprachbund.retrieval.encoder.features import Workspace
from sprachbund.retrieval.encoder.mixture import Draws
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.pairs import Pairs
from sprachbund.retrieval.encoder.softmax import mask_overlaps, softmax_gradient
from sprachbund.retrieval.ranking.bm25 import character_bags
from sprachbund.retrieval.settings import Settings, change

CHARACTER_WEIGHT = 0.5
K1, B, POWER = 1.2, 0.75, 1.5
TRIED = np.array([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5], np.float32)
SNAPSHOTS = 8


@dataclasses.dataclass(frozen=True)
class Learning:
    """How one language is learned; nothing of it is plain training."""

    drop: float = 0.0
    average: float = 0.0
    both: bool = False
    residual: float = 0.0
    indexing: float = 0.0


def learn(encoded: EncodedCorpus, task: str, language: str, settings: Settings, learning: Learning, seed: int) -> Model:
    """Train a model of one language."""
    model, _ = training.train(encoded, task, change(settings, epochs=0.0), languages=(language,), seed=seed)
    model = dataclasses.replace(model, settings=settings)
    data = encoded.language(language)
    if learning.indexing:
        index_at_random(model, data, learning.indexing)
    tasks = ("nsp", "ic") if learning.both else (task,)
    draws = {name: training.make_draws(data, name, settings, seed) for name in tasks}
    steps = [
        [(name, step) for step in training.schedule({language: draws[name].size}, settings.training)] for name in tasks
    ]
    every = sorted(chain(*steps), key=lambda one: (one[1].number / one[1].of, one[0]))
    accumulators, space = np.zeros(len(model.table), np.float32), Workspace.of(model.ngrams)
    lexical = Lexical(encoded, data, draws[task], learning.residual) if learning.residual else None
    saved, mean, held = set(_last(len(every), learning.average)), np.zeros(0, np.float32), (-1, data)
    for number, (name, step) in enumerate(every):
        turn = step.number // draws[name].batches_a_pass
        if learning.drop and held[0] != turn:
            held = turn, hide(data, learning.drop, seed + 1_000 * turn)
        batch = draws[name][step.number]
        rate = settings.training.rate * (1 - step.number / step.of)
        if lexical is not None:
            training.softmax_gradient = lexical.beside(batch)
        try:
            training.train_step(model, held[1], batch, accumulators, rate, space)
        finally:
            training.softmax_gradient = softmax_gradient
        if number in saved:
            mean = model.table / len(saved) + (mean if len(mean) else 0)
    return dataclasses.replace(model, table=mean) if len(mean) else model


def index_at_random(model: Model, data: EncodedLanguage, share: float) -> None:
    """Add to each word's row, as long as the row times ``share``, the rows of two sentences on each side of its own."""
    kept = np.flatnonzero(data.sides == TRAIN)
    offsets, words = np.asarray(data.sentences.word_offsets), np.asarray(data.sentences.words)
    sizes = np.diff(offsets)[kept]
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    ids = words[np.arange(starts[-1]) + np.repeat(offsets[kept] - starts[:-1], sizes)]
    own, numbers = np.unique(ids, return_inverse=True)
    rows = model.rows[data.language].row[own]
    counts = sparse.csr_matrix((np.ones(len(ids), np.float32), numbers, starts), (len(kept), len(own)))
    counts.sum_duplicates()
    sections = np.asarray(data.sections)[kept]
    beside = sparse.diags([np.ones(len(kept) - far) for far in (1, 2)], [1, 2], format="coo")
    alike = sections[beside.row] == sections[beside.col]
    beside = sparse.csr_matrix((beside.data[alike], (beside.row[alike], beside.col[alike])), beside.shape)
    table = model.table[rows]
    context = counts.T.tocsr() @ ((beside + beside.T).astype(np.float32) @ (counts @ table))
    lengths = np.linalg.norm(context, axis=1, keepdims=True)
    scale = share * np.linalg.norm(table, axis=1, keepdims=True) / np.maximum(lengths, 1e-9)
    model.table[rows] = (table + scale * context).astype(np.float32)


def _last(steps: int, share: float) -> Sequence[int]:
    """The steps whose tables are averaged."""
    return np.unique(np.linspace(steps * (1 - share), steps - 1, SNAPSHOTS).astype(int)).tolist() if share else ()


def hide(data: EncodedLanguage, share: float, seed: int) -> EncodedLanguage:
    """The sentences of the training side without so much of their words."""
    text = data.sentences
    counts = np.diff(text.word_offsets)
    free = np.repeat(data.sides == TRAIN, counts)
    kept = ~free | (np.random.default_rng(seed).random(len(free)) >= share)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept)))
    sentences = dataclasses.replace(
        text, words=np.ascontiguousarray(np.asarray(text.words)[kept]), word_offsets=before[text.word_offsets]
    )
    return dataclasses.replace(data, sentences=sentences, _pairs={})


class Lexical:
    """BM25 among the pairs of a batch, scaled as its own softmax would have it."""

    def __init__(self, encoded: EncodedCorpus, data: EncodedLanguage, draws: Draws, share: float) -> None:
        self.data, self.ngrams = data, encoded.with_characters((4,))
        counts = np.asarray(data.counts, np.float64)
        total = data.train_sentences
        idf = np.log1p(np.maximum(total - counts + 0.5, 0.5) / (counts + 0.5)) ** POWER
        self.idf = np.where(np.asarray(self.ngrams.orders) < 0, CHARACTER_WEIGHT * idf, idf).astype(np.float32)
        self.scale = np.float32(1)
        self.scale = np.float32(share) * self._likeliest([draws[n] for n in range(min(4, draws.batches_a_pass))])

    def _likeliest(self, batches: Sequence[Pairs]) -> np.float32:
        """The scale under which the truths of some batches are likeliest."""
        losses = np.zeros(len(TRIED))
        for batch in batches:
            scores = self.scores(batch)
            for number, scale in enumerate(TRIED):
                logits = scale * scores
                mask_overlaps(logits, *batch.span(), self.data.candidate_hashes(batch.candidates()))
                losses[number] += softmax_gradient(logits).mean()
        return TRIED[int(np.argmin(losses))]

    def scores(self, batch: Pairs) -> np.ndarray:
        """float32 [queries, candidates]."""
        total = np.zeros((len(batch), len(batch)), np.float32)
        asked, offered = (self._words(ranges) for ranges in (batch.queries(), batch.candidates()))
        for queries, candidates in ((asked, offered), (self._inside(asked), self._inside(offered))):
            held = matrix(candidates, len(self.idf))
            lengths = np.asarray(held.sum(axis=1)).ravel()
            norm = K1 * (1 - B + B * lengths / max(1e-9, lengths.mean()))
            held.data /= held.data + np.repeat(norm, np.diff(held.indptr)).astype(np.float32)
            held.data *= self.idf[held.indices]
            total += (matrix(queries, len(self.idf)) @ held.T.tocsr()).toarray()
        return total

    def _words(self, ranges: Ranges) -> Bags:
        return assemble(self.data.sentences, ranges, bigram_weight=0.0, power=1.0)

    def _inside(self, bags: Bags) -> Bags:
        return character_bags(bags, self.ngrams)

    def beside(self, batch: Pairs):
        """`softmax_gradient` with the batch's BM25 added to the logits."""
        bonus = self.scale * self.scores(batch)

        def gradient(logits: np.ndarray) -> np.ndarray:
            logits += bonus
            return softmax_gradient(logits)

        return gradient


def matrix(bags: Bags, columns: int) -> sparse.csr_matrix:
    """The weights of bags: float32 [bags, n-grams]."""
    sizes = bags.ends - bags.starts
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    places = np.arange(offsets[-1]) + np.repeat(bags.starts - offsets[:-1], sizes)
    parts = (np.asarray(bags.weights)[places].astype(np.float32), np.asarray(bags.ids)[places], offsets)
    return sparse.csr_matrix(parts, (len(bags), columns))
