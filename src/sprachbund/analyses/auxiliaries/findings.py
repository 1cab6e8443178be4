"""What auxiliaries bring, in words, two figures and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from sprachbund.analyses.auxiliaries.adding import COUNT, OWN, PART, Adding, Curves, add_all
from sprachbund.analyses.auxiliaries.charts import gain_chart
from sprachbund.analyses.auxiliaries.settings import ALL, FARTHEST, NEAREST, RANDOM
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.wording import listed, percent, span
from sprachbund.statistics.comparison import BETTER, LEAKS, TOO_FEW, WORSE

__all__ = ["auxiliaries_finding"]

_SERIES = {NEAREST: "the nearest", FARTHEST: "the farthest", RANDOM: "at random", OWN: "its own text instead"}
_UNSURE = {TOO_FEW: "too few items for a claim", LEAKS: "the null test of this pool failed"}


def auxiliaries_finding(adding: Adding, name: str = "auxiliaries") -> Finding:
    """How many auxiliaries, how large, how near: two curves of gain over the model alone.

    Raises:
        DivergenceError: a training did.
    """
    curves = add_all(adding)
    bench = adding.bench
    whole = adding.targets[0] if len(adding.targets) == 1 else EVERYONE
    rows = curves.table.filter(pl.col("pool") == bench.pool, target=whole).to_dicts()
    who = adding.targets[0] if len(adding.targets) == 1 else f"the {len(adding.targets)} targets"
    sentence = " ".join(
        part for part in (_counted(rows, who), _compared(adding, curves, whole), _parted(rows), _noted(adding)) if part
    )
    drawn = [
        Drawn(f"{name}-{curve}", caption, gain_chart(own, _titles(own), x, form))
        for curve, caption, x, form in (
            (COUNT, f"The gain of {who} over training alone as more languages are pooled, and from as many examples of "
             "the own text; bands are 95% intervals.", "auxiliaries", "d"),
            (PART, "The same with one auxiliary, of which a part of the text is read.", "part of its text", ".3~%"),
        )
        if (own := [row for row in rows if row["curve"] == curve])
    ]  # fmt: skip
    tables = (
        ("Gains by number and by part, every target and pool", curves.table),
        ("The auxiliaries of each target, the nearest first", _near(adding)),
        ("Comparisons, all measures", curves.judged.comparisons),
    )
    return Finding(
        name, "How many auxiliaries, how large, how near", _alone(adding, sentence), "", _ours(rows), "",
        tuple(drawn), tables,
    )  # fmt: skip


def _titles(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of the series that there are; of pivots their own names."""
    pivots = {row["series"]: row["series"] for row in rows if row["series"] not in _SERIES}
    return {name: title for name, title in {**_SERIES, **pivots}.items() if any(r["series"] == name for r in rows)}


def _of(rows: Sequence[Mapping[str, Any]], curve: str, series: str) -> list[Mapping[str, Any]]:
    return sorted((row for row in rows if (row["curve"], row["series"]) == (curve, series)), key=lambda row: row["at"])


def _counted(rows: Sequence[Mapping[str, Any]], who: str) -> str:
    """The gain at each number, by order."""
    said: list[str] = []
    for series, title in _SERIES.items():
        own = _of(rows, COUNT, series)
        if not own:
            continue
        gains = listed([percent(row["gain"]) for row in own])
        if not said:
            counts = listed([f"{row['at']:g}" for row in own])
            last = own[-1]
            verb = "gain" if " " in who else "gains"
            said.append(
                f"With {counts} of its auxiliaries, {title} first, {who} {verb} {gains} over training alone (the last "
                f"{span(last['low'], last['high'])}, reading {last['times']:.1f} times as many examples)"
            )
        else:
            said.append(f"{title}{'' if series in (OWN, RANDOM) else ' first'} {gains}")
    return "; ".join(said) + "." if said else ""


def _compared(adding: Adding, curves: Curves, whole: str) -> str:
    """Nearest against farthest and against the own text, many against few."""
    bench, measure = adding.bench, adding.bench.measure
    k = pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k
    compared = curves.judged.comparisons.filter(k, pool=bench.pool, measure=measure.name, language=whole)
    counts = adding.counts
    said = []
    for one, other, words in (
        (f"{NEAREST} {counts[0]:g}", f"{FARTHEST} {counts[0]:g}", ("the nearest is better than the farthest",
         "the nearest is worse than the farthest", "the nearest and the farthest do not differ beyond doubt")),
        (f"{NEAREST} {counts[-1]:g}", f"{NEAREST} {counts[0]:g}", ("more auxiliaries are better than the fewest",
         "more auxiliaries are worse than the fewest", "more auxiliaries are not shown to be better than the fewest")),
        (f"{NEAREST} {counts[-1]:g}", f"{OWN} {counts[-1]:g}", ("they are better than as many examples of the own text",
         "they are worse than as many examples of the own text",
         "they are not shown to be better than as many examples of the own text")),
    ):  # fmt: skip
        found = compared.filter(arm=one, against=other).to_dicts()
        if found:
            row = found[0]
            why = f", {_UNSURE[row['verdict']]}" if row["verdict"] in _UNSURE else ""
            word = words[{BETTER: 0, WORSE: 1}.get(row["verdict"], 2)]
            said.append(f"{word} ({percent(row['relative'])}, {span(row['low'], row['high'])}{why})")
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + "." if said else ""


def _parted(rows: Sequence[Mapping[str, Any]]) -> str:
    """The gain by the part of one auxiliary's text."""
    said: list[str] = []
    for series in _titles([row for row in rows if row["curve"] == PART]):
        own = _of(rows, PART, series)
        parts = listed([f"{100 * row['at']:.3g}%" for row in own])
        gains = listed([percent(row["gain"]) for row in own])
        title = {NEAREST: "the nearest alone", FARTHEST: "the farthest", OWN: "as many examples of the own text"}
        said.append(f"{parts} of the text of {title[series]} bring {gains}" if not said else
                    f"{title.get(series, series)} {gains}")  # fmt: skip
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + "." if said else ""


def _noted(adding: Adding) -> str:
    """What was asked and could not be."""
    said = []
    if over := [count for count in adding.settings.counts if count > adding.most and count != ALL]:
        verb = "stands" if len(over) == 1 else "stand"
        said.append(f"{listed([str(n) for n in over])} {verb} for all, since there are {adding.most}.")
    if adding.most == 1:
        said.append("There is one auxiliary, so that nothing is said of near and far.")
    return " ".join(said)


def _near(adding: Adding) -> pl.DataFrame:
    """A row a target and auxiliary: its place and its training examples."""
    return pl.DataFrame(
        [
            {"target": target, "place": place, "auxiliary": code, "examples": round(adding.text(code)[1])}
            for target, others in adding.near.items()
            for place, code in enumerate(others, 1)
        ]
    )


def _ours(rows: Sequence[Mapping[str, Any]]) -> str:
    own = _of(rows, COUNT, NEAREST) or [row for row in rows if row["curve"] == COUNT]
    return "; ".join(f"{row['at']:g}: {percent(row['gain'])} ({span(row['low'], row['high'])})" for row in own)


def _alone(adding: Adding, sentence: str) -> str:
    """With its measure, task and seeds, so that it can stand by itself."""
    bench = adding.bench
    task = next((task.title for task in bench.kind.declaration.tasks if task.name == bench.task), bench.task)
    seeds = f"{bench.plan.seeds} seed{'s' if bench.plan.seeds > 1 else ''}"
    return f"{sentence} ({task}, {bench.measure.title}, {seeds}.)"
