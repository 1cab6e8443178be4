"""The rows of a table of targets and starts: TSV, CSV, Parquet, JSON Lines, or a mapping of Python's.

Every row is looked at as it is read: what is no text or no weight is refused with the number of its line, for a table
that is wrong in one place was made wrongly. Lines, keys, rows and bytes have limits.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from numbers import Real
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from sprachbund.corpus.sources.parquet_pages import row_groups
from sprachbund.errors import SourceError, one_line
from sprachbund.files import content_hash, sha256_file
from sprachbund.machine import memory_limit

__all__ = ["FORMATS", "Table", "read_rows", "table_hash"]

Table = Path | str | Mapping[str, Any]
"""A file, or a mapping from a target to its start, to a list of starts, or to starts with their weights."""
FORMATS = (".tsv", ".txt", ".csv", ".parquet", ".jsonl", ".ndjson")
"""The ends of the names of files: ``.txt`` is read as ``.tsv``."""
COLUMNS = ("target", "start", "weight")
MOST_ROWS = 20_000_000
LONGEST_LINE, LONGEST_KEY = 1 << 16, 1 << 12
"""Bytes, and characters."""
HEAVIEST = 1e12
_BLOCK = 1 << 16
_SHARE = 4  # a file takes at most this part of the memory
_SCHEMA = {"target": pl.String, "start": pl.String, "weight": pl.Float64, "line": pl.Int64}
_Row = tuple[str, str, float, int]


def table_hash(table: Table) -> str:
    """A hash of what a table says: the SHA-256 of the file, or of the mapping.

    Raises:
        SourceError: there is no such file.
    """
    if isinstance(table, Mapping):
        return content_hash([list(row[:3]) for row in _of_mapping(table)])
    return sha256_file(_require(Path(table)))


def _require(path: Path) -> Path:
    if path.suffix.lower() not in FORMATS:
        raise SourceError(f"{path}: expected a table whose name ends in {', '.join(FORMATS)}")
    if not path.is_file():
        raise SourceError(f"{path}: expected a table here, found {'no file' if path.exists() else 'nothing'}")
    return path


def read_rows(table: Table) -> pl.DataFrame:
    """All rows: ``target``, ``start``, ``weight`` and ``line``, the number of its line or entry, from 1.

    Raises:
        SourceError: the file or a row cannot be read; names the line.
    """
    if isinstance(table, Mapping):
        return _frame(_of_mapping(table))
    path = _require(Path(table))
    most = memory_limit() // _SHARE
    if path.stat().st_size > most:
        raise SourceError(f"{path}: {path.stat().st_size:,} bytes are more than the {most:,} that a table may have")
    end = path.suffix.lower()
    try:
        if end == ".parquet":
            return _of_parquet(path, most)
        with path.open("rb") as handle:
            lines = _lines(path, handle)
            return _frame(_of_json(path, lines) if end in (".jsonl", ".ndjson") else _of_cells(path, lines, end), path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({one_line(error)})") from None


def _frame(rows: Iterable[_Row], name: Path | str = "the table") -> pl.DataFrame:
    """Rows as a table, a block at a time: a column of strings takes a fifth of what Python's take."""
    every, parts, size = iter(rows), [pl.DataFrame(schema=_SCHEMA)], 0
    while block := list(islice(every, _BLOCK)):
        size += len(block)
        if size > MOST_ROWS:
            raise SourceError(f"{name}: expected at most {MOST_ROWS:,} rows")
        parts.append(pl.DataFrame(block, schema=_SCHEMA, orient="row"))
    return pl.concat(parts, rechunk=True)


def _of_mapping(table: Mapping[str, Any]) -> Iterator[_Row]:
    for number, (target, given) in enumerate(table.items(), 1):
        if isinstance(given, str):
            pairs: Iterable[Any] = [(given, 1.0)]
        elif isinstance(given, Mapping):
            pairs = given.items()
        elif isinstance(given, Iterable):
            pairs = [(item, 1.0) if isinstance(item, str) else item for item in given]
        else:
            pairs = [given]
        for pair in pairs:
            start, weight = pair if isinstance(pair, tuple) and len(pair) == 2 else (pair, 1.0)
            yield _row("the table", "entry", number, target, start, weight)


