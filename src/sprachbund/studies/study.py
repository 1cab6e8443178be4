"""A study: every arm tuned with the same effort on dev, then judged with several seeds on test.

All that is judged on test is fixed before: options by dev and one seed, whatever a kind chooses besides by dev. Arms
that begin from other models are tuned when those are; a model that several begin from is made once a seed. Runs are
named by content in STUDY/runs, so a killed study goes on where it was and the same study is never worked on twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.errors import DivergenceError, FolderError, SettingsError
from sprachbund.files import require_fields
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure, better_of
from sprachbund.lab.recipe import Options, Recipe, check_recipe
from sprachbund.lab.seam import Kind
from sprachbund.lab.strategies import EVERYONE, STRATEGIES, Arm, Ask, arms_of, recipe_for
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies.jobs import Jobs, Work

__all__ = ["DIVERGED", "Outcome", "Plan", "Study", "Trial", "check_arms", "choose", "read_scores", "run_study"]

DIVERGED = float("nan")
"""The score of a trial that diverged: it loses against every other."""

Chosen = dict[tuple[str, str, str], Options]


@dataclass(frozen=True)
class Plan:
    """What a study compares.

    Attributes:
        tasks, pools: of the kind. languages: whose text there is. arms: see `strategies`.
        targets: languages that are judged, all if empty.
        trials: settings that every arm tries. seeds: trainings of each chosen setting. tuning_seed: of the trials.
    """

    tasks: tuple[str, ...]
    languages: tuple[str, ...]
    arms: tuple[str, ...]
    pools: tuple[str, ...]
    targets: tuple[str, ...] = ()
    trials: int = 12
    seeds: int = 3
    tuning_seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.trials < 1 or self.seeds < 1:
            raise SettingsError(f"trials and seeds must be at least 1, found {self.trials} and {self.seeds}")
        strangers = [language for language in self.targets if language not in self.languages]
        if strangers:
            raise SettingsError(
                f"the study has no language {', '.join(strangers)} to judge; it has {', '.join(self.languages)}"
            )
        arms_of(self.arms, self.languages)

    @property
    def judged(self) -> tuple[str, ...]:
        """The languages that are judged."""
        return self.targets or self.languages


@dataclass(frozen=True)
class Trial:
    """One trial: an arm's options and its mean score on dev; ``language`` is ``(all)`` for a model that serves all.

    The score of one that diverged is `DIVERGED`.
    """

    task: str
    arm: str
    language: str
    number: int
    options: Options
    score: float


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


@dataclass(frozen=True)
class _Desk:
    """What the steps of a study share."""

    kind: Kind
    plan: Plan
    runs: Runs
    sizes: Mapping[tuple[str, str], int]
    arms: tuple[Arm, ...]
    chosen: Chosen = field(default_factory=dict)

    def recipe(self, arm: Arm, task: str, target: str, options: Options, seed: int) -> Recipe | None:
        """The recipe of an arm for a target; None where the target does not have the arm."""
        declared = self.kind.declaration
        made = recipe_for(
            Ask(
                arm,
                task,
                target,
                self.plan.languages,
                options,
                seed,
                {language: self.sizes[task, language] for language in self.plan.languages},
                {(name, unit): own for (of, name, unit), own in self.chosen.items() if of == task},
                declared.rows,
                declared.body,
                declared.mixture_options,
                declared.shape_options,
            )
        )
        if made is not None:
            check_recipe(made, declared.parts)
        return made

    def units(self, arm: Arm, task: str, targets: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
        """What is tuned together: (name, languages); one unit of all where one model serves all."""
        made = [self.recipe(arm, task, language, {}, 0) for language in self.plan.languages]
        targets = tuple(targets)
        if len(made) > 1 and made[0] is not None and made[0] == made[1]:
            return [(EVERYONE, targets)]
        there = {language for language, recipe in zip(self.plan.languages, made, strict=True) if recipe is not None}
        return [(target, (target,)) for target in targets if target in there]

    def begins(self, arm: Arm, task: str) -> bool:
        """Whether an arm begins from the models of others."""
        made = (self.recipe(arm, task, language, {}, 0) for language in self.plan.languages)
        return any(recipe is not None and recipe.start is not None for recipe in made)


def run_study(
    kind: Kind,
    plan: Plan,
    runs: Runs,
    *,
    workers: int,
    threads: int = 1,
    files: Mapping[str, Path] | None = None,
    shower: Shower = show_progress,
) -> Outcome:
    """Tune, choose, judge. Everything that was done before is taken from ``runs``.

    Args:
        files: where models on disk that recipes begin from lie, by their hashes.
    """
    sizes = {(task, language): kind.size(task, language) for task in plan.tasks for language in plan.languages}
    desk = _Desk(kind, plan, runs, sizes, arms_of(plan.arms, plan.languages))
    check_arms(plan, kind.declaration)
    plain = Jobs(kind)
    baselines = {(task, language): plain.baseline(task, language) for task in plan.tasks for language in plan.judged}

    def perform(what: str, specifications: Sequence[Specification], jobs: Jobs) -> None:
        ordered = sorted(specifications, key=lambda spec: _length(desk, spec), reverse=True)
        with shower(what, len(ordered)) as bar:
            perform_all(
                runs, ordered, Work(jobs, runs, files or {}), needs=jobs.needs,
                workers=workers, threads=threads, progress=bar,
            )  # fmt: skip

    trials: list[Trial] = []
    for starting in (False, True):
        tried = _trials(desk, starting)
        jobs = _saving(plain, [recipe for _, recipe, _ in tried])
        specifications = [jobs.trial(recipe, languages) for _, recipe, languages in tried]
        first = [] if starting else list(baselines.values())
        if first or specifications:
            perform("tuning", [*first, *specifications], jobs)
        pairs = zip(tried, specifications, strict=True)
        trials += [_scored(runs, trial, specification) for (trial, _, _), specification in pairs]
        own = choose(trials, kind.declaration.measures[0])
        for (task, name, unit), options in list(own.items()):
            if name == "pooled":
                own |= {(task, arm.name, unit): options for arm in desk.arms if not STRATEGIES[arm.strategy].tuned}
        desk.chosen.update(own)
    found = {key: runs.result(specification) for key, specification in baselines.items()}
    finals = _finals(desk)
    jobs = _saving(plain, [recipe for _, recipe, _ in finals])
    judged = [
        ("", jobs.judge_baseline(task, language, values, plan.pools))
        for (task, language), values in found.items()
        if values
    ]
    judged += [
        (arm, jobs.judge(recipe, {language: found[recipe.task, language] for language in languages}, plan.pools))
        for arm, recipe, languages in finals
    ]
    perform("judging", [specification for _, specification in judged], jobs)
    return Outcome(trials, dict(desk.chosen), found, judged)


def check_arms(plan: Plan, declaration: Declaration) -> None:
    """Refuse arms that a kind of model has not.

    Raises:
        SettingsError: names the arm and why.
    """
    for arm in arms_of(plan.arms, plan.languages):
        if why := (declaration.refuses or {}).get(arm.strategy):
            raise SettingsError(f"{arm.name}: {why}; leave the arm out")


def _saving(jobs: Jobs, recipes: Iterable[Recipe]) -> Jobs:
    """The same jobs where every model that a recipe begins from is saved."""
    return replace(jobs, shared=frozenset(start.content_hash() for recipe in recipes for start in recipe.starts()))


def _trials(desk: _Desk, starting: bool) -> list[tuple[Trial, Recipe, tuple[str, ...]]]:
    """Every trial of the tuned arms that begin from others, or of those that do not; trials alike share a run."""
    plan, found = desk.plan, []
    named = {language for arm in desk.arms for language in arm.sources}
    for task in plan.tasks:
        for number, options in enumerate(desk.kind.trials(plan.trials)):
            for arm in desk.arms:
                if not STRATEGIES[arm.strategy].tuned or desk.begins(arm, task) != starting:
                    continue
                # a language that others start from needs settings of its own, judged or not
                also = sorted(named - set(plan.judged)) if arm.name == "alone" else []
                for unit, languages in desk.units(arm, task, (*plan.judged, *also)):
                    recipe = desk.recipe(arm, task, languages[0], options, plan.tuning_seed)
                    if recipe is not None:
                        trial = Trial(task, arm.name, unit, number, recipe.options, DIVERGED)
                        found.append((trial, recipe, languages))
    return found


def _scored(runs: Runs, trial: Trial, specification: Specification) -> Trial:
    result = runs.result(specification)
    scores = read_scores(runs, specification, result)
    mean = float(np.mean(scores)) if scores else DIVERGED
    if not np.isfinite(mean):
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


def _finals(desk: _Desk) -> list[tuple[str, Recipe, tuple[str, ...]]]:
    """(arm, recipe, languages to judge) of every arm, seed and unit."""
    plan, found = desk.plan, []
    for task in plan.tasks:
        for seed in range(1, plan.seeds + 1):
            for arm in desk.arms:
                for unit, languages in desk.units(arm, task, plan.judged):
                    recipe = desk.recipe(arm, task, languages[0], desk.chosen[task, arm.name, unit], seed)
                    if recipe is not None:
                        found.append((arm.name, recipe, languages))
    return found


def _length(desk: _Desk, specification: Specification) -> float:
    """How long work takes, about: long work first, so that no worker is left alone with it at the end."""
    task = specification["task"]
    if "recipe" not in specification:
        return 0.2 * desk.sizes[task, specification["language"]]
    shares = specification["recipe"]["text"].items()
    return float(sum(desk.sizes[task, language] * share["passes"] for language, share in shares))
