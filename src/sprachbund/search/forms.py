"""Further forms of a text beside the exact one: what else its words are found by, and how they weigh.

    exact     the words and their runs of four characters, as `corpus.segment.words` has them
    plain     the same without accents, see `corpus.accents`

An n-gram of a further form stands in the same postings under a key of its own, ``salted``; so a form costs postings
and a look-up, and no other machinery. Only what differs from the exact form is stored: a word that is plain already is
found by its exact key. A query is *entries*: n-grams with the word of the query that each belongs to, and with the
*class* of those that stand for one another, of which the exact one weighs 1 and the others what `Fusion.forms` says.
Another form (romanised, without vowels, across words) is one more salt, one more weight and what writes it here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Bytes, Flags, Float32, Int64, Keys
from sprachbund.corpus.accents import CHINESE, MARKS, plain_forms, simplified
from sprachbund.errors import SettingsError
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.strings import word_lines
from sprachbund.ngrams.tokens import pack, tokenize
from sprachbund.retrieval.encoder.bags import Bags
from sprachbund.retrieval.encoder.features import Ngrams
from sprachbund.retrieval.encoder.texts import Texts
from sprachbund.retrieval.ranking.bm25 import character_bags
from sprachbund.search.postings import Postings, from_bags

WORD, CHARACTER = 0, 1
"""Features: how counts saturate and what a length is."""
CHARACTERS = 4
EXACT, PLAIN = 0, 1
NAMES = ("exact", "plain")
FOLDS = (MARKS, CHINESE)
DEFAULT = (MARKS,)
_SALTS = {PLAIN: 0x9D39247E33776D41}


@dataclass(frozen=True)
class Entries:
    """The n-grams of a query; one that several words have stands here for each.

    Attributes:
        keys: uint64 [n]. counts: float32 [n], in the query. features: int64 [n], WORD or CHARACTER.
        forms: int64 [n], EXACT, PLAIN. words: int64 [n], the number of the distinct word of the query.
        classes: int64 [n], from 0: the entries that stand for one another have one, of these one at most is exact.
        held: bool [n], exact entries that are also under the key of another entry of their class.
    """

    keys: Keys
    counts: Float32
    features: Int64
    forms: Int64
    words: Int64
    classes: Int64
    held: Flags

    def __len__(self) -> int:
        return len(self.keys)


def check_folds(folds: Sequence[str]) -> tuple[str, ...]:
    """What an index folds, each once, in the order of `FOLDS`.

    Raises:
        SettingsError: it can fold no such thing. MissingExtraError: Chinese, and its table is not installed.
    """
    unknown = [name for name in folds if name not in FOLDS]
    if unknown or (CHINESE in folds and MARKS not in folds):
        raise SettingsError(
            f"an index folds {MARKS}, or {MARKS} and {CHINESE}, or nothing; found {', '.join(folds) or 'nothing'}"
        )
    if CHINESE in folds:
        simplified()
    return tuple(name for name in FOLDS if name in folds)


def salted(keys: Keys, form: int) -> Keys:
    """The keys of n-grams in a further form: ``finalise(key ^ salt)``, see `retrieval.ngrams`; uint64 [n]."""
    x = keys ^ np.uint64(_SALTS[form])
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    result: Keys = x ^ x >> np.uint64(31)
    return result


@dataclass(frozen=True)
class Plain:
    """The plain forms of words that differ from them.

    Attributes:
        words: int64 [n], the numbers of the words. first: bool [n], no second form.
        keys: uint64 [n]. owners: int64 [grams], the place here of the form that each n-gram is of. grams: uint64, their
            keys, in order.
    """

    words: Int64
    first: Flags
    keys: Keys
    owners: Int64
    grams: Keys


def plain_of(text: Texts, folds: Sequence[str]) -> Plain:
    """The plain forms of the distinct words of a text."""
    if not folds:
        return Plain(_NO_PLACES, np.empty(0, np.bool_), _NO_KEYS, _NO_PLACES, _NO_KEYS)
    tokens = text.tokens
    words = word_lines(text.data, tokens.starts[text.first], tokens.lengths[text.first])
    numbers: list[int] = []
    first: list[bool] = []
    written: list[str] = []
    for number, (word, forms) in enumerate(
        zip(words, plain_forms(words, text.language, chinese=CHINESE in folds), strict=True)
    ):
        for place, form in enumerate(forms):
            if form != word and form:
                numbers.append(number)
                first.append(place == 0)
                written.append(form)
    data, offsets = pack(written)
    starts, lengths = offsets[:-1], np.diff(offsets).astype(np.int32)
    grams, ends = (
        kernels.characters(data, starts, lengths, (CHARACTERS,)) if written else (_NO_KEYS, np.zeros(1, np.int64))
    )
    owners = np.repeat(np.arange(len(written)), np.diff(ends))
    return Plain(np.array(numbers, np.int64), np.array(first, np.bool_), word_keys(data, offsets), owners, grams)


_NO_KEYS, _NO_PLACES = np.empty(0, np.uint64), np.empty(0, np.int64)


def word_keys(data: Bytes, offsets: Int64) -> Keys:
    """The keys of words, a text each."""
    tokens = tokenize(data, offsets)
    if len(tokens) == len(offsets) - 1 and (np.diff(tokens.offsets) == 1).all():
        return tokens.keys
    raw = data.tobytes()
    written = [raw[a:b].decode() for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    return np.array([kernels.word_key(word) for word in written], np.uint64)


def _mixed(keys: Keys, numbers: Int64) -> Keys:
    """A key for a key and a number."""
    result: Keys = keys ^ numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return result


def _inside(text: Texts) -> tuple[Int64, Keys]:
    """The character n-grams of the distinct words: int64 [n], the word of each; uint64 [n], their keys."""
    offsets = text.ngrams.char_offsets[: text.words + 1]
    words = np.repeat(np.arange(text.words), np.diff(offsets))
    return words, text.ngrams.keys[text.ngrams.char_ids[: offsets[-1]]]


def further_keys(text: Texts, plain: Plain) -> tuple[Int64, Keys]:
    """What the distinct words of a text are found by besides their exact n-grams.

    Args:
        text: with its runs of `CHARACTERS`. plain: of it.

    Returns:
        int64 [n], the number of a word; uint64 [n], a key; repeated where the word has it several times.
    """
    owners, grams = _inside(text)
    exact = _mixed(grams, owners)
    of_word = plain.words[plain.owners]
    new = plain.first[plain.owners] & ~np.isin(_mixed(plain.grams, of_word), exact)
    owners = np.concatenate((plain.words, of_word[new]))
    return owners, salted(np.concatenate((plain.keys, plain.grams[new])), PLAIN)


def further_postings(text: Texts, words: Bags, plain: Plain) -> list[Postings]:
    """The postings of passages in the forms that stand beside the exact one.

    Args:
        text: of the passages. words: their words, a bag a passage, counted. plain: of the text.
    """
    owners, every = further_keys(text, plain)
    if not len(owners):
        return []
    keys, ids = np.unique(every, return_inverse=True)
    order = np.argsort(owners, kind="stable")
    offsets = np.zeros(len(text.ngrams) + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=len(text.ngrams)), out=offsets[1:])
    # what a word is found by besides is expanded as the n-grams inside it are
    written = Ngrams(keys, np.ones(len(keys), np.int8), offsets, ids[order].astype(np.int32))
    return [from_bags(character_bags(words, written), keys)]


def entries_of(text: Texts, folds: Sequence[str]) -> Entries:
    """The entries of a query.

    Args:
        text: the query, one text, with its runs of `CHARACTERS`. folds: of the index.
    """
    count = text.words
    counts = np.bincount(text.sentences.words, minlength=count).astype(np.float32)
    every, words = np.arange(count), text.ngrams.keys[:count]
    owners, grams = _inside(text)
    codes, at, times = np.unique(_mixed(grams, owners), return_index=True, return_counts=True)
    of_words = _mixed(np.full(count, _OF_WORDS), every)
    if not folds:
        parts = [
            _part(words, counts, WORD, EXACT, every, of_words),
            _part(grams[at], counts[owners[at]] * times, CHARACTER, EXACT, owners[at], codes),
        ]
        return _joined(parts)
    plain = plain_of(text, folds)
    changed = np.zeros(count, np.bool_)
    changed[plain.words[plain.first]] = True
    first_keys = words.copy()
    first_keys[plain.words[plain.first]] = plain.keys[plain.first]
    own = plain.first[plain.owners]
    plain_owners = np.concatenate((owners[~changed[owners]], plain.words[plain.owners[own]]))
    plain_grams = np.concatenate((grams[~changed[owners]], plain.grams[own]))
    stands_for = _aligned(plain, owners, grams)
    classes = _mixed(stands_for[at], owners[at])
    _, leader = np.unique(classes, return_index=True)
    later = np.ones(len(classes), np.bool_)
    later[leader] = False
    classes[later] = _mixed(codes[later], np.full(int(later.sum()), 1))  # a class has one exact entry
    plain_codes, plain_at, plain_times = np.unique(
        _mixed(plain_grams, plain_owners), return_index=True, return_counts=True
    )
    plain_counts = counts[plain_owners[plain_at]] * plain_times
    lacking, held = ~np.isin(plain_codes, codes), (stands_for != grams)[at]
    new = plain_at[lacking]
    return _joined(
        [
            _part(words, counts, WORD, EXACT, every, of_words, changed),
            _part(
                grams[at],
                counts[owners[at]] * times,
                CHARACTER,
                EXACT,
                owners[at],
                classes,
                held,
            ),
            _part(salted(first_keys, PLAIN), counts, WORD, PLAIN, every, of_words),
            _part(plain.keys, counts[plain.words], WORD, PLAIN, plain.words, of_words[plain.words]),
            _part(
                salted(plain_grams[plain_at], PLAIN),
                plain_counts,
                CHARACTER,
                PLAIN,
                plain_owners[plain_at],
                plain_codes,
            ),
            _part(plain_grams[new], plain_counts[lacking], CHARACTER, PLAIN, plain_owners[new], plain_codes[lacking]),
        ]
    )


_OF_WORDS = np.uint64(0x2545F4914F6CDD1D)
_Part = tuple[Keys, Float32, Int64, Int64, Int64, Keys, Flags]


def _part(
    keys: Keys,
    counts: Float32,
    feature: int,
    form: int,
    words: Int64,
    classes: Keys,
    held: Flags | None = None,
) -> _Part:
    size = len(keys)
    return (
        keys, counts.astype(np.float32), np.full(size, feature), np.full(size, form), words.astype(np.int64), classes,
        np.zeros(size, np.bool_) if held is None else held,
    )  # fmt: skip


def _joined(parts: Sequence[_Part]) -> Entries:
    keys, counts, features, forms, words, classes, held = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    numbers = np.unique(classes, return_inverse=True)[1].astype(np.int64)
    return Entries(keys, counts, features, forms, words, numbers, held)


def _aligned(plain: Plain, owners: Int64, grams: Keys) -> Keys:
    """The plain n-gram that stands for each exact one: uint64 [n]; the exact one itself where none is known to."""
    result = grams.copy()
    starts = np.searchsorted(owners, plain.words)
    stops = np.searchsorted(owners, plain.words, side="right")
    low = np.searchsorted(plain.owners, np.arange(len(plain.words)))
    high = np.searchsorted(plain.owners, np.arange(len(plain.words)), side="right")
    for form in np.flatnonzero(plain.first & (stops - starts == high - low)).tolist():
        result[starts[form] : stops[form]] = plain.grams[low[form] : high[form]]
    return result
