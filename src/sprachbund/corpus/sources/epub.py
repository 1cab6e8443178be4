"""EPUB: a book is a document, its chapters are sections, in the order in which they are read.

The language is the book's own (``dc:language``). Tables of contents are passed over: the one that says that it is one,
and chapters that are nearly all links. What is protected cannot be read, and says so.
"""

import re
from urllib.parse import unquote

from sprachbund.corpus.sources.blocks import Block, sections
from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import Dropped, RawDocument, RawSection, Record, Whole
from sprachbund.corpus.sources.html import read_page
from sprachbund.corpus.sources.office import about, beside
from sprachbund.corpus.sources.packages import DamagedError, Parts

_CONTAINER = "META-INF/container.xml"
_PAGES = frozenset(("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"))
_LINKS = 0.8
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})")


def parse_epub(record: Record) -> RawDocument | Dropped:
    """The document that a book is."""
    assert isinstance(record, Whole)
    try:
        parts = Parts(record.data)
        package = _package(parts)
        told = about(parts.events(package))
        found: list[RawSection] = []
        locked = 0
        for name in _chapters(parts, package):
            try:
                data = parts.read(name)
            except DamagedError:
                locked += 1
                continue
            found += sections(_chapter(data), told.title)
    except DamagedError as error:
        return Dropped("damaged", f"{record.label}: {error}")
    if not found and "META-INF/encryption.xml" in parts.names:
        return Dropped("protected", f"{record.label}: the book is encrypted")
    return RawDocument(
        id="",
        lang=told.lang or None,
        title=told.title or record.called,
        group=None,
        sections=tuple(found),
        place=record.id,
        meta=told.meta,
        whole=True,
        notes=("chapters that cannot be unpacked are left out",) if locked else (),
    )


def _package(parts: Parts) -> str:
    """The part that lists the others."""
    for kind, tag, said in parts.events(_CONTAINER):
        if kind == "start" and tag == "rootfile" and (name := said.get("full-path", "")) in parts.names:
            return name
    raise DamagedError("no part of it lists its chapters")


def _chapters(parts: Parts, package: str) -> list[str]:
    """The names of the chapters, in the order in which they are read."""
    pages: dict[str, str] = {}
    order: list[str] = []
    for kind, tag, said in parts.events(package):
        if kind != "start":
            continue
        if tag == "item" and said.get("media-type") in _PAGES and "nav" not in said.get("properties", "").split():
            pages[said.get("id", "")] = beside(package, unquote(said.get("href", "")))
        elif tag == "itemref":
            order.append(said.get("idref", ""))
    return [name for one in dict.fromkeys(order) if (name := pages.get(one, "")) in parts.names]


def _chapter(data: bytes) -> list[Block]:
    declared = _DECLARED.match(data)
    blocks = list(read_page(decode(data, declared[1].decode() if declared else "").text, whole=True).blocks)
    size = sum(len(block.text) for block in blocks)
    return [] if sum(block.linked for block in blocks) > _LINKS * size else blocks
