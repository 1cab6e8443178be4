"""Runs of mixtures: models of all languages whose shares are given, scored on dev, judged on test, compared.

A mixture becomes the passes of a recipe: language l is read w_l T / n_l times as often as the settings say, T the sizes
of all languages together, so that every mixture reads as many examples as pooling does. Runs are named by their
content, so a search that was killed goes on, and what two analyses ask for is trained once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.analyses.mixtures.mixing import passes_of
from sprachbund.arrays import Float64
from sprachbund.engines.engine import Engine
from sprachbund.errors import SettingsError
from sprachbund.files import require_fields
from sprachbund.lab.declaration import Pair
from sprachbund.lab.measures import Measure
from sprachbund.lab.recipe import Recipe, Share, check_recipe
from sprachbund.lab.seam import Kind
from sprachbund.progress import Silent
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies.items import read_items
from sprachbund.studies.jobs import ITEMS_FILE, Jobs, Work
from sprachbund.studies.study import Plan, Shower
from sprachbund.studies.tables import tabulate

__all__ = ["Bench", "Judged"]

DRAWS = 10_000
DEV_SEED = 0
"""Of what is only scored on dev; seeds from 1 on are judged on test."""
DIGITS = 6


@dataclass(frozen=True)
class Judged:
    """Mixtures judged on test.

    Attributes:
        results: a row a language, mixture (``arm``), pool, measure and seed. comparisons: as in a study, of the pairs
            that were asked for, over all seeds, ``(all)`` for the geometric mean over languages.
    """

    results: pl.DataFrame
    comparisons: pl.DataFrame


@dataclass(frozen=True)
class Bench:
    """Where mixtures of the languages of one study and task are tried.

    Attributes:
        plan: its languages are mixed, in their order; its seeds are judged, in its pools, in the languages judged.
        runs: where what is done is kept. workers: processes side by side, unless there is an ``engine``.
        draws: of the bootstrap.
    """

    kind: Kind
    plan: Plan
    task: str
    runs: Runs
    workers: int = 1
    shower: Shower = show_progress
    draws: int = DRAWS
    engine: Engine | None = None

    def __post_init__(self) -> None:
        """Refuse what has no mixture."""
        if len(self.plan.languages) < 2:
            raise SettingsError(f"a mixture is of two languages at least, found {', '.join(self.plan.languages)}")

    @property
    def languages(self) -> tuple[str, ...]:
        """That are mixed; the axis of every mixture."""
        return self.plan.languages

    @cached_property
    def sizes(self) -> Float64:
        """Training examples, float64 [languages]."""
        return np.array([self.kind.size(self.task, code) for code in self.languages], np.float64)

    @property
    def measure(self) -> Measure:
        """The one that decides."""
        return self.kind.declaration.measures[0]

    @property
    def pool(self) -> str:
        """The one that decides."""
        return self.plan.pools[0]

    def recipe(self, mixture: Float64, seed: int, part: float = 1.0) -> Recipe:
        """The recipe of a mixture that reads a part of what pooling reads."""
        passes = np.round(passes_of(mixture, self.sizes) * part, DIGITS)
        text = {code: Share(float(own)) for code, own in zip(self.languages, passes, strict=True)}
        # where all passes are 1 the kind's own mixture would hold, which need not be the natural one
        options = {"mixture": "natural", "weights": {}} if "mixture" in self.kind.declaration.mixture_options else {}
        made = Recipe(self.task, text, options, seed)
        check_recipe(made, self.kind.declaration.parts)
        return made

    def on_dev(self, title: str, mixtures: Float64, part: float = 1.0) -> Float64:
        """Scores on dev, float64 [mixtures, languages judged]; NaN where a training diverged.

        Args:
            mixtures: [n, languages]. part: of what pooling reads; less makes the runs small.
        """
        jobs, judged = Jobs(self.kind), self.plan.judged
        specifications = [jobs.trial(self.recipe(mixture, DEV_SEED, part), judged) for mixture in mixtures]
        self._perform(title, specifications, jobs)
        return np.array([self._scores(specification) for specification in specifications])

    def _scores(self, specification: Specification) -> list[float]:
        result = self.runs.result(specification)
        require_fields(self.runs.folder(specification) / "run.json", result, {"scores": dict})
        found = [result["scores"].get(code) for code in self.plan.judged]
        return [float(score) if type(score) in (int, float) else float("nan") for score in found]

    def on_test(
        self,
        title: str,
        mixtures: Mapping[str, Float64],
        pairs: Sequence[tuple[str, str]],
        languages: Sequence[str] = (),
    ) -> Judged:
        """Judge named mixtures with every seed of the plan and compare pairs of them, (one, against another).

        Args:
            languages: that are judged, all of the plan's if empty.

        Raises:
            DivergenceError: a training did.
        """
        judged = tuple(languages) or self.plan.judged
        seeds = range(1, self.plan.seeds + 1)
        arms = {name: [(self.recipe(mixture, seed), judged) for seed in seeds] for name, mixture in mixtures.items()}
        return self.judged(title, arms, pairs)

    def judged(
        self,
        title: str,
        arms: Mapping[str, Sequence[tuple[Recipe, tuple[str, ...]]]],
        pairs: Sequence[tuple[str, str]],
    ) -> Judged:
        """Judge the trainings of named arms on test and compare pairs of the arms.

        Args:
            arms: by name the recipe of each training and the languages that it is judged in; a language's trainings
                are numbered in their order, and their mean is the arm's.

        Raises:
            DivergenceError: a training did.
        """
        jobs, declaration = Jobs(self.kind), self.kind.declaration
        asked = [
            (name, code, jobs.judge(recipe, {each: {} for each in codes}, self.plan.pools))
            for name, trainings in arms.items()
            for recipe, codes in trainings
            for code in codes
        ]
        self._perform(title, [specification for _, _, specification in asked], jobs)
        frames = []
        known: dict[Path, pl.DataFrame] = {}
        count: Counter[tuple[str, str]] = Counter()
        for name, code, specification in asked:
            folder = self.runs.folder(specification)
            if folder not in known:
                known[folder] = read_items(folder / ITEMS_FILE, declaration).filter(pl.col("arm") == "")
            count[name, code] += 1
            frames.append(
                known[folder].filter(pl.col("language") == code).with_columns(
                    pl.lit(self.task).alias("task"), pl.lit(name).alias("arm"),
                    pl.lit(count[name, code], pl.Int64).alias("seed"),
                )
            )  # fmt: skip
        asking = replace(declaration, pairs=tuple(Pair(one, other) for one, other in pairs))
        return Judged(*tabulate(pl.concat(frames), asking, Silent(), self.draws))

    def _perform(self, title: str, specifications: Sequence[Specification], jobs: Jobs) -> None:
        distinct = list({self.runs.folder(each): each for each in specifications}.values())
        with self.shower(title, len(distinct)) as bar:
            perform_all(
                self.runs, distinct, Work(jobs, self.runs), needs=jobs.needs, workers=self.workers, progress=bar,
                engine=self.engine,
            )  # fmt: skip
