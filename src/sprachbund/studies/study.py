"""A study: every arm tuned with the same effort on dev, then judged with several seeds on test.

All that is judged on test is fixed before: options by dev and one seed, whatever a kind chooses besides by dev. Arms
that begin from other models are tuned when those are; a model that several begin from is made once a seed. Runs are
named by content in STUDY/runs, so a killed study goes on where it was and the same study is never worked on twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.engines.engine import ONE, Engine, Needs
from sprachbund.errors import DivergenceError, FolderError
from sprachbund.files import require_fields
from sprachbund.lab.measures import Measure, better_of
from sprachbund.lab.recipe import Recipe, recipe_of
from sprachbund.lab.seam import Kind
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies.desk import (
    DIVERGED,
    Chosen,
    Desk,
    Plan,
    Trial,
    desk_of,
    finals_of,
    settle,
    settle_single,
    trials_of,
)
from sprachbund.studies.jobs import Jobs, Work

__all__ = [
    "DIVERGED", "Outcome", "Plan", "Shower", "Study", "Trial", "choose", "read_scores", "run_study", "saving", "scored",
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a study found, before statistics.

    Attributes:
        trials: all. chosen: (task, arm, language or ``(all)``) to options. baselines: (task, language) to JSON.
        judged: (arm, specification) of the final runs, whose folders hold the items; baselines have no arm.
    """

    trials: list[Trial]
    chosen: Chosen
    baselines: dict[tuple[str, str], dict[str, Any]]
    judged: list[tuple[str, Specification]]


@dataclass(frozen=True)
class Study:
    """A finished study.

    Attributes:
        path: its folder. plan: what was compared. notes: warnings that the report repeats.
    """

    path: Path
    plan: Plan
    notes: tuple[str, ...]


Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


def run_study(
    kind: Kind,
    plan: Plan,
    runs: Runs,
    *,
    workers: int,
    each: Needs = ONE,
    engine: Engine | None = None,
    files: Mapping[str, Path] | None = None,
    shower: Shower = show_progress,
) -> Outcome:
    """Tune, choose, judge. Everything that was done before is taken from ``runs``.

    Args:
        each: what a run needs. engine: where runs are done; None for ``workers`` processes of this machine.
        files: where models on disk that recipes begin from lie, by their hashes.
    """
    desk = desk_of(kind, plan)
    plain = Jobs(kind)
    baselines = {(task, language): plain.baseline(task, language) for task in plan.tasks for language in plan.judged}

    def perform(what: str, specifications: Sequence[Specification], jobs: Jobs) -> None:
        ordered = sorted(specifications, key=lambda spec: _length(desk, spec), reverse=True)
        with shower(what, len(ordered)) as bar:
            perform_all(
                runs, ordered, Work(jobs, runs, files or {}), needs=jobs.needs,
                workers=workers, each=each, progress=bar, engine=engine,
            )  # fmt: skip

    trials: list[Trial] = []
    for starting in (False, True):
        tried = trials_of(desk, starting)
        if settle_single(desk, tried):
            tried = []
        jobs = saving(plain, [recipe for _, recipe, _ in tried])
        specifications = [jobs.trial(recipe, languages) for _, recipe, languages in tried]
        first = [] if starting else list(baselines.values())
        if first or specifications:
            perform("tuning", [*first, *specifications], jobs)
        pairs = zip(tried, specifications, strict=True)
        trials += [scored(runs, trial, specification) for (trial, _, _), specification in pairs]
        if tried:
            settle(desk, choose(trials, kind.declaration.measures[0]))
    found = {key: runs.result(specification) for key, specification in baselines.items()}
    finals = finals_of(desk)
    jobs = saving(plain, [final.recipe for final in finals])
    judged = [
        ("", jobs.judge_baseline(task, language, values, plan.pools))
        for (task, language), values in found.items()
        if values
    ]
    judged += [
        (
            each.arm,
            jobs.judge(each.recipe, {code: found[each.recipe.task, code] for code in each.languages}, plan.pools),
        )
        for each in finals
    ]
    perform("judging", [specification for _, specification in judged], jobs)
    return Outcome(trials, dict(desk.chosen), found, judged)


def saving(jobs: Jobs, recipes: Iterable[Recipe]) -> Jobs:
    """The same jobs where every model that a recipe begins from is saved."""
    return replace(jobs, shared=frozenset(start.content_hash() for recipe in recipes for start in recipe.starts()))


def scored(runs: Runs, trial: Trial, specification: Specification, *, quiet: bool = False) -> Trial:
    """A trial with its mean score on dev, of the run that it was; one that diverged is warned of unless ``quiet``."""
    result = runs.result(specification)
    scores = read_scores(runs, specification, result)
    mean = float(np.mean(scores)) if scores else DIVERGED
    if not quiet and not np.isfinite(mean):
        what = f"{trial.task}, {trial.arm}, {trial.language}: trial {trial.number} {trial.options}"
        logger.warning("%s loses: %s", what, result.get("diverged", "its score is no number"))
    return replace(trial, score=mean)


def read_scores(runs: Runs, specification: Specification, result: dict[str, Any]) -> list[float]:
    """The scores of a trial on dev, a language each; none where it diverged or one is no number.

    Raises:
        FolderError: the run has no such result.
    """
    path = runs.folder(specification) / "run.json"
    require_fields(path, result, {"scores": dict})
    scores = list(result["scores"].values())
    if not all(score is None or type(score) in (int, float) for score in scores):
        raise FolderError(f"{path}: damaged, its scores are no numbers; remove the run's folder")
    return [] if None in scores else [float(score) for score in scores]


def choose(trials: Sequence[Trial], measure: Measure) -> Chosen:
    """The best trial of each task, arm and language: the best mean on dev, the earlier where two are equal.

    The score of a model of many languages is the mean over them, each counting alike. A trial that diverged, or whose
    score is no number, loses against every other.

    Args:
        measure: that scores are of; it says which way is better.

    Raises:
        DivergenceError: all trials of an arm diverged.
    """
    best: dict[tuple[str, str, str], Trial] = {}
    for trial in trials:
        key = (trial.task, trial.arm, trial.language)
        if better_of(measure, trial.score, best[key].score if key in best else DIVERGED):
            best[key] = trial
    for trial in trials:
        if (trial.task, trial.arm, trial.language) not in best:
            raise DivergenceError(
                f"{trial.task}, {trial.arm}, {trial.language}: every trial diverged; lower rate or scale, and name a "
                "new folder for the study"
            )
    return {key: trial.options for key, trial in best.items()}


def _length(desk: Desk, specification: Specification) -> float:
    """How long work takes, about: long work first, so that no worker is left alone with it at the end."""
    task = specification["task"]
    if "recipe" not in specification:
        return 0.2 * desk.sizes[task, specification["language"]]
    recipe = {name: value for name, value in specification["recipe"].items() if name not in ("start", "table")}
    return desk.effort(recipe_of(recipe))
