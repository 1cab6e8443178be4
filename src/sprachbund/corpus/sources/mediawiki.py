"""MediaWiki XML dumps: pages as they stream by, articles only.

Expat reads the XML piece by piece, so that memory does not grow with the dump. A dump with a document type is
refused: Wikimedia writes none, and it is how entities expand or fetch. A page's newest revision counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from sprachbund.corpus.sources.documents import Dropped, Note, Page, RawDocument, Record, Source, Tally
from sprachbund.corpus.sources.streams import Stream, Utf8
from sprachbund.corpus.sources.wikipedia import language_of_url
from sprachbund.corpus.sources.wikitext import page_sections
from sprachbund.errors import SourceError

REDIRECT, NAMESPACE, TOO_LONG = "redirect", "other namespace", "longer than the record limit"
OTHER_MODEL = "no wikitext"
_PROJECT = re.compile(
    r"(?P<lang>.+?)(wikipedia|wikibooks|wikinews|wikiquote|wikisource|wikiversity|wikivoyage|wiktionary|wiki)$"
)
_NO_LANGUAGE = {"commons", "meta", "species", "wikidata", "incubator", "mediawiki"}
# English names work in every wiki, besides its own.
_CANONICAL = {
    2: "User",
    4: "Project",
    6: "File",
    8: "MediaWiki",
    10: "Template",
    12: "Help",
    14: "Category",
    100: "Portal",
    118: "Draft",
    710: "TimedText",
    828: "Module",
    -1: "Special",
    -2: "Media",
}
# XML forbids control characters; one of them should not cost the rest of a dump.
_BLANKED = bytes(32 if byte < 32 and byte not in (9, 10, 13) else byte for byte in range(256))
_KEPT_FIELDS = {"title", "ns", "id", "text", "timestamp", "model", "dbname", "base", "namespace"}


@dataclass
class _Header:
    """What <siteinfo> says."""

    dbname: str = ""
    base: str = ""
    xml_lang: str = ""
    namespaces: dict[int, str] = field(default_factory=dict)

    def language(self) -> str | None:
        match = _PROJECT.match(self.dbname.strip())
        if match and match["lang"] not in _NO_LANGUAGE:
            return match["lang"].replace("_", "-")
        return language_of_url(self.base.strip()) or self.xml_lang or None

    def dropped_links(self) -> frozenset[str]:
        """The prefixes of links to files, media and categories, whose text is no text of the article."""
        names = {_CANONICAL[key] for key in (6, 14, -2)} | {"Image"}
        names |= {self.namespaces[key] for key in (6, 14, -2) if key in self.namespaces}
        return frozenset(name.lower() for name in names)

    def namespace_of(self, title: str) -> int:
        """For dumps without <ns>: the namespace by the prefix of the title."""
        prefix, colon, _ = title.partition(":")
        if not colon:
            return 0
        prefix = prefix.strip().lower()
        for key, name in (*self.namespaces.items(), *_CANONICAL.items()):
            if name and name.lower() == prefix:
                return key
        return 1 if prefix == "talk" or prefix.endswith(" talk") else 0


@dataclass
class _Page:
    """A page while it is read."""

    start: int
    title: str = ""
    ns: int | None = None
    id: str = ""
    redirect: bool = False
    timestamp: str = ""
    model: str = ""
    text: str = ""
    too_long: bool = False


class _Reader:
    """The state of a dump being read; expat calls its methods, `ready` collects what they find."""

    def __init__(self, source: Source) -> None:
        self.limit = source.limits.record
        self.path = source.path
        self.header = _Header()
        self.ready: list[Page | Dropped] = []
        self.whole = 0
        self.page: _Page | None = None
        self.revision: dict[str, str] | None = None
        self.element: list[str] = []
        self.characters: list[str] | None = None
        self.length = 0
        self.key = 0
        self.links: frozenset[str] | None = None
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 16
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.doctype

    def doctype(self, *declaration: object) -> None:
        raise SourceError(f"{self.path}: has a document type (<!DOCTYPE>), which no MediaWiki dump has; refused")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.element.append(name)
        if name == "mediawiki":
            self.header.xml_lang = attributes.get("xml:lang", "")
        elif name == "page":
            self.page = _Page(self.parser.CurrentByteIndex)
        elif name == "redirect" and self.page:
            self.page.redirect = True
        elif name == "revision":
            self.revision = {}
        elif name in _KEPT_FIELDS:
            self.characters, self.length = [], 0
            if name == "namespace":
                self.key = int(attributes.get("key", "0"))

    def text(self, data: str) -> None:
        if self.characters is not None:
            self.length += len(data)
            if self.length <= self.limit:
                self.characters.append(data)

    def end(self, name: str) -> None:
        self.element.pop()
        if self.characters is not None and name in _KEPT_FIELDS:
            value, self.characters = "".join(self.characters), None
            self._value(name, value, self.element[-1] if self.element else "")
        if name == "revision" and self.page and self.revision is not None:
            self._revision(self.page, self.revision)
            self.revision = None
        elif name == "page" and self.page:
            self.whole += 1
            self.ready.append(self._finished(self.page))
            self.page = None

    def _value(self, name: str, value: str, parent: str) -> None:
        if parent == "revision" and self.revision is not None:
            self.revision[name] = value
            if name == "text" and self.length > self.limit:
                self.revision["too long"] = "yes"
        elif parent == "page" and self.page:
            if name == "title":
                self.page.title = value
            elif name == "id":
                self.page.id = value.strip()
            elif name == "ns" and value.strip().lstrip("-").isdigit():
                self.page.ns = int(value)
        elif name == "namespace":
            self.header.namespaces[self.key] = value
        elif name == "dbname":
            self.header.dbname = value
        elif name == "base":
            self.header.base = value

    def _revision(self, page: _Page, revision: dict[str, str]) -> None:
        stamp = revision.get("timestamp", "").strip()
        if stamp >= page.timestamp:
            page.timestamp, page.text = stamp, revision.get("text", "")
            page.model, page.too_long = revision.get("model", "").strip(), "too long" in revision

    def _finished(self, page: _Page) -> Page | Dropped:
        namespace = self.header.namespace_of(page.title) if page.ns is None else page.ns
        if namespace != 0:
            return Dropped(NAMESPACE, page.title)
        if page.redirect or page.text[:40].lstrip().lower().startswith("#redirect"):
            return Dropped(REDIRECT, page.title)
        if page.model not in ("", "wikitext"):
            return Dropped(OTHER_MODEL, page.title)
        if page.too_long:
            return Dropped(TOO_LONG, page.title)
        if self.links is None:
            self.links = self.header.dropped_links()
        return Page(page.id or page.title, self.header.language(), page.title, page.text, self.links)


def cut_mediawiki(source: Source) -> Iterator[Page | Dropped | Note | Tally]:
    """The articles of a dump; redirects and other namespaces are dropped and counted.

    A dump that ends in mid-page gives all its whole pages and a note with the place; so does a damaged one.
    """
    stream, utf8, reader = Stream(source.path, source.limits, source.moved), Utf8(), _Reader(source)
    error = ""
    try:
        for piece in utf8(stream):
            reader.parser.Parse(piece.translate(_BLANKED), False)
            yield from reader.ready
            reader.ready.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as problem:
        error = expat.errors.messages[problem.code]
    yield from reader.ready
    if note := _ending(stream, reader, error):
        yield Note(note, fatal=True)
    if utf8.replaced:
        yield Tally("broken UTF-8 replaced", utf8.replaced)


def _ending(stream: Stream, reader: _Reader, error: str) -> str | None:
    """What to say of a dump that does not end as it should, or None."""
    kept = f"{reader.whole:,} whole pages kept"
    if stream.broken and stream.broken.startswith("damaged"):
        return f"{stream.broken}, at byte {stream.produced:,} of the decompressed text; {kept}"
    if stream.broken or error in (expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_NO_ELEMENTS):
        place = f"mid-page (the page begins at byte {reader.page.start:,})" if reader.page else "mid-file"
        end = f"at byte {stream.produced:,} of the decompressed text"
        return f"truncated: the stream ends in {place} {end}; {kept}"
    if error:
        return (
            f"damaged: the XML cannot be read on at byte {reader.parser.ErrorByteIndex:,} of the "
            f"decompressed text ({error}); {kept}"
        )
    return None


def parse_mediawiki(record: Record) -> RawDocument | Dropped:
    """An article cleaned into sections and paragraphs."""
    assert isinstance(record, Page)
    sections = page_sections(record.text, record.dropped_links)
    if isinstance(sections, Dropped):
        return Dropped(sections.reason, f"{record.title}: {sections.detail}")
    return RawDocument(record.id, record.lang, record.title, None, sections)
