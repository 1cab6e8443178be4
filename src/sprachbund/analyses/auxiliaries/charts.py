"""Figures of auxiliaries: a line a series with its band, points that tell on hover what was added."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from sprachbund.report.charts import BLUE, GREEN, GREY, ORANGE, PURPLE, Spec, hover, page_spec
from sprachbund.report.wording import count, percent, span

__all__ = ["gain_chart"]

HEIGHT = 280
_COLOURS = (BLUE, ORANGE, GREEN, GREY, PURPLE)
_SHAPES = ("circle", "diamond", "triangle-up", "square", "cross")
_PLACES = ("nearest", "farthest", "random", "own")
"""Series that always look alike; others take what is left."""


def gain_chart(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], x: str, form: str) -> Spec:
    """The gain over the model alone, a line a series, with 95% bands.

    Args:
        rows: of `adding.Curves`, of one target, curve and pool. titles: of the series, in their order. x: title of the
            axis. form: how its numbers are written, as d3 has it.
    """
    data = [
        {
            "at": row["at"],
            "series": titles[row["series"]],
            "gain": row["gain"],
            "low": row["low"],
            "high": row["high"],
            "said": percent(row["gain"]),
            "interval": span(row["low"], row["high"]),
            "verdict": row["verdict"],
            "auxiliaries": row["auxiliaries"] or "–",
            "examples": f"{count(row['examples'])}, {row['times']:.1f} times as many as alone",
        }
        for row in rows
        if row["gain"] is not None
    ]
    there = [name for name in titles if any(row["series"] == name for row in rows)]
    domain = [titles[name] for name in there]
    places = [_PLACES.index(name) if name in _PLACES else 4 for name in there]
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=320)
    colour = alt.Color("series:N").scale(domain=domain, range=[_COLOURS[place] for place in places]).legend(legend)
    shape = alt.Shape("series:N").scale(domain=domain, range=[_SHAPES[place] for place in places]).legend(legend)
    along = (
        alt.X("at:Q").scale(zero=False, padding=12).axis(title=x, format=form, values=sorted({r["at"] for r in data}))
    )
    axis = alt.Axis(
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~%')", title="gain over the model alone",
        tickCount=6,
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=data)).encode(x=along, color=colour)
    shown = [("series", "added"), ("said", "gain"), ("interval", "95% interval"), ("verdict", "verdict"),
             ("auxiliaries", "languages"), ("examples", "examples in a pass")]  # fmt: skip
    chart = (
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor", opacity=0.4).encode(y="zero:Q")
        + base.mark_area(opacity=0.12).encode(y=alt.Y("low:Q").axis(axis), y2="high:Q")
        + base.mark_line(strokeWidth=2).encode(y="gain:Q")
        + base.mark_point(filled=True, size=70, opacity=1).encode(y="gain:Q", shape=shape, tooltip=hover(shown))
    )
    return page_spec(chart, height=HEIGHT)
