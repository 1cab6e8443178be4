"""A study file carried out: every study that it declares, in one folder that shares one set of runs.

    DIR/laboratory.json     what it is of: the corpus by its hash, the versions of the algorithms
        study-file.toml     the study file as it was last carried out
        running.json        who is at work; only while somebody is
        failed.json         studies that failed, and why
        corpus/             only where the file names sources
        encoded/ runs/      shared by all studies
        studies/NAME/       a study's tables and report, as `transfer` writes them; complete.json when it is done
        findings/ figures/  of the analyses, and
        index.html          the page of all findings

A changed study file is carried out as far as it is new: runs are named by their content, so nothing is done twice and
nothing is mixed. What cannot go on, another corpus or another version's runs, is refused with what was and what is.
"""

import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.laboratory.answering import answer
from sprachbund.analyses.laboratory.kinds import KINDS, AnyCorpus, Question
from sprachbund.analyses.laboratory.study_file import StudyFile, questions_of, read_study_file
from sprachbund.claims import is_workspace, locked, sweep
from sprachbund.corpus.store import Corpus
from sprachbund.engines.choosing import engine_on, sharing
from sprachbund.engines.engine import Engine
from sprachbund.errors import (
    CapacityError,
    FolderError,
    MissingExtraError,
    SettingsError,
    SourceError,
    SprachbundError,
)
from sprachbund.files import (
    package_version,
    read_json,
    read_manifest,
    require_place,
    sealed,
    writable,
    write_json,
    write_manifest,
    write_text,
)
from sprachbund.progress import logger
from sprachbund.progress import progress as show_progress
from sprachbund.report import StudyFrames, load_study, write_report
from sprachbund.runs.store import Runs
from sprachbund.statistics import VERSION
from sprachbund.studies.prepared import carry_out
from sprachbund.studies.study import Shower

__all__ = ["Laboratory", "Workplace", "failures_of", "finished", "run_study_file", "together"]

KIND, FORMAT, NOTE = "laboratory", 1, "laboratory.json"
COPY, RUNNING, FAILED, COMPLETE = "study-file.toml", "running.json", "failed.json", "complete.json"
CORPUS, RUNS, STUDIES = "corpus", "runs", "studies"


@dataclass(frozen=True)
class Laboratory:
    """What a study file brought.

    Attributes:
        folder: of everything. corpus: the text, or the speech. file: what was declared.
        studies: the tables of the finished studies by their names, in the order of the file.
        failed: why others have none. done: how many of the studies were finished before.
        findings: of the analyses that the file names. unanswered: why analyses have none.
        jobs: processes side by side of analyses that train; one a processor if None. engine: where they train.
    """

    folder: Path
    corpus: AnyCorpus
    file: StudyFile
    studies: Mapping[str, StudyFrames] = field(repr=False)
    failed: Mapping[str, str] = field(default_factory=dict)
    done: int = 0
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    unanswered: Mapping[str, str] = field(default_factory=dict)
    jobs: int | None = None
    engine: Engine | None = field(default=None, repr=False)

    @property
    def text(self) -> Corpus:
        """The corpus, for analyses that read text.

        Raises:
            SettingsError: it is of speech.
        """
        if not isinstance(self.corpus, Corpus):
            raise SettingsError("this analysis reads text, and the studies are of speech")
        return self.corpus

    def study_folder(self, name: str) -> Path:
        """Where a study's tables and report.html lie."""
        return self.folder / STUDIES / name


@dataclass(frozen=True)
class Workplace:
    """A study file, its folder, the corpus, and what is asked of it."""

    folder: Path
    file: StudyFile
    corpus: AnyCorpus
    questions: Mapping[str, Question]

    @property
    def runs(self) -> Runs:
        """Shared by all studies."""
        return Runs(self.folder / RUNS)


