"""The work of the harness, as jobs of a study: named by their content in WORK/runs, so that what was killed goes on.

A model that recipes begin from is trained once and kept; so is one that a script asks for by `models`. All others are
trained and judged in one job, and their items are kept: any two recipes can be compared later (`table.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from measured import Measured
from recipes import TASK, Named, recipe_of

from sprachbund.engines.engine import Needs
from sprachbund.lab.recipe import Recipe
from sprachbund.progress import progress
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.ranking.baselines import Baseline
from sprachbund.retrieval.settings import BEST, change
from sprachbund.runs.store import Runs, Specification
from sprachbund.runs.workers import perform_all
from sprachbund.studies.jobs import ITEMS_FILE, MODEL, Jobs, Work
from sprachbund.tables import read_parquet

DEV_QUERIES, TEST_QUERIES = 1_000, 2_000


@dataclass(frozen=True)
class Harness:
    """Where things lie, and how many processes of how many threads work."""

    work: Path
    encoded: EncodedCorpus
    workers: int = 1
    threads: int = 2

    @property
    def runs(self) -> Runs:
        """All that was done."""
        return Runs(self.work / "runs")

    @property
    def text(self) -> dict[str, int]:
        """The training sentences of each language."""
        return {code: self.encoded.language(code).train_sentences for code in self.encoded.languages}

    def kind(self, judging: Mapping[str, Any] | None = None) -> Measured:
        """What fits and judges; ``judging`` matters where BM25 is tuned."""
        settings = change(BEST, most_queries=TEST_QUERIES, **(judging or {}))
        return Measured(RetrievalKind(self.encoded.path, settings, tuning_queries=DEV_QUERIES))

    def perform(self, what: str, specifications: Sequence[Specification], jobs: Jobs) -> None:
        """Do what is not done."""
        with progress(what, len(specifications)) as bar:
            perform_all(
                self.runs, specifications, Work(jobs, self.runs), needs=jobs.needs,
                workers=self.workers, each=Needs(self.threads), progress=bar,
            )  # fmt: skip


def recipes_of(harness: Harness, named: Named, languages: Sequence[str], seed: int) -> dict[str, Recipe]:
    """The recipe of each target among some languages."""
    text = harness.text
    made = {code: recipe_of(named, code, text, seed) for code in named.targets if code in languages and code in text}
    return {code: recipe for code, recipe in made.items() if recipe is not None}


def baselines(harness: Harness, named: Named, languages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """BM25 as dev chose it for each language, as JSON: ``plain`` and, with surroundings, ``around``."""
    jobs = Jobs(harness.kind(named.judging))
    wanted = {code: jobs.baseline(TASK, code) for code in languages}
    harness.perform("tuning BM25", list(wanted.values()), jobs)
    return {code: harness.runs.result(specification) for code, specification in wanted.items()}


def tuned(harness: Harness, named: Named, languages: Sequence[str]) -> dict[str, dict[str, Baseline]]:
    """The same to score with."""
    found = baselines(harness, named, languages)
    return {code: {name: Baseline.from_dict(v) for name, v in own.items()} for code, own in found.items()}


def judged(harness: Harness, named: Named, languages: Sequence[str], seed: int, places: Sequence[str]) -> pl.DataFrame:
    """The items of a recipe's models and of BM25 in some pools, ``dev/unseen``: see `measured`.

    The column ``arm`` is empty for the encoder by itself.
    """
    recipes = recipes_of(harness, named, languages, seed)
    found = baselines(harness, named, list(recipes))
    together: dict[str, list[str]] = {}
    for language, recipe in recipes.items():
        together.setdefault(recipe.content_hash(), []).append(language)
    starts = {start.content_hash() for recipe in recipes.values() for start in recipe.starts()}
    jobs = Jobs(harness.kind(), frozenset(starts))
    wanted = [jobs.judge_baseline(TASK, code, values, tuple(places)) for code, values in found.items()]
    wanted += [
        jobs.judge(recipes[codes[0]], {code: found[code] for code in codes}, tuple(places))
        for codes in together.values()
    ]
    harness.perform("training and judging", wanted, jobs)
    frames = [read_parquet(harness.runs.folder(specification) / ITEMS_FILE) for specification in wanted]
    return pl.concat([frame.with_columns(pl.lit(seed, pl.Int64).alias("seed")) for frame in frames])


def models(harness: Harness, named: Named, languages: Sequence[str], seed: int = 1) -> Iterator[tuple[str, Model]]:
    """Each target with its model, one at a time; kept for the next script that asks."""
    recipes = recipes_of(harness, named, languages, seed)
    jobs = Jobs(harness.kind())
    jobs = replace(jobs, shared=frozenset(s.content_hash() for r in recipes.values() for s in (r, *r.starts())))
    fits = {code: jobs.train(recipe) for code, recipe in recipes.items()}
    harness.perform("training", list(fits.values()), jobs)
    place = None
    for language, specification in fits.items():
        if place != harness.runs.folder(specification):  # one of all languages is read once
            place = harness.runs.folder(specification)
            model = jobs.kind.load(place / MODEL).model
        yield language, model
