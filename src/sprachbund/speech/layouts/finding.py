"""Which utterances a folder or an archive holds, in whatever layout: every folder is looked at by itself.

An archive is unpacked into a temporary folder first, within limits. The language of an utterance is the one that was
said, else the one that its table says, else that of the nearest folder or archive whose name is a language's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sprachbund.corpus.sources.archives import Spent, untarred, unzipped
from sprachbund.corpus.sources.documents import Dropped, Note, Source
from sprachbund.corpus.sources.streams import Limits
from sprachbund.errors import LanguageError, SourceError, one_line
from sprachbund.files import writable
from sprachbund.languages import find as find_language
from sprachbund.languages import spoken
from sprachbund.speech.layouts.beside import is_beside, of_beside
from sprachbund.speech.layouts.found import SOUNDS, Found, Missed
from sprachbund.speech.layouts.kaldi import is_kaldi, of_kaldi
from sprachbund.speech.layouts.ours import is_ours, of_ours
from sprachbund.speech.layouts.tables import of_table, require_table, tables_of

__all__ = ["Said", "find"]

DEPTH = 8
"""Folders in folders."""
UNPACKED = 1 << 36
"""Bytes that an archive may expand to."""
ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".zip")
_NO_LANGUAGES = frozenset(
    ("wav", "wavs", "ogg", "opus", "lab", "txt", "raw", "tmp", "dev", "test", "train", "data", "audio", "clips", "text",
     "all", "mp3", "sph", "tar", "zip", "new", "old", "out", "src", "doc")
)  # fmt: skip
"""Names of folders that are codes of languages too, and mean none."""
_SHORTEST_NAME = 5


@dataclass(frozen=True)
class Said:
    """What a user says of a folder: its language or "", and whether folders are named by speakers."""

    language: str = ""
    by_folder: bool = False


def find(path: Path, said: Said, scratch: Path) -> Iterator[Found | Missed]:
    """All utterances under a path, in the order of names.

    Args:
        scratch: an empty folder of ours, for what archives hold.

    Raises:
        SourceError: there is nothing, or nothing in it that is known; says which layouts are.
    """
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    walk = _Walk(said, scratch, _source(path))
    any_found = False
    if path.is_dir():
        items = walk.folder(path, "", _code(path.resolve().name), 0)
    elif _is_archive(path):
        items = walk.archive(path, "", "", 0)
    else:
        require_table(path)
        items = walk.named(of_table(path), "", _code(path.resolve().parent.name))
    for item in items:
        any_found = True
        yield item
    if not any_found:
        raise SourceError(
            f"{path}: no recorded speech with its text; expected a table (tsv, csv, jsonl) with a column for the sound "
            "and one for the text, a Kaldi folder (wav.scp, text), sound with .txt or .lab beside it, or a corpus of "
            "speech that was ingested before"
        )


class _Walk:
    """Goes through folders; counts the archives that it unpacks."""

    def __init__(self, said: Said, scratch: Path, source: str) -> None:
        self.said, self.scratch, self.source, self.unpacked = said, scratch, source, 0

    def folder(self, folder: Path, called: str, language: str, depth: int) -> Iterator[Found | Missed]:
        """The utterances of a folder; of what lies in it only where it has no layout itself."""
        try:
            entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            yield Missed("a folder that cannot be read", f"{called or folder} ({error.strerror})")
            return
        files = [entry for entry in entries if entry.is_file()]
        if is_ours(files):
            yield from self.named(of_ours(folder), called, language)
            return
        if tables := tables_of(files):
            for table in tables:
                yield from self.named(_guarded(of_table, table), called, language)
            return
        if is_kaldi(files):
            yield from self.named(_guarded(of_kaldi, folder), called, language)
            return
        if is_beside(files) or (self.said.by_folder and any(each.suffix.lower() in SOUNDS for each in files)):
            speaker = folder.name if self.said.by_folder else ""
            yield from self.named(of_beside(files, writable(speaker)), called, language)
        for entry in entries:
            below = f"{called}/{writable(entry.name)}".lstrip("/")
            if entry.is_dir() and not entry.is_symlink() and depth < DEPTH:
                yield from self.folder(entry, below, _code(entry.name) or language, depth + 1)
            elif entry.is_file() and _is_archive(entry) and depth < DEPTH:
                yield from self.archive(entry, below, language, depth + 1)

    def archive(self, path: Path, called: str, language: str, depth: int) -> Iterator[Found | Missed]:
        """The utterances of an archive."""
        self.unpacked += 1
        folder = self.scratch / str(self.unpacked)
        folder.mkdir()
        try:
            yield from (replace(missed, name=f"{called}/{missed.name}".lstrip("/")) for missed in _unpack(path, folder))
        except SourceError as error:
            yield Missed("an archive that cannot be read", one_line(error))
        yield from self.folder(folder, called, _code(_stem(path.name)) or language, depth)

    def named(self, items: Iterator[Found | Missed], called: str, language: str) -> Iterator[Found | Missed]:
        """Utterances with the language, the source and the name that they have here."""
        for item in items:
            name = f"{called}/{writable(item.name)}".lstrip("/")
            if isinstance(item, Missed):
                yield replace(item, name=name)
                continue
            claimed = self.said.language or _known(item.language) or (language if not item.language else "")
            yield replace(item, name=name, language=claimed, source=item.source or self.source)


def _guarded(reader, place: Path) -> Iterator[Found | Missed]:  # type: ignore[no-untyped-def]
    """What a reader gives; a table that is no text costs itself."""
    try:
        yield from reader(place)
    except SourceError as error:
        yield Missed("a table that cannot be read", one_line(error))


def _unpack(path: Path, folder: Path) -> Iterator[Missed]:
    """Write the members of an archive below a folder; what cannot be written is told."""
    source = Source(path, writable(path.name), None, Limits(total=UNPACKED), lambda moved: None)
    spent = Spent(source, path.stat().st_size)
    place = folder.with_suffix(".member")
    with path.open("rb") as handle:
        is_zip = handle.read(4) == b"PK\x03\x04"
    for name in (unzipped if is_zip else untarred)(source, place, spent):
        if isinstance(name, Dropped):
            yield Missed("a damaged member of an archive", name.detail)
        elif isinstance(name, Note):
            yield Missed("an archive that is damaged or cut", name.text)
        else:
            target = folder / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                place.rename(target)
            except OSError as error:
                yield Missed("a damaged member of an archive", f"{name} ({error.strerror})")


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ARCHIVES)


def _stem(name: str) -> str:
    ending = next((each for each in sorted(ARCHIVES, key=len, reverse=True) if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)]


def _source(path: Path) -> str:
    return writable(_stem(path.resolve().name))


def _code(name: str) -> str:
    """The code of the language that a folder is named by; "" where it is named by something else."""
    if name.lower() in _NO_LANGUAGES:
        return ""
    try:
        return find_language(name).code
    except LanguageError:
        pass
    try:
        return spoken(name) if len(name) >= _SHORTEST_NAME else ""
    except LanguageError:
        return ""


def _known(code: str) -> str:
    """The code that a table says, as we write it; "" where nobody knows it."""
    try:
        return find_language(code).code if code else ""
    except LanguageError:
        return ""
