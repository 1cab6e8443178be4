"""Which field or column of a record is its text, its title, its id: by names that people give them, or as was said.

JSON Lines, tables in lines and Parquet differ in how a record is written and in nothing else. Names are compared in any
case. What has no part of its own (anything but text, title, id and language) is kept as metadata under its own name;
address, date and author under `url`, `date` and `author`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sprachbund.corpus.segment import normalise
from sprachbund.corpus.sources.siteinfo import language_of_url
from sprachbund.corpus.sources.values import ID_FIELDS, LANG_FIELDS, identifier, iso_date, plain_text
from sprachbund.errors import SettingsError

TEXT_FIELDS = (
    *("text", "content", "body", "abstract"),
    *("contents", "passage", "document", "article", "sentence", "description", "summary", "message", "comment"),
)
TITLE_FIELDS = ("title", "name", "headline", "subject")
URL_FIELDS = ("url", "link", "uri", "href")
DATE_FIELDS = ("date", "published", "pubdate", "datetime", "created", "created_at", "timestamp", "year")
LONGEST_DATE = 100
_USUAL = 100  # fields of a record; the parts of one with more are not remembered
GROUP = "group"
AUTHOR_FIELDS = ("author", "authors", "creator", "byline")


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of columns, or of fields of JSON, that were said; an empty one is found by itself.

    Attributes:
        text: what is read. title: of the document. id: its id. lang: the code of its language.
    """

    text: str = ""
    title: str = ""
    id: str = ""
    lang: str = ""


NONE_SAID = Columns()


def chosen(said: "Columns | Mapping[str, str] | None") -> Columns:
    """Columns from what a caller gives: ``{"text": "body", "id": "key"}``.

    Raises:
        SettingsError: a part that there is not, or a name that is no text.
    """
    if said is None or isinstance(said, Columns):
        return said or NONE_SAID
    parts = [field.name for field in fields(Columns)]
    for part, name in said.items():
        if part not in parts:
            raise SettingsError(f"columns has no part {part!r}; there are: {', '.join(parts)}")
        if not isinstance(name, str):
            raise SettingsError(f"columns: expected the name of the column of {part}, found {name!r}")
    return Columns(**said)


@dataclass(frozen=True, slots=True)
class Parts:
    """The names that the parts of a record have in it; empty, or none, where it has no such part.

    Attributes:
        ids, langs: in the order in which they are looked at: the first with a value counts.
        meta: what is kept of a record besides, as pairs of its name there and its name here.
    """

    text: str
    title: str
    ids: tuple[str, ...]
    langs: tuple[str, ...]
    url: str
    group: str
    meta: tuple[tuple[str, str], ...]


def parts_of(names: tuple[str, ...], columns: Columns) -> Parts:
    """The parts of a record with fields of these names."""
    return _remembered(names, columns) if len(names) <= _USUAL else _parts(names, columns)


def _parts(names: tuple[str, ...], columns: Columns) -> Parts:
    have: dict[str, str] = {}
    for name in names:
        have.setdefault(name.casefold().strip(), name)

    def found(said: str, usual: Sequence[str]) -> tuple[str, ...]:
        if said:
            return (said,) if said in names else tuple(have[key] for key in (said.casefold().strip(),) if key in have)
        return tuple(have[name] for name in usual if name in have)

    text, title, ids, langs = (
        found(columns.text, TEXT_FIELDS),
        found(columns.title, TITLE_FIELDS),
        found(columns.id, ID_FIELDS),
        found(columns.lang, (*LANG_FIELDS, "locale", "lang_code", "language_code")),
    )
    one = {"text": text[:1], "title": [name for name in title if name not in text[:1]][:1], "id": ids, "lang": langs}
    used = {name for group in one.values() for name in group}
    known = {"url": found("", URL_FIELDS), "date": found("", DATE_FIELDS), "author": found("", AUTHOR_FIELDS)}
    meta = [(group[0], name) for name, group in known.items() if group and group[0] not in used]
    taken = {name for name, _ in meta} | used
    meta += [(name, name) for name in names if name not in taken]
    return Parts(
        text="".join(one["text"]),
        title="".join(one["title"]),
        ids=tuple(ids),
        langs=tuple(langs),
        url="".join(known["url"][:1]),
        group="" if have.get(GROUP) in used else have.get(GROUP, ""),
        meta=tuple(meta),
    )


_remembered = lru_cache(maxsize=256)(_parts)


def has_text(names: Iterable[str], columns: Columns) -> bool:
    """Whether records with fields of these names have one for their text."""
    return bool(parts_of(tuple(names), columns).text)


def name_of(record: Mapping[str, Any], parts: Parts) -> str:
    """The id of a record: that of a field made for it, else the address, else the title, else nothing.

    Raises:
        TypeError: the id is a list or an object.
    """
    for name in parts.ids:
        if found := identifier(record.get(name)):
            return found
    return next((found for name in (parts.url, parts.title) if (found := normalise(plain_text(record.get(name))))), "")


def group_of(record: Mapping[str, Any], parts: Parts) -> str:
    """The group that a record claims, else nothing; a list or an object is none."""
    try:
        return identifier(record.get(parts.group))
    except TypeError:
        return ""


def language_of(record: Mapping[str, Any], parts: Parts) -> str | None:
    """The language that a record claims: in a field made for it, else in its address, else None."""
    said = next(filter(None, (plain_text(record.get(name)).strip() for name in parts.langs)), "")
    return said or language_of_url(plain_text(record.get(parts.url)))


def meta_of(record: Mapping[str, Any], parts: Parts) -> dict[str, str]:
    """What else a record says, by name; what is no text and no number is left out."""
    found: dict[str, str] = {}
    for name, called in parts.meta:
        value = record.get(name)
        if value is None or isinstance(value, bytes | list | dict):
            continue
        text = str(value).strip()
        if text and text != "nan":
            found.setdefault(called, iso_date(text[:LONGEST_DATE]) if called == "date" else text)
    return found


def missing(names: Sequence[str], columns: Columns) -> str:
    """What to say of a table without a column of text: the columns that it has, and what to do."""
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12:,} more" if len(names) > 12 else "")
    wanted = f"one called {columns.text}" if columns.text else f"one called {', '.join(TEXT_FIELDS[:4])} or the like"
    return f"the columns {listed or '(none)'}; expected {wanted}, or its name with --text"
