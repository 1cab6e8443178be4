"""Kernels that are kept in files: of processes that need one at the same moment a single one compiles it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from sprachbund.kernels import alone, lock_of, njit

MODULE = """
import sys
from sprachbund.kernels import njit

@njit(cache=True, nogil=True)
def twice(value):
    return value * 2

if __name__ == "__main__":
    import kernel
    print(kernel.twice({"int": int, "float": float}[sys.argv[1]](21)), sum(kernel.twice.stats.cache_misses.values()))
"""


def start(folder: Path, kind: str) -> subprocess.Popen[str]:
    """A process that needs the kernel for a type: it prints the result, and how many types it compiled itself."""
    path = os.pathsep.join([str(folder), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "kept")}
    command = [sys.executable, str(folder / "kernel.py"), kind]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def has_open(process: subprocess.Popen[str], ending: str) -> bool:
    """Whether a process has a file open whose name ends so."""
    try:
        return any(str(each.readlink()).endswith(ending) for each in Path(f"/proc/{process.pid}/fd").iterdir())
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for open files in /proc")
@pytest.mark.parametrize(
    ("kinds", "said"), [(("int", "int"), ["42 0", "42 1"]), (("int", "float"), ["42 1", "42.0 1"])]
)
def test_one_process_compiles_and_the_others_wait(tmp_path: Path, kinds: tuple[str, str], said: list[str]) -> None:
    """Both stand before the lock; then one type is compiled once, and two types are both kept."""
    (tmp_path / "kernel.py").write_text(MODULE)
    assert start(tmp_path, "int").communicate()[0] == "42 1\n"  # says where numba keeps it
    (index,) = tmp_path.rglob("*.nbi")
    index.unlink()
    with alone(index.with_suffix(".nbl")):
        processes = [start(tmp_path, kind) for kind in kinds]
        while not all(has_open(process, ".nbl") for process in processes):
            assert all(process.poll() is None for process in processes), "a process did not wait"
            time.sleep(0.02)
    assert sorted(process.communicate()[0].strip() for process in processes) == said
    again = [start(tmp_path, kind).communicate()[0].split() for kind in kinds]
    assert [misses for _, misses in again] == ["0", "0"]


def test_a_kernel_in_memory_has_no_lock() -> None:
    """As where no folder can be written; it computes the same."""
    kernel = njit(nogil=True)(lambda a: a + 1)
    assert lock_of(kernel) is None
    assert kernel(np.arange(3)).tolist() == numba.njit(lambda a: a + 1)(np.arange(3)).tolist() == [1, 2, 3]


def test_a_place_without_room_for_a_lock_is_no_error(tmp_path: Path) -> None:
    """The work is done all the same."""
    (tmp_path / "file").write_text("")
    with alone(tmp_path / "file" / "x.nbl"):
        done = True
    assert done and [path.name for path in tmp_path.iterdir()] == ["file"]