def run_study_file(
    path: Path | str,
    out: Path | str,
    *,
    jobs: int | None = None,
    memory: int | None = None,
    on: str | None = None,
    shower: Shower = show_progress,
) -> Laboratory:
    """Carry out a study file: train and judge what is not done yet, write every study's tables and report.

    Killed, the same call goes on. A study that fails does not end the others.

    Args:
        path: the study file. out: the folder of everything, new or of an earlier call.
        jobs: processes side by side, each with one thread; one a processor if None.
        memory: bytes that counting n-grams may use.
        on: where runs are done: ``ray``, or the address of a cluster; None for processes of this machine.

    Raises:
        SettingsError: the study file cannot be; names its line.
        FolderError: ``out`` holds something else, is of another corpus or version, or another process is at work in it.
    """
    file, folder = read_study_file(path), Path(out)
    require_place(folder, folder=True)
    if file.corpus is not None:
        questions_of(file, open_corpus(file))  # what cannot be asked is refused before a folder is made
    read = (file.corpus / file.reader.manifest,) if file.corpus is not None else ()
    with _working(folder, file) as note, engine_on(on, jobs, folder, read) as engine:
        corpus = _corpus(file, folder, note, shower, on)
        place = Workplace(folder, file, corpus, questions_of(file, corpus, **({"memory": memory} if memory else {})))
        _take(folder, file, note, corpus)
        failed: dict[str, str] = {}
        done = 0
        for name in place.questions:
            if finished(folder, name, place.questions[name]):
                done += 1
                continue
            try:
                _study(place, name, sharing(engine, jobs), shower, engine)
            except (CapacityError, FolderError, MissingExtraError):
                raise  # the next study would fail alike
            except SprachbundError as error:
                failed[name] = str(error)
                logger.warning("%s failed: %s", name, error)
            write_json(folder / FAILED, failed)
        write_json(folder / FAILED, failed)
        frames = {name: load_study(folder / STUDIES / name) for name in place.questions if name not in failed}
        found = Laboratory(folder, corpus, file, frames, failed, done, jobs=jobs, engine=engine)
        findings, unanswered = answer(found)
    return replace(found, findings=findings, unanswered=unanswered, engine=None)


def _study(place: Workplace, name: str, jobs: int, shower: Shower, engine: Engine | None) -> None:
    """Carry out one study and seal its folder."""
    question, folder = place.questions[name], place.folder / STUDIES / name
    kind = KINDS[next(study.kind for study in place.file.studies if study.name == name)]
    shown: Shower = lambda title, total: shower(f"{name}: {title}", total)  # noqa: E731
    prepared = kind.ready(question, place.folder, together(place.questions), jobs, shown, True, engine)
    assert prepared is not None
    for note in prepared.notes:
        logger.warning("%s: %s", name, note)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COMPLETE).unlink(missing_ok=True)  # from here on its tables may be half of this study
    carry_out(prepared, folder, place.runs, workers=jobs, engine=engine, shower=shown)
    write_report(folder)
    write_manifest(folder, COMPLETE, "finished study", FORMAT, specification=_plain(question))


def _plain(question: Question) -> Any:
    """All that decides the tables, and which version of the statistics made them: another makes them anew from runs."""
    return json.loads(json.dumps({**question.specification(), "statistics": VERSION}))


def finished(folder: Path, name: str, question: Question) -> bool:
    """Whether the tables of this very study are there and whole."""
    try:
        manifest = read_manifest(folder / STUDIES / name, COMPLETE, "finished study", FORMAT, check=True)
    except FolderError:
        return False
    return bool(manifest.get("specification") == _plain(question))


def together(questions: Mapping[str, Question]) -> tuple[str, ...]:
    """The languages of all studies: they are read once."""
    return tuple(sorted({code for question in questions.values() for code in question.plan.languages}))


