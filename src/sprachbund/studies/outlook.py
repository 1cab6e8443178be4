"""What a study has done and has left to do, without doing any of it, and how long that will take.

What is judged in the end depends on what dev chooses, and so on trials: where they are not done, a model that will be
judged is counted, and its time is that of the settings as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sprachbund.errors import DivergenceError
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.strategies import EVERYONE, read_arm
from sprachbund.runs.store import Runs, Specification
from sprachbund.studies.desk import Desk, Trial, desk_of, finals_of, settle, trials_of
from sprachbund.studies.jobs import Jobs
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import choose, saving, scored

__all__ = ["Pace", "Piece", "outlook", "pace_of"]


@dataclass(frozen=True)
class Piece:
    """A run that a study has done or will do.

    Attributes:
        job: see `jobs`. task, arm: a baseline has no arm. unit: the language, or ``(all)``.
        number: of the trial, or the seed. effort: see the seam's; 0 of a baseline. languages: that it scores or judges.
        specification: None where it depends on what is not done yet. done: whether the run is there.
    """

    job: str
    task: str
    arm: str
    unit: str
    number: int
    effort: float
    languages: int
    specification: Specification | None
    done: bool


@dataclass(frozen=True)
class Pace:
    """How long work takes, by job: seconds for a unit of effort and for a language that is scored.

    Attributes:
        memory: bytes that one process had at most. runs: that were measured.
    """

    seconds: Mapping[str, tuple[float, float]]
    memory: int
    runs: int

    def of(self, piece: Piece) -> float:
        """The seconds that a piece takes, about; a job that was never measured takes as long as one that was."""
        slowest = max(self.seconds.values(), default=(0.0, 0.0))
        each, language = self.seconds.get(piece.job, slowest)
        return each * piece.effort + language * piece.languages


def outlook(prepared: Prepared, runs: Runs) -> list[Piece]:
    """Every run of a study, each once, in the order of the work."""
    kind, plan = prepared.kind, prepared.plan
    desk, plain = desk_of(kind, plan), Jobs(kind)
    list_ = _List(runs)
    baselines = {(task, code): plain.baseline(task, code) for task in plan.tasks for code in plan.judged}
    for (task, code), specification in baselines.items():
        list_.add("baseline", task, "", code, 0, 0.0, 1, specification)
    tuned: list[Trial] = []
    for starting in (False, True):
        tried = trials_of(desk, starting)
        jobs = saving(plain, [recipe for _, recipe, _ in tried])
        groups: dict[tuple[str, str, str], list[tuple[Trial, Specification]]] = {}
        for trial, recipe, languages in tried:
            known = not starting or _start_known(desk, trial.arm, trial.task)
            trying = jobs.trial(recipe, languages) if known else None
            _starts(list_, kind.effort, jobs, trying, recipe, trial)
            about = (trial.task, trial.arm, trial.language, trial.number)
            done = list_.add("trial", *about, kind.effort(recipe), len(languages), trying)
            groups.setdefault(about[:3], [])
            if done and trying is not None:
                groups[about[:3]].append((trial, trying))
        for key, whole in groups.items():
            if len(whole) == sum((trial.task, trial.arm, trial.language) == key for trial, _, _ in tried):
                tuned += [scored(runs, trial, specification) for trial, specification in whole]
        settle(desk, _chosen(desk, tuned))
    found = {key: runs.result(each) for key, each in baselines.items() if runs.complete(each, check=False)}
    for task, code in baselines:
        values = found.get((task, code))
        if values is None or values:
            last = None if values is None else plain.judge_baseline(task, code, values, plan.pools)
            list_.add("judge-baseline", task, "", code, 0, 0.0, 1, last)
    finals = finals_of(desk)
    jobs = saving(plain, [final.recipe for final in finals])
    for final in finals:
        task, recipe = final.recipe.task, final.recipe
        known = final.settled and all((task, code) in found for code in final.languages)
        judged = {code: found[task, code] for code in final.languages} if known else {}
        judging = jobs.judge(recipe, judged, plan.pools) if known else None
        trial = Trial(task, final.arm, final.unit, recipe.seed, {}, 0.0)
        _starts(list_, kind.effort, jobs, judging, recipe, trial)
        list_.add("judge", task, final.arm, final.unit, recipe.seed, kind.effort(recipe), len(final.languages), judging)
    return list_.pieces


class _List:
    """Pieces, each run once: by its specification, or where it has none yet by what it is for."""

    def __init__(self, runs: Runs) -> None:
        self.pieces: list[Piece] = []
        self._runs = runs
        self._seen: dict[Any, bool] = {}

    def add(
        self, job: str, task: str, arm: str, unit: str, number: int, effort: float, languages: int,
        specification: Specification | None,
    ) -> bool:  # fmt: skip
        """Whether the run is done."""
        key = (job, task, arm, unit, number) if specification is None else self._runs.folder(specification)
        if key not in self._seen:
            done = specification is not None and self._runs.complete(specification, check=False)
            self._seen[key] = done
            self.pieces.append(Piece(job, task, arm, unit, number, effort, languages, specification, done))
        return self._seen[key]


def _starts(
    list_: _List, effort: Any, jobs: Jobs, specification: Specification | None, recipe: Recipe, trial: Trial
) -> None:
    """The saved models that a piece begins from."""
    for start in reversed(list(recipe.starts())):
        name = "+".join(start.languages)
        known = None if specification is None else jobs.train(start)
        list_.add("train", trial.task, f"start {name}", name, start.seed, effort(start), 0, known)


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
    memory = count = 0
    for piece in pieces:
        took = runs.took(piece.specification) if piece.done and piece.specification is not None else None
        if took is not None:
            measured.setdefault(piece.job, []).append((piece.effort, piece.languages, took[0]))
            memory, count = max(memory, took[1]), count + 1
    return Pace({job: _fit(np.array(rows, np.float64)) for job, rows in measured.items()}, memory, count)


def _fit(rows: Any) -> tuple[float, float]:
    """Seconds for a unit of effort and a language, by least squares, neither below 0.

    Args:
        rows: float64 [runs, 3]: effort, languages, seconds.
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
