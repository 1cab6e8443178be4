"""N-grams of words: a vocabulary, a tree of contexts, the spelling of unknown words, and where blanks stand.

A word that the training text has once is read as the unknown one, so that it is learned where unknown words stand. An
unknown word costs its class and its letters, by n-grams of the letters of the language's words (each counted once), its
end included. Every text so has a probability, told character by character (`chain`), and bits per byte are comparable
with those of characters.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Float64, Int32
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import read_array, read_json, write_array, write_json
from sprachbund.lm.alphabet import SCALARS
from sprachbund.lm.ngram.chain import chained, running_sums
from sprachbund.lm.ngram.characters import CharacterNGram, by_text, read_characters, train_characters, write_characters
from sprachbund.lm.ngram.counting import tokens_of
from sprachbund.lm.ngram.cutting import cut_words, is_word, share_of_words
from sprachbund.lm.ngram.joints import joint, learn_joints
from sprachbund.lm.ngram.model import Asked, NGram, read_ngram, train_ngram, write_ngram
from sprachbund.lm.ngram.vocabulary import UNKNOWN, Vocabulary, flattened
from sprachbund.lm.text import END, bytes_of

__all__ = ["ORDERS", "WordNGram", "choose_words", "read_words", "spelled", "train_words", "word_bits", "write_words"]

ORDERS = (1, 2, 3, 4)
"""That are tried on dev."""
LEAST = 2
"""How often a word must be read to be known: all that come once teach the unknown one."""
SPELLING_ORDER = 8
"""Letters of the longest n-gram of spellings; better than 5 and level with 6 and 10 on dev of Portuguese novels."""
_SOME = "a"
"""What is spelled in a text without words."""
_FILE, _GAPS, _SPELLING = "words.json", "gaps.npy", "spelling"


@dataclass(frozen=True, eq=False)
class WordNGram:
    """Kneser-Ney over words.

    Attributes:
        language: of its text. vocabulary: the tokens that it knows. ngram: over their numbers.
        spelling: of all words, each read once and closed by a line's end. letters: the share of unknown tokens that are
            words; signs are any of Unicode, none likelier. gaps: float64 [joints, joints], see `joints`.
        characters: that it was made of.
    """

    language: str
    vocabulary: Vocabulary
    ngram: NGram
    spelling: CharacterNGram
    letters: float
    gaps: Float64
    characters: int

    def encode(self, text: str) -> Int32:
        """int32 [tokens]: the numbers of a text's tokens; of unknown ones 0."""
        numbers = self.vocabulary.numbers
        return np.array([numbers.get(token, UNKNOWN) for token, _ in cut_words(text)], np.int32)

    def ask(self, texts: Sequence[str]) -> tuple[Asked, Float64]:
        """What it says of the characters of texts, and the bits of each; unknown words in full.

        Depths say what kind of place it is (`chain`), beside the length of the context.
        """
        return _asked(self, texts)

    @cached_property
    def sums(self) -> Float64:
        """See `chain.running_sums`."""
        own = self.ngram
        sums: Float64 = running_sums(own.children, own.entries, own.left, own.symbols, own.probabilities, 1 / own.size)
        return sums

    @cached_property
    def end(self) -> float:
        """The probability that the spelling gives to a word of no letter, which there is not."""
        return float(self.spelling.after("")[0][int(self.spelling.alphabet.encode(END)[0])])


@dataclass(frozen=True, eq=False)
class _Read:
    """What a training text gives whatever the order: its tokens' numbers, and all that a model has beside the tree."""

    vocabulary: Vocabulary
    symbols: list[Int32]
    spelling: CharacterNGram
    letters: float
    gaps: Float64
    characters: int


def train_words(texts: Sequence[str], language: str, order: int, least: int = LEAST) -> WordNGram:
    """Cut, count and smooth.

    Args:
        least: how often a token must be read to be known.

    Raises:
        SettingsError: no text, or an order that cannot be. CapacityError: it does not fit the memory.
    """
    return _smoothed(_read(texts, language, least), language, order)


def choose_words(train: Sequence[str], dev: Sequence[str], language: str, orders: Sequence[int] = ORDERS) -> WordNGram:
    """The model whose order is best on dev, the shorter one of two that are alike.

    Raises:
        SettingsError: there is no dev text.
    """
    if not any(dev):
        raise SettingsError("choosing the order of n-grams takes text of the dev side, found none")
    read = _read(train, language, LEAST)
    best, least = None, np.inf
    for order in sorted(orders):
        made = _smoothed(read, language, order)
        cost = float(word_bits(made, dev).sum()) / sum(bytes_of(dev))
        if cost >= least:
            break
        best, least = made, cost
    assert best is not None
    return best


def _read(texts: Sequence[str], language: str, least: int) -> _Read:
    # a text is cut twice, so that of all tokens only the numbers are kept
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(token for token, _ in cut_words(text))
    vocabulary = Vocabulary.of(counts, least)
    numbers = vocabulary.numbers
    places = {token: joint(token, vocabulary) for token in counts}
    known = [is_word(token) for token in counts]
    symbols: list[Int32] = []
    between: list[tuple[Int32, Flags]] = []
    for text in texts:
        cut = list(cut_words(text))
        symbols.append(np.array([numbers.get(token, UNKNOWN) for token, _ in cut], np.int32))
        between.append(
            (np.array([places[token] for token, _ in cut], np.int32), np.array([gap for _, gap in cut], bool))
        )
    words = sorted(token for token, word in zip(counts, known, strict=True) if word) or [_SOME]
    spelling = train_characters([word + END for word in words], language, SPELLING_ORDER)
    rare = Counter(word for count, word in zip(counts.values(), known, strict=True) if count < least)
    letters = (rare[True] + 1) / (rare.total() + 2)
    return _Read(vocabulary, symbols, spelling, letters, learn_joints(between, vocabulary), sum(map(len, texts)))


