"""From items to tables: means with intervals, comparisons with verdicts.

A mean is the sum of the items' values over the sum of their weights. The seeds of an arm are averaged draw by draw
before arms are compared; intervals resample documents, then their items, and know how the seeds scatter. Claims about
every language carry Holm's correction over the languages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.lab.declaration import Declaration, NullTest
from sprachbund.lab.measures import Measure
from sprachbund.lab.seen import expand, seen
from sprachbund.lab.strategies import EVERYONE
from sprachbund.progress import Progress
from sprachbund.statistics import (
    Comparison,
    Enough,
    bootstrap_means,
    compare_draws,
    holm,
    interval,
    null_leaks,
    overall,
    weighted_means,
)
from sprachbund.studies.items import NULL, Cell, cells

__all__ = ["COMPARISONS", "RESULTS", "tabulate"]

RESULTS = (
    "task", "language", "arm", "strategy", "pool", "measure", "k", "unit", "direction", "seed", "value", "low", "high",
    "items", "documents", "weight", "candidates",
)  # fmt: skip
COMPARISONS = (
    "task", "language", "pool", "measure", "k", "unit", "direction", "arm", "against", "strategy", "absolute",
    "absolute_low", "absolute_high", "relative", "low", "high", "verdict", "p", "detectable", "items", "documents",
    "weight", "languages",
)  # fmt: skip
"""The columns of the tables, in their order; comparisons have ``p_holm`` besides."""
Draws = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Pair:
    arm: float
    against: float
    arm_draws: Draws
    against_draws: Draws
    arm_trainings: Draws
    against_trainings: Draws
    items: int
    documents: int
    weight: float
    leaks: bool = False


def tabulate(
    items: pl.DataFrame, declaration: Declaration, progress: Progress, draws: int = 10_000
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables ``results`` and ``comparisons``."""
    results: list[dict[str, Any]] = []
    leaking: set[tuple[str, str, str, str]] = set()
    if declaration.null is not None:
        planted = items.with_columns(pl.col("pool") + NULL)
        measures = [replace(m, value="null_value") for m in declaration.measures if m.value == "value"]
        for cell in cells(planted, measures):
            rows = list(_result_rows(cell, _draws(cell, draws), declaration))
            results += rows
            leaking |= {(*_place(cell), row["arm"]) for row in rows if _leaks(row, declaration.null)}
            progress.advance()
    compared: list[dict[str, Any]] = []
    kept: dict[tuple[Any, ...], list[_Pair]] = {}
    measures = list(declaration.measures)
    for cell in cells(items, measures):
        means = _draws(cell, draws)
        results += _result_rows(cell, means, declaration)
        for number, arm, against, pair in _pairs(cell, means, declaration):
            leaks = any((*_place(cell), name) in leaking for name in (arm, against))
            comparison = compare_draws(
                pair.arm,
                pair.against,
                pair.arm_draws,
                pair.against_draws,
                items=pair.items,
                documents=pair.documents,
                arm_trainings=pair.arm_trainings,
                against_trainings=pair.against_trainings,
                direction=measures[number].direction,
                enough=declaration.enough,
                leaks=leaks,
            )
            key = (cell.task, cell.pool, number, arm, against)
            compared.append(_comparison_row(key, cell.language, comparison, pair.weight, declaration))
            kept.setdefault(key, []).append(replace(pair, leaks=leaks))
        progress.advance()
    for key, pairs in kept.items():
        everyone = _over_languages(pairs, measures[key[2]], declaration.enough)
        weight = sum(pair.weight for pair in pairs)
        compared.append(_comparison_row(key, EVERYONE, everyone, weight, declaration))
    return _frame(results, RESULTS), _with_holm(compared)


def _place(cell: Cell) -> tuple[str, str, str]:
    return cell.task, cell.language, cell.pool.removesuffix(NULL)


def _leaks(row: Mapping[str, Any], null: NullTest) -> bool:
    return (row["measure"], row["k"]) == (null.measure, null.k) and null_leaks(
        row["low"], row["candidates"] or 0, null.tolerance
    )


def _draws(cell: Cell, draws: int) -> Draws:
    """Draws of the mean of every measure and column: float64 [1 + draws, measures, columns]; row 0 is the mean."""
    # documents of different languages are drawn independently, pools and tasks of one language alike
    seed = int.from_bytes(cell.language.encode(), "little") % (1 << 63)
    result = np.empty((1 + draws, len(cell.measures), len(cell.columns)))
    for weight in dict.fromkeys(measure.weight for measure in cell.measures):
        places = [place for place, measure in enumerate(cell.measures) if measure.weight == weight]
        table = np.concatenate([cell.values[place] for place in places], axis=1)
        weights = cell.weights[places[0]]
        drawn = bootstrap_means(table, cell.groups, draws, seed, weights)
        with_mean = np.concatenate((weighted_means(table, weights)[None], drawn))
        result[:, places] = with_mean.reshape(1 + draws, len(places), len(cell.columns))
    return result


