"""Documents cut into passages, and how much a passage counts of what stands around it.

A passage is a few sentences of one section. Sections are parted evenly, so that none ends with a passage of one
sentence. What surrounds a passage counts as in the model: see `retrieval.surroundings`, whose unit is the sentence. A
document's title is searched as one more line of its first passage, so it surrounds the passages after it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int32, Int64
from sprachbund.corpus.store import Corpus
from sprachbund.retrieval.settings import Surroundings

UNSPACED = frozenset(("ja", "zh", "yue", "wuu", "lzh", "gan", "th", "lo", "km", "my", "bo", "dz"))
"""Languages whose sentences follow one another without a space."""


@dataclass(frozen=True)
class Document:
    """A document to index.

    Attributes:
        id: unique in its language. title: may be empty. headings: of its sections; may be empty.
        digest: tells one content from another. texts: its sentences. sections: the section of each.
        meta: what else is known of it, by name.
        root, path: the source that it came from, by its name in the index, and the file below that; may be empty.
    """

    id: str
    title: str
    headings: Sequence[str]
    digest: str
    texts: Sequence[str]
    sections: Sequence[int]
    meta: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    path: str = ""


@dataclass(frozen=True)
class Passages:
    """The passages of some documents, in order.

    Attributes:
        first: int64 [passages + 1], where the sentences of each begin.
        documents: int32 [passages], numbers from 0. sections: int32 [passages].
        low, high: int32 [passages], the first passage of the document and the one after its last.
    """

    first: Int64
    documents: Int32
    sections: Int32
    low: Int32 = field(repr=False)
    high: Int32 = field(repr=False)

    def __len__(self) -> int:
        return len(self.documents)


def cut(documents: Int32, sections: Int32, size: int) -> Passages:
    """Cut sentences into passages of at most ``size``, inside sections.

    Args:
        documents, sections: int32 [sentences], in order; documents are numbered from 0.
    """
    count = len(documents)
    if not count:
        empty = np.empty(0, np.int32)
        return Passages(np.zeros(1, np.int64), empty, empty, empty, empty)
    change = (documents[1:] != documents[:-1]) | (sections[1:] != sections[:-1])
    heads = np.flatnonzero(np.r_[True, change])
    lengths = np.diff(np.r_[heads, count])
    parts = -(-lengths // size)
    run = np.repeat(np.arange(len(heads)), parts)
    number = np.arange(len(run)) - np.repeat(np.cumsum(parts) - parts, parts)
    first = heads[run] + number * lengths[run] // parts[run]
    own = documents[first]
    starts = np.flatnonzero(np.r_[True, own[1:] != own[:-1]])
    sizes = np.diff(np.r_[starts, len(own)])
    return Passages(
        np.r_[first, count].astype(np.int64),
        own.astype(np.int32),
        sections[first].astype(np.int32),
        np.repeat(starts, sizes).astype(np.int32),
        np.repeat(starts + sizes, sizes).astype(np.int32),
    )


def fading(surroundings: Surroundings, size: int) -> Float32:
    """What a passage of ``size`` sentences counts at each distance in passages: float32 [distances], 1 at 0.

    The mean over its sentences of what a sentence counts at its distance.
    """
    reach = -(-surroundings.reach // size)
    distance = np.arange(1, reach * size + 1)
    each = np.where(distance <= surroundings.reach, surroundings.decay**distance, 0.0).reshape(reach, size)
    return np.concatenate(([1.0], each.mean(axis=1))).astype(np.float32)


def documents_of(
    corpus: Corpus, language: str, home: Callable[[int], tuple[str, str, str]] = lambda number: ("", "", "")
) -> Iterator[Document]:
    """The documents of a language in order; a part of the corpus in memory at a time.

    Args:
        home: of a source of the corpus, by its number: the root and the path of its documents, and what stands before
            their ids.
    """
    parts = corpus.parts(language, ["document", "section", "text"])
    for number, (frame, notes) in zip(corpus.numbers(language), parts, strict=True):
        root, path, prefix = home(number)
        for note, part in zip(notes, frame.partition_by("document", maintain_order=True), strict=True):
            yield Document(
                f"{prefix}{note['document']}",
                note["title"],
                tuple(note["headings"]),
                note["digest"],
                part["text"].to_list(),
                part["section"].to_list(),
                note["meta"],
                root,
                path,
            )


def shown(text: str, language: str) -> str:
    """A passage as it is read: its sentences, which are kept a line each, one after another."""
    return text.replace("\n", "" if language in UNSPACED else " ")


def number_documents(batch: Sequence[Document]) -> tuple[list[str], Int32, Int32]:
    """The sentences of some documents, and the number of the document and the section of each."""
    texts = [text for document in batch for text in document.texts]
    counts = [len(document.texts) for document in batch]
    numbers: Int32 = np.repeat(np.arange(len(batch), dtype=np.int32), counts)
    sections = np.array([section for document in batch for section in document.sections], np.int32)
    return texts, numbers, sections


def with_titles(batch: Sequence[Document], texts: Sequence[str], passages: Passages) -> tuple[list[str], Passages]:
    """The lines that passages are found by: their sentences, and before the first passage of a document its title."""
    ends = np.cumsum([len(document.texts) for document in batch]).tolist()
    lines: list[str] = []
    for document, end in zip(batch, ends, strict=True):
        lines += [document.title, *texts[end - len(document.texts) : end]]
    # before a passage stand the titles of the documents so far, but for its own where that is among its lines
    titles = passages.documents + (passages.low != np.arange(len(passages)))
    return lines, replace(passages, first=passages.first + np.append(titles, len(batch)))


def rows(passages: Passages, texts: Sequence[str], before: int) -> pl.DataFrame:
    """document, section and text of each passage, documents numbered from ``before``."""
    kept = [text.replace("\n", " ") for text in texts]
    lines = ["\n".join(kept[low:high]) for low, high in zip(passages.first[:-1], passages.first[1:], strict=True)]
    return pl.DataFrame({"document": passages.documents + before, "section": passages.sections, "text": lines})
