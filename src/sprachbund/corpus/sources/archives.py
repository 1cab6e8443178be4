"""Archives, zip and tar (plain or compressed): their members are read as the files of a folder are.

A member is copied to a temporary file of ours, whatever it is called, and read like any other file: its name is only
what its documents are called by. What a reader may take, members, bytes, growth and depth, is counted over all of the
archive, so that neither one member nor many, nor archives in archives, take more than a file may.
"""

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from sprachbund.corpus.sources import detect
from sprachbund.corpus.sources.documents import (
    Dropped,
    Member,
    Note,
    PassedOver,
    RawDocument,
    Record,
    Source,
    Tally,
)
from sprachbund.corpus.sources.kinds import NoTextError, is_left_out
from sprachbund.corpus.sources.packages import ARCHIVE, DamagedError, open_zip
from sprachbund.corpus.sources.streams import PIECE, Stream, check_expansion
from sprachbund.errors import SourceError
from sprachbund.files import writable

MEMBERS = 100_000
"""Of one archive; what is beyond is not read, and that is said."""
DEPTH = 3
"""Archives in archives."""
HEADERS = 4 << 20
"""Bytes that tar may have between two members, for long names and the like."""
ALL_FROM = 64 << 20
"""Bytes out of an archive with all that is in it, from which on its ratio counts; that of a compressed member counts
earlier."""
NOTES = 20
_UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)

Item = Member | Dropped | Note | Tally | PassedOver


@dataclass
class Spent:
    """What has been unpacked of an archive, with all that is in it."""

    source: Source
    size: int
    produced: int = 0
    members: int = 0

    def add(self, count: int) -> None:
        """Raises: SourceError: it is more than a file may expand to."""
        self.produced += count
        check_expansion(self.source.path, self.source.limits, self.size, self.produced, ALL_FROM)

    def left(self) -> int:
        """Bytes that a compressed member may still expand to; 0: no limit."""
        limits = self.source.limits
        by_ratio = max(ALL_FROM, int(limits.ratio * self.size)) if limits.ratio else 0
        allowed = min(filter(None, (limits.total, by_ratio)), default=0)
        return max(1, allowed - self.produced) if allowed else 0


def cut_archive(source: Source) -> Iterator[Item]:
    """The records of all members, each with the format of its member.

    Raises:
        SourceError: it is damaged from the beginning, or expands beyond the limits.
    """
    spent = Spent(source, source.path.stat().st_size)
    notes = 0
    with tempfile.TemporaryDirectory(prefix="sprachbund-") as folder:
        for item in _archive(source, spent, Path(folder), 1):
            if isinstance(item, Note):
                notes += 1
                if notes > NOTES:
                    continue
            yield item
    if notes > NOTES:
        yield Note(f"{notes - NOTES:,} more of its members have warnings")


def parse_member(record: Record) -> RawDocument | Dropped:
    """The document that a record of a member is."""
    from sprachbund.corpus.sources.formats import FORMATS

    assert isinstance(record, Member)
    return FORMATS[record.format].parse(record.record)


def _archive(source: Source, spent: Spent, folder: Path, depth: int) -> Iterator[Item]:
    with source.path.open("rb") as handle:
        is_zip = handle.read(4) == b"PK\x03\x04"
    place = folder / f"member-{depth}"
    for name in unzipped(source, place, spent) if is_zip else untarred(source, place, spent):
        if isinstance(name, Dropped | Note):
            yield name
            continue
        spent.members += 1
        if spent.members > MEMBERS:
            yield Note(f"more than {MEMBERS:,} members; the rest is not read", fatal=True)
            return
        yield from _member(source, name, place, spent, folder, depth)


