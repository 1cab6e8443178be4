"""A lexicon of cognates, and why two words are one: pairs, letter runs, the scores of edit operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.arrays import Float32
from sprachbund.cognates.costs import operations
from sprachbund.cognates.grams import ORDER, GramTable
from sprachbund.cognates.romanising import plain_word
from sprachbund.normal_forms import normal_form
from sprachbund.notebook import html_table

__all__ = ["CORRECTED", "DICTIONARY", "LEARNED", "ORIGINS", "SCHEMA", "Cognates", "Corrections", "Reason"]

LEARNED, DICTIONARY, CORRECTED = ORIGINS = ("learned", "dictionary", "corrected")
"""Where a pair is from, what comes later over what comes before."""
SCHEMA = {"left": pl.String, "right": pl.String, "score": pl.Float32, "origin": pl.String}


@dataclass(frozen=True)
class Corrections:
    """What hands have changed: pairs (left, right) that are kept, and pairs that are taken out, whatever is learned."""

    kept: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()

    def reversed(self) -> "Corrections":
        """The same from right to left."""
        kept, removed = (tuple((right, left) for left, right in pairs) for pairs in (self.kept, self.removed))
        return Corrections(kept, removed)


@dataclass(frozen=True)
class Reason:
    """Why two words are a pair.

    Attributes:
        left, right, score, origin: the pair.
        operations: (letters of the left word, letters of the right, score) in order; a blank is a word's edge.
        grams: (run of the left word, run of the right, probability) of those that the table knows, in order.
    """

    left: str
    right: str
    score: float
    origin: str
    operations: tuple[tuple[str, str, float], ...]
    grams: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, eq=False)
class Cognates:
    """Words of two languages that are one; made by `learning.learn`, or opened.

    Attributes:
        languages: (left, right).
        pairs: a row a pair, the most frequent left word first: left, right, score, origin (learned, dictionary or
            corrected).
        grams: letter runs from left to right. back: from right to left.
        costs: float32 [STRINGS, STRINGS], the score of each edit operation, see `costs`.
        about: what it was learned from: words, settings, how many pairs there were, how many of decoys, the threshold.
        corrections: what hands have changed, see `correcting`.
    """

    languages: tuple[str, str]
    pairs: pl.DataFrame
    grams: GramTable
    back: GramTable
    costs: Float32
    about: Mapping[str, Any] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        left, right = self.languages
        return f"Cognates({left}-{right}: {len(self):,} pairs, {len(self.grams):,} letter runs)"

    def _repr_html_(self) -> str:
        shown = [tuple(row) for row in self.pairs.head(20).iter_rows()]
        return html_table(repr(self), tuple(SCHEMA), shown)

    def nothing(self) -> str:
        """Why nothing was learned, in a line; "" where something was."""
        if self.about.get("threshold") is not None or "mutual" not in self.about:
            return ""
        left, right = self.languages
        return (
            f"{left} and {right} have no more words in common than chance gives: {self.about['mutual']:,} pairs are "
            f"each other's best, {self.about['decoys']:,} where letters are exchanged; nothing is learned"
        )

    def reversed(self) -> "Cognates":
        """The same lexicon from right to left."""
        pairs = self.pairs.select(left="right", right="left", score="score", origin="origin")
        left, right = self.languages
        return replace(
            self,
            languages=(right, left),
            pairs=pairs,
            grams=self.back,
            back=self.grams,
            costs=self.costs.T.copy(),
            corrections=self.corrections.reversed(),
        )

    def of(self, word: str) -> list[tuple[str, float, str]]:
        """What stands for a left word: (right word, score, origin), the best first; accents count, case does not."""
        wanted = normal_form("NFC", word).lower()
        found = self.pairs.filter(pl.col("left") == wanted).sort("score", descending=True, maintain_order=True)
        return [(row["right"], row["score"], row["origin"]) for row in found.iter_rows(named=True)]

    def why(self, word: str) -> list[Reason]:
        """Why a word has its partners: the operations with their scores, the letter runs with their probabilities.

        Args:
            word: of the left language; or one of the right where the left has no such word. Without its accents it is
                found where no word is spelt so.

        Returns:
            A reason a pair; none where the lexicon lacks the word.
        """
        wanted = normal_form("NFC", word.strip()).lower()
        for column in ("left", "right"):
            found = self.pairs.filter(pl.col(column) == wanted)
            if found.is_empty() and wanted == plain_word(wanted):
                alike = self.pairs[column].map_elements(plain_word, return_dtype=pl.String) == wanted
                found = self.pairs.filter(alike)
            if len(found):
                return [self._reason(*row) for row in found.iter_rows()]
        return []

    def _reason(self, left: str, right: str, score: float, origin: str) -> Reason:
        one, other = plain_word(left), plain_word(right)
        theirs = _grams(other)
        known = []
        for gram in _grams(one):
            found = [(target, p) for target, p in self.grams.of(gram) if target in theirs]
            known += [(gram, target, p) for target, p in found[:1]]
        return Reason(left, right, score, origin, tuple(operations(one, other, self.costs)), tuple(known))

    def save(self, folder: Path | str) -> None:
        """Write the lexicon to a folder, atomically; see docs/formats.md.

        Raises:
            FolderError: something else is there.
        """
        from sprachbund.cognates.folder import save

        save(self, Path(folder))

    @staticmethod
    def open(folder: Path | str) -> "Cognates":
        """The lexicon in a folder, every file of it checked.

        Raises:
            FolderError: there is none, or it is damaged or of another format version.
        """
        from sprachbund.cognates.folder import load

        return load(Path(folder))


def _grams(plain: str) -> list[str]:
    marked = f" {plain} "
    return [marked[i : i + ORDER] for i in range(len(marked) - ORDER + 1)]
