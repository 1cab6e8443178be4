"""What a neural model reads and writes one by one: characters, bytes, or pieces of some bytes.

Pieces are byte pairs (Sennrich et al. 2016) over UTF-8, so that every text can be told. Where a text may be cut is
BLOOM's rule: around blanks and the punctuation of many scripts, and nowhere else. The rules of GPT-2 and Llama 3 part a
letter from the marks that combine with it, which tears words of Indic and other scripts to pieces. llama.cpp knows the
rule by name, so pieces mean the same there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol

import numpy as np

from sprachbund.arrays import Int32
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.lm.alphabet import UNKNOWN_BITS, Alphabet
from sprachbund.lm.neural import extra

__all__ = [
    "END",
    "SPLIT",
    "Bytes",
    "Characters",
    "Pieces",
    "Units",
    "byte_letters",
    "bytes_of_piece",
    "learn_pieces",
    "pieces_for",
    "units_of",
]

END = "\n"
"""What stands before a text, and closes it."""
SPLIT = " ?[^(\\s|.,!?…。，、।۔،)]+"
"""BLOOM's rule; what it does not match is a piece's end as well."""
LEAST_PIECES, MOST_PIECES = 512, 16_384


class Units(Protocol):
    """How a text is cut.

    Attributes:
        size: units that there are. context: the number of the line's end, which stands before a text.
    """

    @property
    def size(self) -> int: ...

    @property
    def context(self) -> int: ...

    def encode(self, text: str) -> Int32:
        """The numbers of a text's units."""

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of units; what is none is U+FFFD."""

    def extra_bits(self, numbers: Int32) -> float:
        """What telling the text costs beside its units."""


@dataclass(frozen=True)
class Characters:
    """Characters of an alphabet; unknown ones are unit 0, and cost the bits to say which."""

    alphabet: Alphabet

    @property
    def size(self) -> int:
        return self.alphabet.size

    @property
    def context(self) -> int:
        return int(self.alphabet.encode(END)[0])

    def encode(self, text: str) -> Int32:
        return self.alphabet.encode(text)

    def decode(self, numbers: Sequence[int]) -> str:
        return self.alphabet.decode(numbers)

    def extra_bits(self, numbers: Int32) -> float:
        return float(UNKNOWN_BITS * np.count_nonzero(numbers == 0))


@dataclass(frozen=True)
class Bytes:
    """The bytes of UTF-8."""

    size: int = 256
    context: int = ord(END)

    def encode(self, text: str) -> Int32:
        return np.frombuffer(text.encode("utf-8", "replace"), np.uint8).astype(np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        return bytes(numbers).decode("utf-8", "replace")

    def extra_bits(self, numbers: Int32) -> float:
        return 0.0


@dataclass(frozen=True)
class Pieces:
    """Byte pairs.

    Attributes:
        keys: the pieces by number, in the letters that stand for bytes. merges: pairs that are joined, in order.
    """

    keys: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    @cached_property
    def tokenizer(self) -> Any:
        """The library's, which does the work.

        Raises:
            MissingExtraError: it is not installed.
        """
        return made_tokenizer(dict(zip(self.keys, range(len(self.keys)), strict=True)), list(self.merges))

    @property
    def size(self) -> int:
        return len(self.keys)

    @property
    def context(self) -> int:
        return int(self.encode(END)[0])

    def encode(self, text: str) -> Int32:
        clean = text.encode("utf-8", "replace").decode() if not text.isascii() else text
        return np.array(self.tokenizer.encode(clean, add_special_tokens=False).ids, np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        decoded: str = self.tokenizer.decode(list(map(int, numbers)), skip_special_tokens=False)
        return decoded

    def extra_bits(self, numbers: Int32) -> float:
        return 0.0


@cache
def _bytes_by_letter() -> dict[str, int]:
    """GPT-2's letters for bytes: visible ones stand for themselves, the others for 256 and on, in order."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


def byte_letters() -> tuple[str, ...]:
    """The letter of each byte, as pieces are written."""
    return tuple(sorted(_bytes_by_letter(), key=_bytes_by_letter().__getitem__))


def bytes_of_piece(key: str) -> bytes:
    """The bytes of a piece."""
    return bytes(map(_bytes_by_letter().__getitem__, key))


def units_of(kind: str, keys: tuple[str, ...], merges: tuple[tuple[str, str], ...] = ()) -> Units:
    """What cuts texts, from what is kept of it."""
    if kind == "characters":
        return Characters(Alphabet("".join(keys)))
    return Bytes() if kind == "bytes" else Pieces(keys, merges)


def made_tokenizer(vocabulary: dict[str, int] | None = None, merges: list[tuple[str, str]] | None = None) -> Any:
    """A tokenizer over byte pairs, of a vocabulary or to be taught one.

    Raises:
        SettingsError: the merges do not fit the vocabulary.
    """
    library = extra.tokenizers()
    try:
        made = library.Tokenizer(library.models.BPE(vocabulary, merges) if vocabulary else library.models.BPE())
    except Exception as error:
        raise SettingsError(f"pieces and their merges do not fit each other ({str(error)[:100]})") from None
    split = library.pre_tokenizers.Split(library.Regex(SPLIT), behavior="isolated")
    as_bytes = library.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = library.pre_tokenizers.Sequence([split, as_bytes])
    made.decoder = library.decoders.ByteLevel()
    return made


def pieces_for(characters: int) -> int:
    """How many pieces a text of so many characters is cut into: 1,260 at half a million, as its square root grows."""
    return int(min(MOST_PIECES, max(LEAST_PIECES, 1_260 * (characters / 500_000) ** 0.5)))


def learn_pieces(texts: Sequence[str], count: int) -> Pieces:
    """The pieces of texts: the 256 bytes, and the pairs that are most frequent, most frequent first.

    Args:
        count: pieces in all; fewer where the text has no more pairs that come twice.

    Raises:
        CorpusError: there is no text.
    """
    if not any(texts):
        raise CorpusError("pieces are learned from text, found none")
    import json

    library = extra.tokenizers()
    made = made_tokenizer()
    trainer = library.trainers.BpeTrainer(
        vocab_size=count,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
    )
    made.train_from_iterator((line for text in texts for line in text.splitlines(keepends=True)), trainer)
    model = json.loads(made.to_str())["model"]
    keys = sorted(model["vocab"], key=model["vocab"].__getitem__)
    pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    return Pieces(tuple(keys), tuple((first, second) for first, second in pairs))
