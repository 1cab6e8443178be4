"""From items to tables: means with intervals, comparisons with verdicts, and everything in STUDY.

    results.parquet       a row an arm, pool, measure and seed, with its interval
    comparisons.parquet   a row a pair of arms, pool and measure: absolute, relative, interval, verdict
    ranks.parquet         a row a query, arm, pool and seed
    languages.parquet     a row a task and language: sizes, templates left out, coverage
    pools.json            what each pool holds: sizes, sources and a hash
    study.toml            everything resolved, and what each arm tried and chose

The seeds of an arm are averaged query by query before arms are compared; intervals resample documents, then their
queries. Claims about every language carry Holm's correction over the languages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import tomli_w

from sprachbund.files import atomic_path, package_version, write_json, write_text
from sprachbund.progress import Progress
from sprachbund.runs.store import Runs, Specification
from sprachbund.statistics import (
    Comparison,
    bootstrap_means,
    compare_draws,
    holm,
    interval,
    null_leaks,
    overall,
)
from sprachbund.studies.seam import Kind, Measure
from sprachbund.studies.study import DIVERGED, Outcome, Plan
from sprachbund.tables import read_table, write_parquet

PAIRS = (
    ("pooled", "alone"),
    ("hybrid-pooled", "hybrid-alone"),
    ("hybrid-pooled", "bm25"),
    ("hybrid-alone", "bm25"),
    ("alone", "bm25"),
    ("pooled", "bm25"),
    ("pooled", "control"),
    ("pooled", "placebo"),
    ("hybrid-pooled", "hybrid-placebo"),
    ("whole-pooled", "whole-alone"),
    ("whole-pooled", "bm25"),
    ("whole-alone", "bm25"),
    ("whole-pooled", "bm25-around"),
    ("whole-alone", "bm25-around"),
    ("whole-pooled", "whole-placebo"),
    ("bm25-around", "bm25"),
    ("control", "alone"),
)
EVERYONE = "(all)"
ITEMS = {
    "arm": pl.String, "pool": pl.String, "query": pl.String, "document": pl.String, "group": pl.Int64,
    "value": pl.Float64, "null_value": pl.Float64, "candidates": (pl.Int32, pl.Int64),
}  # fmt: skip
NULL = "-null"


@dataclass(frozen=True)
class Cell:
    """The items of one task, language and pool, every arm and seed side by side.

    Attributes:
        columns: (arm, seed) of each column. values: float64 [queries, columns], of the items.
        groups: int64 [queries]. candidates: that compete.
    """

    task: str
    language: str
    pool: str
    columns: list[tuple[str, int]]
    values: npt.NDArray[np.float64]
    groups: npt.NDArray[np.int64]
    candidates: int


def gather_items(plan: Plan, outcome: Outcome, runs: Runs) -> pl.DataFrame:
    """All items: task, language, arm, pool, seed, query, document, group, value, null_value, candidates.

    The baseline has no seed of its own: it stands once for each seed.
    """
    frames = []
    for spec in outcome.judged:
        items = read_items(runs.folder(spec) / "items.parquet", spec).with_columns(pl.lit(spec["task"]).alias("task"))
        if spec["arm"] == "bm25":
            items = items.with_columns(
                pl.concat_str(pl.lit("bm25-"), "arm").str.strip_suffix("-").alias("arm"),
                pl.lit(spec["language"]).alias("language"),
            )
            frames += [items.with_columns(pl.lit(seed).alias("seed")) for seed in range(1, plan.seeds + 1)]
        else:
            name = pl.concat_str(pl.col("arm"), pl.lit(f"-{spec['arm']}")).str.strip_prefix("-")
            frames.append(items.with_columns(name.alias("arm"), pl.lit(spec["seed"]).alias("seed")))
    order = ["task", "language", "arm", "pool", "seed", "query", "document", "group", "value", "null_value"]
    return pl.concat([frame.select(*order, "candidates") for frame in frames])


def read_items(path: Path, spec: Specification) -> pl.DataFrame:
    """The items of a run that judged.

    Raises:
        FolderError: they are damaged.
    """
    columns = ITEMS | ({} if spec["arm"] == "bm25" else {"language": pl.String})
    return read_table(path, columns, "remove the run's folder and give the same command again", nulls=True)


def cells(items: pl.DataFrame, value: str = "value") -> Iterable[Cell]:
    """Cut items into cells, the queries of all arms in one order; queries without a value are left out."""
    for (task, language, pool), part in items.group_by(["task", "language", "pool"], maintain_order=True):
        known = part.filter(pl.col(value).is_not_null())
        if known.is_empty():
            continue
        columns = known.select("arm", "seed").unique(maintain_order=True).rows()
        wide = known.pivot(["arm", "seed"], index=["query", "group"], values=value, maintain_order=True)
        values = wide.drop("query", "group").to_numpy().astype(np.float64)
        yield Cell(
            str(task),
            str(language),
            str(pool),
            [(str(arm), int(seed)) for arm, seed in columns],
            values,
            wide["group"].to_numpy().astype(np.int64),
            int(part["candidates"][0]),
        )


def tabulate(
    items: pl.DataFrame, measures: Sequence[Measure], progress: Progress, draws: int = 10_000
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables ``results`` and ``comparisons``."""
    results: list[dict[str, Any]] = []
    null_low: dict[tuple[str, str, str, str], bool] = {}
    for cell in cells(items.with_columns(pl.col("pool") + NULL), "null_value"):
        means = _bootstrap(cell, measures, draws)
        rows = list(_result_rows(cell, measures, means))
        results += rows
        for row in rows:
            if row["measure"] == "recall" and row["k"] == 1 and null_leaks(row["low"], cell.candidates):
                null_low[cell.task, cell.language, cell.pool.removesuffix(NULL), row["arm"]] = True
        progress.advance()
    compared: list[dict[str, Any]] = []
    kept: dict[tuple[Any, ...], list[tuple[str, _Pair]]] = {}
    for cell in cells(items):
        means = _bootstrap(cell, measures, draws)
        results += list(_result_rows(cell, measures, means))
        for key, pair in _pairs(cell, measures, means):
            arm, against = key[2], key[3]
            leaks = any((cell.task, cell.language, cell.pool, name) in null_low for name in (arm, against))
            comparison = compare_draws(
                pair.arm,
                pair.against,
                pair.arm_draws,
                pair.against_draws,
                queries=len(cell.groups),
                documents=len(np.unique(cell.groups)),
                leaks=leaks,
            )
            compared.append(_comparison_row(cell.task, cell.language, cell.pool, key, comparison))
            kept.setdefault((cell.task, cell.pool, *key), []).append((cell.language, replace(pair, leaks=leaks)))
        progress.advance()
    for (task, pool, *rest), pairs in kept.items():
        everyone = _over_languages([pair for _, pair in pairs])
        compared.append(_comparison_row(task, EVERYONE, pool, tuple(rest), everyone))
    return _results_frame(results), _with_holm(compared)


