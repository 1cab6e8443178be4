"""Runs in several processes: each with its share of the threads, all gone when the parent is.

Processes and not threads, since one training keeps one core busy and two trainings keep two: that is faster than
one training on two cores, and the bits do not depend on how many run beside it.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sprachbund.errors import CapacityError
from sprachbund.patience import first_done
from sprachbund.progress import Progress, Silent
from sprachbund.runs.store import Runs, Specification

Work = Callable[[Specification, Path], dict[str, Any]]
Needs = Callable[[Specification], Iterable[Specification]]


def perform_all(
    runs: Runs,
    specifications: Sequence[Specification],
    work: Work,
    *,
    needs: Needs | None = None,
    workers: int,
    threads: int = 1,
    progress: Progress | None = None,
) -> None:
    """Perform all runs that are not complete, ``workers`` at a time: in their order, each after what it needs.

    Args:
        work: a picklable callable (a module's function, or a dataclass with ``__call__``).
        needs: the runs that must be complete before one begins; they are performed too.
        threads: of each worker, for kernels and matrix products.

    Raises:
        CapacityError: a worker was killed, most likely for memory.
    """
    progress = progress or Silent()
    waiting = _missing(runs, specifications, needs or (lambda specification: ()))
    asked = {runs.folder(specification) for specification in specifications}
    progress.advance(len(specifications) - len(asked & set(waiting)))
    if not waiting:
        return
    executor = ProcessPoolExecutor(
        max_workers=min(workers, len(waiting)),
        mp_context=get_context("spawn"),
        initializer=_start_worker,
        initargs=(threads, os.getpid()),
    )
    pending: set[Future[None]] = set()
    place_of: dict[Future[None], Path] = {}
    try:
        while waiting or pending:
            ready = [place for place, (_, needed) in waiting.items() if not needed]
            with _interrupts_held():
                for place in ready:
                    future = executor.submit(_perform, runs, waiting.pop(place)[0], work)
                    place_of[future] = place
                    pending.add(future)
            done, pending = first_done(pending)
            for future in done:
                future.result()
                if place_of[future] in asked:
                    progress.advance()
                for _, needed in waiting.values():
                    needed.discard(place_of[future])
    except BrokenProcessPool:
        raise CapacityError(
            f"a worker process died (out of memory?); {workers} ran side by side: try --workers {max(1, workers - 1)}, "
            "fewer languages or a smaller dim; what is complete is kept, the same command goes on from there"
        ) from None
    finally:
        processes = list((executor._processes or {}).values())
        executor.shutdown(wait=not pending, cancel_futures=True)
        for process in processes:
            if process.is_alive():
                process.kill()


def _missing(
    runs: Runs, specifications: Sequence[Specification], needs: Needs
) -> dict[Path, tuple[Specification, set[Path]]]:
    """What is to be done, by its folder: the specification, and the folders that must be complete before."""
    found: dict[Path, tuple[Specification, set[Path]]] = {}

    def add(specification: Specification) -> bool:
        """Whether it is still to be done."""
        place = runs.folder(specification)
        if place not in found:
            if runs.complete(specification):
                return False
            needed = [other for other in needs(specification) if add(other)]
            found[place] = (specification, {runs.folder(other) for other in needed})
        return True

    for specification in specifications:
        add(specification)
    return found


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


def _start_worker(threads: int, parent: int) -> None:
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


def _perform(runs: Runs, specification: Specification, work: Work) -> None:
    runs.perform(specification, work)
