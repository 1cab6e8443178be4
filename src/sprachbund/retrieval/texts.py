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
        words: distinct words, so many. data, offsets, tokens: the texts as the kernels read them.
        first: int64 [words], a token of each word.
    """

    ngrams: Ngrams
    sentences: Sentences
    words: int
    data: Bytes
    offsets: Offsets
    tokens: Tokens
    first: Offsets

    def text(self, number: int) -> str:
        """A text in NFC."""
        raw = self.data[self.offsets[number] : self.offsets[number + 1]].tobytes()
        return raw.decode("utf-8", "replace").replace("\u200b", "")

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Where each word of a text stands in its NFC form, as code points [start, end)."""
        low, high = int(self.offsets[number]), int(self.offsets[number + 1])
        raw = self.data[low:high].astype(np.int64)
        # the marks that part words of scripts without spaces are not in the text itself
        mark = np.zeros(len(raw) + 2, np.bool_)
        mark[: max(0, len(raw) - 2)] = (raw[:-2] == 0xE2) & (raw[1:-1] == 0x80) & (raw[2:] == 0x8B)
        heads = ((raw & 0xC0) != 0x80) & ~mark[: len(raw)]
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(heads)))
        own = slice(self.tokens.offsets[number], self.tokens.offsets[number + 1])
        starts = self.tokens.starts[own] - low
        return list(zip(before[starts].tolist(), before[starts + self.tokens.lengths[own]].tolist(), strict=True))


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
    return Texts(ngrams, sentences, len(words), data, offsets, tokens, first)


def parted(text: str, language: str = "") -> str:
    """A text in NFC, with U+200B between the words of scripts that write no spaces."""
    text = normalise(text)
    return split_words_by_dictionary(text, language) if needs_dictionary(text) else text
