"""The seam: what is asked of whatever carries out jobs, and what stands on it.

An engine starts a job that says what it needs, says what it has, and is closed; local processes (`processes.py`) and a
cluster (`cluster.py`) are engines, and another one is another file. A job's result is a future of the standard library,
so whoever waits for it need not know where it is made. What a job raises comes home as it was raised; one whose worker
is lost ends in a `CapacityError`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sprachbund.patience import result_of

__all__ = ["ONE", "Engine", "Needs", "Resources", "in_order", "told"]

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Needs:
    """What a job needs while it runs.

    Attributes:
        processors: of which each is a thread of kernels and matrix products. memory: bytes, 0 where nobody knows.
        gpus: of one machine.
    """

    processors: int = 1
    memory: int = 0
    gpus: int = 0


ONE = Needs()
"""A processor."""


@dataclass(frozen=True)
class Resources:
    """What an engine has, over all its machines.

    Attributes:
        machines: how many. processors, gpus, memory: in all; bytes.
        share: bytes of memory that each of the jobs has that fill a machine, a processor each.
    """

    machines: int
    processors: int
    memory: int
    gpus: int
    share: int


class Engine(Protocol):
    """Carries out jobs."""

    def start(self, work: Callable[..., Result], *arguments: Any, needs: Needs = ONE) -> "Future[Result]":
        """Carry out ``work(*arguments)`` when what it needs is free; a future that is cancelled is not waited for.

        Args:
            work: a picklable callable (a module's function, or a dataclass with ``__call__``).

        Raises:
            CapacityError: no machine has what the job needs.
        """

    def resources(self) -> Resources:
        """What there is."""

    def close(self) -> None:
        """End what runs and let go of everything."""


def in_order(
    engine: Engine, work: Callable[[Task], Result], tasks: Iterable[Task], *, ahead: int, needs: Needs = ONE
) -> Iterator[Result]:
    """What ``work`` makes of each task, in the order of the tasks.

    Args:
        ahead: tasks that are under way, or done and not yet asked for, at most: that bounds the memory.
    """
    pending: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            if len(pending) >= ahead:
                yield result_of(pending.popleft())
            pending.append(engine.start(work, task, needs=needs))
        while pending:
            yield result_of(pending.popleft())
    finally:
        for future in pending:
            future.cancel()


def told(inner: "Future[Any]", error_of: Callable[[BaseException], BaseException]) -> "Future[Any]":
    """A future that ends as another does, with its error in our words."""
    outer: Future[Any] = Future()

    def ended(future: "Future[Any]") -> None:
        with suppress(InvalidStateError):  # who waited has gone
            if future.cancelled():
                outer.cancel()
            elif (error := future.exception()) is not None:
                outer.set_exception(error_of(error))
            else:
                outer.set_result(future.result())

    inner.add_done_callback(ended)
    return outer
