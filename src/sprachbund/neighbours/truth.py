"""What neighbours really brought: finished studies read as measured transfer, the truth that rankings are held to.

A study compares ``continued:es``, ``rows:es``, ``mixed:es=1`` and the like with ``alone``, by the first measure and
pool of its kind. Each arm that names one language is a row: what that language brought the target, with its interval
and verdict. Arms that name none (``pooled``), several, or that are there to deceive (``placebo``) say nothing of one
candidate and are passed over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import read_json, require_fields
from sprachbund.lab.declaration import declaration_of
from sprachbund.lab.seen import seen
from sprachbund.lab.strategies import EVERYONE, Arm
from sprachbund.neighbours.asking import COVERED, Neighbours
from sprachbund.neighbours.measures import Measure
from sprachbund.neighbours.ranking.measured import Feature, Measured
from sprachbund.statistics.comparison import VERDICTS
from sprachbund.studies.writing import FORMAT, KIND, MANIFEST
from sprachbund.tables import read_table

__all__ = ["TRUTHFUL", "Gain", "read_gains", "table_of"]

TRUTHFUL = ("continued", "rows", "frozen", "mixed")
"""Strategies whose arms may say what one language brings."""
_COLUMNS = {
    **dict.fromkeys(("task", "language", "pool", "measure", "arm", "against", "verdict"), pl.String),
    "k": (pl.Int64, pl.Null),
    **dict.fromkeys(("relative", "low", "high"), pl.Float64),
    **dict.fromkeys(("items", "documents"), (pl.Int64, pl.UInt32)),
}
_AGAIN = "run the study again"


@dataclass(frozen=True)
class Gain:
    """What one language brought another in a study.

    Attributes:
        study: its folder's name. task: with the strategy, ``ic continued``.
        gain: relative, a fraction; above 0 is better, whichever way the measure goes. low, high: its 95% interval.
        verdict: better, worse, no difference shown, too few or leaks.
        measure: what it is a gain in.
    """

    study: str
    task: str
    target: str
    candidate: str
    gain: float
    low: float
    high: float
    verdict: str
    measure: str


def read_gains(study: Path | str, view: str = "") -> list[Gain]:
    """The gains that a finished study measured, as its table has them.

    Args:
        view: of the kind, as ``whole`` for retrieval (beside BM25); "" the models by themselves.

    Raises:
        FolderError: it is no study, or of another format, or damaged. SettingsError: it has no such view.
    """
    folder = Path(study)
    path = folder / MANIFEST
    if not path.is_file():
        raise FolderError(f"{folder}: expected a finished study, but it has no {MANIFEST}; run the study to its end")
    said = read_json(path, _AGAIN)
    if not isinstance(said, dict):
        raise FolderError(f"{path}: damaged, expected an object, found {type(said).__name__}; {_AGAIN}")
    require_fields(path, said, {"kind": str, "format": int, "declaration": dict})
    if (said["kind"], said["format"]) != (KIND, FORMAT):
        found = f"{str(said['kind'])[:60]!r} of format {said['format']}"
        raise FolderError(f"{folder}: expected a {KIND} of format {FORMAT}, found {found}; {_AGAIN}")
    declared = declaration_of(said["declaration"], str(path))
    views = ["", *(each.name for each in declared.views)]
    if view not in views:
        raise SettingsError(
            f"{folder}: no view {view!r}; a study of {declared.name} has {', '.join(views[1:]) or 'none'}"
        )
    measure, pool = declared.measures[0], declared.pools[0].name
    table = read_table(folder / "comparisons.parquet", _COLUMNS, _AGAIN, nulls=True)
    alone = f"{view}-alone".strip("-")
    gains = []
    sign = 1.0 if measure.direction == "higher" else -1.0
    for row in table.iter_rows(named=True):
        deciding = (row["measure"], row["k"], row["pool"], row["against"]) == (measure.name, measure.k, pool, alone)
        name = seen(row["arm"] or "", declared)
        arm = Arm(name.strategy, name.detail)
        if not deciding or row["language"] in (None, EVERYONE) or name.view != view or name.strategy not in TRUTHFUL:
            continue
        if len(arm.sources) != 1 or row["relative"] is None or not np.isfinite(row["relative"]):
            continue
        if row["verdict"] not in VERDICTS or row["task"] is None:
            raise FolderError(f"{folder}: comparisons.parquet has the verdict {str(row['verdict'])[:60]!r}; {_AGAIN}")
        ends = sorted(sign * float(row[end]) if row[end] is not None else float("nan") for end in ("low", "high"))
        gains.append(
            Gain(
                folder.resolve().name,
                f"{row['task']} {name.strategy}",
                row["language"],
                arm.sources[0],
                sign * float(row["relative"]),
                ends[0],
                ends[1],
                row["verdict"],
                measure.title,
            )
        )
    return gains


def table_of(
    gains: Iterable[Gain], asked: Mapping[str, Neighbours], measures: Sequence[Measure] | None = None
) -> Measured:
    """Gains beside what the measures say of the same pairs: a table to train rankers on and to judge them by.

    Args:
        asked: by target, what the measures say of its candidates. measures: those to take; all that were asked.

    Returns:
        A row a gain whose pair was asked; gains of several studies of one task and pair are averaged.
    """
    together: dict[tuple[str, str, str], list[float]] = {}
    for gain in gains:
        if gain.target in asked and gain.candidate != gain.target:
            together.setdefault((gain.task, gain.target, gain.candidate), []).append(gain.gain)
    if measures is None:
        measures = list({each.name: each for found in asked.values() for each in found.measures}.values())
    said = {(target, each.language): each.values for target, found in asked.items() for each in found.candidates}
    kept = [key for key in together if key[1:] in said]
    values = np.full((len(kept), len(measures)), np.nan)
    for row, key in enumerate(kept):
        for place, measure in enumerate(measures):
            value = said[key[1:]].get(measure.name)
            covered = value is not None and (value.coverage is None or value.coverage >= COVERED)
            if value is not None and covered and value.value is not None:
                values[row, place] = value.value
    tasks, targets, candidates = (np.array([key[part] for key in kept], dtype=np.str_) for part in range(3))
    means = np.array([float(np.mean(together[key])) for key in kept])
    features = tuple(Feature(each.name, each.direction, fused=each.text) for each in measures)
    return Measured(tasks, targets, candidates, means, features, values)
