"""How well dimensions can be read: whether a word that does not belong is told from a dimension's first words.

Of each dimension the five first words, and an intruder: a word of the lower half there that is among the first tenth
of another dimension. It is found if of the six it is the one that least often stands near the others, by the mean
normalised pointwise mutual information in running text; by chance one in six is. The text should not be what the
vectors were made from: neighbours there are what they were made of.

    NPMI(a, b) = ln(p(a, b) / (p(a) p(b))) / -ln p(a, b), -1 where they never meet

Source: Chang et al. 2009, Reading Tea Leaves; computed instead of asked as in Lau, Newman & Baldwin 2014, Machine
Reading Tea Leaves; for vectors Murphy, Talukdar & Mitchell 2012.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Float64, Int64
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.vectors.counting import Sparse, cooccurrences
from sprachbund.vectors.running import Running
from sprachbund.vectors.space import Space

__all__ = ["FIRST", "Dimension", "Intruded", "intrusion", "npmi", "rotated"]

FIRST = 5
WINDOW = 10
FREQUENT = 2_000
"""Words that are asked for, the most frequent: rare ones meet nobody."""
_LOW, _HIGH = 0.5, 0.9


@dataclass(frozen=True)
class Dimension:
    """A dimension.

    Attributes:
        words: the first ones. intruder: the word that does not belong.
        found: 1 or 0; in a tie a share of 1. coherence: mean NPMI of the first words.
    """

    number: int
    words: tuple[str, ...]
    intruder: str
    found: float
    coherence: float


@dataclass(frozen=True)
class Intruded:
    """Of all dimensions that could be asked.

    Attributes:
        score: the share of intruders that were found; chance is 1 in 6. coherence: mean of the dimensions'.
    """

    score: float
    coherence: float
    dimensions: tuple[Dimension, ...]


def intrusion(space: Space, text: Running, *, frequent: int = FREQUENT, seed: int = 0) -> Intruded:
    """Ask every dimension.

    Args:
        text: running words, best of documents that the vectors have not seen. frequent: words that are asked for.

    Raises:
        SettingsError: vectors and text share too few words. CorpusError: the text has too few.
    """
    if len(text) < 1_000:
        raise CorpusError(f"expected at least 1,000 words of text to count in, found {len(text):,}")
    places = {word: place for place, word in enumerate(text.words)}
    rows = [row for row, word in enumerate(space.words) if word in places][:frequent]
    if len(rows) < 20 * FIRST:
        raise SettingsError(f"vectors and text have {len(rows)} words in common, at least {20 * FIRST} are needed")
    vectors = space.units[rows]  # at length 1: the longest vectors, of frequent words, would be first everywhere
    ids = np.array([places[space.words[row]] for row in rows], np.int64)
    pairs = cooccurrences(text.ids, text.offsets, len(text.words), WINDOW)
    totals = np.zeros(len(text.words))
    np.add.at(totals, np.repeat(np.arange(len(pairs)), np.diff(pairs.offsets)), pairs.values.astype(np.float64))
    random = np.random.default_rng(seed)
    low = np.quantile(vectors, _LOW, axis=0)
    high = vectors >= np.maximum(np.quantile(vectors, _HIGH, axis=0), 1e-12)
    asked = []
    for k in range(space.dim):
        column = vectors[:, k]
        if (column > 0).sum() < FIRST:
            continue  # a dimension that next to nothing has: sparse vectors may have some
        first = np.argsort(-column, kind="stable")[:FIRST]
        elsewhere = high.sum(axis=1) - high[:, k] > 0
        strangers = np.flatnonzero((column <= low[k]) & elsewhere)
        strangers = np.setdiff1d(strangers, first)
        if not len(strangers):
            continue
        intruder = int(random.choice(strangers))
        six = np.append(first, intruder)
        table = npmi(pairs, totals, ids[six])
        means = (table.sum(axis=1) - np.diag(table)) / FIRST
        inner = table[:FIRST, :FIRST]
        coherence = float((inner.sum() - np.trace(inner)) / (FIRST * (FIRST - 1)))
        words = tuple(space.words[rows[i]] for i in first.tolist())
        # of equal ones, as words that meet nobody are, one is drawn: its share of the chance counts
        least = means.min()
        found = float(means[FIRST] <= least) / int((means <= least).sum())
        asked.append(Dimension(k, words, space.words[rows[intruder]], found, coherence))
    if not asked:
        raise SettingsError("no dimension has enough words to be asked")
    score = float(np.mean([one.found for one in asked]))
    return Intruded(score, float(np.mean([one.coherence for one in asked])), tuple(asked))


def npmi(pairs: Sparse, totals: Float64, ids: Int64) -> Float64:
    """Normalised pointwise mutual information of some words, each with each: float64 [n, n]."""
    whole = totals.sum()
    table = np.full((len(ids), len(ids)), -1.0)
    for i, one in enumerate(ids.tolist()):
        own = slice(int(pairs.offsets[one]), int(pairs.offsets[one + 1]))
        columns = pairs.columns[own]
        at = np.searchsorted(columns, ids)
        for j, other in enumerate(ids.tolist()):
            if at[j] < len(columns) and columns[at[j]] == other:
                joint = float(pairs.values[own][at[j]]) / whole
                table[i, j] = np.log(joint * whole * whole / (totals[one] * totals[other])) / max(-np.log(joint), 1e-12)
    return table


def rotated(space: Space, seed: int = 0) -> Space:
    """The same space turned at random: the same neighbours, other dimensions; the control."""
    from dataclasses import replace

    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((space.dim, space.dim)))[0]
    vectors: Float32 = np.ascontiguousarray(space.vectors @ turn.astype(np.float32))
    return replace(space, vectors=vectors, subwords=None)
