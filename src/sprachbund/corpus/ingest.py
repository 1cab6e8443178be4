"""Raw text of any supported format to a corpus.

One process reads and cuts a source into records, the others clean and segment them, and the first writes what
comes back in the order in which it was cut: the result does not depend on how many processes worked. A window
of batches bounds the memory, however large the source.

A source is the unit of work. Its files are written into a hidden folder, moved in when it is complete, with those of
others where they are many and small, and only then does the manifest, replaced atomically, list them. So an ingest
that was killed at any moment leaves a valid corpus of the sources finished before, but for those of the last two
seconds, and the same command goes on from there: a source whose SHA-256 the manifest has is skipped, what was moved in
and not listed is removed (`moving.py`).

A record that cannot be read costs itself, a source that cannot be read costs itself where it lies in a folder: both
are counted and named. A source that was named by the user and cannot be read is an error.

A source on the network is fetched just before it is read, and only where it was named: see `remote/`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import orjson

from sprachbund import arguments, files, machine
from sprachbund.claims import is_workspace, locked, sweep, workspace
from sprachbund.corpus import moving, store
from sprachbund.corpus.ahead import Ahead, How
from sprachbund.corpus.coming import Coming
from sprachbund.corpus.folders import language_of_folder
from sprachbund.corpus.reading import UNREADABLE, UnreadableError, format_of, pieces_of, take_pieces
from sprachbund.corpus.remote.fetch import fetch, require_space
from sprachbund.corpus.remote.found import Found, find_files
from sprachbund.corpus.remote.settings import Remote, from_environment
from sprachbund.corpus.sources.account import Account, Passed
from sprachbund.corpus.sources.columns import Columns, chosen
from sprachbund.corpus.sources.documents import Note, Source
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.sources.kinds import NoTextError
from sprachbund.corpus.sources.seen import Seen
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.sources.workers import Workers
from sprachbund.corpus.summaries import IngestSummary, SourceSummary
from sprachbund.engines.choosing import engine_on
from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.languages import spoken
from sprachbund.progress import Progress, Silent, logger

__all__ = ["IngestSummary", "SourceSummary", "ingest"]

FOLDER = "folder"
SMALL = 1 << 20
"""Bytes of sources below which starting processes (about a second) costs more than it brings."""
LEAST_MEMORY, LEAST_WINDOW = 256 << 20, 128 << 20
Read = Callable[[str, Source, Account, Seen, store.Staging], Account]
"""Reads a source of a format: what is counted of it, beside what was known, and its documents in the staging."""
RECORD_SHARE = 16
"""A record may be this part of the memory. A line of 20 MB takes 150 MB here, and 350 where it is prepared."""


def ingest(
    sources: Sequence[Path | str | Found] | Path | str,
    out: Path | str,
    language: str | None = None,
    strict: bool = False,
    workers: int | None = None,
    memory: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    remote: Remote | None = None,
    columns: Columns | Mapping[str, str] | None = None,
    language_from: str | None = None,
    *,
    twins: bool = False,
    on: str | None = None,
) -> IngestSummary:
    """Read sources into the corpus at ``out``, which is made, or added to.

    Args:
        sources: one or several: files, or folders of which all files are read (hidden ones are not), sorted by their
            paths; what `find_files` found; or names of sources on the network, ``wikipedia:bn``,
            ``wikipedia:bn/20240501`` or ``hf:wikimedia/wikipedia/20231101.bn``, where no file has that very name.
        language: the language of everything read, whatever the sources say, `und` and `mul` too; None takes it from
            them, and from the text where they do not say it.
        language_from: ``folder``: the name of the nearest folder says the language, whatever the sources say.
        strict: a truncated, damaged, empty or unreadable source is an error and not a warning.
        workers: processes; None takes one a processor, and none besides this for small sources. They need the
            guard ``if __name__ == "__main__":`` in the calling script.
        memory: bytes that may be used, about; None takes a quarter of what there is, at most 2 GiB.
        limits: what compressed files may expand to, and what a record may take: at most a sixteenth of the memory.
        progress: told the bytes of the sources that have been fetched, and those that have been read.
        remote: how to fetch; None takes it from the environment.
        columns: which column of a table, or field of JSON, is which, as ``{"text": "body", "title": "name", "id":
            "key", "lang": "language"}``; what is not named is found by the names that people use.
        twins: read a source that has the very bytes of another one too; the manifest says whose `twin` it is.
        on: where sources are read, one a job: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        LanguageError: ``language`` is no code that anybody knows.
        SourceError: a source is absent or of no known format, cannot be fetched, or, under ``strict``, is broken.
        CapacityError: the disk does not hold what is to be fetched.
        FolderError: ``out`` holds something else than a corpus.
        SettingsError: the memory is too little, ``workers`` is below 1, or a limit below 0.
    """
    sources = arguments.some_paths(sources)
    forced = spoken(arguments.text(language, "language")) if language else None
    if language_from not in (None, FOLDER):
        raise SettingsError(f"the language comes from a {FOLDER} or from nowhere else, found {language_from!r}")
    memory = min(machine.memory_limit() // 4, 2 << 30) if memory is None else memory
    if memory < LEAST_MEMORY:
        raise SettingsError(f"ingest needs at least {LEAST_MEMORY >> 20} MiB of memory, found {memory:,} bytes")
    if workers is not None and workers < 1:
        raise SettingsError(f"workers must be 1 or more, found {workers}")
    limits = limits or Limits()
    if not 0 <= limits.seconds < float("inf"):
        raise SettingsError(f"seconds for a record must be 0 (no limit) or more, found {limits.seconds}")
    window = max(LEAST_WINDOW, min(limits.window, memory))
    limits = replace(limits, record=min(limits.record, memory // RECORD_SHARE), window=window)
    named = chosen(columns)
    files.require_place(Path(out), folder=True)
    remote = remote or from_environment()
    found = find_files(sources, Path(out), remote)
    small = sum(one.size for one in found) < SMALL
    pool = Workers(workers or (1 if small else machine.cpu_count()), limits.seconds, memory // RECORD_SHARE)
    report = progress or Silent()
    summaries: list[SourceSummary] = []
    passed = Passed()
    digest_of = lru_cache(maxsize=4096)(files.sha256_file)

    def fetched(one: Found) -> None:
        if one.origin:
            report.describe(f"fetching {one.name}")
            fetch(one.origin, one.path, remote, _mover(report))
            report.describe("")

    def source_of(one: Found) -> Source:
        folder_says = language_of_folder(one.path, one.name) if language_from and not one.origin else None
        lang_of = forced or folder_says or one.lang
        return Source(*(one.path, one.name, lang_of, limits, _mover(report), memory, named), *(one.prefix, one.owned))

    with _locked(Path(out)) as folder, ExitStack() as stack:
        engine = stack.enter_context(engine_on(on, workers, folder))  # first, so that none leaves no corpus of nothing
        manifest = _start(folder)
        coming = Coming(folder, manifest)
        seen = _load_seen(folder, manifest, twins)
        try:
            had = {one: entry for one in found if (entry := _had(manifest, one, strict))}
            require_space((one.origin, one.path) for one in found if one.origin and one not in had)

            def unread(one: Found) -> Source | None:
                """One that the corpus does not have, for another machine to read."""
                fetched(one)
                known = not one.fault and _known(manifest, digest_of(one.path), one, twins)
                return None if one.fault or known else source_of(one)

            ahead = None
            if engine is not None:
                waiting = [(number, one) for number, one in enumerate(found) if one not in had]
                how = How(strict, twins, memory // RECORD_SHARE, memory // 8)
                ahead = Ahead(engine, stack.enter_context(workspace(folder)), waiting, unread, how)
                stack.callback(ahead.close)
            for number, one in enumerate(found):
                if one in had:
                    logger.info("%s: the corpus has it already, as %s; skipped", one.name, had[one]["name"])
                    summaries.append(_skipped(had[one], one.name))
                    report.advance(one.work)
                    continue
                read: Read = partial(_read_here, pool)
                if ahead is None:
                    fetched(one)
                elif ahead.ready(number):
                    read = partial(_read_there, ahead, number, pool)
                try:
                    done = _ingest_one(
                        coming, seen, read, source_of(one), strict, one, memory // 8, passed, twins, digest_of
                    )
                    summaries.append(done)
                except NoTextError as error:
                    passed.add(error.kind, one.name)
                    report.advance(one.work)
                except UnreadableError as error:
                    if one.named or (strict and not one.harmless):
                        raise SourceError(f"{one.path}: {error}") from None
                    summaries.append(_unreadable(one, str(error)))
                    report.advance(one.work)
                if ahead is not None:
                    ahead.done(number)
        finally:
            pool.close()
            try:
                coming.list_all()
            finally:
                _clear(folder)
    for text in passed.warnings():
        logger.warning("%s", text)
    return IngestSummary(
        sources=tuple(summaries),
        counts=dict(sorted(manifest["counts"].items())),
        warnings=(
            *(f"{summary.name}: {text}" for summary in summaries for text in summary.warnings),
            *passed.warnings(),
        ),
        passed=dict(sorted(passed.counts.items())),
    )


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Make the folder and keep other ingests out of it."""
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
    moving.clear(folder, manifest["files"])
    if foreign := store.strangers(folder, manifest):
        raise FolderError(f"{foreign[0]}: a foreign file in the corpus; move it elsewhere")
    return manifest


