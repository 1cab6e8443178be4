"""Less of a language's training text: what a model of so many sentences would have learned from."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sprachbund.arrays import Flags, Int64
from sprachbund.corpus.splits import SIDES, TRAIN
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.features import Ngrams

__all__ = ["count", "cut", "cut_corpus"]

NOWHERE = len(SIDES)
"""The side of a sentence that a cut leaves out."""


def cut_corpus(encoded: EncodedCorpus, sentences: Mapping[str, int], seed: int) -> EncodedCorpus:
    """The corpus with at most so many training sentences of some languages; dev and test stay as they are."""
    parts = {code: cut(encoded.ngrams, encoded.language(code), most, seed) for code, most in sentences.items()}
    return replace(encoded, _open={**encoded.languages_data(), **parts})


def cut(ngrams: Ngrams, data: EncodedLanguage, sentences: int, seed: int) -> EncodedLanguage:
    """A language with the training documents that a seed draws, the last of them cut, so many sentences in all."""
    documents, sides = np.asarray(data.documents), np.array(data.sides)
    drawn = np.random.default_rng([seed, 100]).permutation(np.unique(documents[sides == TRAIN]))
    place = np.full(int(documents.max(initial=-1)) + 1, len(drawn))
    place[drawn] = np.arange(len(drawn))
    ours = np.flatnonzero(sides == TRAIN)
    order = ours[np.argsort(place[documents[ours]], kind="stable")]
    sides[order[sentences:]] = NOWHERE
    return replace(data, sides=sides, counts=count(ngrams, data, sides == TRAIN), _pairs={})


def count(ngrams: Ngrams, data: EncodedLanguage, chosen: Flags) -> Int64:
    """Occurrences of every n-gram in some sentences.

    Args:
        chosen: bool [sentences].

    Returns:
        int64 [ids].
    """
    text, size = data.sentences, len(ngrams)
    words = np.bincount(text.words[np.repeat(chosen, np.diff(text.word_offsets))], minlength=size)
    bigrams = np.bincount(text.bigrams[np.repeat(chosen, np.diff(text.bigram_offsets))], minlength=size)
    used = np.flatnonzero(words)
    inside = np.diff(ngrams.char_offsets)[used]
    places = np.arange(inside.sum()) + np.repeat(ngrams.char_offsets[used] - (np.cumsum(inside) - inside), inside)
    characters = np.bincount(ngrams.char_ids[places], np.repeat(words[used], inside), minlength=size)
    total: Int64 = words + bigrams + characters.astype(np.int64)
    return total
