"""The figures, as Vega-Lite specifications that the page's own JavaScript draws.

Text and axes take the colour of the page (`currentColor`), and the marks have colours that stand out from a
light and from a dark ground, so one drawing serves both. No colour carries meaning alone: verdicts differ in
shape, pools in fill. Languages run down the page, so that a figure fits the width of a phone.
"""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.pools import gap_rows
from sprachbund.report.rows import EFFECTS, Row, train_pairs, transfer_rows
from sprachbund.report.wording import count, fraction, known, percent, span, task_name
from sprachbund.statistics.comparison import VERDICTS

Spec = dict[str, Any]

STEP = 20
"""Height of one language, in pixels."""

BLUE, ORANGE, GREY, PURPLE, GREEN = "#3d85d8", "#d9731a", "#84898f", "#a35bc7", "#2f9d72"
VERDICT_COLOURS = (BLUE, ORANGE, GREY, GREY, PURPLE)
VERDICT_SHAPES = ("triangle-up", "triangle-down", "circle", "square", "cross")
ARM_COLOURS = (GREY, BLUE, GREEN)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def transfer_chart(
    frames: StudyFrames, task: str, effect: str = "transfer", measure: str = "mrr", k: int | None = None
) -> Spec | None:
    """Figure F3: the relative transfer improvement by language with its interval; None without any.

    Args:
        effect: one of `EFFECTS`. measure, k: the paper's figure has recall@1.
    """
    arm, against = EFFECTS[effect]
    name = "MRR" if k is None else f"{measure}@{k}"
    rows = [
        {
            "language": row["language"],
            "relative": row[effect]["relative"],
            **_ends(row[effect]),
            "verdict": row[effect]["verdict"],
            "training pairs": count(row["train_pairs"]),
            "queries": count(row["queries"]),
            name: f"{fraction(row[against])} → {fraction(row[arm])}",
            "improvement": percent(row[effect]["relative"]),
            "interval": span(row[effect]["low"], row[effect]["high"]),
        }
        for row in transfer_rows(frames, task, measure=measure, k=k)
        if row["language"] != ALL and row[effect] is not None and known(row[effect]["relative"])
    ]
    if not rows:
        return None
    hover = ("language", "improvement", "interval", "verdict", name, "training pairs", "queries")
    base = alt.Chart(alt.Data(values=rows)).encode(y=_languages(rows), tooltip=_hover(hover))
    verdicts = [word for word in VERDICTS if any(row["verdict"] == word for row in rows)]
    places = [VERDICTS.index(word) for word in verdicts]
    colour = alt.Color("verdict:N").scale(domain=verdicts, range=[VERDICT_COLOURS[place] for place in places])
    shape = alt.Shape("verdict:N").scale(domain=verdicts, range=[VERDICT_SHAPES[place] for place in places])
    legend = alt.Legend(title=None, orient="top", labelLimit=300, columns=3)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor").encode(x="zero:Q")
    bars = base.mark_rule(strokeWidth=2, opacity=0.75).encode(
        x=alt.X("start:Q").axis(
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1~%')",
            title=f"relative difference in {name}",
            tickCount=6,
        ),
        x2="end:Q",
        color=colour.legend(legend),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="relative:Q", color=colour.legend(legend), shape=shape.legend(legend)
    )
    return _spec(zero + bars + points)


def pairs_chart(frames: StudyFrames) -> Spec | None:
    """Figure F1: training pairs by language, on a logarithmic scale, a mark a task; None without any."""
    rows: list[Row] = [
        {"language": language, "task": task_name(task), "pairs": pairs, "training pairs": count(pairs)}
        for task in frames.tasks
        for language, pairs in train_pairs(frames, task).items()
        if pairs
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (-row["pairs"], row["language"]))
    tasks = [task_name(task) for task in frames.tasks]
    colours = [(BLUE, ORANGE, GREEN, PURPLE)[place % 4] for place in range(len(tasks))]
    start = 10 ** math.floor(math.log10(min(row["pairs"] for row in rows) * 0.999))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height={"band": 0.72})
        .encode(
            y=_languages(rows),
            yOffset=alt.YOffset("task:N").sort(tasks),
            x=alt.X("pairs:Q")
            .scale(type="log", domainMin=start, nice=True)
            .axis(format="~s", title="training pairs, logarithmic", tickCount=6),
            x2=alt.datum(start),
            color=alt.Color("task:N").scale(domain=tasks, range=colours).legend(alt.Legend(title=None, orient="top")),
            tooltip=_hover(("language", "task", "training pairs")),
        )
    )
    return _spec(chart, step=max(STEP, 11 * len(tasks)))