def _clear(folder: Path) -> None:
    """Remove what this ingest has written and not listed, by what the manifest on the disk says."""
    listed = files.read_manifest(folder, store.MANIFEST, store.KIND, store.FORMAT)["files"]
    moving.clear(folder, listed)


def _load_seen(folder: Path, manifest: dict[str, Any], twins: bool) -> Seen:
    seen = Seen(twins)
    for name in sorted(manifest["files"]):
        if name.endswith(".documents.jsonl"):
            with (folder / name).open("rb") as handle:
                seen.load(name.split("/")[0], map(orjson.loads, handle))
    return seen


def _unreadable(found: Found, why: str) -> SourceSummary:
    """What became of a source that could not be opened; the corpus has no entry for it, since it has no hash."""
    text = f"{why}; not read"
    logger.warning("%s: %s", found.name, text)
    counts: dict[str, Any] = dict.fromkeys(("read", "kept", "replaced", "wordless"), 0)
    return SourceSummary(
        name=found.name,
        sha256="",
        format=UNREADABLE,
        languages={},
        dropped={},
        warnings=[text],
        broken=not found.harmless,
        root=found.root,
        **counts,
    )


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


def _known(manifest: dict[str, Any], digest: str, found: Found, twins: bool) -> bool:
    """Whether a source with these bytes is in the corpus, so that it will be skipped."""
    return any(
        entry["sha256"] == digest
        and entry["kept"]
        and (not twins or (entry.get("root", ""), entry["name"]) == (found.root, found.name))
        for entry in manifest["sources"]
    )


