"""The figures, as Vega-Lite specifications that the page's own JavaScript draws.

Text and axes take the colour of the page (`currentColor`), and the marks have colours that stand out from a
light and from a dark ground, so one drawing serves both. No colour carries meaning alone: verdicts differ in
shape, pools in fill. Languages run down the page, so that a figure fits the width of a phone.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.pools import gap_rows
from sprachbund.report.rows import EFFECTS, Row, train_pairs, transfer_rows
from sprachbund.report.wording import count, fraction, known, percent, span, task_name
from sprachbund.statistics.comparison import LEAKS, TOO_FEW, VERDICTS

Spec = dict[str, Any]

STEP = 20
"""Height of one language, in pixels."""

BLUE, ORANGE, GREY, PURPLE, GREEN = "#3d85d8", "#d9731a", "#84898f", "#a35bc7", "#2f9d72"
VERDICT_COLOURS = (BLUE, ORANGE, GREY, GREY, PURPLE)
VERDICT_SHAPES = ("triangle-up", "triangle-down", "circle", "square", "cross")
ARM_COLOURS = (GREY, BLUE, GREEN)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def effect_rows(
    frames: StudyFrames, task: str, effect: str = "transfer", measure: str = "mrr", k: int | None = None
) -> list[Row]:
    """What the figure of an effect shows, a row a language, as its points, bars and hover need it.

    Args:
        effect: one of `EFFECTS`. measure, k: the paper's figure has recall@1.
    """
    arm, against = EFFECTS[effect]
    return [
        {
            "language": row["language"],
            "relative": row[effect]["relative"],
            "low": row[effect]["low"],
            "high": row[effect]["high"],
            "verdict": row[effect]["verdict"],
            "training pairs": count(row["train_pairs"]),
            "queries": count(row["queries"]),
            measure_title(measure, k): f"{fraction(row[against])} → {fraction(row[arm])}",
            "improvement": percent(row[effect]["relative"]),
            "interval": span(row[effect]["low"], row[effect]["high"]),
        }
        for row in transfer_rows(frames, task, measure=measure, k=k)
        if row["language"] != ALL and row[effect] is not None and known(row[effect]["relative"])
    ]


def common_scale(rows: Iterable[Row]) -> tuple[float, float]:
    """The ends of an axis for several figures: every mark, every finite end of a bar, and zero.

    What has too little text often has bars ten times as wide as all others: they are cut, and drawn as without an end.
    """
    found = list(rows)
    decided = [row for row in found if row["verdict"] not in (TOO_FEW, LEAKS)] or found
    values = [0.0, *(row["relative"] for row in found)]
    values += [row[end] for row in decided for end in ("low", "high") if known(row[end])]
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.05
    return low - room, high + room


def transfer_chart(
    rows: Sequence[Row], scale: tuple[float, float], measure: str = "mrr", k: int | None = None
) -> Spec | None:
    """Figure F3: the relative transfer improvement by language with its interval; None without any.

    Args:
        rows: of `effect_rows`. scale: of `common_scale`.
    """
    if not rows:
        return None
    name = measure_title(measure, k)
    drawn = [{**row, **_ends(row, scale)} for row in rows]
    arrows = [
        {"language": row["language"], "verdict": row["verdict"], "end": row[end], "turn": turn}
        for row in drawn
        for end, open_, turn in (("start", "open start", -90), ("end", "open end", 90))
        if row[open_]
    ]
    data = [{field: value for field, value in row.items() if not field.startswith("open ")} for row in drawn]
    for row in data:
        del row["low"], row["high"]  # JSON has no infinity
    hover = ("language", "improvement", "interval", "verdict", name, "training pairs", "queries")
    base = alt.Chart(alt.Data(values=data)).encode(y=_languages(data), tooltip=_hover(hover))
    verdicts = [word for word in VERDICTS if any(row["verdict"] == word for row in data)]
    places = [VERDICTS.index(word) for word in verdicts]
    colour = alt.Color("verdict:N").scale(domain=verdicts, range=[VERDICT_COLOURS[place] for place in places])
    shape = alt.Shape("verdict:N").scale(domain=verdicts, range=[VERDICT_SHAPES[place] for place in places])
    legend = alt.Legend(title=None, orient="top", labelLimit=300, columns=3)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="currentColor").encode(x="zero:Q")
    bars = base.mark_rule(strokeWidth=2, opacity=0.75).encode(
        x=alt.X("start:Q")
        .scale(domain=list(scale), nice=False)
        .axis(
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
    if not arrows:
        return _spec(zero + bars + points)
    heads = (
        alt.Chart(alt.Data(values=arrows))
        .mark_point(filled=True, size=60, opacity=0.75, shape="triangle-up")
        .encode(
            y=_languages(data),
            x="end:Q",
            angle=alt.Angle("turn:Q").scale(domain=[-180, 180], range=[-180, 180]),
            color=colour.legend(legend),
        )
    )
    return _spec(zero + bars + heads + points)


def measure_title(measure: str, k: int | None) -> str:
    """``MRR``, ``recall@1``."""
    return "MRR" if measure == "mrr" and k is None else f"{measure}@{k}"


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
    # points: a bar says that its length counts, and on a logarithmic axis it has no beginning
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            y=_languages(rows),
            yOffset=alt.YOffset("task:N").sort(tasks),
            x=alt.X("pairs:Q")
            .scale(type="log", nice=True)
            .axis(format="~s", title="training pairs, logarithmic", tickCount=6),
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


def _ends(row: Row, scale: tuple[float, float]) -> Row:
    """Where the bar begins and ends within the scale, and whether it goes on; without an interval it is a point."""
    low, high = row["low"], row["high"]
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        low = high = row["relative"]
    return {
        "start": max(low, scale[0]),
        "end": min(high, scale[1]),
        "open start": low < scale[0],
        "open end": high > scale[1],
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
