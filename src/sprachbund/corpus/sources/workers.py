"""Processes that prepare batches, in order, with a bounded amount of text under way.

A record that ends its process, or uses up its time, costs itself: the process is started anew, what was with it in
the batch is prepared again, and the record is counted. One that ended a process is tried once more, alone, since the
system may have ended the process for the memory of another.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from sprachbund.corpus.sources.documents import Dropped, Record
from sprachbund.corpus.sources.prepare import FAILED, Batch, allowed
from sprachbund.corpus.sources.streams import DEFAULT_SECONDS
from sprachbund.corpus.sources.worker import CannotStartError, Ended, Results, Worker, prepare_here
from sprachbund.patience import result_of

LATE = "longer than the time limit"
LARGE = 1 << 15
"""Bytes of a record from which on one process has another prepare it, which can be ended from outside: a library that
takes time by the square takes no more than seconds for less."""


class Workers:
    """``count`` processes, or this one alone where that is 1. Started when they are needed.

    Args:
        seconds: of processor time for one record, and as many for each MiB that it has; 0: no limit.
        room: bytes of records under way; a larger one goes alone.
    """

    def __init__(self, count: int, seconds: float = DEFAULT_SECONDS, room: int = 1 << 30) -> None:
        self.count, self.seconds, self.room = count, seconds, room
        self.threads: ThreadPoolExecutor | None = None
        self.idle: SimpleQueue[Worker | None] = SimpleQueue()
        self.alone = False
        self.closed = False
        self.started: set[Worker] = set()

    def run(self, batches: Iterable[Batch]) -> Iterator[Results]:
        """The prepared batches in the order of ``batches``; at most 2 a process are under way at a time.

        Raises:
            CannotStartError: the processes do not start.
        """
        if self.count <= 1:
            yield from map(self._here, batches)
            return
        if self.threads is None:
            # a thread for each process: it waits for the answer, and starts the process anew when it has ended
            self.threads = ThreadPoolExecutor(self.count)
            for _ in range(self.count):
                self.idle.put(None)
        pending: deque[tuple[Future[Results], int]] = deque()
        under_way = 0
        try:
            for batch in batches:
                size = sum(record.size for record in batch.records)
                while pending and (len(pending) >= 2 * self.count or under_way + size > self.room):
                    future, freed = pending.popleft()
                    yield result_of(future)
                    under_way -= freed
                pending.append((self.threads.submit(self._there, batch), size))
                under_way += size
            while pending:
                yield result_of(pending.popleft()[0])
        finally:
            for future, _ in pending:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        self.closed = True
        for worker in list(self.started):
            worker.process.kill()
        if self.threads is not None:
            self.threads.shutdown(wait=True, cancel_futures=True)
            self.threads = None
        for worker in list(self.started):
            worker.kill()
        self.started.clear()

    def _here(self, batch: Batch) -> Results:
        if self.seconds and not self.alone and any(record.size >= LARGE for record in batch.records):
            if self.idle.empty():
                self.idle.put(None)
            try:
                return self._there(batch)
            except CannotStartError:  # in a script without its guard: then without being ended from outside
                self.alone = True
        return prepare_here(batch, self.seconds, self._late)

    def _there(self, batch: Batch) -> Results:
        """Have a process prepare a batch; one that ends over it is replaced."""
        worker = self.idle.get()
        try:
            results: Results = []
            bad: dict[int, Dropped] = {}
            suspects: set[int] = set()
            while (start := len(results)) < len(batch.records):
                if start in bad:
                    results.append(bad[start])
                    continue
                end = min((place for place in (*bad, *suspects) if place > start), default=len(batch.records))
                end = start + 1 if start in suspects else end
                if worker is None:
                    worker = self._start()
                answer = worker.ask(replace(batch, records=batch.records[start:end]))
                if not isinstance(answer, Ended):
                    results += answer
                    continue
                self.started.discard(worker)
                worker = None
                place = start + min(answer.place, end - start - 1)
                if answer.late:
                    bad[place] = self._late(batch.records[place])
                elif place in suspects:
                    bad[place] = Dropped(FAILED, f"{batch.records[place].label}: {answer.how}")
                else:
                    suspects.add(place)
            return results
        finally:
            self.idle.put(worker)

    def _start(self) -> Worker:
        if self.closed:
            raise CannotStartError("the ingest has ended")
        worker = Worker(self.seconds)
        self.started.add(worker)
        return worker

    def _late(self, record: Record | Any) -> Dropped:
        return Dropped(LATE, f"{record.label}: more than {allowed(self.seconds, record):.3g} seconds")
