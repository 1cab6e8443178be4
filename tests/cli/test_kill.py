"""SIGKILL of the whole process group at random moments: the same command goes on and ends with the same bits."""

import json
import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from terminal import COMMAND, fail, succeed

TRAIN = ("--task", "ic", "--dim", "64", "--epochs", "1000", "--set", "batch=64", "--patience", "9", "--checkpoint", "1")
STUDY = ("--task", "ic", "--languages", "gl,pt", "--trials", "2", "--seeds", "2", "--arms", "alone,pooled")
SMALL = ("--pools", "unseen,paper", "--set", "dim=16", "--set", "batch=64", "--workers", "2")


def begin(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_all(process: subprocess.Popen[bytes]) -> bool:
    """Kill the whole group; whether the command was still at work."""
    working = process.poll() is None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return working


def members(group: int) -> set[int]:
    """The processes of a group, from /proc."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.add(int(path.parent.name))
    return found


def wait_for(path: Path, process: subprocess.Popen[bytes], after: int = 0) -> int:
    """Wait until a file is written after a moment (ns); 0 where the command ends first."""
    while process.poll() is None:
        try:
            written = path.stat().st_mtime_ns
        except OSError:
            written = 0
        if written > after:
            return written
        time.sleep(0.01)
    return 0


def test_a_killed_training_ends_with_the_same_bits(corpus: Path, tmp_path: Path) -> None:
    """Killed while it encodes, and twice some moments after a checkpoint: vectors and losses are those of one piece."""
    moments = random.Random(1)
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    succeed("train", corpus, "--out", whole, *TRAIN)
    process = begin("train", corpus, "--out", pieces, *TRAIN)
    time.sleep(moments.uniform(0.3, 1.5))
    kill_all(process)
    state, written = tmp_path / "pieces.partial" / "checkpoint" / "checkpoint.json", 0
    other = [*TRAIN, "--rate", "0.5"]
    for _ in range(2):
        process = begin("train", corpus, "--out", pieces, *TRAIN)
        written = wait_for(state, process, written)
        time.sleep(moments.uniform(0, 0.4))
        assert kill_all(process) and written, "the training was over before its second checkpoint"
        message = fail("train", corpus, "--out", pieces, *other)
        assert "holds unfinished work that differs in settings" in message
    assert not pieces.exists()
    succeed("train", corpus, "--out", pieces, *TRAIN)
    for name in ("vectors.safetensors", "vocabulary/keys.npy", "vocabulary/counts.npy"):
        assert (pieces / name).read_bytes() == (whole / name).read_bytes()
    one, other_one = (json.loads((folder / "encoder.json").read_text())["about"] for folder in (whole, pieces))
    for name in ("losses", "curve", "pairs", "passes", "scores"):
        assert one[name] == other_one[name], name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pieces", "whole"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_study_killed_again_and_again_ends_with_the_same_numbers(corpus: Path, tmp_path: Path) -> None:
    """Six random moments from the first import to the last table; nothing runs on; all tables are the same."""
    moments = random.Random(7)
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    started = time.monotonic()
    succeed("transfer", corpus, "--out", whole, *STUDY, *SMALL)
    length = time.monotonic() - started
    for number in range(6):
        process = begin("transfer", corpus, "--out", pieces, *STUDY, *SMALL)
        # every attempt finds more work done, so a shorter part of the whole reaches the end
        time.sleep(moments.uniform(0.1, 0.2 + 0.6 * length * (6 - number) / 6))
        kill_all(process)
        deadline = time.monotonic() + 300
        while members(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not members(process.pid)
    succeed("transfer", corpus, "--out", pieces, *STUDY, *SMALL)
    for name in ("results", "comparisons", "items", "languages"):
        one, other = (pl.read_parquet(folder / f"{name}.parquet") for folder in (whole, pieces))
        assert one.equals(other), name
    assert (whole / "study.toml").read_text() == (pieces / "study.toml").read_text()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_do_not_outlive_the_parent(corpus: Path, tmp_path: Path) -> None:
    """Only the parent is killed, while two workers train: they see it and end."""
    process = begin("transfer", corpus, "--out", tmp_path / "study", *STUDY, *SMALL, "--set", "epochs=100000")
    deadline = time.monotonic() + 300
    while len(members(process.pid)) < 4 and time.monotonic() < deadline:  # two workers and Python's tracker
        time.sleep(0.1)
    assert len(members(process.pid)) >= 3
    time.sleep(2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 300
    while members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = members(process.pid)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    assert not left
