"""How long the verb `neighbours` takes: one target beside some 50 candidates, and all pairs of 50 languages.

    SPRACHBUND_DATA=tables python benchmarks/neighbours/timing.py [--times 3]

Writes `benchmarks/results/neighbours-timing.md`. Each command runs as a user runs it, in a process of its own with one
thread: once with an empty folder of features, then with the features that the first one left. Processor time is the
process's own, start and imports too; of several times the least, since other work on the machine only ever adds to it.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sprachbund.neighbours.asking import every_language
from sprachbund.neighbours.sources import open_sources

RESULT = Path(__file__).parents[1] / "results" / "neighbours-timing.md"
TARGET = "pt"
LANGUAGES = 50
ONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


def seconds(arguments: Sequence[str]) -> float:
    """Processor seconds of a command, of user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "sprachbund", "neighbours", *arguments],
        check=True,
        env={**os.environ, **ONE},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    known = every_language(open_sources())
    chosen = [TARGET, *(each for each in known if each != TARGET)][:LANGUAGES]
    lines = [
        f"# How long `neighbours` takes\n\nProcessor seconds of one core, all measures but the slow "
        f"ones, the least of {asked.times}. Rerun: `python benchmarks/neighbours/timing.py`.\n",
        "| | nothing kept | features kept | asked |",
        "|---|--:|--:|--:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        cache, page = Path(folder) / "features", Path(folder) / "map.html"
        one = [TARGET, "--languages", ",".join(chosen[1:]), "--cache", str(cache)]
        every = ["--matrix", "--languages", ",".join(chosen), "--cache", str(cache), "--out", str(page)]
        for title, arguments, wanted in (
            (f"`neighbours {TARGET}`, {LANGUAGES - 1} candidates", one, 5),
            (f"`neighbours --matrix`, {LANGUAGES * (LANGUAGES - 1):,} pairs", every, 120),
        ):
            first = seconds(arguments) if arguments is one else None
            kept = min(seconds(arguments) for _ in range(asked.times))
            begun = "-" if first is None else f"{first:.1f}"
            lines.append(f"| {title} | {begun} | {kept:.1f} | {wanted} |")
            print(lines[-1])
        size = sum(path.stat().st_size for path in cache.iterdir())
    lines.append(f"\nFeatures of these languages: {size / 1e6:.0f} MB on disk.")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
