"""The rows of the transfer table, worked out once for the page and the terminal."""

from collections import Counter
from collections.abc import Mapping
from math import exp, log
from typing import Any

import polars as pl

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.wording import ARMS, known
from sprachbund.statistics.comparison import BETTER, LEAKS, TOO_FEW, WORSE
from sprachbund.statistics.corrections import holm

EFFECTS = {
    "transfer": ("pooled", "alone"),
    "hybrid_transfer": ("hybrid-pooled", "hybrid-alone"),
    "hybrid_against_bm25": ("hybrid-pooled", "bm25"),
    "whole_transfer": ("whole-pooled", "whole-alone"),
    "whole_against_bm25": ("whole-pooled", "bm25"),
    "whole_against_around": ("whole-pooled", "bm25-around"),
}
"""The comparisons of the tables: (arm, against)."""

COLUMNS = (
    ("alone", "pooled", "control", "placebo", "bm25", "hybrid-alone", "hybrid-pooled"),
    ("transfer", "hybrid_transfer", "hybrid_against_bm25"),
)
"""The arms and the comparisons of the transfer table."""

AROUND_COLUMNS = (
    ("bm25", "bm25-around", "whole-alone", "whole-pooled"),
    ("whole_transfer", "whole_against_bm25", "whole_against_around"),
)
"""Those of a table of its own, where a study has them: of candidates with the text around them."""

LEVEL = 0.05

Row = dict[str, Any]


def transfer_rows(
    frames: StudyFrames, task: str, pool: str = "unseen", measure: str = "mrr", k: int | None = None
) -> list[Row]:
    """A row a language, most training pairs first; the geometric mean over languages, if compared, is last.

    A row has `language`, `train_pairs`, `queries`, `documents`, the value of every arm by its name (None
    where the arm is missing), and for each of `EFFECTS` None or a dict of `absolute`, `relative`, `low`,
    `high`, `verdict`, `p`, `p_holm`, `detectable`.
    """
    values = values_by_language(frames, task, pool, measure, k)
    effects = {
        name: effects_by_language(frames, task, arm, against, pool, measure, k)
        for name, (arm, against) in EFFECTS.items()
    }
    pairs = train_pairs(frames, task)
    sizes = _sizes(frames, task, pool, measure, k)
    names = {*values, *pairs, *(language for found in effects.values() for language in found)} - {ALL}
    rows = [
        {
            "language": language,
            "train_pairs": pairs.get(language),
            **sizes.get(language, {"queries": None, "documents": None}),
            **{arm: values.get(language, {}).get(arm) for arm in ARMS},
            **{name: found.get(language) for name, found in effects.items()},
        }
        for language in sorted(names, key=lambda name: (-(pairs.get(name) or 0), name))
    ]
    if any(ALL in found for found in effects.values()):
        rows.append(_all_row(rows, effects))
    return rows


def decided_rows(frames: StudyFrames, task: str) -> list[Row]:
    """The rows whose pooled against alone has a verdict other than too few; none where only all together has one."""
    rows = [row for row in transfer_rows(frames, task) if row["transfer"] is not None]
    decided = [row for row in rows if row["transfer"]["verdict"] not in (TOO_FEW, None)]
    return decided if any(row["language"] != ALL for row in decided) else []


def values_by_language(
    frames: StudyFrames, task: str, pool: str, measure: str, k: int | None
) -> dict[str, dict[str, float | None]]:
    """Language to arm to value (mean over the seeds)."""
    values: dict[str, dict[str, float | None]] = {}
    for row in frames.results.filter(_cell(task, pool, measure, k)).iter_rows(named=True):
        values.setdefault(row["language"], {})[row["arm"]] = row["value"]
    return values


def effects_by_language(
    frames: StudyFrames, task: str, arm: str, against: str, pool: str, measure: str, k: int | None
) -> dict[str, Row]:
    """Language to the comparison of two arms; Holm's correction is worked out where the study has none."""
    chosen = frames.comparisons.filter(
        _cell(task, pool, measure, k) & (pl.col("arm") == arm) & (pl.col("against") == against)
    )
    fields = (
        "absolute",
        "relative",
        "low",
        "high",
        "verdict",
        "p",
        "p_holm",
        "detectable",
        "queries",
        "documents",
    )
    found = {row["language"]: {name: row[name] for name in fields} for row in chosen.iter_rows(named=True)}
    languages = [name for name in found if name != ALL]
    if languages and all(found[name]["p_holm"] is None for name in languages):
        raw = [found[name]["p"] if found[name]["p"] is not None else float("nan") for name in languages]
        for name, corrected in zip(languages, holm(raw), strict=True):
            found[name]["p_holm"] = float(corrected)
    return found


def train_pairs(frames: StudyFrames, task: str) -> dict[str, int | None]:
    """Language to training pairs."""
    rows = frames.languages.filter((pl.col("task") == task) | pl.col("task").is_null())
    return dict(rows.select("language", "train_pairs").iter_rows())


def verdict_counts(effects: Mapping[str, Mapping[str, Any] | None]) -> Counter[str]:
    """How many languages got which verdict; `better after Holm` and `worse after Holm` beside them."""
    counts: Counter[str] = Counter()
    for language, effect in effects.items():
        if language == ALL or effect is None or effect["verdict"] is None:
            continue
        counts["languages"] += 1
        counts[effect["verdict"]] += 1
        if effect["verdict"] in (BETTER, WORSE) and known(effect["p_holm"]) and effect["p_holm"] < LEVEL:
            counts[f"{effect['verdict']} after Holm"] += 1
    return counts


def has_around(rows: list[Row]) -> bool:
    """Whether any row has an arm or a comparison that the transfer table does not show."""
    names = {name for columns in AROUND_COLUMNS for name in columns}.difference(*COLUMNS)
    return any(row[name] is not None for row in rows for name in names)


def best_arms(row: Row) -> set[str]:
    """The arms with the highest value of a row; none where the languages are together or nothing was decided."""
    verdicts = {row[name]["verdict"] for name in EFFECTS if row.get(name) is not None}
    if row.get("language") == ALL or (verdicts and verdicts <= {TOO_FEW, LEAKS, None}):
        return set()
    values = {arm: row[arm] for arm in ARMS if known(row.get(arm))}
    return {arm for arm, value in values.items() if value == max(values.values())}


def _cell(task: str, pool: str, measure: str, k: int | None) -> pl.Expr:
    at = pl.col("k").is_null() if k is None else pl.col("k") == k
    return (pl.col("task") == task) & (pl.col("pool") == pool) & (pl.col("measure") == measure) & at


def _sizes(frames: StudyFrames, task: str, pool: str, measure: str, k: int | None) -> dict[str, dict[str, Any]]:
    sizes = (
        frames.results.filter(_cell(task, pool, measure, k))
        .group_by("language")
        .agg(pl.col("queries", "documents").max())
    )
    return {row.pop("language"): row for row in sizes.to_dicts()}


def _all_row(rows: list[Row], effects: Mapping[str, Mapping[str, Row]]) -> Row:
    """Sums of sizes, geometric means of the arms that every language has, and the study's own effects."""
    return {
        "language": ALL,
        **{name: _sum([row[name] for row in rows]) for name in ("train_pairs", "queries", "documents")},
        **{arm: _geometric_mean([row[arm] for row in rows]) for arm in ARMS},
        **{name: found.get(ALL) for name, found in effects.items()},
    }


def _sum(values: list[int | None]) -> int | None:
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def _geometric_mean(values: list[float | None]) -> float | None:
    if not values or any(value is None or not value > 0 for value in values):
        return None
    return exp(sum(log(value) for value in values if value) / len(values))
