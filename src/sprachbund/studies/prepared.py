"""A study whose data are ready: what every kind's entry hands over, to be carried out or only looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sprachbund.engines.engine import ONE, Engine, Needs
from sprachbund.lab.seam import Kind
from sprachbund.progress import progress as show_progress
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Plan, Shower, Study, run_study
from sprachbund.studies.writing import write_study

__all__ = ["Prepared", "carry_out"]


@dataclass(frozen=True)
class Prepared:
    """What a study works with.

    Attributes:
        notes: warnings that the report repeats. duplicates: makes a row a language, joined to the table of languages.
        remarks: what only the report says, since whoever asked for it knows. each: what a run needs.
    """

    kind: Kind
    plan: Plan
    notes: tuple[str, ...]
    duplicates: Callable[[], pl.DataFrame]
    remarks: tuple[str, ...] = ()
    each: Needs = ONE


def carry_out(
    prepared: Prepared,
    folder: Path,
    runs: Runs,
    *,
    workers: int,
    engine: Engine | None = None,
    shower: Shower = show_progress,
) -> Study:
    """Do what is left of a study and write its tables into ``folder``, which the caller has claimed."""
    kind, plan = prepared.kind, prepared.plan
    outcome = run_study(kind, plan, runs, workers=workers, each=prepared.each, engine=engine, shower=shower)
    with shower("statistics", 2 * len(plan.tasks) * len(plan.judged) * len(plan.pools)) as bar:
        notes = (*prepared.notes, *prepared.remarks)
        write_study(folder, kind, plan, outcome, runs, notes, prepared.duplicates(), bar)
    return Study(folder, plan, prepared.notes)
