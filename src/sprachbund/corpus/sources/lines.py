"""JSON Lines: the records are lines, whatever stands in them."""

import codecs
from collections.abc import Iterator

from sprachbund.corpus.sources.documents import Dropped, Line, Note, Source, Tally, endings
from sprachbund.corpus.sources.streams import Stream, Utf8
from sprachbund.corpus.sources.values import load_json
from sprachbund.errors import one_line


def cut_lines(source: Source) -> Iterator[Line | Dropped | Note | Tally]:
    """The lines of a JSON Lines file that are not blank, numbered from 1.

    A line longer than the record limit is dropped. A file that is cut gives its whole lines.
    """
    stream, utf8 = Stream(source.path, source.limits, source.moved), Utf8()
    number, rest, too_long = 0, bytearray(), False
    for piece in utf8(stream):
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            number += 1
            rest += piece[start:end]
            start = end + 1
            if too_long:
                yield Dropped("longer than the record limit", f"line {number}")
            elif rest.strip():
                yield Line(number, bytes(rest.removeprefix(codecs.BOM_UTF8)), source.stem, source.columns)
            rest, too_long = bytearray(), False
        if not too_long:
            rest += piece[start:]
            too_long = len(rest) > source.limits.record
        if too_long:
            rest = bytearray()
    if too_long:
        yield Dropped("longer than the record limit", f"line {number + 1}")
    elif rest.strip() and not stream.broken:
        number += 1
        yield Line(number, bytes(rest.removeprefix(codecs.BOM_UTF8)), source.stem, source.columns)
    if stream.broken:
        yield Note(
            f"{stream.broken}, at byte {stream.produced:,} of the decompressed text; {number:,} whole lines kept",
            fatal=True,
        )
    yield from endings(stream, utf8)


def parse_object(line: Line) -> dict[str, object] | Dropped:
    """The JSON object of a line."""
    try:
        value = load_json(line.data)
    except ValueError as error:
        return Dropped("broken JSON", f"line {line.number}: {one_line(error)}")
    if not isinstance(value, dict):
        return Dropped("broken JSON", f"line {line.number}: expected an object")
    return value
