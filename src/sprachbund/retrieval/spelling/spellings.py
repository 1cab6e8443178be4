"""From a word to the spelling that is read: one table, one function a spelling, asked of each distinct word once.

Whatever comes out is read as words are: it is cut into n-grams, counted and given rows by the same code. So two models
that differ in their spelling differ in that alone.

    written      as the text has it: до'брий is до'брий
    folded       without accents, and joints of words left out (`corpus.accents`)
    romanised    in the letters a to z (`cognates.romanising`)
    bytes        a letter for each byte of UTF-8: ASCII letters and digits as they are, byte b as U+A000 + b
    phonemes     in IPA, by eSpeak NG; romanised where there is no voice, or the voice cannot read the word
    subwords     the pieces of SentencePiece, learned from the training text of all languages; U+02CD begins a word
    cognates     romanised; and a word that has a cognate in the largest language as that language spells it

Only pieces may be several words. A word of which nothing is left stays as it is written, so that no sentence is empty.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

import numpy as np

from sprachbund import espeak
from sprachbund.cognates.romanising import plain_words as romanised
from sprachbund.corpus.accents import plain_words as unaccented
from sprachbund.corpus.characters import JOINABLE, WORD, character_tables
from sprachbund.errors import FolderError, LanguageError, MissingExtraError, one_line
from sprachbund.files import content_hash
from sprachbund.languages import find
from sprachbund.normal_forms import normal_form

__all__ = ["BEGINNING", "LEARNED", "SPELLINGS", "WRITTEN", "Spelling", "byte_letters", "require", "silent", "spell"]

WRITTEN = "written"
LEARNED = ("subwords", "cognates")
"""Spellings that are learned from text, and kept beside what is spelt by them."""
BEGINNING = "\u02cd"
"""What begins a word in pieces: SentencePiece's U+2581 is no letter, and would part words."""
_JOINT = "\u02c8"
"""A letter in place of what is none (the apostrophe of п'ять, which parts words at the edge of a piece)."""
_BYTES = 0xA000
_KEPT = 1 << 20
"""Words whose spelling is remembered, in all."""
_SPEAKING = Lock()  # eSpeak NG has one voice a process


@dataclass(frozen=True, eq=False)
class Spelling:
    """How words are spelt, with what was learned for it.

    Attributes:
        name: of `SPELLINGS`.
        pieces: the model of SentencePiece, as its library writes it.
        hub: the language whose spelling cognates have. cognates: by language and word that spelling.
    """

    name: str = WRITTEN
    pieces: bytes = b""
    hub: str = ""
    cognates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"Spelling({self.name!r})"

    def hash(self) -> str:
        """Of all that it does, so that what is spelt differently is never taken for the same."""
        return content_hash(
            [self.name, self.pieces.hex(), self.hub, {code: dict(m) for code, m in self.cognates.items()}]
        )

    def __getstate__(self) -> dict[str, Any]:
        """What is remembered stays, and so does the library's own object."""
        return self.__dict__ | {"_known": {}}


def spell(spelling: Spelling, words: Sequence[str], language: str) -> list[str]:
    """How each word is spelt: one word, or several parted by blanks; never empty.

    Args:
        words: in NFC and lower case, as ``segment.words`` gives them. language: "" if unknown.

    Raises:
        MissingExtraError: see `require`.
    """
    if spelling.name == WRITTEN:
        return list(words)
    known = spelling._known.setdefault(("words", language), {})
    fresh = list(dict.fromkeys(word for word in words if word not in known))
    made = zip(fresh, SPELLINGS[spelling.name](spelling, fresh, language), strict=True)
    spelt = {word: other or word for word, other in made}
    found = [known.get(word) or spelt[word] for word in words]
    if len(known) + len(spelt) <= _KEPT:
        known.update(spelt)
    return found


def require(name: str) -> None:
    """See that a spelling can be had here.

    Raises:
        MissingExtraError: its library is not installed.
    """
    if name == "phonemes":
        espeak.require("to spell words in phonemes")
    if name == "subwords":
        sentencepiece()


def sentencepiece() -> Any:
    """The library.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import sentencepiece as library
    except ImportError:
        raise MissingExtraError(
            "to spell words in subwords needs SentencePiece: pip install 'sprachbund[laboratory]'"
        ) from None
    return library


def silent(name: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Languages that have no voice where words are spelt in phonemes, and so are romanised."""
    return tuple(code for code in languages if name == "phonemes" and _voice(code) is None)


def _written(_: Spelling, words: list[str], language: str) -> list[str]:
    return words


def _folded(_: Spelling, words: list[str], language: str) -> list[str]:
    return unaccented(words)


def _romanised(_: Spelling, words: list[str], language: str) -> list[str]:
    return romanised(words)


def _bytes(_: Spelling, words: list[str], language: str) -> list[str]:
    return [byte_letters(word) for word in words]


def byte_letters(word: str) -> str:
    """A letter for each byte of a word.

    >>> byte_letters("é1") == chr(0xA0C3) + chr(0xA0A9) + "1"
    True
    """
    return word.encode().decode("latin-1").translate(_byte_table())


@cache
def _byte_table() -> dict[int, str]:
    return {byte: chr(_BYTES + byte) for byte in range(256) if not (byte < 128 and chr(byte).isalnum())}


def _phonemes(_: Spelling, words: list[str], language: str) -> list[str]:
    require("phonemes")
    plain, voice = romanised(words), _voice(language)
    if voice is None:
        return plain
    with _SPEAKING:
        said = list(espeak.spoken_words(words, voice))
    return [
        other if left_out else _letters("".join(phone for word in spoken for phone in word)) or other
        for (spoken, left_out), other in zip(said, plain, strict=True)
    ]


@cache
def _voice(language: str) -> str | None:
    if not language:
        return None
    try:
        others = [str(find(language).bcp47).partition("-")[0]]
    except LanguageError:
        others = []
    with _SPEAKING:
        return espeak.voice_of(language, others)


def _subwords(spelling: Spelling, words: list[str], language: str) -> list[str]:
    processor = _processor(spelling)
    cut: Iterator[list[str]] = iter(processor.encode(words, out_type=str)) if words else iter(())
    return [" ".join(_letters(piece.replace("\u2581", BEGINNING)) for piece in pieces if piece) for pieces in cut]


def _processor(spelling: Spelling) -> Any:
    if "processor" not in spelling._known:
        library = sentencepiece()
        try:
            spelling._known["processor"] = library.SentencePieceProcessor(model_proto=spelling.pieces)
        except (RuntimeError, OSError) as error:
            raise FolderError(f"the pieces are damaged ({one_line(error)}); train or encode anew") from None
    return spelling._known["processor"]


def _cognates(spelling: Spelling, words: list[str], language: str) -> list[str]:
    own = spelling.cognates.get(language, {})
    return romanised([own.get(word, word) for word in words])


def _letters(text: str) -> str:
    """The text in code points that words are made of, so that it is read as one word."""
    classes, _ = character_tables()
    points = np.frombuffer(normal_form("NFC", text).encode("utf-32-le"), np.uint32)
    kept = np.isin(classes[points], (WORD, JOINABLE))
    return "".join(chr(point) if is_kept else _JOINT for point, is_kept in zip(points.tolist(), kept, strict=True))


SPELLINGS: Mapping[str, Callable[[Spelling, list[str], str], list[str]]] = {
    WRITTEN: _written,
    "folded": _folded,
    "romanised": _romanised,
    "bytes": _bytes,
    "phonemes": _phonemes,
    "subwords": _subwords,
    "cognates": _cognates,
}
"""By the name in the setting ``spelling``: from words of one language to how they are spelt."""
