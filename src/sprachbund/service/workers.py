"""The threads that search and encode: they take what is fairly next, and stop where nobody waits for an answer.

Threads pull their work themselves, so that none is idle until the event loop gets to hand it the next piece.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from sprachbund.service.fairness import Fair, Waiting
from sprachbund.service.problems import Problem

Result = TypeVar("Result")
Hurry = Callable[[], None]
KEPT = 0.1
"""The weight of the newest piece in the means of what pieces cost and take."""


@dataclass(eq=False)
class Job:
    """A piece of work and who waits for it.

    Attributes:
        task: the work; is given `hurry` to call between steps. deadline: by `time.monotonic`.
        gone: nobody waits any more.
    """

    task: Callable[[Hurry], Any]
    deadline: float
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    gone: bool = False

    def hurry(self) -> None:
        """Stop work that nobody waits for.

        Raises:
            Problem: the caller has gone, or was told that it took too long.
        """
        if self.gone or time.monotonic() > self.deadline:
            late = "the request waited too long for a processor; try again later"
            raise Problem(503, late, headers={"retry-after": "1"})

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Give whoever waits the result, from any thread."""
        if error is not None and (not isinstance(error, Exception) or isinstance(error, StopIteration)):
            # a library's panic is no Exception, and would end more than this request
            error, cause = RuntimeError(f"{type(error).__name__}: {error}"), error
            error.__cause__ = cause
        with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self.loop.call_soon_threadsafe(self._settle, result, error)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


async def while_there(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of some work, given up when the caller leaves.

    Raises:
        ClientDisconnect: the caller left.
    """
    answered, left = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((answered, left), return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise ClientDisconnect
        return answered.result()
    finally:
        answered.cancel()
        left.cancel()


async def _left(request: Request) -> None:
    """Returns when the caller has left; the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Workers:
    """Some threads and the queue before them. Threads begin with the first work."""

    def __init__(self, threads: int) -> None:
        self._ready = threading.Condition()
        self._line: Fair[Job] = Fair()
        self._most = threads
        self._threads: list[threading.Thread] = []
        self._running = 0
        self._closed = False
        self._cost = self._seconds = 0.0

    @property
    def waiting(self) -> int:
        """Pieces of work that are not begun."""
        return len(self._line)

    def ahead(self, requests: int) -> float:
        """Seconds that so many requests will take, of which some wait here and some are still being read.

        By what waits, if that takes what pieces of late did for their cost; or by the mean of these pieces, if more.
        """
        waiting = self._line.cost * self._seconds / (self._cost or 1.0)
        return max(waiting, requests * self._seconds) / self._most

    async def run(
        self,
        task: Callable[[Hurry], Result],
        deadline: float,
        cost: float = 1.0,
        caller: Hashable = "",
        connection: Hashable = "",
    ) -> Result:
        """The result of some work. Where whoever asks is cancelled, what waits is dropped and what runs is hurried."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        waiting = Waiting(Job(task, deadline, future), caller, connection, cost)
        with self._ready:
            if self._closed:
                raise Problem(503, "the service is stopping", headers={"connection": "close"})
            self._line.push(waiting)
            if len(self._threads) < self._most:
                self._threads.append(threading.Thread(target=self._work, name=f"work-{len(self._threads)}"))
                self._threads[-1].start()
            self._ready.notify()
        try:
            return await future
        finally:
            waiting.item.gone = True
            with self._ready:
                self._line.drop(waiting)

    def close(self) -> None:
        """Begin nothing more and wait for what runs."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (waiting := self._next()) is not None:
            job, started = waiting.item, time.perf_counter()
            result, error = None, None
            try:
                job.hurry()
                result = job.task(job.hurry)
            except BaseException as raised:
                error = raised
            with self._ready:
                self._running -= 1
                if not job.gone:  # else it was cut short
                    self._cost += KEPT * (waiting.cost - self._cost)
                    self._seconds += KEPT * (time.perf_counter() - started - self._seconds)
            job.settle(result, error)
            del waiting, job, result, error  # they hold an index open

    def _next(self) -> Waiting[Job] | None:
        with self._ready:
            while not len(self._line) and not self._closed:
                if not self._running:
                    self._line.rest()
                self._ready.wait()
            if self._closed:
                return None
            self._running += 1
            return self._line.pop()
