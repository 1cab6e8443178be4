"""Files that have no text to read: what they are, by how they begin, and a few by their name.

A folder as people have it is full of them: they are passed over and counted by kind. A name decides only of texts that
nobody wrote to be read: programs, settings, styles.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from sprachbund.errors import SourceError

IMAGES, SOUNDS, FILMS, FONTS = "images", "sounds", "films", "fonts"
PROGRAMS, DATABASES, ARCHIVES, DATA = "programs", "databases", "archives of other kinds", "binary data"
OFFICE, SHEETS, CODE = "old office files", "spreadsheets", "code and settings"
MARKUP, JSON = "other markup", "other JSON"
NOT_LOOKED_INTO = frozenset(("node_modules", "__pycache__", "__MACOSX"))
"""Folders that programs fill and nobody reads; besides these all that are hidden, as .git is."""
WITHOUT_LOSS = frozenset((IMAGES, SOUNDS, FILMS, FONTS, PROGRAMS, CODE))
"""What nobody misses in a corpus of text; the others may hold text that is not read, an error under --strict."""


class NoTextError(SourceError):
    """A file that has no text; in a folder it is passed over and counted by its ``kind``."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of files: how they begin, what many of them are called, and what one is, with what to do."""

    begins: re.Pattern[bytes]
    kind: str
    one: str


def _kinds(*rows: tuple[bytes, str, str]) -> tuple[Kind, ...]:
    return tuple(Kind(re.compile(pattern, re.S), kind, one) for pattern, kind, one in rows)


_IMAGE = rb"RIFF....WEBP|BM.{4}\0\0\0\0|II\*\0|MM\0\*|\0\0\x01\0.\0|8BPS\0|....ftyp(?:hei|avi|mif)"
_SOUND = rb"ID3[\x02-\x04]\0|\xff[\xf2\xf3\xfa\xfb]|OggS\0|fLaC|RIFF....WAVE|....ftypM4A|MThd\0|FORM....AIF"
_FILM = rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xba\xb3]|FLV\x01"
_FONT = rb"\0\x01\0\0\0|OTTO\0|ttcf\0|wOF[F2][\0-\x08]"
_PROGRAM = rb"\x7fELF|MZ(?=.{0,62}\0)|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\0asm"
_OLD_OFFICE = rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

KINDS = _kinds(
    (rb"7z\xbc\xaf\x27\x1c", ARCHIVES, "a 7z archive, which cannot be read as a stream; unpack it first (7z x FILE)"),
    (rb"Rar!\x1a", ARCHIVES, "a rar archive; unpack it first"),
    (rb"\x04\x22\x4d\x18", ARCHIVES, "an lz4 file; unpack it first (lz4 -d FILE)"),
    (rb"\x89PNG", IMAGES, "a PNG image, which has no text"),
    (rb"\xff\xd8\xff", IMAGES, "a JPEG image, which has no text"),
    (rb"GIF8[79]a", IMAGES, "a GIF image, which has no text"),
    (_IMAGE, IMAGES, "an image, which has no text"),
    (_SOUND, SOUNDS, "a recording of sound, which has no text"),
    (_FILM, FILMS, "a film, which has no text"),
    (_FONT, FONTS, "a font, which has no text"),
    (_PROGRAM, PROGRAMS, "a program, which has no text"),
    (_OLD_OFFICE, OFFICE, "a file of an old office (doc, xls, ppt), or a protected one; save it as docx or odt"),
    (rb"\x93NUMPY", DATA, "a numpy array, which has no text"),
    (rb"\x89HDF|\x80[\x02-\x05]", DATA, "binary data, which has no text"),
    (rb"SQLite format 3\0", DATABASES, "an SQLite database; write its text out first"),
)
"""Zip, tar, PDF and Parquet are not among them: they are read."""

_CODE_ENDINGS = """
    asm bat bib c cc cfg cfm clj cmd conf cpp cs css csproj dart diff ejs el env ex exs f f90 fs gd go gradle groovy
    h hpp hs ini ipp java jl js jsx kt less lisp lock lua m4 mjs mk ml mm patch php pl pm properties ps1 py pyi pyx r
    rb rs sass scala scm scss sh sln sql svelte swift tcl tf toml ts tsx v vb vim vue yaml yml zig
"""
_CODE = frozenset(_CODE_ENDINGS.split())
_CODE_NAMES = frozenset(("makefile", "dockerfile"))


def refuse(path: object, start: bytes) -> None:
    """Refuse what begins as a kind without text does.

    Raises:
        NoTextError: what it is.
    """
    for kind in KINDS:
        if kind.begins.match(start):
            raise NoTextError(f"{path}: {kind.one}", kind.kind)


def is_left_out(name: str) -> bool:
    """Whether a file is hidden, or in a folder that is, or that programs fill and nobody reads."""
    return any(part.startswith(".") or part in NOT_LOOKED_INTO for part in name.split("/"))


def is_code(name: str) -> bool:
    """Whether a file of text is code or settings, by its name."""
    path = PurePosixPath(name.lower())
    return path.suffix[1:] in _CODE or path.name in _CODE_NAMES
