"""Learning curves: what each arm found on dev as it went on, and after how many of alone's steps it was as good."""

import math
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import polars as pl

from sprachbund.lab.measures import Measure
from sprachbund.report.asked import ALONE
from sprachbund.report.charts import ARM_COLOURS, Spec, hover, page_spec
from sprachbund.report.frames import StudyFrames
from sprachbund.report.markup import Markup, cell, join, table
from sprachbund.report.rows import arm_names
from sprachbund.report.sections import language_cell
from sprachbund.report.wording import MISSING, count, fraction, number
from sprachbund.statistics import is_better

__all__ = ["Reached", "learning_chart", "learning_section", "reached_rows"]

HEIGHT = 280
_TOLD = ("step", "value", "passes", "seen")
_SHAPES = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down")


class Reached(NamedTuple):
    """When an arm was as good on dev as alone at its best, the same seeds side by side, a mean over those that were.

    Attributes:
        seeds, of: that reached it, of how many. steps, seconds: alone's own, and the arm's, to that point; NaN if none.
        best: of the arm on dev, a mean over its seeds.
    """

    arm: str
    seeds: int
    of: int
    steps: float
    alone_steps: float
    seconds: float
    alone_seconds: float
    best: float


def reached_rows(frames: StudyFrames, task: str, language: str) -> list[Reached]:
    """A row an arm, alone first; none where alone has no curve."""
    own = frames.learning.filter(task=task, language=language)
    found = []
    alone = {seed: _curve(own, ALONE, seed) for seed in own.filter(arm=ALONE)["seed"].unique().sort()}
    for arm in arm_names(frames, task) if alone else []:
        seeds = own.filter(arm=arm)["seed"].unique().sort().to_list()
        pairs, bests = [], []
        for seed in seeds:
            curve = _curve(own, arm, seed)
            bests.append(_best(curve, frames.measure))
            if seed in alone:
                goal = _best(alone[seed], frames.measure)
                one, other = (_first(each, goal, frames.measure) for each in (curve, alone[seed]))
                if one is not None and other is not None:
                    pairs.append((one, other))
        if not seeds:
            continue
        means = np.mean([[*one, *other] for one, other in pairs], axis=0).tolist() if pairs else [math.nan] * 4
        steps, seconds, alone_steps, alone_seconds = means
        best = float(np.mean(bests))
        found.append(Reached(arm, len(pairs), len(seeds), steps, alone_steps, seconds, alone_seconds, best))
    return found


def _curve(own: pl.DataFrame, arm: str, seed: int) -> list[dict[str, Any]]:
    return own.filter(arm=arm, seed=seed).sort("step").to_dicts()


def _best(curve: list[dict[str, Any]], measure: Measure) -> float:
    values = [float(point["value"]) for point in curve]
    return min(values) if measure.direction == "lower" else max(values)


def _first(curve: list[dict[str, Any]], goal: float, measure: Measure) -> tuple[float, float] | None:
    """Steps and seconds of the first point that is as good."""
    for point in curve:
        if point["value"] == goal or is_better(point["value"] - goal, measure.direction):
            return float(point["step"]), float(point["seconds"])
    return None


def learning_section(frames: StudyFrames, task: str) -> Markup | None:
    """The table of steps to alone's best, by language and arm."""
    learning = frames.declaration.learning
    body = []
    for language in frames.learning.filter(task=task)["language"].unique(maintain_order=True):
        for row in reached_rows(frames, task, language):
            times = MISSING if row.arm == ALONE or not row.seeds else fraction(row.steps / max(1.0, row.alone_steps), 2)
            body.append(
                [
                    language_cell(language),
                    row.arm,
                    cell(number(row.best), class_="number"),
                    cell(_told(row), class_="number"),
                    cell(times, class_="number"),
                    cell(count(row.steps), class_="number"),
                    cell(number(row.seconds), class_="number"),
                ]
            )
    if not body or learning is None:
        return None
    caption = (
        f"{frames.title(task)}: {learning.value}, and when each arm was as good as alone at its best, seed by seed. "
        "The training of what an arm begins from is not counted. Arms whose models have several languages are measured "
        "on dev of all of them, and are left out."
    )
    heads = [["language", "arm", "best on dev", "reached alone’s best", "after, of alone’s steps", "steps",
              "processor seconds"]]  # fmt: skip
    return join(table(caption, heads, body, class_="numbers two"))


def _told(row: Reached) -> str:
    if not row.seeds:
        return "not reached"
    return "every seed" if row.seeds == row.of else f"{row.seeds} of {row.of} seeds"


def learning_chart(frames: StudyFrames, task: str, language: str) -> Spec | None:
    """A line an arm: the mean over seeds of what dev found, as far as all of its seeds went; None without any."""
    learning, own = frames.declaration.learning, frames.learning.filter(task=task, language=language)
    rows = []
    for arm in arm_names(frames, task):
        curves = [_curve(own, arm, seed) for seed in own.filter(arm=arm)["seed"].unique().sort()]
        for points in zip(*curves, strict=False):
            mean = {name: float(np.mean([point[name] for point in points])) for name in _TOLD}
            rows.append(
                {"arm": arm, "step": mean["step"], "value": mean["value"], "said": number(mean["value"]),
                 "steps": count(mean["step"]), "passes": f"{mean['passes']:.1f}", "seen": count(mean["seen"])}
            )  # fmt: skip
    if not rows or learning is None:
        return None
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    looks = range(len(arms))
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=320)
    colours = [ARM_COLOURS[place % len(ARM_COLOURS)] for place in looks]
    colour = alt.Color("arm:N").scale(domain=arms, range=colours).legend(legend)
    shape = alt.Shape("arm:N").scale(domain=arms, range=[_SHAPES[p % len(_SHAPES)] for p in looks]).legend(legend)
    shown = [
        ("arm", "arm"),
        ("said", learning.value),
        ("steps", "steps"),
        ("passes", "passes"),
        ("seen", learning.seen),
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("step:Q").axis(title="steps", format="~s", tickCount=6),
        y=alt.Y("value:Q").scale(zero=False).axis(title=learning.value, format=".3~g", tickCount=6),
        color=colour,
    )
    points = base.mark_point(filled=True, size=40, opacity=1).encode(shape=shape, tooltip=hover(shown))
    return page_spec(base.mark_line(strokeWidth=2) + points, height=HEIGHT)
