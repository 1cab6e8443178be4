"""A study: every arm tuned with the same effort on dev, then judged with several seeds on test.

    alone      a model of the language's own text
    pooled     one model of the text of all languages (Arnold & Cohen 2021)
    control    the pooled settings, but no n-gram is shared: what the settings bring by themselves
    placebo    pooled, the shared n-grams permuted among neighbours in frequency: sharing without meaning
    bm25       the baseline, tuned; bm25-around: the same where a candidate counts the text around it, tuned too
    hybrid-A   the encoder of arm A beside bm25
    whole-A    the encoder of arm A, of candidates with and without what surrounds them, beside bm25-around

All that is judged on test is fixed before: options by dev and one seed, weights of the hybrids by dev. Runs are named
by content in STUDY/runs, so a killed study goes on where it was and the same study is never worked on twice.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sprachbund.errors import DivergenceError, FolderError, SettingsError
from sprachbund.files import require_fields
from sprachbund.progress import Progress, logger
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies import jobs
from sprachbund.studies.seam import Kind, Options

TUNED_ARMS = ("alone", "pooled", "placebo")
MODEL_ARMS = ("alone", "pooled", "control", "placebo")
DECIDING_POOL = "unseen"
ALL_POOLS = ("unseen", "paper", "paper-equal", "mixed", "own")
DIVERGED = float("-inf")


@dataclass(frozen=True)
class Plan:
    """What a study compares.

    Attributes:
        tasks, languages: of the kind. arms: a subset of MODEL_ARMS. pools: where to judge.
        trials: settings that every arm tries. seeds: trainings of each chosen setting. tuning_seed: of the trials.
    """

    tasks: tuple[str, ...]
    languages: tuple[str, ...]
    arms: tuple[str, ...] = MODEL_ARMS
    pools: tuple[str, ...] = ALL_POOLS
    trials: int = 12
    seeds: int = 3
    tuning_seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.trials < 1 or self.seeds < 1:
            raise SettingsError(f"trials and seeds must be at least 1, found {self.trials} and {self.seeds}")
        unknown = set(self.arms) - set(MODEL_ARMS)
        if unknown or not self.arms:
            raise SettingsError(
                f"no arm is called {', '.join(sorted(unknown)) or repr('')}; there are: {', '.join(MODEL_ARMS)}"
            )
        if {"control", "placebo"} & set(self.arms) and "pooled" not in self.arms:
            raise SettingsError("the arms control and placebo need the arm pooled, whose settings they take")


@dataclass(frozen=True)
class Trial:
    """One trial: an arm's options and its mean score on dev; ``language`` is ``(all)`` for a pooled arm.

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
        judged: the specifications of the final runs, whose folders hold the items.
    """

    trials: list[Trial]
    chosen: dict[tuple[str, str, str], Options]
    baselines: dict[tuple[str, str], dict[str, Any]]
    judged: list[Specification]


Shower = Callable[[str, float | None], AbstractContextManager[Progress]]


def run_study(
    kind: Kind, plan: Plan, runs: Runs, *, workers: int, threads: int = 1, shower: Shower = show_progress
) -> Outcome:
    """Tune, choose, judge. Everything that was done before is taken from ``runs``."""
    work = jobs.Work(kind)
    first = _baseline_jobs(kind, plan) + [spec for _, spec in _trial_jobs(kind, plan)]
    with shower("tuning", len(first)) as bar:
        perform_all(runs, _long_first(kind, first), work, workers=workers, threads=threads, progress=bar)
    baselines = {(spec["task"], spec["language"]): runs.result(spec) for spec in _baseline_jobs(kind, plan)}
    trials = _read_trials(kind, plan, runs)
    chosen = choose(trials)
    for task in plan.tasks:
        if "control" in plan.arms:
            chosen[task, "control", "(all)"] = chosen[task, "pooled", "(all)"]
    last = _final_jobs(kind, plan, chosen, baselines)
    with shower("judging", len(last)) as bar:
        perform_all(runs, _long_first(kind, last), work, workers=workers, threads=threads, progress=bar)
    return Outcome(trials, chosen, baselines, last)


def _baseline_jobs(kind: Kind, plan: Plan) -> list[Specification]:
    return [
        jobs.specify(kind, "baseline", task, language=language) for task in plan.tasks for language in plan.languages
    ]


def _trial_jobs(kind: Kind, plan: Plan) -> list[tuple[Trial, Specification]]:
    """Every trial of every tuned arm, with its run; trials that are one to an arm share a run."""
    found = []
    for task in plan.tasks:
        for number, options in enumerate(kind.trials(plan.trials)):
            for arm in plan.arms:
                if arm not in TUNED_ARMS:
                    continue
                groups = [[language] for language in plan.languages] if arm == "alone" else [list(plan.languages)]
                own = kind.for_one_language(options) if arm == "alone" else options
                for languages in groups:
                    name = languages[0] if arm == "alone" else "(all)"
                    spec = jobs.trial(kind, task, arm, languages, own, plan.tuning_seed)
                    found.append((Trial(task, arm, name, number, own, float("nan")), spec))
    return found


def _read_trials(kind: Kind, plan: Plan, runs: Runs) -> list[Trial]:
    trials = []
    for trial, spec in _trial_jobs(kind, plan):
        result = runs.result(spec)
        scores = read_scores(runs, spec, result)
        mean = float(np.mean(scores)) if scores else DIVERGED
        if mean == DIVERGED:
            what = f"{trial.task}, {trial.arm}, {trial.language}: trial {trial.number} {trial.options}"
            logger.warning("%s loses: %s", what, result.get("diverged", "its score is no number"))
        trials.append(replace(trial, score=mean))
    return trials


def read_scores(runs: Runs, spec: Specification, result: dict[str, Any]) -> list[float]:
    """The scores of a trial on dev, a language each; none where it diverged or one is no number.

    Raises:
        FolderError: the run has no such result.
    """
    path = runs.folder(spec) / "run.json"
    require_fields(path, result, {"scores": dict})
    scores = list(result["scores"].values())
    if not all(score is None or type(score) in (int, float) for score in scores):
        raise FolderError(f"{path}: damaged, its scores are no numbers; remove the run's folder")
    return [] if None in scores else [float(score) for score in scores]


def choose(trials: Sequence[Trial]) -> dict[tuple[str, str, str], Options]:
    """The best trial of each task, arm and language: the highest mean on dev, the earlier where two are equal.

    A pooled arm's score is the mean over its languages, each counting alike. A trial that diverged, or whose score is
    no number, loses against every other.

    Raises:
        DivergenceError: all trials of an arm diverged.
    """
    best: dict[tuple[str, str, str], Trial] = {}
    for trial in trials:
        key = (trial.task, trial.arm, trial.language)
        if np.isfinite(trial.score) and (key not in best or trial.score > best[key].score):
            best[key] = trial
    for trial in trials:
        if (trial.task, trial.arm, trial.language) not in best:
            raise DivergenceError(
                f"{trial.task}, {trial.arm}, {trial.language}: every trial diverged; lower rate or scale, and name a "
                "new folder for the study"
            )
    return {key: trial.options for key, trial in best.items()}


def _final_jobs(
    kind: Kind,
    plan: Plan,
    chosen: Mapping[tuple[str, str, str], Options],
    baselines: Mapping[tuple[str, str], dict[str, Any]],
) -> list[Specification]:
    found = []
    pools = list(plan.pools)
    for task in plan.tasks:
        own = {language: baselines[task, language] for language in plan.languages}
        for language in plan.languages:
            found.append(
                jobs.specify(
                    kind,
                    "judge-baseline",
                    task,
                    arm="bm25",
                    language=language,
                    baseline=own[language],
                    pools=pools,
                )
            )
        for seed in range(1, plan.seeds + 1):
            for arm in plan.arms:
                if arm == "alone":
                    for language in plan.languages:
                        options = chosen[task, arm, language]
                        base = {language: own[language]}
                        found.append(jobs.final(kind, task, arm, [language], options, seed, base, pools))
                else:
                    options = chosen[task, arm, "(all)"]
                    found.append(jobs.final(kind, task, arm, list(plan.languages), options, seed, own, pools))
    return found


def _long_first(kind: Kind, specifications: Sequence[Specification]) -> list[Specification]:
    """Long work first, so that no worker is left alone with it at the end."""

    def length(spec: Specification) -> float:
        languages = spec.get("languages") or [spec["language"]]
        return sum(kind.weight(spec["task"], language) for language in languages) * (
            1.0 if "languages" in spec else 0.2
        )

    return sorted(specifications, key=length, reverse=True)
