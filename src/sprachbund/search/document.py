"""A document of an index as text, to be read where a hit was found in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sprachbund.errors import SettingsError
from sprachbund.search.passages import shown
from sprachbund.search.records import DocumentRecord
from sprachbund.search.segment import Segment

if TYPE_CHECKING:
    from sprachbund.search.index import Index


@dataclass(frozen=True)
class Passage:
    """A passage of a document; ``section`` is the heading of its section, "" where there is none."""

    number: int
    section: str
    text: str


@dataclass(frozen=True)
class Document:
    """A document, or a part of it.

    Attributes:
        key: ``language:id``. meta: what else is known, by name. length: its passages. passages: some or all of them, in
            order.
    """

    key: str
    language: str
    id: str
    title: str
    meta: Mapping[str, str]
    length: int
    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The passages, one after another, a line each, with a blank line between sections."""
        lines: list[str] = []
        for n, passage in enumerate(self.passages):
            if n and passage.section != self.passages[n - 1].section:
                lines.append("")
            lines.append(passage.text)
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "meta": dict(self.meta), "passages": [dict(vars(each)) for each in self.passages]}


def read_document(index: "Index", key: str, first: int = 0, count: int | None = None) -> Document:
    """A document of an index.

    Args:
        key: ``language:id``, or with the number of a passage after a ``#``. first, count: passages; None for all.

    Raises:
        SettingsError: the index has no such document.
    """
    language, _, rest = key.partition(":")
    name, _, number = rest.rpartition("#")
    found = _named(index, language, rest) or (_named(index, language, name) if number.isdecimal() else None)
    if found is None:
        raise SettingsError(f"{index.path}: has no document {key!r}; keys look like en:document or en:document#0")
    segment, record = found
    low = min(record.first + max(0, first), record.last)
    high = record.last if count is None else min(record.last, low + count)
    texts, sections = segment.records.texts(low, high), segment.records.sections(low, high)
    passages = tuple(
        Passage(
            number - record.first,
            record.headings[section] if 0 <= section < len(record.headings) else "",
            shown(text, language),
        )
        for number, (text, section) in enumerate(zip(texts, sections, strict=True), low)
    )
    return Document(
        f"{language}:{record.id}",
        language,
        record.id,
        record.title,
        record.meta,
        record.last - record.first,
        passages,
    )


def _named(index: "Index", language: str, name: str) -> tuple[Segment, DocumentRecord] | None:
    for segment in index.segments:
        if segment.language == language:
            record = segment.records.document(name)
            if record is not None and record.number not in segment.deleted:
                return segment, record
    return None
