"""Figures of mixtures, in the style of the page: a curve with its native point, shares, what a search brings."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.charts import ARM_COLOURS, BLUE, ORANGE, STEP, Spec, hover, page_spec
from sprachbund.report.wording import measured, number, percent, span

__all__ = ["gains_chart", "mixture_chart", "share_chart", "temperature_chart"]

HEIGHT = 260
NATIVE = "native"
_SHAPES = ("circle", "diamond")
_COLOURS = (BLUE, ORANGE)
_MIXTURES = (ORANGE, *(colour for colour in ARM_COLOURS if colour != ORANGE))


def _points(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The points of a curve; the bar is the interval of the difference from native, around native's score."""
    native = next((row["score"] for row in table.iter_rows(named=True) if row["mixture"] == NATIVE), None)
    made = []
    for row in table.iter_rows(named=True):
        known = native is not None and row["absolute_low"] is not None
        made.append(
            {
                "at": row["at"] if math.isfinite(row["at"]) else None,
                "name": row["mixture"],
                "score": row["score"],
                "low": native + row["absolute_low"] if known else row["score"],
                "high": native + row["absolute_high"] if known else row["score"],
                "which": NATIVE if row["mixture"] == NATIVE else "other",
                "said": number(row["score"]),
                "difference": percent(row["relative"]) if row["relative"] is not None else NATIVE,
                "interval": span(row["low"], row["high"]) if row["low"] is not None else "",
                "passes": f"{row['passes']:.2g}" if math.isfinite(row["passes"]) else "",
            }
        )
    return made


def _curve(rows: list[dict[str, Any]], x: Any, measure: Measure, passes: str) -> Spec:
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    axis = alt.Axis(title=measured(measure), format=".3~f", tickCount=6)
    there = [which for which in ("other", NATIVE) if any(row["which"] == which for row in rows)]
    places = [("other", NATIVE).index(which) for which in there]
    colour = alt.Color("which:N").scale(domain=there, range=[_COLOURS[place] for place in places]).legend(None)
    shape = alt.Shape("which:N").scale(domain=there, range=[_SHAPES[place] for place in places]).legend(None)
    shown = [("name", "mixture"), ("said", measure.title), ("difference", "against native"), ("interval", "interval"),
             ("passes", passes)]  # fmt: skip
    line = base.mark_line(strokeWidth=1.5, opacity=0.5, color=BLUE).encode(
        y=alt.Y("score:Q").scale(zero=False).axis(axis)
    )
    bars = base.mark_rule(strokeWidth=2, opacity=0.75).encode(y=alt.Y("low:Q").axis(axis), y2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        y="score:Q", color=colour, shape=shape, tooltip=hover(shown)
    )
    return page_spec(line + bars + points, height=HEIGHT)


def share_chart(table: pl.DataFrame, target: str, measure: Measure) -> Spec:
    """F4: score against share, logarithmic; native is a diamond. ``table`` is of one pool, see `shares.Curve`."""
    rows = _points(table)
    axis = alt.Axis(title=f"share of {target} in what is read, logarithmic", format=".2~%", tickCount=6)
    return _curve(
        rows, alt.X("at:Q").scale(type="log", nice=False, padding=12).axis(axis), measure, f"passes of {target}"
    )


def temperature_chart(table: pl.DataFrame, measure: Measure) -> Spec:
    """Score of all languages against temperature, in its order; natural is a diamond."""
    rows = _points(table)
    for row in rows:
        row["name"] = "natural (1)" if row["name"] == NATIVE else row["name"].removeprefix("temperature ")
    x = alt.X("name:N").sort([row["name"] for row in rows]).axis(alt.Axis(title="temperature", labelAngle=0))
    return _curve(rows, x, measure, "passes of the language read most")


def mixture_chart(table: pl.DataFrame, order: Sequence[str]) -> Spec:
    """The shares of several mixtures, a row a language: ``table`` of `optimising.mixture_table`."""
    mixtures = list(dict.fromkeys(table["mixture"].to_list()))
    rows = [
        {
            "language": row["language"],
            "mixture": row["mixture"],
            "share": row["share"],
            "said": f"{100 * row['share']:.1f}%",
            "passes": f"{row['passes']:.2f}",
        }
        for row in table.iter_rows(named=True)
    ]
    colour = alt.Color("mixture:N").scale(
        domain=mixtures, range=[_MIXTURES[n % len(_MIXTURES)] for n in range(len(mixtures))]
    )
    shapes = ("diamond", "circle", "square", "triangle-up", "cross")
    shape = alt.Shape("mixture:N").scale(domain=mixtures, range=[shapes[n % len(shapes)] for n in range(len(mixtures))])
    legend = alt.Legend(title=None, orient="top", columns=3)
    shown = [("language", "language"), ("mixture", "mixture"), ("said", "share"), ("passes", "passes")]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=55, opacity=1)
        .encode(
            y=alt.Y("language:N").sort(list(order)).title(None).axis(labelLimit=110, grid=True, tickBand="extent"),
            yOffset=alt.YOffset("mixture:N").sort(mixtures),
            x=alt.X("share:Q").axis(format=".0%", title="share of what is read", tickCount=6),
            color=colour.legend(legend),
            shape=shape.legend(legend),
            tooltip=hover(shown),
        )
    )
    return page_spec(chart, step=max(STEP, 10 * len(mixtures)))


def gains_chart(comparisons: pl.DataFrame, order: Sequence[str], measure: Measure) -> Spec | None:
    """What the optimised mixture brings over each other, a row a language and one for all; None without any."""
    rows = [
        {
            "language": "all languages" if row["language"] == EVERYONE else row["language"],
            "against": f"against {row['against']}",
            "relative": row["relative"],
            "low": row["low"] if math.isfinite(row["low"]) else row["relative"],
            "high": row["high"] if math.isfinite(row["high"]) else row["relative"],
            "difference": percent(row["relative"]),
            "interval": span(row["low"], row["high"]),
            "verdict": row["verdict"],
        }
        for row in comparisons.iter_rows(named=True)
        if row["relative"] is not None and math.isfinite(row["relative"])
    ]
    if not rows:
        return None
    against = list(dict.fromkeys(row["against"] for row in rows))
    legend = alt.Legend(title=None, orient="top", columns=2)
    colours = [ARM_COLOURS[place % len(ARM_COLOURS)] for place in range(len(against))]
    colour = alt.Color("against:N").scale(domain=against, range=colours).legend(legend)
    y = alt.Y("language:N").sort([*order, "all languages"]).title(None)
    y = y.axis(labelLimit=110, grid=True, tickBand="extent")
    offset = alt.YOffset("against:N").sort(against)
    axis = alt.Axis(
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1~%')",
        title=f"relative difference in {measured(measure)}", tickCount=6,
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(y=y, yOffset=offset, color=colour)
    shown = [(name, name) for name in ("language", "against", "difference", "interval", "verdict")]
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor").encode(x="zero:Q")
    bars = base.mark_rule(strokeWidth=2, opacity=0.75).encode(x=alt.X("low:Q").axis(axis), x2="high:Q")
    points = base.mark_point(filled=True, size=55, opacity=1).encode(x="relative:Q", tooltip=hover(shown))
    return page_spec(zero + bars + points, step=max(STEP, 11 * len(against)))
