"""A toy study from its plan to its files."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.engines.engine import Engine
from sprachbund.lab.seam import Kind
from sprachbund.progress import Silent
from sprachbund.runs.store import Runs
from sprachbund.studies.study import Outcome, Plan, run_study
from sprachbund.studies.writing import write_study

LANGUAGES = ("aa", "bbb", "cccc")
ARMS = ("alone", "pooled", "control", "placebo")


@dataclass(frozen=True)
class Finished:
    """A folder with all files of a study, and what made them."""

    folder: Path
    plan: Plan
    outcome: Outcome

    def table(self, name: str) -> pl.DataFrame:
        """One of the Parquet files."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def document(self) -> dict[str, Any]:
        """study.toml."""
        return tomllib.loads((self.folder / "study.toml").read_text(encoding="utf-8"))


def run(
    kind: Kind,
    folder: Path,
    tasks: Sequence[str] = ("ic", "nsp"),
    workers: int = 1,
    engine: Engine | None = None,
    **changes: Any,
) -> Finished:
    """Run and write it; ``changes`` are of the plan."""
    usual = Plan(tuple(tasks), LANGUAGES, ARMS, pools=("unseen", "paper"), trials=3, seeds=2)
    plan = replace(usual, **changes)
    runs = Runs(folder / "runs")
    outcome = run_study(kind, plan, runs, workers=workers, engine=engine)
    duplicates = pl.DataFrame({"language": plan.languages, "duplicate_sentences": 1, "leaked_sentences": 0})
    write_study(folder, kind, plan, outcome, runs, ["aa is small."], duplicates, Silent())
    return Finished(folder, plan, outcome)
