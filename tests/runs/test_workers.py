"""Runs in several processes: each once, errors come home as they are, and nobody outlives the parent."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import pytest
from threadpoolctl import threadpool_info

from sprachbund.errors import CapacityError, CorpusError
from sprachbund.progress import hushed, logger
from sprachbund.runs.store import Runs
from sprachbund.runs.workers import perform_all


@dataclass(frozen=True)
class Work:
    """Writes a line a call into a folder that all workers see, then does what the specification says."""

    calls: Path

    def __call__(self, specification: dict[str, Any], folder: Path) -> dict[str, Any]:
        (self.calls / f"{specification['number']}.{os.getpid()}.{time.monotonic_ns()}").touch()
        if specification.get("raises"):
            raise CorpusError("one line that says what to do")
        if specification.get("warns"):
            logger.warning("careful")
        if specification.get("dies"):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(specification.get("seconds", 0))
        while specification.get("waits"):
            time.sleep(0.05)
        blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
        return {"square": specification["number"] ** 2, "threads": [numba.get_num_threads(), *blas]}

    def done(self) -> list[int]:
        """The numbers worked on."""
        return sorted(int(path.name.split(".")[0]) for path in self.calls.iterdir())


class Counting:
    """A progress that counts."""

    total = 0.0

    def advance(self, amount: float = 1) -> None:
        self.total += amount

    def describe(self, text: str) -> None:
        raise AssertionError(text)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    calls = tmp_path / "calls"
    calls.mkdir()
    return Work(calls)


def test_each_run_once_in_two_processes(tmp_path: Path, work: Work) -> None:
    """What is done is not done again, what is asked for twice is done once; one thread in each worker."""
    runs, seen = Runs(tmp_path / "runs"), Counting()
    specifications = [{"number": number, "seconds": 0.3} for number in (1, 2, 2, 3, 4)]
    runs.perform(specifications[0], work)
    perform_all(runs, specifications, work, workers=2, progress=seen)
    assert work.done() == [1, 2, 3, 4]
    assert seen.total == 5
    assert len({path.name.split(".")[1] for path in work.calls.iterdir()}) >= 2
    for number in (2, 3, 4):
        result = runs.result({"number": number, "seconds": 0.3})
        assert result["square"] == number**2
        assert set(result["threads"]) == {1}
    perform_all(runs, specifications, work, workers=2, progress=seen)
    assert (work.done(), seen.total) == ([1, 2, 3, 4], 10)


def test_runs_come_after_what_they_need(tmp_path: Path, work: Work) -> None:
    """Each number needs half of it; those that nobody asked for are performed too, in an order that holds."""
    runs, seen = Runs(tmp_path / "runs"), Counting()

    def needs(specification: dict[str, Any]) -> list[dict[str, Any]]:
        half = specification["number"] // 2
        return [{"number": half}] if half else []

    runs.perform({"number": 1}, work)
    perform_all(runs, [{"number": 12}, {"number": 5}, {"number": 2}], work, needs=needs, workers=2, progress=seen)
    begun = [int(path.name.split(".")[0]) for path in sorted(work.calls.iterdir(), key=lambda p: p.name.split(".")[2])]
    assert sorted(begun) == [1, 2, 3, 5, 6, 12]
    assert all(begun.index(number // 2) < begun.index(number) for number in begun if number > 1)
    assert seen.total == 3
    perform_all(runs, [{"number": 12}], work, needs=needs, workers=2)
    assert work.done() == [1, 2, 3, 5, 6, 12]


def test_what_fails_ends_all_that_needs_it(tmp_path: Path, work: Work) -> None:
    """Nothing that begins from it is begun."""
    runs = Runs(tmp_path / "runs")
    first = {"number": 1, "raises": True}
    with pytest.raises(CorpusError, match="one line"):
        perform_all(runs, [{"number": 2}], work, needs=lambda s: [first] if s["number"] == 2 else [], workers=2)
    assert work.done() == [1]


def test_an_error_comes_home_as_it_is(tmp_path: Path, work: Work) -> None:
    """The class and the text; the run is absent; those that were complete stay, and nobody goes on working."""
    runs = Runs(tmp_path / "runs")
    specifications = [{"number": 1}, {"number": 2, "raises": True}, {"number": 3, "waits": True}]
    with pytest.raises(CorpusError) as error:
        perform_all(runs, specifications, work, workers=1)
    assert str(error.value) == "one line that says what to do"
    assert [runs.complete(specification) for specification in specifications] == [True, False, False]
    perform_all(runs, specifications[:1], work, workers=1)
    assert work.done().count(1) == 1


def test_a_worker_that_was_killed(tmp_path: Path, work: Work) -> None:
    """The one line says that memory may be the reason and what to try."""
    with pytest.raises(CapacityError, match=r"a worker process died \(out of memory\?\); 2 ran side by side"):
        perform_all(Runs(tmp_path / "runs"), [{"number": 1, "dies": True}], work, workers=2)


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_workers import Work
from sprachbund.runs.store import Runs
from sprachbund.runs.workers import perform_all
if __name__ == "__main__":
    waiting = [{{"number": number, "waits": True}} for number in (1, 2)]
    perform_all(Runs(Path({runs!r})), waiting, Work(Path({calls!r})), workers=2)
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be fetched does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see processes in")
def test_workers_die_with_a_parent_that_was_killed(tmp_path: Path, work: Work) -> None:
    """SIGKILL leaves the parent no time to tell them."""
    script = tmp_path / "script.py"
    here = str(Path(__file__).parent)
    script.write_text(SCRIPT.format(here=here, runs=str(tmp_path / "runs"), calls=str(work.calls)))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    parent = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": path})
    try:
        while work.done() != [1, 2]:
            assert parent.poll() is None
            time.sleep(0.05)
        workers = [int(path.name.split(".")[1]) for path in work.calls.iterdir()]
        assert all(alive(pid) for pid in workers)
    finally:
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 60
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)
    assert not any(Runs(tmp_path / "runs").complete({"number": n, "waits": True}) for n in (1, 2))


def test_workers_warn_where_their_parent_does(work: Work, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And are silent where it is, as of work that is only tried."""
    with hushed():
        perform_all(Runs(tmp_path / "one"), [{"number": 1, "warns": True}], work, workers=1)
    assert capfd.readouterr().err == "" and logger.level != 40
    perform_all(Runs(tmp_path / "two"), [{"number": 2, "warns": True}], work, workers=1)
    assert "careful" in capfd.readouterr().err
