"""Speed of the service: searches a second against the same searches in a process, and how long one takes.

    python benchmarks/service.py INDEX [--seconds 8] [--rounds 3]

In the process: as many threads as the service has call `Index.search`. Over HTTP: 32 callers on kept connections,
on the same processors. The times are at half of the highest rate, requests coming at even intervals.
"""

import argparse
import asyncio
import json
import platform
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from load import as_bytes, press, quantiles, queries, served, steady
from sprachbund.machine import cpu_count
from sprachbund.search.index import Index

RESULTS = Path(__file__).parent / "results"
CALLERS, COUNT = 32, 2_000


def in_process(index: Index, asked: list[str], seconds: float) -> float:
    """Searches a second of as many threads as there are processors."""
    until = time.perf_counter() + seconds

    def work(first: int) -> int:
        done = 0
        while time.perf_counter() < until:
            index.search(asked[(first + done * cpu_count()) % len(asked)], 10)
            done += 1
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(cpu_count()) as pool:
        done = sum(pool.map(work, range(cpu_count())))
    return done / (time.perf_counter() - started)


def main() -> None:
    """Measure and write benchmarks/results/service.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    index = Index.open(options.index)
    asked = queries(index, COUNT)
    requests = [as_bytes(query) for query in asked]
    inside, outside = [], []
    in_process(index, asked, 2.0)
    with served(options.index) as (_, port):
        asyncio.run(press(port, requests, CALLERS, 2.0))
        for _ in range(options.rounds):
            inside.append(in_process(index, asked, options.seconds))
            tally = asyncio.run(press(port, requests, CALLERS, options.seconds))
            assert set(tally.statuses) == {200} and not tally.failed, (tally.statuses, tally.failed)
            outside.append(tally.statuses[200] / options.seconds)
        half = statistics.median(outside) / 2
        even = asyncio.run(steady(port, requests, half, CALLERS, options.seconds))
    middle, high = quantiles(even.seconds)
    share = statistics.median(b / a for a, b in zip(inside, outside, strict=True))
    passages = sum(counts["passages"] for counts in index.counts.values())
    lines = [
        "# Speed of the service",
        "",
        f"{passages:,} passages in {len(index.languages)} languages, queries of four words, ten hits, hybrid; medians "
        f"of {options.rounds} paired rounds, {cpu_count()} processors, which the callers share with the service. "
        "Rerun: `python benchmarks/service.py INDEX`.",
        "",
        "| work | searches a second | share |",
        "|---|--:|--:|",
        f"| in the process, {cpu_count()} threads | {statistics.median(inside):.0f} | 100% |",
        f"| over HTTP, {CALLERS} callers | {statistics.median(outside):.0f} | {share:.0%} |",
        "",
        f"At half of the highest rate, {half:.0f} searches a second at even intervals: median {middle:.1f} ms, 99th "
        f"percentile {high:.1f} ms.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "service.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {
        "machine": platform.machine(),
        "processors": cpu_count(),
        "passages": passages,
        "in_process": inside,
        "service": outside,
        "share": share,
        "half_rate": half,
        "median_ms": middle,
        "p99_ms": high,
    }
    (RESULTS / "service.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
