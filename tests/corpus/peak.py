"""The memory that a piece of Python has at most, in a process of its own."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

_AT_THE_END = """
import pathlib, re
print("peak", re.search(r"VmHWM:\\s*([0-9]+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def peak(code: str) -> int:
    """The largest resident memory in bytes; ru_maxrss would have that of the process which started it."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory of a process is read from /proc")
    whole = textwrap.dedent(code) + _AT_THE_END
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True)
    return int(done.stdout.rsplit("peak ", 1)[1]) << 10
