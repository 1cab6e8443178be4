"""The figure of amounts: a line an arm, points with bars that tell on hover."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from sprachbund.lab.measures import Measure
from sprachbund.report.charts import BLUE, GREEN, GREY, ORANGE, PURPLE, Spec, hover, page_spec
from sprachbund.report.wording import known, measured, number

__all__ = ["amounts_chart"]

HEIGHT = 300
_COLOURS = (GREY, BLUE, ORANGE, GREEN, PURPLE)
_SHAPES = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down")
"""Five colours and six shapes: thirty arms look different."""


def amounts_chart(rows: Sequence[Mapping[str, Any]], unit: str, measure: Measure) -> Spec:
    """The value of each arm against amounts, which stand on a logarithmic axis.

    Args:
        rows: of one language, with `arm`, the unit's title, `value`, `low` and `high`. unit: title of the axis.
    """
    data = [
        {
            "arm": row["arm"],
            "at": row[unit],
            "value": row["value"],
            "low": row["low"] if known(row["low"]) else row["value"],
            "high": row["high"] if known(row["high"]) else row["value"],
            "said": number(row["value"]),
            "interval": f"{number(row['low'])} to {number(row['high'])}",
            "amount": f"{row[unit]:.3g}",
        }
        for row in rows
    ]
    arms = list(dict.fromkeys(row["arm"] for row in data))
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=320)
    looks = range(len(arms))
    colour = alt.Color("arm:N").scale(domain=arms, range=[_COLOURS[n % len(_COLOURS)] for n in looks]).legend(legend)
    shape = alt.Shape("arm:N").scale(domain=arms, range=[_SHAPES[n % len(_SHAPES)] for n in looks]).legend(legend)
    at = sorted({row["at"] for row in data})
    along = alt.X("at:Q").scale(type="log", padding=14, nice=False).axis(title=unit, format=".3~g", values=at)
    down = alt.Y("low:Q").scale(zero=False).axis(title=measured(measure), format=".3~g", tickCount=6)
    base = alt.Chart(alt.Data(values=data)).encode(x=along, color=colour)
    shown = [("arm", "arm"), ("amount", unit), ("said", measure.title), ("interval", "95% interval")]
    chart = (
        base.mark_rule(strokeWidth=1.5, opacity=0.45).encode(y=down, y2="high:Q")
        + base.mark_line(strokeWidth=2).encode(y="value:Q")
        + base.mark_point(filled=True, size=70, opacity=1).encode(y="value:Q", shape=shape, tooltip=hover(shown))
    )
    return page_spec(chart, height=HEIGHT)
