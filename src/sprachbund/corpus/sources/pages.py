"""The pages of MediaWiki XML, by expat, and on at the next page where expat cannot read on.

An error ends an XML parser. What follows the error up to the next `<page>` (or the next `<mediawiki>`, where dumps
were put one after another) is passed over, and a fresh parser begins there; the page that was being read is
dropped and counted. Memory is bounded by one page's limit, however the dump is broken: elements nested too deep and
tags that do not end are errors too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from sprachbund.corpus.sources.documents import Dropped, Page
from sprachbund.corpus.sources.siteinfo import CONVERTED, LinkPrefixes, SiteInfo
from sprachbund.errors import SourceError

REDIRECT, NAMESPACE, TOO_LONG = "redirect", "other namespace", "longer than the record limit"
OTHER_MODEL, BROKEN_XML = "no wikitext", "broken XML"
DEEPEST = 100
"""Elements inside each other; MediaWiki's have eight."""
LONGEST_TAG = 4 << 20
"""Bytes of one tag, which expat holds until it ends; MediaWiki's have a few hundred."""
LONGEST_FIELD = 4_096
"""Characters of a title, a name or a time: what is beyond is cut off. Titles have at most 255 bytes."""
_KEPT_FIELDS = {"title", "ns", "id", "text", "timestamp", "model", "dbname", "base", "namespace"}
_PRIMER = b"<mediawiki>"
_NEXT = re.compile(rb"<(?:page|mediawiki)(?=[\s/>])")


