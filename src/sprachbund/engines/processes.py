"""Jobs in several processes of this machine: each with its share of the threads, all gone when the parent is.

Processes and not threads, since one training keeps one core busy and two trainings keep two: that is faster than
one training on two cores, and the bits do not depend on how many run beside it.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from sprachbund.engines.engine import ONE, Needs, Resources, told
from sprachbund.errors import CapacityError
from sprachbund.machine import memory_limit
from sprachbund.progress import logger

__all__ = ["Processes", "keep_memory", "set_threads"]

Result = TypeVar("Result")
_ENDING = 10.0
"""Seconds at most for the thread that sees to the processes to end, once they are killed."""


class Processes:
    """An engine of ``workers`` processes with ``threads`` each, which are what every job gets."""

    def __init__(self, workers: int, threads: int = 1) -> None:
        self._workers, self._threads = workers, threads
        self._begun: set[Future[Any]] = set()
        self._executor = ProcessPoolExecutor(
            max_workers=workers,
            mp_context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(threads, os.getpid(), logger.level),
        )

    def start(self, work: Callable[..., Result], *arguments: Any, needs: Needs = ONE) -> "Future[Result]":
        """See `Engine.start`; the needs are not looked at."""
        try:
            with _interrupts_held():
                inner = self._executor.submit(work, *arguments)
        except BrokenProcessPool as error:
            raise self._error_of(error) from None
        self._begun.add(inner)
        inner.add_done_callback(self._begun.discard)
        return told(inner, self._error_of)

    def resources(self) -> Resources:
        """The processes, and the memory of the machine."""
        return Resources(1, self._workers * self._threads, memory_limit(), 0, memory_limit() // self._workers)

    def close(self) -> None:
        """End the processes; what they are at is lost."""
        processes = list((self._executor._processes or {}).values())
        manager: Any = self._executor._executor_manager_thread  # a thread; the types of Python say otherwise
        self._executor.shutdown(wait=not self._begun, cancel_futures=True)
        for process in processes:
            if process.is_alive():
                process.kill()
        # Python 3.11 wakes this thread when the program ends, whether or not it has closed its pipe by then
        if manager is not None:
            manager.join(_ENDING)

    def _error_of(self, error: BaseException) -> BaseException:
        if not isinstance(error, BrokenProcessPool):
            return error
        return CapacityError(
            f"a worker process died (out of memory?); {self._workers} ran side by side: try --workers "
            f"{max(1, self._workers - 1)}, fewer languages or a smaller dim; what is complete is kept, the same "
            "command goes on from there"
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start processes inside that never see Ctrl-C, which a terminal sends to all; ours comes when this ends.

    A process inherits the signals that are held when it is started, so that not even its first second, in which it
    imports, ends in a traceback. The parent kills it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def set_threads(threads: int) -> None:
    """Use so many threads in kernels and matrix products of this process."""
    import numba
    from threadpoolctl import threadpool_limits

    numba.set_num_threads(max(1, min(threads, numba.config.NUMBA_NUM_THREADS)))
    threadpool_limits(threads)


def keep_memory() -> None:
    """Ask glibc to keep freed memory for the next batch; elsewhere nothing happens.

    A training step allocates and frees the same large arrays over and over; to give them back to the kernel each
    time costs a page fault for every 4 KiB, a tenth of the training time where it was measured.
    """
    m_trim_threshold, m_top_pad, m_mmap_threshold = -1, -2, -3
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(m_mmap_threshold, 1 << 30)
        libc.mallopt(m_trim_threshold, (1 << 31) - 1)
        libc.mallopt(m_top_pad, 1 << 26)
    except (OSError, AttributeError):
        return


def _start_worker(threads: int, parent: int, level: int) -> None:
    logger.setLevel(level)  # whoever wants no warnings wants none from here
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    set_threads(threads)
    keep_memory()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, so that a killed study leaves nothing running."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