def _smoothed(read: _Read, language: str, order: int) -> WordNGram:
    ngram = train_ngram(read.symbols, read.vocabulary.size, read.vocabulary.closing, order)
    return WordNGram(language, read.vocabulary, ngram, read.spelling, read.letters, read.gaps, read.characters)


def word_bits(model: WordNGram, texts: Sequence[str]) -> Float64:
    """float64 [texts]: what each costs."""
    return by_text(model.ask(texts)[1], texts)


def _asked(model: WordNGram, texts: Sequence[str]) -> tuple[Asked, Float64]:
    vocabulary, own = model.vocabulary, model.ngram
    # what may follow the last word says how it ends: a token more, of which nothing is told but the blank before it
    documents = [list(cut_words(text + END)) for text in texts]
    forms: dict[str, int] = {}
    which = np.array([forms.setdefault(token, len(forms)) for each in documents for token, _ in each], np.int32)
    known = np.array([vocabulary.numbers.get(token, UNKNOWN) for token in forms], np.int32)
    joints = np.array([joint(token, vocabulary) for token in forms], np.int32)
    lengths = np.array([len(token) for token in forms], np.int32)
    sizes = np.array([len(each) for each in documents], np.int64)
    ends = np.cumsum(sizes)
    begins = np.zeros(len(which), np.uint8)
    begins[ends - sizes] = 1
    length = lengths[which] if len(which) else np.empty(0, np.int32)
    length[ends - 1] = 0
    symbols = known[which] if len(which) else np.empty(0, np.int32)
    tokens = tokens_of(np.split(symbols, ends[:-1]), own.size, own.closing, own.order)
    points, starts = flattened(forms)
    told, kinds, often, tops = chained(
        tokens.symbols, tokens.places.astype(np.int64), begins,
        np.array([gap for each in documents for _, gap in each], np.uint8),
        joints[which] if len(which) else np.empty(0, np.int32), which, length, points, starts, spelled(model, forms),
        model.letters, model.gaps, own.size, vocabulary.first, *vocabulary.points, own.order, own.last, own.children,
        own.entries, own.left, own.symbols, own.probabilities, own.peaks, own.seen, model.sums, vocabulary.closing,
    )  # fmt: skip
    return Asked(told, kinds, often, tops), -np.log2(told)


def spelled(model: WordNGram, forms: Iterable[str]) -> Float64:
    """The probabilities of the letters of unknown tokens, and of the end of each; no word begins with its end.

    In a word an unknown character is any that may stand there.
    """
    written = [token + END for token in forms]
    if not written:
        return np.empty(0)
    alphabet, share = model.spelling.alphabet, share_of_words()
    each: Float64 = 2.0 ** -model.spelling.ask(written)[1]
    each[alphabet.encode("".join(written)) == UNKNOWN] /= share
    firsts = np.cumsum([0, *(len(token) for token in written[:-1])])
    words = np.array([is_word(token[0]) for token in written])
    each[firsts[words]] *= model.letters / (1 - model.end)
    each[firsts[~words]] = (1 - model.letters) / (SCALARS * (1 - share))
    return each


def write_words(model: WordNGram, folder: Path) -> None:
    """Into a folder: words.json, the table of blanks, the arrays of the tree; the spelling in a folder in it."""
    write_ngram(model.ngram, folder)
    write_array(folder / _GAPS, model.gaps)
    write_characters(model.spelling, folder / _SPELLING)
    said = {
        "language": model.language, "characters": model.characters, "letters": model.letters,
        "others": model.vocabulary.others,
        "words": list(model.vocabulary.words),
    }  # fmt: skip
    write_json(folder / _FILE, said)


def read_words(folder: Path) -> WordNGram:
    """What `write_words` wrote, memory-mapped.

    Raises:
        FolderError: it is damaged.
    """
    said: Any = read_json(folder / _FILE, "make the model anew")
    fields = {"language": str, "characters": int, "letters": float, "others": str, "words": list}
    if not isinstance(said, dict) or any(type(said.get(name)) is not kind for name, kind in fields.items()):
        raise FolderError(f"{folder / _FILE}: damaged, expected {', '.join(fields)}; make the model anew")
    others, words = said["others"], said["words"]
    sound = all(isinstance(word, str) and _is_one(word) for word in words) and words == sorted(set(words))
    sound = sound and 0 < said["letters"] < 1
    if not sound or "".join(sorted(set(others))) != others or END not in others or any(map(is_word, others)):
        raise FolderError(f"{folder / _FILE}: damaged, its tokens are no vocabulary; make the model anew")
    vocabulary = Vocabulary(others, tuple(words))
    gaps = read_array(folder / _GAPS, dtype="<f8", dimensions=2, mapped=False)
    joints = vocabulary.first + 1
    if gaps.shape != (joints, joints) or not np.all((gaps >= 0) & (gaps <= 1)):
        raise FolderError(f"{folder / _GAPS}: damaged, expected shares of shape {(joints, joints)}")
    ngram = read_ngram(folder, vocabulary.size, vocabulary.closing)
    return WordNGram(
        said["language"],
        vocabulary,
        ngram,
        read_characters(folder / _SPELLING),
        said["letters"],
        gaps,
        said["characters"],
    )


def _is_one(word: str) -> bool:
    """Whether it is one word."""
    return list(cut_words(word)) == [(word, False)] and is_word(word)