def _member(source: Source, name: str, place: Path, spent: Spent, folder: Path, depth: int) -> Iterator[Item]:
    """The records of one member, which has been copied to ``place``."""
    from sprachbund.corpus.sources.formats import FORMATS

    called = f"{source.name}/{name}"
    limits = replace(source.limits, total=spent.left())
    inner = Source(place, called, source.lang, limits, lambda consumed: None, source.memory, source.columns)
    try:
        format_name = detect.detect(place, name, source.columns)
        if format_name == detect.TEXT:
            detect.pass_over_code(place, name)
        if format_name == detect.EMPTY:
            yield Dropped("empty", called)
        elif format_name != ARCHIVE:
            for item in FORMATS[format_name].cut(inner):
                if isinstance(item, Note):
                    yield Note(f"{name}: {item.text}", item.fatal)
                elif isinstance(item, Dropped):
                    yield Dropped(item.reason, f"{name}: {item.detail}" if item.detail else name)
                elif isinstance(item, Tally | PassedOver):
                    yield item
                elif not isinstance(item, Member):  # archives in archives are read below
                    spent.add(item.size if inner.limits.ratio else 0)
                    yield Member(format_name, item)
        elif depth < DEPTH:
            yield from _archive(inner, spent, folder, depth + 1)
        else:
            yield Note(f"{name}: an archive in {DEPTH} others; not read", fatal=True)
    except NoTextError as error:
        yield PassedOver(error.kind, called)
    except SourceError as error:
        if str(error).startswith(f"{spent.source.path}: "):  # the limits of all of the archive
            raise
        yield Note(f"{name}: {str(error).removeprefix(f'{place}: ')}; not read", fatal=True)


def unzipped(source: Source, place: Path, spent: Spent) -> Iterator[str | Dropped | Note]:
    """The members of a zip archive: the name of each, once it lies at ``place``."""
    try:
        with source.path.open("rb") as handle, open_zip(handle) as archive:
            members = archive.infolist()
            for number, member in enumerate(members):
                name = _name(member.filename)
                if not member.is_dir() and name and not is_left_out(name):
                    if member.flag_bits & 1:
                        yield Dropped("protected", f"{name}: it opens with a password only")
                        continue
                    try:
                        with archive.open(member) as content:
                            _copy(content, place, spent)
                    except _UNREADABLE as error:
                        yield Dropped("damaged", f"{name}: cannot be unpacked ({error})")
                        continue
                    yield name
                source.moved(spent.size * number // len(members))
    except DamagedError as error:
        raise SourceError(f"{source.path}: a damaged zip archive: {error}") from None


def untarred(source: Source, place: Path, spent: Spent) -> Iterator[str | Dropped | Note]:
    """The members of a tar archive, as `unzipped`."""
    stream = Stream(source.path, source.limits, source.moved)
    reader = _Reader(stream)
    try:
        with tarfile.open(fileobj=reader, mode="r|", errors="surrogateescape") as archive:  # type: ignore[call-overload]
            while True:
                reader.left = HEADERS
                member = archive.next()
                archive.members = []  # or all of them are remembered
                reader.left = None
                if member is None:
                    break
                name = _name(member.name)
                content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
                if content is not None:
                    _copy(content, place, spent)
                    if name and not is_left_out(name):
                        yield name
    except (tarfile.TarError, *_UNREADABLE) as error:
        if isinstance(error, SourceError):
            raise
        why = stream.broken or f"damaged: the tar archive cannot be read on ({error})"
        yield Note(f"{why}; the members before are kept", fatal=True)
    if stream.trailing:
        yield Note(f"what follows the {stream.compression} data is none of it, and was not read")


def _copy(content: IO[bytes], place: Path, spent: Spent) -> None:
    with place.open("wb") as copy:
        while piece := content.read(PIECE):
            spent.add(len(piece))
            copy.write(piece)


def _name(name: str) -> str:
    """The name of a member as documents are called: nothing in it leads anywhere."""
    return writable("/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")))


class _Reader:
    """A stream as tarfile reads one; ``left`` are the bytes that it may read now, None: as many as there are."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.held = b""
        self.left: int | None = None

    def read(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        while len(self.held) < size and (piece := next(self.pieces, b"")):
            self.held += piece
        data, self.held = self.held[:size], self.held[size:]
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                raise tarfile.ReadError(f"more than {HEADERS:,} bytes between two members")
        return data
