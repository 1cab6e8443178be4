"""Less of a language's training text: fewer sentences, or sentences without what other languages have too.

Censoring (Arnold & Cohen 2021, 4.5) takes n-grams out, not sentences: every word and bigram that stands anywhere in
the text of another language, held-out sides too, for a word that it has only there would be a route as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sprachbund.arrays import Flags, Int32, Int64
from sprachbund.corpus.splits import NOWHERE, TRAIN
from sprachbund.errors import CorpusError
from sprachbund.retrieval.encoder.bags import Sentences
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.encoded_language import EncodedLanguage
from sprachbund.retrieval.encoder.features import Ngrams

__all__ = ["Censored", "censor_corpus", "censored", "count", "cut", "cut_corpus"]


@dataclass(frozen=True)
class Censored:
    """What was taken out of a language's training text, and the proof that nothing is left in common.

    Attributes:
        without: languages whose n-grams were taken out.
        types, tokens: words and bigrams of the training side before. types_left, tokens_left: after.
        sentences, sentences_left: with a word in them.
        common: n-grams that the languages still have in common: 0.
    """

    without: tuple[str, ...]
    types: int
    tokens: int
    types_left: int
    tokens_left: int
    sentences: int
    sentences_left: int
    common: int


def cut_corpus(encoded: EncodedCorpus, sentences: Mapping[str, int], seed: int) -> EncodedCorpus:
    """The corpus with at most so many training sentences of some languages; dev and test stay as they are.

    Where pairs are split, and not documents, all sentences train: pairs of those that are left out are on no side.
    """
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


def censor_corpus(encoded: EncodedCorpus, without: Mapping[str, Sequence[str]]) -> EncodedCorpus:
    """The corpus with the training text of some languages censored of others'.

    Raises:
        CorpusError: nothing is left of a language.
    """
    parts = {code: censored(encoded, code, others)[0] for code, others in without.items()}
    return replace(encoded, _open={**encoded.languages_data(), **parts})


def censored(encoded: EncodedCorpus, language: str, without: Sequence[str]) -> tuple[EncodedLanguage, Censored]:
    """A language whose training sentences have no n-gram of others, and what was taken out.

    Raises:
        CorpusError: nothing is left.
    """
    ngrams, data = encoded.ngrams, encoded.language(language)
    barred = np.zeros(len(ngrams), bool)
    for other in without:
        text = encoded.language(other).sentences
        barred[text.words] = barred[text.bigrams] = True
    train = np.asarray(data.sides) == TRAIN
    sentences = Sentences(
        *_without(data.sentences.words, data.sentences.word_offsets, barred, train),
        *_without(data.sentences.bigrams, data.sentences.bigram_offsets, barred, train),
    )
    left = replace(data, sentences=sentences, read=data.lengths, _pairs={})
    counts = count(ngrams, left, train)
    # only what stands in the text is a feature here: characters inside words would be another route
    before, after = (np.add(*_occurrences(each, train, len(ngrams))) for each in (data, left))
    had, have = (train & (np.diff(each.sentences.word_offsets) > 0) for each in (data, left))
    proof = Censored(
        without=tuple(without),
        types=int(np.count_nonzero(before)),
        tokens=int(before.sum()),
        types_left=int(np.count_nonzero(after)),
        tokens_left=int(after.sum()),
        sentences=int(np.count_nonzero(had)),
        sentences_left=int(np.count_nonzero(have)),
        common=int(np.count_nonzero(after[barred])),
    )
    if not proof.tokens_left:
        raise CorpusError(
            f"{language}: nothing is left of its training text without the n-grams of {', '.join(without)}; name a "
            "language that is less near"
        )
    assert proof.common == 0, "a censored language has n-grams in common with those that it was censored of"
    return replace(left, counts=counts), proof


def _without(ids: Int32, offsets: Int64, barred: Flags, chosen: Flags) -> tuple[Int32, Int64]:
    """Ids and offsets without what is barred in the chosen sentences."""
    kept = ~(barred[ids] & np.repeat(chosen, np.diff(offsets)))
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)))
    return np.ascontiguousarray(ids[kept]), before[offsets]


def _occurrences(data: EncodedLanguage, chosen: Flags, size: int) -> tuple[Int64, Int64]:
    """Occurrences of words, and of bigrams, in some sentences: int64 [ids] each."""
    text = data.sentences
    words = np.bincount(text.words[np.repeat(chosen, np.diff(text.word_offsets))], minlength=size)
    return words, np.bincount(text.bigrams[np.repeat(chosen, np.diff(text.bigram_offsets))], minlength=size)


def count(ngrams: Ngrams, data: EncodedLanguage, chosen: Flags) -> Int64:
    """Occurrences of every n-gram in some sentences.

    Args:
        chosen: bool [sentences].

    Returns:
        int64 [ids].
    """
    words, bigrams = _occurrences(data, chosen, len(ngrams))
    used = np.flatnonzero(words)
    inside = np.diff(ngrams.char_offsets)[used]
    places = np.arange(inside.sum()) + np.repeat(ngrams.char_offsets[used] - (np.cumsum(inside) - inside), inside)
    characters = np.bincount(ngrams.char_ids[places], np.repeat(words[used], inside), minlength=len(ngrams))
    total: Int64 = words + bigrams + characters.astype(np.int64)
    return total
