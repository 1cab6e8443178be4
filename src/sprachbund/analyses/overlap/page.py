"""Overlaps as one page without a script: squares of cells in cluster order, light and dark, for phones and for print.

A cell's colour is mixed by the browser from the page's own colours by how much is in common, and the number stands in
it, so that nothing hangs on colour alone.
"""

from collections.abc import Sequence
from importlib.resources import files
from string import Template

import numpy as np
import polars as pl

from sprachbund.analyses.overlap.vocabularies import ALL, Overlap
from sprachbund.arrays import Float64
from sprachbund.report.markup import Markup, cell, details, element, join, table
from sprachbund.report.shell import head
from sprachbund.report.wording import language_name, share

__all__ = ["COVERAGE", "kinds", "render"]

COVERAGE = {
    "sentences": "training sentences",
    "template": "template text",
    "types": "types",
    "tokens": "tokens",
    "kept_types": "types kept",
    "kept_tokens": "tokens kept",
    "own_types": "held-out types known to its own",
    "own_tokens": "tokens",
    "pooled_types": "known to all together",
    "pooled_tokens": "tokens",
}
"""The columns of the table of coverage and what they are called."""
_SQUARES = (
    ("jaccard", "Jaccard index: |A ∩ B| / |A ∪ B|"),
    ("directed", "Directed overlap: |row ∩ column| / |row|"),
    ("jaccard_apart", "Jaccard index without template text"),
    ("directed_apart", "Directed overlap without template text"),
)


def render(found: Overlap, title: str) -> str:
    """The page as a string."""
    here = files("sprachbund.analyses.overlap")
    first, *others = kinds(found)
    return Template(here.joinpath("overlap.html").read_text(encoding="utf-8")).substitute(
        head=head(title, "", here.joinpath("overlap.css").read_text(encoding="utf-8")),
        title=join(title),
        squares=_squares(found, *first),
        coverage=_coverage(found.coverage),
        others=join(
            details(ngrams if ngrams != ALL else f"n-grams in {script}", _squares(found, ngrams, script))
            for ngrams, script in others
        ),
    )


def kinds(found: Overlap) -> list[tuple[str, str]]:
    """(kind of n-gram, script) of all that was counted, all n-grams first."""
    return found.pairs.select("ngrams", "script").unique(maintain_order=True).rows()


def _squares(found: Overlap, ngrams: str, script: str) -> Markup:
    return element(
        "div",
        (_square(found.languages, found.matrix(value, ngrams, script), heading) for value, heading in _SQUARES),
        class_="squares",
    )


def _square(languages: Sequence[str], values: Float64, heading: str) -> Markup:
    """Colours reach from nothing to the most that two languages have in common."""
    beside = values[~np.eye(len(languages), dtype=bool)]
    most = float(np.nanmax(beside)) if np.isfinite(beside).any() else 0.0
    rows = [
        [element("abbr", one, title=language_name(one)) if language_name(one) else one]
        + [
            cell("", class_="self")
            if one == other
            else cell(
                share(values[row, column]).removesuffix("%"),
                style=f"--part: {100 * values[row, column] / most:.0f}%" if most and values[row, column] > 0 else None,
                title=f"{one}, {other}: {share(values[row, column], 2)}",
            )
            for column, other in enumerate(languages)
        ]
        for row, one in enumerate(languages)
    ]
    return table(f"{heading}, in %", [["", *languages]], rows, class_="square")


def _coverage(frame: pl.DataFrame) -> Markup:
    rows = [
        [line["language"]]
        + [share(line[name]) if frame.schema[name] == pl.Float64 else f"{line[name]:,}" for name in COVERAGE]
        for line in frame.iter_rows(named=True)
    ]
    return table("Of words and bigrams together", [["", *COVERAGE.values()]], rows, class_="numbers")
