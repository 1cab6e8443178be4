"""All pairs of some languages by all measures: the matrix behind the map, and a file for other programs.

Measures that are the same both ways are computed once a pair. What a measure says of a pair is put in one order with
what it says of the target's other pairs, as `asking.ask` does it, so a row of the matrix is the answer about its
language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import LanguageError, MissingDataError, SettingsError
from sprachbund.files import atomic_path
from sprachbund.languages import find, spoken
from sprachbund.neighbours.asking import COVERED, every_language, value_of
from sprachbund.neighbours.floors import floor_of, strangers, with_floor
from sprachbund.neighbours.fusing import fuse
from sprachbund.neighbours.identities import explained, same_language
from sprachbund.neighbours.listed import MEASURES
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.notes import left_out
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.uriel import family_of, place_of
from sprachbund.progress import Progress, Silent
from sprachbund.tables import write_parquet

__all__ = ["MOST", "Matrix", "compare_all", "to_dict", "to_frame", "write_pairs"]

MOST = 150
"""Languages of a matrix: beyond that nobody reads a square."""
FEWEST = 3
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """What every measure says of every pair.

    Attributes:
        languages: codes, sorted. names: in English. families, places: latitude and longitude; None where not known.
        measures: those that say something of at least one pair.
        values: by the measure's name and the places of target and candidate.
        scores: float64 [languages, languages], of each target (row) how near each other is, 1 to 0, by the fusion of
            the measures of text; NaN where none knows the pair, and on the diagonal.
        notes: what was left out and why, a line each.
    """

    languages: tuple[str, ...]
    names: tuple[str, ...]
    families: tuple[str | None, ...]
    places: tuple[tuple[float, float] | None, ...]
    measures: tuple[Measure, ...]
    values: Mapping[str, Mapping[tuple[int, int], Value]]
    scores: Floats
    notes: tuple[str, ...] = ()

    def table(self, measure: str) -> Floats:
        """The values of a measure: float64 [target, candidate], NaN without a value."""
        found = np.full((len(self.languages), len(self.languages)), np.nan)
        for pair, value in self.values[measure].items():
            if value.value is not None:
                found[pair] = value.value
        return found


def compare_all(
    sources: Sources,
    languages: Sequence[str] | None = None,
    *,
    measures: Sequence[Measure] | None = None,
    thorough: bool = False,
    progress: Progress | None = None,
) -> Matrix:
    """Every pair by every measure.

    Args:
        languages: codes or names; all that lists of words, treebanks and the corpus have if None.
        measures: those to ask; default: all, the slow ones where ``thorough``.

    Raises:
        LanguageError: nobody knows one. SettingsError: there are too few, or too many to be read.
        MissingDataError: no measure has any data.
    """
    codes = _codes(sources, languages)
    notes = [said for code in codes if (said := explained(code))]
    bar = progress or Silent()
    found: dict[str, dict[tuple[int, int], Value]] = {}
    asked, without = list[Measure](), list[tuple[str, str]]()
    unrelated = [set(strangers(sources, code, codes)) for code in codes]
    for measure in measures if measures is not None else [each for each in MEASURES if thorough or not each.slow]:
        bar.describe(measure.title)
        bar.advance()
        try:
            values = _values(measure, sources, codes)
        except MissingDataError as error:
            without.append((measure.title, str(error)))
            continue
        if all(value.value is None for value in values.values()):
            without.append((measure.title, "no pair has a value"))
            continue
        asked.append(measure)
        found[measure.name] = _with_floors(measure, values, codes, unrelated)
    notes += left_out(without, "without ")
    if not asked:
        raise MissingDataError(f"no measure has any data; {notes[-1] if notes else 'name a folder with --data'}")
    return Matrix(
        tuple(codes),
        tuple(find(code).name for code in codes),
        tuple(_or_none(family_of, sources, code) for code in codes),
        tuple(_or_none(place_of, sources, code) for code in codes),
        tuple(asked),
        found,
        _scores(codes, asked, found),
        tuple(notes),
    )


def to_frame(matrix: Matrix) -> pl.DataFrame:
    """A row a target, candidate and measure: value, low, high, coverage, floor, from; ``score`` is the fusion's."""
    rows = [
        (
            matrix.languages[one], matrix.languages[other], measure.name, value.value, value.low, value.high,
            value.coverage, value.floor, value.source, _known(matrix.scores[one, other]),
        )
        for measure in matrix.measures
        for (one, other), value in sorted(matrix.values[measure.name].items())
    ]  # fmt: skip
    numbers = dict.fromkeys(("value", "low", "high", "coverage", "floor"), pl.Float64)
    names = dict.fromkeys(("target", "candidate", "measure"), pl.String)
    return pl.DataFrame(rows, schema={**names, **numbers, "from": pl.String, "score": pl.Float64}, orient="row")