def _row(place: Path | str, what: str, number: int, target: Any, start: Any, weight: Any) -> _Row:
    where = f"{place}, {what} {number:,}"
    for column, value in (("target", target), ("start", start)):
        if not isinstance(value, str) or not value:
            raise SourceError(f"{where}: expected the {column} as text, found {str(value)[:60]!r}")
        if len(value) > LONGEST_KEY:
            raise SourceError(f"{where}: the {column} has {len(value):,} characters; {LONGEST_KEY:,} are the most")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise SourceError(f"{where}: the {column} has half a surrogate pair, which is no text") from None
    if not isinstance(weight, Real) or isinstance(weight, bool) or not 0 < float(weight) <= HEAVIEST:
        raise SourceError(f"{where}: expected a weight above 0, at most {HEAVIEST:g}, found {str(weight)[:60]!r}")
    return target, start, float(weight), number


def _lines(path: Path, handle: BinaryIO) -> Iterator[str]:
    number = 0
    while line := handle.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise SourceError(f"{path}, line {number:,}: longer than {LONGEST_LINE:,} bytes; is this a table?")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise SourceError(f"{path}, line {number:,}: expected UTF-8, found other bytes") from None


def _of_cells(path: Path, lines: Iterator[str], end: str) -> Iterator[_Row]:
    if end == ".csv":
        reader = csv.reader(lines, strict=True)
    else:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    columns: tuple[int, ...] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise SourceError(f"{path}, line {reader.line_num:,}: cannot be read ({one_line(error)})") from None
        if cells is None:
            return
        if not any(cells):
            continue
        if columns is None:
            names = [cell.strip().lower() for cell in cells]
            if {"target", "start"} <= set(names):
                columns = tuple(names.index(name) for name in COLUMNS if name in names)
                continue
            columns = (0, 1, 2)
        yield _of_row(path, reader.line_num, cells, columns)


def _of_row(path: Path, number: int, cells: list[str], columns: tuple[int, ...]) -> _Row:
    if len(cells) <= max(columns[:2]):
        raise SourceError(
            f"{path}, line {number:,}: expected the cells target, start and perhaps weight, found {len(cells)}"
        )
    weight: Any = cells[columns[2]].strip() if len(columns) > 2 and len(cells) > columns[2] else ""
    with suppress(ValueError):  # refused below, in words of ours
        weight = float(weight) if weight else 1.0
    return _row(path, "line", number, cells[columns[0]].strip(), cells[columns[1]].strip(), weight)


def _of_json(path: Path, lines: Iterator[str]) -> Iterator[_Row]:
    import orjson

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise SourceError(f"{path}, line {number:,}: not readable as JSON ({one_line(error)})") from None
        if not isinstance(value, dict) or not {"target", "start"} <= set(value):
            raise SourceError(f"{path}, line {number:,}: expected an object with target and start, found none")
        weight = value.get("weight")
        yield _row(path, "line", number, value["target"], value["start"], 1.0 if weight is None else weight)


def _of_parquet(path: Path, most: int) -> pl.DataFrame:
    try:
        with path.open("rb") as handle:
            return _frame(_of_parquet_rows(path, handle, most), path)
    except SourceError:
        raise
    except (ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise SourceError(f"{path}: damaged, not readable as Parquet ({one_line(error)})") from None


def _of_parquet_rows(path: Path, handle: BinaryIO, most: int) -> Iterator[_Row]:
    found = dict(pl.read_parquet_schema(handle))
    columns = [name for name in COLUMNS if name in found]
    texts = all(found.get(name) == pl.String for name in ("target", "start"))
    if not texts or ("weight" in found and not found["weight"].is_numeric()):
        raise SourceError(
            f"{path}: expected the columns target and start of strings and perhaps weight of numbers, found "
            f"{', '.join(f'{name} ({kind})' for name, kind in list(found.items())[:10])}"
        )
    groups = row_groups(path, columns)
    if sum(size for group in groups for _, size in group.pages) > most:
        raise SourceError(f"{path}: expands to more than the {most:,} bytes that a table may have")
    table = (
        pl.scan_parquet(handle, glob=False).select(columns).cast({"weight": pl.Float64} if "weight" in found else {})
    )
    rows = sum(group.rows for group in groups)
    for low in range(0, min(rows, MOST_ROWS + 1), _BLOCK):
        for number, row in enumerate(table.slice(low, _BLOCK).collect().iter_rows(named=True), low + 1):
            weight = row.get("weight")
            yield _row(path, "row", number, row["target"], row["start"], 1.0 if weight is None else weight)
