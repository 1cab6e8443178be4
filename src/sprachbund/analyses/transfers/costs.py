"""What the models of an arm cost: how many must be kept, their bytes, and the seconds that their training takes.

A study keeps items and scores, not the models that it judged, and its runs' seconds have judging in them and whatever
else the machine did. So each model is trained once more, with the first seed, one after the other, and its processor's
seconds are measured, as are its bytes in the form in which it would be kept. Each is a run and is done once.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprachbund.errors import FolderError
from sprachbund.files import require_fields
from sprachbund.lab.recipe import Recipe, recipe_of
from sprachbund.lab.seam import Kind
from sprachbund.progress import progress as show_progress
from sprachbund.retrieval.encoder.encoder import from_model
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies.jobs import MODEL, Jobs, Work
from sprachbund.studies.outlook import outlook
from sprachbund.studies.prepared import Prepared
from sprachbund.studies.study import Shower

__all__ = ["Cost", "costs_of", "recipes_of"]

COST = "cost"
_warm: set[str] = set()
"""Kinds that this process has trained: the first training loads kernels, which no later one does."""


@dataclass(frozen=True)
class Cost:
    """What the models of an arm cost for all languages that are judged.

    Attributes:
        models: that are kept, one where it serves all languages. size: bytes of all of them.
        seconds: of a processor, for the training of the models. of_starts: of those that they begin from, each once.
        examples: that all these trainings read in a pass.
    """

    models: int
    size: int
    seconds: float
    of_starts: float
    examples: float

    @property
    def all_seconds(self) -> float:
        """With the starts."""
        return self.seconds + self.of_starts


@dataclass(frozen=True)
class Costing:
    """Performs a specification of a cost, or of a model that others begin from."""

    jobs: Jobs
    runs: Runs

    def __call__(self, specification: Specification, folder: Path) -> dict[str, Any]:
        """Train, measure, and keep the numbers alone."""
        if specification["job"] != COST:
            return Work(self.jobs, self.runs)(specification, folder)
        kind = self.jobs.kind
        recipe = recipe_of(specification["recipe"])
        needed = self.jobs.needs(specification)
        start = kind.load(self.runs.folder(needed[0]) / MODEL) if needed else None
        if kind.declaration.name not in _warm:
            kind.train(recipe, start)
            _warm.add(kind.declaration.name)
        begun = time.process_time()
        model = kind.train(recipe, start)
        seconds = time.process_time() - begun
        size = _size(kind, model, folder / MODEL)
        shutil.rmtree(folder / MODEL)
        return {"seconds": round(seconds, 3), "bytes": size}


def _size(kind: Kind, model: Any, folder: Path) -> int:
    """The bytes of a model as it is kept: an encoder with its vocabulary, the parts of a language model."""
    if isinstance(kind, RetrievalKind):
        from_model(model, kind.encoded, {}).save(folder)
    else:
        folder.mkdir()
        kind.save(model, folder)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def recipes_of(prepared: Prepared, runs: Runs, task: str) -> dict[str, list[Recipe]]:
    """By arm the distinct recipes of a finished study's models of the first seed."""
    found: dict[str, dict[str, Recipe]] = {}
    for piece in outlook(prepared, runs):
        if piece.job == "judge" and piece.task == task and piece.number == 1 and piece.done:
            recipe = recipe_of(piece.specification["recipe"])
            found.setdefault(piece.arm, {})[recipe.content_hash()] = recipe
    return {arm: list(own.values()) for arm, own in found.items()}


def costs_of(
    kind: Kind, recipes: Mapping[str, Sequence[Recipe]], runs: Runs, shower: Shower = show_progress
) -> dict[str, Cost]:
    """What each arm costs; what was not measured before is trained, the smallest first, in a process of its own.

    Raises:
        DivergenceError: a training did.
    """
    every = {
        recipe.content_hash(): recipe for own in recipes.values() for one in own for recipe in (one, *one.starts())
    }
    jobs = Jobs(kind)
    asked = {name: {**jobs.train(recipe), "job": COST} for name, recipe in every.items()}
    sizes = {code: kind.size(next(iter(every.values())).task, code) for each in every.values() for code in each.text}
    ordered = sorted(asked, key=lambda name: kind.effort(every[name], {code: sizes[code] for code in every[name].text}))
    with shower("costs", len(ordered)) as bar:
        perform_all(
            runs, [asked[name] for name in ordered], Costing(jobs, runs), needs=jobs.needs, workers=1, progress=bar
        )
    measured = {name: _measured(runs, specification) for name, specification in asked.items()}
    read = {
        name: sum(share.passes * (share.sentences or sizes[code]) for code, share in recipe.text.items())
        for name, recipe in every.items()
    }
    found = {}
    for arm, own in recipes.items():
        names = [recipe.content_hash() for recipe in own]
        starts = {start.content_hash() for recipe in own for start in recipe.starts()}
        found[arm] = Cost(
            len(names), sum(measured[name][1] for name in names), sum(measured[name][0] for name in names),
            sum(measured[name][0] for name in starts), sum(read[name] for name in {*names, *starts}),
        )  # fmt: skip
    return found


def _measured(runs: Runs, specification: Specification) -> tuple[float, int]:
    result = runs.result(specification)
    path = runs.folder(specification) / "run.json"
    require_fields(path, result, {"seconds": (int, float), "bytes": int})
    if result["seconds"] < 0 or result["bytes"] < 0:
        raise FolderError(f"{path}: damaged, seconds and bytes are below 0; remove the run's folder")
    return float(result["seconds"]), int(result["bytes"])