def to_dict(matrix: Matrix) -> dict[str, Any]:
    """As ``--json`` prints it."""
    count = range(len(matrix.languages))
    return {
        "languages": [
            {"language": code, "name": name, "family": family, "place": list(place) if place else None}
            for code, name, family, place in zip(
                matrix.languages, matrix.names, matrix.families, matrix.places, strict=True
            )
        ],
        "measures": [
            {"name": each.name, "title": each.title, "unit": each.unit, "nearer": each.direction, "family": each.family}
            for each in matrix.measures
        ],
        "pairs": [
            {
                "target": matrix.languages[one],
                "candidate": matrix.languages[other],
                "score": _known(matrix.scores[one, other]),
                "measures": {
                    measure.name: {
                        "value": value.value, "low": value.low, "high": value.high, "coverage": value.coverage,
                        "floor": value.floor, "from": value.source,
                    }
                    for measure in matrix.measures
                    if (value := matrix.values[measure.name][one, other])
                },
            }
            for one in count
            for other in count
            if one != other
        ],
    }  # fmt: skip


def write_pairs(matrix: Matrix, path: Path) -> None:
    """`to_frame` as Parquet, whole or not at all."""
    with atomic_path(path) as temporary:
        write_parquet(to_frame(matrix), temporary)


def _codes(sources: Sources, languages: Sequence[str] | None) -> list[str]:
    if isinstance(languages, str):
        raise LanguageError(f"expected a list of languages, found {languages[:100]!r}")
    named = [spoken(each) for each in languages] if languages is not None else every_language(sources)
    codes: list[str] = []
    for code in named:
        if not any(same_language(code, other) for other in codes):
            codes.append(code)
    if not FEWEST <= len(codes) <= MOST:
        raise SettingsError(
            f"a matrix is of {FEWEST} to {MOST} languages, found {len(codes)}; name them, as --languages pt,es,gl,it"
        )
    return sorted(codes)


def _values(measure: Measure, sources: Sources, codes: Sequence[str]) -> dict[tuple[int, int], Value]:
    found: dict[tuple[int, int], Value] = {}
    for one, target in enumerate(codes):
        for other, candidate in enumerate(codes):
            if one == other or (one, other) in found:
                continue
            found[one, other] = value_of(measure, sources, target, candidate)
            if measure.symmetric:
                found[other, one] = found[one, other]
    return found


def _with_floors(
    measure: Measure, values: Mapping[tuple[int, int], Value], codes: Sequence[str], unrelated: Sequence[set[str]]
) -> dict[tuple[int, int], Value]:
    """The floor of each target: its median to the languages of other families in the matrix."""
    found = {}
    for one in range(len(codes)):
        row = {code: values[one, other] for other, code in enumerate(codes) if other != one}
        floor = floor_of(measure, row, [code for code in row if code in unrelated[one]])
        for other, code in enumerate(codes):
            if other != one:
                found[one, other] = with_floor(measure, row[code], floor)
    return found


def _scores(
    codes: Sequence[str], measures: Sequence[Measure], values: Mapping[str, Mapping[tuple[int, int], Value]]
) -> Floats:
    of_text = [each for each in measures if each.text] or list(measures)
    found = np.full((len(codes), len(codes)), np.nan)
    for one in range(len(codes)):
        row = {
            codes[other]: {each.name: _counted(values[each.name][one, other]) for each in of_text}
            for other in range(len(codes))
            if other != one
        }
        for code, score in fuse(of_text, row).items():
            if score is not None:
                found[one, codes.index(code)] = score[0]
    return found


def _counted(value: Value) -> float | None:
    return value.value if value.coverage is None or value.coverage >= COVERED else None


def _or_none(ask: Any, sources: Sources, code: str) -> Any:
    try:
        return ask(sources, code)
    except MissingDataError:
        return None


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
