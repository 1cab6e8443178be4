"""Bytes from a file, whatever it is compressed with, a bounded piece at a time.

The compression is told by the first bytes, never by the name. A file that ends too early or is damaged
gives all that could be decompressed, and says so in `Stream.broken`: a dump of which half came through is
still half a dump. A file that expands beyond its limits is refused, since that is how an archive fills a
disk.
"""

import bz2
import codecs
import lzma
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from sprachbund.errors import SourceError, one_line

PIECE = 1 << 18
DEFAULT_RATIO, DEFAULT_TOTAL, DEFAULT_RECORD, DEFAULT_SECONDS = 200.0, 1 << 41, 256 << 20, 30.0
RATIO_FROM = 4 << 20
ZSTD_FEED, LONGEST_MAGIC = 1 << 10, 6
LARGEST_WINDOW = 1 << 31


@dataclass(frozen=True, slots=True)
class Limits:
    """What a compressed file may grow to, and what a record may take.

    Attributes:
        ratio: bytes out for a byte in, from 4 MiB out on (so many tiny records are seconds of work); Wikimedia's dumps
            have 4 to 12. 0: no limit.
        total: bytes out of one file. 0: no limit.
        record: bytes of one page, line or plain text file, which has to fit into memory several times.
        seconds: of the processor for one record, and as many again for each MiB that it has. 0: no limit.
        window: bytes that a decompressor may hold to look back into; zstd and xz let a file ask for gigabytes.
    """

    ratio: float = DEFAULT_RATIO
    total: int = DEFAULT_TOTAL
    record: int = DEFAULT_RECORD
    seconds: float = DEFAULT_SECONDS
    window: int = LARGEST_WINDOW


Pieces = Generator[bytes, None, bytes]
"""What a member gives of some data, a bounded piece at a time; returns what of the data stands behind its end."""


def _from_zlib(member: Any, data: bytes) -> Pieces:
    while data and not member.eof:
        yield member.decompress(data, PIECE)
        data = member.unconsumed_tail
    return bytes(member.unused_data)


def _from_stdlib(member: Any, data: bytes) -> Pieces:
    while (data or not member.needs_input) and not member.eof:
        yield member.decompress(data, PIECE)
        data = b""
    return bytes(member.unused_data)


def _from_zstd(member: Any, data: bytes) -> Pieces:
    """Four bytes of a frame may be 128 KiB of text, so that it is fed little at a time."""
    for start in range(0, len(data), ZSTD_FEED):
        yield member.decompress(data[start : start + ZSTD_FEED])
        if member.eof:
            return bytes(member.unused_data) + data[start + ZSTD_FEED :]
    return b""


@dataclass(frozen=True, slots=True)
class _Compression:
    """How a member begins, what decompresses it, and how that is fed."""

    magic: re.Pattern[bytes]
    make: Callable[[int], Any]
    feed: Callable[[Any, bytes], Pieces]


_COMPRESSIONS = {
    "gzip": _Compression(re.compile(rb"\x1f\x8b"), lambda window: zlib.decompressobj(31), _from_zlib),
    "bzip2": _Compression(re.compile(rb"BZh"), lambda window: bz2.BZ2Decompressor(), _from_stdlib),
    "xz": _Compression(
        re.compile(rb"\xfd7zXZ\x00"), lambda window: lzma.LZMADecompressor(memlimit=window), _from_stdlib
    ),
    # a skippable frame may stand wherever a frame may, and pzstd begins with one (RFC 8878, section 3.1.2)
    "zstd": _Compression(
        re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        lambda window: zstandard.ZstdDecompressor(max_window_size=window).decompressobj(),
        _from_zstd,
    ),
}


class _Members:
    """Members one after another, each by a fresh decompressor of the library; zeros may pad them.

    ``trailing``: what follows a whole member is none. It is passed over, as gzip and bzip2 themselves do.
    """

    def __init__(self, compression: _Compression, window: int) -> None:
        self.compression, self.window = compression, window
        self.member: Any = None
        self.border = b""
        self.members = 0
        self.trailing = False

    def feed(self, data: bytes, last: bool) -> Iterator[bytes]:
        """The text of the next data; ``last``: no more data come."""
        while not self.trailing:
            if self.member is None:
                self.border = (self.border + data).lstrip(b"\0")
                if not self.border or (len(self.border) < LONGEST_MAGIC and not last):
                    return
                if self.members and not self.compression.magic.match(self.border):
                    self.trailing = True
                    return
                self.member, data, self.border = self.compression.make(self.window), self.border, b""
                self.members += 1
            data = yield from self.compression.feed(self.member, data)
            if not self.member.eof:
                return
            self.member = None

    def complete(self) -> bool:
        return self.member is None


