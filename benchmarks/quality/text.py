"""The text of the harness as ids, and parts of it."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sprachbund import Corpus
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.splits import TRAIN
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, EncodedLanguage, encode_corpus
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.settings import BEST

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
LEFT_OUT = ("ja", "zh")  # no target is written as they are, and they would take a third of every pooled training
NOWHERE = 9  # the side of a document that a cut leaves out


def prepare(work: Path, folders: Sequence[str]) -> EncodedCorpus:
    """The text as ids, made once."""
    path = work / "encoded"
    if not path.exists():
        if not (work / "corpus").exists():
            ingest([DATA / folder for folder in folders], work / "corpus")
        corpus = Corpus.open(work / "corpus")
        kept = [code for code in corpus.languages if code not in LEFT_OUT and len(corpus.documents(code)) >= 30]
        encode_corpus(corpus, path, languages=kept, settings=BEST, cut=False)
    return EncodedCorpus.open(path)


def cut(encoded: EncodedCorpus, data: EncodedLanguage, sentences: int, seed: int) -> EncodedLanguage:
    """A language with the training documents that a seed draws until there are so many sentences; the rest as it is."""
    documents, sides = np.asarray(data.documents), np.array(data.sides)
    sizes = np.bincount(documents)
    order = np.random.default_rng([seed, 100]).permutation(np.unique(documents[sides == TRAIN]))
    kept = order[: np.searchsorted(np.cumsum(sizes[order]), sentences) + 1 if sentences else 0]
    sides[(sides == TRAIN) & ~np.isin(documents, kept)] = NOWHERE
    return dataclasses.replace(data, sides=sides, counts=count(encoded.ngrams, data, sides == TRAIN), _pairs={})


def count(ngrams: Ngrams, data: EncodedLanguage, chosen: np.ndarray) -> np.ndarray:
    """Occurrences of every n-gram in some sentences: int64 [ids]."""
    text, size = data.sentences, len(ngrams)
    words = np.bincount(text.words[np.repeat(chosen, np.diff(text.word_offsets))], minlength=size)
    bigrams = np.bincount(text.bigrams[np.repeat(chosen, np.diff(text.bigram_offsets))], minlength=size)
    used = np.flatnonzero(words)
    inside = np.diff(ngrams.char_offsets)[used]
    places = np.arange(inside.sum()) + np.repeat(ngrams.char_offsets[used] - (np.cumsum(inside) - inside), inside)
    characters = np.bincount(ngrams.char_ids[places], np.repeat(words[used], inside), minlength=size)
    return words + bigrams + characters.astype(np.int64)