@contextmanager
def _working(folder: Path, file: StudyFile) -> Iterator[dict[str, Any] | None]:
    """Keep others out of the folder and say who is in; yields what stands in its note, None where it is new."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder, "at work on these studies"))
        except FolderError as error:
            raise FolderError(f"{error}{_who(folder)}") from None
        sweep(folder)
        note = note_of(folder)
        if note is not None:
            _require_same(folder, file, note)
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        write_json(folder / RUNNING, {"process": os.getpid(), "host": platform.node(), "since": since})
        try:
            yield note
        finally:
            (folder / RUNNING).unlink(missing_ok=True)


def _who(folder: Path) -> str:
    said = running(folder)
    return f" ({said})" if said else ""


def running(folder: Path) -> str:
    """Who says that he is at work here: ``process 4711 on HOST, since 2025-01-31 14:03:00 UTC``; empty for nobody."""
    try:
        said = read_json(folder / RUNNING, "remove it")
        return f"process {said['process']} on {said['host']}, since {said['since']}"
    except (FolderError, KeyError, TypeError):
        return ""


def note_of(folder: Path) -> dict[str, Any] | None:
    """What a laboratory is of; None where the folder is new.

    Raises:
        FolderError: it holds something else, or the note is damaged or of another version.
    """
    if not (folder / NOTE).is_file():
        other = [path for path in folder.iterdir() if not is_workspace(path) and path.name != RUNNING]
        if other:
            raise FolderError(
                f"{folder}: holds something that is not of a study file ({sorted(other)[0].name}); name a new folder"
            )
        return None
    fields: dict[str, Any] = {
        "corpus": (str, type(None)),
        "sources": list,
        "algorithms": dict,
        "base": str,
        "stem": str,
    }
    return read_manifest(folder, NOTE, KIND, FORMAT, fields=fields)


def _require_same(folder: Path, file: StudyFile, note: Mapping[str, Any]) -> None:
    """Refuse what would mix: another version's runs, other sources."""
    for name in sorted({study.kind for study in file.studies}):
        was, now = note["algorithms"].get(name), KINDS[name].declaration.version
        if was != now:
            raise FolderError(
                f"{folder}: its runs are of algorithm {was} of {name}, written by sprachbund {note['written_by']}; "
                f"this version has {now}: name a new folder, or install sprachbund {note['written_by']}"
            )
    if note["sources"] != _named(file.sources):
        before, after = (", ".join(names) or "a corpus" for names in (note["sources"], _named(file.sources)))
        raise FolderError(f"{folder}: was made from {before}, {file.path} names {after}; name a new folder")


def _named(sources: tuple[str, ...]) -> list[str]:
    return [writable(source) for source in sources]


def open_corpus(file: StudyFile) -> AnyCorpus:
    """The corpus that a study file names.

    Raises:
        SettingsError: there is none; names the line.
    """
    assert file.corpus is not None
    try:
        return file.reader.open(file.corpus)
    except FolderError as error:
        raise file.located.error(f"{error}; corpus is a folder that {file.reader.made} wrote", "corpus") from None


def _corpus(file: StudyFile, folder: Path, note: Mapping[str, Any] | None, shower: Shower, on: str | None) -> AnyCorpus:
    """The corpus, ingested first where the file names sources and that was not done."""
    if file.corpus is not None:
        return open_corpus(file)
    if note is None or note["corpus"] is None:
        from sprachbund.corpus.ingest import ingest
        from sprachbund.corpus.remote.found import find_files

        _write_note(folder, file, None)
        found = find_files(list(file.sources), folder / CORPUS)
        with shower("ingest (bytes)", sum(one.work for one in found)) as bar:
            summary = ingest(found, folder / CORPUS, progress=bar, on=on)
        if not any(source.kept for source in summary.sources):
            raise SourceError(f"{file.path}: no document of its sources was kept; see sprachbund ingest")
    return Corpus.open(folder / CORPUS)


def _take(folder: Path, file: StudyFile, note: Mapping[str, Any] | None, corpus: AnyCorpus) -> None:
    """See that the corpus is that of the runs, and write down what is carried out.

    Raises:
        FolderError: the corpus has changed.
    """
    now = corpus.content_hash()
    was = None if note is None else note["corpus"]
    if was not in (None, now):
        raise FolderError(
            f"{folder}: its runs are of a corpus of hash {was[:12]}, {corpus.path} has {now[:12]} now: name a new "
            "folder for the studies, or give them the corpus that it was"
        )
    _write_note(folder, file, now)
    write_text(folder / COPY, file.located.text)


def _write_note(folder: Path, file: StudyFile, corpus: str | None) -> None:
    fields = {
        "corpus": corpus,
        "sources": _named(file.sources),
        "algorithms": {name: kind.declaration.version for name, kind in KINDS.items()},
        "base": writable(str(file.path.parent.resolve())),
        "stem": writable(file.path.stem),
    }
    said = {"kind": KIND, "format": FORMAT, "written_by": package_version(), **fields}
    write_json(folder / NOTE, sealed(said))


def failures_of(folder: Path) -> dict[str, str]:
    """Studies that failed when the folder was last worked in, and why."""
    try:
        said = read_json(folder / FAILED, "remove it")
    except FolderError:
        return {}
    return {str(name): str(why) for name, why in said.items()} if isinstance(said, dict) else {}
