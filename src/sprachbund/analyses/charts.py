"""The figures of analyses, in the look of a study's page: colours of the page, as wide as their place.

Numbers in a specification are finite, since JSON has no others.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import numpy as np

from sprachbund.arrays import Float64
from sprachbund.report.charts import BLUE, ORANGE, STEP, Mark, Spec, hover, page_spec

__all__ = ["NUMBER", "SHARE", "SIGNED", "Band", "heat_map", "intervals", "scatter"]

Band = Sequence[tuple[float, float, float, float]]
"""A line as (x, y, low, high) at some places."""
CELL, HEIGHT = 24, 300
Form = Literal["signed", "share", "number"]
"""How a number is written: 0.1 as +10%, as 10%, or as it is."""
SIGNED: Form = "signed"
SHARE: Form = "share"
NUMBER: Form = "number"
_PERCENT = ".2~%"


def heat_map(languages: Sequence[str], values: Float64, title: str, across: str = "", down: str = "") -> Spec:
    """A square of cells, the darker the more; the diagonal is left out.

    Args:
        languages: in the order in which they are drawn. values: [languages, languages], parts of 1; NaN is no cell.
        across, down: what columns and rows are.
    """
    cells: list[Mark] = [
        {"row": one, "column": other, "value": float(values[i, j]), "shown": f"{100 * values[i, j]:.2f}%"}
        for i, one in enumerate(languages)
        for j, other in enumerate(languages)
        if i != j and np.isfinite(values[i, j])
    ]
    order = list(languages)
    most = max((cell["value"] for cell in cells), default=1.0) or 1.0
    chart = (
        alt.Chart(alt.Data(values=cells))
        .mark_rect(color=BLUE)
        .encode(
            x=alt.X("column:N").scale(domain=order).title(across or None).axis(labelAngle=-90, orient="top"),
            y=alt.Y("row:N").scale(domain=order).title(down or None),
            # one hue whose strength is the value stands out from a light and from a dark ground
            opacity=alt.Opacity("value:Q")
            .scale(domain=[0, most], range=[0.04, 1])
            .legend(alt.Legend(title=title, format=_PERCENT, titleColor="currentColor", orient="bottom")),
            tooltip=hover([("row", down or "language"), ("column", across or "other"), ("shown", title)]),
        )
    )
    return page_spec(chart, step=CELL)


def scatter(
    rows: Sequence[Mark],
    band: Band,
    *,
    x: str,
    y: str,
    x_form: Form = SHARE,
    y_form: Form = SIGNED,
    what: str = "language",
) -> Spec:
    """A point a language with its name, and a line with its band.

    Args:
        rows: with `language`, `x`, `y`, and `low`, `high` of y or None. band: empty for no line.
        x, y: titles of the axes. x_form, y_form: how their numbers are written. what: a point is.
    """
    data = [
        {
            **{name: row[name] for name in ("language", "x", "y")},
            "at": _written(row["x"], x_form),
            "value": _written(row["y"], y_form),
            "interval": "–"
            if row.get("low") is None or row.get("high") is None
            else f"{_written(row['low'], y_form)} to {_written(row['high'], y_form)}",
        }
        for row in rows
    ]
    bars = [
        {name: row[name] for name in ("x", "low", "high")}
        for row in rows
        if row.get("low") is not None and row.get("high") is not None
    ]
    ends = [*(row["y"] for row in rows), *(end for place in band for end in place[1:]), 0.0]
    room = 0.08 * (max(ends) - min(ends)) or 0.05
    down = (
        alt.Y("y:Q").scale(domain=[min(ends) - room, max(ends) + room], nice=False, clamp=True).axis(_axis(y_form, y))
    )
    along = alt.X("x:Q").scale(zero=False, padding=14).axis(_axis(x_form, x))
    points = alt.Chart(alt.Data(values=data)).encode(x=along, y=down)
    chart = (
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor", opacity=0.4).encode(y="zero:Q")
        + alt.Chart(alt.Data(values=bars)).mark_rule(color=BLUE, opacity=0.35).encode(x="x:Q", y="low:Q", y2="high:Q")
        + points.mark_point(filled=True, size=60, opacity=1, color=BLUE).encode(
            tooltip=hover([("language", what), ("at", x), ("value", y), ("interval", "interval")])
        )
        + points.mark_text(align="left", dx=6, dy=-6, fontSize=11, color="currentColor").encode(text="language:N")
    )
    if band:
        line = alt.Chart(alt.Data(values=[dict(zip(("x", "y", "low", "high"), place, strict=True)) for place in band]))
        chart = (
            line.mark_area(color=ORANGE, opacity=0.15).encode(x=along, y=alt.Y("low:Q"), y2="high:Q")
            + line.mark_line(color=ORANGE, strokeWidth=2).encode(x=along, y="y:Q")
            + chart
        )
    return page_spec(chart, height=HEIGHT)


def intervals(rows: Sequence[Mark], titles: Mapping[str, str], *, x: str) -> Spec:
    """A row a language, in it a point and an interval of each series: pools, say, or what was foretold and what came.

    Args:
        rows: with `language`, `series`, `x`, `low`, `high` (None for no interval), and `note`, shown on hover;
            languages are drawn in their order.
        titles: of the series, in their order; they differ in shape and colour.
    """
    shown = [name for name in titles if any(row["series"] == name for row in rows)]
    middles = [row["x"] for row in rows]
    low, high = min([0.0, *middles]), max([0.0, *middles])
    ends = [end for row in rows for end in (row["low"], row["high"]) if end is not None]
    beyond = sorted(max(0.0, low - end, end - high) for end in ends)
    usual = beyond[len(beyond) // 2] if beyond else 0.0
    spare = max(0.5 * (high - low), 3 * usual) or 0.1  # an interval may be far wider than others: it is cut
    domain = [max(min([low, *ends]), low - spare) - 0.05 * spare, min(max([high, *ends]), high + spare) + 0.05 * spare]
    data = [
        {
            "language": row["language"],
            "series": titles[row["series"]],
            "x": row["x"],
            "start": max(row["x"] if row["low"] is None else row["low"], domain[0]),
            "end": min(row["x"] if row["high"] is None else row["high"], domain[1]),
            "value": _written(row["x"], SIGNED),
            "interval": "–"
            if row["low"] is None or row["high"] is None
            else f"{_written(row['low'], SIGNED)} to {_written(row['high'], SIGNED)}",
            "note": row.get("note") or "–",
        }
        for row in rows
    ]
    order = list(dict.fromkeys(row["language"] for row in rows))
    names = [titles[name] for name in shown]
    colour = (
        alt.Color("series:N")
        .scale(domain=names, range=[BLUE, ORANGE][: len(names)])
        .legend(alt.Legend(title=None, orient="top", labelLimit=320))
    )
    offset = alt.YOffset("series:N").sort(names)
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("language:N").sort(order).title(None).axis(labelLimit=110, grid=True, tickBand="extent"),
        yOffset=offset,
        color=colour,
        tooltip=hover(
            [("language", "language"), ("series", "of"), ("value", x), ("interval", "interval"), ("note", "note")]
        ),
    )
    chart = (
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor").encode(x="zero:Q")
        + base.mark_rule(strokeWidth=2, opacity=0.6).encode(
            x=alt.X("start:Q").scale(domain=domain, nice=False).axis(_axis(SIGNED, x)), x2="end:Q"
        )
        + base.mark_point(filled=True, size=60, opacity=1).encode(
            x="x:Q",
            shape=alt.Shape("series:N")
            .scale(domain=names, range=["circle", "diamond"][: len(names)])
            .legend(alt.Legend(title=None, orient="top", labelLimit=320)),
        )
    )
    return page_spec(chart, step=max(STEP, 12 * len(names)))


def _axis(form: Form, title: str) -> Any:
    if form == SIGNED:
        return alt.Axis(labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~%')", title=title, tickCount=6)
    return alt.Axis(format=_PERCENT if form == SHARE else ".3~g", title=title, tickCount=6)


def _written(value: float, form: Form) -> str:
    if form == NUMBER:
        return f"{value:.3g}"
    return f"{100 * value:+.1f}%" if form == SIGNED else f"{100 * value:.3g}%"
