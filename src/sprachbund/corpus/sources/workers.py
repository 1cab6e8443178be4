"""Processes that prepare batches, in order, with a bounded number of batches under way."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from sprachbund.corpus.sources.documents import Dropped
from sprachbund.corpus.sources.prepare import Batch, Prepared, prepare
from sprachbund.errors import SprachbundError


class Workers:
    """``count`` processes, or this one alone where that is 1. Started when the first batch comes."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pool: ProcessPoolExecutor | None = None

    def run(self, batches: Iterable[Batch]) -> Iterator[list[Prepared | Dropped]]:
        """The prepared batches in the order of ``batches``; at most 2 a process are under way at a time."""
        if self.count <= 1:
            yield from map(prepare, batches)
            return
        if self.pool is None:
            # Spawned: Polars' threads do not survive a fork.
            self.pool = ProcessPoolExecutor(
                self.count, mp_context=get_context("spawn"), initializer=_start, initargs=(os.getpid(),)
            )
        pending: deque[Future[list[Prepared | Dropped]]] = deque()
        try:
            for batch in batches:
                pending.append(self.pool.submit(prepare, batch))
                if len(pending) >= 2 * self.count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool:
            raise SprachbundError(
                "a worker process died: killed for its memory (try fewer workers), or the calling script "
                "lacks the guard `if __name__ == '__main__':` that Python's processes need"
            ) from None
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)
            self.pool = None


def _start(parent: int) -> None:
    """In a worker: leave interrupts to the parent, and end when the parent is gone, even by SIGKILL."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
