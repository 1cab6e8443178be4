"""What a passage is shown with, in SQLite: its text, its document, its section. Any program can read the file.

documents(number, id, title, headings, digest, first, last)    a document's passages are [first, last)
passages(number, document, section, text)                      text: a sentence a line
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from sprachbund.errors import FolderError

_SCHEMA = """
CREATE TABLE documents(number INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, headings TEXT NOT NULL,
                       digest TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE passages(number INTEGER PRIMARY KEY, document INTEGER NOT NULL, section INTEGER NOT NULL,
                      text TEXT NOT NULL);
"""


@dataclass(frozen=True)
class DocumentRecord:
    """A document of a segment; its passages are [first, last)."""

    number: int
    id: str
    title: str
    headings: tuple[str, ...]
    digest: str
    first: int
    last: int


@dataclass(frozen=True)
class PassageRecord:
    """A passage of a segment; ``text`` has a sentence a line."""

    number: int
    section: int
    text: str
    document: DocumentRecord


class Writer:
    """Writes the records of a segment; nothing of it is there before `close`."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        # the folder becomes visible by a rename when everything in it is on disk
        self.connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)

    def add(self, documents: Iterable["DocumentRecord"], passages: Iterable[tuple[Any, ...]]) -> None:
        """Documents, and the rows of passages in the order of their columns."""
        listed = (
            (d.number, d.id, d.title, json.dumps(d.headings, ensure_ascii=False), d.digest, d.first, d.last)
            for d in documents
        )
        self.connection.executemany("INSERT INTO documents VALUES (?,?,?,?,?,?,?)", listed)
        self.connection.executemany("INSERT INTO passages VALUES (?,?,?,?)", passages)

    def close(self) -> None:
        """Add the index of ids and write it all."""
        self.connection.execute("CREATE UNIQUE INDEX by_id ON documents(id)")
        self.connection.commit()
        self.connection.close()


@dataclass(frozen=True)
class Records:
    """The records of a segment, made by `open`; safe in many threads, each query has a connection of its own.

    One connection is there from the start: a change may remove the file's name, and it can not be opened again then.
    """

    path: Path
    _free: "SimpleQueue[sqlite3.Connection]" = field(default_factory=SimpleQueue, compare=False, repr=False)

    @staticmethod
    def open(path: Path) -> "Records":
        """Open what a `Writer` wrote.

        Raises:
            FolderError: it is missing or damaged.
        """
        records = Records(path)
        try:
            records._free.put(records._connect())
        except sqlite3.Error as error:
            raise FolderError(f"{path}: damaged ({error}); build the index anew") from None
        return records

    def _connect(self) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._free.get_nowait()
        except Empty:
            pass
        try:
            return self._connect()
        except sqlite3.Error:
            return self._free.get()

    def _ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        connection = self._borrow()
        try:
            return list(connection.execute(query, values))
        except sqlite3.Error as error:
            raise FolderError(f"{self.path}: damaged ({error}); build the index anew") from None
        finally:
            self._free.put(connection)

    def passages(self, numbers: Sequence[int]) -> list[PassageRecord]:
        """Some passages in the order asked for.

        Raises:
            FolderError: the file is damaged.
        """
        wanted = [int(number) for number in numbers]
        found: dict[int, PassageRecord] = {}
        for low in range(0, len(wanted), 500):
            part = wanted[low : low + 500]
            marks = ",".join("?" * len(part))
            rows = self._ask(
                "SELECT p.number, p.section, p.text, d.* FROM passages p JOIN documents d ON d.number = p.document "
                f"WHERE p.number IN ({marks})",
                part,
            )
            found |= {row[0]: PassageRecord(row[0], row[1], row[2], _document(row[3:])) for row in rows}
        if len(found) != len(set(wanted)):
            raise FolderError(f"{self.path}: damaged, it lacks passages that the segment has; build the index anew")
        return [found[number] for number in wanted]

    def texts(self, first: int, last: int) -> list[str]:
        """The texts of the passages [first, last)."""
        query = "SELECT text FROM passages WHERE number >= ? AND number < ? ORDER BY number"
        return [row[0] for row in self._ask(query, (int(first), int(last)))]

    def documents(self, first: int = 0, count: int = -1) -> list[DocumentRecord]:
        """Documents in order, from number ``first`` on."""
        query = "SELECT * FROM documents WHERE number >= ? ORDER BY number LIMIT ?"
        return [_document(row) for row in self._ask(query, (first, count))]

    def document(self, name: str) -> DocumentRecord | None:
        """The document of an id."""
        rows = self._ask("SELECT * FROM documents WHERE id = ?", (name,))
        return _document(rows[0]) if rows else None

    def sections(self, first: int, last: int) -> list[int]:
        """The sections of the passages [first, last)."""
        query = "SELECT section FROM passages WHERE number >= ? AND number < ? ORDER BY number"
        return [row[0] for row in self._ask(query, (int(first), int(last)))]


def _document(row: Sequence[Any]) -> DocumentRecord:
    number, name, title, headings, digest, first, last = row
    return DocumentRecord(number, name, title, tuple(json.loads(headings)), digest, first, last)
