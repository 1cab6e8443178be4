"""What is left of unfinished work is removed at the end, and once more where a kill came between."""

import shutil
from pathlib import Path

import pytest

from sprachbund.files import write_manifest
from sprachbund.runs.unfinished import claimed, withdraw

PARTS = {"encoded": "encoded.json"}


def test_a_removal_that_was_killed_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of which the manifest went first is still ours: the rest of it goes with the next attempt."""
    folder = tmp_path / "model.partial"
    with claimed(folder, {"a": 1}, "unfinished work", "training"):
        part = folder / "encoded"
        part.mkdir()
        (part / "keys.npy").write_bytes(b"k")
        write_manifest(part, "encoded.json", "encoded", 1)

        def killed(path: Path, ignore_errors: bool = False) -> None:
            (path / "encoded.json").unlink()
            raise KeyboardInterrupt

        monkeypatch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw(folder, PARTS)
        monkeypatch.undo()
    assert folder.exists()
    with claimed(folder, {"a": 1}, "unfinished work", "training"):
        withdraw(folder, PARTS)
    assert not folder.exists()
