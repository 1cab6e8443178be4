"""The dictionary of two spaces, judged by people's where there is one, beside a control; written as a table."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.lexicon import Cognates
from sprachbund.errors import CorpusError
from sprachbund.files import atomic_path
from sprachbund.vectors.aligning import FREQUENT, align, aligned_by, for_json
from sprachbund.vectors.alignment import Alignment
from sprachbund.vectors.inducing import Judged, Precision, induce, judge, shuffled
from sprachbund.vectors.seeds import learned_cognates
from sprachbund.vectors.space import Space

__all__ = ["Induced", "induced_and_judged", "write_induced"]

COLUMNS = ("start", "target", "weight", "rank", "mutual")
_LIGHTEST = 0.01


@dataclass(frozen=True, eq=False)
class Induced:
    """A dictionary of two spaces.

    Attributes:
        pairs: as `inducing.induce` gives them. alignment: that it is of.
        judged: by people's dictionary, None without. control: the same where vectors are dealt to other words.
    """

    pairs: pl.DataFrame
    alignment: Alignment
    judged: Judged | None = None
    control: Judged | None = None

    def first(self) -> list[tuple[str, str, float]]:
        """(left, right, score) of the words that are each other's first, the most frequent first."""
        return self.pairs.filter("mutual").select("left", "right", "score").rows()

    def rows(self) -> list[tuple[str, Precision, Precision]]:
        """(which words, precision, that of the control) of all words, and of those not spelled alike."""
        assert self.judged is not None and self.control is not None
        return [
            ("all", self.judged.all, self.control.all),
            ("not spelled alike", self.judged.unlike, self.control.unlike),
        ]

    def for_json(self) -> dict[str, Any]:
        """For JSON: the dictionary as (left, right, score), all of the first ranks."""
        first = self.pairs.filter(pl.col("rank") == 1).select("left", "right", "score", "mutual")
        return {
            "alignment": for_json(self.alignment),
            "pairs": first.rows(named=True),
            "judged": None if self.judged is None else self.judged.for_json(),
            "control": None if self.control is None else self.control.for_json(),
        }


def induced_and_judged(
    left: Space,
    right: Space,
    alignment: Alignment | None = None,
    truth: Path | str | Iterable[tuple[str, str]] | None = None,
    *,
    most: int = FREQUENT,
    k: int = 5,
    cognates: Cognates | None = None,
    force: bool = False,
) -> Induced:
    """Induce the dictionary of two spaces, and judge it.

    Args:
        alignment: None: made now, from words that are spelled alike. truth: people's dictionary, or its file; words
            whose pairs were learned from, or are spelled alike by ``cognates``, are told apart.

    Raises:
        CorpusError, SettingsError: as `aligning.align`; or no word of ``truth`` can be asked.
    """
    if cognates is None and (alignment is None or truth is not None):
        try:
            cognates = learned_cognates(left, right)
        except CorpusError:
            cognates = None
    if alignment is None:
        alignment = align(left, right, cognates=cognates, force=force)
    pairs = induce(left, right, alignment, most, max(k, 5))
    shown = pairs.filter(pl.col("rank") <= k)
    if truth is None:
        return Induced(shown, alignment)
    given = list(read_dictionary(truth).pairs if isinstance(truth, Path | str) else truth)
    taught = alignment.pairs.filter(pl.col("origin") == "dictionary").select("left", "right").rows()
    apart = [] if cognates is None else cognates.pairs.select("left", "right").rows()
    judged = judge(pairs, given, left, right, apart=apart, without=taught)
    dealt = replace(right, vectors=shuffled(right.vectors))
    chance = induce(left, dealt, _again(left, dealt, alignment), most, 5)
    return Induced(shown, alignment, judged, judge(chance, given, left, dealt, apart=apart, without=taught))


def _again(left: Space, right: Space, alignment: Alignment) -> Alignment:
    """The same pairs learned from again, on other vectors: the control has all that the alignment had."""
    rows = alignment.pairs.select("left", "right").rows()
    return aligned_by(left, right, rows, weighted=alignment.about.get("weighted") is not False)


def write_induced(pairs: pl.DataFrame, path: Path | str) -> None:
    """Write all pairs, a line each, under a line of names: columns that ``train --carry`` and ``align`` read."""
    weight = ((pl.col("score") + 2) / 4).clip(lower_bound=_LIGHTEST).cast(pl.Float64).round(4)
    frame = pairs.select(start="left", target="right", weight=weight, rank="rank", mutual="mutual")
    lines = ["\t".join(COLUMNS), *("\t".join(map(str, row)) for row in frame.iter_rows())]
    with atomic_path(Path(path)) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
