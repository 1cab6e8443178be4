"""numba's ``njit`` for kernels that are kept in files: of several processes one compiles a kernel, the others wait.

A study, an ingest or a run of the tests starts processes that need the same kernels at the same moment. Each would
compile all of them, a minute of a processor; and numba reads and writes the list of a kernel's types without a lock, so
that two that add a type each may leave the code of one under the number of the other. The lock is a file beside the
kernel's, and the system lets go of it when a process dies. Where no file can be made it is done without, as numba does.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler_lock import global_compiler_lock

ENDING = ".nbl"


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator: `numba.njit`, whose kernels one process at a time compiles or loads."""

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = numba.njit(**options)(function)
        compile_or_load = kernel.compile

        def compile_alone(signature: Any) -> Any:
            # numba's own lock first: of two threads none may hold the one and wait for the other
            with global_compiler_lock:
                if kernel.overloads.get(signature) is not None:
                    return compile_or_load(signature)
                with alone(lock_of(kernel)):
                    return compile_or_load(signature)

        kernel.compile = compile_alone
        return kernel

    return decorate


def lock_of(kernel: Any) -> Path | None:
    """The file that stands for the right to write a kernel's; None where numba keeps it in memory."""
    place = kernel._cache.cache_path
    return None if place is None else Path(place) / f"{kernel._cache._impl.filename_base}{ENDING}"


@contextmanager
def alone(lock: Path | None) -> Iterator[None]:
    """Hold a lock, which is waited for."""
    descriptor = -1
    try:
        if lock is not None:
            lock.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:  # a folder for reading only, or a file system without locks
        pass
    try:
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)
