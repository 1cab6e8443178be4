"""A full disk is one line with the file, what it needs and what is free, whichever library met it."""

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save_file

from sprachbund import files
from sprachbund.disk import is_full, room_for
from sprachbund.errors import CapacityError, FolderError


def write(library: str) -> None:
    """Write a megabyte to a device that is always full, or raise what the library raises there."""
    full = Path("/dev/full")
    if library == "numpy":
        with full.open("wb") as handle:
            np.zeros(1 << 17).tofile(handle)
    elif library == "python":
        full.write_bytes(b"x" * (1 << 20))
    elif library == "polars":
        with full.open("wb", buffering=0) as handle:
            pl.DataFrame({"a": np.random.default_rng(0).random(1 << 17)}).write_parquet(handle)
    elif library == "numpy before it writes":
        raise OSError("Not enough free space to write 1559900400 bytes after offset 128")  # as its `tofile` does
    elif library == "sqlite":
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error


@pytest.mark.parametrize("library", ["numpy", "numpy before it writes", "python", "polars", "sqlite"])
def test_every_library_s_words_are_known(library: str, tmp_path: Path) -> None:
    """One line: the file, what it needs, what is free, what to do."""
    path = tmp_path / "vectors.npy"
    with pytest.raises(CapacityError) as error, room_for(path, 1 << 20):
        write(library)
    said = str(error.value)
    assert said.startswith(f"{path}: the disk is full: 1,048,576 bytes are needed, ")
    assert "bytes are free" in said and "make room and give the same command again" in said and "\n" not in said


def test_the_old_file_stays_where_a_limit_of_the_process_is_met(tmp_path: Path) -> None:
    """Arrays, tensors, tables and bytes; nothing stays beside the old file."""
    for name in ("array", "tensors", "table", "bytes"):
        (tmp_path / name).write_text("old")
    done = subprocess.run([sys.executable, __file__, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["array", "tensors", "table", "bytes"]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(done.stdout.split(), "old")


def test_what_is_no_full_disk_passes(tmp_path: Path) -> None:
    """Other errors stay what they are, ours above all."""
    for error in (ValueError("no"), PermissionError(13, "no"), FolderError("no")):
        assert not is_full(error)
        with pytest.raises(type(error), match="no"), room_for(tmp_path):
            raise error


def exhaust(folder: Path) -> None:
    """In a process of its own: write in four ways, with no file allowed above 100,000 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    values = np.random.default_rng(0).random(1 << 17)
    tries = {
        "array": lambda: files.write_array(folder / "array", values),
        "tensors": lambda: _tensors(folder / "tensors", values),
        "table": lambda: _table(folder / "table", values),
        "bytes": lambda: files.write_bytes(folder / "bytes", os.urandom(1 << 20)),
    }
    for name, work in tries.items():
        try:
            work()
        except CapacityError as error:
            assert "the disk is full" in str(error)
            print(name)


def _tensors(path: Path, values: np.ndarray) -> None:  # type: ignore[type-arg]
    with files.atomic_path(path) as temporary:
        save_file({"values": values}, temporary)


def _table(path: Path, values: np.ndarray) -> None:  # type: ignore[type-arg]
    with files.atomic_path(path) as temporary:
        pl.DataFrame({"a": values}).write_parquet(temporary)


if __name__ == "__main__":
    exhaust(Path(sys.argv[1]))
