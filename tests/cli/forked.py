"""Commands as processes that are forked from one which has imported everything: they begin at once.

To import what a verb needs takes a second or two of a processor, and the tests give hundreds of commands. Each still
is a process with its own streams, folder, environment and exit code, and runs `sprachbund.cli.main`. What is about the
start itself, signals, or the terminal starts an interpreter: `terminal.COMMAND`.

The mother process keeps a single thread and uses neither Polars nor a kernel before it forks, for the threads of both
do not survive it; numba's kernels are only loaded, and again whenever a command has compiled others.

    python forked.py SOCKET     the number of a socket; each message a JSON of arguments, folder and environment, with
                                the three streams; the answer is the exit code
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryFile

__all__ = ["run"]

LONGEST = 1 << 20
"""Bytes of one message."""
_mothers: list[tuple[subprocess.Popen[bytes], socket.socket]] = []


def run(
    arguments: list[str], standard_input: bytes, folder: Path | None, environment: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end; the output is no terminal.

    Raises:
        subprocess.TimeoutExpired: it did not end in time; it and the processes that it started are killed.
    """
    if not _mothers or _mothers[-1][0].poll() is not None:
        _mothers.append(_start())
    wanted = {"arguments": arguments, "folder": str(folder or Path.cwd()), "environment": environment}
    asked = json.dumps(wanted | {"seconds": seconds}).encode()
    assert len(asked) < LONGEST
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(standard_input)
        given.seek(0)
        socket.send_fds(_mothers[-1][1], [asked], [given.fileno(), out.fileno(), err.fileno()])
        told = _mothers[-1][1].recv(LONGEST)
        assert told, "the mother process is gone"
        out.seek(0)
        err.seek(0)
        shown, said = out.read(), err.read()
    command = ["sprachbund", *arguments]
    code = json.loads(told)
    if code is None:
        raise subprocess.TimeoutExpired(command, seconds, shown, said)
    return subprocess.CompletedProcess(command, code, shown, said)


def _start() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # the layer of threads that may be loaded before a fork
            env={**os.environ, "NUMBA_THREADING_LAYER": "workqueue"},
        )
    atexit.register(_stop, process, ours)
    return process, ours


def _stop(process: subprocess.Popen[bytes], ours: socket.socket) -> None:
    ours.close()
    process.wait()


def load_kernels() -> None:
    """Load from numba's files what other processes have compiled since the last time, without running any."""
    from numba.core.dispatcher import Dispatcher

    modules = [module for name, module in sys.modules.items() if name.startswith("sprachbund")]
    for kernel in {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}:
        with contextlib.suppress(AttributeError):
            for key in kernel._cache._cache_file._load_index():
                kernel.compile(key[0])


def mother(ours: socket.socket) -> None:
    """Fork whatever is asked for, one after the other, until nobody can ask any more."""
    import sprachbund.cli.app
    import sprachbund.export
    import sprachbund.progress
    import sprachbund.report
    import sprachbund.retrieval.evaluation
    import sprachbund.retrieval.train
    import sprachbund.retrieval.transfer
    import sprachbund.search.index
    import sprachbund.search.sources

    # on a machine that is busy with other things a command may take longer than half a minute: no lines then
    sprachbund.progress.EVERY = 3_600
    while True:
        load_kernels()
        line, streams, _, _ = socket.recv_fds(ours, LONGEST, 3)
        if not line:
            return
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _child(asked, streams)
        for stream in streams:
            os.close(stream)
        ours.send(json.dumps(_wait(pid, asked["seconds"])).encode())


def _wait(pid: int, seconds: float) -> int | None:
    """The exit code of a child; None where it took longer than so many seconds and was killed."""
    late = False

    def kill(*_: object) -> None:
        nonlocal late
        late = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _, status = os.waitpid(pid, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return None if late else os.waitstatus_to_exitcode(status)


def _child(asked: dict[str, object], streams: list[int]) -> None:
    """Run the command in a session of its own, and end as an interpreter does."""
    code = 99
    try:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(str(asked["folder"]))
        os.environ.clear()
        os.environ.update(asked["environment"])  # type: ignore[call-overload]
        sys.argv = ["sprachbund", *asked["arguments"]]  # type: ignore[misc]
        from sprachbund.cli import main

        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    mother(socket.socket(fileno=int(sys.argv[1])))
