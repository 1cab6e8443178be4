"""A corpus on disk: sentences in order, of many languages, as Parquet that anything can read.

    CORPUS/corpus.json                         sources, counts, the hash of every file
    CORPUS/<lang>/*.parquet                    a row a sentence, in reading order
    CORPUS/<lang>/*.documents.jsonl            a line a document: id, title, headings, what else is known

A file is named by the number of its source, the source's hash, and the number of the part: files in the order
of their names are the corpus in the order in which it was ingested. A part is closed when memory asks for it;
Parquet files are never appended to, so that what the manifest lists is complete.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import polars as pl

from sprachbund import files
from sprachbund.arguments import several, text
from sprachbund.claims import shown_files
from sprachbund.corpus.moving import moving
from sprachbund.corpus.soundness import REMEDY, read_notes, require_agreement, require_sound
from sprachbund.errors import FolderError, SettingsError
from sprachbund.languages import among
from sprachbund.notebook import html_table
from sprachbund.tables import read_table, write_parquet

if TYPE_CHECKING:
    from sprachbund.corpus.sources.prepare import Prepared

KIND, FORMAT, MANIFEST = "corpus", 3, "corpus.json"
SCHEMA = {
    "lang": pl.String,
    "document": pl.String,
    "group": pl.String,
    "section": pl.Int32,
    "paragraph": pl.Int32,
    "position": pl.Int32,
    "text": pl.String,
}
COUNTED = ("documents", "sections", "paragraphs", "sentences", "characters")


@dataclass(frozen=True)
class Corpus:
    """Sentences of several languages; made by `open`.

    Attributes:
        path: the folder.
        manifest: the content of corpus.json.
    """

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path | str, *, check: bool = True) -> "Corpus":
        """Open the corpus in a folder.

        Args:
            check: compare the SHA-256 of every file with the manifest (about a second a gigabyte); otherwise
                only see that each file is there and has its size.

        Raises:
            FolderError: the folder is no corpus, is of another format version, or a file in it is damaged,
                missing or foreign; the message names it.
        """
        folder = Path(path)
        fields = {"files": dict, "bytes": dict, "counts": dict, "sources": list}
        manifest = files.read_manifest(folder, MANIFEST, KIND, FORMAT, check=check, fields=fields)
        require_sound(folder / MANIFEST, manifest)
        for relative, size in manifest["bytes"].items():
            found = (folder / relative).stat().st_size
            if found != size:
                raise FolderError(
                    f"{folder / relative}: damaged, expected {size:,} bytes and found {found:,}; make the corpus anew"
                )
        found = strangers(folder, manifest)
        coming = moving(folder)  # asked after, so that what began to move meanwhile is not among those found
        foreign = [path for path in found if path.relative_to(folder).as_posix() not in coming and path.exists()]
        if foreign and files.read_manifest(folder, MANIFEST, KIND, FORMAT) != manifest:
            return cls.open(folder, check=check)  # an ingest ended meanwhile, and its ledger went
        if foreign:
            raise FolderError(
                f"{foreign[0]}: a foreign file, the corpus's manifest does not list it; move it elsewhere"
            )
        return cls(folder, manifest)

    def __repr__(self) -> str:
        documents, sentences = (sum(one[what] for one in self.counts.values()) for what in ("documents", "sentences"))
        return (
            f"Corpus({str(self.path)!r}: {', '.join(self.languages)}; {documents:,} documents, {sentences:,} sentences)"
        )

    def _repr_html_(self) -> str:
        rows = [(code, *(count[what] for what in COUNTED)) for code, count in self.counts.items()]
        return html_table(repr(self), ("language", *COUNTED), rows)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that have sentences, sorted."""
        return tuple(sorted(self.manifest["counts"]))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each language how many documents, sections, paragraphs, sentences and characters it has."""
        return {lang: dict(self.manifest["counts"][lang]) for lang in self.languages}

    @property
    def sources(self) -> list[dict[str, Any]]:
        """What was ingested: name, sha256, format, read, kept, dropped by reason, warnings; in order."""
        return list(self.manifest["sources"])

    def content_hash(self, languages: Sequence[str] | None = None) -> str:
        """A hash of all sentences of these languages (all by default): the corpus's name in a run.

        Raises:
            LanguageError: the corpus lacks one of the languages.
        """
        hashes = self.manifest["files"]
        return files.content_hash(
            {
                lang: [hashes[name] for name in self._names(lang, ".parquet")]
                for lang in sorted(set(self.languages if languages is None else languages))
            }
        )

    def read(self, language: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The sentences of a language in reading order, a row each; those of a section are contiguous.

        Args:
            columns: which of lang, document, group, section, paragraph, position, text; all by default.

        Raises:
            LanguageError: the corpus lacks the language. SettingsError: there is no such column.
            FolderError: a file cannot be read; the message names it.
        """
        wanted = list(SCHEMA) if columns is None else several(columns, "columns", str)
        if unknown := set(wanted) - set(SCHEMA):
            raise SettingsError(f"no column is called {', '.join(sorted(unknown))}; there are: {', '.join(SCHEMA)}")
        frames = [self._frame(name, wanted) for name in self._names(language, ".parquet")]
        if not frames:
            raise FolderError(f"{self.path / MANIFEST}: damaged, it lists no sentences in {language}; {REMEDY}")
        return pl.concat(frames, rechunk=False)

    def parts(self, language: str, columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, list[dict[str, Any]]]]:
        """The sentences of a language file by file, with the documents of the file in the same order.

        A document is never parted, and one file is in memory at a time. The documents are as in the file of that name:
        document, group, title, headings, sentences, digest, meta.

        Raises:
            LanguageError, FolderError: as `read`.
        """
        for name in self.part_names(language):
            yield read_part(self.path, name, columns)

    def part_names(self, language: str) -> list[str]:
        """The names of the files that have the `parts` of a language, for `read_part`.

        Raises:
            LanguageError: the corpus lacks the language.
        """
        return self._names(language, ".parquet")

    def part(self, language: str, number: int, columns: Sequence[str]) -> pl.DataFrame:
        """The sentences of one of the `parts` of a language, by its place among them.

        Raises:
            LanguageError, FolderError: as `read`.
        """
        return self._frame(self._names(language, ".parquet")[number], list(columns))

    def numbers(self, language: str) -> list[int]:
        """For each of the `parts` of a language the number of its source, its place in `sources`."""
        return [_number(name) for name in self._names(language, ".parquet")]

    def without_twins(self) -> "Corpus":
        """The corpus without the sources that have the very bytes of another one, as if they had not been read.

        What is trained on identical files counts them once, and none of them stands on two sides of a split.
        """
        twins = {number for number, source in enumerate(self.sources) if source.get("twin") is not None}
        names = [name for name in self.manifest["files"] if _number(name) not in twins]
        if len(names) == len(self.manifest["files"]):
            return self
        left = {lang: counts for lang, counts in self.counts.items() if any(n.startswith(f"{lang}/") for n in names)}
        for name in sorted(set(self.manifest["files"]) - set(names)):
            lang = name.partition("/")[0]
            if lang in left and name.endswith(".parquet"):
                for what, count in _count(self._frame(name, list(SCHEMA))).items():
                    left[lang][what] -= count
        listed = {what: {name: self.manifest[what][name] for name in names} for what in ("files", "bytes")}
        return Corpus(self.path, {**self.manifest, **listed, "counts": left})

    def documents(self, language: str) -> pl.DataFrame:
        """The documents of a language in reading order, a row each.

        The columns are document, group, title, headings (a list, one a section), sentences and sections
        (counts).
        """
        return pl.DataFrame(
            list(self._notes(language)),
            schema={
                "document": pl.String,
                "group": pl.String,
                "title": pl.String,
                "headings": pl.List(pl.String),
                "sentences": pl.Int32,
            },
        ).with_columns(sections=pl.col("headings").list.len().cast(pl.Int32))

    def headings(self, language: str) -> dict[str, tuple[str, ...]]:
        """For each document the title of each of its sections, empty where a section has none."""
        return {row["document"]: tuple(row["headings"]) for row in self._notes(language)}

    def _names(self, lang: str, ending: str) -> list[str]:
        (code,) = among([text(lang, "language")], self.languages, f"{self.path}:")
        return sorted(name for name in self.manifest["files"] if name.startswith(f"{code}/") and name.endswith(ending))

    def _frame(self, name: str, columns: list[str]) -> pl.DataFrame:
        return _sentences(self.path, name, columns)

    def _notes(self, lang: str) -> Iterator[dict[str, Any]]:
        for name in self._names(lang, ".documents.jsonl"):
            yield from read_notes(self.path / name)


