"""The documents of an index: as they were added, found by their ids, taken out."""

from collections.abc import Iterator
from typing import Any

from sprachbund.search.index import Index
from sprachbund.search.passages import Document
from sprachbund.search.records import DocumentRecord
from sprachbund.search.segment import Segment


def stored(segment: Segment) -> Iterator[Document]:
    """The documents of a segment that are not deleted, as they were added."""
    for record in segment.records.each():
        if record.number not in segment.deleted:
            texts, sections = [], []
            passages = segment.records.texts(record.first, record.last)
            for text, section in zip(passages, segment.records.sections(record.first, record.last), strict=True):
                lines = text.split("\n")
                texts += lines
                sections += [section] * len(lines)
            about = record.title, record.headings, record.digest
            yield Document(record.id, *about, texts, sections, record.meta, record.root, record.path)


def says(document: Document | DocumentRecord) -> tuple[str, str, tuple[str, ...], dict[str, str]]:
    """What makes one version of a document another."""
    return document.digest, document.title, tuple(document.headings), dict(document.meta)


def record_of(index: Index, language: str, name: str) -> DocumentRecord | None:
    """The document of a language and an id, None where the index has none."""
    for segment in index.segments:
        if segment.language == language:
            document = segment.records.document(name)
            if document is not None and document.number not in segment.deleted:
                return document
    return None


def take_out(index: Index, manifest: dict[str, Any], language: str, name: str) -> bool:
    """Note in a manifest that a document is deleted; False where the index has none, or it is noted."""
    entries = {entry["name"]: entry for entry in manifest["segments"]}
    for segment in index.segments:
        if segment.language != language or segment.name not in entries:
            continue
        document = segment.records.document(name)
        if document is not None and document.number not in entries[segment.name]["deleted"]:
            entries[segment.name]["deleted"] = sorted({*entries[segment.name]["deleted"], document.number})
            return True
    return False
