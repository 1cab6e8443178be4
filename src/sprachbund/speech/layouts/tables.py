"""Tables that name clips and say what is spoken in them: TSV, CSV, JSON Lines.

Common Voice (``validated.tsv``, clips beside it), Hugging Face's audiofolder (``metadata.csv`` or ``metadata.jsonl``),
NeMo's manifests, and any other table with a column for the sound and one for the text. A line is a record: a quotation
mark that is never closed costs its line and no other.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from sprachbund.corpus.sources.textfile import read_text
from sprachbund.errors import SourceError
from sprachbund.speech.layouts.found import Found, Missed

__all__ = ["is_table", "of_table", "tables_of"]

PATHS = ("path", "file_name", "filename", "audio", "audio_filepath", "audio_path", "audio_file", "wav", "file", "clip")
TEXTS = ("sentence", "text", "transcript", "transcription", "normalized_text", "raw_transcription")
SPEAKERS = ("client_id", "speaker", "speaker_id", "speaker_name", "spk")
SOURCES, LICENCES = ("corpus", "source", "dataset"), ("licence", "license")
LANGUAGES = ("locale", "lang", "language")
STARTS, ENDS = ("offset", "start", "start_time"), ("duration", "end", "end_time")
ENDINGS = {".tsv": "\t", ".csv": ",", ".jsonl": "", ".ndjson": ""}
PLACES = ("", "clips", "wavs", "wav", "audio", "data")
"""Folders beside a table in which its clips are looked for."""
_VALIDATED = "validated.tsv"
_OF_COMMON_VOICE = frozenset(
    ("train.tsv", "dev.tsv", "test.tsv", "other.tsv", "invalidated.tsv", "reported.tsv", "clip_durations.tsv",
     "validated_sentences.tsv", "unvalidated_sentences.tsv")
)  # fmt: skip
"""Beside ``validated.tsv``: the same clips again, or those that nobody has heard or that were refused."""
_MOST = 1 << 30
_BEGINNING = 1 << 16


def tables_of(files: list[Path]) -> list[Path]:
    """The tables among the files of a folder that name clips."""
    found = [path for path in files if is_table(path)]
    if any(path.name == _VALIDATED for path in found):
        return [path for path in found if path.name not in _OF_COMMON_VOICE]
    return found


def is_table(path: Path) -> bool:
    """Whether a file is a table with a column for sound and one for text."""
    if path.suffix.lower() not in ENDINGS:
        return False
    try:
        with path.open("rb") as handle:
            head = handle.read(_BEGINNING)
    except OSError:
        return False
    first = next((line for line in head.decode("utf-8-sig", "replace").splitlines() if line.strip()), "")
    names = _names(first, ENDINGS[path.suffix.lower()])
    return bool(_column(names, PATHS)) and bool(_column(names, TEXTS))


def of_table(path: Path) -> Iterator[Found | Missed]:
    """What a table names.

    Raises:
        SourceError: it cannot be read as text.
    """
    text, _ = read_text(path, _MOST)
    mark = ENDINGS[path.suffix.lower()]
    rows = _json_rows(text) if not mark else _rows(text, mark)
    for number, row in rows:
        if not isinstance(row, dict):
            yield Missed("a line that cannot be read", f"{path.name}, line {number:,}")
            continue
        yield _found(path, number, {str(name).strip().lower(): value for name, value in row.items()})


def _found(table: Path, number: int, row: Mapping[str, Any]) -> Found | Missed:
    named = _path_in(row)
    if not named:
        return Missed("no path", f"{table.name}, line {number:,}")
    try:
        path = _placed(table.parent, named)
        start, end = _part(row)
    except ValueError:
        return Missed("a line that cannot be read", f"{table.name}, line {number:,}")
    return Found(
        path, named, _said(row, TEXTS), _said(row, SPEAKERS), _said(row, SOURCES), _said(row, LICENCES),
        _said(row, LANGUAGES), start, end,
    )  # fmt: skip


def _path_in(row: Mapping[str, Any]) -> str:
    for name in PATHS:
        value = row.get(name)
        if isinstance(value, dict):  # datasets has {"path": ..., "bytes": ...}
            value = value.get("path")
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return value.strip()
    return ""


def _placed(folder: Path, named: str) -> Path:
    """Where a clip lies: as it is named, or in one of the usual folders beside the table."""
    for place in PLACES:
        path = folder / place / named
        try:
            if path.is_file():
                return path
        except OSError:  # a name that is too long
            raise ValueError from None
    if not Path(named).suffix:  # LJSpeech and others name clips without their ending
        for place in PLACES:
            path = folder / place / f"{named}.wav"
            if path.is_file():
                return path
    return folder / named


def _part(row: Mapping[str, Any]) -> tuple[float, float | None]:
    """The part of the sound: NeMo says an offset, and then its duration counts."""
    start = _number(row, STARTS[:1])
    if start is None:
        start, end = _number(row, STARTS[1:]), _number(row, ENDS[1:])
        return (0.0, None) if start is None or end is None else (start, end)
    duration = _number(row, ENDS[:1])
    return start, None if duration is None else start + duration


def _number(row: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        if row.get(name) not in (None, ""):
            value = float(row[name])
            if not 0 <= value < 1e9:
                raise ValueError
            return value
    return None


def _said(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _column(names: list[str], wanted: tuple[str, ...]) -> str:
    return next((name for name in wanted if name in names), "")


def _names(first: str, mark: str) -> list[str]:
    """The names of the columns, from a file's first line."""
    if mark:
        return [cell.strip().lower() for cell in _cells(first, mark)]
    try:
        row = orjson.loads(first)
    except orjson.JSONDecodeError:
        return []
    return [str(name).lower() for name in row] if isinstance(row, dict) else []


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark, strict=True), [])
    except csv.Error:
        return line.split(mark)


def _rows(text: str, mark: str) -> Iterator[tuple[int, dict[str, str] | None]]:
    names: list[str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        cells = _cells(line, mark)
        if names is None:
            names = cells
            continue
        if len(cells) != len(names):  # a quotation mark that is a part of the text
            cells = line.split(mark)
        # trailing cells may be missing, as spreadsheets leave them out
        yield number, dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None


def _json_rows(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError:
                yield number, None


def require_table(path: Path) -> None:
    """Refuse a file that names no clips.

    Raises:
        SourceError: says which columns are expected.
    """
    if not is_table(path):
        raise SourceError(
            f"{path}: expected a table (tsv, csv, jsonl) with a column for the sound ({', '.join(PATHS[:3])}) and one "
            f"for the text ({', '.join(TEXTS[:3])})"
        )
