"""Texts as n-gram ids of their own: what an encoder and an index see of text that no encoded corpus holds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sprachbund.arrays import Bytes, Offsets
from sprachbund.corpus.characters import DROPPED, ZERO_WIDTH_SPACE, character_tables
from sprachbund.corpus.folding import fold_aligned
from sprachbund.corpus.segment import normalise, prepared
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.tokens import Tokens, pack
from sprachbund.retrieval.encoder.bags import Sentences
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.spelling.respelling import respell
from sprachbund.retrieval.spelling.spellings import WRITTEN, Spelling

AS_WRITTEN = Spelling()


@dataclass(frozen=True)
class Texts:
    """Some texts, a text a "sentence".

    Attributes:
        ngrams: every distinct n-gram by id: the words first, then bigrams, then character n-grams.
        sentences: the ids of each text.
        words: distinct words, so many. data, offsets, tokens: the texts as the kernels read them.
        first: int64 [words], a token of each word. shown, language: the texts in NFC, and of what language they are.
        origins: int64 [tokens], of each token the number of the word of the text that it spells, over all texts; None
            where words are as they are written, a token each.
    """

    ngrams: Ngrams
    sentences: Sentences
    words: int
    data: Bytes
    offsets: Offsets
    tokens: Tokens
    first: Offsets
    shown: tuple[str, ...]
    language: str
    origins: Offsets | None = None

    def text(self, number: int) -> str:
        """A text in NFC, as it is written."""
        return self.shown[number].replace(ZERO_WIDTH_SPACE, "")

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Where each word of a text stands in `text`, as code points [start, end), with the marks after it.

        Only of words that are read as they are written.
        """
        assert self.origins is None
        low, high = int(self.offsets[number]), int(self.offsets[number + 1])
        raw = self.data[low:high].astype(np.int64)
        # the marks that part words of scripts without spaces are not in the text itself
        mark = np.zeros(len(raw) + 2, np.bool_)
        mark[: max(0, len(raw) - 2)] = (raw[:-2] == 0xE2) & (raw[1:-1] == 0x80) & (raw[2:] == 0x8B)
        heads = ((raw & 0xC0) != 0x80) & ~mark[: len(raw)]
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(heads)))
        own = slice(self.tokens.offsets[number], self.tokens.offsets[number + 1])
        starts = self.tokens.starts[own] - low
        folded = before[starts].tolist(), before[starts + self.tokens.lengths[own]].tolist()
        text, places = self.text(number), _places(self.shown[number], self.language)
        return [(places[first][0], _with_marks(text, places[last - 1][1])) for first, last in zip(*folded, strict=True)]


def _places(text: str, language: str) -> list[tuple[int, int]]:
    """For each code point that the kernels read, where it stands in the text; both without U+200B."""
    folded, places = fold_aligned(text, language)
    less = [0, *accumulate(character == ZERO_WIDTH_SPACE for character in text)]
    return [
        (first - less[first], last - less[last])
        for character, (first, last) in zip(folded, places, strict=True)
        if character != ZERO_WIDTH_SPACE
    ]


def _with_marks(text: str, end: int) -> int:
    """The end of a word and of the marks after it that are dropped: a vowel point is shown with its letter."""
    classes, _ = character_tables()
    while end < len(text) and classes[ord(text[end])] == DROPPED and unicodedata.category(text[end])[0] in "ML":
        end += 1
    return end


def analyse(
    texts: Sequence[str],
    language: str = "",
    *,
    bigrams: bool,
    characters: Sequence[int],
    spelling: Spelling = AS_WRITTEN,
) -> Texts:
    """Find the n-grams of texts.

    Args:
        texts: any Unicode; brought to NFC here.
        language: helps to find the words of scripts that write no spaces and to fold case; "" if unknown.
        characters: orders of the character n-grams inside words.
        spelling: how words are spelt.
    """
    shown = tuple(map(normalise, texts))
    data, offsets = pack([prepared(text, language) for text in shown])
    spelt = respell(data, offsets, language, spelling)
    data, offsets, tokens = spelt.data, spelt.offsets, spelt.tokens
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
    origins = None if spelling.name == WRITTEN else spelt.origins
    return Texts(ngrams, sentences, len(words), data, offsets, tokens, first, shown, language, origins)
