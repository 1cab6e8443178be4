"""What a passage is shown with, in SQLite: its text, its document, its section. Any program can read the file.

documents(number, id, title, headings, digest, meta, root, path, first, last)    a document's passages are [first, last)
passages(number, document, section, text)                      text: a sentence a line
words(plain, word)    the words, to find those that begin so; ``plain`` is what they are found by

A file may come from anywhere, so it is opened as one that lies: it must have these tables and nothing else (a view, a
trigger or a generated column would run what its author wrote), a query is given up after the steps that an honest file
needs, and every value is looked at when it is read.
"""

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from sprachbund.errors import FolderError

_SCHEMA = {
    "documents": """CREATE TABLE documents(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, headings TEXT NOT NULL, digest TEXT NOT NULL,
    meta TEXT NOT NULL, root TEXT NOT NULL, path TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL)""",
    "passages": """CREATE TABLE passages(
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL, section INTEGER NOT NULL, text TEXT NOT NULL)""",
    "words": """CREATE TABLE words(plain TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY(plain, word)) WITHOUT ROWID""",
}
_BY_ID = "CREATE UNIQUE INDEX by_id ON documents(id)"
_MOST = 1 << 31
MOST_WORDS = 2_000
"""Words that begin so, at most: of one letter there may be half of all."""
MOST_FORMS = 50
"""Ways to write a word that are looked at, at most."""
_AT_ONCE = 500
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 32,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 1,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 5_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 4,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 10,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: _AT_ONCE,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_STEP, _LEAST_STEPS, _STEPS = 10_000, 1_000_000, 100
"""Steps of SQLite between two looks at the count; allowed at least; and allowed a row that a segment has."""


@dataclass(frozen=True)
class DocumentRecord:
    """A document of a segment; its passages are [first, last).

    ``root`` and ``path`` are the source that it came from, by its name in the index, and the file below that.
    """

    number: int
    id: str
    title: str
    headings: tuple[str, ...]
    digest: str
    meta: Mapping[str, str]
    first: int
    last: int
    root: str = ""
    path: str = ""


