"""What a study has done and has left to do, without doing any of it, and how long that will take.

What is judged in the end depends on what dev chooses, and so on trials: where they are not done, a model that will be
judged is counted, and its time is that of the settings as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.errors import DivergenceError
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.strategies import EVERYONE, read_arm
from sprachbund.runs.store import Runs, Specification
from sprachbund.studies.desk import Desk, Trial, desk_of, finals_of, settle, settle_single, trials_of
from sprachbund.studies.jobs import Jobs
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import choose, saving, scored

__all__ = ["Pace", "Piece", "outlook", "pace_of"]

SAVED = "train"
"""The job whose run is a model that others begin from."""


@dataclass(frozen=True)
class Piece:
    """A run that a study has done or will do.

    Attributes:
        job: see `jobs`. task, arm: a baseline has no arm. unit: the language, or ``(all)``.
        number: of the trial, or the seed. effort: see the seam's; a baseline has that of the language alone.
        examples: that are learned from. languages: that are scored or judged.
        specification: where it depends on what is not done yet, that of the options as they are. done: whether it is.
    """

    job: str
    task: str
    arm: str
    unit: str
    number: int
    effort: float
    examples: float
    languages: int
    specification: Specification
    done: bool


@dataclass(frozen=True)
class Pace:
    """How long work takes, by job: seconds for a unit of effort and for a language that is scored.

    Attributes:
        memory: bytes for an example that is learned from, and for none. runs: that were measured.
        disk: bytes that a saved model takes, for an example that it learned from, and for none.
    """

    seconds: Mapping[str, tuple[float, float]]
    memory: tuple[float, float]
    runs: int
    disk: tuple[float, float] = (0.0, 0.0)

    def of(self, piece: Piece) -> float:
        """The seconds that a piece takes, about; a job that was never measured takes as long as one that was."""
        slowest = max(self.seconds.values(), default=(0.0, 0.0))
        each, language = self.seconds.get(piece.job, slowest)
        return each * piece.effort + language * piece.languages

    def memory_of(self, piece: Piece) -> float:
        """The bytes that a piece takes at most: what is learned grows more slowly than the text."""
        return self.memory[0] * piece.examples + self.memory[1]

    def disk_of(self, piece: Piece) -> float:
        """The bytes that a piece leaves on disk at most: those of a model that others begin from, else next to none."""
        return self.disk[0] * piece.examples + self.disk[1] if piece.job == SAVED else 0.0


def outlook(prepared: Prepared, runs: Runs) -> list[Piece]:
    """Every run of a study, each once, in the order of the work."""
    kind, plan = prepared.kind, prepared.plan
    desk, plain = desk_of(kind, plan), Jobs(kind)
    found = _List(desk, runs)
    baselines = {(task, code): plain.baseline(task, code) for task in plan.tasks for code in plan.judged}
    for (task, code), specification in baselines.items():
        found.baseline("baseline", task, code, specification)
    tuned: list[Trial] = []
    for starting in (False, True):
        tried = trials_of(desk, starting)
        if settle_single(desk, tried):
            continue
        jobs = saving(plain, [recipe for _, recipe, _ in tried])
        groups: dict[tuple[str, str, str], list[tuple[Trial, Specification | None]]] = {}
        for trial, recipe, languages in tried:
            known = not starting or _start_known(desk, trial.arm, trial.task)
            key, trying = (trial.task, trial.arm, trial.language), jobs.trial(recipe, languages)
            found.starts(recipe, jobs, known)
            done = found.add("trial", key, trial.number, recipe, len(languages), trying, known)
            groups.setdefault(key, []).append((trial, trying if done else None))
        for group in groups.values():
            whole = [(trial, trying) for trial, trying in group if trying is not None]
            if len(whole) == len(group):
                tuned += [scored(runs, trial, trying, quiet=True) for trial, trying in whole]
        settle(desk, _chosen(desk, tuned))
    results = {key: runs.result(each) for key, each in baselines.items() if runs.complete(each, check=False)}
    for task, code in baselines:
        values = results.get((task, code))
        if values is None or values:
            last = plain.judge_baseline(task, code, values or {}, plan.pools)
            found.baseline("judge-baseline", task, code, last, values is not None)
    finals = finals_of(desk)
    jobs = saving(plain, [final.recipe for final in finals])
    for final in finals:
        recipe, task, codes = final.recipe, final.recipe.task, final.languages
        settled = final.settled and all((task, code) in results for code in codes)
        judging = jobs.judge(recipe, {code: results.get((task, code), {}) for code in codes}, plan.pools)
        found.starts(recipe, jobs, _start_known(desk, final.arm, task))
        found.add("judge", (task, final.arm, final.unit), recipe.seed, recipe, len(codes), judging, settled)
    return found.pieces


class _List:
    """Pieces, each run once."""

    def __init__(self, desk: Desk, runs: Runs) -> None:
        self.pieces: list[Piece] = []
        self._desk, self._runs = desk, runs
        self._seen: dict[Path, bool] = {}

    def baseline(self, job: str, task: str, code: str, specification: Specification, settled: bool = True) -> None:
        """A baseline of a language."""
        self.add(job, (task, "", code), 0, Recipe(task, {code: Share()}), 1, specification, settled)

    def starts(self, recipe: Recipe, jobs: Jobs, settled: bool) -> None:
        """The saved models that a piece begins from."""
        for start in reversed(list(recipe.starts())):
            name = "+".join(start.languages)
            self.add(SAVED, (start.task, "", name), start.seed, start, 0, jobs.train(start), settled)

    def add(
        self, job: str, key: tuple[str, str, str], number: int, recipe: Recipe, languages: int,
        specification: Specification, settled: bool,
    ) -> bool:  # fmt: skip
        """Whether the run is done."""
        place = self._runs.folder(specification)
        if place not in self._seen:
            self._seen[place] = done = settled and self._runs.complete(specification, check=False)
            sizes = self._desk.sizes
            examples = sum(share.passes * sizes[recipe.task, code] for code, share in recipe.text.items())
            effort = self._desk.effort(recipe)
            self.pieces.append(Piece(job, *key, number, effort, examples, languages, specification, done))
        return self._seen[place]


def _start_known(desk: Desk, arm: str, task: str) -> bool:
    """Whether dev has chosen the options of all that an arm begins from."""
    sources = read_arm(arm).sources
    needed = [("alone", code) for code in sources] or [("pooled", EVERYONE)]
    return all((task, *key) in desk.chosen for key in needed)


def _chosen(desk: Desk, trials: Sequence[Trial]) -> dict[tuple[str, str, str], Any]:
    try:
        return choose(trials, desk.kind.declaration.measures[0])
    except DivergenceError:  # which the study itself will say
        return {}


def pace_of(pieces: Iterable[Piece], runs: Runs) -> Pace:
    """The pace of the runs that are done."""
    measured: dict[str, list[tuple[float, float, float]]] = {}
    memory, disk = [], []
    for piece in pieces:
        took = runs.took(piece.specification) if piece.done else None
        if took is not None:
            measured.setdefault(piece.job, []).append((piece.effort, piece.languages, took[0]))
            memory.append((piece.examples, float(took[1])))
            if piece.job == SAVED:
                saved = runs.folder(piece.specification).rglob("*")
                disk.append((piece.examples, float(sum(path.stat().st_size for path in saved))))
    seconds = {job: _fit(np.array(rows, np.float64)) for job, rows in measured.items()}
    return Pace(seconds, _fit_bytes(memory), len(memory), _fit_bytes(disk))


def _fit_bytes(measured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Bytes for an example and for none, from (examples, bytes) of runs.

    Where all learned from as much, nothing says that more text takes more: the most that one of them took.
    """
    most = max((size for _, size in measured), default=0.0)
    if len({examples for examples, _ in measured}) < 2:
        return 0.0, most
    each, none = _fit(np.array([(examples, 1.0, size) for examples, size in measured], np.float64))
    return (each, none) if each else (0.0, most)


def _fit(rows: Any) -> tuple[float, float]:
    """What each of two columns adds to the third, by least squares, neither below 0.

    Args:
        rows: float64 [runs, 3]: effort, languages, seconds; or examples, 1, bytes where these differ.
    """
    work, seconds = rows[:, :2], rows[:, 2]
    scale = np.maximum(work.max(axis=0), 1e-12)
    both = np.linalg.lstsq(work / scale, seconds, rcond=None)[0] / scale
    if (both >= 0).all() and np.linalg.matrix_rank(work / scale) == 2:
        return float(both[0]), float(both[1])
    # one of them alone: the one that fits better, so that all of it is in what was measured
    each = [float(seconds @ column / (column @ column)) if column.any() else 0.0 for column in work.T]
    errors = [float(((seconds - rate * column) ** 2).sum()) for rate, column in zip(each, work.T, strict=True)]
    return (each[0], 0.0) if errors[0] <= errors[1] and each[0] else (0.0, each[1])
