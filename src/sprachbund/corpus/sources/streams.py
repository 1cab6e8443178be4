"""Bytes from a file, whatever it is compressed with, a bounded piece at a time.

The compression is told by the first bytes, never by the name. A file that ends too early or is damaged
gives all that could be decompressed, and says so in `Stream.broken`: a dump of which half came through is
still half a dump. A file that expands beyond its limits is refused, since that is how an archive fills a
disk.
"""

import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import zstandard

from sprachbund.errors import SourceError

PIECE = 1 << 18
DEFAULT_RATIO, DEFAULT_TOTAL, DEFAULT_RECORD = 200.0, 1 << 41, 256 << 20
RATIO_FROM = 64 << 20
MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a compressed file may grow to.

    Attributes:
        ratio: bytes out for a byte in, from 64 MiB out on; Wikimedia's dumps have 4 to 12. 0: no limit.
        total: bytes out of one file. 0: no limit.
        record: bytes of one page, line or plain text file, which has to fit into memory several times.
    """

    ratio: float = DEFAULT_RATIO
    total: int = DEFAULT_TOTAL
    record: int = DEFAULT_RECORD


class _Decompressor(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def complete(self) -> bool: ...


class _Members:
    """bzip2, xz and zstd: members one after another, each by a fresh decompressor of the library."""

    def __init__(self, make: Callable[[], "bz2.BZ2Decompressor | lzma.LZMADecompressor"]) -> None:
        self.make = make
        self.member: bz2.BZ2Decompressor | lzma.LZMADecompressor | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or (self.member is not None and not self.member.eof and not self.member.needs_input):
            if self.member is None:
                data = data.lstrip(b"\0")  # xz pads its members with zeros
                if not data:
                    return
                self.member = self.make()
            yield self.member.decompress(data, PIECE)
            data = b""
            if self.member.eof:
                data, self.member = self.member.unused_data, None

    def complete(self) -> bool:
        return self.member is None


class _Gzip:
    def __init__(self) -> None:
        self.member: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.member is None:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self.member = zlib.decompressobj(31)
            yield self.member.decompress(data, PIECE)
            if self.member.eof:
                data, self.member = self.member.unused_data, None
            else:
                data = self.member.unconsumed_tail

    def complete(self) -> bool:
        return self.member is None


class _Zstd:
    """A zstd frame may expand a few bytes to 128 KiB, so that it is fed little at a time."""

    FEED = 1 << 12

    def __init__(self) -> None:
        self.frame: zstandard.ZstdDecompressionObj | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.frame is None:
                self.frame = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
            few, data = data[: self.FEED], data[self.FEED :]
            yield self.frame.decompress(few)
            if self.frame.eof:
                data, self.frame = self.frame.unused_data + data, None

    def complete(self) -> bool:
        return self.frame is None


def _decompressor(compression: str) -> _Decompressor:
    if compression == "gzip":
        return _Gzip()
    if compression == "zstd":
        return _Zstd()
    return _Members(bz2.BZ2Decompressor if compression == "bzip2" else lzma.LZMADecompressor)


def compression_of(head: bytes) -> str | None:
    """The name of the compression that a file's first bytes tell, or None."""
    return next((name for magic, name in MAGIC if head.startswith(magic)), None)


class Stream:
    """The decompressed bytes of a file, to be iterated once.

    Attributes:
        compression: gzip, bzip2, xz, zstd or None.
        consumed: bytes of the file read so far.
        produced: decompressed bytes so far.
        broken: after the last piece: how the compressed data ended wrongly, or None.
    """

    def __init__(self, path: Path, limits: Limits, moved: Callable[[int], None] = lambda consumed: None) -> None:
        self.path, self.limits, self.moved = path, limits, moved
        self.consumed = self.produced = 0
        self.broken: str | None = None
        with path.open("rb") as handle:
            self.compression = compression_of(handle.read(8))

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as handle:
            decompressor = _decompressor(self.compression) if self.compression else None
            while data := handle.read(PIECE):
                self.consumed += len(data)
                self.moved(self.consumed)
                if decompressor is None:
                    self.produced += len(data)
                    yield data
                    continue
                try:
                    for piece in decompressor.feed(data):
                        self.produced += len(piece)
                        self._check()
                        if piece:
                            yield piece
                except (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
                    self.broken = f"damaged: the {self.compression} data cannot be read on ({error})"
                    return
            if decompressor is not None and not decompressor.complete():
                self.broken = f"truncated: the {self.compression} data end before their end mark"

    def _check(self) -> None:
        ratio, total = self.limits.ratio, self.limits.total
        if total and self.produced > total:
            raise SourceError(
                f"{self.path}: expands beyond the limit of {total:,} bytes; raise it if you trust the file"
            )
        if ratio and self.produced > RATIO_FROM and self.produced > ratio * self.consumed:
            raise SourceError(
                f"{self.path}: expands more than {ratio:g} times ({self.consumed:,} bytes to over "
                f"{self.produced:,}), as an archive bomb does; raise the ratio if you trust the file"
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
