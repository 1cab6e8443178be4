"""A study whose runs a cluster carries out is the study that processes of this machine make."""

import json
from pathlib import Path
from typing import Any

import pytest
from finished import run
from toy import Toy

from sprachbund.engines.choosing import engine_on

pytest.importorskip("ray", reason="Ray is not installed: pip install 'sprachbund[cluster]'")


def written(folder: Path) -> dict[str, Any]:
    """Every file of a study and of its runs; of a run's manifest all but what it took."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "run.json":
            said = json.loads(path.read_bytes())
            found[str(path.relative_to(folder))] = {name: said[name] for name in ("specification", "result", "files")}
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def test_equal_to_local_processes(tmp_path: Path) -> None:
    """The same runs by name and content, and the same tables, to the last bit."""
    plan: dict[str, Any] = {"tasks": ("ic",), "trials": 2, "seeds": 1}
    run(Toy(), tmp_path / "here", workers=1, **plan)
    (tmp_path / "there").mkdir()
    with engine_on("ray", 2, tmp_path / "there") as engine:
        run(Toy(), tmp_path / "there", engine=engine, **plan)
    here, there = written(tmp_path / "here"), written(tmp_path / "there")
    assert sorted(here) == sorted(there) and len(here) > 20
    assert [name for name in here if here[name] != there[name]] == []