@dataclass(frozen=True)
class PassageRecord:
    """A passage of a segment; ``text`` has a sentence a line."""

    number: int
    section: int
    text: str
    document: DocumentRecord


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class Writer:
    """Writes the records of a segment; nothing of it is there before `close`."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        # the folder becomes visible by a rename when everything in it is on disk
        self.connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {'; '.join(_SCHEMA.values())}")

    def add(self, documents: Iterable["DocumentRecord"], passages: Iterable[tuple[Any, ...]]) -> None:
        """Documents, and the rows of passages in the order of their columns."""
        listed = (
            (
                *(d.number, d.id, d.title, _json(d.headings), d.digest, _json(dict(d.meta))),
                *(d.root, d.path, d.first, d.last),
            )
            for d in documents
        )
        self.connection.executemany("INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)", listed)
        self.connection.executemany("INSERT INTO passages VALUES (?,?,?,?)", passages)

    def add_words(self, words: Iterable[tuple[str, str]]) -> None:
        """Words, each with what it is found by, in order."""
        self.connection.executemany("INSERT INTO words VALUES (?,?)", words)

    def close(self) -> None:
        """Add the index of ids and write it all."""
        self.connection.execute(_BY_ID)
        self.connection.commit()
        self.connection.close()


@dataclass(frozen=True)
class Records:
    """The records of a segment, made by `open`; safe in many threads, each query has a connection of its own.

    One connection is there from the start: a change may remove the file's name, and it can not be opened again then.

    Attributes:
        count: of the documents. passage_count: of the passages.
    """

    path: Path
    count: int = _MOST
    passage_count: int = _MOST
    _free: "SimpleQueue[sqlite3.Connection]" = field(default_factory=SimpleQueue, compare=False, repr=False)

    @staticmethod
    def open(path: Path, documents: int, passages: int) -> "Records":
        """Open what a `Writer` wrote: so many documents and passages.

        Raises:
            FolderError: it is missing or damaged, or has other tables than ours.
        """
        records = Records(path, documents, passages)
        try:
            records._free.put(records._connect())
        except sqlite3.Error as error:
            raise records.damaged(str(error)) from None
        found = {(kind, name): sql for kind, name, sql in records._ask("SELECT type, name, sql FROM sqlite_schema", 16)}
        if found != {("index", "by_id"): _BY_ID} | {("table", name): sql for name, sql in _SCHEMA.items()}:
            raise records.damaged("it has other tables than a segment's")
        return records

    def damaged(self, why: str) -> FolderError:
        """What is raised where the file says what cannot be."""
        return FolderError(f"{self.path}: damaged ({why}); build the index anew")

    def _connect(self) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            for limit, most in _LIMITS.items():
                connection.setlimit(limit, most)
            # no value is longer than its file
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(max(self.path.stat().st_size, 1 << 16), _MOST - 1))
            if sys.version_info >= (3, 12):
                connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
                connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
                connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
            for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._free.get_nowait()
        except Empty:
            pass
        try:
            return self._connect()
        except (sqlite3.Error, OSError):
            return self._free.get()

    def _ask(self, query: str, most: int, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query, which are ``most`` where the file is honest, or fewer."""
        connection = self._borrow()
        left = (_LEAST_STEPS + _STEPS * (self.count + self.passage_count)) // _STEP

        def spent() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        connection.set_progress_handler(spent, _STEP)
        try:
            rows = connection.execute(query, values).fetchmany(most + 1)
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            raise self.damaged("a query does not end" if left < 0 else str(error)) from None
        finally:
            connection.set_progress_handler(None, 0)
            self._free.put(connection)
        if len(rows) > most:
            raise self.damaged("it has more rows than the segment")
        return rows

    def _document(self, row: Sequence[Any]) -> DocumentRecord:
        number, name, title, headings, digest, meta, root, path, first, last = row
        texts, numbers = (name, title, headings, digest, meta, root, path), (number, first, last)
        if any(type(text) is not str for text in texts) or any(type(each) is not int for each in numbers):
            raise self.damaged(f"document {number!r} has values of other types")
        if not 0 <= number < self.count or not 0 <= first <= last <= self.passage_count:
            raise self.damaged(f"document {number} has passages that the segment lacks")
        try:
            said, known = json.loads(headings), json.loads(meta)
        except (ValueError, RecursionError):
            said = known = None
        if not isinstance(said, list) or any(type(heading) is not str for heading in said):
            raise self.damaged(f"document {number} has headings that are none")
        if not isinstance(known, dict) or any(type(value) is not str for value in known.values()):
            raise self.damaged(f"document {number} has metadata that are none")
        return DocumentRecord(number, name, title, tuple(said), digest, known, first, last, root, path)

    def _column(self, name: str, kind: type, first: int, last: int) -> list[Any]:
        query = f"SELECT {name} FROM passages WHERE number >= ? AND number < ? ORDER BY number"
        first, last = int(first), int(last)
        found = [row[0] for row in self._ask(query, max(0, last - first), (first, last))]
        if any(type(value) is not kind for value in found):
            raise self.damaged(f"a {name} is of another type")
        return found

    def passages(self, numbers: Sequence[int]) -> list[PassageRecord]:
        """Some passages in the order asked for.

        Raises:
            FolderError: the file is damaged.
        """
        wanted = [int(number) for number in numbers]
        found: dict[int, PassageRecord] = {}
        for low in range(0, len(wanted), _AT_ONCE):
            part = wanted[low : low + _AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = self._ask(
                "SELECT p.number, p.section, p.text, d.* FROM passages p JOIN documents d ON d.number = p.document "
                f"WHERE p.number IN ({marks})",
                len(part),
                part,
            )
            found |= {row[0]: self._passage(row) for row in rows}
        if found.keys() != set(wanted):
            raise self.damaged("it lacks passages that the segment has")
        return [found[number] for number in wanted]

    def _passage(self, row: Sequence[Any]) -> PassageRecord:
        number, section, text = row[:3]
        if type(number) is not int or type(section) is not int or type(text) is not str:
            raise self.damaged(f"passage {number!r} has values of other types")
        document = self._document(row[3:])
        if not document.first <= number < document.last or section < 0:
            raise self.damaged(f"passage {number} is not in its document")
        return PassageRecord(number, section, text, document)

    def texts_of(self, numbers: Sequence[int]) -> list[str]:
        """The texts of some passages, whose numbers rise."""
        found: list[str] = []
        for low in range(0, len(numbers), _AT_ONCE):
            part = [int(number) for number in numbers[low : low + _AT_ONCE]]
            marks = ",".join("?" * len(part))
            query = f"SELECT text FROM passages WHERE number IN ({marks}) ORDER BY number"
            found += [row[0] for row in self._ask(query, len(part), part)]
        if len(found) != len(numbers) or any(type(text) is not str for text in found):
            raise self.damaged("it lacks passages that the segment has")
        return found

    def words(self, stem: str, most: int = MOST_WORDS) -> list[str]:
        """What words are found by that begin so, in order, at most so many; none begins with nothing."""
        if not stem:
            return []
        # the first text that begins otherwise; there is no character between, and none at the end
        last = ord(stem[-1]) + 1
        after = stem[:-1] + chr(0xE000 if last == 0xD800 else min(last, sys.maxunicode))
        query = "SELECT DISTINCT plain FROM words WHERE plain >= ? AND plain < ? ORDER BY plain LIMIT ?"
        found = [row[0] for row in self._ask(query, most, (stem, after, most))]
        if any(type(word) is not str for word in found):
            raise self.damaged("a word is none")
        return found

    def forms(self, plain: str) -> list[str]:
        """The words that are found by one form, in order."""
        query = "SELECT word FROM words WHERE plain = ? ORDER BY word LIMIT ?"
        found = [row[0] for row in self._ask(query, MOST_FORMS, (plain, MOST_FORMS))]
        if any(type(word) is not str for word in found):
            raise self.damaged("a word is none")
        return found

    def every_word(self, at_once: int = 20_000) -> Iterator[list[str]]:
        """All words, each with every form that it is found by, so many in memory at a time."""
        last: tuple[str, str] = ("", "")
        query = "SELECT plain, word FROM words WHERE (plain, word) > (?, ?) ORDER BY plain, word LIMIT ?"
        while rows := self._ask(query, at_once, (*last, at_once)):
            if any(type(text) is not str for row in rows for text in row) or not rows[-1] > last:
                raise self.damaged("a word is none")
            yield [word for _, word in rows]
            last = rows[-1]

    def texts(self, first: int, last: int) -> list[str]:
        """The texts of the passages [first, last)."""
        return self._column("text", str, first, last)

    def documents(self, first: int = 0, count: int = -1) -> list[DocumentRecord]:
        """Documents in order, from number ``first`` on."""
        query = "SELECT * FROM documents WHERE number >= ? ORDER BY number LIMIT ?"
        rows = self._ask(query, self.count if count < 0 else count, (first, count))
        found = [self._document(row) for row in rows]
        if any(one.number >= other.number for one, other in pairwise(found)) or (found and found[0].number < first):
            raise self.damaged("its documents are not in order")
        return found

    def each(self) -> Iterator["DocumentRecord"]:
        """All documents in order, a thousand in memory at a time."""
        low = 0
        while found := self.documents(low, 1_000):
            yield from found
            low = found[-1].number + 1

    def document(self, name: str) -> DocumentRecord | None:
        """The document of an id."""
        rows = self._ask("SELECT * FROM documents WHERE id = ?", 1, (name,))
        return self._document(rows[0]) if rows else None

    def sections(self, first: int, last: int) -> list[int]:
        """The sections of the passages [first, last)."""
        return self._column("section", int, first, last)