def read_part(folder: Path, name: str, columns: Sequence[str]) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """One of `Corpus.parts`, by the name of its file: for jobs that are handed a file and open no corpus.

    Raises:
        FolderError: it cannot be read, or is damaged.
    """
    frame = _sentences(folder, name, columns)
    documents = list(read_notes(folder / notes_of(name)))
    require_agreement(folder / name, frame, documents)
    return frame, documents


def notes_of(name: str) -> str:
    """The name of the file of the documents whose sentences a file has."""
    return f"{name.removesuffix('.parquet')}.documents.jsonl"


def _sentences(folder: Path, name: str, columns: Sequence[str]) -> pl.DataFrame:
    frame = read_table(folder / name, {column: SCHEMA[column] for column in columns}, REMEDY)
    for column in ("section", "paragraph", "position"):
        if column in columns and frame.height and frame[column].min() < 0:  # type: ignore[operator]
            raise FolderError(f"{folder / name}: damaged, it has a {column} below 0; {REMEDY}")
    return frame


def _number(name: str) -> int:
    """The number of the source in the name of a file, ``pt/00003.<hash>.0000.parquet``."""
    return int(name.rpartition("/")[2].partition(".")[0])


def _count(frame: pl.DataFrame) -> dict[str, int]:
    """What `COUNTED` is of some sentences of one language."""
    paragraphs = frame.group_by("document").agg(pl.col("paragraph").max() + 1)["paragraph"].sum()
    sections = frame.select(pl.struct("document", "section").n_unique()).item()
    found = (frame["document"].n_unique(), sections, paragraphs, frame.height, frame["text"].str.len_chars().sum())
    return dict(zip(COUNTED, map(int, found), strict=True))


