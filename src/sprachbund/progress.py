"""What long work says while it runs: a bar on a terminal, silence elsewhere, warnings on standard error.

Warnings go through Python's `logging` under the name ``sprachbund``; the command line sends them to
standard error, a program that imports us decides for itself.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sprachbund.visible import visible

logger = logging.getLogger("sprachbund")


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


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Progress]:
    """A bar on standard error if that is a terminal, otherwise silence.

    Args:
        title: what is being done.
        total: units of work, or None where it is not known.
    """
    if not sys.stderr.isatty():
        yield Silent()
        return
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
