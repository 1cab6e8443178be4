"""Why pooling helps: the findings F5, F6, F7 and T1 of Arnold & Cohen 2021, and what to expect before training.

When a finding counts as replicated is written in the function that says so; the pool of unseen candidates decides, and
the others stand in the tables.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sprachbund.analyses.charts import NUMBER, SHARE, SIGNED, Band, intervals, scatter
from sprachbund.analyses.explaining.gains import Gains
from sprachbund.analyses.explaining.regression import Foretold, Regression, foretell, lacking, regress
from sprachbund.analyses.explaining.summary import known_before
from sprachbund.analyses.explaining.transfer import sizes_finding, transfer_finding
from sprachbund.analyses.finding import Drawn, Finding, Replicated
from sprachbund.errors import SettingsError
from sprachbund.report.wording import fraction, known, listed, share

__all__ = ["explain", "replicated_by_slopes"]

_LINE = 40  # places at which a line and its band are drawn


@dataclass(frozen=True)
class _Factor:
    """A figure of the paper: an outcome against a factor.

    Attributes:
        sign: of the slope that the paper has. r2: the paper's, by task.
    """

    name: str
    title: str
    factor: str
    outcome: str
    sign: int
    axis: str
    claim: str
    paper: str


FACTORS = (
    _Factor(
        "F5", "Harder tasks improve more", "before", "relative", -1, "before pooling", "the lower a language's score "
        "by itself, the larger its relative gain", "falls; R² .53 (NSP), .70 (IC, sh left out)",
    ),
    _Factor(
        "F6", "Small languages improve more", "share", "relative", -1, "share of the training data",
        "the smaller a language's share of the data, the larger its relative gain", "falls; R² .14 (NSP), .18 (IC)",
    ),
    _Factor(
        "F7", "Overlapping languages improve more", "overlap", "absolute", 1, "overlap of the vocabulary with {hub}",
        "the more of a language's vocabulary {hub} has, the larger its absolute gain", "rises; R² .23 (NSP), .04 (IC)",
    ),
)  # fmt: skip
SAMPLE, DIFFICULTY, OVERLAP, COMBINED, OURS = (
    "sample size", "task difficulty", "vocabulary overlap", "combined", "sample size, logarithmic (ours)",
)  # fmt: skip
TABLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (SAMPLE, ("share",)),
    (DIFFICULTY, ("before",)),
    (OVERLAP, ("overlap",)),
    (COMBINED, ("share", "before", "overlap")),
    (OURS, ("log_share",)),
)
"""Rows of T1: name, factors."""


def explain(gains: Gains, mark: str = "") -> tuple[Finding, ...]:
    """All findings of a study.

    Args:
        mark: put behind the names of findings and figures, where several studies have them.

    Raises:
        MissingExtraError: statsmodels is not installed.
    """
    found = [
        sizes_finding(gains),
        transfer_finding(gains),
        *(_explained(gains, each) for each in FACTORS),
        _table(gains),
    ]
    found.append(_expected(gains))
    return tuple(_marked(finding, mark) for finding in found)


def _marked(finding: Finding, mark: str) -> Finding:
    if not mark:
        return finding
    charts = tuple(replace(chart, name=f"{chart.name}{mark}") for chart in finding.charts)
    return replace(finding, name=f"{finding.name}{mark}", charts=charts)


def replicated_by_slopes(found: Sequence[Regression | None], sign: int) -> Replicated:
    """Whether the lines of the tasks run as the paper's do.

    A line counts where its slope's 95% interval excludes zero. yes: all tasks have the paper's sign so. no: one has the
    opposite sign so, and none the paper's. in part: some have the paper's. not shown: none counts, or there are too few
    languages.
    """
    fits = [each for each in found if each is not None]
    signs = [
        (low > 0) - (high < 0) for each in fits for low, high in zip(each.low.values(), each.high.values(), strict=True)
    ]
    if not signs or not any(signs):
        return "not shown"
    if all(each == sign for each in signs) and len(fits) == len(found):
        return "yes"
    return "in part" if sign in signs else "no"


def _explained(gains: Gains, asked: _Factor) -> Finding:
    """F5, F6, F7: an outcome against a factor, a figure a task on the deciding pool, the others in the table."""
    frames = gains.frames
    fits: list[Regression | None] = []
    words, ours, charts, rows = [], [], [], []
    for task in frames.tasks:
        for pool in gains.pools:
            for outcome in ("relative", "absolute"):
                fit, why = _fit(gains.enough(task, pool)[0], outcome, (asked.factor,))
                rows.append(_fit_row(gains, task, pool, outcome, asked.axis.format(hub=gains.hub), fit, why))
                if pool == frames.pool and outcome == asked.outcome:
                    fits.append(fit)
                    words.append(_said_of_fit(gains, task, asked, fit, why))
                    ours.append(_short_fit(gains, task, asked, fit, why))
                    charts += _fit_chart(gains, task, asked, fit)
    claim = f"The paper finds: {asked.claim.format(hub=gains.hub)}."
    return Finding(
        asked.name,
        asked.title,
        " ".join([claim, *words]),
        paper=asked.paper,
        ours="; ".join(ours),
        replicated=replicated_by_slopes(fits, asked.sign),
        charts=tuple(charts),
        tables=(("Regressions", pl.DataFrame(rows, infer_schema_length=None)),),
    )


def _fit(rows: pl.DataFrame, outcome: str, factors: Sequence[str]) -> tuple[Regression | None, str]:
    """The regression, or why there is none."""
    there = rows.drop_nulls(list(factors)).height
    if not there and rows.height:
        return None, f"{' and '.join(factors)} is not known of any language"
    if why := lacking(there, len(factors)):
        return None, why
    try:
        return regress(rows, outcome, factors), ""
    except SettingsError as error:
        return None, str(error)


def _said_of_fit(gains: Gains, task: str, asked: _Factor, fit: Regression | None, why: str) -> str:
    title = gains.frames.title(task)
    if fit is None:
        return f"{title}: no regression, {why}."
    low, high = fit.low[asked.factor], fit.high[asked.factor]
    sure = "rises" if low > 0 else "falls" if high < 0 else "neither rises nor falls beyond doubt"
    return (
        f"{title}: over {fit.languages} languages the {asked.outcome} gain {sure} (R² {fraction(fit.r2, 2)}; without "
        f"{fit.influential}, on which the line hangs most, {fraction(fit.without, 2)})."
    )


def _short_fit(gains: Gains, task: str, asked: _Factor, fit: Regression | None, why: str) -> str:
    title = gains.frames.title(task)
    if fit is None:
        return f"{title}: {why}"
    low, high = fit.low[asked.factor], fit.high[asked.factor]
    return f"{title} R² {fraction(fit.r2, 2)}, slope {fit.slopes[asked.factor]:+.3g} [{low:+.3g} to {high:+.3g}]"


def _fit_row(
    gains: Gains, task: str, pool: str, outcome: str, factors: str, fit: Regression | None, why: str
) -> dict[str, object]:
    single = fit is not None and len(fit.factors) == 1
    (slope, low, high) = (
        [next(iter(each.values())) for each in (fit.slopes, fit.low, fit.high)] if fit and single else [None] * 3
    )
    return {
        "task": gains.frames.title(task), "pool": pool, "outcome": outcome, "factor": factors,
        "languages": fit.languages if fit else None, "R2": fit.r2 if fit else None,
        "adjusted R2": fit.adjusted if fit else None, "slope": slope, "low": low, "high": high,
        "p": fit.p if fit else None, "most influential": fit.influential if fit else None,
        "R2 without it": _known(fit.without) if fit else None, "why not": why or None,
    }  # fmt: skip


def _fit_chart(gains: Gains, task: str, asked: _Factor, fit: Regression | None) -> list[Drawn]:
    rows = gains.enough(task)[0].drop_nulls([asked.factor, asked.outcome])
    if not rows.height:
        return []
    bars = asked.outcome == "relative"
    points = [
        {
            "language": row["language"], "x": row[asked.factor], "y": row[asked.outcome],
            "low": row["low"] if bars else None, "high": row["high"] if bars else None,
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    title, axis = gains.frames.title(task), asked.axis.format(hub=gains.hub)
    along = f"{gains.measure.title} {axis}" if asked.factor == "before" else axis
    unit = gains.measure.unit  # a measure with a unit is no part of a whole
    spec = scatter(
        points,
        _band(points, fit),
        x=along,
        y=f"{asked.outcome} improvement",
        x_form=NUMBER if unit and asked.factor == "before" else SHARE,
        y_form=NUMBER if unit and not bars else SIGNED,
    )
    line = "; the line is a linear fit, the band one standard deviation of what is left over" if fit else ""
    caption = f"{title}: {asked.outcome} improvement in {gains.measure.title} against {along}{line}."
    return [Drawn(f"{asked.name}-{_word(task)}", caption, spec)]


def _band(points: Sequence[dict[str, object]], fit: Regression | None) -> Band:
    """The line with one standard deviation of the residuals to either side, as the paper draws it."""
    if fit is None:
        return ()
    xs = [float(point["x"]) for point in points]  # type: ignore[arg-type]
    places = np.linspace(min(xs), max(xs), _LINE)
    return [
        (float(x), float(y), float(y - fit.spread), float(y + fit.spread))
        for x, y in zip(places, fit.line(places), strict=True)
    ]


def _table(gains: Gains) -> Finding:
    """T1.

    yes: in every task the regression on all three factors is better than none (F test, p < .05) and foretells languages
    that it has not seen better than their mean does, relative gains on the deciding pool. in part: in some task. not
    shown: in none, or there are too few languages.
    """
    frames = gains.frames
    rows, words, ours, held = [], [], [], []
    for task in frames.tasks:
        for pool in gains.pools:
            chosen = gains.enough(task, pool)[0]
            for outcome in ("relative", "absolute"):
                for name, factors in TABLE:
                    fit, why = _fit(chosen, outcome, factors)
                    ahead = foretell(chosen, outcome, factors) if fit else None
                    rows.append(
                        {
                            **_fit_row(gains, task, pool, outcome, name, fit, why),
                            "R2 foretold": ahead.r2 if ahead else None,
                        }
                    )
                    if (pool, outcome, name) == (frames.pool, "relative", COMBINED):
                        held.append(fit is not None and ahead is not None and fit.p < 0.05 and ahead.r2 > 0)
                        words.append(_said_of_all(gains, task, fit, ahead, why))
                        ours.append(
                            f"{frames.title(task)} {fraction(fit.r2, 2) if fit else why}"
                            + (f" (foretold {fraction(ahead.r2, 2)})" if ahead else "")
                        )
    answer: Replicated = "yes" if held and all(held) else "in part" if any(held) else "not shown"
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Finding(
        "T1",
        "How much the three factors explain",
        " ".join(words),
        paper="R² of all three .62 (NSP), .78 (IC), .70 on average; sample size .14, .18; difficulty .53, .70; overlap "
        ".23, .04",
        ours="; ".join(ours),
        replicated=answer,
        tables=(("R² by factor", table),),
    )


def _said_of_all(gains: Gains, task: str, fit: Regression | None, ahead: Foretold | None, why: str) -> str:
    title = gains.frames.title(task)
    if fit is None or ahead is None:
        return f"{title}: no regression on all three factors, {why}."
    worth = (
        f"foretells languages that it has not seen better than their mean does (R² {fraction(ahead.r2, 2)})"
        if ahead.r2 > 0
        else "foretells languages that it has not seen no better than their mean does"
    )
    return (
        f"{title}: sample size, difficulty and overlap together explain {share(fit.r2, 0)} of the variance of the "
        f"relative gain among {fit.languages} languages (adjusted for the number of factors "
        f"{share(max(0.0, fit.adjusted), 0)}); the fit {worth}."
    )


def _expected(gains: Gains) -> Finding:
    """What a language's text alone says of its gain: each language foretold by the line of the others."""
    frames = gains.frames
    words, ours, charts, tables = [], [], [], []
    for task in frames.tasks:
        rows, title = gains.enough(task)[0], frames.title(task)
        factors = known_before(gains, task)
        fit, why = _fit(rows, "relative", factors) if factors else (None, "its share of the data is not known")
        if fit is None:
            words.append(f"{title}: nothing can be foretold, {why}.")
            continue
        ahead = foretell(rows, "relative", factors)
        words.append(_said_ahead(gains, title, ahead))
        ours.append(
            f"{title} off by {_points(ahead.error)} on average, {ahead.inside} of {len(ahead.languages)} inside"
        )
        tables.append((f"{title}, each language foretold by the others", _ahead_table(ahead)))
        drawn = [
            {"language": row["language"], "series": series, "x": row[series], "note": None,
             "low": row["low"] if series == "foretold" else None, "high": row["high"] if series == "foretold" else None}
            for row in _ahead_table(ahead).iter_rows(named=True)
            for series in ("foretold", "actual")
        ]  # fmt: skip
        names = {"foretold": "foretold before training", "actual": "what training brought"}
        spec = intervals(drawn, names, x="relative improvement")
        caption = f"{title}: the relative gain foretold from the other languages, with its 95% interval, and what came."
        charts.append(Drawn(f"expected-{_word(task)}", caption, spec))
    return Finding(
        "expected",
        "What to expect before training",
        " ".join(words),
        ours="; ".join(ours),
        charts=tuple(charts),
        tables=tuple(tables),
    )


def _said_ahead(gains: Gains, title: str, ahead: Foretold) -> str:
    names = {"log_share": "its share of the data", "overlap": f"its overlap with {gains.hub}"}
    basis = listed([names[name] for name in ahead.factors])
    better = (
        "so it says more than their mean"
        if ahead.r2 > 0
        else "so their mean is as good a guess, and nothing should be built on this"
    )
    return (
        f"{title}: foretold from {basis} by the line through the other languages, a language's relative gain is off by "
        f"{_points(ahead.error)} on average, and by {_points(ahead.of_mean)} if the others' mean is taken, {better}; "
        f"{ahead.inside} of {len(ahead.languages)} lie inside their 95% interval."
    )


def _points(value: float) -> str:
    return f"{100 * value:.1f} points"


def _ahead_table(ahead: Foretold) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "language": ahead.languages,
            "foretold": ahead.predicted,
            "low": ahead.low,
            "high": ahead.high,
            "actual": ahead.actual,
        }
    ).sort("foretold", descending=True)


def _known(value: float | None) -> float | None:
    return value if known(value) else None


def _word(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name)
