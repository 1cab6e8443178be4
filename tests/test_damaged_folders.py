"""Folders that bad disks or somebody who can hash have damaged: the right answer, or one line; never worse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from damaged import READERS

COUNTS = {"study": 30, "index": 30}
"""The page of a study takes longest; of an index see also `search/test_lies.py`."""


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_folder_gives_the_right_answer_or_an_error(kind: str) -> None:
    """No traceback, no crash, no endless loop; with wrong hashes no other answer; an error is one line with a path."""
    count = COUNTS.get(kind, 60)
    script = Path(__file__).with_name("damaged.py")
    done = subprocess.run(
        [sys.executable, str(script), kind, "1", str(count)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    whole, *found = map(json.loads, done.stdout.splitlines())
    assert "answer" in whole, whole
    assert len(found) == count
    for each in found:
        assert "traceback" not in each, (each["name"], each["traceback"])
        if "error" in each:
            assert "\n" not in each["said"], each
        elif not each["sealed"] and kind != "study":  # its tables have no hashes
            assert each["answer"] == whole["answer"], each["name"]
    assert sum("error" in each for each in found) > count // 5
