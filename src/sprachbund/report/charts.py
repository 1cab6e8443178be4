"""The figures, as Vega-Lite specifications that the page's own JavaScript draws.

Text and axes take the colour of the page (`currentColor`), and the marks have colours that stand out from a
light and from a dark ground, so one drawing serves both. No colour carries meaning alone: verdicts differ in
shape, pools in fill. Languages run down the page, so that a figure fits the width of a phone.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from sprachbund.lab.declaration import Contrast
from sprachbund.lab.measures import Measure, measure_of
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.asked import Asked
from sprachbund.report.frames import StudyFrames
from sprachbund.report.pools import contrast_arms, contrast_rows
from sprachbund.report.rows import effects_by_language, study_rows, training_examples
from sprachbund.report.wording import count, examples_word, known, measured, number, percent, signed, sizes_of, span
from sprachbund.statistics.comparison import LEAKS, TOO_FEW, VERDICTS

Spec = dict[str, Any]
Mark = dict[str, Any]

STEP = 20
"""Height of one language, in pixels."""

BLUE, ORANGE, GREY, PURPLE, GREEN = "#3d85d8", "#d9731a", "#84898f", "#a35bc7", "#2f9d72"
VERDICT_COLOURS = (BLUE, ORANGE, GREY, GREY, PURPLE)
VERDICT_SHAPES = ("triangle-up", "triangle-down", "circle", "square", "cross")
ARM_COLOURS = (GREY, BLUE, GREEN, ORANGE, PURPLE)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def effect_rows(frames: StudyFrames, task: str, asked: Asked, measure: Measure | None = None) -> list[Mark]:
    """What the figure of a comparison shows, a row a language, as its points, bars and hover need it.

    Args:
        measure: the one that decides, if None.
    """
    measure = measure or frames.measure
    effects = effects_by_language(frames, task, asked.arm, asked.against, frames.pool, measure)
    return [
        {
            "language": row.language,
            "relative": effect.relative,
            "low": effect.low,
            "high": effect.high,
            "verdict": effect.verdict,
            **{name: count(getattr(row, name)) for name, _ in sizes_of(frames.declaration)},
            "values": f"{number(row.values.get(asked.against))} → {number(row.values.get(asked.arm))}",
            "difference": percent(effect.relative),
            "interval": span(effect.low, effect.high),
        }
        for row in study_rows(frames, task, measure=measure)
        if row.language != EVERYONE and (effect := effects.get(row.language)) and known(effect.relative)
    ]


def common_scale(rows: Iterable[Mark]) -> tuple[float, float]:
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
    frames: StudyFrames, rows: Sequence[Mark], scale: tuple[float, float], measure: Measure | None = None
) -> Spec | None:
    """The relative difference by language with its interval; None without any.

    Args:
        rows: of `effect_rows`. scale: of `common_scale`. measure: that of the rows.
    """
    if not rows:
        return None
    measure = measure or frames.measure
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
    shown = [
        *(("language", "language"), ("difference", "relative difference"), ("interval", "interval")),
        *(("verdict", "verdict"), ("values", measured(measure)), *sizes_of(frames.declaration)),
    ]
    base = alt.Chart(alt.Data(values=data)).encode(y=_languages(data), tooltip=hover(shown))
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
            title=f"relative difference in {measured(measure)}",
            tickCount=6,
        ),
        x2="end:Q",
        color=colour.legend(legend),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="relative:Q", color=colour.legend(legend), shape=shape.legend(legend)
    )
    if not arrows:
        return page_spec(zero + bars + points)
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
    return page_spec(zero + bars + heads + points)


def examples_chart(frames: StudyFrames) -> Spec | None:
    """Training examples by language, on a logarithmic scale, a mark a task; None without any."""
    title = examples_word(frames.declaration)
    rows: list[Mark] = [
        {"language": language, "task": frames.title(task), "examples": examples, "count": count(examples)}
        for task in frames.tasks
        for language, examples in training_examples(frames, task).items()
        if examples
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (-row["examples"], row["language"]))
    tasks = list(dict.fromkeys(frames.title(task) for task in frames.tasks))
    colours = [(BLUE, ORANGE, GREEN, PURPLE)[place % 4] for place in range(len(tasks))]
    # points: a bar says that its length counts, and on a logarithmic axis it has no beginning
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            y=_languages(rows),
            yOffset=alt.YOffset("task:N").sort(tasks),
            x=alt.X("examples:Q")
            .scale(type="log", nice=True)
            .axis(format="~s", title=f"{title}, logarithmic", tickCount=6),
            color=alt.Color("task:N").scale(domain=tasks, range=colours).legend(alt.Legend(title=None, orient="top")),
            tooltip=hover([("language", "language"), ("task", "task"), ("count", title)]),
        )
    )
    return page_spec(chart, step=max(STEP, 11 * len(tasks)))


def contrast_chart(frames: StudyFrames, task: str, contrast: Contrast) -> Spec | None:
    """A measure in the two pools of a contrast, by language and arm; None without any."""
    rows = contrast_rows(frames, task, contrast)
    if not rows:
        return None
    measure = measure_of(frames.declaration.measures, contrast.measure, contrast.k)
    examples = training_examples(frames, task)
    there = {row["arm"] for row in rows}
    arms = [arm for arm in contrast_arms(frames, task, contrast) if arm in there]
    rows.sort(key=lambda row: (-(examples.get(row["language"]) or 0), row["language"]))
    ends = [
        {
            **{name: row[name] for name in ("language", "arm")},
            "value": row[end],
            "among": among,
            "shown": number(row[end]),
            "gap": signed(row["difference"]),
        }
        for row in rows
        for end, among in zip(("one", "other"), contrast.titles, strict=True)
    ]
    offset = alt.YOffset("arm:N").sort(arms)
    axis = alt.Axis(title=measured(measure), format=".2~f", tickCount=6)
    colour = (
        alt.Color("arm:N")
        .scale(domain=arms, range=[ARM_COLOURS[place % len(ARM_COLOURS)] for place in range(len(arms))])
        .legend(alt.Legend(title=None, orient="top"))
    )
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_rule(strokeWidth=1.5, opacity=0.6)
        .encode(y=_languages(rows), yOffset=offset, x=alt.X("one:Q").axis(axis), x2="other:Q", color=colour)
    )
    shown = [("language", "language"), ("arm", "arm"), ("among", "among"), ("shown", measure.title)]
    points = (
        alt.Chart(alt.Data(values=ends))
        .mark_point(size=42, filled=True, opacity=1, strokeWidth=1.5)
        .encode(
            y=_languages(rows),
            yOffset=offset,
            x=alt.X("value:Q").axis(axis),
            color=colour,
            shape=alt.Shape("among:N")
            .scale(domain=list(contrast.titles), range=["circle", "diamond"])
            .legend(alt.Legend(title=None, orient="top")),
            tooltip=hover([*shown, ("gap", "difference")]),
        )
    )
    return page_spec(lines + points, step=max(STEP, 10 * len(arms)))


def _languages(rows: Sequence[Mark]) -> Any:
    """The axis of languages, in the order of ``rows``."""
    order = list(dict.fromkeys(row["language"] for row in rows))
    return alt.Y("language:N").sort(order).title(None).axis(labelLimit=110, grid=True, tickBand="extent")


def hover(shown: Sequence[tuple[str, str]]) -> list[Any]:
    """(field, title): fields are ours, since a point or a bracket in one would be a path to the drawing library."""
    return [alt.Tooltip(field=name, type="nominal", title=title) for name, title in shown]


def _ends(row: Mark, scale: tuple[float, float]) -> Mark:
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


def page_spec(chart: Any, step: int = STEP, height: int | None = None) -> Spec:
    """The finished specification of an Altair chart: as wide as its place, in the colours of the page.

    Args:
        step: pixels of height for each language (each value of a discrete y). height: in all, where y is a number.
    """
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
        chart.properties(
            width="container", height=height or {"step": step, "for": "position"}, background="transparent"
        )
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
