"""Which format a file has: by what is in it, and by its name only where that cannot tell.

Markdown, a table in lines and a fragment of HTML are texts like any other to whoever looks at their first bytes.
"""

import codecs
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from sprachbund.corpus.sources.columns import TEXT_FIELDS, Columns, has_text
from sprachbund.corpus.sources.documents import without_compression
from sprachbund.corpus.sources.kinds import CODE, DATA, JSON, MARKUP, NoTextError, is_code, refuse
from sprachbund.corpus.sources.mail import BEGINS, is_message
from sprachbund.corpus.sources.packages import ARCHIVE, kind_of_zip
from sprachbund.corpus.sources.streams import compression_of, head, utf16_of
from sprachbund.corpus.sources.tables import is_table
from sprachbund.corpus.sources.values import load_json
from sprachbund.errors import SourceError

EMPTY, MEDIAWIKI, PARQUET, SECTIONS, WIKIPEDIA, SEGMENT_WIKI, TEXT = (
    "empty",
    "mediawiki-xml",
    "wikipedia-parquet",
    "sections-jsonl",
    "wikipedia-jsonl",
    "segment-wiki-jsonl",
    "text",
)
HTML, MARKDOWN, NOTEBOOK, SUBTITLES = "html", "markdown", "notebook", "subtitles"
TABLE, JSON_VALUES, MAIL, MBOX, PDF, RTF = "table", "json", "mail", "mbox", "pdf", "rtf"
SUPPORTED = (
    "MediaWiki XML, HTML, Markdown, notebooks, subtitles, Parquet or JSON Lines of Wikipedia (id, url, title, text), "
    "JSON Lines with sections, segment_wiki's JSON Lines or plain text, each plain or as gz, bz2, xz or zst"
)
EXPECTED_JSON = (
    "expected sections (id, lang, title, sections), Wikipedia's layout (id, url, title, text), segment_wiki's (title, "
    "section_titles, section_texts), or the field of the text named with --text"
)
_ZIP = b"PK\x03\x04"
_REFUSED = (
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"%PDF", "a PDF; extract its text first"),
)
_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)[\s/>]")
_PAGE = re.compile(rb"<!doctype\s+html|<(?:html|head|body)\b")
_KEYS = (("section_texts", SEGMENT_WIKI), ("sections", SECTIONS))
_SUBTITLES = re.compile(rb"WEBVTT(?:\s|$)|\d{1,9}[ \t]*\r?\n\d{1,3}:\d\d:\d\d[,.]\d{1,3} *--> *\d")
_NOTEBOOK = re.compile(rb'\{\s*"(?:cells|nbformat(?:_minor)?)"\s*:|.*?"nbformat"\s*:\s*[34]', re.S)
_ARRAY = re.compile(rb"\[\s*\{\s*[\"}]|\[\s*\Z")
_OPEN = re.compile(rb'\s*\{\s*("[^"]*"\s*:\s*(\[|\{|"[^"]*",|[^"\[{]*,)?\s*)?')
_ENDINGS = {
    TABLE: frozenset((".csv", ".tsv", ".tab")),
    HTML: frozenset((".html", ".htm", ".xhtml", ".xht", ".mht")),
    MARKDOWN: frozenset((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")),
}


def detect(path: Path, name: str | None = None, columns: Columns | None = None) -> str:
    """The format of a file, one of the constants above.

    Args:
        name: what it is called, where that is not the name of the path.
        columns: which column of a table is which, where that was said.

    Raises:
        NoTextError: it has no text; the message says what it is.
        SourceError: it is none that can be read; the message says what it is and what to do.
    """
    ending = PurePosixPath(without_compression(name or path.name).lower()).suffix
    with path.open("rb") as handle:
        raw = handle.read(512)
    refuse(path, raw)
    if raw.startswith(b"PAR1"):
        return PARQUET
    if raw.startswith(_ZIP):
        return kind_of_zip(path)
    if _is_tar(path, raw):
        return ARCHIVE
    text = _start(path, raw)
    if not text:
        return EMPTY
    if text.startswith(b"%PDF-"):
        return _with("pypdf", PDF, path)
    if text.startswith(b"{\\rtf"):
        return _with("striprtf", RTF, path)
    if text.startswith(b"<") and (markup := _markup(path, text, ending)):
        return markup
    if b"\0" in text:
        raise NoTextError(f"{path}: binary data of no format that is known; expected {SUPPORTED}", DATA)
    if text.startswith(b"{"):
        return _json(path, text, columns or Columns())
    if _ARRAY.match(text):
        return JSON_VALUES
    if _SUBTITLES.match(text):
        return SUBTITLES
    if BEGINS.match(text):
        return MBOX
    if is_message(text):
        return MAIL
    for format_name, endings in _ENDINGS.items():
        if ending in endings:
            return format_name
    beginning = text.decode("utf-8", "replace").replace("\r\n", "\n")
    return TABLE if ending != ".txt" and is_table(beginning, columns or Columns()) else TEXT


def _is_tar(path: Path, raw: bytes) -> bool:
    start = head(path, 512) if compression_of(raw) else raw
    return start[257:262] == b"ustar"


def _with(package: str, format_name: str, path: Path) -> str:
    """The format, where the package that reads it is installed."""
    if find_spec(package) is None:
        what = f"{format_name.upper()} files (pip install 'sprachbund[files]' reads them)"
        raise NoTextError(f"{path}: a {format_name.upper()} file; pip install 'sprachbund[files]' reads it", what)
    return format_name


def pass_over_code(path: Path, name: str) -> None:
    """Refuse a text that is code or settings by its name; only in folders, since whoever names a file means it.

    Raises:
        NoTextError: it is.
    """
    if is_code(name):
        raise NoTextError(f"{path}: code or settings; name the file itself to read it as text", CODE)


def refuse_binary(path: Path) -> bytes:
    """The first bytes of a text, decompressed and as UTF-8, for those who want lines and no documents.

    Raises:
        SourceError: what it is, where it is no text.
    """
    with path.open("rb") as handle:
        raw = handle.read(512)
    refuse(path, raw)
    _refuse(path, raw)
    if raw.startswith(b"PAR1"):
        raise SourceError(f"{path}: a Parquet table, where text is expected; write its column of text out first")
    text = _start(path, raw)
    _refuse(path, text)
    if b"\0" in text:
        raise SourceError(f"{path}: binary data, where text is expected")
    return text


def _start(path: Path, raw: bytes) -> bytes:
    """The first bytes without blanks before them, decompressed and as UTF-8; ``raw`` are those of the file itself."""
    start = head(path)
    if compression_of(raw):
        refuse(path, start)
    if start[257:262] == b"ustar":
        raise SourceError(f"{path}: a tar archive; unpack it first and name its files")
    if start.startswith(codecs.BOM_UTF32_LE):  # before UTF-16, whose mark it begins with
        start = start.decode("utf-32", "replace").encode()
    elif utf16_of(start):
        start = start.decode("utf-16", "replace").encode()
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()


def _refuse(path: Path, start: bytes) -> None:
    for magic, what in _REFUSED:
        if start.startswith(magic):
            raise SourceError(f"{path}: {what}")


def _markup(path: Path, text: bytes, ending: str) -> str | None:
    root = _ROOT.search(text)
    if root and root[1] == b"mediawiki":
        return MEDIAWIKI
    low = text[:2000].lower()
    if _PAGE.match(low) or b"<html" in low or ending in _ENDINGS[HTML]:
        return HTML
    if text.startswith(b"<?xml") or (root and text.startswith(root[0])):
        name = root[1].decode() if root else "?"
        raise NoTextError(
            f"{path}: markup that begins with <{name}>, not a page or a MediaWiki dump; expected {SUPPORTED}", MARKUP
        )
    return None


def _json(path: Path, text: bytes, columns: Columns) -> str:
    """The layout of JSON by the fields of the first line, or by their names where it is too long."""
    if _NOTEBOOK.match(text):
        return NOTEBOOK
    line, end, _ = text.partition(b"\n")
    try:
        fields: Sequence[str] = sorted(load_json(line))
    except (ValueError, TypeError):
        if end and _OPEN.fullmatch(line):  # one value, written over many lines
            wanted = (columns.text or "sections", "sections", *TEXT_FIELDS[:4])
            if any(f'"{name}"'.encode() in text for name in wanted):
                return JSON_VALUES
            raise NoTextError(f"{path}: JSON without a field of text; {EXPECTED_JSON}", JSON) from None
        names = (*(name for name, _ in _KEYS), *filter(None, (columns.text,)), *TEXT_FIELDS)
        fields = [name for name in names if f'"{name}"'.encode() in text]
    for name, found in _KEYS:
        if name in fields:
            return found
    if has_text(fields, columns):
        return WIKIPEDIA
    raise NoTextError(
        f"{path}: JSON with the fields {', '.join(fields[:12]) or 'none'}; {EXPECTED_JSON}",
        JSON,
    )
