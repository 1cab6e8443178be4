"""JSON Lines of documents with sections: our own layout, the richest.

    {"id", "lang", "title", "group"?, "meta"?: {name: text}, "sections": [
        {"title", "paragraphs": [text, ...]} or {"title", "sentences": [[sentence, ...], ...]}]}

``sentences`` are gold, a list a paragraph, and win over ``paragraphs``. Documents of the same ``group`` are
translations of each other. The text is taken as it is: markup that it has is not looked for.
"""

from typing import Any

from sprachbund.corpus.sources.documents import Dropped, Line, RawDocument, RawSection, Record
from sprachbund.corpus.sources.lines import parse_object
from sprachbund.corpus.sources.values import LANG_FIELDS, first_identifier, identifier


def parse_sections(record: Record) -> RawDocument | Dropped:
    """A document of the layout above, or why its line is none."""
    assert isinstance(record, Line)
    value = parse_object(record)
    if isinstance(value, Dropped):
        return value
    sections = value.get("sections")
    if not isinstance(sections, list):
        return Dropped("not of this format", f"{record.label}: expected a list in the field sections")
    try:
        return RawDocument(
            id=first_identifier(value),
            lang=next(filter(None, (_text(value.get(name)) for name in LANG_FIELDS)), None),
            title=_text(value.get("title")),
            group=identifier(value.get("group")) or None,
            sections=tuple(_section(section) for section in sections),
            place=f"{record.stem}:{record.number}",
            meta=_named(value.get("meta")),
        )
    except (TypeError, AttributeError):
        return Dropped("not of this format", f"{record.label}: a section is not what the format says")


def _section(section: dict[str, object]) -> RawSection:
    paragraphs, sentences = section.get("paragraphs"), section.get("sentences")
    return RawSection(
        title=_text(section.get("title")),
        paragraphs=_texts(paragraphs) if paragraphs is not None else (),
        sentences=tuple(_texts(part) for part in _list(sentences)) if sentences is not None else None,
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    raise TypeError


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise TypeError


def _named(value: object) -> dict[str, Any]:
    if value is None or isinstance(value, dict):
        return value or {}
    raise TypeError


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))