def gap_chart(frames: StudyFrames, task: str) -> Spec | None:
    """The memorisation gap: recall@1 among unseen candidates and among as many from training, by arm."""
    rows = gap_rows(frames, task)
    if not rows:
        return None
    pairs = train_pairs(frames, task)
    rows.sort(key=lambda row: (-(pairs.get(row["language"]) or 0), row["language"]))
    arms = list(dict.fromkeys(row["arm"] for row in sorted(rows, key=_arm_place)))
    names = {"unseen": "unseen candidates", "seen": "candidates from training"}
    ends = [
        {
            **{name: row[name] for name in ("language", "arm")},
            "value": row[end],
            "candidates": names[end],
            "recall@1": fraction(row[end]),
            "gap": percent(row["gap"]).replace("%", " points"),
        }
        for row in rows
        for end in names
    ]
    offset = alt.YOffset("arm:N").sort(arms)
    axis = alt.Axis(title="recall@1 in pools of equal size", format=".2~f", tickCount=6)
    colour = (
        alt.Color("arm:N")
        .scale(domain=arms, range=[ARM_COLOURS[_arm_place({"arm": arm})] for arm in arms])
        .legend(alt.Legend(title=None, orient="top"))
    )
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_rule(strokeWidth=1.5, opacity=0.6)
        .encode(y=_languages(rows), yOffset=offset, x=alt.X("unseen:Q").axis(axis), x2="seen:Q", color=colour)
    )
    points = (
        alt.Chart(alt.Data(values=ends))
        .mark_point(size=42, filled=True, opacity=1, strokeWidth=1.5)
        .encode(
            y=_languages(rows),
            yOffset=offset,
            x=alt.X("value:Q").axis(axis),
            color=colour,
            shape=alt.Shape("candidates:N")
            .scale(domain=list(names.values()), range=["circle", "diamond"])
            .legend(alt.Legend(title=None, orient="top")),
            tooltip=_hover(("language", "arm", "candidates", "recall@1", "gap")),
        )
    )
    return _spec(lines + points, step=max(STEP, 10 * len(arms)))


def _arm_place(row: Row) -> int:
    return ("alone", "pooled", "bm25").index(row["arm"])


def _languages(rows: Sequence[Row]) -> Any:
    """The axis of languages, in the order of ``rows``."""
    order = list(dict.fromkeys(row["language"] for row in rows))
    return alt.Y("language:N").sort(order).title(None).axis(labelLimit=110, grid=True, tickBand="extent")


def _hover(names: Sequence[str]) -> list[Any]:
    return [alt.Tooltip(field=name, type="nominal", title=name) for name in names]


def _ends(effect: Row) -> Row:
    """The ends of the bar; JSON has no infinity, so a bar without an end is drawn to the mark itself."""
    return {
        name: effect[end] if known(effect[end]) else effect["relative"]
        for name, end in (("start", "low"), ("end", "high"))
    }


def _spec(chart: Any, step: int = STEP) -> Spec:
    """The finished specification: as wide as its place, a fixed height a language, colours of the page."""
    axis = {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "domainColor": "currentColor",
        "tickColor": "currentColor",
        "gridColor": "currentColor",
        "domainOpacity": 0.35,
        "tickOpacity": 0.35,
        "gridOpacity": 0.13,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    spec: Spec = (
        chart.properties(width="container", height={"step": step, "for": "position"}, background="transparent")
        .configure(font=FONT, axis=axis)
        .configure_view(stroke=None)
        .configure_legend(
            labelColor="currentColor",
            labelFontSize=12,
            symbolBaseFillColor="currentColor",
            symbolBaseStrokeColor="currentColor",
        )
        .to_dict()
    )
    # The address of the schema is no use to a page that must not look outside itself.
    del spec["$schema"]
    # Altair has no word for the place of several legends; one below the other fits a phone.
    spec["config"]["legend"]["layout"] = {"top": {"direction": "vertical", "anchor": "start"}}
    return spec
