"""Zip archives that are documents of parts (Word, OpenDocument, PowerPoint, EPUB): which, and the parts within limits.

Nothing is written to disk and no name of a part is a path of ours. What the parts expand to is bounded, and a directory
of more entries than any document has is refused before it is read.

Own readers on the standard library: ebooklib's licence (AGPL) is none for us, python-docx passes over what stands in
content controls and tracked insertions, python-pptx brings Pillow and XlsxWriter, and odfpy was last released in 2020.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from sprachbund.corpus.sources.kinds import PROGRAMS, SHEETS, NoTextError
from sprachbund.errors import SourceError

DOCX, ODT, PPTX, EPUB, ARCHIVE = "docx", "odt", "pptx", "epub", "archive"
LARGEST_DIRECTORY = 32 << 20
"""Bytes of the list of an archive's members: some 400,000."""
LARGEST_PARTS = 256 << 20
"""Bytes that the parts of one document may expand to; a book of a million words has seven million."""
_OFFICE = "application/vnd.oasis.opendocument."
_PIECE = 1 << 16

Event = tuple[str, str, dict[str, str]]
"""``start``, ``end`` or ``text``; the local name, or the text; the attributes by their local names."""


class DamagedError(ValueError):
    """A package, or a part of it, that cannot be read; the message says why."""


def open_zip(handle: BinaryIO) -> zipfile.ZipFile:
    """A zip archive whose list of members is of a size that one may hold.

    Raises:
        DamagedError: it is none, or is damaged, or lists too much.
    """
    size = handle.seek(0, io.SEEK_END)
    handle.seek(max(0, size - (1 << 16) - 64))
    tail = handle.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise DamagedError("it has no list of its members at its end, so that it is cut or damaged")
    listed = struct.unpack_from("<L", tail, at + 12)[0]
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and len(tail) >= large + 48:
        listed = max(listed if listed != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, large + 40)[0])
    if listed > LARGEST_DIRECTORY:
        raise DamagedError(f"its list of members would have {listed:,} bytes")
    handle.seek(0)
    try:
        return zipfile.ZipFile(handle)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, UnicodeError) as error:
        raise DamagedError(f"it cannot be read as a zip archive ({error})") from None


def kind_of_zip(path: Path) -> str:
    """What a zip archive is: one of the constants above.

    Raises:
        NoTextError: a spreadsheet or a program.
        SourceError: it is damaged.
    """
    try:
        with path.open("rb") as handle, open_zip(handle) as archive:
            names = set(archive.namelist())
            said = _mimetype(archive) if "mimetype" in names else ""
    except DamagedError as error:
        raise SourceError(f"{path}: a damaged zip archive: {error}") from None
    if said == "application/epub+zip" or "META-INF/container.xml" in names:
        return EPUB
    if said.startswith(_OFFICE):
        what = said.removeprefix(_OFFICE)
        if what.startswith(("text", "presentation", "graphics")):
            return ODT
        raise NoTextError(f"{path}: an OpenDocument file of {what}, which has no running text", SHEETS)
    if "[Content_Types].xml" in names:
        if any(name.startswith("word/document") for name in names):
            return DOCX
        if "ppt/presentation.xml" in names:
            return PPTX
        if any(name.startswith("xl/") for name in names):
            raise NoTextError(f"{path}: a workbook of Excel; save its sheets as csv", SHEETS)
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        raise NoTextError(f"{path}: a program in an archive, which has no text", PROGRAMS)
    return ARCHIVE


def _mimetype(archive: zipfile.ZipFile) -> str:
    try:
        with archive.open("mimetype") as member:
            return member.read(200).decode("ascii", "replace").strip()
    except (OSError, ValueError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return ""


class Parts:
    """The parts of a document by their names, as long as all that were read stay within the limit.

    Raises:
        DamagedError: it is no package.
    """

    def __init__(self, data: bytes) -> None:
        self.archive = open_zip(io.BytesIO(data))
        self.names = frozenset(self.archive.namelist())
        self.left = LARGEST_PARTS

    def read(self, name: str) -> bytes:
        """A part; empty where there is none.

        Raises:
            DamagedError: it cannot be unpacked, or is too large.
        """
        if name not in self.names:
            return b""
        try:
            with self.archive.open(name) as member:
                data = member.read(self.left + 1)
        except RuntimeError as error:  # a password
            raise DamagedError(f"{name} is protected ({error})") from None
        except (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise DamagedError(f"{name} cannot be unpacked ({error})") from None
        self.left -= len(data)
        if self.left < 0:
            raise DamagedError(f"its parts expand beyond {LARGEST_PARTS:,} bytes")
        return data

    def events(self, name: str) -> Iterator[Event]:
        """What stands in a part of XML, in its order.

        Raises:
            DamagedError: as `read`; it is no XML, or declares entities, of which bombs are made.
        """
        return events(self.read(name), name)


def events(data: bytes, name: str) -> Iterator[Event]:
    """What stands in some XML, in its order, a piece at a time.

    Raises:
        DamagedError: it is no XML, or declares entities, of which bombs are made.
    """
    if not data.strip():
        return
    found: list[Event] = []

    def refuse(*declared: Any) -> None:
        raise DamagedError(f"{name} declares entities, which no document needs")

    def start(tag: str, said: dict[str, str]) -> None:
        found.append(("start", _local(tag), {_attribute(key): value for key, value in said.items()}))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: found.append(("end", _local(tag), {}))
    parser.CharacterDataHandler = lambda text: found.append(("text", text, {}))
    try:
        for at in range(0, len(data), _PIECE):
            parser.Parse(data[at : at + _PIECE], at + _PIECE >= len(data))
            yield from found
            found.clear()
    except expat.ExpatError as error:
        raise DamagedError(f"{name} is no XML ({error})") from None


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attribute(name: str) -> str:
    """The local name; of a relationship, which stands beside attributes of the same name, with a mark."""
    space, _, local = name.rpartition(" ")
    return f"r:{local}" if space.endswith("/relationships") else local
