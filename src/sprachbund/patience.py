"""Waiting that Ctrl-C ends.

A library of tables installs a handler of signals after which the system goes on with a wait that has no end, as if
nothing had come; a wait with an end is broken off. So what waits here waits in slices.
"""

from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

__all__ = ["first_done", "result_of"]

_SLICE = 1.0
"""Seconds; an interrupt does not wait for them."""
Result = TypeVar("Result")


def first_done(pending: Iterable["Future[Result]"]) -> tuple[set["Future[Result]"], set["Future[Result]"]]:
    """The futures that are done, at least one, and the others."""
    waiting = set(pending)
    while True:
        done, others = wait(waiting, timeout=_SLICE, return_when=FIRST_COMPLETED)
        if done or not waiting:
            return done, others


def result_of(future: "Future[Result]") -> Result:
    """The future's result; what it raised is raised."""
    first_done([future])
    return future.result()
