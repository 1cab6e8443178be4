"""Tables in lines: values parted by commas, semicolons, tabs or bars, a row a document, the first row the names.

What parts the values is the mark that the rows at the beginning have equally often. An encoding that is not Unicode is
guessed once, from the beginning, and named. A quotation mark that is never closed costs what it holds, up to the limit
of a record.
"""

import codecs
import csv
from collections.abc import Iterator

from sprachbund.corpus.sources.columns import Columns, has_text, missing
from sprachbund.corpus.sources.decoding import encoding_of
from sprachbund.corpus.sources.documents import Dropped, Note, Row, Source, Tally
from sprachbund.corpus.sources.streams import Stream
from sprachbund.corpus.sources.wikipedia import row_of
from sprachbund.errors import SourceError

SEPARATORS = "\t,;|"
SAMPLE = 1 << 16
TOO_LONG = "longer than the record limit"
_ROWS = 10
_SAID = "sep="
"""What Excel writes, and reads, in front of a table: the mark that parts its values."""


def cut_table(source: Source) -> Iterator[Row | Dropped | Note | Tally]:
    """The rows of a table in lines.

    Raises:
        SourceError: it has no column of text.
    """
    lines = _Lines(source)
    start = lines.sample()
    separator, quoted = separator_of(start, source.name.lower().endswith((".tsv", ".tab")))
    csv.field_size_limit(max(csv.field_size_limit(), source.limits.record))
    reader = csv.reader(iter(lines), delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    names: list[str] | None = None
    number = 0
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            number += 1
            yield Dropped(TOO_LONG if "limit" in str(error) else "not of this format", f"row {number}: {error}")
            continue
        if values is None:
            break
        if not any(map(str.strip, values)):
            continue
        if names is None:
            if number == 0 and separator.join(values).strip() in (_SAID, _SAID + separator):
                continue
            names = [name.strip() for name in values]
            if not has_text(names, source.columns):
                raise SourceError(f"{source.path}: a table with {missing(names, source.columns)}")
            continue
        number += 1
        if sum(map(len, values)) > source.limits.record:
            yield Dropped(TOO_LONG, f"row {number}")
            continue
        yield row_of(_record(names, values), source.columns, number, source.stem)
    yield from lines.notes()


def _record(names: list[str], values: list[str]) -> dict[str, str]:
    """The first of each name that has a value; what a short row lacks is empty."""
    record: dict[str, str] = dict.fromkeys(names, "")
    for name, value in zip(names, values, strict=False):
        if name and value and not record[name]:
            record[name] = value
    record.pop("", None)
    return record


def is_table(start: str, columns: Columns) -> bool:
    """Whether a text begins as a table does: several names, one of them a text's, and rows with as many values."""
    separator, quoted = separator_of(start, False)
    rows = list(_rows(start, separator, quoted))
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(name) > 64 or not name.strip() for name in rows[0]):
        return False
    return has_text([name.strip() for name in rows[0]], columns) and all(len(row) == len(rows[0]) for row in rows)


def separator_of(start: str, tabs: bool) -> tuple[str, bool]:
    """What parts the values of a table, and whether quotation marks hold them together.

    Args:
        tabs: its name says that they are tabs.
    """
    first = start.partition("\n")[0].strip("\r")
    if first.startswith(_SAID) and len(first) == len(_SAID) + 1:
        return first[-1], True
    best, score = ",", (0.0, 0)
    for mark in "\t" if tabs else SEPARATORS:
        rows = list(_rows(start, mark, True))
        if not rows or len(rows[0]) < 2:
            continue
        equal = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        if (equal, len(rows[0])) > score:
            best, score = mark, (equal, len(rows[0]))
    if tabs:
        best = "\t"
    return best, best != "\t" or not _has_bare_quotes(start)


def _has_bare_quotes(start: str) -> bool:
    """Whether quotation marks in a table with tabs are marks like any other: many such tables quote nothing.

    Each of its lines is a row then, and one of them has a value that only begins with such a mark.
    """
    rows = list(_rows(start, "\t", False, len(start)))
    if any(len(row) != len(rows[0]) for row in rows):
        return False
    return any(value.startswith('"') and not (len(value) > 1 and value.endswith('"')) for row in rows for value in row)


def _rows(start: str, mark: str, quoted: bool, count: int = _ROWS) -> Iterator[list[str]]:
    """The first whole rows of a sample, without what Excel says before them."""
    if start.startswith(_SAID):
        start = start.partition("\n")[2]
    whole = start[: start.rfind("\n") + 1] or start
    found = 0
    try:
        lines = whole.splitlines(keepends=True)
        for row in csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE):
            if any(map(str.strip, row)):
                yield row
                found += 1
            if found == count:
                return
    except csv.Error:
        return


class _Lines:
    """The lines of a file as text, each within the limit of a record."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stream = Stream(source.path, source.limits, source.moved)
        self.pieces = iter(self.stream)
        self.held = b""
        self.guess = ""
        self.replaced = self.too_long = 0

    def sample(self) -> str:
        """The beginning, which is read again as the first lines."""
        for piece in self.pieces:
            self.held += piece
            if len(self.held) >= SAMPLE:
                break
        cut = self.held.rfind(b"\n") + 1 or len(self.held)
        self.encoding, self.guess = encoding_of(self.held[:cut])
        return self.held[:cut].decode(self.encoding, "replace").removeprefix("\ufeff").replace("\r\n", "\n")

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        rest, dropping, first = "", False, True
        for data, last in self._data():
            text = decoder.decode(data, last)
            self.replaced += text.count("\ufffd")
            if first:
                text, first = text.removeprefix("\ufeff"), False
            lines = (rest + text).split("\n") if not dropping else text.split("\n")
            if dropping and len(lines) > 1:
                lines, dropping = lines[1:], False
            rest = lines.pop() if not dropping else ""
            for line in lines if not dropping else ():
                yield line + "\n"
            if len(rest) > self.source.limits.record:
                self.too_long += 1
                rest, dropping = "", True
        if rest.strip() and not self.stream.broken:
            yield rest

    def notes(self) -> Iterator[Note | Tally | Dropped]:
        """What a person should know, once all is read."""
        for _ in range(self.too_long):
            yield Dropped(TOO_LONG, "a line without an end")
        if self.guess:
            yield Note(f"read as {self.guess}, which is a guess")
        if self.replaced:
            yield Tally("broken bytes replaced", self.replaced)
        if self.stream.broken:
            yield Note(f"{self.stream.broken}; the whole rows before it are kept", fatal=True)
        if self.stream.trailing:
            yield Note(f"what follows the {self.stream.compression} data is none of it, and was not read")

    def _data(self) -> Iterator[tuple[bytes, bool]]:
        yield self.held, False
        self.held = b""
        for piece in self.pieces:
            yield piece, False
        yield b"", True
