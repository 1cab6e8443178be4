"""The `wikimedia/wikipedia` layout, and any other of rows with a text: id, url, title and cleaned text.

The layout lost the marks of headings and lists, but not their lines: a heading is a short line of its own
that no sentence ends, and so is an item of a list. `text_sections` takes such a line for the heading of a
new section; a run of list items thus becomes sections without text, which are not kept. A sentence that an
author left without a full stop is lost where it is that short.
"""

from typing import Any

from sprachbund.corpus.segment import normalise
from sprachbund.corpus.sources.documents import (
    Dropped,
    Line,
    RawDocument,
    RawSection,
    Record,
    Row,
)
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.sources.lines import parse_object
from sprachbund.corpus.sources.siteinfo import language_of_url
from sprachbund.corpus.sources.values import LANG_FIELDS, first_identifier


def parse_wikipedia(record: Record) -> RawDocument | Dropped:
    """A document of the layout, from a line of JSON or a row of a table."""
    if isinstance(record, Line):
        value = parse_object(record)
        if isinstance(value, Dropped):
            return value
        if not isinstance(value.get("text"), str):
            return Dropped("not of this format", f"{record.label}: expected a string in the field text")
        title, text = plain_text(value.get("title")), str(value["text"])
        try:
            name = name_of(value)
        except TypeError:
            return Dropped("not of this format", f"{record.label}: expected an id of letters or digits")
        lang = language_of(value)
    else:
        assert isinstance(record, Row)
        name, lang, title, text = record.id, record.lang or None, record.title, record.text
    return RawDocument(name, lang, title, None, text_sections(text), f"{record.stem}:{record.number}")


def name_of(fields: dict[str, Any]) -> str:
    """The id of a record: that of a field made for it, else the address, else the title, else nothing.

    Raises:
        TypeError: the id is a list or an object.
    """
    return (
        first_identifier(fields)
        or normalise(plain_text(fields.get("url")))
        or normalise(plain_text(fields.get("title")))
    )


def language_of(fields: dict[str, Any]) -> str | None:
    """The language that a record claims: in a field made for it, else in its address, else None."""
    said = next(filter(None, (plain_text(fields.get(name)).strip() for name in LANG_FIELDS)), "")
    return said or language_of_url(plain_text(fields.get("url")))


def plain_text(value: object) -> str:
    """A title, address or language as text; empty where it is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None or isinstance(value, list | dict) else str(value)


def text_sections(text: str) -> tuple[RawSection, ...]:
    """Sections and paragraphs of a text whose headings are lines: see the module's docstring."""
    sections: list[RawSection] = []
    title: str = ""
    paragraphs: list[str] = []
    for line in map(str.strip, text.split("\n")):
        if not line:
            continue
        if is_heading(line):
            if paragraphs:
                sections.append(RawSection(title, tuple(paragraphs)))
            title, paragraphs = line, []
        else:
            paragraphs.append(line)
    if paragraphs:
        sections.append(RawSection(title, tuple(paragraphs)))
    return tuple(sections)
