"""N-grams of characters: an alphabet and a tree of contexts, made of texts and asked about texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import read_json, write_json
from sprachbund.lm.alphabet import UNKNOWN, UNKNOWN_BITS, Alphabet
from sprachbund.lm.ngram.model import Asked, NGram, after, ask, read_ngram, train_ngram, write_ngram
from sprachbund.lm.text import END, bytes_of

__all__ = ["ORDERS", "CharacterNGram", "bits_of", "by_text", "choose_order", "read_characters", "train_characters"]

ORDERS = (4, 5, 6, 7, 8, 9, 10)
"""That are tried on dev."""
_FILE = "alphabet.json"


@dataclass(frozen=True, eq=False)
class CharacterNGram:
    """Kneser-Ney over characters. ``language``: of its text. ``characters``: that it was made of."""

    language: str
    alphabet: Alphabet
    ngram: NGram
    characters: int

    def ask(self, texts: Sequence[str]) -> tuple[Asked, Float64]:
        """What it says of texts, and the bits of each character: those of unknown ones in full."""
        numbers = self.alphabet.encode_all(texts)
        asked = ask(self.ngram, numbers)
        return asked, -np.log2(asked.probabilities) + UNKNOWN_BITS * (_joined(numbers) == UNKNOWN)

    def after(self, text: str) -> tuple[Float64, int, float, float]:
        """The probability of each symbol of the alphabet after the beginning of a document, see `model.after`."""
        return after(self.ngram, self.alphabet.encode(text[-self.ngram.order :] if self.ngram.order > 1 else ""))


def train_characters(texts: Sequence[str], language: str, order: int) -> CharacterNGram:
    """Count and smooth.

    Raises:
        SettingsError: no text, or an order that cannot be. CapacityError: it does not fit the memory.
    """
    alphabet = Alphabet.of(texts)
    closing = int(alphabet.encode(END)[0])
    made = train_ngram(alphabet.encode_all(texts), alphabet.size, closing, order)
    return CharacterNGram(language, alphabet, made, sum(map(len, texts)))


def bits_of(model: CharacterNGram, texts: Sequence[str]) -> Float64:
    """float64 [texts]: what each costs."""
    return by_text(model.ask(texts)[1], texts)


def by_text(each: Float64, texts: Sequence[str]) -> Float64:
    """float64 [texts]: the sums of numbers of characters over each text."""
    ends = np.cumsum([0, *(len(text) for text in texts)])
    return np.array([each[start:end].sum() for start, end in pairwise(ends)])


def choose_order(
    train: Sequence[str], dev: Sequence[str], language: str, orders: Sequence[int] = ORDERS
) -> CharacterNGram:
    """The model whose order is best on dev: fewest bits per byte, the shorter one of two that are alike.

    Raises:
        SettingsError: there is no dev text.
    """
    if not any(dev):
        raise SettingsError("choosing the order of n-grams takes text of the dev side, found none")
    best, least = None, np.inf
    for order in sorted(orders):
        made = train_characters(train, language, order)
        cost = float(bits_of(made, dev).sum()) / sum(bytes_of(dev))
        if cost >= least:
            break  # it has one best order: longer ones only copy the training text
        best, least = made, cost
    assert best is not None
    return best


def write_characters(model: CharacterNGram, folder: Path) -> None:
    """Into a folder: alphabet.json, and the arrays of the tree."""
    write_ngram(model.ngram, folder)
    said = {"language": model.language, "symbols": model.alphabet.symbols, "characters": model.characters}
    write_json(folder / _FILE, said)


def read_characters(folder: Path) -> CharacterNGram:
    """What `write_characters` wrote, memory-mapped.

    Raises:
        FolderError: it is damaged.
    """
    said: Any = read_json(folder / _FILE, "make the model anew")
    fields = {"language": str, "symbols": str, "characters": int}
    if not isinstance(said, dict) or any(type(said.get(name)) is not kind for name, kind in fields.items()):
        raise FolderError(f"{folder / _FILE}: damaged, expected {', '.join(fields)}; make the model anew")
    alphabet = Alphabet(said["symbols"])
    if "".join(sorted(set(alphabet.symbols))) != alphabet.symbols or END not in alphabet.symbols:
        raise FolderError(f"{folder / _FILE}: damaged, its symbols are no alphabet; make the model anew")
    closing = int(alphabet.encode(END)[0])
    return CharacterNGram(said["language"], alphabet, read_ngram(folder, alphabet.size, closing), said["characters"])


def _joined(numbers: Sequence[Any]) -> Any:
    return np.concatenate([np.empty(0, np.int32), *numbers])
