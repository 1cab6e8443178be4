"""What each pool of candidates says: the null test, the memorisation gap, the pools side by side."""

from typing import Any

import polars as pl

from sprachbund.report.frames import ALL, NULL, StudyFrames
from sprachbund.report.rows import Row, values_by_language
from sprachbund.report.wording import ARMS, POOLS, in_order, known
from sprachbund.statistics.comparison import null_leaks


def null_rows(frames: StudyFrames, task: str) -> list[Row]:
    """A row for every language, arm and pool whose null test was made.

    A row has `language, arm, pool` (without the ending), `value` (recall@1 of a planted truth that is not the
    query's own), `low`, `high`, `chance` (one over the candidates) and `leaks`: the lower end of the interval
    is above chance by more than `NULL_TOLERANCE`.
    """
    chosen = frames.results.filter(
        (pl.col("task") == task)
        & pl.col("pool").str.ends_with(NULL)
        & (pl.col("measure") == "recall")
        & (pl.col("k") == 1)
    )
    rows = []
    for row in chosen.iter_rows(named=True):
        pool = row["pool"].removesuffix(NULL)
        candidates, low = row["candidates"], row["low"] if known(row["low"]) else row["value"]
        chance = 1 / candidates if candidates else None
        rows.append(
            {
                "language": row["language"],
                "arm": row["arm"],
                "pool": pool,
                **{name: row[name] for name in ("value", "low", "high")},
                "chance": chance,
                "leaks": chance is not None and known(low) and null_leaks(low, candidates),
            }
        )
    return rows


def gap_rows(frames: StudyFrames, task: str, arms: tuple[str, ...] = ("alone", "pooled", "bm25")) -> list[Row]:
    """`language, arm, unseen, seen, gap`: recall@1 among unseen candidates and as many from training."""
    unseen = values_by_language(frames, task, "unseen", "recall", 1)
    seen = values_by_language(frames, task, "paper-equal", "recall", 1)
    rows = []
    for language in unseen:
        for arm in arms:
            one, other = unseen[language].get(arm), seen.get(language, {}).get(arm)
            if language != ALL and one is not None and other is not None:
                rows.append({"language": language, "arm": arm, "unseen": one, "seen": other, "gap": other - one})
    return rows


def pool_names(frames: StudyFrames, task: str) -> list[str]:
    """The pools of a task, without null tests, the deciding one first."""
    names = frames.results.filter(pl.col("task") == task)["pool"].unique()
    return in_order((name for name in names if name is not None and not name.endswith(NULL)), POOLS)


def arm_names(frames: StudyFrames, task: str) -> list[str]:
    """The arms of a task in their fixed order."""
    return in_order(frames.results.filter(pl.col("task") == task)["arm"].unique(), ARMS)


def pool_table(frames: StudyFrames, task: str, measure: str, k: int | None) -> dict[str, dict[str, Row]]:
    """Arm to pool to `mean` (over the languages that have the arm in every one of its pools), `languages`."""
    pools = pool_names(frames, task)
    by_pool = {pool: values_by_language(frames, task, pool, measure, k) for pool in pools}
    table: dict[str, dict[str, Row]] = {}
    for arm in arm_names(frames, task):
        having = {
            pool: {name for name, arms in found.items() if name != ALL and known(arms.get(arm))}
            for pool, found in by_pool.items()
        }
        present = {pool: names for pool, names in having.items() if names}
        common = set.intersection(*present.values()) if present else set()
        table[arm] = {
            pool: {
                "mean": _mean([by_pool[pool][name][arm] for name in sorted(common)]),
                "languages": len(common),
            }
            for pool in present
        }
    return table


def _mean(values: list[Any]) -> float | None:
    return sum(values) / len(values) if values else None


def candidates_by_pool(frames: StudyFrames, task: str) -> dict[str, tuple[float, float]]:
    """Pool to the fewest and the most candidates a language has."""
    sizes = (
        frames.results.filter((pl.col("task") == task) & pl.col("candidates").is_not_null())
        .group_by("pool")
        .agg(pl.col("candidates").min().alias("fewest"), pl.col("candidates").max().alias("most"))
    )
    return {pool: (fewest, most) for pool, fewest, most in sizes.iter_rows()}
