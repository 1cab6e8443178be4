"""Processes of this machine: results in order, errors as they are, and what a worker is set to."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import closing

import numba
import pytest
from threadpoolctl import threadpool_info

from sprachbund.engines.engine import in_order
from sprachbund.engines.processes import Processes, keep_memory, set_threads
from sprachbund.errors import CapacityError, CorpusError
from sprachbund.machine import memory_limit


def halved(number: int) -> tuple[int, int]:
    """Half of an even number, and the process; what is odd is refused, and 666 kills."""
    if number == 666:
        os.kill(os.getpid(), signal.SIGKILL)
    if number % 2:
        raise CorpusError(f"{number} is odd")
    return number // 2, os.getpid()


def test_results_come_in_the_order_of_the_tasks() -> None:
    """From two processes; no more tasks are taken than may be ahead."""
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(0, 40, 2):
            taken.append(number)
            yield number

    with closing(Processes(2)) as engine:
        assert (engine.resources().processors, engine.resources().share) == (2, memory_limit() // 2)
        found = in_order(engine, halved, tasks(), ahead=4)
        first = next(found)
        assert first[0] == 0 and len(taken) <= 5
        assert [first[0], *(half for half, _ in found)] == list(range(20))


def test_an_error_comes_home_and_a_lost_worker_is_told() -> None:
    """As it was raised; the rest is not waited for."""
    with closing(Processes(1)) as engine:
        with pytest.raises(CorpusError, match="3 is odd"):
            list(in_order(engine, halved, [2, 3, 4], ahead=3))
        with pytest.raises(CapacityError, match=r"a worker process died \(out of memory\?\); 1 ran side by side"):
            list(in_order(engine, halved, [666, 2], ahead=1))


def test_set_threads() -> None:
    """Kernels and matrix products use so many, and no more than there are."""
    threads = numba.get_num_threads()
    blas = [pool["num_threads"] for pool in threadpool_info()]
    try:
        set_threads(1)
        assert numba.get_num_threads() == 1
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
        set_threads(10_000)
        assert numba.get_num_threads() == numba.config.NUMBA_NUM_THREADS
    finally:
        set_threads(max(blas, default=1))
        numba.set_num_threads(threads)


def test_keep_memory_without_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no such call nothing happens."""
    calls: list[tuple[int, int]] = []

    class Library:
        def __init__(self, name: None) -> None:
            assert name is None

        def mallopt(self, parameter: int, value: int) -> None:
            calls.append((parameter, value))

    monkeypatch.setattr(ctypes, "CDLL", Library)
    keep_memory()
    assert [parameter for parameter, _ in calls] == [-3, -1, -2]
    monkeypatch.delattr(Library, "mallopt")
    keep_memory()
