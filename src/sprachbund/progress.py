"""What long work says while it runs: a bar on a terminal, a line every half minute elsewhere, warnings.

Lines and warnings go through Python's `logging` under the name ``sprachbund``, lines at the level `LINES` between INFO
and WARNING. The command line sends them to standard error, ``--quiet`` neither; a program that imports us decides for
itself, and hears no lines unless it asks for that level.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sprachbund.visible import visible

logger = logging.getLogger("sprachbund")
LINES = 25
"""The level of lines about progress."""
EVERY = 30.0
"""Seconds between two of them."""
_REMEMBERED = 10
"""Lines that the rate is taken from: work that slows down is noticed, a hiccup is not all there is."""
logging.addLevelName(LINES, "PROGRESS")


@contextmanager
def hushed() -> Iterator[None]:
    """Let warnings go unheard, in processes started meanwhile too: of work that is only tried."""
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class Progress(Protocol):
    """What a long function reports to."""

    def advance(self, amount: float = 1) -> None:
        """``amount`` units more are done."""

    def describe(self, text: str) -> None:
        """Show ``text`` beside the bar."""


class Silent:
    """A progress that shows nothing."""

    def advance(self, amount: float = 1) -> None:
        """Do nothing."""

    def describe(self, text: str) -> None:
        """Do nothing."""


class Tally:
    """Progress as a line of text, from what was done at the times of the last lines.

    Args:
        title, total: as for `progress`. now: the time of the start in seconds.
    """

    def __init__(self, title: str, total: float | None, now: float) -> None:
        self.title, self.total, self.text, self.done = title, total, "", 0.0
        self._began = now
        self._seen = deque([(now, 0.0)], _REMEMBERED)

    def advance(self, amount: float = 1) -> None:
        """Count ``amount`` units more."""
        self.done += amount

    def describe(self, text: str) -> None:
        """Show ``text`` beside the title."""
        self.text = text

    def line(self, now: float) -> str:
        """``training (batches): 1,200 of 5,000 (24%), 3 min so far, about 10 min left``."""
        started, before = self._seen[0]
        rate = (self.done - before) / (now - started) if now > started else 0.0
        self._seen.append((now, self.done))
        parts = [f"{self.done:,.0f}" if self.total is None else f"{self.done:,.0f} of {self.total:,.0f}"]
        if self.total:
            parts[0] += f" ({min(1.0, self.done / self.total):.0%})"
        parts.append(f"{duration(now - self._began)} so far")
        if self.total and rate > 0 and self.done < self.total:
            parts.append(f"about {duration((self.total - self.done) / rate)} left")
        return f"{' '.join(filter(None, (self.title, self.text)))}: {', '.join(parts)}"


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3.5 h``: as exact as anybody needs who waits."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Progress]:
    """A bar on standard error if that is a terminal, otherwise a line every half minute.

    Args:
        title: what is being done.
        total: units of work, or None where it is not known.
    """
    if not logger.isEnabledFor(logging.WARNING):
        yield Silent()
    elif sys.stderr.isatty():
        with _bar(title, total) as bar:
            yield bar
    else:
        with _lines(title, total) as lines:
            yield lines


@contextmanager
def _lines(title: str, total: float | None) -> Iterator[Progress]:
    tally, ended = Tally(title, total, time.monotonic()), threading.Event()

    def tell() -> None:
        while not ended.wait(EVERY):
            logger.log(LINES, "%s", tally.line(time.monotonic()))

    # by a thread: a step that takes minutes is told of as well
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield tally
    finally:
        ended.set()
        teller.join()


@contextmanager
def _bar(title: str, total: float | None) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),  # a file may be called [red]
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(visible(title), total=total)

        class Bar:
            def advance(self, amount: float = 1) -> None:
                bars.advance(task, amount)

            def describe(self, text: str) -> None:
                bars.update(task, description=visible(f"{title} {text}"))

        yield Bar()
