"""What ranks the sentences of one language for those of another without having seen a pair of them.

    encoder      cosines of a trained encoder's vectors
    words        BM25 over words: names, numbers, words that are spelt alike
    characters   BM25 over runs of three to five characters inside words, in the script that they are written in
    cognates     BM25 over runs of four letters of the romanised sentence, across words; inside words also by those that
                 the learned lexicon of the two languages has for them, see `cognates`

Nothing is tuned: BM25 has the usual k1 and b, a run that stands for the query's weighs as in search across neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Float64, Int64, Keys
from sprachbund.cognates.grams import grams_of
from sprachbund.cognates.lexicon import Cognates
from sprachbund.cognates.romanising import plain
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.model import bags_of
from sprachbund.retrieval.encoder.texts import Texts, analyse
from sprachbund.retrieval.ranking.bm25 import BM25Scorer, BM25Settings, build_index, character_bags, weights
from sprachbund.retrieval.ranking.ranks import Dense, Scorer
from sprachbund.retrieval.settings import EncoderSettings

__all__ = ["BASELINES", "ENCODER", "scorers"]

ENCODER = "encoder"
WORDS, CHARACTERS, COGNATES = BASELINES = ("words", "characters", "cognates")
ORDERS = (3, 4, 5)
CARRIED = 1.5
"""What a run that stands for the query's weighs beside one that the query has itself, as in search across."""
_COUNTS = EncoderSettings(bigram_weight=0.0, power=1.0)
_BLANK = np.uint32(32)


@dataclass(frozen=True)
class _Cells:
    """Features of texts: owners int64 [n], the number of the text; keys uint64 [n]; counts float64 [n]."""

    owners: Int64
    keys: Keys
    counts: Float64


def scorers(
    encoder: Encoder, queries: Sequence[str], candidates: Sequence[str], languages: tuple[str, str], lexicon: Cognates
) -> dict[str, Scorer]:
    """All of them by name, of the queries and candidates in their order.

    Args:
        languages: of the queries, of the candidates. lexicon: from the one to the other.
    """
    sides = tuple(zip((queries, candidates), languages, strict=True))
    asked, known = (analyse(texts, code, bigrams=False, characters=ORDERS) for texts, code in sides)
    runs, theirs = (_runs(texts) for texts, _ in sides)
    size = len(queries), len(candidates)
    return {
        ENCODER: Dense(*(encoder.encode(texts, code) for texts, code in sides)),
        WORDS: _bm25(_features(asked, inside=False), _features(known, inside=False), size),
        CHARACTERS: _bm25(_features(asked, inside=True), _features(known, inside=True), size),
        COGNATES: _bm25(_carried(runs, lexicon), theirs, size),
    }


def _features(side: Texts, inside: bool) -> _Cells:
    """The words of texts, or the runs of characters inside them."""
    rows = np.arange(len(side.sentences), dtype=np.int64)
    bags = bags_of(side.sentences, rows, _COUNTS)
    bags = character_bags(bags, side.ngrams) if inside else bags
    lengths = bags.ends - bags.starts
    # a bag may end before the next begins
    places = np.repeat(bags.starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    return _Cells(np.repeat(rows, lengths), side.ngrams.keys[bags.ids[places]], bags.weights[places].astype(np.float64))


def _runs(texts: Sequence[str]) -> _Cells:
    """The runs of four letters of romanised texts, across words."""
    keys, offsets = grams_of([plain(text) for text in texts])
    return _Cells(np.repeat(np.arange(len(texts)), np.diff(offsets)), keys.astype(np.uint64), np.ones(len(keys)))


def _carried(asked: _Cells, lexicon: Cognates) -> _Cells:
    """Runs, and inside words those that stand for them; one that the lexicon does not know counts for itself again."""
    keys = asked.keys.astype(np.uint32)
    inside = np.flatnonzero(((keys >> 16 & 255) != _BLANK) & ((keys >> 8 & 255) != _BLANK))
    places, targets, chances = lexicon.grams.translate(keys[inside])
    rest = np.setdiff1d(np.arange(len(inside)), places)
    sources = np.concatenate((inside[places], inside[rest]))
    shares = np.concatenate((chances.astype(np.float64), np.ones(len(rest))))
    found = np.concatenate((targets, keys[inside[rest]])).astype(np.uint64)
    return _Cells(
        np.concatenate((asked.owners, asked.owners[sources])),
        np.concatenate((asked.keys, found)),
        np.concatenate((asked.counts, CARRIED * shares)),
    )


def _bm25(asked: _Cells, known: _Cells, size: tuple[int, int]) -> BM25Scorer:
    """BM25 of candidates for queries, whose counts may be broken."""
    every, places = np.unique(np.concatenate((asked.keys, known.keys)), return_inverse=True)
    index = build_index(_bags(known, places[len(asked.keys) :], size[1]), len(every))
    return BM25Scorer(index, weights(index, BM25Settings()), _bags(asked, places[: len(asked.keys)], size[0]))


def _bags(cells: _Cells, ids: Int64, texts: int) -> Bags:
    """Each feature once a text, its counts summed."""
    both, places = np.unique(np.column_stack((cells.owners, ids)), axis=0, return_inverse=True)
    counts: Float32 = np.bincount(places.ravel(), cells.counts, len(both)).astype(np.float32)
    ends = np.cumsum(np.bincount(both[:, 0], minlength=texts)).astype(np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    return Bags(both[:, 1].astype(np.int32), counts, starts, ends)
