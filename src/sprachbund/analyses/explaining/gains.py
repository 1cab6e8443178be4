"""What pooling brought each language, beside what may explain it: a table of a finished study.

The paper's terms (Arnold & Cohen 2021, section 4): the gain in recall@1 of the pooled model over the language's own, as
it is (absolute) and as a part of what was there before (relative); how hard the task was (recall@1 before), how much of
the training text is the language's (share), and how much of its vocabulary a hub language has (overlap).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log

import polars as pl

from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report import StudyFrames
from sprachbund.report.pools import null_rows
from sprachbund.report.rows import effects_by_language, training_examples, values_by_language
from sprachbund.statistics.comparison import LEAKS, TOO_FEW

__all__ = ["HUB", "PAPER", "Gains", "gains_of", "hub_of", "measure_of_paper"]

HUB, PAPER = "en", "paper"
"""The paper's reference language, and its pool."""
SCHEMA = {
    "task": pl.String, "pool": pl.String, "language": pl.String, "before": pl.Float64, "after": pl.Float64,
    "absolute": pl.Float64, "relative": pl.Float64, "low": pl.Float64, "high": pl.Float64, "verdict": pl.String,
    "p_holm": pl.Float64, "examples": pl.Int64, "share": pl.Float64, "log_share": pl.Float64, "overlap": pl.Float64,
}  # fmt: skip

