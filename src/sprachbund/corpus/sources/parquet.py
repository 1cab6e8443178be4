"""Parquet with a column of text: rows of the `wikimedia/wikipedia` layout, of a data set of a hub, of a data frame.

What is held at once is bounded by pages, the least that can be decompressed: rows are read page by page, a row group
with a page that does not fit the memory is left out and counted, and what the rows expand to obeys the limits of any
compressed file. Rows that cannot be read are looked for by halves, so that one costs itself and not its neighbours.
"""

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from sprachbund.corpus.sources.columns import missing, parts_of
from sprachbund.corpus.sources.documents import Dropped, Note, Row, Source, Tally
from sprachbund.corpus.sources.parquet_pages import RowGroup, column_sizes, row_groups
from sprachbund.corpus.sources.streams import check_expansion
from sprachbund.corpus.sources.values import plain_text
from sprachbund.corpus.sources.wikipedia import row_of
from sprachbund.errors import SourceError, one_line

META = 64
"""Columns at most that are kept as metadata, of those that take little memory."""
ROWS_AT_ONCE = 1 << 16
SHARE = 32
"""Pages of at most this part of the memory are decompressed at once."""
PAGE_SHARE = 3
"""A page costs about twice its size while it is read (measured: 972 MB for one of 500 MB), and its rows once more."""
TRIES = 1_000
"""Reads that fail before the rest of a file is given up: 20 find one bad row among a million."""
TOO_LARGE, DAMAGED = "longer than the memory allows", "damaged row"
_TEXT = (pl.String, pl.Binary, pl.Categorical, pl.Enum, pl.Null)
_METADATA = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime)


def cut_parquet(source: Source) -> Iterator[Row | Dropped | Note | Tally]:
    """The rows of a Parquet file with a column ``text``.

    Raises:
        SourceError: the file has no such column, is damaged, or expands beyond the limits.
    """
    try:
        with source.path.open("rb") as handle:
            yield from _cut(source, handle)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"{source.path}: damaged, not readable as Parquet ({one_line(error)})") from None


def _cut(source: Source, handle: BinaryIO) -> Iterator[Row | Dropped | Note | Tally]:
    found = dict(pl.read_parquet_schema(handle))
    parts = parts_of(tuple(found), source.columns)
    if not parts.text:
        raise SourceError(f"{source.path}: Parquet with {missing(list(found), source.columns)}")
    if not isinstance(found[parts.text], _TEXT):
        raise SourceError(f"{source.path}: Parquet with a column {parts.text} of {found[parts.text]}; expected strings")
    columns = list(dict.fromkeys((parts.text, *filter(None, (parts.title, parts.url)), *parts.ids, *parts.langs)))
    sizes = column_sizes(source.path)
    small = [name for name, _ in parts.meta if sizes.get(name, source.memory) <= source.memory // SHARE]
    told = [name for name in small if isinstance(found[name], _METADATA) or found[name].is_numeric()]
    columns += [name for name in told if name not in columns][:META]
    groups = row_groups(source.path, columns)
    table = pl.scan_parquet(handle, glob=False).select(columns)
    reader = _Reader(source, table)
    total, size = sum(group.rows for group in groups), source.path.stat().st_size
    for group in groups:
        if PAGE_SHARE * group.largest > source.memory:
            yield from _left_out(group, source.memory)
        else:
            for start, end in group.parts(source.memory // SHARE, ROWS_AT_ONCE):
                yield from reader.rows(start, end)
                source.moved(size * end // total)
    yield from reader.notes()


def _left_out(group: RowGroup, memory: int) -> Iterator[Dropped]:
    what = f"rows {group.first + 1:,} to {group.first + group.rows:,}: a page of {group.largest:,} bytes"
    for _ in range(group.rows):
        yield Dropped(TOO_LARGE, f"{what}, which the memory of {memory:,} does not hold; raise --memory")


class _Reader:
    """Reads ranges of rows, and knows what they have expanded to and what of them was damaged."""

    def __init__(self, source: Source, table: pl.LazyFrame) -> None:
        self.source, self.table = source, table
        self.size = source.path.stat().st_size
        self.produced = self.replaced = 0
        self.tries = TRIES
        self.damaged: list[str] = []

    def rows(self, start: int, end: int) -> Iterator[Row | Dropped]:
        """The rows of a range; one that cannot be read is dropped."""
        waiting = [(start, end)]
        while waiting:
            first, last = waiting.pop()
            part = self._read(first, last)
            if part is not None:
                yield from self._records(part, first)
            elif last - first > 1 and self.tries > 0:
                middle = (first + last) // 2
                waiting += [(middle, last), (first, middle)]
            else:
                for number in range(first, last):
                    yield Dropped(DAMAGED, f"row {number + 1}: {self.damaged[-1]}")

    def notes(self) -> Iterator[Note | Tally]:
        """What a person should know, once all is read."""
        if self.damaged:
            yield Note(f"damaged: rows that cannot be read as Parquet ({self.damaged[0]})", fatal=True)
        if self.replaced:
            yield Tally("broken UTF-8 replaced", self.replaced)

    def _read(self, start: int, end: int) -> pl.DataFrame | None:
        if self.tries <= 0:
            return None
        try:
            return self.table.slice(start, end - start).collect()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # Polars panics over some damage, which is no Exception
            self.tries -= 1
            self.damaged.append(" ".join(str(error).split())[:200])
            return None

    def _records(self, part: pl.DataFrame, start: int) -> Iterator[Row | Dropped]:
        sizes = part.select(pl.sum_horizontal(_bytes(name, kind) for name, kind in part.schema.items())).to_series()
        limit, limits = self.source.limits.record, self.source.limits
        # what is too long is never made a string of Python
        rows = part.with_columns(pl.when(sizes <= limit).then(pl.col(part.columns))).iter_rows(named=True)
        parts = parts_of(tuple(part.columns), self.source.columns)
        for number, (size, row) in enumerate(zip(sizes, rows, strict=True), start + 1):
            self.produced += size
            check_expansion(self.source.path, limits, self.size, self.produced)
            if size > limit:
                yield Dropped("longer than the record limit", f"row {number}")
                continue
            text = plain_text(row[parts.text])
            if isinstance(row[parts.text], bytes):
                self.replaced += text.count("\ufffd") - row[parts.text].count(b"\xef\xbf\xbd")
            yield row_of({**row, parts.text: text}, self.source.columns, number, self.source.stem)


def _bytes(name: str, kind: pl.DataType) -> pl.Expr:
    """The bytes of each cell of a column; those of numbers do not count."""
    if kind == pl.String:
        return pl.col(name).str.len_bytes().fill_null(0).cast(pl.Int64)
    if kind == pl.Binary:
        return pl.col(name).bin.size().fill_null(0).cast(pl.Int64)
    if isinstance(kind, pl.Categorical | pl.Enum):
        return pl.col(name).cast(pl.String).str.len_bytes().fill_null(0).cast(pl.Int64)
    return pl.lit(0, pl.Int64)
