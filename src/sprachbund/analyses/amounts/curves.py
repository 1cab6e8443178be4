"""The value of every arm against how much of a language is learned from: one curve out of several studies.

Studies that differ in nothing but the size of their targets judge the same items, since dev and test stay whole. So the
documents (speakers) of all of them are drawn together, and the interval of what is read off a curve is that of one draw
after the other.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.arrays import Float64
from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure
from sprachbund.lab.seen import seen
from sprachbund.statistics import bootstrap_means, is_better, weighted_means
from sprachbund.studies.items import Cell, cells, read_study_items

__all__ = ["Curve", "amount_reaching", "curves_of"]


@dataclass(frozen=True, eq=False)
class Curve:
    """The arms of a language over amounts of its training data.

    Attributes:
        amounts: rising, in examples of the kind. studies: the name of each.
        arms: by name float64 [1 + draws, amounts]: the value, then that of each draw; NaN where a study lacks the arm.
    """

    task: str
    language: str
    measure: Measure
    amounts: tuple[float, ...]
    studies: tuple[str, ...]
    arms: dict[str, Float64]


def curves_of(
    folders: dict[str, Path], sizes: dict[str, dict[tuple[str, str], float]], declared: Declaration, draws: int = 10_000
) -> Iterator[Curve]:
    """A curve a task and language that two studies or more judged with different amounts.

    Args:
        folders: of studies by their names. sizes: of each study the training examples by task and language.

    Raises:
        SettingsError: the studies were not judged on the same items.
    """
    measure, pool = declared.measures[0], declared.pools[0].name
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for name, folder in folders.items():
        items = read_study_items(folder, declared).filter(pl.col("pool") == pool)
        for cell in cells(items, (measure,)):
            found.setdefault((cell.task, cell.language), {})[name] = cell
    for (task, language), own in found.items():
        names = sorted(own, key=lambda name: sizes[name][task, language])
        amounts = tuple(sizes[name][task, language] for name in names)
        if len(set(amounts)) < 2:
            continue
        first = own[names[0]]
        if not all(_same_items(first, own[name]) for name in names):
            raise SettingsError(f"{task}, {language}: {', '.join(names)} were not judged on the same items")
        yield Curve(task, language, measure, amounts, tuple(names), _drawn(own, names, declared, draws))


def _same_items(one: Cell, other: Cell) -> bool:
    return np.array_equal(one.groups, other.groups) and np.array_equal(one.weights[0], other.weights[0])


def _drawn(own: dict[str, Cell], names: Sequence[str], declared: Declaration, draws: int) -> dict[str, Float64]:
    """The arms that are no baselines and no views, seeds averaged, of all studies in the same draws."""
    columns = [
        (place, arm, own[name].values[0][:, column])
        for place, name in enumerate(names)
        for column, (arm, _) in enumerate(own[name].columns)
        if seen(arm, declared).strategy and not seen(arm, declared).view
    ]
    table, first = np.stack([values for _, _, values in columns], axis=1), own[names[0]]
    seed = int.from_bytes(first.language.encode(), "little") % (1 << 63)
    drawn = bootstrap_means(table, first.groups, draws, seed, first.weights[0])
    every = np.concatenate((weighted_means(table, first.weights[0])[None], drawn))
    arms = dict.fromkeys(arm for _, arm, _ in columns)
    result = {arm: np.full((1 + draws, len(names)), np.nan) for arm in arms}
    for arm, curve in result.items():
        for place in range(len(names)):
            these = [number for number, (at, name, _) in enumerate(columns) if (at, name) == (place, arm)]
            if these:
                curve[:, place] = every[:, these].mean(axis=1)
    return result


def amount_reaching(amounts: Sequence[float], values: Float64, goal: float, measure: Measure) -> float:
    """The least amount with which a curve reaches a value; between two it is read off a line over their logarithms.

    Returns:
        the first amount where that is enough already, infinity where the value is never reached.
    """
    before: tuple[float, float] | None = None
    for amount, value in zip(amounts, values, strict=True):
        if math.isnan(value):
            continue
        if value == goal or is_better(value - goal, measure.direction):
            if before is None or before[1] == value:
                return amount
            share = (goal - before[1]) / (value - before[1])
            return float(math.exp(math.log(before[0]) + share * (math.log(amount) - math.log(before[0]))))
        before = amount, float(value)
    return math.inf
