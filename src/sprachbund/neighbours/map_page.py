"""``map.html``: all pairs as a heat map, a tree and a map, in one file that needs no network.

The page holds every number once and draws them itself, with some two hundred lines of its own and no library: a square
of cells, a tree and points on a net of meridians and parallels. There are no coastlines, since no small set of them
comes with an installed package. The page forbids itself every connection by a content policy.
"""

from importlib.resources import files
from string import Template
from typing import Any

import numpy as np

from sprachbund.neighbours.clustering import FUSED, tree_of
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.pairs import Matrix
from sprachbund.report.markup import element, join
from sprachbund.report.shell import head, safe_json

__all__ = ["page_data", "render"]

_DIGITS = 4


def render(matrix: Matrix) -> str:
    """The page as a string.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    here = files("sprachbund.neighbours")
    template = Template(here.joinpath("map.html").read_text(encoding="utf-8"))
    notes = element("ul", (element("li", note) for note in matrix.notes))
    title = f"How near {len(matrix.languages)} languages are"
    css = here.joinpath("map.css").read_text(encoding="utf-8")
    return template.substitute(
        head=head(title, "script-src 'unsafe-inline'; img-src data:", css),
        title=join(title),
        by=join(f"{len(matrix.measures)} measures of {_pairs(matrix):,} pairs"),
        notes=notes if matrix.notes else "",
        data=safe_json(page_data(matrix)),
        script=here.joinpath("map.js").read_text(encoding="utf-8"),
    )


def page_data(matrix: Matrix) -> dict[str, Any]:
    """What the page draws: languages, and of each measure its values, intervals and tree; numbers of four digits."""
    views = [_view(matrix, None), *(_view(matrix, measure) for measure in matrix.measures)]
    return {
        "languages": [
            {"code": code, "name": name, "family": family, "place": place}
            for code, name, family, place in zip(
                matrix.languages, matrix.names, matrix.families, matrix.places, strict=True
            )
        ],
        "views": views,
    }


def _view(matrix: Matrix, measure: Measure | None) -> dict[str, Any]:
    tree = tree_of(matrix, measure)
    made: dict[str, Any] = {
        "leaves": tree.leaves,
        "merges": [(left, right, _short(height)) for left, right, height in tree.merges],
        "without": tree.without,
    }
    count = range(len(matrix.languages))
    if measure is None:
        title = "all measures of text together"
        values = [[_short(matrix.scores[one, other]) for other in count] for one in count]
        return made | {"name": FUSED, "title": title, "unit": "", "nearer": "higher", "values": values}
    pairs = matrix.values[measure.name]
    sources = sorted({value.source for value in pairs.values() if value.value is not None})
    rows = [[_cell(pairs.get((one, other))) for other in count] for one in count]
    return made | {
        "name": measure.name,
        "title": measure.title,
        "unit": measure.unit,
        "family": measure.family,
        "nearer": measure.direction,
        "symmetric": measure.symmetric,
        "source": sources[0].partition(":")[0] if sources else "",
        "values": [[cell[0] for cell in row] for row in rows],
        # low, high, coverage, floor
        "more": [[cell[1:] if cell[0] is not None else 0 for cell in row] for row in rows],
    }


def _cell(value: Value | None) -> list[float | None]:
    if value is None or value.value is None:
        return [None]
    return [_short(each) for each in (value.value, value.low, value.high, value.coverage, value.floor)]


def _short(number: float | None) -> float | None:
    """Four digits; None for what is none, since JSON has no other word for it."""
    if number is None or not np.isfinite(number):
        return None
    return float(f"{number:.{_DIGITS}g}")


def _pairs(matrix: Matrix) -> int:
    count = len(matrix.languages)
    return count * (count - 1) // 2
