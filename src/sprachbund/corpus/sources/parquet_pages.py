"""Where the pages of a Parquet file lie and how large they are, told from the headers without decompressing one.

A page is the least that any reader decompresses at once, and a file of a megabyte may have one of gigabytes. Polars
does not show the sizes, and pyarrow, which shows those of whole columns, is no dependency of ours; so the two Thrift
structures that have them are read here.

Source: https://github.com/apache/parquet-format, parquet.thrift: FileMetaData and PageHeader.
"""

import os
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"PAR1"
LARGEST_FOOTER, LARGEST_HEADER = 256 << 20, 16 << 20
_HEADER = 1 << 13
_DEEPEST = 32
_BROKEN = (IndexError, KeyError, TypeError, struct.error, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Some rows of a file that lie together.

    Attributes:
        first, rows: the number of the first, from 0, and how many there are.
        pages: of the columns that were asked for, by the row that a page begins with: that row and its bytes when
            decompressed. A dictionary counts as a page that begins with the first row.
    """

    first: int
    rows: int
    pages: tuple[tuple[int, int], ...]

    @property
    def largest(self) -> int:
        """Bytes of the largest page when decompressed."""
        return max((size for _, size in self.pages), default=0)

    def parts(self, size: int, rows: int) -> Iterator[tuple[int, int]]:
        """The rows as ranges that end where pages end, of at most ``size`` bytes (or one page) and ``rows`` rows."""
        start, held, end = self.first, 0, self.first + self.rows
        for first, bytes_of_page in (*self.pages, (end, 0)):
            at = min(first, end)
            while at - start > rows:
                yield start, start + rows
                start, held = start + rows, 0
            if at > start and (held + bytes_of_page > size or at == end):
                yield start, at
                start, held = at, 0
            held += bytes_of_page


def row_groups(path: Path, columns: Collection[str]) -> list[RowGroup]:
    """The row groups of a file with the pages of its top-level ``columns``.

    Raises:
        ValueError: the file is damaged, or encrypted.
        OSError: it cannot be read.
    """
    with path.open("rb") as handle:
        try:
            return list(_row_groups(handle, frozenset(columns)))
        except _BROKEN as error:
            raise ValueError(f"its metadata cannot be read ({type(error).__name__})") from None


def column_sizes(path: Path) -> dict[str, int]:
    """What each top-level column takes when decompressed, in the row group where that is most, as the file says.

    Raises:
        ValueError, OSError: as `row_groups`.
    """
    sizes: dict[str, int] = {}
    with path.open("rb") as handle:
        try:
            for group in _footer(handle).get(4, []):
                for column in group[1]:
                    about = column[3]
                    name = about[3][0].decode()
                    sizes[name] = max(sizes.get(name, 0), _whole(about[6]))
        except _BROKEN as error:
            raise ValueError(f"its metadata cannot be read ({type(error).__name__})") from None
    return sizes


def _footer(handle: BinaryIO) -> dict[int, Any]:
    size = os.fstat(handle.fileno()).st_size
    handle.seek(max(0, size - 8))
    end = handle.read(8)
    if len(end) < 8 or end[4:] != MAGIC:
        raise ValueError("it does not end as Parquet does, so that it is cut or encrypted")
    length = int.from_bytes(end[:4], "little")
    if length > min(size - 8, LARGEST_FOOTER):
        raise ValueError(f"its metadata would be {length:,} bytes")
    handle.seek(size - 8 - length)
    return _struct(handle.read(length), 0)[0]


def _row_groups(handle: BinaryIO, columns: frozenset[str]) -> Iterator[RowGroup]:
    first = 0
    for group in _footer(handle).get(4, []):
        rows = _whole(group[3])
        pages: list[tuple[int, int]] = []
        for column in group[1]:
            about = column[3]
            names = about[3]
            if len(names) == 1 and names[0].decode() in columns:
                start = min(at for at in (about[9], about.get(11)) if at)
                pages += _pages(handle, start, start + about[7], first, rows)
        yield RowGroup(first, rows, tuple(sorted(pages)))
        first += rows


def _pages(handle: BinaryIO, start: int, end: int, first: int, rows: int) -> Iterator[tuple[int, int]]:
    """The first row and the decompressed bytes of each page of a column of a row group."""
    row = first
    while start < end and row < first + rows:
        header, length = _page_header(handle, start)
        yield row, _whole(header[2])
        about = header.get(5) or header.get(8)
        if about:
            row += _whole(about[1])
        start += length + _whole(header[3])


def _page_header(handle: BinaryIO, start: int) -> tuple[dict[int, Any], int]:
    """A header, which has the least and greatest value of its page and so has no fixed length."""
    length = _HEADER
    while True:
        handle.seek(start)
        data = handle.read(length)
        try:
            return _struct(data, 0)
        except IndexError:
            if len(data) < length or length >= LARGEST_HEADER:
                raise
            length *= 8


def _whole(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("its metadata have a number that is none")
    return value


def _struct(data: bytes, at: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """The fields of a structure by their numbers, and where it ends."""
    fields: dict[int, Any] = {}
    number = 0
    while (head := data[at]) != 0:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _signed(data, at)
        kind = head & 15
        if kind in (1, 2):
            fields[number] = kind == 1
        else:
            fields[number], at = _value(data, at, kind, depth)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise ValueError("its metadata are nested too deep")
    if kind in (1, 2, 3):  # in a list a truth value is a byte
        return data[at], at + 1
    if kind in (4, 5, 6):
        return _signed(data, at)
    if kind == 7:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if kind == 8:
        length, at = _unsigned(data, at)
        if at + length > len(data):
            raise IndexError
        return data[at : at + length], at + length
    if kind in (9, 10):
        head = data[at]
        count, at = (head >> 4, at + 1) if head >> 4 < 15 else _unsigned(data, at + 1)
        if count > len(data) - at:
            raise IndexError
        items = []
        for _ in range(count):
            item, at = _struct(data, at, depth + 1) if head & 15 == 12 else _value(data, at, head & 15, depth + 1)
            items.append(item)
        return items, at
    if kind == 12:
        return _struct(data, at, depth + 1)
    raise ValueError(f"its metadata have a value of the unknown type {kind}")


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("its metadata have a number that is too long")


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(data, at)
    return (value >> 1) ^ -(value & 1), at
