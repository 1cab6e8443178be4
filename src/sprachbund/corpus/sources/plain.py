"""Plain text: a file is a document of one section, a blank line ends a paragraph."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from sprachbund.corpus.sources.documents import (
    Dropped,
    Note,
    RawDocument,
    RawSection,
    Record,
    Source,
    Tally,
    Whole,
    endings,
)
from sprachbund.corpus.sources.streams import Stream, Utf8
from sprachbund.errors import SourceError

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def cut_plain(source: Source) -> Iterator[Whole | Dropped | Note | Tally]:
    """The whole file as one record; what a truncated one has is kept.

    Raises:
        SourceError: the text is longer than one record may be.
    """
    stream, utf8 = Stream(source.path, source.limits, source.moved), Utf8()
    data = bytearray()
    for piece in utf8(stream):
        data += piece
        if len(data) > source.limits.record:
            raise SourceError(
                f"{source.path}: plain text of more than {source.limits.record:,} bytes, which would be one "
                "document; split it into a file a document, write it as JSON Lines, or raise --max-record and --memory"
            )
    if stream.broken:
        yield Note(f"{stream.broken}, at byte {stream.produced:,} of the decompressed text", fatal=True)
    yield from endings(stream, utf8)
    yield Whole(source.stem, bytes(data))


def parse_plain(record: Record) -> RawDocument:
    """The document that a plain text is."""
    assert isinstance(record, Whole)
    text = record.data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = tuple(paragraph for paragraph in _BLANK_LINE.split(text) if paragraph.strip())
    return RawDocument(record.id, None, PurePosixPath(record.id).name, None, (RawSection("", paragraphs),))
