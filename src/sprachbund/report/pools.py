"""What each pool says: the null test, two pools side by side, all of them side by side."""

from typing import Any

import polars as pl

from sprachbund.lab.declaration import Contrast
from sprachbund.lab.measures import Measure, measure_of
from sprachbund.lab.seen import matching
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.frames import StudyFrames
from sprachbund.report.rows import arm_names, values_by_language
from sprachbund.report.wording import in_order, known
from sprachbund.statistics.comparison import null_leaks
from sprachbund.studies.items import NULL

Cells = dict[str, Any]


def null_rows(frames: StudyFrames, task: str) -> list[Cells]:
    """A row for every language, arm and pool whose null test was made; none where the kind has no such test.

    A row has `language, arm, pool` (without the ending), `value` (the measure of the null test, of what was planted),
    `low`, `high`, `chance` (one over the candidates) and `leaks`: the lower end of the interval is above chance by more
    than the kind tolerates.
    """
    null = frames.declaration.null
    if null is None:
        return []
    at = pl.col("k").is_null() if null.k is None else pl.col("k") == null.k
    chosen = frames.results.filter(
        (pl.col("task") == task) & pl.col("pool").str.ends_with(NULL) & (pl.col("measure") == null.measure) & at
    )
    rows = []
    for row in chosen.iter_rows(named=True):
        candidates, low = row["candidates"], row["low"] if known(row["low"]) else row["value"]
        chance = 1 / candidates if candidates else None
        rows.append(
            {
                "language": row["language"],
                "arm": row["arm"],
                "pool": row["pool"].removesuffix(NULL),
                **{name: row[name] for name in ("value", "low", "high")},
                "chance": chance,
                "leaks": chance is not None and known(low) and null_leaks(low, candidates, null.tolerance),
            }
        )
    return rows


def contrast_rows(frames: StudyFrames, task: str, contrast: Contrast) -> list[Cells]:
    """`language, arm, one, other, difference`: a measure in the two pools of a contrast, by language and arm."""
    measure = measure_of(frames.declaration.measures, contrast.measure, contrast.k)
    ones = values_by_language(frames, task, contrast.pool, measure)
    others = values_by_language(frames, task, contrast.other, measure)
    rows = []
    for language in ones:
        for arm in contrast_arms(frames, task, contrast):
            one, other = ones[language].get(arm), others.get(language, {}).get(arm)
            if language != EVERYONE and one is not None and other is not None:
                rows.append({"language": language, "arm": arm, "one": one, "other": other, "difference": other - one})
    return rows


def contrast_arms(frames: StudyFrames, task: str, contrast: Contrast) -> list[str]:
    """The arms of a contrast that the study has, in its order."""
    names = arm_names(frames, task)
    return [arm for pattern in contrast.arms for arm in matching(pattern, names, frames.declaration)]


def pool_names(frames: StudyFrames, task: str) -> list[str]:
    """The pools of a task, without null tests, the deciding one first."""
    names = frames.results.filter(pl.col("task") == task)["pool"].unique()
    known_pools = [pool.name for pool in frames.declaration.pools]
    return in_order((name for name in names if name is not None and not name.endswith(NULL)), known_pools)


def pool_table(frames: StudyFrames, task: str, measure: Measure) -> dict[str, dict[str, Cells]]:
    """Arm to pool to `mean` (over the languages that have the arm in every one of its pools), `languages`."""
    pools = pool_names(frames, task)
    by_pool = {pool: values_by_language(frames, task, pool, measure) for pool in pools}
    table: dict[str, dict[str, Cells]] = {}
    for arm in arm_names(frames, task):
        having = {
            pool: {name for name, arms in found.items() if name != EVERYONE and known(arms.get(arm))}
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
