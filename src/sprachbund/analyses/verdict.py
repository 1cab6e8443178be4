"""The plain verdict of finished studies, before any figure: which languages to add, which mixture, what it costs.

It is read off what the studies and the analyses have found already; nothing is computed anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.transfers.findings import ALONE, TIME, way_of
from sprachbund.report import StudyFrames, advise
from sprachbund.report.wording import percent, span
from sprachbund.statistics.comparison import BETTER, WORSE

__all__ = ["Verdict", "verdict_of"]

TOLD = ("amounts", "auxiliaries", "features", "mixture", "transfers", "expected")
"""Analyses that say what to do, by the beginning of their findings' names."""
_ORDER = {BETTER: 0, WORSE: 2}


@dataclass(frozen=True)
class Verdict:
    """What to do.

    Attributes:
        answers: a sentence a study and task, then those of analyses that say what to do.
        best: a row a study, task and language: the way that helps it most over its own text, and by how much.
    """

    answers: tuple[str, ...]
    best: pl.DataFrame


def verdict_of(studies: Mapping[str, StudyFrames], findings: Sequence[Finding]) -> Verdict:
    """The verdict of some studies and of what analyses found in them.

    Args:
        studies: by name; a sentence names its study where there are several.
    """
    several = len(studies) > 1
    answers = [
        f"{name}: {advise(frames, task).sentence}" if several else advise(frames, task).sentence
        for name, frames in studies.items()
        for task in frames.tasks
    ]
    answers += [finding.sentence for finding in findings if finding.name.partition("-")[0] in TOLD]
    rows = [row for name, frames in studies.items() for row in _best(name, frames)]
    return Verdict(tuple(answers), pl.DataFrame(rows))


def _best(study: str, frames: StudyFrames) -> Iterator[dict[str, Any]]:
    """For each language the arm that helps most over alone: one that is better if any is, the largest of those."""
    measure = frames.measure
    rows = frames.comparisons.filter(pool=frames.pool, measure=measure.name, against=ALONE)
    rows = rows.filter(pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k)
    rows = rows.filter(~pl.col("language").str.starts_with("("))
    sign = 1.0 if measure.direction == "higher" else -1.0
    helping = [row for row in rows.to_dicts() if way_of(row["arm"]) not in ("", ALONE, TIME)]
    for task, language in dict.fromkeys((row["task"], row["language"]) for row in helping):
        own = [row for row in helping if (row["task"], row["language"]) == (task, language)]
        first = min(own, key=lambda row: (_ORDER.get(row["verdict"], 1), -sign * row["absolute"]))
        yield {
            "study": study, "task": frames.title(task), "language": language, "tried": len(own), "arm": first["arm"],
            f"{measure.title} over its own text": percent(first["relative"]),
            "95% interval": span(first["low"], first["high"]), "verdict": first["verdict"],
        }  # fmt: skip
