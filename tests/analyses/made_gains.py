"""Finished studies of retrieval that nobody ran: what they say is chosen here, so that it can be worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sprachbund.report import StudyFrames
from sprachbund.report.frames import COMPARISONS, RESULTS
from sprachbund.retrieval.declared import DECLARATION

CODES = ("en", "de", "fr", "es", "pt", "uk", "sv", "tr", "vi", "ca", "gl", "eo")


@dataclass(frozen=True)
class Made:
    """A language in a task: recall@1 of both arms, training pairs, and what the study says of the difference."""

    language: str
    before: float
    after: float
    pairs: int = 1000
    verdict: str = "better"
    p_holm: float = 0.001


def study(made: Mapping[tuple[str, str], Sequence[Made]], leaking: Sequence[str] = (), **settings: Any) -> StudyFrames:
    """A study from what its languages are to have.

    Args:
        made: by (task, pool). leaking: pools whose null test fails, at recall@1 of .3 among 1,000; others have .002.
    """
    results, compared, sizes = [], [], {}
    for (task, pool), rows in made.items():
        for row in rows:
            cell = {"task": task, "language": row.language, "measure": "recall", "k": 1, "items": 400, "documents": 90}
            null = 0.3 if pool in leaking else 0.002
            for arm, value in (("alone", row.before), ("pooled", row.after)):
                mean = {"arm": arm, "seed": 0, "low": value - 0.01, "high": value + 0.01, "candidates": 1000.0}
                results.append(cell | mean | {"pool": pool, "value": value})
                results.append(cell | mean | {"pool": f"{pool}-null", "value": null, "low": null - 0.001})
            gain = row.after / row.before - 1 if row.before else None
            compared.append(
                cell
                | {"pool": pool, "arm": "pooled", "against": "alone", "absolute": row.after - row.before}
                | {"relative": gain, "low": None if gain is None else gain - 0.02}
                | {"high": None if gain is None else gain + 0.02, "p": row.p_holm / 2, "p_holm": row.p_holm}
                | {"verdict": row.verdict, "detectable": 0.02}
            )
            sizes[task, row.language] = row.pairs
    languages = [{"task": task, "language": code, "train_pairs": pairs} for (task, code), pairs in sizes.items()]
    every = list(dict.fromkeys(code for _, code in sizes))
    frame = pl.DataFrame(results, schema=RESULTS).drop("seed")
    return StudyFrames(
        DECLARATION,
        frame.with_columns(spread=pl.lit(0.0), seeds=pl.lit(3)),
        pl.DataFrame(compared, schema=COMPARISONS),
        pl.DataFrame(languages),
        {"study": {"tasks": list(dict.fromkeys(task for task, _ in made)), "languages": every, **settings}},
        "made",
    )
