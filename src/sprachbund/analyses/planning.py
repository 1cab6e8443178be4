"""How much text and how many seeds before an effect of a given size can be seen: asked of a study, or of a world.

A study knows how its items scatter, between documents, inside them and between trainings; larger and smaller studies
are drawn from it (`statistics.power`). Where there is no study yet, a simulated world's scatter stands in
(``scatter.json``, measured by benchmarks/simulated.py): good for an order of magnitude, and no more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.corpus.splits import DEFAULT_SHARES, TEST
from sprachbund.errors import FolderError, SettingsError
from sprachbund.lab.declaration import Declaration, declaration_of
from sprachbund.lab.measures import Measure
from sprachbund.languages import among
from sprachbund.statistics.power import Measured, Power, Scatter, measure, scatter, smallest_effects
from sprachbund.studies.items import NULL, Cell, cells
from sprachbund.tables import read_table

__all__ = ["Planned", "documents_needed", "plan_study", "plan_world"]

SEEDS = (1, 3, 5, 10)
FACTORS = (0.25, 0.5, 1, 2, 4, 8)
WORLD_DOCUMENTS = (30, 100, 300, 1_000, 3_000)
MOST_DOCUMENTS = 1_000_000
_STEP = 1.1
_REMEDY = "run the study again"


@dataclass(frozen=True)
class Planned:
    """What studies of one language would see.

    Attributes:
        task, language: of the items; "" where no study was asked. arm, against: what is compared.
        measure: its title. documents, items: of the test side that was measured. seeds: trainings measured.
        sentences: of text in all for each document of the test side, about; NaN where it is not known.
        against_mean: the mean of the other arm. scatter: of the difference. powers: a cell of the table each.
        needed: by number of seeds the test documents at which the effect that was asked for is seen; None where no
            amount of text does it.
    """

    task: str
    language: str
    arm: str
    against: str
    measure: str
    documents: int
    items: int
    seeds: int
    sentences: float
    against_mean: float
    scatter: Scatter
    powers: tuple[Power, ...]
    needed: dict[int, int | None]


def documents_needed(measured: Measured, effect: float, seeds: int) -> int | None:
    """The fewest documents of which four studies in five see an effect, to 10 in 100; None where none do.

    Args:
        effect: as a fraction of the other arm's mean, above 0.
    """
    if not effect > 0:
        raise SettingsError(f"an effect is above 0, as 0.05 for 5%, found {effect:g}")
    low, high = 2, MOST_DOCUMENTS
    if _seen(measured, high, seeds) > effect:
        return None
    while high > low * _STEP and high - low > 1:
        middle = round((low * high) ** 0.5)
        low, high = (low, middle) if _seen(measured, middle, seeds) <= effect else (middle, high)
    return high


def _seen(measured: Measured, documents: int, seeds: int) -> float:
    """The smallest effect that is seen, of fewer studies than a table's, since it is asked again and again."""
    (found,) = smallest_effects(measured, [documents], [seeds], studies=400)
    return found.effect


def plan_study(
    study: Path | str,
    effect: float,
    *,
    arm: str | None = None,
    against: str | None = None,
    languages: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    documents: Sequence[int] | None = None,
    seeds: Sequence[int] = SEEDS,
) -> list[Planned]:
    """Plan from the items of a finished study, a row a task and language, in the pool that decides.

    Args:
        effect: that is to be seen, as a fraction of the other arm's mean.
        arm, against: what is compared; by default what the study was asked, as pooled against alone.
        documents: of the test side; by default what the study has, halved and doubled.

    Raises:
        FolderError: no study, or a damaged one. SettingsError: it lacks the arm. LanguageError: it lacks the language.
    """
    folder = Path(study)
    declared, measures = _declared(folder)
    items = _items(folder, declared, measures)
    pool = declared.pools[0].name
    items = items.filter(pl.col("pool") == pool)
    found = sorted(items["language"].unique().to_list())
    wanted = among(languages, found, f"{folder}:") if languages else found
    arms = items["arm"].unique().to_list()
    one, other = _asked(arm, against, arms, declared, folder)
    sizes = _sizes(folder)
    planned = []
    for cell in cells(items.filter(pl.col("arm").is_in([one, other])), measures[:1]):
        if cell.language in wanted and (not tasks or cell.task in tasks):
            planned.append(_planned(cell, one, other, effect, documents, seeds, sizes.get((cell.task, cell.language))))
    if not planned:
        raise SettingsError(f"{folder}: has no items of {', '.join(tasks or wanted)} to plan with")
    return planned


def plan_world(
    effect: float, *, documents: Sequence[int] = WORLD_DOCUMENTS, seeds: Sequence[int] = SEEDS
) -> list[Planned]:
    """Plan without a study: pooled against alone in a simulated world, next sentence prediction."""
    said: dict[str, Any] = json.loads(
        resources("sprachbund.analyses").joinpath("scatter.json").read_text(encoding="utf-8")
    )
    measured = _made_up(said)
    each = said["items_per_document"]
    return [
        Planned(
            "", "", "pooled", "alone", "MRR", len(measured.items), int(measured.items.sum()), measured.seeds,
            each / said["items_per_sentence"] / DEFAULT_SHARES[TEST], said["against"], scatter(measured),
            tuple(smallest_effects(measured, documents, seeds)),
            {count: documents_needed(measured, effect, count) for count in seeds},
        )
    ]  # fmt: skip


