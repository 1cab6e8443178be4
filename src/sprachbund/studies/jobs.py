"""The kinds of work in a study, each a run: a baseline, a model that others start from, a trial, and what is judged.

    baseline          tuned on dev
    judge-baseline    items of the test side
    train             a model that others begin from, saved
    trial             a recipe, scored on dev
    judge             a recipe, judged on test

A trial and what is judged make their model, unless it is one of those that are saved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, cast

import polars as pl

from sprachbund.errors import DivergenceError
from sprachbund.files import content_hash
from sprachbund.lab.recipe import Recipe, recipe_of
from sprachbund.lab.seam import Kind, Telling
from sprachbund.runs.store import Runs, Specification
from sprachbund.tables import write_parquet

__all__ = ["ITEMS_FILE", "LEARNING", "MODEL", "Jobs", "Work"]

ITEMS_FILE, MODEL, LEARNING = "items.parquet", "model", "learning"


@dataclass(frozen=True)
class Jobs:
    """Makes specifications: all that goes into a piece of work of one kind.

    Attributes:
        shared: hashes of the recipes whose models are saved, for others to begin from.
    """

    kind: Kind
    shared: frozenset[str] = frozenset()

    def baseline(self, task: str, language: str) -> Specification:
        """Choose the baselines on dev."""
        return self._specify("baseline", task, language=language)

    def judge_baseline(
        self, task: str, language: str, baselines: Mapping[str, Any], pools: tuple[str, ...]
    ) -> Specification:
        """Judge them on test."""
        return self._specify("judge-baseline", task, language=language, baselines=dict(baselines), pools=list(pools))

    def train(self, recipe: Recipe) -> Specification:
        """Make a model and keep it."""
        return self._specify("train", recipe.task, recipe=recipe.to_dict())

    def trial(self, recipe: Recipe, languages: tuple[str, ...]) -> Specification:
        """Score a recipe on dev in some languages."""
        return self._specify("trial", recipe.task, recipe=recipe.to_dict(), languages=list(languages))

    def judge(
        self, recipe: Recipe, baselines: Mapping[str, Mapping[str, Any]], pools: tuple[str, ...]
    ) -> Specification:
        """Judge a recipe on test in the languages of ``baselines``, alone and beside them."""
        return self._specify("judge", recipe.task, recipe=recipe.to_dict(), baselines={**baselines}, pools=list(pools))

    def needs(self, specification: Specification) -> list[Specification]:
        """The saved models that a piece of work begins from."""
        if "recipe" not in specification:
            return []
        values, found = specification["recipe"], []
        if specification["job"] != "train" and content_hash(values) in self.shared:
            found.append(self._fit_of(values))
        elif "text" in values.get("start", {}):
            found.append(self._fit_of(values["start"]))
        return found

    def _fit_of(self, values: Mapping[str, Any]) -> Specification:
        return self._specify("train", values["task"], recipe=values)

    def _specify(self, job: str, task: str, **fields: Any) -> Specification:
        declared = self.kind.declaration
        return {
            "job": job,
            "kind": declared.name,
            "version": declared.version,
            "data": self.kind.identity(
                frozenset(_languages(fields)), fields.get("pools", ()), trained="recipe" in fields
            ),
            "task": task,
            **fields,
        }


def _languages(fields: Mapping[str, Any]) -> Iterator[str]:
    """The languages whose text a piece of work reads."""
    if "language" in fields:
        yield fields["language"]
        return
    yield from fields.get("languages", fields["baselines"] if "recipe" in fields and "baselines" in fields else ())
    recipe = fields["recipe"]
    while "text" in recipe:
        for language, share in recipe["text"].items():
            yield language
            if "into" in share:
                yield share["into"]
        recipe = recipe.get("start", {})


@dataclass(frozen=True)
class Work:
    """Performs a specification that `Jobs` made.

    Attributes:
        files: where models and row maps on disk lie, by their hashes.
    """

    jobs: Jobs
    runs: Runs
    files: Mapping[str, Path] = field(default_factory=dict)

    def __call__(self, specification: Specification, folder: Path) -> dict[str, Any]:
        """Write the run's files into ``folder`` and return its result; a trial that diverges has no scores.

        Raises:
            DivergenceError: a training of the chosen options did.
        """
        kind, s = self.jobs.kind, specification
        if s["job"] == "baseline":
            return kind.tune_baselines(s["task"], s["language"])
        if s["job"] == "judge-baseline":
            items = kind.judge_baselines(s["baselines"], s["task"], s["language"], s["pools"])
            return _write(items.with_columns(pl.lit(s["language"]).alias("language")), folder)
        try:
            model = self._model(s)
        except DivergenceError as error:
            if s["job"] == "trial":
                return {"scores": {}, "diverged": str(error)}
            recipe = s["recipe"]
            raise DivergenceError(f"{', '.join(recipe['text'])}, seed {recipe['seed']}: {error}") from None
        if s["job"] == "train":
            (folder / MODEL).mkdir()
            kind.save(model, folder / MODEL)
            return {}
        if s["job"] == "trial":
            return {"scores": {code: _number(kind.score(model, s["task"], code)) for code in s["languages"]}}
        frames = [
            kind.judge(model, baselines, s["task"], language, s["pools"]).with_columns(
                pl.lit(language).alias("language")
            )
            for language, baselines in s["baselines"].items()
        ]
        learning = {LEARNING: cast(Telling, kind).learning_curve(model)} if kind.declaration.learning else {}
        return _write(pl.concat(frames), folder) | kind.proof(recipe_of(s["recipe"], self.files)) | learning

    def _model(self, specification: Specification) -> Any:
        """Made by the recipe, or loaded where it is saved."""
        kind, values = self.jobs.kind, specification["recipe"]
        needed = self.jobs.needs(specification)
        saved = kind.load(self.runs.folder(needed[0]) / MODEL) if needed else None
        if saved is not None and needed[0]["recipe"] == values:
            return saved
        recipe = recipe_of(values, self.files)
        if saved is None and recipe.start is not None:
            assert not isinstance(recipe.start, Recipe)
            saved = kind.open(recipe.start.path)
        return kind.train(recipe, saved)


def _write(items: pl.DataFrame, folder: Path) -> dict[str, Any]:
    write_parquet(items, folder / ITEMS_FILE)
    return {"items": items.height}


def _number(score: float) -> float | None:
    """A score as JSON has it: what is no number is null."""
    return float(score) if isfinite(score) else None
