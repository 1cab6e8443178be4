"""Files that are one document each, and the plain text among them: a document of one section, a blank line ends a
paragraph."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import Dropped, Note, RawDocument, RawSection, Record, Source, Tally, Whole
from sprachbund.corpus.sources.streams import Stream
from sprachbund.errors import SourceError

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def cut_whole(source: Source) -> Iterator[Whole | Dropped | Note | Tally]:
    """The whole file as one record, decompressed; what a truncated one has is kept.

    Raises:
        SourceError: it is longer than one record may be.
    """
    stream = Stream(source.path, source.limits, source.moved)
    data = bytearray()
    for piece in stream:
        data += piece
        if len(data) > source.limits.record:
            raise SourceError(
                f"{source.path}: more than {source.limits.record:,} bytes, which would be one document; split it "
                "into a file a document, write it as JSON Lines, or raise --max-record and --memory"
            )
    if stream.broken:
        yield Note(f"{stream.broken}, at byte {stream.produced:,} of the decompressed text", fatal=True)
    if stream.trailing:
        yield Note(f"what follows the {stream.compression} data is none of it, and was not read")
    yield Whole(source.plain, bytes(data))


def parse_plain(record: Record) -> RawDocument:
    """The document that a plain text is."""
    assert isinstance(record, Whole)
    decoded = decode(record.data)
    name = PurePosixPath(record.id)
    stem = name.with_suffix("") if name.suffix.lower() in (".txt", ".text") else name
    return RawDocument(
        id=str(stem),
        lang=None,
        title=stem.name,
        group=None,
        sections=(RawSection("", paragraphs(decoded.text)),),
        place=record.id,
        whole=True,
        notes=decoded.notes,
        replaced=decoded.replaced,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, which blank lines part."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return tuple(paragraph for paragraph in _BLANK_LINE.split(text) if paragraph.strip())
