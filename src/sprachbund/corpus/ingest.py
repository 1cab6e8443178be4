"""Raw text of any supported format to a corpus.

One process reads and cuts a source into records, the others clean and segment them, and the first writes what
comes back in the order in which it was cut: the result does not depend on how many processes worked. A window
of batches bounds the memory, however large the source.

A source is the unit of work. Its files are written into a hidden folder, moved in when it is complete, and
only then does the manifest, replaced atomically, list them. So an ingest that was killed at any moment
leaves a valid corpus of the sources finished before, and the same command goes on from there: a source whose
SHA-256 the manifest has is skipped, files that no manifest lists are removed.

A source on the network is fetched just before it is read, and only where it was named: see `remote/`.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from sprachbund import files
from sprachbund.claims import is_workspace, locked, sweep
from sprachbund.corpus import store
from sprachbund.corpus.remote.fetch import fetch, require_space
from sprachbund.corpus.remote.found import Found, find_files
from sprachbund.corpus.remote.settings import Remote, from_environment
from sprachbund.corpus.sources import detect
from sprachbund.corpus.sources.account import Account
from sprachbund.corpus.sources.documents import Dropped, Note, Record, Source, Tally
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.sources.prepare import Batch
from sprachbund.corpus.sources.seen import Seen
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.sources.workers import Workers
from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.languages import spoken
from sprachbund.progress import Progress, Silent, logger

BATCH_BYTES, BATCH_RECORDS = 1 << 19, 500
SMALL = 1 << 20
"""Bytes of sources below which starting processes (about a second) costs more than it brings."""
LEAST_MEMORY = 256 << 20


@dataclass(frozen=True)
class SourceSummary:
    """What became of a source.

    Attributes:
        read: records read; ``kept`` of them are documents of the corpus now.
        dropped: for each reason how many records; with ``kept`` they sum to ``read``.
        replaced: sequences of bytes that were no UTF-8.
        wordless: sentences left out because they have neither letter nor digit.
        broken: truncated, damaged, empty or unreadable: an error under --strict.
        skipped: the corpus has the source already; the counts are those of then.
        url, checksum: where it was fetched from, and the checksum published there, as ``sha1:...``; None for a
            file that was here.
    """

    name: str
    sha256: str
    format: str
    languages: dict[str, int]
    read: int
    kept: int
    dropped: dict[str, int]
    replaced: int
    wordless: int
    warnings: list[str]
    broken: bool
    skipped: bool = False
    url: str | None = None
    checksum: str | None = None


@dataclass(frozen=True)
class IngestSummary:
    """What an ingest did, and what the corpus now has of each language."""

    sources: tuple[SourceSummary, ...]
    counts: dict[str, dict[str, int]]
    warnings: tuple[str, ...] = ()


def ingest(
    sources: Sequence[Path | str | Found],
    out: Path | str,
    lang: str | None = None,
    strict: bool = False,
    workers: int | None = None,
    memory: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    remote: Remote | None = None,
) -> IngestSummary:
    """Read sources into the corpus at ``out``, which is made, or added to.

    Args:
        sources: files, or folders of which all files are read (hidden ones are not), sorted by their paths; what
            `find_files` found; or names of sources on the network, ``wikipedia:bn``, ``wikipedia:bn/20240501`` or
            ``hf:wikimedia/wikipedia/20231101.bn``, where no file has that very name.
        lang: the language of everything read, whatever the sources say; None takes it from them.
        strict: a truncated, damaged, empty or unreadable source is an error and not a warning.
        workers: processes; None takes one a processor, and none besides this for small sources. They need the
            guard ``if __name__ == "__main__":`` in the calling script.
        memory: bytes that may be used, about; None takes a quarter of what there is, at most 2 GiB.
        limits: what compressed files may expand to.
        progress: told the bytes of the sources that have been fetched, and those that have been read.
        remote: how to fetch; None takes it from the environment.

    Raises:
        LanguageError: ``lang`` is no code that anybody knows.
        SourceError: a source is absent or of no known format, cannot be fetched, or, under ``strict``, is broken.
        CapacityError: the disk does not hold what is to be fetched.
        FolderError: ``out`` holds something else than a corpus.
        SettingsError: the memory is too little, or ``workers`` is below 1.
    """
    forced = spoken(lang) if lang else None
    memory = min(files.memory_limit() // 4, 2 << 30) if memory is None else memory
    if memory < LEAST_MEMORY:
        raise SettingsError(f"ingest needs at least {LEAST_MEMORY >> 20} MiB of memory, found {memory:,} bytes")
    if workers is not None and workers < 1:
        raise SettingsError(f"workers must be 1 or more, found {workers}")
    remote = remote or from_environment()
    found = find_files(sources, Path(out), remote)
    small = sum(one.size for one in found) < SMALL
    pool = Workers(workers or (1 if small else files.cpu_count()))
    report = progress or Silent()
    summaries: list[SourceSummary] = []
    with _locked(Path(out)) as folder:
        manifest = _start(folder)
        seen = _load_seen(folder, manifest)
        try:
            had = {one: entry for one in found if (entry := _had(manifest, one, strict))}
            require_space((one.origin, one.path) for one in found if one.origin and one not in had)
            for one in found:
                if one in had:
                    logger.info("%s: the corpus has it already, as %s; skipped", one.name, had[one]["name"])
                    summaries.append(_skipped(had[one], one.name))
                    report.advance(one.work)
                    continue
                if one.origin:
                    report.describe(f"fetching {one.name}")
                    fetch(one.origin, one.path, remote, _mover(report))
                    report.describe("")
                source = Source(one.path, one.name, forced or one.lang, limits or Limits(), _mover(report), memory)
                summaries.append(_ingest_one(folder, manifest, seen, pool, source, strict, one, memory // 8))
        finally:
            pool.close()
            shutil.rmtree(folder / store.STAGING, ignore_errors=True)
    return IngestSummary(
        sources=tuple(summaries),
        counts=dict(sorted(manifest["counts"].items())),
        warnings=tuple(f"{summary.name}: {text}" for summary in summaries for text in summary.warnings),
    )


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Make the folder and keep other ingests out of it."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder}: expected a folder to write the corpus into, found a file; name another")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, "ingesting"):
        yield folder


def _start(folder: Path) -> dict[str, Any]:
    """The manifest to go on from; what a killed ingest left is removed."""
    if not (folder / store.MANIFEST).exists():
        if any(not is_workspace(path) for path in folder.iterdir()):
            raise FolderError(f"{folder}: already holds something else; name a new folder or remove it first")
        files.write_json(folder / store.MANIFEST, files.sealed(store.empty_manifest()))
    manifest = files.read_manifest(folder, store.MANIFEST, store.KIND, store.FORMAT)
    sweep(folder)
    shutil.rmtree(folder / store.STAGING, ignore_errors=True)
    for stranger in store.strangers(folder, manifest):
        if not store.DATA_NAME.fullmatch(stranger.name):
            raise FolderError(f"{stranger}: a foreign file in the corpus; move it elsewhere")
        stranger.unlink()
        if not any(stranger.parent.iterdir()):
            stranger.parent.rmdir()
    return manifest


def _load_seen(folder: Path, manifest: dict[str, Any]) -> Seen:
    seen = Seen()
    for name in sorted(manifest["files"]):
        if name.endswith(".documents.jsonl"):
            with (folder / name).open("rb") as handle:
                seen.load(name.split("/")[0], map(orjson.loads, handle))
    return seen


def _mover(report: Progress) -> Any:
    """A function that tells the progress how far the current file has been read."""
    last = 0

    def moved(consumed: int) -> None:
        nonlocal last
        report.advance(consumed - last)
        last = consumed

    return moved


def _had(manifest: dict[str, Any], found: Found, strict: bool) -> dict[str, Any] | None:
    """The entry of a source on the network that the corpus has, so that it need not be fetched to be skipped."""
    for entry in manifest["sources"]:
        same = found.origin is not None and entry.get("checksum") == found.origin.checksum
        if same and entry["kept"] and not (strict and entry["broken"]):
            return dict(entry)
    return None


def _skipped(entry: dict[str, Any], name: str) -> SourceSummary:
    return SourceSummary(**{**entry, "name": name, "warnings": [], "skipped": True})


def _ingest_one(
    folder: Path,
    manifest: dict[str, Any],
    seen: Seen,
    pool: Workers,
    source: Source,
    strict: bool,
    found: Found,
    held: int,
) -> SourceSummary:
    """Read one source; on return its files and its entry in the manifest are on disk."""
    digest = files.sha256_file(source.path)
    number = len(manifest["sources"])
    for place, entry in enumerate(manifest["sources"]):
        if entry["sha256"] == digest:
            if not entry["kept"]:  # it gave nothing; with --lang or another version it may
                number = place
                break
            if strict and entry["broken"]:
                raise SourceError(
                    f"{source.path}: {entry['warnings'][0]}; the corpus has it so, from an ingest without "
                    "--strict: write another corpus from a whole file"
                )
            logger.info("%s: the corpus has it already, as %s; skipped", source.name, entry["name"])
            source.moved(source.path.stat().st_size)
            return _skipped(entry, source.name)
    account = Account()
    shutil.rmtree(folder / store.STAGING, ignore_errors=True)
    staging = store.Staging(folder / store.STAGING, f"{number:05d}.{digest[:12]}", held)
    format_name = _detect(source, account, strict, found.named)
    if format_name in FORMATS:
        _read(format_name, source, account, seen, pool, staging)
    source.moved(source.path.stat().st_size)
    warnings = account.warnings()
    for text in warnings:
        logger.warning("%s: %s", source.name, text)
    fatal = [note.text for note in account.notes if note.fatal]
    if strict and fatal:
        raise SourceError(f"{source.path}: {fatal[0]}; it is an error under --strict")
    summary = SourceSummary(
        name=source.name,
        sha256=digest,
        format=format_name,
        languages=dict(sorted(account.languages.items())),
        read=account.read,
        kept=account.kept,
        dropped=dict(sorted(account.dropped.items())),
        replaced=account.replaced,
        wordless=account.wordless,
        warnings=warnings,
        broken=bool(fatal),
        url=found.origin.url if found.origin else None,
        checksum=found.origin.checksum if found.origin else None,
    )
    _commit(folder, manifest, staging, summary, number)
    return summary


def _detect(source: Source, account: Account, strict: bool, named: bool) -> str:
    """The format; in a folder, a file that cannot be read is a warning and not the end of everything."""
    try:
        format_name = detect.detect(source.path)
    except SourceError as error:
        if named or strict:
            raise
        account.notes.append(Note(str(error).removeprefix(f"{source.path}: ") + "; not read", fatal=True))
        return "unreadable"
    if format_name == detect.EMPTY:
        account.notes.append(Note("empty: there is no text in the file", fatal=True))
    if format_name in detect.NEED_LANG and source.lang is None:
        text = f"{format_name} does not say its language; name it with --lang"
        if named or strict:
            raise SourceError(f"{source.path}: {text}")
        account.notes.append(Note(f"{text}; not read", fatal=True))
        return "unreadable"
    return format_name


def _read(
    format_name: str, source: Source, account: Account, seen: Seen, pool: Workers, staging: store.Staging
) -> None:
    def records() -> Iterator[Record]:
        for item in FORMATS[format_name].cut(source):
            if isinstance(item, Dropped):
                account.drop(item)
            elif isinstance(item, Note):
                account.notes.append(item)
            elif isinstance(item, Tally):
                account.replaced += item.count
            else:
                yield item

    for results in pool.run(batches(format_name, source.lang, records())):
        for result in results:
            if isinstance(result, Dropped):
                account.drop(result)
                continue
            place = seen.place(result)
            if isinstance(place, Dropped):
                account.drop(place)
                continue
            account.keep(result)
            staging.add(*place, result)


def batches(format_name: str, lang: str | None, records: Iterable[Record]) -> Iterator[Batch]:
    """Records in batches of bounded size."""
    waiting: list[Record] = []
    size = 0
    for record in records:
        waiting.append(record)
        size += record.size
        if size >= BATCH_BYTES or len(waiting) >= BATCH_RECORDS:
            yield Batch(format_name, lang, tuple(waiting))
            waiting, size = [], 0
    if waiting:
        yield Batch(format_name, lang, tuple(waiting))


def _commit(
    folder: Path, manifest: dict[str, Any], staging: store.Staging, summary: SourceSummary, number: int
) -> None:
    """Move a complete source in, then list it in its place."""
    staged = folder / store.STAGING
    for name in staging.finish():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        manifest["files"][name] = files.sha256_file(staged / name)
        manifest["bytes"][name] = (staged / name).stat().st_size
        (staged / name).replace(target)
        files.sync_folder(target.parent)
    files.sync_folder(folder)
    for lang, counts in staging.counts.items():
        total = manifest["counts"].setdefault(lang, dict.fromkeys(store.COUNTED, 0))
        for what, count in counts.items():
            total[what] += count
    entry = asdict(summary)
    del entry["skipped"]
    if summary.url is None:
        del entry["url"], entry["checksum"]
    manifest["sources"][number : number + 1] = [entry]
    manifest["written_by"] = files.package_version()
    files.write_json(folder / store.MANIFEST, files.sealed(manifest))
