"""The four kinds of work in a study, each a run: a trial, a baseline, and the judging of either."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.errors import DivergenceError
from sprachbund.runs.store import Specification
from sprachbund.studies.seam import Kind, Options, Sharing
from sprachbund.tables import write_parquet

SHARING: dict[str, Sharing] = {
    "alone": "shared",
    "pooled": "shared",
    "control": "separate",
    "placebo": "permuted",
}


@dataclass(frozen=True)
class Work:
    """Performs a specification that one of the functions below made."""

    kind: Kind

    def __call__(self, specification: Specification, folder: Path) -> dict[str, Any]:
        """Write the run's files into ``folder`` and return its result; a trial that diverges has no scores.

        Raises:
            DivergenceError: a training of the chosen options did.
        """
        kind, s = self.kind, specification
        if s["job"] == "baseline":
            return kind.tune_baseline(s["task"], s["language"])
        if s["job"] == "judge-baseline":
            items = kind.judge_baseline(s["baseline"], s["task"], s["language"], s["pools"])
            write_parquet(items, folder / "items.parquet")
            return {"items": items.height}
        try:
            model = kind.fit(s["task"], s["languages"], s["options"], s["seed"], SHARING[s["arm"]])
        except DivergenceError as error:
            if s["job"] == "trial":
                return {"scores": {}, "diverged": str(error)}
            raise DivergenceError(f"{s['arm']}, seed {s['seed']}: {error}") from None
        if s["job"] == "trial":
            return {
                "scores": {language: _number(kind.score(model, s["task"], language)) for language in s["languages"]}
            }
        frames = [
            kind.judge(model, baseline, s["task"], language, s["pools"]).with_columns(
                pl.lit(language).alias("language")
            )
            for language, baseline in s["baselines"].items()
        ]
        items = pl.concat(frames)
        write_parquet(items, folder / "items.parquet")
        return {"items": items.height}


def _number(score: float) -> float | None:
    """A score as JSON has it: what is no number is null."""
    return float(score) if isfinite(score) else None


def specify(kind: Kind, job: str, task: str, **fields: Any) -> Specification:
    """A specification: the kind, its version, its data, and what to do."""
    return {
        "job": job,
        "kind": kind.name,
        "version": kind.version,
        "data": kind.identity(),
        "task": task,
        **fields,
    }


def trial(kind: Kind, task: str, arm: str, languages: list[str], options: Options, seed: int) -> Specification:
    """Fit with some options and score on dev."""
    return specify(kind, "trial", task, arm=arm, languages=languages, options=options, seed=seed)


def final(
    kind: Kind,
    task: str,
    arm: str,
    languages: list[str],
    options: Options,
    seed: int,
    baselines: dict[str, dict[str, Any]],
    pools: list[str],
) -> Specification:
    """Fit with the chosen options and judge on test, alone and beside the baseline of each language."""
    return specify(
        kind,
        "judge",
        task,
        arm=arm,
        languages=languages,
        options=options,
        seed=seed,
        baselines=baselines,
        pools=pools,
    )
