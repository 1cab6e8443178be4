"""Dates as documents and people write them: a year, a month or a day, and from one to another.

A date is an interval: 2020 is the whole year. A document fits where its interval and the one asked for have a day in
common, so that a document of which only the year is known is not lost.
"""

import calendar
import re
from dataclasses import dataclass

from sprachbund.errors import SettingsError

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?=T|\s|\Z)")
FIRST, LAST = 0, 99_99_99_99
"""Before and after all days."""


@dataclass(frozen=True)
class Dates:
    """The days from ``first`` to ``last``, both among them, each as a number YYYYMMDD."""

    first: int
    last: int


def read_date(text: str) -> Dates | None:
    """The days of a date in ISO 8601: a year, a month, a day, or a day with its time; None for anything else."""
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if month > 12 or (found[2] and not month) or (found[3] and not day):
        return None
    most = calendar.monthrange(max(1, year), month or 12)[1]
    if day > most:
        return None
    first = year * 10_000 + (month or 1) * 100 + (day or 1)
    return Dates(first, year * 10_000 + (month or 12) * 100 + (day or most))


def read_dates(text: str) -> Dates | None:
    """A date, or from one to another as ``2020..2021``, ``2020..`` and ``..2021``; None for anything else."""
    begin, dots, end = text.partition("..")
    if not dots:
        return read_date(text)
    first, last = (read_date(part) if part else Dates(FIRST, LAST) for part in (begin, end))
    if first is None or last is None or not (begin or end):
        return None
    return Dates(first.first, last.last)


def between(since: str, until: str) -> Dates | None:
    """The days from one date to another; None where neither is given.

    Raises:
        SettingsError: one is no date.
    """
    if not since and not until:
        return None
    for name, text in (("since", since), ("until", until)):
        if text and read_date(text) is None:
            raise SettingsError(f"{name}: expected a date as 2020, 2020-05 or 2020-05-17, found {text!r}")
    return read_dates(f"{since}..{until}")
