"""How a study file stands: what is done, what is left, what failed, and how long the rest will take.

The time is that of runs which are there already, by their effort; where there is none, two languages are tried in a
folder of their own for some seconds. It says which, since an estimate is worth what it was taken from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.analyses.laboratory.kinds import KINDS, AnyCorpus, Kind, Question, foreseen
from sprachbund.analyses.laboratory.laboratory import (
    COPY,
    CORPUS,
    NOTE,
    Workplace,
    failures_of,
    finished,
    note_of,
    open_corpus,
    running,
    together,
)
from sprachbund.analyses.laboratory.small import quiet
from sprachbund.analyses.laboratory.study_file import StudyFile, questions_of, read_study_file
from sprachbund.claims import locked, scratch
from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError, SettingsError
from sprachbund.machine import cpu_count
from sprachbund.progress import duration, hushed
from sprachbund.runs.store import Runs
from sprachbund.studies.outlook import Pace, Piece, outlook, pace_of
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import run_study

__all__ = ["Row", "Standing", "plan_study_file", "study_status"]

LEAST_PROBED = 500
"""Sentences, or seconds, that a language has which is probed, if there is any: fewer may have nothing to judge by."""


@dataclass(frozen=True)
class Row:
    """Some runs of a study: of a task, an arm (empty: baselines) and a unit (a language, or all of them).

    Attributes:
        trials, seeds: models that are tried on dev, and that are judged; of each how many there are and are done.
        seconds: that are left on one processor, about. memory: bytes that one of them takes, at most about.
    """

    study: str
    task: str
    arm: str
    unit: str
    trials: int
    trials_done: int
    seeds: int
    seeds_done: int
    others: int
    others_done: int
    seconds: float
    memory: float


@dataclass(frozen=True)
class Standing:
    """How a study file stands.

    Attributes:
        studies: by name ``complete``, ``left`` or the reason why it failed. rows: what each has done and left.
        runs, done: of all studies, those that they share counted once.
        jobs: processes that the time is for. seconds: that are left, about. memory: bytes that all of them take.
        disk: bytes of the models that are still to be saved, since others begin from them, at most about.
        found: how the estimate was found. at_work: who is at work in the folder, empty for nobody.
    """

    folder: Path
    file: StudyFile
    studies: Mapping[str, str]
    rows: tuple[Row, ...]
    runs: int
    done: int
    jobs: int
    seconds: float
    memory: float
    disk: float
    found: str
    at_work: str


def plan_study_file(path: Path | str, out: Path | str, *, jobs: int | None = None) -> Standing:
    """What `run_study_file` would do, without doing it; nothing is written into ``out``.

    Raises:
        SettingsError, FolderError: as `run_study_file` has it.
    """
    file, folder = read_study_file(path), Path(out)
    return _standing(file, folder, jobs, probing=True)


def study_status(out: Path | str, *, jobs: int | None = None) -> Standing:
    """How the studies of a folder stand, of the study file as it was last carried out.

    Raises:
        FolderError: nothing was carried out here.
    """
    folder = Path(out)
    if not folder.is_dir() or not (folder / NOTE).is_file() or not (folder / COPY).is_file():
        found = "a file" if folder.is_file() else "no such studies" if folder.is_dir() else "nothing"
        raise FolderError(f"{folder}: expected a folder that sprachbund run works in, found {found}")
    note = note_of(folder)
    assert note is not None
    file = read_study_file(folder / COPY, Path(note["base"]), note["stem"])
    return _standing(file, folder, jobs, probing=False)


def _standing(file: StudyFile, folder: Path, jobs: int | None, *, probing: bool) -> Standing:
    note = note_of(folder) if folder.is_dir() else None
    corpus = _corpus(file, folder, note)
    if note is not None and note["corpus"] not in (None, corpus.content_hash()):
        raise FolderError(f"{folder}: its runs are of another corpus than {corpus.path} is now; name a new folder")
    place = Workplace(folder, file, corpus, questions_of(file, corpus))
    failed, jobs = failures_of(folder), jobs or cpu_count()
    pieces: dict[str, list[Piece]] = {}
    unread: list[str] = []
    kinds = {study.name: study.kind for study in file.studies}
    for study, kind in kinds.items():
        prepared = _ready(place, kind, place.questions[study])
        if prepared is None:
            unread.append(study)
        else:
            pieces[study] = outlook(prepared, place.runs)
    paces: dict[str, Pace] = {}
    pairs: dict[str, float] = {}
    said: list[str] = []
    for name in sorted(set(kinds.values())):
        ours = [piece for study, own in pieces.items() if kinds[study] == name for piece in own]
        once = {place.runs.folder(piece.specification): piece for piece in ours}
        paces[name] = pace_of(once.values(), place.runs)
        if paces[name].runs:
            said.append(f"{name}: measured on {paces[name].runs} runs of this folder")
        elif probing:
            question = next(place.questions[study] for study in kinds if kinds[study] == name)
            paces[name], pairs, tried = _probe(name, question)
            said.append(f"{name}: from a probe of {tried}")
        else:
            said.append(f"{name}: nothing was measured yet, --dry-run of sprachbund run tries")
    for study in unread:
        pieces[study] = outlook(foreseen(place.questions[study], pairs), Runs(folder / "runs"))  # type: ignore[arg-type]
    states = {}
    for study in kinds:
        whole = finished(folder, study, place.questions[study])
        states[study] = "complete" if whole else failed.get(study, "left")
    rows = [row for study in kinds for row in _rows(study, pieces[study], paces[kinds[study]])]
    every = [(piece, paces[kinds[study]]) for study in kinds for piece in pieces[study]]
    all_once = {place.runs.folder(piece.specification): (piece, pace) for piece, pace in every}
    left = [(pace.of(piece), pace.memory_of(piece)) for piece, pace in all_once.values() if not piece.done]
    seconds = max(sum(each for each, _ in left) / jobs, max((each for each, _ in left), default=0.0))
    memory = sum(sorted((each for _, each in left), reverse=True)[:jobs])
    disk = sum(pace.disk_of(piece) for piece, pace in all_once.values() if not piece.done)
    return Standing(
        folder, file, states, tuple(rows), len(all_once), len(all_once) - len(left), jobs, seconds, memory, disk,
        "; ".join(said), _at_work(folder),
    )  # fmt: skip


def _corpus(file: StudyFile, folder: Path, note: Mapping[str, Any] | None) -> AnyCorpus:
    if file.corpus is not None:
        return open_corpus(file)
    if note is None or note["corpus"] is None:
        raise SettingsError(
            f"{file.path}: its sources are not ingested yet, so nothing can be counted; sprachbund run does that "
            "first, or: sprachbund ingest SOURCE... --out CORPUS, and name that as corpus"
        )
    return Corpus.open(folder / CORPUS)


def _ready(place: Workplace, kind: str, question: Question) -> Prepared | None:
    found: Prepared | None = KINDS[kind].ready(question, place.folder, together(place.questions), 1, quiet, False)
    return found


def _rows(study: str, pieces: list[Piece], pace: Pace) -> list[Row]:
    groups: dict[tuple[str, str, str], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault((piece.task, piece.arm, piece.unit), []).append(piece)
    made = []
    for key, own in groups.items():
        counts = []
        for jobs in (("trial",), ("judge",), ("baseline", "judge-baseline", "train")):
            these = [piece for piece in own if piece.job in jobs]
            counts += [len(these), sum(piece.done for piece in these)]
        seconds = sum(pace.of(piece) for piece in own if not piece.done)
        trials, seeds, others = zip(counts[::2], counts[1::2], strict=True)
        made.append(Row(study, *key, *trials, *seeds, *others, seconds, max(map(pace.memory_of, own))))
    return made


def _probe(kind: str, question: Question) -> tuple[Pace, dict[str, float], str]:
    """The pace on two small languages, or the only one, and by task pairs for each sentence."""
    found = sorted(_to_probe(KINDS[kind], question)[:2])
    first, second = found[0], found[-1]
    with scratch() as folder:
        prepared = KINDS[kind].probe(question, (first, second), folder)
        runs = Runs(folder / "runs")
        with hushed():  # a model of next to no text is poor, and nobody wants it
            run_study(prepared.kind, prepared.plan, runs, workers=1, shower=quiet)
        pieces = outlook(prepared, runs)
        pace = pace_of(pieces, runs)
        took = sum(spent[0] for piece in pieces if (spent := runs.took(piece.specification)))
        whole = sum(KINDS[kind].amount(question.corpus, code) for code in (first, second))
        share = getattr(getattr(prepared.kind, "settings", None), "shares", (0.8,))[0]
        pairs = {
            task: sum(prepared.kind.size(task, code) for code in (first, second)) / max(1.0, whole * share)
            for task in question.plan.tasks
        }
    return pace, pairs, f"{' and '.join(found)}, {duration(took)}"


def _to_probe(kind: Kind, question: Question) -> list[str]:
    """Languages from the smallest on, those first that have enough to be trained and judged at all."""
    why = kind.lacking(question.corpus, question.settings)
    amounts = {code: kind.amount(question.corpus, code) for code in question.plan.languages}
    return sorted(amounts, key=lambda code: (bool(why(code, True)) or amounts[code] < LEAST_PROBED, amounts[code]))


def _at_work(folder: Path) -> str:
    """Who is at work, if somebody really is."""
    said = running(folder) if folder.is_dir() else ""
    if not said:
        return ""
    try:
        with locked(folder, "at work"):
            return ""
    except FolderError:
        return said
