"""Tables of measured transfer: what each candidate brought each target, beside what is known of the two before.

Rows that tell nothing are taken out and said: a language paired with itself, which wins every ranking and helps nobody,
and rows without a gain, which are runs that failed. (LangRank's table of tagging has 14 of these, ranked as the best of
their target; published tables of others have self-pairs.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import LanguageError, SettingsError
from sprachbund.neighbours.identities import same_language

__all__ = ["Feature", "Measured", "joined", "measured_from", "places", "standings"]

Floats = npt.NDArray[np.float64]
Strings = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Feature:
    """A number of a target and a candidate.

    Attributes:
        direction: which way it should help more; "" for one that is of the target alone or says nothing by itself.
        fused: whether the untrained fusion takes it.
    """

    name: str
    direction: Literal["higher", "lower", ""] = ""
    fused: bool = False


@dataclass(frozen=True, eq=False)
class Measured:
    """Measured transfer, a row a task, target and candidate.

    Attributes:
        tasks, targets, candidates: names, [rows]. gains: what the candidate brought, more is better, [rows]; of one
            unit within a task, for they are compared within a task and target only.
        features: what the columns of ``values`` are. values: float64 [rows, features], NaN where nothing is known.
        left_out: what was taken out and why, a line each.
    """

    tasks: Strings
    targets: Strings
    candidates: Strings
    gains: Floats
    features: tuple[Feature, ...]
    values: Floats
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.gains)

    def rows(self, chosen: npt.NDArray[Any]) -> "Measured":
        """Some rows, by a mask or by their numbers."""
        return replace(
            self,
            tasks=self.tasks[chosen],
            targets=self.targets[chosen],
            candidates=self.candidates[chosen],
            gains=self.gains[chosen],
            values=self.values[chosen],
        )

    def lists(self) -> list[npt.NDArray[np.int64]]:
        """The rows of each list that is ranked, one a task and target, as they sort."""
        keys: dict[tuple[str, str], list[int]] = {}
        for row, key in enumerate(zip(self.tasks.tolist(), self.targets.tolist(), strict=True)):
            keys.setdefault(key, []).append(row)
        return [np.array(keys[key], np.int64) for key in sorted(keys)]

    def column(self, name: str) -> int:
        """The place of a feature.

        Raises:
            SettingsError: there is none of that name.
        """
        names = [feature.name for feature in self.features]
        if name not in names:
            raise SettingsError(f"no feature is called {name}; there are: {', '.join(names)}")
        return names.index(name)


def measured_from(
    frame: pl.DataFrame, features: Sequence[Feature], *, target: str, candidate: str, gain: str, task: str
) -> Measured:
    """Take a table apart.

    Args:
        frame: a row a target and candidate; blanks around the names of its columns do not count.
        target, candidate, gain: names of columns. task: what was measured.

    Raises:
        SettingsError: a column is not there, or a pair stands there twice.
    """
    named = frame.rename({name: name.strip() for name in frame.columns})
    wanted = [target, candidate, gain, *(feature.name for feature in features)]
    absent = [name for name in wanted if name not in named.columns]
    if absent:
        raise SettingsError(f"expected the columns {', '.join(wanted)}; there is no {', '.join(absent)}")
    gains = named[gain].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    targets, candidates = (named[name].cast(pl.String).to_numpy().astype(np.str_) for name in (target, candidate))
    if len(set(zip(targets.tolist(), candidates.tolist(), strict=True))) < len(gains):
        raise SettingsError(f"{task}: a target has a candidate twice; give one row a pair")
    itself = np.array([_same(one, other) for one, other in zip(targets.tolist(), candidates.tolist(), strict=True)])
    failed = ~np.isfinite(gains) & ~itself
    notes = []
    if itself.any():
        notes.append(f"{task}: {int(itself.sum())} rows of a language with itself")
    if failed.any():
        of = ", ".join(sorted(set(targets[failed].tolist())))
        notes.append(f"{task}: {int(failed.sum())} rows without a gain ({of})")
    columns = [named[feature.name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for feature in features]
    values = np.column_stack(columns) if columns else np.zeros((len(gains), 0))
    tasks = np.array([task] * len(gains), dtype=np.str_)
    whole = Measured(tasks, targets, candidates, gains, tuple(features), values, tuple(notes))
    return whole.rows(~(itself | failed))


def joined(tables: Sequence[Measured]) -> Measured:
    """Several tables as one; a feature that a table lacks is unknown there.

    Raises:
        SettingsError: there is no table, or two differ in what a feature means.
    """
    if not tables:
        raise SettingsError("expected at least one table of measured transfer, found none")
    features: dict[str, Feature] = {}
    for table in tables:
        for feature in table.features:
            if features.setdefault(feature.name, feature) != feature:
                raise SettingsError(f"two tables differ in what {feature.name} means: {feature}")
    parts = []
    for table in tables:
        values = np.full((len(table), len(features)), np.nan)
        for place, name in enumerate(features):
            if any(name == each.name for each in table.features):
                values[:, place] = table.values[:, table.column(name)]
        parts.append(values)
    return Measured(
        np.concatenate([table.tasks for table in tables]),
        np.concatenate([table.targets for table in tables]),
        np.concatenate([table.candidates for table in tables]),
        np.concatenate([table.gains for table in tables]),
        tuple(features.values()),
        np.concatenate(parts),
        tuple(note for table in tables for note in table.left_out),
    )


def standings(table: Measured) -> Floats:
    """Where each row stands in its list by every feature, float64 [rows, features].

    1 for the candidate that should help most to 0 for the least, equals share their place; without a direction the
    higher value stands higher. NaN where a value is unknown, or where all of a list are equal, so that it says nothing.
    """
    signs = np.array([-1.0 if feature.direction == "lower" else 1.0 for feature in table.features])
    found = np.full(table.values.shape, np.nan)
    for rows in table.lists():
        values = signs * table.values[rows]
        known = ~np.isnan(values)
        below = (values[:, None] > values[None]).sum(axis=1)
        equal = (values[:, None] == values[None]).sum(axis=1) - 1
        others = known.sum(axis=0) - 1
        says = known & (others > 0) & ((below > 0).any(axis=0))
        np.divide(below + equal / 2, others, out=values, where=says)
        found[rows] = np.where(says, values, np.nan)
    return found


def places(values: Floats) -> Floats:
    """Where each of two or more values stands: 0 for the least to 1 for the greatest, equals at their mean."""
    order = np.sort(values)
    below = np.searchsorted(order, values, side="left")
    upto = np.searchsorted(order, values, side="right")
    found: Floats = (below + (upto - below - 1) / 2) / (len(values) - 1)
    return found


def _same(one: str, other: str) -> bool:
    """Whether two codes are one language; codes that nobody knows are compared as they are."""
    try:
        return one == other or same_language(one, other)
    except LanguageError:
        return False
