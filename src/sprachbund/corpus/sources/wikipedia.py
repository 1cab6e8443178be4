"""The `wikimedia/wikipedia` layout: id, url, title and cleaned text, as JSON Lines or as Parquet.

The layout lost the marks of headings and lists, but not their lines: a heading is a short line of its own
that no sentence ends, and so is an item of a list. `text_sections` takes such a line for the heading of a
new section; a run of list items thus becomes sections without text, which are not kept. A sentence that an
author left without a full stop is lost where it is that short.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import polars as pl

from sprachbund.corpus.sources.documents import (
    Dropped,
    Line,
    Note,
    RawDocument,
    RawSection,
    Record,
    Row,
    Source,
    Tally,
)
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.sources.lines import parse_object
from sprachbund.errors import SourceError

PARQUET_COLUMNS = ("id", "url", "title", "text")
ROWS_AT_ONCE = 2_000
_SPECIAL = {"www", "commons", "meta", "incubator", "species", "wikidata"}


def parse_wikipedia(record: Record) -> RawDocument | Dropped:
    """A document of the layout, from a line of JSON or a row of a table."""
    if isinstance(record, Line):
        value = parse_object(record)
        if isinstance(value, Dropped):
            return value
        if not isinstance(value.get("text"), str):
            return Dropped("not of this format", f"line {record.number}: expected a string in the field text")
        title, text = str(value.get("title") or ""), str(value["text"])
        name = str(value.get("id") or value.get("url") or title)
        url, lang = str(value.get("url") or ""), value.get("lang")
        said = str(lang) if lang else language_of_url(url)
    else:
        assert isinstance(record, Row)
        name, title, text, said = record.id, record.title, record.text, language_of_url(record.url)
    if not name:
        return Dropped("not of this format", f"neither id, url nor title: {text[:40]!r}")
    return RawDocument(name, said, title, None, text_sections(text))


def language_of_url(url: str) -> str | None:
    """The language of a Wikimedia address: ``https://be-tarask.wikipedia.org/wiki/...`` has be-tarask."""
    host = (urlsplit(url).hostname or "").split(".")
    if len(host) < 3 or not host[-2].startswith("wik") or host[0] in _SPECIAL:
        return None
    return host[0]


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


def cut_parquet(source: Source) -> Iterator[Row | Dropped | Note | Tally]:
    """The rows of a Parquet file with the columns id, url, title and text; id and url may be missing.

    Raises:
        SourceError: the file has no column ``text`` or ``title``, or is damaged.
    """
    try:
        found = pl.read_parquet_schema(source.path)
        if "text" not in found or "title" not in found:
            raise SourceError(
                f"{source.path}: Parquet with the columns {', '.join(found)}; expected {', '.join(PARQUET_COLUMNS)}"
            )
        columns = [name for name in PARQUET_COLUMNS if name in found]
        table = pl.scan_parquet(source.path).select(pl.col(columns).cast(pl.String).fill_null(""))
        rows = int(table.select(pl.len()).collect().item())
        size = source.path.stat().st_size
        for start in range(0, rows, ROWS_AT_ONCE):
            part = table.slice(start, ROWS_AT_ONCE).collect()
            for row in part.iter_rows(named=True):
                name = row.get("id") or row.get("url") or row["title"]
                yield Row(name, row.get("url") or "", row["title"], row["text"])
            source.moved(size * min(rows, start + ROWS_AT_ONCE) // rows)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"{source.path}: damaged, not readable as Parquet ({error})") from None