def compression_of(head: bytes) -> str | None:
    """The name of the compression that a file's first bytes tell, or None."""
    return next((name for name, one in _COMPRESSIONS.items() if one.magic.match(head)), None)


class Stream:
    """The decompressed bytes of a file, to be iterated once.

    Attributes:
        compression: gzip, bzip2, xz, zstd or None.
        consumed: bytes of the file read so far.
        produced: decompressed bytes so far.
        broken: after the last piece: how the compressed data ended wrongly, or None.
        trailing: after the last piece: something else follows the compressed data, and was passed over.
    """

    def __init__(self, path: Path, limits: Limits, moved: Callable[[int], None] = lambda consumed: None) -> None:
        self.path, self.limits, self.moved = path, limits, moved
        self.consumed = self.produced = 0
        self.broken: str | None = None
        self.trailing = False
        with path.open("rb") as handle:
            self.compression = compression_of(handle.read(8))

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as handle:
            members = _Members(_COMPRESSIONS[self.compression], self.limits.window) if self.compression else None
            while not self.trailing:
                data = handle.read(PIECE)
                self.consumed += len(data)
                self.moved(self.consumed)
                if members is None:
                    if not data:
                        return
                    self.produced += len(data)
                    yield data
                    continue
                try:
                    for piece in members.feed(data, last=not data):
                        self.produced += len(piece)
                        check_expansion(self.path, self.limits, self.consumed, self.produced)
                        if piece:
                            yield piece
                except (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
                    self.broken = f"damaged: the {self.compression} data cannot be read on ({one_line(error)})"
                    if "memory" in str(error).lower():
                        self.broken = (
                            f"too large to decompress: the {self.compression} data need more than "
                            f"{self.limits.window:,} bytes to look back into; raise --memory"
                        )
                    return
                self.trailing = members.trailing
                if not data:
                    break
            if members is not None and not members.complete():
                self.broken = f"truncated: the {self.compression} data end before their end mark"


def check_expansion(path: Path, limits: Limits, consumed: int, produced: int, since: int = RATIO_FROM) -> None:
    """Refuse a file of which ``consumed`` bytes have become so many.

    Raises:
        SourceError: they are beyond the limits.
    """
    ratio, total = limits.ratio, limits.total
    if total and produced > total:
        raise SourceError(f"{path}: expands beyond the limit of {total:,} bytes; raise it if you trust the file")
    if ratio and produced > since and produced > ratio * consumed:
        raise SourceError(
            f"{path}: expands more than {ratio:g} times ({consumed:,} bytes to over "
            f"{produced:,}), as an archive bomb does; raise the ratio if you trust the file"
        )


def head(path: Path, size: int = 1 << 16) -> bytes:
    """The first decompressed bytes of a file, at most ``size``; fewer where it is short or broken."""
    data = b""
    for piece in Stream(path, Limits()):
        data += piece
        if len(data) >= size:
            break
    return data[:size]


def utf16_of(start: bytes) -> bool:
    """Whether a file's first bytes are the mark of UTF-16."""
    return start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


class Utf8:
    """Bytes as valid UTF-8: what is valid as it is, UTF-16 with its mark recoded, the rest U+FFFD.

    ``replaced`` counts the replacements.
    """

    def __init__(self) -> None:
        self.replaced = 0
        self.tail = b""

    def __call__(self, stream: Stream) -> Iterator[bytes]:
        """The stream's bytes in pieces that end between code points; one that a cut parts is left out."""
        recode: codecs.IncrementalDecoder | None = None
        first = True
        for piece in stream:
            if first and utf16_of(piece):
                recode = codecs.getincrementaldecoder("utf-16")("replace")
            first = False
            if recode is not None:
                text = recode.decode(piece)
                self.replaced += text.count("\ufffd")
                yield text.encode()
            else:
                yield self._repair(self.tail + piece if self.tail else piece, last=False)
        if self.tail and not stream.broken:
            yield self._repair(self.tail, last=True)

    def _repair(self, data: bytes, last: bool) -> bytes:
        try:
            _, used = codecs.utf_8_decode(data, "strict", last)
        except UnicodeDecodeError:
            text, used = codecs.utf_8_decode(data, "replace", last)
            self.replaced += text.count("\ufffd") - data[:used].count(b"\xef\xbf\xbd")
            self.tail = data[used:]
            return text.encode()
        self.tail = data[used:]
        return data[:used]