@dataclass(frozen=True)
class _Pair:
    arm: float
    against: float
    arm_draws: npt.NDArray[np.float64]
    against_draws: npt.NDArray[np.float64]
    queries: int
    documents: int
    leaks: bool = False


def _bootstrap(cell: Cell, measures: Sequence[Measure], draws: int) -> npt.NDArray[np.float64]:
    """Draws of the mean of every column and measure: float64 [draws, measures, columns]; row 0 is the mean itself."""
    table = np.concatenate([measure.of(cell.values) for measure in measures], axis=1)
    # documents of different languages are drawn independently, pools and tasks of one language alike
    seed = int.from_bytes(cell.language.encode(), "little") % (1 << 63)
    means = bootstrap_means(table, cell.groups, draws, seed)
    with_mean = np.concatenate((table.mean(axis=0, keepdims=True), means))
    return with_mean.reshape(len(with_mean), len(measures), len(cell.columns))


def _result_rows(cell: Cell, measures: Sequence[Measure], means: npt.NDArray[np.float64]) -> Iterable[dict[str, Any]]:
    for m, measure in enumerate(measures):
        for c, (arm, seed) in enumerate(cell.columns):
            low, high = interval(means[1:, m, c])
            yield {
                "task": cell.task,
                "language": cell.language,
                "arm": arm,
                "pool": cell.pool,
                "measure": measure.name,
                "k": measure.k,
                "seed": seed,
                "value": means[0, m, c],
                "low": low,
                "high": high,
                "queries": len(cell.groups),
                "documents": len(np.unique(cell.groups)),
                "candidates": cell.candidates,
            }


def _pairs(
    cell: Cell, measures: Sequence[Measure], means: npt.NDArray[np.float64]
) -> Iterable[tuple[tuple[str, int | None, str, str], _Pair]]:
    """Every pair of arms that is there, for every measure, the seeds of an arm averaged."""
    of_arm: dict[str, list[int]] = {}
    for c, (arm, _) in enumerate(cell.columns):
        of_arm.setdefault(arm, []).append(c)
    documents = len(np.unique(cell.groups))
    for m, measure in enumerate(measures):
        averaged = {arm: means[:, m, places].mean(axis=1) for arm, places in of_arm.items()}
        for arm, against in PAIRS:
            if arm in averaged and against in averaged:
                one, other = averaged[arm], averaged[against]
                yield (
                    (measure.name, measure.k, arm, against),
                    _Pair(float(one[0]), float(other[0]), one[1:], other[1:], len(cell.groups), documents),
                )


