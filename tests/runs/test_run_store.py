"""A run is complete or absent, named by what goes into it, and never worked on twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from sprachbund.errors import FolderError
from sprachbund.files import content_hash
from sprachbund.runs.store import Runs

SPECIFICATION = {"b": [1, 2.5], "a": {"y": None, "x": "ñ"}}


class Work:
    """Counts its calls and leaves two files."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, specification: dict[str, Any], folder: Path) -> dict[str, Any]:
        self.calls.append(specification)
        (folder / "data").write_text("content")
        (folder / "in").mkdir()
        (folder / "in" / "more").write_text("more")
        return {"value": len(self.calls)}


def test_done_once(tmp_path: Path) -> None:
    """The second time nothing is done; the order of keys is no other work, a value is."""
    runs, work = Runs(tmp_path), Work()
    assert not runs.complete(SPECIFICATION)
    runs.perform(SPECIFICATION, work)
    assert runs.complete(SPECIFICATION)
    assert runs.result(SPECIFICATION) == {"value": 1}
    runs.perform(dict(reversed(SPECIFICATION.items())), work)
    assert work.calls == [SPECIFICATION]
    runs.perform({**SPECIFICATION, "c": 0}, work)
    assert len(work.calls) == 2
    assert runs.result(SPECIFICATION) == {"value": 1}
    assert (runs.folder(SPECIFICATION) / "in" / "more").read_text() == "more"


def test_the_name_is_the_hash_of_the_content(tmp_path: Path) -> None:
    """Twenty digits of the SHA-256 of the canonical JSON; tuples are lists."""
    runs = Runs(tmp_path)
    assert runs.folder(SPECIFICATION) == tmp_path / content_hash(SPECIFICATION)[:20]
    assert runs.folder({"a": (1, 2)}) == runs.folder({"a": [1, 2]})
    work = Work()
    runs.perform({"a": (1, 2)}, work)
    assert runs.complete({"a": [1, 2]})
    assert runs.complete({"a": (1, 2)})


def test_work_that_raises_leaves_nothing(tmp_path: Path) -> None:
    """The error comes through, the folder of runs is as it was."""

    def broken(specification: dict[str, Any], folder: Path) -> dict[str, Any]:
        (folder / "half").write_text("x")
        raise KeyError("no")

    runs = Runs(tmp_path / "runs")
    with pytest.raises(KeyError):
        runs.perform(SPECIFICATION, broken)
    assert not runs.complete(SPECIFICATION)
    assert list((tmp_path / "runs").iterdir()) == []
    with pytest.raises(FolderError, match="found nothing"):
        runs.result(SPECIFICATION)


def remove(folder: Path) -> None:
    (folder / "in" / "more").unlink()


def cut(folder: Path) -> None:
    (folder / "data").write_text("cont")


def no_json(folder: Path) -> None:
    (folder / "run.json").write_text('{"kind": "run"')


def no_manifest(folder: Path) -> None:
    (folder / "run.json").unlink()


def other_format(folder: Path) -> None:
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**manifest, "format": 99}))


def other_work(folder: Path) -> None:
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**manifest, "specification": {"a": 1}}))


def foreign(folder: Path) -> None:
    (folder / "run.json").write_text('{"kind": "run", "format": 1, "written_by": "x"}')


@pytest.mark.parametrize("damage", [remove, cut, no_json, no_manifest, other_format, other_work, foreign])
def test_a_damaged_run_is_done_again(tmp_path: Path, damage: Any) -> None:
    """Missing, cut and unreadable files, and what is not this work: absent, and made anew as a whole."""
    runs, work = Runs(tmp_path), Work()
    runs.perform(SPECIFICATION, work)
    damage(runs.folder(SPECIFICATION))
    assert not runs.complete(SPECIFICATION)
    runs.perform(SPECIFICATION, work)
    assert len(work.calls) == 2
    assert runs.complete(SPECIFICATION)
    assert (runs.folder(SPECIFICATION) / "data").read_text() == "content"
    name = runs.folder(SPECIFICATION).name  # what was damaged is kept: something of the user's may be in it
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, f"{name}.damaged-1"]