def _made_up(said: dict[str, Any], documents: int = 2_000, trainings: int = 20) -> Measured:
    """Normal differences of the scatter that was measured."""
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(documents), round(said["items_per_document"]))
    of_items = max(0.0, said["items"] ** 2 - said["items_by_seed"] ** 2 / said["trainings"]) ** 0.5
    values = generator.normal(0, said["documents"], documents)[groups][:, None]
    values = values + generator.normal(0, of_items, len(groups))[:, None]
    values = values + generator.normal(0, said["items_by_seed"], (len(groups), trainings))
    of_seeds = generator.normal(0, 1, trainings)
    values += said["seeds"] * (of_seeds - of_seeds.mean()) / of_seeds.std(ddof=1)
    return measure(values, groups, said["against"])


def _declared(folder: Path) -> tuple[Declaration, tuple[Measure, ...]]:
    """A study's declaration, and its measures with what makes them of an item's columns, which its kind knows."""
    from sprachbund.files import read_json, require_fields
    from sprachbund.lm.declared import DECLARATION as LM
    from sprachbund.retrieval.declared import DECLARATION as RETRIEVAL
    from sprachbund.studies.writing import FORMAT, KIND, MANIFEST

    path = folder / MANIFEST
    if not path.is_file():
        raise FolderError(f"{folder}: expected a study folder, but it has no {MANIFEST}; run the study first")
    said = read_json(path, _REMEDY)
    if not isinstance(said, dict):
        raise FolderError(f"{path}: damaged, expected an object, found {type(said).__name__}; {_REMEDY}")
    require_fields(path, said, {"kind": str, "format": int, "declaration": dict})
    if said["kind"] != KIND or said["format"] != FORMAT:
        raise FolderError(
            f"{folder}: expected a study of format {FORMAT}, found {said['kind'][:40]!r}, {said['format']}"
        )
    declared = declaration_of(said["declaration"], str(path))
    known = {each.name: each for each in (RETRIEVAL, LM)}
    if declared.name not in known:
        raise SettingsError(f"{folder}: a study of {declared.name[:40]!r}; planning knows {', '.join(known)}")
    return declared, known[declared.name].measures


def _items(folder: Path, declared: Declaration, measures: Sequence[Measure]) -> pl.DataFrame:
    """The items of a study, its null test left out."""
    columns: dict[str, Any] = {
        "task": pl.String, "language": pl.String, "arm": pl.String, "pool": pl.String,
        "seed": (pl.Int32, pl.Int64), "item": pl.String, "group": pl.Int64, "candidates": (pl.Int32, pl.Int64),
    }  # fmt: skip
    columns |= {name: pl.Float64 for each in measures[:1] for name in (each.value, each.weight)}
    frame = read_table(folder / "items.parquet", columns, _REMEDY, nulls=True)
    return frame.filter(~pl.col("pool").str.ends_with(NULL))


def _asked(
    arm: str | None, against: str | None, arms: Sequence[str], declared: Declaration, folder: Path
) -> tuple[str, str]:
    """The arms that are compared: those named, else the first pair of the declaration of which the study has both."""
    for name in (arm, against):
        if name is not None and name not in arms:
            raise SettingsError(f"{folder}: has no arm {name!r}; it has {', '.join(sorted(arms))}")
    if arm is not None and against is not None:
        return arm, against
    for pair in declared.pairs:
        one, other = arm or pair.arm, against or pair.against
        if one in arms and other in arms and one != other:
            return one, other
    raise SettingsError(f"{folder}: say what is compared, --arm and --against; it has {', '.join(sorted(arms))}")


def _sizes(folder: Path) -> dict[tuple[str, str], int]:
    """The sentences of each task and language, where the study's kind counts them."""
    path = folder / "languages.parquet"
    if not path.is_file():
        return {}
    try:
        frame = read_table(path, {"task": pl.String, "language": pl.String, "sentences": pl.Int64}, _REMEDY)
    except FolderError:
        return {}  # its kind counts something else
    return {(task, code): int(count) for task, code, count in frame.select("task", "language", "sentences").iter_rows()}


def _planned(
    cell: Cell,
    arm: str,
    against: str,
    effect: float,
    documents: Sequence[int] | None,
    seeds: Sequence[int],
    sentences: int | None,
) -> Planned:
    (measured_as,) = cell.measures
    values, weights = cell.values[0], cell.weights[0]
    sides = []
    for name in (arm, against):
        places = [place for place, (own, _) in enumerate(cell.columns) if own == name]
        sides.append(values[:, sorted(places, key=lambda place: cell.columns[place][1])])
    scale = weights.mean()  # a mean is values over weights: with weights of 1 the difference itself
    mean = float(sides[1].mean(axis=1).sum() / weights.sum())
    sign = 1.0 if measured_as.direction == "higher" else -1.0
    differences = sign * (sides[0] - sides[1])
    overall = differences.mean(axis=1).sum() / weights.sum()
    differences = (differences - overall * weights[:, None]) / scale
    measured = measure(differences, cell.groups, mean)
    count = len(measured.items)
    sizes = sorted({max(2, round(count * factor)) for factor in FACTORS}) if documents is None else documents
    return Planned(
        cell.task, cell.language, arm, against, measured_as.title, count, len(values), measured.seeds,
        float("nan") if sentences is None else sentences / count, mean, scatter(measured),
        tuple(smallest_effects(measured, sizes, seeds)),
        {each: documents_needed(measured, effect, each) for each in seeds},
    )  # fmt: skip
