"""The `wikimedia/wikipedia` layout, and any other of rows with a text: id, url, title and cleaned text.

The layout lost the marks of headings and lists, but not their lines: a heading is a short line of its own
that no sentence ends, and so is an item of a list. `text_sections` takes such a line for the heading of a
new section; a run of list items thus becomes sections without text, which are not kept. A sentence that an
author left without a full stop is lost where it is that short, unless it is all that a row has.
"""

from collections.abc import Mapping
from typing import Any

from sprachbund.corpus.sources.columns import Columns, group_of, language_of, meta_of, name_of, parts_of
from sprachbund.corpus.sources.documents import Dropped, Line, RawDocument, RawSection, Record, Row
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.sources.lines import parse_object
from sprachbund.corpus.sources.values import plain_text


def parse_wikipedia(record: Record) -> RawDocument | Dropped:
    """A document of the layout, from a line of JSON or a row of a table."""
    if isinstance(record, Line):
        value = parse_object(record)
        row = value if isinstance(value, Dropped) else row_of(value, record.columns, record.number, record.stem)
        if isinstance(row, Dropped):
            reason = row.detail.removeprefix("row ").partition(": ")[2]
            return row if isinstance(value, Dropped) else Dropped(row.reason, f"{record.label}: {reason}")
    else:
        assert isinstance(record, Row)
        row = record
    place = f"{row.stem}:{row.number}"
    return RawDocument(
        row.id, row.lang or None, row.title, row.group or None, text_sections(row.text), place, dict(row.meta)
    )


def row_of(fields: Mapping[str, Any], columns: Columns, number: int, stem: str) -> Row | Dropped:
    """The row that a record is, or why it is none."""
    parts = parts_of(tuple(fields), columns)
    text = fields.get(parts.text)
    if not parts.text or not isinstance(text, str):
        wanted = parts.text or columns.text or "text"
        return Dropped("not of this format", f"row {number}: expected a string in the field {wanted}")
    try:
        name = name_of(fields, parts)
    except TypeError:
        return Dropped("not of this format", f"row {number}: expected an id of letters or digits")
    title, lang = plain_text(fields.get(parts.title)), language_of(fields, parts) or ""
    return Row(number, name, lang, title, text, stem, tuple(meta_of(fields, parts).items()), group_of(fields, parts))


def text_sections(text: str) -> tuple[RawSection, ...]:
    """Sections and paragraphs of a text whose headings are lines: see the module's docstring."""
    sections: list[RawSection] = []
    title: str = ""
    paragraphs: list[str] = []
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    for line in lines:
        if is_heading(line):
            if paragraphs:
                sections.append(RawSection(title, tuple(paragraphs)))
            title, paragraphs = line, []
        else:
            paragraphs.append(line)
    if paragraphs:
        sections.append(RawSection(title, tuple(paragraphs)))
    return tuple(sections) or ((RawSection("", tuple(lines)),) if lines else ())
