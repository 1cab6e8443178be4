"""A disk that is full before a command ends: one line that says what is free; what was there stays and goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import SMALL

FULL = """
import os, subprocess, sys
from pathlib import Path
from terminal import sprachbund
disk, corpus, model, verb = Path(sys.argv[1]), *sys.argv[2:5]
small = sys.argv[5:]
lines = disk.parent / "lines.txt"
lines.write_text("baba bebe\\n" * 20_000)
COMMANDS = {
    "train": ["train", corpus, "--out", disk / "out", "--checkpoint", "1", *small],
    "encode": ["encode", model, lines, "--out", disk / "out.npy"],
    "export": ["export", model, "--out", disk / "out", "--format", "word2vec"],
    "evaluate": ["evaluate", model, corpus, "--trec", disk / "out"],
    "transfer": ["transfer", corpus, "--out", disk / "out", "--task", "ic", "--languages", "gl,pt", "--trials", "1",
                 "--seeds", "1", "--workers", "1", *small],
}
for size in map(int, os.environ["SIZES"].split()):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)], check=True)
    (disk / "mine").write_text("mine")
    done = sprachbund(*COMMANDS[verb])
    said = done.stderr.decode()
    assert (disk / "mine").read_text() == "mine"
    if done.returncode == 0:
        print("done")
    else:
        assert done.returncode == 1 and said.startswith("error: ") and said.count("\\n") == 1, said
        assert "the disk is full: " in said and "bytes are free" in said and str(disk) in said, said
        assert not (disk / "out.npy").exists()
        left = [p.name for p in disk.rglob(".sprachbund-*")]
        assert not left, left
        if verb == "train":
            assert not (disk / "out").exists()
        print("full")
        # more room, and the same command again
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        done = sprachbund(*COMMANDS[verb])
        assert done.returncode == 0, done.stderr
    subprocess.run(["umount", "-l", str(disk)], check=True)
"""
SIZES = {
    "train": "8 60 200 700",
    "encode": "8 200 900",
    "export": "8 60",
    "evaluate": "8 40",
    "transfer": "8 200 500",
}
"""Kilobytes: too small for the first file, for the largest, for the last."""


@pytest.mark.parametrize("verb", SIZES)
def test_a_full_disk_is_one_line_and_the_same_command_goes_on(
    verb: str, corpus: Path, model: Path, tmp_path: Path
) -> None:
    """On disks of several sizes; with more room the same command ends well."""
    (tmp_path / "disk").mkdir()
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path / "disk")]
    try:
        permitted = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        permitted = False
    if not permitted:
        pytest.skip("no small disk can be mounted here: unshare -rm and mount -t tmpfs are not permitted")
    arguments = [tmp_path / "disk", corpus, model, verb, *SMALL]
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", FULL, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "SIZES": SIZES[verb], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split().count("full") >= min(2, len(SIZES[verb].split()) - 1), done.stdout
