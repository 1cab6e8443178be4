"""A folder belongs to one process at a time, and what dead ones leave goes, however they died."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sprachbund import claims
from sprachbund.claims import scratch, sweep, writing
from sprachbund.errors import FolderError
from sprachbund.files import atomic_folder, write_text

HOLD = """
import sys, time
from pathlib import Path
from sprachbund.claims import workspace
with workspace(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("x")
    print(folder.name, flush=True)
    time.sleep(60)
"""


def hold(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that works in a workspace, and the workspace."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, parent / process.stdout.readline().strip()


def test_what_goes_while_a_folder_is_looked_through_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed work's hidden folders go while others read; what is hidden is not looked into."""
    for name in ("pt/a", "pt/.b", ".partial/es/c", "going/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    scandir = os.scandir

    def gone(path: str) -> object:
        if Path(path).name in (".partial", "going"):
            raise FileNotFoundError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", gone)
    assert claims.shown_files(tmp_path) == [tmp_path / "pt/a"]
    assert claims.shown_files(tmp_path / "none") == []


def test_workspaces_of_the_living_stay_and_those_of_the_dead_go(tmp_path: Path) -> None:
    """Whichever number the process has: a lock says who lives. Every later writer in the folder sweeps."""
    process, held = hold(tmp_path)
    write_text(tmp_path / "file", "1")
    assert (held / "half").exists()
    process.kill()
    process.wait()
    with atomic_folder(tmp_path / "other"):
        assert not held.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "other"]


def test_only_what_is_ours_is_swept(tmp_path: Path) -> None:
    """Links, files, other names, and folders that somebody is just making stay."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_text("x")
    token = "0123456789abcdef"
    (tmp_path / f".sprachbund-{token}.tmp").symlink_to(tmp_path / "photos")
    (tmp_path / f".sprachbund-{token[::-1]}.tmp").write_text("a file")
    (tmp_path / ".sprachbund-thesis.tmp").mkdir()
    (tmp_path / f".sprachbund-{token}.new").mkdir()
    old = tmp_path / f".sprachbund-{token[::-1]}.new"
    old.mkdir()
    os.utime(old, (time.time() - 7_200,) * 2)
    before = {path.name for path in tmp_path.iterdir()} - {old.name}
    claims.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (tmp_path / "photos" / "one.jpg").exists()


def test_a_workspace_goes_when_the_body_raises(tmp_path: Path) -> None:
    """Nothing stays beside what was there."""
    with pytest.raises(ValueError, match="stop"), claims.workspace(tmp_path) as folder:
        (folder / "in").mkdir()
        raise ValueError("stop")
    assert not any(tmp_path.iterdir())


def test_the_second_is_refused(tmp_path: Path) -> None:
    """In the same process too; afterwards the folder is free."""
    with (
        claims.locked(tmp_path, "training"),
        pytest.raises(FolderError, match="another process is training here; wait for its end"),
        claims.locked(tmp_path, "training"),
    ):
        pass
    with claims.locked(tmp_path, "training"):
        pass


def test_strangers_are_files_links_and_empty_folders_that_are_not_listed(tmp_path: Path) -> None:
    """A link is never followed; folders that only hold what is listed are ours; workspaces are nobody's."""
    for name in ("ours/a", "ours/in/b", "ours/in/mine", "elsewhere/c", "ours/.sprachbund-0123456789abcdef.tmp/d"):
        write_text(tmp_path / name, "")
    (tmp_path / "ours" / "empty").mkdir()
    (tmp_path / "ours" / "link").symlink_to(tmp_path / "elsewhere")
    found = claims.strangers(tmp_path / "ours", {"a", "in/b"})
    assert [path.relative_to(tmp_path / "ours").as_posix() for path in found] == ["empty", "in/mine", "link"]


def test_set_aside_takes_the_next_free_name(tmp_path: Path) -> None:
    """Nothing is ever overwritten."""
    for number in (1, 2):
        write_text(tmp_path / "model" / "a", str(number))
        assert claims.set_aside(tmp_path / "model") == tmp_path / f"model.damaged-{number}"
    assert (tmp_path / "model.damaged-1" / "a").read_text() == "1"
    assert (tmp_path / "model.damaged-2" / "a").read_text() == "2"


def test_one_writer_a_path(tmp_path: Path) -> None:
    """The second is refused in a line, another path is free, and afterwards nothing is left; a dead lock is swept."""
    with writing(tmp_path / "out"):
        with writing(tmp_path / "other"):
            pass
        refused = pytest.raises(FolderError, match="out: another process is writing it; wait for its end")
        with refused, writing(tmp_path / "out"):
            pass
    assert not list(tmp_path.iterdir())
    dead = tmp_path / ".sprachbund-0123456789abcdef.lock"
    dead.touch()
    mine = tmp_path / ".sprachbund-0123456789abcdee.lock"
    mine.write_text("not empty: no lock of ours")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]


def test_a_scratch_folder_is_nobody_else_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It lies where the system has its temporary files, with mode 0700, and goes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch() as folder:
        assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())
