"""Vectors of the words of one language: what is trained, read from others' files, aligned and compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Int64
from sprachbund.errors import SettingsError
from sprachbund.normal_forms import normal_form
from sprachbund.vectors.subwords import Subwords

__all__ = ["Near", "Space", "of_length_one"]


@dataclass(frozen=True)
class Near:
    """A word near another: its cosine, and how often it occurs (0 where that is not known)."""

    word: str
    score: float
    count: int


@dataclass(frozen=True, eq=False)
class Space:
    """Words and their vectors.

    Attributes:
        language: its code, "" where it is not known.
        words: in NFC, each once, the most frequent first.
        counts: int64 [words], 0 where they are not known.
        vectors: float32 [words, dim], as they were made: of any length.
        about: how they were made: method, settings, sentences, words of text; or the file that they were read from.
        subwords: rows of runs of letters, for words that are not there; None without.
    """

    language: str
    words: tuple[str, ...]
    counts: Int64
    vectors: Float32
    about: Mapping[str, Any] = field(default_factory=dict)
    subwords: Subwords | None = None

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"Space({self.language or 'unknown language'}: {len(self):,} words, {self.dim} numbers each)"

    @property
    def dim(self) -> int:
        """Numbers of a vector."""
        return int(self.vectors.shape[1])

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each word is; where only its capitals differ, the most frequent under its small letters."""
        found = {word: place for place, word in enumerate(self.words)}
        for place, word in enumerate(self.words):
            found.setdefault(word.lower(), place)
        return found

    @cached_property
    def units(self) -> Float32:
        """The vectors at length 1, float32 [words, dim]; zero stays zero."""
        return of_length_one(self.vectors)

    def place(self, word: str) -> int | None:
        """Where a word is; None where it is not. Accents count, case does not."""
        plain = normal_form("NFC", word.strip())
        found = self.places.get(plain)
        return self.places.get(plain.lower()) if found is None else found

    def vector(self, word: str) -> Float32:
        """The vector of a word, float32 [dim]; of one that is not there, the mean of its subwords where there are any.

        Raises:
            SettingsError: it is not there.
        """
        place = self.place(word)
        if place is not None:
            return np.asarray(self.vectors[place], np.float32)
        found = self.subwords.vector(normal_form("NFC", word.strip()).lower()) if self.subwords else None
        if found is None or not found.any():
            raise SettingsError(f"{word!r} is none of the {len(self):,} words{self._like(word)}")
        return found

    def _like(self, word: str) -> str:
        """What the word may have meant, for a message."""
        from rapidfuzz import process

        near = process.extract(word.lower(), self.words[:20_000], limit=3, score_cutoff=70)
        return f"; near it: {', '.join(found[0] for found in near)}" if near else ""

    def near(self, word: str | Float32, k: int = 10) -> list[Near]:
        """The words nearest to a word, or to a vector, by cosine; the word itself is left out.

        Raises:
            SettingsError: the word is not there.
        """
        if isinstance(word, str):
            vector, own = self.vector(word), self.place(word)
        else:
            vector, own = np.asarray(word, np.float32), None
        if vector.shape != (self.dim,):
            raise SettingsError(f"expected a vector of {self.dim} numbers, found {vector.shape}")
        scores = self.units @ of_length_one(vector[None])[0]
        if own is not None:
            scores[own] = -np.inf
        order = np.argsort(-scores, kind="stable")[: min(k, len(self) - (own is not None))]
        return [Near(self.words[i], float(scores[i]), int(self.counts[i])) for i in order.tolist()]

    def save(self, folder: Path | str) -> None:
        """Write the vectors to a folder, atomically; see docs/formats.md.

        Raises:
            FolderError: something else is there.
        """
        from sprachbund.vectors.folder import save

        save(self, Path(folder))

    @staticmethod
    def open(path: Path | str, language: str = "", words: int | None = None) -> "Space":
        """The vectors of a folder of ours, or of a file of fastText's (.vec, .bin) or word2vec's (text, binary).

        Args:
            language: of a file, which does not say it. words: at most, the first of the file.

        Raises:
            FolderError: it is damaged. SourceError: a file is none of these, or damaged.
            CapacityError: it does not fit the memory.
        """
        from sprachbund.vectors.reading import read_space

        return read_space(Path(path), language, words)


def of_length_one(vectors: Float32) -> Float32:
    """Rows brought to length 1; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