def _read_here(
    pool: Workers, format_name: str, source: Source, account: Account, seen: Seen, staging: store.Staging
) -> Account:
    take_pieces(pieces_of(format_name, source, pool), source, account, seen, staging)
    return account


def _read_there(
    ahead: Ahead,
    number: int,
    pool: Workers,
    format_name: str,
    source: Source,
    account: Account,
    seen: Seen,
    staging: store.Staging,
) -> Account:
    made = ahead.take(number, account, seen, staging)
    return made if made is not None else _read_here(pool, format_name, source, account, seen, staging)


def _skipped(entry: dict[str, Any], name: str) -> SourceSummary:
    return SourceSummary(**{**entry, "name": name, "warnings": [], "skipped": True})


def _ingest_one(
    coming: Coming,
    seen: Seen,
    read: Read,
    source: Source,
    strict: bool,
    found: Found,
    held: int,
    passed: Passed,
    twins: bool,
    digest_of: Callable[[Path], str],
) -> SourceSummary:
    """Read one source; on return its files are on disk, and soon, or with `Coming.list_all`, in the manifest there."""
    folder, manifest = coming.folder, coming.manifest
    if found.fault:
        raise UnreadableError(found.fault)
    account = Account()
    format_name = format_of(source, account, strict, found.named)
    try:
        digest = digest_of(source.path)
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})") from None
    number, twin = len(manifest["sources"]), None
    for place, entry in enumerate(manifest["sources"]):
        if entry["sha256"] == digest:
            if twins and (entry.get("root", ""), entry["name"]) != (found.root, source.name):
                twin = place if twin is None else twin
                continue
            if not entry["kept"]:  # it gave nothing; with --language or another version it may
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
    if not coming.names:
        _clear(folder)
    staging = store.Staging(folder / moving.STAGING, f"{number:05d}.{digest[:12]}", held)
    if format_name in FORMATS:
        seen.begin()
        try:
            account = read(format_name, source, account, seen, staging)
        except SourceError as error:
            if found.named or strict:
                raise
            # refused on the way, as a bomb is: nothing of it is kept
            seen.forget()
            coming.list_all()
            _clear(folder)
            staging = store.Staging(folder / moving.STAGING, staging.prefix, held)
            format_name, account = UNREADABLE, Account()
            account.notes.append(Note(str(error).removeprefix(f"{source.path}: ") + "; not read", fatal=True))
    source.moved(found.size)
    passed.take(account.passed)
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
        detected=account.summed(),
        warnings=warnings,
        broken=bool(fatal),
        url=found.origin.url if found.origin else None,
        checksum=found.origin.checksum if found.origin else None,
        root=found.root,
        twin=twin,
    )
    coming.add(staging, summary, number)
    return summary
