"""A process that prepares records, seen from both sides.

Whatever a record does to the process is found out by the one that asked: the process tells, in memory that both
share, which record it is at, so that its death has a culprit. The time of a record is the processor's: the system
itself ends a process that has used it up (a timer whose signal nobody catches), in the middle of a library that
holds the interpreter too, and a slow or busy machine ends nobody.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from sprachbund.corpus.sources.documents import Dropped
from sprachbund.corpus.sources.prepare import Batch, Prepared, allowed, prepare_record
from sprachbund.errors import SprachbundError

PATIENCE = 10
"""A record that waits and uses no time is given up after so many times its limit."""
_CHECK = 1.0
_NOWHERE = -1
_START = threading.Lock()

Results = list[Prepared | Dropped]


class CannotStartError(SprachbundError):
    """A process ended before it could take a record."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended before it could answer.

    Attributes:
        place: which record of the batch it was at.
        late: it was ended for the time of the record.
        how: what is known of its end.
    """

    place: int
    late: bool
    how: str


class Worker:
    """A process; started, and known to have started, when this returns.

    Raises:
        CannotStartError: it ended at once.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        # spawned: Polars' threads do not survive a fork
        context = get_context("spawn")
        self.at = context.RawValue("l", _NOWHERE)
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, os.getpid(), seconds, self.at), daemon=True)
        with _START:
            self.process.start()
        other.close()
        try:
            self.connection.recv()
        except (EOFError, OSError):
            raise CannotStartError(
                f"a worker process could not start ({self._end()}): too little memory, or the calling script lacks the "
                "guard `if __name__ == '__main__':` that Python's processes need"
            ) from None

    def ask(self, batch: Batch) -> Results | Ended:
        """The prepared records of a batch, or how the process ended over them; then it is of no more use."""
        self.at.value = _NOWHERE
        try:
            self.connection.send(batch)
            hanging = self._wait(PATIENCE * max(allowed(self.seconds, record) for record in batch.records))
            if not hanging:
                results: Results = self.connection.recv()
                return results
        except (EOFError, OSError):
            hanging = False
        place = max(0, self.at.value)
        self.process.join(0 if hanging else PATIENCE)
        self.kill()
        late = hanging or self.process.exitcode == -signal.SIGPROF
        return Ended(place, late, self._end())

    def _wait(self, patience: float) -> bool:
        """Wait for an answer or the end of the process; whether it hangs, waiting without using any time.

        Args:
            patience: seconds for a record; 0: no limit.
        """
        last, since = self.at.value, time.monotonic()
        while not self.connection.poll(_CHECK):
            if self.at.value != last:
                last, since = self.at.value, time.monotonic()
            elif patience and time.monotonic() - since > patience:
                return True
        return False

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _end(self) -> str:
        self.process.join(PATIENCE)
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its process ended with code {code}"
        try:
            return f"its process was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"its process was ended by signal {-code}"


def _serve(connection: Connection, parent: int, seconds: float, at: Any) -> None:
    """In the process: answer batches until the parent has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        connection.send(None)
        while True:
            batch = connection.recv()
            results = []
            for place, record in enumerate(batch.records):
                at.value = place
                signal.setitimer(signal.ITIMER_PROF, allowed(seconds, record))
                results.append(prepare_record(batch, record))
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send(results)
    except BaseException:  # the parent has gone, or knows what to make of our end: nobody reads a traceback here
        os._exit(1)


def _end_with(parent: int) -> None:
    """End when the parent is gone, even by SIGKILL."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


class _LateError(BaseException):
    """A record has used up its time; no handler of a library may take it for an error of its own."""


def prepare_here(batch: Batch, seconds: float, late: Callable[[Any], Dropped]) -> Results:
    """Prepare a batch in this process.

    A record that has used up its time is given up as soon as the interpreter notices; a library that holds it cannot
    be ended from inside. Outside the main thread there is no limit, since Python hands out no signals there.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        return [prepare_record(batch, record) for record in batch.records]
    armed = False

    def ring(number: int, frame: Any) -> None:
        if armed:
            raise _LateError

    results: Results = []
    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        for record in batch.records:
            try:
                armed = True
                signal.setitimer(signal.ITIMER_VIRTUAL, allowed(seconds, record))
                result = prepare_record(batch, record, _LateError)
                armed = False
            except _LateError:
                armed = False
                result = late(record)
            results.append(result)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return results