NULLS = {
    "task": pl.String, "pool": pl.String, "languages": pl.Int64, "leaks": pl.Int64, "found": pl.Float64,
    "chance": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Gains:
    """What one arm brought over another.

    Attributes:
        measure: of all values. arm, against: what is compared. hub: the language that `overlap` is with.
        table: a row a task, pool and language: `before`, `after`, `absolute` and `relative` (positive is better, also
            where lower is), `low` and `high` of relative, `verdict`, `p_holm`, training `examples`, their `share` of
            all, `log_share`, and `overlap`, the part of the language's vocabulary that the hub has; the hub has none.
        nulls: a row a task and pool of the null test: `languages`, `leaks` among them, and the mean
            `found` and `chance` of those that leak, or of all where none does.
    """

    frames: StudyFrames
    measure: Measure
    arm: str
    against: str
    hub: str
    table: pl.DataFrame
    nulls: pl.DataFrame

    @property
    def pools(self) -> list[str]:
        """The deciding one first."""
        return self.table["pool"].unique(maintain_order=True).to_list()

    def rows(self, task: str, pool: str | None = None) -> pl.DataFrame:
        """The languages whose gain is a number, the largest first."""
        chosen = self.table.filter(task=task, pool=pool or self.frames.pool).filter(pl.col("relative").is_finite())
        return chosen.sort("examples", "language", descending=[True, False], nulls_last=True)

    def enough(self, task: str, pool: str | None = None) -> tuple[pl.DataFrame, list[str]]:
        """Those with enough queries for a verdict, and the others; all of them where none has."""
        rows = self.rows(task, pool)
        few = rows.filter(verdict=TOO_FEW)["language"].to_list()
        return (rows, few) if len(few) == rows.height else (rows.filter(pl.col("verdict") != TOO_FEW), few)


def measure_of_paper(frames: StudyFrames) -> Measure:
    """recall@1 where the kind has it, else what decides."""
    measures = frames.declaration.measures
    return next((each for each in measures if (each.name, each.k) == ("recall", 1)), frames.measure)


def hub_of(frames: StudyFrames, sizes: Mapping[str, int | None]) -> str:
    """English where it is there, else the language with most examples."""
    return HUB if HUB in sizes else max(sorted(sizes), key=lambda code: sizes[code] or 0, default="")


def gains_of(
    frames: StudyFrames,
    towards: Mapping[str, Mapping[str, float]] | None = None,
    *,
    arm: str = "pooled",
    against: str = "alone",
    sizes: Mapping[str, int] | None = None,
) -> Gains:
    """The gains of a finished study.

    Args:
        towards: by hub and language the part of the language's vocabulary that the hub has, as `Overlap.towards`
            gives it for one; without it the overlap is not known.
        sizes: training sentences of all languages, for their shares where some only help and are not judged.
    """
    measure = measure_of_paper(frames)
    declared = [pool.name for pool in frames.declaration.pools]
    there = set(frames.results["pool"].drop_nulls())
    pools = [pool for pool in dict.fromkeys((frames.pool, PAPER)) if pool in declared and pool in there]
    rows, nulls = [], []
    judged: dict[str, int | None] = {}
    for task in frames.tasks:
        judged |= training_examples(frames, task)
    every = dict(sizes) if sizes else judged
    hub = hub_of(frames, every)
    over = (towards or {}).get(hub, {})
    for task in frames.tasks:
        examples = training_examples(frames, task)
        shares = _shares(frames, examples, sizes or {})
        for pool in pools:
            rows += _rows(frames, task, pool, measure, (arm, against), examples, shares, over)
            nulls += _nulls(frames, task, pool, (arm, against))
    table, tested = pl.DataFrame(rows, schema=SCHEMA), pl.DataFrame(nulls, schema=NULLS)
    return Gains(frames, measure, arm, against, hub, table, tested)


def _shares(frames: StudyFrames, examples: Mapping[str, int | None], sizes: Mapping[str, int]) -> dict[str, float]:
    """Of the text that is pooled; none where the size of a language that only helps is not known."""
    pooled = [code for code in frames.study.get("languages", examples) if isinstance(code, str)]
    own = {code: count for code, count in examples.items() if count}
    known: Mapping[str, int] = own if set(pooled) <= set(own) else sizes
    if not pooled or not set(pooled) <= set(known):
        return {}
    total = sum(known[code] for code in pooled)
    return {code: known[code] / total for code in pooled if total}


def _rows(
    frames: StudyFrames,
    task: str,
    pool: str,
    measure: Measure,
    pair: tuple[str, str],
    examples: Mapping[str, int | None],
    shares: Mapping[str, float],
    over: Mapping[str, float],
) -> list[dict[str, object]]:
    values = values_by_language(frames, task, pool, measure)
    effects = effects_by_language(frames, task, *pair, pool, measure)
    sign = 1 if measure.direction == "higher" else -1
    rows = []
    for language, arms in values.items():
        after, before = (arms.get(name) for name in pair)
        if language == EVERYONE or after is None or before is None:
            continue
        effect = effects.get(language)
        ends = [None, None] if effect is None else [effect.low, effect.high][::sign]
        share = shares.get(language)
        rows.append(
            {
                "task": task,
                "pool": pool,
                "language": language,
                "before": before,
                "after": after,
                "absolute": sign * (after - before),
                "relative": sign * (after - before) / before if before > 0 else None,
                "low": _signed(sign, ends[0]),
                "high": _signed(sign, ends[1]),
                "verdict": effect.verdict if effect else None,
                "p_holm": effect.p_holm if effect else None,
                "examples": examples.get(language),
                "share": share,
                "log_share": log(share) if share else None,
                "overlap": over.get(language),
            }
        )
    return rows


def _signed(sign: int, value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else sign * value


def _nulls(frames: StudyFrames, task: str, pool: str, arms: Sequence[str]) -> list[dict[str, object]]:
    """The null test of two arms: a language leaks where either does."""
    rows = [row for row in null_rows(frames, task) if row["pool"] == pool and row["arm"] in arms]
    if not rows:
        return []
    leaking = {row["language"] for row in rows if row["leaks"]}
    marked = {
        row["language"]
        for row in frames.comparisons.filter(task=task, pool=pool, verdict=LEAKS).iter_rows(named=True)
        if (row["arm"], row["against"]) == tuple(arms) and row["language"] != EVERYONE
    }
    shown = [row for row in rows if row["leaks"]] or rows
    chances = [row["chance"] for row in shown if row["chance"] is not None]
    return [
        {
            "task": task,
            "pool": pool,
            "languages": len({row["language"] for row in rows}),
            "leaks": len(leaking | marked),
            "found": sum(row["value"] for row in shown) / len(shown),
            "chance": sum(chances) / len(chances) if chances else None,
        }
    ]
