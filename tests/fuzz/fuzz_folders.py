"""Damaged folders of every kind, in larger numbers than `tests/test_damaged_folders.py` has, and of another seed.

python tests/fuzz/fuzz_folders.py --mutations 500 --seed 2
python tests/damaged.py encoder 2 63 62              the last of 63 damages again: kind, seed, count, first
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fuzz_table import Ended, print_table

__all__ = ["run"]

SCRIPT = Path(__file__).parents[1] / "damaged.py"
KINDS = ("corpus", "vocabulary", "encoded", "encoder", "checkpoint", "runs", "study", "export", "index")
"""Of `damaged.READERS`."""
NO_HASHES = ("study",)
"""The tables of a study are not compared with a hash, so another page is no fault."""


def run(mutations: int, seed: int) -> Iterator[Ended]:
    """So many damages, as many of each kind."""
    for kind in KINDS:
        yield from of_kind(kind, seed, -(-mutations // len(KINDS)))


def of_kind(kind: str, seed: int, count: int) -> Iterator[Ended]:
    """One process, and another after each crash."""
    first = 0
    while first < count:
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, str(SCRIPT), kind, str(seed), str(count), str(first)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime
        whole, *found = [json.loads(line) for line in done.stdout.splitlines()] or [{}]
        if "answer" not in whole:
            yield Ended(f"folders: {kind}", "whole", "FAULT", f"{whole}\n{done.stderr[-3_000:]}", seconds)
            return
        for number, one in enumerate(found, first):
            fault = _wrong(kind, one, whole["answer"])
            ended = "FAULT" if fault else one.get("error", "right answer" if not one["sealed"] else "an answer")
            again = f"python tests/damaged.py {kind} {seed} {count} {number}"
            yield Ended(f"folders: {kind}", f"{one['name']}; {again}", ended, fault, seconds / max(1, len(found)))
        first += len(found)
        if done.returncode:
            again = f"python tests/damaged.py {kind} {seed} {count} {first}"
            yield Ended(f"folders: {kind}", again, "CRASH", f"{done.returncode}\n{done.stderr[-3_000:]}", seconds)
            first += 1


def _wrong(kind: str, one: dict[str, str], answer: str) -> str:
    """What does not hold of a damage; empty where all does."""
    if "traceback" in one:
        return one["traceback"]
    if "error" in one:
        return f"an error of several lines: {one['said']}" if "\n" in one["said"] else ""
    if not one["sealed"] and kind not in NO_HASHES and one["answer"] != answer:
        return "another answer, and no hash that says so"
    return ""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    found = []
    for one in run(given.mutations, given.seed):
        found.append(one)
        if one.fault:
            print(f"{one.ended} {one.kind} {one.name}\n    {one.fault.strip()[-800:]}", flush=True)
    print_table(found)
    return int(any(one.fault for one in found))


if __name__ == "__main__":
    sys.exit(main())
