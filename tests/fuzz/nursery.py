"""Processes that are forked from one that has imported everything and loaded every kernel: a command begins at once.

A command of the tests takes a second or two to import what it needs, and most of a thousand kills would meet nothing
but imports. The mother process keeps a single thread of Python and uses neither Polars nor a kernel before it forks,
for the threads of both do not survive it; numba's kernels are only loaded, on the layer of threads that does.

    python nursery.py < commands      each line a JSON of a verb's name, a folder and seconds, see `Nursery.run`
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

__all__ = ["Died", "Nursery"]

HERE = Path(__file__).parent
QUIET = {
    "NUMBA_THREADING_LAYER": "workqueue",
    **dict.fromkeys(("NUMBA_NUM_THREADS", "POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"),
}
"""One thread each: what is killed is one process, and bits do not depend on the machine."""


class Died(Exception):
    """The mother process is gone."""


class Nursery:
    """The mother process; its children are the commands."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **QUIET},
            text=True,
        )

    def run(self, verb: str, folder: Path, seconds: float = -1.0) -> tuple[int, float, str]:
        """A verb in a folder, killed after some seconds unless they are negative: code, seconds and what it said."""
        told = self._ask({"do": "work", "verb": verb, "folder": str(folder), "seconds": seconds})
        assert isinstance(told, list)
        return int(told[0]), float(told[1]), str(told[2])

    def ingest(self, seed: int, number: int) -> tuple[int, float, str]:
        """``sprachbund ingest`` of an input of the fuzz: code, seconds of a processor and what it said."""
        told = self._ask({"do": "ingest", "seed": seed, "number": number})
        assert isinstance(told, list)
        return int(told[0]), float(told[1]), str(told[2])

    def look(self, verb: str, folder: Path, how: str) -> str:
        """What ``look`` or ``result`` of a verb gives, as JSON in a process of its own; an error is its traceback."""
        return str(self._ask({"do": how, "verb": verb, "folder": str(folder)}))

    def after(self, verb: str) -> list[str]:
        """The verbs that have to be run before."""
        found = self._ask({"do": "after", "verb": verb})
        assert isinstance(found, list)
        return found

    def begin_reading(self, verb: str, place: Path) -> None:
        """Start a process that looks again and again at the folder that the file ``place`` names."""
        self._ask({"do": "read", "verb": verb, "folder": str(place)})

    def stop_reading(self) -> None:
        """End it."""
        self._ask({"do": "stop"})

    def _ask(self, question: dict[str, object]) -> object:
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Died from None
        line = self.process.stdout.readline()
        if not line:
            raise Died
        return json.loads(line)

    def close(self) -> None:
        """End it all."""
        self.process.communicate()


def load_kernels() -> None:
    """Load from numba's files whatever earlier processes compiled, without running any."""
    from numba.core.dispatcher import Dispatcher

    modules = [module for name, module in sys.modules.items() if name.startswith("sprachbund")]
    for kernel in {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}:
        with contextlib.suppress(AttributeError):
            for key in kernel._cache._cache_file._load_index():
                kernel.compile(key[0])


def child(task: object, words: Path, *arguments: object) -> int:
    """Fork: do a task in a process group of its own, its words in a file. The process."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        said = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(said, 1)
        os.dup2(said, 2)
        task(*arguments)  # type: ignore[operator]
    except SystemExit as leaving:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(leaving.code or 0))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)
    sys.stdout.flush()
    os._exit(0)


def mother() -> None:
    """Fork whatever is asked for."""
    import kill_verbs

    load_kernels()
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    reader = 0
    words = Path(os.environ.get("TMPDIR", "/tmp")) / f"nursery-{os.getpid()}"
    for line in sys.stdin:
        asked = json.loads(line)
        folder = Path(asked.get("folder", ""))
        verb = kill_verbs.VERBS.get(asked.get("verb", ""))
        reply: object = ""
        if asked["do"] == "work":
            assert verb is not None
            began = time.monotonic()
            pid = child(kill_verbs.work, words, verb, folder)
            if asked["seconds"] >= 0:
                time.sleep(asked["seconds"])
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            took = time.monotonic() - began
            reply = (os.waitstatus_to_exitcode(status), took, words.read_text(errors="replace")[-4_000:])
        elif asked["do"] in ("look", "result"):
            assert verb is not None
            pid = child(kill_verbs.tell, words, getattr(verb, asked["do"]), folder)
            os.waitpid(pid, 0)
            reply = words.read_text(errors="replace")
        elif asked["do"] == "ingest":
            pid = child(kill_verbs.ingest_input, words, asked["seed"], asked["number"])
            _, status, used = os.wait4(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            reply = (code, used.ru_utime + used.ru_stime, words.read_text(errors="replace")[-4_000:])
        elif asked["do"] == "after":
            assert verb is not None
            reply = verb.after
        elif asked["do"] == "read":
            reader = child(kill_verbs.read, folder.with_name("reader.txt"), verb, folder)
        elif reader:
            os.killpg(reader, signal.SIGKILL)
            os.waitpid(reader, 0)
            reader = 0
        print(json.dumps(reply), file=replies, flush=True)
    if reader:
        os.killpg(reader, signal.SIGKILL)
    words.unlink(missing_ok=True)


if __name__ == "__main__":
    mother()
