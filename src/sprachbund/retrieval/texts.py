"""Texts as n-gram ids of their own: what an encoder and an index see of text that no encoded corpus holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.corpus.segment import needs_dictionary, normalise, split_words_by_dictionary
from sprachbund.retrieval import ngrams as kernels
from sprachbund.retrieval.bags import Sentences
from sprachbund.retrieval.features import Ngrams
from sprachbund.retrieval.ngrams import Bytes, Offsets, Tokens


@dataclass(frozen=True)
class Texts:
    """Some texts, a text a "sentence".

    Attributes:
        ngrams: every distinct n-gram by id: the words first, then bigrams, then character n-grams.
        sentences: the ids of each text.
        words: distinct words, so many. data, tokens: the texts as the kernels read them.
        first: int64 [words], a token of each word.
    """

    ngrams: Ngrams
    sentences: Sentences
    words: int
    data: Bytes
    tokens: Tokens
    first: Offsets


def analyse(texts: Sequence[str], language: str = "", *, bigrams: bool, characters: Sequence[int]) -> Texts:
    """Find the n-grams of texts.

    Args:
        texts: any Unicode; brought to NFC here.
        language: helps to find the words of scripts that write no spaces; "" if unknown.
        characters: orders of the character n-grams inside words.
    """
    data, offsets = kernels.pack([parted(text, language) for text in texts])
    tokens = kernels.tokenize(data, offsets)
    words, first, word_ids = np.unique(tokens.keys, return_index=True, return_inverse=True)
    keys, orders = [words], [np.ones(len(words), np.int8)]
    pair_ids, pair_offsets = np.empty(0, np.int64), np.zeros(len(offsets), np.int64)
    if bigrams:
        raw, pair_offsets = kernels.bigrams(tokens)
        pairs, pair_ids = np.unique(raw, return_inverse=True)
        pair_ids += len(words)
        keys.append(pairs)
        orders.append(np.full(len(pairs), 2, np.int8))
    known = sum(map(len, keys))
    char_offsets, char_ids = np.zeros(known + 1, np.int64), np.empty(0, np.int32)
    if characters:
        raw, starts = kernels.characters(data, tokens.starts[first], tokens.lengths[first], characters)
        distinct, inverse = np.unique(raw, return_inverse=True)
        char_ids = (inverse + known).astype(np.int32)
        keys.append(distinct)
        orders.append(np.full(len(distinct), -1, np.int8))
        char_offsets = np.full(known + len(distinct) + 1, starts[-1], np.int64)
        char_offsets[: len(words) + 1] = starts
    ngrams = Ngrams(np.concatenate(keys), np.concatenate(orders), char_offsets, char_ids)
    sentences = Sentences(word_ids.astype(np.int32), tokens.offsets, pair_ids.astype(np.int32), pair_offsets)
    return Texts(ngrams, sentences, len(words), data, tokens, first)


def parted(text: str, language: str = "") -> str:
    """A text in NFC, with U+200B between the words of scripts that write no spaces."""
    text = normalise(text)
    return split_words_by_dictionary(text, language) if needs_dictionary(text) else text
