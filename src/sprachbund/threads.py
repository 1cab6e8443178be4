"""Kernels on every core: work is split over what is written, so the bits do not depend on the number of threads."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numba
import numpy as np

from sprachbund.arrays import Offsets

_THREAD = "sprachbund"


def in_threads(work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Call ``work`` on each task, numba's number of threads at a time; the results in the order of the tasks.

    Kernels that let go of the interpreter lock run side by side. Python's own threads and not numba's, since
    numba's default layer ends the process when two Python threads use it at once.
    """
    listed = list(tasks)
    threads = min(numba.get_num_threads(), len(listed))
    if threads <= 1 or threading.current_thread().name.startswith(_THREAD):  # a pool that waits for itself hangs
        return [work(*task) for task in listed]
    return list(_pool(threads, os.getpid()).map(lambda task: work(*task), listed))


@lru_cache(maxsize=4)
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Threads that stay, for starting them takes longer than a small task; a forked process needs its own."""
    return ThreadPoolExecutor(threads, _THREAD)


def blocks_of(offsets: Offsets, size: int) -> list[tuple[int, int]]:
    """Part ranges that lie one after another into blocks of about ``size`` units: (first, last) ranges."""
    if len(offsets) < 2:
        return []
    marks = np.arange(int(offsets[0]) + size, int(offsets[-1]), size)
    cuts = np.unique(np.concatenate(([0], np.searchsorted(offsets, marks), [len(offsets) - 1])))
    return [(int(a), int(b)) for a, b in pairwise(cuts)]


def over(kernel: Any, count: int, *arguments: Any, least: int = 64) -> None:
    """Call ``kernel(low, high, *arguments)`` on shares of [0, count), a share a thread; on all at once where few.

    Kernels let go of the interpreter lock. Python's threads and not numba's: see `in_threads`.
    """
    shares = 1 if count < 2 * least else min(int(numba.get_num_threads()), count // least)
    if shares == 1:
        kernel(0, count, *arguments)
    else:
        edges = [count * share // shares for share in range(shares + 1)]
        in_threads(lambda low, high: kernel(low, high, *arguments), pairwise(edges))


def over_dimensions(kernel: Any, slices: int, *arguments: Any) -> None:
    """Call ``kernel(low, high, *arguments)`` on ``slices`` shares of the dimensions of the last argument."""
    dim = arguments[-1].shape[1]
    edges = [dim * part // slices for part in range(slices + 1)]
    in_threads(lambda low, high: kernel(low, high, *arguments), pairwise(edges))