class _Unreadable(Exception):
    """Raised by a handler where the parser has to begin anew; the byte of its input and what is wrong."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place


@dataclass
class _Page:
    """A page while it is read; ``start`` counts bytes from the beginning of the dump."""

    start: int
    title: str = ""
    ns: int | None = None
    id: str = ""
    redirect: bool = False
    timestamp: str = ""
    model: str = ""
    text: str = ""
    too_long: bool = False


class Pages:
    """A dump being read: `feed` takes its bytes, `taken` gives what was found in them.

    Args:
        limit: characters of a page's text.
        lang: the language that was named, whatever the header says, or None.

    Attributes:
        whole: pages read to their end.
        page: the one that is being read, or None.
        damages: how many places could not be read.
        damage: the first of them: the bytes fed before it, and the problem; None where all could be read.
    """

    def __init__(self, path: Path, limit: int, lang: str | None = None) -> None:
        self.path, self.limit, self.lang = path, limit, lang
        self.header = SiteInfo()
        self.ready: list[Page | Dropped] = []
        self.whole = 0
        self.page: _Page | None = None
        self.damages = 0
        self.damage: tuple[int, str] | None = None
        self._between: tuple[int, str] | None = None
        # What the parser has not taken yet, a tag that is not whole, and the byte of the dump at which it begins.
        self._window, self._began = b"", 0
        self._links: LinkPrefixes | None = None
        self._begin(0, primed=False)

    def feed(self, data: bytes) -> None:
        """Read on. Raises SourceError where the dump has a document type."""
        if self._parser is None:
            data, self._window = self._window + data, b""
        while data:
            if self._parser is None:
                data = self._seek(data)
                continue
            self._window += data
            try:
                self._parser.Parse(data, False)
                read = self._place() - self._began
                self._window, self._began = self._window[read:], self._began + read
                if len(self._window) <= LONGEST_TAG:
                    return
                place, problem = self._began, f"a tag longer than {LONGEST_TAG:,} bytes"
            except expat.ExpatError as error:
                place, problem = self._origin + self._parser.ErrorByteIndex, expat.errors.messages[error.code]
            except _Unreadable as error:
                place, problem = error.place, str(error)
            data = self._lose(place, problem)

    def finish(self) -> bool:
        """Whether the dump ends too early; to be called after the last byte."""
        if self._parser is None:
            self._damaged(self._between)
            return False
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            return True
        return False

    def taken(self) -> Iterator[Page | Dropped]:
        """What was read since the last call."""
        yield from self.ready
        self.ready.clear()

    def _begin(self, place: int, primed: bool) -> None:
        """A fresh parser at a byte of the dump; primed, it is inside the root element."""
        self._first = place
        self._origin = place - len(_PRIMER) * primed
        self._element: list[str] = []
        self._revision: dict[str, str] | None = None
        self._characters: list[str] | None = None
        self._length = self._most = 0
        self._key = ""
        self._parser: expat.XMLParserType | None = expat.ParserCreate("UTF-8")
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        if hasattr(self._parser, "SetReparseDeferralEnabled"):  # tags are bounded, so that none is read again and again
            self._parser.SetReparseDeferralEnabled(False)
        if primed:
            self._parser.Parse(_PRIMER, False)
            self._element.append("mediawiki")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def _place(self) -> int:
        assert self._parser is not None
        return self._origin + self._parser.CurrentByteIndex

    def _lose(self, place: int, problem: str) -> bytes:
        """Give up the parser and the page that it was in; the bytes in which to look for the next."""
        if self._element:
            self._damaged((place, problem))
        else:  # no damage where another dump begins behind it
            self._between = place, problem
        if self.page:
            name = self.page.title or self.page.id or f"a page at byte {self.page.start:,}"
            self.ready.append(Dropped(BROKEN_XML, f"{name}: {problem}"))
            self.page = None
        self._parser = None
        # The tag at which this parser began would be an error again.
        read = min(max(place, self._first + 1, self._began) - self._began, len(self._window))
        data, self._window, self._began = self._window[read:], b"", self._began + read
        return data

    def _damaged(self, damage: tuple[int, str] | None) -> None:
        self.damages += damage is not None
        self.damage = self.damage or damage

    def _seek(self, data: bytes) -> bytes:
        """Begin at the next page or dump in ``data``; b"" where there is none yet."""
        found = _NEXT.search(data)
        if found is None:
            passed = max(0, len(data) - len(_PRIMER))
            self._window, self._began = data[passed:], self._began + passed
            return b""
        self._began += found.start()
        primed = found[0] == b"<page"
        if primed:
            self._damaged(self._between)
        self._between = None
        self._begin(self._began, primed)
        return data[found.start() :]

    def _doctype(self, *declaration: object) -> None:
        raise SourceError(f"{self.path}: has a document type (<!DOCTYPE>), which no MediaWiki dump has; refused")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("page", "mediawiki") and (self.page or (self._element and name == "mediawiki")):
            raise _Unreadable(self._place(), f"a <{name}> begins where an element is still open")
        self._element.append(name)
        if len(self._element) > DEEPEST:
            raise _Unreadable(self._place(), f"more than {DEEPEST} elements inside each other")
        if name == "mediawiki":
            self.header, self._links = SiteInfo(xml_lang=attributes.get("xml:lang", "")), None
        elif name == "page":
            self.page = _Page(self._place())
        elif name == "redirect" and self.page:
            self.page.redirect = True
        elif name == "revision":
            self._revision = {}
        elif name in _KEPT_FIELDS:
            self._characters, self._length = [], 0
            self._most = self.limit if name == "text" else LONGEST_FIELD
            self._key = attributes.get("key", "0")

    def _text(self, data: str) -> None:
        if self._characters is not None:
            room = self._most - self._length
            self._length += len(data)
            if room > 0:
                self._characters.append(data[:room])

    def _end(self, name: str) -> None:
        self._element.pop()
        if self._characters is not None and name in _KEPT_FIELDS:
            value, self._characters = "".join(self._characters), None
            self._value(name, value, self._element[-1] if self._element else "")
        if name == "revision" and self.page and self._revision is not None:
            _take_revision(self.page, self._revision)
            self._revision = None
        elif name == "page" and self.page:
            self.whole += 1
            self.ready.append(self._finished(self.page))
            self.page = None

    def _value(self, name: str, value: str, parent: str) -> None:
        if parent == "revision" and self._revision is not None:
            self._revision[name] = value
            if name == "text" and self._length > self.limit:
                self._revision["too long"] = "yes"
        elif parent == "page" and self.page:
            if name == "title":
                self.page.title = value
            elif name == "id":
                self.page.id = value.strip()
            elif name == "ns" and re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
                self.page.ns = int(value)
        elif name == "namespace":
            self.header.add_namespace(self._key, value)
        elif name == "dbname":
            self.header.dbname = value
        elif name == "base":
            self.header.base = value

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
        if self._links is None:
            self._links = self.header.link_prefixes()
        said = self.header.language()
        lang = self.lang or said
        variants = lang is None or lang.partition("-")[0] in CONVERTED
        return Page(page.id or page.title, said, page.title, page.text, self._links, variants)


def _take_revision(page: _Page, revision: dict[str, str]) -> None:
    """The newest revision is the page; of two with the same time the later one in the dump."""
    stamp = revision.get("timestamp", "").strip()
    if stamp >= page.timestamp:
        page.timestamp, page.text = stamp, revision.get("text", "")
        page.model, page.too_long = revision.get("model", "").strip(), "too long" in revision
