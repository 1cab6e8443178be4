"""An input of the fuzz of ingest: a file, its name, and how it is to be read. Seed and number name it for ever."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import hostile_documents as documents
from hostile_files import bomb, compressed, damaged, name, recoded
from hostile_json import json_lines
from hostile_tables import parquet
from hostile_texts import LANGUAGES, text
from hostile_xml import mediawiki

__all__ = ["RECORD", "TOTAL", "Input", "make"]

RECORD, TOTAL = 2 << 20, 32 << 20
"""Limits of what ingest takes: bytes of a record, and of what a file expands to."""


@dataclass(frozen=True)
class Input:
    """A file to ingest.

    Attributes:
        kind: the format, for the table.
        data: the bytes of the file.
        name: its name, any bytes that a file system takes.
        folder: it is given as a file of a folder, not by its own name.
        lang: what --lang says, or None.
        strict: as --strict.
        whole: nothing happened to it after it was made.
    """

    kind: str
    data: bytes
    name: bytes
    folder: bool
    lang: str | None
    strict: bool
    whole: bool


def plain(r: Random) -> bytes:
    """A text file, its lines wrapped or not."""
    data = text(r, 6).encode()
    return r.choice((b"", b"", b"\xef\xbb\xbf", b"<", b"{", b"[", b"# ", b"\0", b"PAR1", b"BZh9")) + data


def noise(r: Random) -> bytes:
    """Random bytes behind a beginning that promises a format."""
    start = r.choice(
        (b"", b"PAR1", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"<mediawiki", b'{"text":"')
    )
    return start + r.randbytes(r.choice((0, 1, 10, 1_000, 100_000))) + r.choice((b"", b"PAR1", b'"}'))


MAKERS: tuple[tuple[str, Callable[[Random], bytes], int], ...] = (
    ("mediawiki", mediawiki, 30),
    ("json lines", json_lines, 35),
    ("parquet", parquet, 12),
    ("text", plain, 15),
    ("noise", noise, 5),
    ("pages", documents.page, 10),
    ("office", documents.office, 12),
    ("pdf, rtf", documents.portable, 8),
    ("mail", documents.mail, 8),
    ("tables", documents.table, 10),
    ("subtitles, notebooks", documents.other, 6),
    ("archives", documents.archive, 8),
)
BINARY = frozenset(("parquet", "office", "pdf, rtf", "archives"))
BOMBS = 0.004


def make(seed: int, number: int) -> Input:
    """The input of that number."""
    r = Random(f"{seed} {number}")
    kind, maker, _ = r.choices(MAKERS, [weight for *_, weight in MAKERS])[0]
    data, whole = maker(r), True
    if r.random() < BOMBS:
        kind, data = "bomb", bomb(r)
    if r.random() < 0.04 and kind not in BINARY:
        data, whole = recoded(r, data), False
    if r.random() < 0.15:
        data, whole = damaged(r, data), False
    if r.random() < 0.25:
        data = compressed(r, data)
        if r.random() < 0.2:
            data, whole = damaged(r, data), False
    lang = r.choice(LANGUAGES) if r.random() < (0.9 if kind in ("text", "bomb") else 0.4) else None
    return Input(kind, data, name(r), r.random() < 0.3, lang, r.random() < 0.05, whole)
