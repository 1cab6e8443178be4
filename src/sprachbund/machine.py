"""What this process may use of the machine."""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

from sprachbund.errors import FolderError


def memory_limit() -> int:
    """Bytes of memory that this process may use: the cgroup's limit or the host's memory, the smaller."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            limits.append(int(path.read_text()))
        except (OSError, ValueError):
            continue
    return min(limits)


def parse_size(text: str) -> int:
    """``2G``, ``500MB``, ``1.5 GiB`` or a plain number of bytes, as bytes (powers of 1024)."""
    cleaned = text.strip().upper().replace(" ", "").removesuffix("IB").removesuffix("B")
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    try:
        unit = units.get(cleaned[-1:], 0)
        size = int(float(cleaned[:-1]) * unit) if unit else int(cleaned)
    except (ValueError, OverflowError):
        size = -1
    if size < 0:
        raise FolderError(f"{text!r} is not a size; write for example 2G, 500M or a number of bytes")
    return size


def cpu_count() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def forget_peak() -> None:
    """Let `peak_memory` begin anew, where the system can (Linux); elsewhere it stays that of the whole process."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> int:
    """The most bytes of memory that this process has had at once, since `forget_peak` where that works."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) << 10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10