def strangers(folder: Path, manifest: dict[str, Any]) -> list[Path]:
    """The files in a corpus folder that its manifest does not list; hidden ones are nobody's business."""
    known = set(manifest["files"]) | {MANIFEST}
    return [path for path in shown_files(folder) if path.relative_to(folder).as_posix() not in known]


def empty_manifest() -> dict[str, Any]:
    """The manifest of a corpus without sources."""
    return {
        "kind": KIND,
        "format": FORMAT,
        "written_by": files.package_version(),
        "files": {},
        "bytes": {},
        "sources": [],
        "counts": {},
    }


DEFAULT_HELD = 128 << 20
ROW_BYTES = 100
"""What a sentence costs in memory besides its characters, about: its objects and its places."""


@dataclass
class _Language:
    """The documents of a language that wait to be written."""

    documents: list[tuple[str, str, "Prepared"]] = field(default_factory=list)
    size: int = 0
    parts: int = 0


class Staging:
    """Collects the documents of one source and writes a part of a language whenever too much waits.

    Args:
        folder: where the parts go, as ``<lang>/<prefix>.<part>.parquet`` and ``.documents.jsonl``.
        prefix: the beginning of every file name.
        held: bytes that may wait in memory, about.
    """

    def __init__(self, folder: Path, prefix: str, held: int = DEFAULT_HELD) -> None:
        self.folder, self.prefix, self.held = folder, prefix, held
        self.waiting: dict[str, _Language] = {}
        self.size = 0
        self.counts: dict[str, dict[str, int]] = {}
        self.written: list[str] = []

    def add(self, document: str, group: str, prepared: "Prepared") -> None:
        """Take a document under its final id and group."""
        size = sum(map(len, prepared.texts)) + ROW_BYTES * len(prepared.texts)
        language = self.waiting.setdefault(prepared.lang, _Language())
        language.documents.append((document, group, prepared))
        language.size += size
        self.size += size
        counts = self.counts.setdefault(prepared.lang, dict.fromkeys(COUNTED, 0))
        counts["documents"] += 1
        counts["sections"] += len(prepared.headings)
        counts["paragraphs"] += prepared.paragraphs[-1] + 1
        counts["sentences"] += len(prepared.texts)
        counts["characters"] += sum(map(len, prepared.texts))
        if self.size > self.held:
            self._write(max(self.waiting, key=lambda lang: (self.waiting[lang].size, lang)))

    def finish(self) -> list[str]:
        """Write what waits; the relative paths of all files of the source, sorted."""
        for lang in sorted(self.waiting):
            if self.waiting[lang].documents:
                self._write(lang)
        return sorted(self.written)

    def adopt(self, other: Path, prefix: str, names: Sequence[str], counts: dict[str, dict[str, int]]) -> None:
        """Take over what another one, which had these names and counts in the end, wrote under another prefix."""
        for name in names:
            lang, _, file = name.partition("/")
            own = f"{lang}/{self.prefix}{file.removeprefix(prefix)}"
            (self.folder / lang).mkdir(parents=True, exist_ok=True)
            (other / name).replace(self.folder / own)
            self.written.append(own)
        self.counts = counts

    def _write(self, lang: str) -> None:
        language = self.waiting[lang]
        name = f"{lang}/{self.prefix}.{language.parts:04d}"
        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.atomic_path(path) as temporary:
            write_parquet(
                _frame(lang, language.documents),
                temporary,
                compression="zstd",
                compression_level=3,
                statistics=True,
                row_group_size=1 << 17,
            )
        lines = b"".join(_line(document, group, prepared) for document, group, prepared in language.documents)
        files.write_bytes(self.folder / f"{name}.documents.jsonl", lines)
        self.written += [f"{name}.parquet", f"{name}.documents.jsonl"]
        self.size -= language.size
        self.waiting[lang] = _Language(parts=language.parts + 1)


def _frame(lang: str, documents: list[tuple[str, str, "Prepared"]]) -> pl.DataFrame:
    lengths = np.array([len(prepared.texts) for _, _, prepared in documents])
    positions = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    index = np.repeat(np.arange(len(documents)), lengths)
    columns: dict[str, Any] = {
        "lang": pl.repeat(lang, len(index), dtype=pl.String, eager=True),
        "document": pl.Series([document for document, _, _ in documents], dtype=pl.String).gather(index),
        "group": pl.Series([group for _, group, _ in documents], dtype=pl.String).gather(index),
        "section": [section for _, _, prepared in documents for section in prepared.sections],
        "paragraph": [paragraph for _, _, prepared in documents for paragraph in prepared.paragraphs],
        "position": positions,
        "text": [text for _, _, prepared in documents for text in prepared.texts],
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def _line(document: str, group: str, prepared: "Prepared") -> bytes:
    return orjson.dumps(
        {
            "document": document,
            "group": group,
            "title": prepared.title,
            "headings": prepared.headings,
            "sentences": len(prepared.texts),
            "digest": f"{prepared.digest:016x}",
            "meta": prepared.meta,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
