"""What is known of the documents of a segment besides their text, in columns: titles, dates, metadata.

Read from the records once, when first a query asks for it, and kept: a number a document and column, each distinct
value once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Int32, Int64
from sprachbund.search.dates import FIRST, Dates, read_date
from sprachbund.search.records import Records
from sprachbund.search.wording import Wording, worded

AT_ONCE = 2_000
_NO_DATE = -1


@dataclass(frozen=True)
class Column:
    """A column of metadata.

    Attributes:
        codes: int32 [documents], the number of a value, -1 where the document has none. values: each once.
    """

    codes: Int32
    values: tuple[str, ...]
    language: str = field(repr=False)
    folds: tuple[str, ...] = field(repr=False)

    @cached_property
    def wording(self) -> Wording:
        """The words of the values."""
        return worded(self.values, self.language, self.folds)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Where each value stands."""
        return {value: number for number, value in enumerate(self.values)}

    def of(self, chosen: Flags) -> Flags:
        """The documents whose value is among some: bool [values] to bool [documents]."""
        return np.append(chosen, False)[self.codes]


@dataclass(frozen=True)
class Catalogue:
    """The documents of a segment.

    Attributes:
        first: int64 [documents + 1], where the passages of each begin. written: their titles, in ``language``.
        folds: of the index.
        columns: by name. days: int64 [2, documents], the first and the last day of a document's date; -1 for none.
    """

    first: Int64
    written: tuple[str, ...]
    language: str
    folds: tuple[str, ...]
    columns: dict[str, Column]
    days: Int64

    @cached_property
    def titles(self) -> Wording:
        """The words of the titles; found when first they are asked for."""
        return worded(self.written, self.language, self.folds)

    def dated(self, dates: Dates) -> Flags:
        """The documents whose date has a day in common with some: bool [documents]."""
        found: Flags = (self.days[0] <= dates.last) & (self.days[1] >= max(dates.first, FIRST))
        return found

    def passages(self, documents: Flags) -> Flags:
        """The passages of documents: bool [documents] to bool [passages]."""
        return np.repeat(documents, np.diff(self.first))


def read_catalogue(records: Records, language: str, folds: tuple[str, ...]) -> Catalogue:
    """Read it from the records of a segment.

    Args:
        folds: of the index, see `forms`.

    Raises:
        FolderError: the records are damaged.
    """
    titles: list[str] = []
    ends: list[int] = []
    metas: list[dict[str, Any]] = []
    low = 0
    while found := records.documents(low, AT_ONCE):
        for record in found:
            titles.append(record.title)
            ends.append(record.last)
            metas.append(dict(record.meta))
        low = found[-1].number + 1
    if len(titles) != records.count or not ends or ends[-1] != records.passage_count or ends != sorted(ends):
        raise records.damaged("its documents do not hold its passages")
    columns = _columns(metas, language, folds)
    days = np.full((2, len(titles)), _NO_DATE, np.int64)
    if "date" in columns:
        known = [read_date(value) for value in columns["date"].values]
        each = np.array([(day.first, day.last) if day else (_NO_DATE, _NO_DATE) for day in known], np.int64)
        days = np.vstack((each, np.full((1, 2), _NO_DATE)))[columns["date"].codes].T
    return Catalogue(np.array([0, *ends], np.int64), tuple(titles), language, folds, columns, days)


def _columns(metas: Sequence[dict[str, Any]], language: str, folds: tuple[str, ...]) -> dict[str, Column]:
    codes: dict[str, Int32] = {}
    values: dict[str, dict[str, int]] = {}
    for number, meta in enumerate(metas):
        for name, value in meta.items():
            if name not in codes:
                codes[name], values[name] = np.full(len(metas), -1, np.int32), {}
            own = values[name]
            codes[name][number] = own.setdefault(value, len(own))
    return {name: Column(codes[name], tuple(values[name]), language, folds) for name in codes}
