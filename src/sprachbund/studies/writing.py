"""Everything in the folder of a study.

study.json            the format, and the kind's declaration, by which the report is written
study.toml            everything resolved, and what each arm tried and chose
results.parquet       a row an arm, pool, measure and seed, with its interval
comparisons.parquet   a row a pair of arms, pool and measure: absolute, relative, interval, verdict
items.parquet         a row an item, arm, pool and seed
languages.parquet     a row a task and language: sizes and quality of the data
learning.parquet      a row a point of a learning curve, of kinds whose trainings have one
samples.parquet       of kinds that write, texts of some items; with confusions.parquet, what is mistaken for what, and
                      clips.parquet, the sound of the items
pools.json            what each pool holds: sizes, sources and a hash
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import tomli_w

from sprachbund.files import atomic_path, package_version, write_json, write_text
from sprachbund.lab.seam import Kind, Telling
from sprachbund.progress import Progress
from sprachbund.runs.store import Runs
from sprachbund.studies.items import gather_items
from sprachbund.studies.learning import learning_table
from sprachbund.studies.samples import samples_of
from sprachbund.studies.study import Outcome, Plan
from sprachbund.studies.tables import tabulate
from sprachbund.tables import write_parquet

__all__ = ["FORMAT", "MANIFEST", "write_study"]

KIND, FORMAT, MANIFEST = "study", 2, "study.json"


def write_study(
    folder: Path,
    kind: Kind,
    plan: Plan,
    outcome: Outcome,
    runs: Runs,
    notes: Sequence[str],
    duplicates: pl.DataFrame,
    progress: Progress,
) -> None:
    """Write the files of a study, each whole or not at all.

    Args:
        notes: warnings that the report repeats. duplicates: a row a language, joined to the table of languages.
    """
    declared = kind.declaration
    items = gather_items(plan, outcome, runs, declared)
    results, comparisons = tabulate(items, declared, progress)
    described = pl.DataFrame([kind.describe(task, language) for task in plan.tasks for language in plan.judged])
    tables = {
        "results": results,
        "comparisons": comparisons,
        "items": items,
        "languages": described.join(duplicates, on="language", how="left"),
    }
    if declared.learning:
        tables["learning"] = learning_table(outcome.judged, runs)
    if declared.writes:
        tables["samples"], tables["confusions"], tables["clips"] = samples_of(cast(Telling, kind), outcome.judged, runs)
    for name, frame in tables.items():
        with atomic_path(folder / f"{name}.parquet") as temporary:
            write_parquet(frame, temporary)
    manifests = [m for task in plan.tasks for code in plan.judged for m in kind.manifests(task, code, plan.pools)]
    write_json(folder / "pools.json", manifests)
    write_text(folder / "study.toml", tomli_w.dumps(_document(kind, plan, outcome, notes)))
    said = {"kind": KIND, "format": FORMAT, "written_by": package_version(), "declaration": declared.to_dict()}
    write_json(folder / MANIFEST, said)


def _document(kind: Kind, plan: Plan, outcome: Outcome, notes: Sequence[str]) -> dict[str, Any]:
    declared = kind.declaration
    identity = _plain(kind.identity(plan.languages, plan.pools))
    chosen: dict[str, Any] = {}
    for (task, arm, language), options in sorted(outcome.chosen.items()):
        chosen.setdefault(task, {}).setdefault(arm, {})[language] = dict(options) or {"preset": "as it is"}
    baselines: dict[str, Any] = {}
    for (task, language), baseline in sorted(outcome.baselines.items()):
        baselines.setdefault(task, {})[language] = _plain(baseline)
    return {
        "study": {
            # what the plan says stands over what the kind knows by the same name: its text may have more languages
            **{"corpus_hash" if key == "corpus" else key: value for key, value in identity.items()},
            "kind": declared.name,
            "written_by": package_version(),
            "tasks": list(plan.tasks),
            "languages": list(plan.languages),
            **({"targets": list(plan.targets)} if plan.targets else {}),
            "arms": list(plan.arms),
            "pools": list(plan.pools),
            "trials": plan.trials,
            "seeds": plan.seeds,
            "tuning_seed": plan.tuning_seed,
        },
        "notes": {"warnings": list(notes)},
        "chosen": chosen,
        "baselines": baselines,
        "tried": [
            {
                "task": trial.task,
                "arm": trial.arm,
                "language": trial.language,
                "trial": trial.number,
                **trial.options,
                **({declared.measures[0].name: trial.score} if np.isfinite(trial.score) else {"diverged": True}),
            }
            for trial in outcome.trials
        ],
    }


def _plain(value: Any) -> Any:
    """JSON values without null, which TOML lacks."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
