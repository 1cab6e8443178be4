"""The finding: of each way to spell and cut words the overlap, the score alone and pooled, and what pooling brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import polars as pl

from sprachbund.analyses.charts import SHARE, scatter
from sprachbund.analyses.features.common import Common
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.arrays import Float64
from sprachbund.report.wording import number, percent, share, span
from sprachbund.statistics.orders import spearman

__all__ = ["Feature", "features_finding", "rank_correlation"]

TITLE = "Which features raise the overlap, and what pooling brings with them"
_FEW = 4
"""Features that a correlation takes."""


@dataclass(frozen=True)
class Feature:
    """A study of one sort of features.

    Attributes:
        name: of the features. common: of its languages.
        alone, pooled: the means over languages of the measure that decides.
        gain, low, high: of pooled over alone, relative, with its interval, over the languages that have enough queries
            for a verdict; NaN where it has none.
    """

    name: str
    common: Common
    alone: float
    pooled: float
    gain: float
    low: float
    high: float


def features_finding(features: Sequence[Feature], measure: str, hub: str, task: str = "", ending: str = "") -> Finding:
    """A finding of some features, the first of which is what others are compared with.

    Args:
        measure: as readers see it. hub: the largest language. task: of several. ending: of the names of files.
    """
    title = TITLE + (f" ({task})" if task else "")
    name = f"features{ending}"
    if len(features) < 2:
        said = "Fewer than two sorts of features have a finished study with both strategies, pooled and alone."
        return Finding(name, title, said, replicated="not shown")
    rows = [
        {
            "language": each.name, "x": each.common.jaccard, "y": each.gain,
            "low": each.low if isfinite(each.low) else None, "high": each.high if isfinite(each.high) else None,
        }
        for each in features
        if isfinite(each.common.jaccard) and isfinite(each.gain)
    ]  # fmt: skip
    spec = scatter(rows, (), x="mean Jaccard index", y="gain of pooling", x_form=SHARE, what="features")
    chart = Drawn(name, f"Mean overlap of two languages against what pooling brings in {measure}; bars: 95%.", spec)
    best = max(features, key=lambda each: each.pooled)
    return Finding(
        name,
        title,
        " ".join(_sentences(features, best, measure)),
        ours="; ".join(_ours(each) for each in features),
        charts=(chart,) if rows else (),
        tables=(("Features", _table(features, hub)),),
    )


def _sentences(features: Sequence[Feature], best: Feature, measure: str) -> list[str]:
    first = features[0]
    near = max(features, key=lambda each: each.common.jaccard)
    most = max(features, key=lambda each: each.gain)
    words = [
        f"Two languages have {share(first.common.jaccard)} of their n-grams in common with {first.name}, most with "
        f"{near.name}, {share(near.common.jaccard)}.",
        f"Pooling brings {_gain(first)} with {first.name}, and most with {most.name}, {_gain(most)}.",
        f"The best pooled score in {measure} is that of {best.name}, {number(best.pooled)} (alone "
        f"{number(best.alone)}); with {first.name} it is {number(first.pooled)} (alone {number(first.alone)}).",
    ]
    related = rank_correlation(
        np.array([each.common.jaccard for each in features]), np.array([each.gain for each in features])
    )
    if related is not None:
        words.append(
            f"Over {len(features)} sorts of features more overlap goes with {'more' if related >= 0 else 'less'} gain "
            f"(rank correlation {related:+.2f}); they are too few to say why."
        )
    return words


def rank_correlation(one: Float64, other: Float64) -> float | None:
    """Spearman's; None where there are fewer than four pairs of numbers, or all of one side are equal."""
    finite = np.isfinite(one) & np.isfinite(other)
    related = spearman(one[finite], other[finite]) if finite.sum() >= _FEW else float("nan")
    return related if isfinite(related) else None


def _gain(each: Feature) -> str:
    return percent(each.gain) + (f" [{span(each.low, each.high)}]" if isfinite(each.low) else "")


def _ours(each: Feature) -> str:
    return f"{each.name} {share(each.common.jaccard)} in common, {_gain(each)}"


def _table(features: Sequence[Feature], hub: str) -> pl.DataFrame:
    first = features[0]
    rows = [
        {
            "features": each.name,
            "rows": each.common.rows,
            "Jaccard index": each.common.jaccard,
            f"in {hub}": each.common.directed,
            "known to its own": each.common.own,
            "known to all": each.common.pooled,
            "alone": each.alone,
            "pooled": each.pooled,
            "gain": each.gain,
            "low": each.low,
            "high": each.high,
            f"alone over {first.name}": _over(each.alone, first.alone),
            f"pooled over {first.name}": _over(each.pooled, first.pooled),
        }
        for each in features
    ]
    return pl.DataFrame(rows).fill_nan(None)


def _over(value: float, before: float) -> float:
    return value / before - 1 if before else np.nan
