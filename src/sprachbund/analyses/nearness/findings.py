"""The analysis ``nearness`` of a study file: what each start brought against how near its language is by each measure.

A correlation over pairs of a target and a start, all finished studies together; with few pairs it says so, and no more.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sprachbund.analyses.charts import NUMBER, scatter
from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.analyses.nearness.transcripts import MEASURES, nearness_of
from sprachbund.errors import MissingDataError, SettingsError
from sprachbund.progress import logger
from sprachbund.report import StudyFrames
from sprachbund.report.rows import effects_by_language
from sprachbund.report.wording import known
from sprachbund.speech.store import SpeechCorpus
from sprachbund.statistics.orders import spearman

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["FEWEST", "correlations", "gains_by_start", "nearness", "nearness_finding"]

ALONE, CONTINUED = "alone", "continued:"
FEWEST = 6
"""Pairs below which a correlation is not told: of five even a perfect one is met by chance once in sixty."""


def nearness(laboratory: "Laboratory") -> tuple[Finding, ...]:
    """One finding of all finished studies.

    Raises:
        SettingsError: no study continues from two languages or more by name.
    """
    gains = pl.DataFrame([row for frames in laboratory.studies.values() for row in gains_by_start(frames)])
    if gains.is_empty() or gains["start"].n_unique() < 2:
        raise SettingsError("no study continues from two languages: name strategies continued:A and continued:B")
    rows = []
    for target, start in gains.select("target", "start").unique(maintain_order=True).iter_rows():
        rows += [{"target": target, "start": start, "measure": name, "nearness": value}
                 for name, value in _values(laboratory, target, start).items()]  # fmt: skip
    schema = {"target": pl.String, "start": pl.String, "measure": pl.String, "nearness": pl.Float64}
    return (nearness_finding(gains, pl.DataFrame(rows, schema=schema)),)


def gains_by_start(frames: StudyFrames) -> list[dict[str, Any]]:
    """A row a task, target and arm ``continued:X``: the gain over alone, more is better, with its interval."""
    measure, found = frames.measure, []
    sign = 1.0 if measure.direction == "higher" else -1.0
    arms = sorted(set(frames.comparisons.filter(against=ALONE)["arm"]))
    for task in frames.tasks:
        for arm in arms:
            start = arm.removeprefix(CONTINUED)
            if start == arm or "+" in start:
                continue
            for target, effect in effects_by_language(frames, task, arm, ALONE, frames.pool, measure).items():
                if known(effect.relative) and not target.startswith("("):
                    low, high = sorted((sign * (effect.low or 0.0), sign * (effect.high or 0.0)))
                    found.append(
                        {"study": frames.name, "task": task, "target": target, "start": start,
                         "gain": sign * effect.relative, "low": low, "high": high}
                    )  # fmt: skip
    return found


def _values(laboratory: "Laboratory", target: str, start: str) -> dict[str, float]:
    """What every measure says of two languages, more is nearer: of transcripts, and of published tables."""
    from sprachbund.neighbours.asking import find_neighbours
    from sprachbund.neighbours.listed import MEASURES as LISTED

    corpus = laboratory.corpus
    found: dict[str, float] = {}
    if isinstance(corpus, SpeechCorpus):
        found |= nearness_of(*(corpus.utterances(code).letters for code in (target, start)))
    try:
        text = None if isinstance(corpus, SpeechCorpus) else corpus.path
        near = find_neighbours(target, [start], corpus=text, measures=[each for each in LISTED if not each.slow])
    except MissingDataError as error:
        logger.warning("nearness: without published tables: %s", error)
        return found
    directions = {each.name: (each.title, 1.0 if each.direction == "higher" else -1.0) for each in LISTED}
    for name, value in near.candidates[0].values.items():
        if value.value is not None:
            title, sign = directions[name]
            found[title] = sign * value.value
    return found


def correlations(gains: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """A row a measure: pairs, Spearman's correlation of gain and nearness, its 95% interval; NaN with too few pairs.

    The interval is Fisher's with the variance of Fieller et al. (1957), 1.06 / (n - 3).
    """
    mean = gains.group_by("target", "start", maintain_order=True).agg(pl.col("gain").mean())
    rows = []
    for name in values["measure"].unique(maintain_order=True):
        own = mean.join(values.filter(measure=name), on=["target", "start"]).drop_nulls()
        rho = low = high = math.nan
        if len(own) >= FEWEST:
            rho = spearman(own["nearness"].to_numpy(), own["gain"].to_numpy())
            if not math.isnan(rho):
                middle, width = math.atanh(np.clip(rho, -0.999999, 0.999999)), 1.96 * math.sqrt(1.06 / (len(own) - 3))
                low, high = math.tanh(middle - width), math.tanh(middle + width)
        rows.append({"measure": name, "pairs": len(own), "spearman": rho, "low": low, "high": high})
    schema = {"measure": pl.String, "pairs": pl.Int64, **dict.fromkeys(("spearman", "low", "high"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema)


def nearness_finding(gains: pl.DataFrame, values: pl.DataFrame) -> Finding:
    """Gains, nearness and their correlations as a finding, with a figure a measure of transcripts, else the first."""
    table = correlations(gains, values)
    pairs = gains.select("target", "start").n_unique()
    told = [row for row in table.to_dicts() if known(row["spearman"])]
    best = gains.sort("gain", descending=True).group_by("target", maintain_order=True).first().sort("target")
    said = ["Most is brought " + ", ".join(f"{row['target']} by {row['start']}" for row in best.to_dicts()) + "."]
    if not told:
        said.append(f"With {pairs} pairs of a target and a start there are too few to correlate: {FEWEST} at least.")
    for row in told:
        said.append(f"{row['measure']}: {_correlation(row)}.")
    if told:
        said.append(f"(Spearman's correlation of gain and nearness over {pairs} pairs; pairs of a target are alike.)")
    names = [name for name in MEASURES if name in set(values["measure"])] or list(values["measure"][:1])
    charts = [
        Drawn(f"nearness-{place}", f"What each start brought against its nearness by {name}; bars are 95% intervals.",
              scatter(_points(gains, values.filter(measure=name)), (), x=f"nearness by {name}",
                      y="gain over training alone", x_form=NUMBER, what="target from start"))
        for place, name in enumerate(names, 1)
    ]  # fmt: skip
    ours = "; ".join(f"{row['measure']} {_correlation(row)}" for row in told)
    return Finding(
        "nearness", "Which neighbour: what a start brings, and how near it is", " ".join(said), "", ours, "",
        tuple(charts), (("Gains", gains), ("Nearness, more is nearer", values), ("Correlations", table)),
    )  # fmt: skip


def _correlation(row: Mapping[str, Any]) -> str:
    return f"{row['spearman']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]"


def _points(gains: pl.DataFrame, values: pl.DataFrame) -> Sequence[dict[str, Any]]:
    joined = gains.join(values, on=["target", "start"])
    return [
        {"language": f"{row['target']} from {row['start']}", "x": row["nearness"], "y": row["gain"],
         "low": row["low"] if known(row["low"]) else None, "high": row["high"] if known(row["high"]) else None}
        for row in joined.to_dicts()
    ]  # fmt: skip
