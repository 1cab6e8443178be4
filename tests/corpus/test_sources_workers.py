"""One record never ends an ingest: what it raises, what it does to its process, what time it takes costs it alone."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest

from sprachbund.corpus.ingest import SourceSummary, ingest
from sprachbund.corpus.sources import prepare
from sprachbund.corpus.sources.documents import RawDocument
from sprachbund.corpus.sources.prepare import Prepared
from sprachbund.corpus.sources.streams import Limits
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SettingsError

REAL = prepare._document


class OddError(BaseException):
    """What no handler of exceptions sees, as a library's panic is."""


def overflow() -> None:
    overflow()


def spin() -> None:
    while True:
        pass


RAISES = {
    "value": lambda: json.loads("{"),
    "panic": lambda: (_ for _ in ()).throw(pl.exceptions.PanicException("index out of bounds")),
    "recursion": overflow,
    "memory": lambda: (_ for _ in ()).throw(MemoryError()),
    "odd": lambda: (_ for _ in ()).throw(OddError("odd")),
    "half": lambda: (_ for _ in ()).throw(ValueError("half \ud83d of it")),
}


def rows(path: Path, titles: list[str]) -> Path:
    """A line for each title; the first and the last two have none and are good."""
    text = "The mill stands by the river. It grinds corn."
    lines = [{"id": str(n), "lang": "en", "title": title, "text": text} for n, title in enumerate(titles)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    def document(raw: RawDocument, forced: str | None) -> Prepared | object:
        if raw.title in RAISES:
            RAISES[raw.title]()
        if raw.title == "spin":
            spin()
        if raw.title == "interrupt":
            raise KeyboardInterrupt
        return REAL(raw, forced)

    monkeypatch.setattr(prepare, "_document", document)


@pytest.mark.parametrize("what", RAISES)
def test_whatever_a_record_raises_it_is_counted_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Errors, a panic of Polars, no memory, no stack: the rows before and after are kept."""
    poison(monkeypatch)
    source = ingest([rows(tmp_path / "a.jsonl", ["", what, "", what])], tmp_path / "c").sources[0]
    assert (source.kept, source.dropped) == (2, {"could not be prepared": 2})
    assert "could not be prepared: 2 records skipped (line 2: " in source.warnings[0]
    assert Corpus.open(tmp_path / "c").documents("en")["document"].to_list() == ["0", "2"]


def test_an_interrupt_interrupts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no fault of a record, and the corpus opens after it."""
    poison(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        ingest([rows(tmp_path / "a.jsonl", ["", "interrupt"])], tmp_path / "c")
    assert Corpus.open(tmp_path / "c").languages == ()


def test_a_record_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop without end costs its seconds of the processor, twice, and the rows around it are kept."""
    poison(monkeypatch)
    source = ingest(
        [rows(tmp_path / "a.jsonl", ["", "spin", "", "spin", ""])], tmp_path / "c", limits=Limits(seconds=0.05)
    ).sources[0]
    assert (source.kept, source.dropped) == (3, {"longer than the time limit": 2})
    assert source.warnings == [
        "longer than the time limit: 2 records skipped (line 2: more than 0.05 seconds; line 4: more than 0.05 seconds)"
    ]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(tmp_path: Path, seconds: float) -> None:
    """0 turns the limit off."""
    with pytest.raises(SettingsError, match="seconds for a record must be 0"):
        ingest([rows(tmp_path / "a.jsonl", [""])], tmp_path / "c", limits=Limits(seconds=seconds))
    assert ingest([tmp_path / "a.jsonl"], tmp_path / "c", limits=Limits(seconds=0)).sources[0].kept == 1


SCRIPT = """
    import ctypes, json, os, sys
    from dataclasses import asdict
    import polars as pl
    from sprachbund.corpus.ingest import ingest
    from sprachbund.corpus.sources import prepare
    from sprachbund.corpus.sources.streams import Limits

    real = prepare._document

    def document(raw, forced):
        what = raw.title
        if what == "crash":
            ctypes.string_at(0)
        elif what == "kill":
            os.kill(os.getpid(), 9)
        elif what == "once":  # as the system ends a process for the memory of another
            if not os.path.exists(sys.argv[1] + ".once"):
                open(sys.argv[1] + ".once", "w").close()
                os.kill(os.getpid(), 9)
        elif what == "leave":
            os._exit(0)
        elif what == "panic":
            raise pl.exceptions.PanicException("index out of bounds")
        elif what == "hold":  # a loop in C that never looks at signals and never lets another thread run
            sum(range(10**12))
        return real(raw, forced)

    prepare._document = document

    if __name__ == "__main__":
        source, out, workers, seconds = sys.argv[1:]
        summary = ingest([source], out, workers=int(workers), limits=Limits(seconds=float(seconds)))
        print(json.dumps(asdict(summary.sources[0])))
"""


def run(tmp_path: Path, source: Path, workers: int, seconds: float = 1.0) -> SourceSummary:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, str(script), str(source), str(tmp_path / "c"), str(workers), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr, done.stderr
    return SourceSummary(**json.loads(done.stdout))


def test_what_a_record_does_to_its_process_costs_it_alone(tmp_path: Path) -> None:
    """A crash, a kill, an exit, a loop in C that holds the interpreter: named and counted; a kill that was none of the
    record's is tried again, and all others are kept in their order."""
    titles = ["", "crash", "", "hold", "once", "kill", "leave", "panic", ""]
    source = run(tmp_path, rows(tmp_path / "a.jsonl", titles), workers=2)
    assert source.dropped == {"could not be prepared": 4, "longer than the time limit": 1}
    assert Corpus.open(tmp_path / "c").documents("en")["document"].to_list() == ["0", "2", "4", "8"]
    told = "\n".join(source.warnings)
    assert "line 2: its process was ended by SIGSEGV; line 6: its process was ended by SIGKILL; line 7: " in told
    assert "longer than the time limit: 1 records skipped (line 4: more than 1 seconds)" in told


def test_on_one_process_a_long_record_can_be_ended_too(tmp_path: Path) -> None:
    """It is prepared by another process, since a loop in C cannot be ended from inside."""
    path = rows(tmp_path / "a.jsonl", ["", "hold", ""])
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("It grinds corn.", "It grinds corn. " * 3_000)
    path.write_text("\n".join(lines) + "\n")
    source = run(tmp_path, path, workers=1)
    assert (source.kept, source.dropped) == (2, {"longer than the time limit": 1})


def test_a_script_without_its_guard_still_reads_long_records(tmp_path: Path) -> None:
    """On one process no other is needed: where it does not start, the record is prepared here."""
    path = rows(tmp_path / "a.jsonl", ["", ""])
    path.write_text(path.read_text().replace("It grinds corn.", "It grinds corn. " * 3_000))
    code = f"""
        from sprachbund import ingest
        print("kept", ingest([{str(path)!r}], {str(tmp_path / "c")!r}).sources[0].kept)
    """
    (tmp_path / "script.py").write_text(textwrap.dedent(code))
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True, check=True)
    assert "kept 2" in done.stdout
