"""The analysis ``amounts`` of a study file: curves over how much of a language is learned from, and what a start saves.

What is saved is read off a curve: the amount with which an arm reaches what the language alone reaches with all.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from sprachbund.analyses.amounts.charts import amounts_chart
from sprachbund.analyses.amounts.curves import Curve, amount_reaching, curves_of
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.report.rows import training_examples
from sprachbund.report.wording import examples_word, number, share
from sprachbund.statistics import interval

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory
    from sprachbund.analyses.laboratory.study_file import Declared

__all__ = ["SIZES", "Unit", "amounts", "amounts_finding", "saved_table"]

ALONE = "alone"
SIZES = ("sizes", "target_minutes", "target_characters")
"""What a study says that changes how much of its targets is learned from."""


class Unit(NamedTuple):
    """How amounts are told: so many examples of the kind are one, and what it is called."""

    examples: float
    title: str


def amounts(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """A finding for every group of finished studies that differ in the size of their targets alone, and each task.

    Raises:
        SettingsError: there is no such group.
    """
    from sprachbund.analyses.laboratory.kinds import KINDS

    groups: dict[str, list[Declared]] = {}
    for study in laboratory.file.studies:
        if study.name in laboratory.studies:
            groups.setdefault(_but_size(study), []).append(study)
    found: list[tuple[str, Declaration, list[Curve]]] = []
    for own in groups.values():
        declared = KINDS[own[0].kind].declaration
        frames = {study.name: laboratory.studies[study.name] for study in own}
        sizes = {
            name: {(task, code): float(count or 0) for task in one.tasks
                   for code, count in training_examples(one, task).items()}
            for name, one in frames.items()
        }  # fmt: skip
        curves = list(curves_of({name: laboratory.study_folder(name) for name in frames}, sizes, declared))
        for task in dict.fromkeys(curve.task for curve in curves):
            title = next((each.title for each in declared.tasks if each.name == task), task)
            found.append((title, declared, [curve for curve in curves if curve.task == task]))
    if not found:
        raise SettingsError(
            "no two finished studies differ in the size of their targets alone: write [grid] sizes = [...] with two "
            "sizes or more, 0 for all"
        )
    return tuple(
        amounts_finding(curves, declared, title, f"amounts-{place}" if len(found) > 1 else "amounts")
        for place, (title, declared, curves) in enumerate(found, 1)
    )


def _but_size(study: "Declared") -> str:
    """What a study says but its name and its size."""
    settings = {key: value for key, value in study.values["settings"].items() if key not in SIZES}
    rest = {key: value for key, value in study.values.items() if key not in (*SIZES, "settings", "name")}
    return json.dumps([study.kind, rest, settings], sort_keys=True, default=str)


def amounts_finding(curves: Sequence[Curve], declared: Declaration, task: str, name: str) -> Finding:
    """Curves of the languages of a task: figures, the numbers behind them, and what each arm saves."""
    unit = _unit(declared)
    saved = pl.concat(saved_table(curve) for curve in curves).with_columns(
        pl.col("alone's most", "reached with", "low", "high", "saved") / unit.examples
    )
    points = pl.DataFrame([row for curve in curves for row in _points(curve, unit)])
    said = [_said(row, unit, curves[0].measure.title) for row in saved.to_dicts()]
    ours = "; ".join(f"{row['language']}, {row['arm']}: {_reached(row, unit)}" for row in saved.to_dicts())
    charts = tuple(
        Drawn(
            f"{name}-{curve.language}",
            f"{curve.language}: {curve.measure.title} of each arm against {unit.title} of the language's own; bars are "
            f"95% intervals over {declared.document.many}.",
            amounts_chart([row for row in points.to_dicts() if row["language"] == curve.language], unit.title,
                          curve.measure),
        )
        for curve in curves
    )  # fmt: skip
    how = (
        f"({task}, {curves[0].measure.title}. Between two amounts that were measured it is read off a line over their "
        f"logarithms; intervals draw {declared.document.many}, the same for all amounts and arms.)"
    )
    return Finding(
        name, f"What less {unit.title} costs, and what a start saves", " ".join([*said, how]), "", ours, "", charts,
        ((f"What each arm saves, in {unit.title}", saved), ("Values", points)),
    )  # fmt: skip


def _unit(declared: Declaration) -> Unit:
    return Unit(60.0, "minutes of speech") if declared.examples == "seconds" else Unit(1.0, examples_word(declared))


def saved_table(curve: Curve) -> pl.DataFrame:
    """A row an arm but alone: with how much it reaches what alone reaches with all, and what that saves.

    ``reached with`` is infinite where it does not; the ends of its interval are those of as many draws.
    """
    rows = []
    alone = curve.arms.get(ALONE)
    places = [] if alone is None else [place for place, value in enumerate(alone[0]) if not math.isnan(value)]
    for arm, values in curve.arms.items() if places else []:
        if arm == ALONE:
            continue
        assert alone is not None
        most = curve.amounts[places[-1]]
        goals = alone[:, places[-1]]
        drawn = [
            math.nan if math.isnan(goal) else amount_reaching(curve.amounts, own, float(goal), curve.measure)
            for goal, own in zip(goals, values, strict=True)
        ]
        reached = drawn[0]
        low, high = interval(pl.Series(drawn[1:], dtype=pl.Float64).to_numpy())
        rows.append(
            {
                "language": curve.language, "arm": arm, "alone's most": most, "alone's value": float(goals[0]),
                "reached with": reached, "low": low, "high": high, "saved": max(0.0, most - reached),
                "share": max(0.0, 1 - reached / most), "least measured": reached == curve.amounts[0],
            }
        )  # fmt: skip
    names = ("alone's most", "alone's value", "reached with", "low", "high", "saved", "share")
    schema = {"language": pl.String, "arm": pl.String, **dict.fromkeys(names, pl.Float64), "least measured": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def _points(curve: Curve, unit: Unit) -> list[dict[str, Any]]:
    return [
        {
            "language": curve.language, "arm": arm, unit.title: amount / unit.examples,
            "value": float(values[0, place]), "low": low, "high": high, "study": curve.studies[place],
        }
        for arm, values in curve.arms.items()
        for place, amount in enumerate(curve.amounts)
        if not math.isnan(values[0, place])
        for low, high in [interval(values[1:, place])]
    ]  # fmt: skip


def _said(row: Mapping[str, Any], unit: Unit, measure: str) -> str:
    most, value = row["alone's most"], number(row["alone's value"])
    goal = f"what {row['language']} alone reaches with {most:.3g} {unit.title} ({measure} {value})"
    if math.isinf(row["reached with"]):
        return f"{row['arm']} does not reach {goal}."
    end = f": {share(row['share'], 0)} of it saved" if row["saved"] > 0 else ": nothing is saved"
    return f"{row['arm']} reaches {goal} with {_reached(row, unit)}{end}."


def _reached(row: Mapping[str, Any], unit: Unit) -> str:
    """``14.2 minutes of speech (95% interval 8.1 to more than all)``."""
    if math.isinf(row["reached with"]):
        return "not reached"
    most = " or less, the least that was measured" if row["least measured"] else ""
    told = f"{row['reached with']:.3g} {unit.title}{most}"
    if math.isnan(row["low"]):
        return told
    high = "more than all" if math.isinf(row["high"]) else f"{row['high']:.3g}"
    low = "more than all" if math.isinf(row["low"]) else f"{row['low']:.3g}"
    return f"{told} (95% interval {low} to {high})"