def _result_rows(cell: Cell, means: Draws, declaration: Declaration) -> Iterable[dict[str, Any]]:
    for m, measure in enumerate(cell.measures):
        for c, (arm, seed) in enumerate(cell.columns):
            low, high = interval(means[1:, m, c])
            yield {
                "task": cell.task,
                "language": cell.language,
                "arm": arm,
                "strategy": seen(arm, declaration).strategy,
                "pool": cell.pool,
                "measure": measure.name,
                "k": measure.k,
                "unit": measure.unit,
                "direction": measure.direction,
                "seed": seed,
                "value": means[0, m, c],
                "low": low,
                "high": high,
                "items": len(cell.groups),
                "documents": len(np.unique(cell.groups)),
                "weight": float(cell.weights[m].sum()),
                "candidates": cell.candidates or None,
            }


def _pairs(cell: Cell, means: Draws, declaration: Declaration) -> Iterable[tuple[int, str, str, _Pair]]:
    """(measure, arm, against, pair) of every pair of arms that is there, the seeds of an arm averaged."""
    of_arm: dict[str, list[int]] = {}
    for c, (arm, _) in enumerate(cell.columns):
        of_arm.setdefault(arm, []).append(c)
    documents = len(np.unique(cell.groups))
    wanted = expand(declaration.pairs, list(of_arm), declaration)
    for m, _ in enumerate(cell.measures):
        trained = {arm: means[:, m, places] for arm, places in of_arm.items()}
        averaged = {arm: each.mean(axis=1) for arm, each in trained.items()}
        weight = float(cell.weights[m].sum())
        for arm, against, _ in wanted:
            one, other = averaged[arm], averaged[against]
            yield (
                m, arm, against,
                _Pair(
                    float(one[0]), float(other[0]), one[1:], other[1:], trained[arm][0], trained[against][0],
                    len(cell.groups), documents, weight,
                ),
            )  # fmt: skip


def _over_languages(pairs: Sequence[_Pair], measure: Measure, enough: Enough) -> Comparison:
    """The geometric mean over the languages that have enough items and do not leak; over all if none has."""
    having = [pair for pair in pairs if enough.holds(pair.items, pair.documents)]
    used = having or list(pairs)
    return overall(
        np.array([pair.arm for pair in used]),
        np.array([pair.against for pair in used]),
        np.stack([pair.arm_draws for pair in used]),
        np.stack([pair.against_draws for pair in used]),
        arm_trainings=_trainings([pair.arm_trainings for pair in used]),
        against_trainings=_trainings([pair.against_trainings for pair in used]),
        items=sum(pair.items for pair in having),
        documents=sum(pair.documents for pair in having),
        direction=measure.direction,
        enough=enough,
        leaks=any(pair.leaks for pair in used),
    )


def _trainings(of_languages: Sequence[Draws]) -> Draws | None:
    """What every training found, [languages, trainings]; None where languages have not as many of them."""
    counts = {len(each) for each in of_languages}
    return np.stack(of_languages) if len(counts) == 1 else None


def _comparison_row(
    key: tuple[Any, ...], language: str, comparison: Comparison, weight: float, declaration: Declaration
) -> dict[str, Any]:
    task, pool, number, arm, against = key
    measure = declaration.measures[number]
    return {
        "task": task,
        "language": language,
        "pool": pool,
        "measure": measure.name,
        "k": measure.k,
        "unit": measure.unit,
        "direction": measure.direction,
        "arm": arm,
        "against": against,
        "strategy": seen(arm, declaration).strategy,
        "absolute": comparison.absolute,
        "absolute_low": comparison.absolute_low,
        "absolute_high": comparison.absolute_high,
        "relative": comparison.relative,
        "low": comparison.low,
        "high": comparison.high,
        "verdict": comparison.verdict,
        "p": comparison.p,
        "detectable": comparison.detectable,
        "items": comparison.items,
        "documents": comparison.documents,
        "weight": weight,
        "languages": comparison.languages,
    }


_TEXTS = ("task", "language", "pool", "measure", "unit", "direction", "arm", "against", "strategy", "verdict")
_WHOLE = ("k", "seed", "items", "documents", "candidates", "languages")


def _frame(rows: list[dict[str, Any]], columns: Sequence[str]) -> pl.DataFrame:
    """Rows as a table of these columns, also where there are none."""
    types: dict[str, Any] = dict.fromkeys(_TEXTS, pl.String) | dict.fromkeys(_WHOLE, pl.Int64)
    return pl.DataFrame(rows, schema={name: types.get(name, pl.Float64) for name in columns})


def _with_holm(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Add ``p_holm``: corrected over the languages of one task, pool, measure and pair."""
    frame = _frame(rows, COMPARISONS).with_row_index("row")
    corrected = np.full(frame.height, np.nan)
    keys = ["task", "pool", "measure", "k", "arm", "against"]
    single = frame.filter(pl.col("language") != EVERYONE)
    for _, part in single.group_by(keys, maintain_order=True):
        places = part["row"].to_numpy()
        p = part["p"].to_numpy()
        known = ~np.isnan(p)
        corrected[places[known]] = holm(p[known])
    return frame.drop("row").with_columns(pl.Series("p_holm", corrected).fill_nan(None))