def _over_languages(pairs: Sequence[_Pair]) -> Comparison:
    """The geometric mean over the languages that have enough queries and do not leak; over all if none has."""
    enough = [pair for pair in pairs if pair.queries >= 300 and pair.documents >= 30]
    used = enough or list(pairs)
    return overall(
        np.array([pair.arm for pair in used]),
        np.array([pair.against for pair in used]),
        np.stack([pair.arm_draws for pair in used]),
        np.stack([pair.against_draws for pair in used]),
        queries=sum(pair.queries for pair in enough),
        documents=sum(pair.documents for pair in enough),
        leaks=any(pair.leaks for pair in used),
    )


def _comparison_row(
    task: str, language: str, pool: str, key: tuple[Any, ...], comparison: Comparison
) -> dict[str, Any]:
    measure, k, arm, against = key
    return {
        "task": task,
        "language": language,
        "pool": pool,
        "measure": measure,
        "k": k,
        "arm": arm,
        "against": against,
        "absolute": comparison.absolute,
        "absolute_low": comparison.absolute_low,
        "absolute_high": comparison.absolute_high,
        "relative": comparison.relative,
        "low": comparison.low,
        "high": comparison.high,
        "verdict": comparison.verdict,
        "p": comparison.p,
        "detectable": comparison.detectable,
        "queries": comparison.queries,
        "documents": comparison.documents,
        "languages": comparison.languages,
    }


def _results_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = {
        "k": pl.Int64,
        "seed": pl.Int64,
        "queries": pl.Int64,
        "documents": pl.Int64,
        "candidates": pl.Int64,
    }
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def _with_holm(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Add ``p_holm``: corrected over the languages of one task, pool, measure and pair."""
    frame = pl.DataFrame(rows, schema_overrides={"k": pl.Int64}, infer_schema_length=None).with_row_index("row")
    corrected = np.full(frame.height, np.nan)
    keys = ["task", "pool", "measure", "k", "arm", "against"]
    single = frame.filter(pl.col("language") != EVERYONE)
    for _, part in single.group_by(keys, maintain_order=True):
        places = part["row"].to_numpy()
        p = part["p"].to_numpy()
        known = ~np.isnan(p)
        corrected[places[known]] = holm(p[known])
    return frame.drop("row").with_columns(pl.Series("p_holm", corrected).fill_nan(None))


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
        duplicates: a row a language, joined to the table of languages.
    """
    items = gather_items(plan, outcome, runs)
    results, comparisons = tabulate(items, kind.measures(), progress)
    described = pl.DataFrame(
        [kind.describe(task, language) for task in plan.tasks for language in plan.languages]
    ).join(duplicates, on="language", how="left")
    tables = {
        "results": results,
        "comparisons": comparisons,
        "ranks": items.rename({"value": "rank", "null_value": "null_rank"}),
        "languages": described,
    }
    for name, frame in tables.items():
        with atomic_path(folder / f"{name}.parquet") as temporary:
            write_parquet(frame, temporary)
    manifests = [m for task in plan.tasks for code in plan.languages for m in kind.manifests(task, code, plan.pools)]
    write_json(folder / "pools.json", manifests)
    write_text(folder / "study.toml", tomli_w.dumps(_document(kind, plan, outcome, notes)))


def _document(kind: Kind, plan: Plan, outcome: Outcome, notes: Sequence[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for (task, arm, language), options in sorted(outcome.chosen.items()):
        chosen.setdefault(task, {}).setdefault(arm, {})[language] = options or {"preset": "as it is"}
    baselines: dict[str, Any] = {}
    for (task, language), baseline in sorted(outcome.baselines.items()):
        baselines.setdefault(task, {})[language] = _plain(baseline)
    return {
        "study": {
            "kind": kind.name,
            "written_by": package_version(),
            "tasks": list(plan.tasks),
            "languages": list(plan.languages),
            "arms": list(plan.arms),
            "pools": list(plan.pools),
            "trials": plan.trials,
            "seeds": plan.seeds,
            "tuning_seed": plan.tuning_seed,
            **{"corpus_hash" if key == "corpus" else key: value for key, value in _plain(kind.identity()).items()},
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
                **({"diverged": True} if trial.score == DIVERGED else {"mrr": trial.score}),
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
