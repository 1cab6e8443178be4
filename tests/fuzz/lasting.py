"""A process that answers one question after another, and what became of it when it does not answer any more."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Lasting", "Lost"]

WAIT = 900.0
"""Seconds of a clock after which a process that does nothing at all hangs; those of a processor say so earlier."""
START = 30.0
"""Of a processor, that a process may take to import what it needs."""


@dataclass(frozen=True)
class Lost:
    """The process has died (``CRASH``) or was ended because it did not end by itself (``HANG``)."""

    ended: str
    words: str
    seconds: float


class Lasting:
    """A script that reads a line and writes a line of JSON; replaced when it has died, and from time to time.

    Args:
        command: the script and its arguments.
        seconds: of a processor for one answer: how busy the machine is does not count.
        renew: answers after which the process is replaced, so that what it has kept does not hide what one takes.
    """

    def __init__(self, *command: str, seconds: float, renew: int = 400) -> None:
        self.command, self.seconds, self.renew = command, seconds, renew
        self.process: subprocess.Popen[bytes] | None = None
        self.said = tempfile.TemporaryFile()  # noqa: SIM115
        self.done = 0

    def ask(self, question: str) -> dict[str, Any] | Lost:
        """The answer, or how the process was lost."""
        if self.process is None or self.done >= self.renew:
            self._start()
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        self.done += 1
        self.process.stdin.write(f"{question}\n".encode())
        self.process.stdin.flush()
        began, used = time.monotonic(), _processor_time(self.process.pid)
        allowed = self.seconds + (START if self.done == 1 else 0)
        while not select.select([self.process.stdout], [], [], 0.5)[0]:
            spent = _processor_time(self.process.pid) - used
            if spent > allowed or time.monotonic() - began > WAIT:
                self.process.send_signal(signal.SIGABRT)  # faulthandler says where it is
                return self._lost("HANG", spent)
        line = self.process.stdout.readline()
        if not line:
            return self._lost("CRASH", _processor_time(self.process.pid) - used)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        self.close()
        self.said.truncate(0)
        self.said.seek(0)
        command = [sys.executable, *self.command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)
        self.done = 0

    def _lost(self, ended: str, seconds: float) -> Lost:
        assert self.process is not None
        code, self.process = self.process.wait(), None
        self.said.seek(0)
        words = self.said.read().decode(errors="replace")[-4_000:]
        return Lost(ended, f"exit code {code}\n{words}", seconds)

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.communicate()
            self.process = None


def _processor_time(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
