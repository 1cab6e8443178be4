"""What of an index goes into a table: passages as they are read, the words that find them, their vectors.

A vector is the one that the index has, with what surrounds the passage in it and in the bits that the index keeps; so
a table scores as the index does. Words are in the index's plain form, and a title is a line of the first passage.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from sprachbund.corpus.segment import words
from sprachbund.databases.seam import About, Contents, Key, Passage
from sprachbund.files import content_hash, read_manifest
from sprachbund.retrieval.encoder.encoder import Encoder, file_hashes
from sprachbund.search.index import FORMAT, KIND, MANIFEST, Index
from sprachbund.search.passages import shown
from sprachbund.search.records import DocumentRecord
from sprachbund.search.segment import Segment
from sprachbund.search.stored import says
from sprachbund.search.wording import plain, worded

AT_ONCE = 200
"""Documents in memory at a time."""
LONGEST = 100
"""Letters of a word at most: databases index no longer ones, and nobody types them."""
_NAMED = 5


def encoder_folder(folder: Path) -> Path:
    """The folder of an encoder: this one, or the one of the index that this is.

    Raises:
        FolderError: an index is there and cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        return folder
    return folder / str(read_manifest(folder, MANIFEST, KIND, FORMAT, fields={"model": str})["model"])


def model_identity(folder: Path, encoder: Encoder) -> tuple[str, str]:
    """What tells an encoder's vectors from another's, and the same for people.

    Raises:
        FolderError: the folder has no encoder.
    """
    identity = content_hash(file_hashes(folder))[:16]
    languages = [str(code) for code in encoder.about.get("languages", ())]
    named = ", ".join(languages[:_NAMED]) + (", ..." if languages[_NAMED:] else "")
    return identity, f"{identity} ({named or 'no language named'}; dim {encoder.dim})"


def words_of(text: str, language: str, folds: Sequence[str]) -> list[str]:
    """The words of a query, as those of passages."""
    return [word for word in plain(words(text, language), folds) if len(word) <= LONGEST]


def contents_of(index: Index, *, hnsw: bool = False) -> Contents:
    """What a table is to hold for an index."""
    identity, called = model_identity(index.path / index.manifest["model"], index.encoder)
    sentences = int(index.manifest["settings"]["sentences"])
    about = About(identity, called, index.encoder.dim, index.folds, index.fusion, sentences, hnsw)
    documents = {
        (segment.language, record.id): _digest(record) for segment in index.segments for record in _alive(segment)
    }

    def passages(wanted: Iterable[Key]) -> Iterator[Passage]:
        chosen = set(wanted)
        for segment in index.segments:
            block: list[DocumentRecord] = []
            for record in _alive(segment):
                if (segment.language, record.id) in chosen:
                    block.append(record)
                if len(block) == AT_ONCE:
                    yield from _passages(segment, block)
                    block = []
            yield from _passages(segment, block)

    return Contents(about, documents, passages)


def _alive(segment: Segment) -> Iterator[DocumentRecord]:
    return (record for record in segment.records.each() if record.number not in segment.deleted)


def _digest(record: DocumentRecord) -> str:
    """Of all that rows have of a document."""
    digest, title, headings, meta = says(record)
    return content_hash([digest, title, list(headings), meta])


def _passages(segment: Segment, documents: Sequence[DocumentRecord]) -> Iterator[Passage]:
    for record in documents:
        texts = segment.records.texts(record.first, record.last)
        sections = segment.records.sections(record.first, record.last)
        vectors = segment.dense.vectors(np.arange(record.first, record.last))
        lines = [text.replace("\n", " ") for text in texts]
        wording = worded([f"{record.title} {lines[0]}", *lines[1:]], segment.language, segment.folds)
        digest = _digest(record)
        for number, text in enumerate(texts):
            section, (low, high) = sections[number], wording.offsets[number : number + 2]
            found = (wording.distinct[word] for word in wording.ids[low:high].tolist())
            yield Passage(
                f"{segment.language}:{record.id}#{number}",
                segment.language,
                record.id,
                number,
                record.title,
                record.headings[section] if 0 <= section < len(record.headings) else "",
                shown(text, segment.language),
                record.meta,
                digest,
                tuple(word for word in found if len(word) <= LONGEST),
                vectors[number],
            )
