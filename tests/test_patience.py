"""Ctrl-C ends a wait at once, whatever a library has done to the handlers of signals."""

import signal
import subprocess
import sys
import time
from concurrent.futures import Future

import pytest

from sprachbund.patience import first_done, result_of

WAITING = """
import os, sys, threading
import polars  # its handler has the system go on with a wait
from concurrent.futures import Future
from sprachbund.patience import first_done, result_of
threading.Timer(120, lambda: os._exit(3)).start()
try:
    print("waiting", flush=True)
    {wait}
except KeyboardInterrupt:
    os._exit(9)
"""


@pytest.mark.parametrize("wait", ["result_of(Future())", "first_done({Future(), Future()})"])
def test_an_interrupt_ends_a_wait(wait: str) -> None:
    """And not when what is waited for comes."""
    command = [sys.executable, "-c", WAITING.replace("{wait}", wait)]
    # where the tests run in the background SIGINT is ignored, and children inherit that
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    )
    assert process.stdout is not None and process.stdout.readline() == "waiting\n"
    time.sleep(0.5)  # until it waits; an interrupt from before would end it too
    process.send_signal(signal.SIGINT)
    assert process.wait() == 9


def test_what_is_done_is_given() -> None:
    """Its result, or what it raised; nothing to wait for is no wait."""
    one, other, never = Future[int](), Future[int](), Future[int]()
    one.set_result(7)
    other.set_exception(ValueError("x"))
    assert first_done([one, never]) == ({one}, {never}) and first_done([]) == (set(), set())
    assert result_of(one) == 7
    with pytest.raises(ValueError, match="x"):
        result_of(other)
