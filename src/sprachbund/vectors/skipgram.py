"""Skip-gram with negative samples, on one core: the same text and seed give the same bits.

Several threads that write into one table without locks, as word2vec has it, are faster by their number and give other
vectors at every run; counts are the faster way here. What is drawn comes from one generator of 64 bits.

Source: Mikolov et al. 2013, Distributed Representations of Words and Phrases and their Compositionality; with subwords
Bojanowski et al. 2017.
"""

from itertools import pairwise

import numpy as np

from sprachbund.arrays import Float32
from sprachbund.errors import DivergenceError
from sprachbund.kernels import njit
from sprachbund.progress import Progress, Silent
from sprachbund.vectors.running import Running
from sprachbund.vectors.settings import VectorSettings
from sprachbund.vectors.subwords import Subwords, rows_of_words

__all__ = ["skip_gram"]

_TABLE = 1 << 22
"""Places of the table that negative samples are drawn from."""
_STEP = 1 << 16
"""Words of text that a call of the kernel takes."""


def skip_gram(
    running: Running, settings: VectorSettings, progress: Progress | None = None
) -> tuple[Float32, Subwords | None]:
    """Train vectors: float32 [words, dim]; and the rows of subwords, where there are any.

    Raises:
        DivergenceError: the numbers grew beyond any use.
    """
    words, dim = len(running.words), settings.dim
    random = np.random.default_rng(settings.seed)
    shortest, longest = settings.subwords
    buckets = settings.buckets if longest else 0
    rows, offsets = rows_of_words(running.words, shortest, longest, buckets) if buckets else _none(words)
    inside = ((random.random((words + buckets, dim), np.float32) - np.float32(0.5)) / np.float32(dim)).astype(
        np.float32
    )
    outside = np.zeros((words, dim), np.float32)
    share = np.cumsum(running.counts.astype(np.float64) ** settings.smoothing)
    drawn = np.searchsorted(share / share[-1], (np.arange(_TABLE) + 0.5) / _TABLE).astype(np.int32)
    frequency = running.counts / max(1, int(running.counts.sum()))
    kept = np.ones(words)
    if settings.sample > 0:
        kept = np.minimum(1, np.sqrt(settings.sample / frequency) + settings.sample / frequency)
    state = np.array([settings.seed * 2 + 1], np.uint64)
    sentences = len(running.offsets) - 1
    blocks = np.unique(
        np.searchsorted(running.offsets, np.arange(0, len(running.ids) + _STEP, _STEP)).clip(0, sentences)
    )
    total = max(1, len(running.ids) * settings.epochs)
    done = 0
    for _ in range(settings.epochs):
        for first, last in pairwise(blocks.tolist()):
            size = int(running.offsets[last] - running.offsets[first])
            _train(
                running.ids, running.offsets, first, last, kept, drawn, rows + words, offsets, inside, outside,
                settings.window, settings.negatives, settings.rate, done / total, size / total, state,
            )  # fmt: skip
            done += size
            (progress or Silent()).advance(size)
    if not np.isfinite(inside).all():
        raise DivergenceError(f"the vectors grew beyond any number; lower the rate, now {settings.rate}")
    if not buckets:
        return inside, None
    table = np.ascontiguousarray(inside[words:])
    vectors = inside[:words].copy()
    for word in range(words):
        own = rows[offsets[word] : offsets[word + 1]]
        vectors[word] = (vectors[word] + table[own].sum(axis=0)) / (1 + len(own))
    return vectors, Subwords(shortest, longest, table)


def _none(words: int):  # type: ignore[no-untyped-def]
    return np.empty(0, np.int64), np.zeros(words + 1, np.int64)


@njit(cache=True, nogil=True)
def _next(state):  # type: ignore[no-untyped-def]
    """The next number of a linear congruential generator, its high bits (Knuth's multiplier): uint64."""
    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return state[0] >> np.uint64(33)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _train(  # type: ignore[no-untyped-def]
    ids, offsets, first, last, kept, drawn, rows, places, inside, outside, window, negatives, rate, done, share, state
):
    """Go once over some sentences; ``done`` and ``share`` are shares of all passes, by which the rate falls to 0."""
    dim = inside.shape[1]
    hidden, gradient = np.empty(dim, np.float32), np.empty(dim, np.float32)
    begin_all = offsets[first]
    size = max(1, offsets[last] - begin_all)
    longest = 0
    for sentence in range(first, last):
        longest = max(longest, offsets[sentence + 1] - offsets[sentence])
    text = np.empty(longest, np.int32)
    for sentence in range(first, last):
        begin, end = offsets[sentence], offsets[sentence + 1]
        step = np.float32(rate * max(1e-4, 1 - (done + share * (begin - begin_all) / size)))
        count = 0
        for at in range(begin, end):
            if kept[ids[at]] >= 1 or _next(state) < kept[ids[at]] * 2147483648.0:
                text[count] = ids[at]
                count += 1
        for at in range(count):
            word = text[at]
            own = places[word + 1] - places[word]
            width = 1 + int(_next(state) % np.uint64(window))
            for other in range(at - min(width, at), at + 1 + min(width, count - 1 - at)):
                if other == at:
                    continue
                if own:
                    for k in range(dim):
                        hidden[k] = inside[word, k]
                    for run in range(places[word], places[word + 1]):
                        for k in range(dim):
                            hidden[k] += inside[rows[run], k]
                    for k in range(dim):
                        hidden[k] /= np.float32(1 + own)
                else:
                    for k in range(dim):
                        hidden[k] = inside[word, k]
                for k in range(dim):
                    gradient[k] = np.float32(0)
                for draw in range(negatives + 1):
                    if draw == 0:
                        target = text[other]
                        label = np.float32(1)
                    else:
                        target = drawn[np.int64(_next(state) & np.uint64(len(drawn) - 1))]
                        if target == text[other]:
                            continue
                        label = np.float32(0)
                    score = np.float32(0)
                    for k in range(dim):
                        score += hidden[k] * outside[target, k]
                    change = step * (label - np.float32(1) / (np.float32(1) + np.exp(-score)))
                    for k in range(dim):
                        gradient[k] += change * outside[target, k]
                        outside[target, k] += change * hidden[k]
                for k in range(dim):
                    inside[word, k] += gradient[k]
                for run in range(places[word], places[word + 1]):
                    for k in range(dim):
                        inside[rows[run], k] += gradient[k]
