"""Documents as a language model reads them: one text each, of the sides of the one split.

NFC; the sentences of a paragraph are joined by a blank, paragraphs by a line's end, and one line's end closes the
document. It is told like any character, and counts as a byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.corpus.placing import Placed, read_side
from sprachbund.corpus.store import Corpus
from sprachbund.normal_forms import normal_form

__all__ = ["END", "Texts", "as_read", "bytes_of", "cut", "documents_of"]

END = "\n"
"""Closes a document, and stands before its first character."""


@dataclass(frozen=True)
class Texts:
    """Documents of one language.

    Attributes:
        names, groups, texts: of each document, in the corpus's order. A group's documents are one text in several
            languages.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def characters(self) -> int:
        """In all."""
        return sum(map(len, self.texts))


def as_read(text: str) -> str:
    """A plain text as a document: NFC, lines without blanks at their ends, one line's end at the end."""
    lines = (" ".join(line.split()) for line in normal_form("NFC", text).split("\n"))
    return END.join(line for line in lines if line) + END


def documents_of(corpus: Corpus, placed: Placed, side: int) -> Texts:
    """The documents of one side, in reading order.

    Args:
        side: TRAIN, DEV or TEST of `corpus.splits`.
    """
    frame = read_side(corpus, placed, side, ("section", "paragraph", "text"))
    keys = ["document", "section", "paragraph"]
    paragraphs = frame.group_by(keys, maintain_order=True).agg(pl.col("text").str.join(" "))
    whole = paragraphs.group_by("document", maintain_order=True).agg(pl.col("text").str.join(END))
    groups = dict(zip(placed.names, placed.groups, strict=True))
    names = whole["document"].to_list()
    texts = tuple(as_read(text) for text in whole["text"])
    return Texts(tuple(names), tuple(groups[name] for name in names), texts)


def cut(texts: Texts, characters: int, seed: int = 0) -> Texts:
    """Documents in an order drawn by a seed, up to so many characters; the last one is cut at a line or word.

    Args:
        characters: 0 for all, in their order.
    """
    if not characters or characters >= texts.characters:
        return texts
    order = np.random.default_rng(seed).permutation(len(texts))
    kept = list(_up_to(texts, order.tolist(), characters))
    numbers = [number for number, _ in kept]
    return Texts(
        tuple(texts.names[number] for number in numbers),
        tuple(texts.groups[number] for number in numbers),
        tuple(text for _, text in kept),
    )


def _up_to(texts: Texts, order: Sequence[int], characters: int) -> Iterator[tuple[int, str]]:
    left = characters
    for number in order:
        text = texts.texts[number]
        if len(text) <= left:
            yield number, text
            left -= len(text)
            continue
        head = text[: max(0, left - 1)]
        at = max(head.rfind(END), head.rfind(" "))
        if at > 0:
            yield number, head[:at].rstrip() + END
        return


def bytes_of(texts: Sequence[str]) -> list[int]:
    """UTF-8 bytes of each text."""
    return [len(text.encode("utf-8", "surrogatepass")) for text in texts]
