"""``sprachbund run`` and ``status``: what they print, what they refuse in one line, and that a killed run goes on."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from terminal import COMMAND, fail, sprachbund, succeed

STUDY = (
    'corpus = {corpus}\nkind = "lm"\ntargets = ["gl"]\nauxiliaries = ["pt"]\nstrategies = ["alone", "continued:pt"]\n'
    'seeds = 2\n[settings]\nsize = "none"\n[grid]\nsizes = [400, 600]\n'
)


def write_study(corpus: Path, folder: Path) -> Path:
    """A study file of models of n-grams."""
    path = folder / "study.toml"
    path.write_text(STUDY.format(corpus=json.dumps(str(corpus))), encoding="utf-8")
    return path


@pytest.fixture
def study(corpus: Path, tmp_path: Path) -> Path:
    """A study file that a test may change."""
    return write_study(corpus, tmp_path)


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Where the same was carried out in one piece by two processes, and what that said."""
    out = tmp_path_factory.mktemp("whole") / "out"
    study = write_study(corpus, out.parent)
    return out, json.loads(succeed("run", study, "--out", out, "--jobs", "2", "--json"))


def test_planned_run_and_found_complete(study: Path, whole: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """The plan, the studies with their reports, and the status say the same names and numbers."""
    new, (out, found) = tmp_path / "out", whole
    planned = json.loads(succeed("run", study, "--out", new, "--dry-run", "--json"))
    assert not new.exists() and planned["done"] == 0 and planned["runs"] > 0
    shown = succeed("run", study, "--out", new, "--dry-run")
    assert f"{planned['runs']} runs, 0 done, {planned['runs']} left: about" in shown and "a probe of gl and pt" in shown
    assert [each["study"] for each in found["studies"]] == ["study-sizes-400", "study-sizes-600"]
    assert all(Path(each["report"]).is_file() and each["answer"] for each in found["studies"])
    assert found["failed"] == {} and found["complete_before"] == 0
    said = json.loads(succeed("status", out, "--json"))
    assert said["runs"] == said["done"] == planned["runs"] == len(list((out / "runs").iterdir()))
    assert set(said["studies"].values()) == {"complete"} and said["at_work"] == ""
    assert f"{planned['runs']} runs, all done" in succeed("status", out)
    assert "2 of 2 studies complete, 2 of them before" in succeed("run", study, "--out", out)


def test_a_killed_run_goes_on(study: Path, whole: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """SIGKILL after the first runs: they are kept as they were, and the tables are those of one that lived."""
    out = tmp_path / "out"
    begun = subprocess.Popen([*COMMAND, "--quiet", "run", str(study), "--out", str(out), "--jobs", "1"])
    until = time.monotonic() + 600
    while len(list(out.glob("runs/*/run.json"))) < 2 and begun.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    kept = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/run.json")}
    assert len(kept) >= 2
    assert json.loads(succeed("status", out, "--json"))["at_work"] == ""
    succeed("run", study, "--out", out, "--jobs", "1")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for name in ("results.parquet", "comparisons.parquet", "items.parquet"):
        one, other = ((folder / "studies" / "study-sizes-400" / name).read_bytes() for folder in (out, whole[0]))
        assert one == other


def test_mistakes_are_one_line(study: Path, corpus: Path, tmp_path: Path) -> None:
    """Each with the file and the line, or the folder, and nothing is made."""
    out = tmp_path / "out"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("continued:pt", "continud:pt"), encoding="utf-8")
    said = fail("run", study, "--out", out)
    assert said == f"{study}, line 5: no strategy is called continud; the nearest is continued"
    study.write_text(text.replace('"gl"', '"zz"'), encoding="utf-8")
    assert "leave --on out" in fail("run", study, "--out", out, "--dry-run", "--on", "ray")
    assert fail("run", study, "--out", out, "--dry-run").startswith(f"{study}, line 3: ")
    study.write_text(text + "x = [\n", encoding="utf-8")
    assert "not TOML" in fail("run", study, "--out", out)
    assert "is a folder; name the study file" in fail("run", tmp_path, "--out", out)
    study.write_text(text.replace("corpus = ", "corpus = 'nothing' # "), encoding="utf-8")
    assert ", line 1: " in fail("run", study, "--out", out) and not out.exists()
    assert "expected a folder that sprachbund run works in, found nothing" in fail("status", out)
    study.write_text(text, encoding="utf-8")
    assert "holds something that is not of a study file" in fail("run", study, "--out", corpus)
    assert sprachbund("run", study, "--out", out, "--jobs", "0").returncode == 2
