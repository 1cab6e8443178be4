"""Which format a file has, by what is in it and never by its name."""

import re
from pathlib import Path

from sprachbund.corpus.sources.streams import compression_of, head, utf16_of
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
NEED_LANG = frozenset({TEXT, SEGMENT_WIKI})
"""Formats that never say which language they are in."""
SUPPORTED = (
    "MediaWiki XML, Parquet or JSON Lines of Wikipedia (id, url, title, text), JSON Lines with sections, "
    "segment_wiki's JSON Lines or plain text, each plain or as gz, bz2, xz or zst"
)
_REFUSED = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which cannot be read as a stream; unpack it first (7z x FILE)"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"Rar!", "a rar archive; unpack it first"),
    (b"%PDF", "a PDF; extract its text first"),
    (b"\x89PNG", "a PNG image, which has no text"),
    (b"\xff\xd8\xff", "a JPEG image, which has no text"),
    (b"GIF87a", "a GIF image, which has no text"),
    (b"GIF89a", "a GIF image, which has no text"),
    (b"\x93NUMPY", "a numpy array, which has no text"),
    (b"SQLite format 3\0", "an SQLite database; write its text out first"),
    (b"\x04\x22\x4d\x18", "an lz4 file; unpack it first (lz4 -d FILE)"),
)
_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)[\s/>]")
_KEYS = (("section_texts", SEGMENT_WIKI), ("sections", SECTIONS), ("text", WIKIPEDIA))


def detect(path: Path) -> str:
    """The format of a file, one of the constants above.

    Raises:
        SourceError: it is none that can be read; the message says what it is and what to do.
    """
    with path.open("rb") as handle:
        raw = handle.read(512)
    _refuse(path, raw)
    if raw.startswith(b"PAR1"):
        return PARQUET
    text = _start(path, raw)
    if not text:
        return EMPTY
    if text.startswith(b"<") and (markup := _markup(path, text)):
        return markup
    if b"\0" in text:
        raise SourceError(f"{path}: binary data of no format that is known; expected {SUPPORTED}")
    if text.startswith(b"{"):
        return _json(path, text)
    if re.match(rb"\[\s*[{\[]", text):
        raise SourceError(f"{path}: a JSON array; expected JSON Lines, an object a line (jq -c '.[]' makes them)")
    return TEXT


def refuse_binary(path: Path) -> bytes:
    """The first bytes of a text, decompressed and as UTF-8, for those who want lines and no documents.

    Raises:
        SourceError: what it is, where it is no text.
    """
    with path.open("rb") as handle:
        raw = handle.read(512)
    _refuse(path, raw)
    if raw.startswith(b"PAR1"):
        raise SourceError(f"{path}: a Parquet table, where text is expected; write its column of text out first")
    text = _start(path, raw)
    if b"\0" in text:
        raise SourceError(f"{path}: binary data, where text is expected")
    return text


def _start(path: Path, raw: bytes) -> bytes:
    """The first bytes without blanks before them, decompressed and as UTF-8; ``raw`` are those of the file itself."""
    start = head(path)
    if compression_of(raw):
        _refuse(path, start)
    if start[257:262] == b"ustar":
        raise SourceError(f"{path}: a tar archive; unpack it first and name its files")
    if utf16_of(start):
        start = start.decode("utf-16", "replace").encode()
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()


def _refuse(path: Path, start: bytes) -> None:
    for magic, what in _REFUSED:
        if start.startswith(magic):
            raise SourceError(f"{path}: {what}")


def _markup(path: Path, text: bytes) -> str | None:
    root = _ROOT.search(text)
    if root and root[1] == b"mediawiki":
        return MEDIAWIKI
    low = text[:2000].lower()
    if low.startswith(b"<!doctype html") or re.match(rb"<(html|head|body)\b", low) or b"<html" in low:
        raise SourceError(f"{path}: an HTML page, not a dump; an error page of the server that it was fetched from?")
    if text.startswith(b"<?xml") or (root and text.startswith(root[0])):
        name = root[1].decode() if root else "?"
        raise SourceError(f"{path}: markup that begins with <{name}>, not a MediaWiki dump; expected {SUPPORTED}")
    return None


def _json(path: Path, text: bytes) -> str:
    """The layout of JSON Lines by the fields of the first line, or by their names where it is too long."""
    line, _, _ = text.partition(b"\n")
    try:
        fields = set(load_json(line))
    except (ValueError, TypeError):
        fields = {name for name, _ in _KEYS if f'"{name}"'.encode() in text}
    for name, found in _KEYS:
        if name in fields:
            return found
    raise SourceError(
        f"{path}: JSON with the fields {', '.join(sorted(fields)) or 'none'}; expected sections (id, lang, "
        "title, sections), Wikipedia's layout (id, url, title, text) or segment_wiki's (title, "
        "section_titles, section_texts)"
    )
