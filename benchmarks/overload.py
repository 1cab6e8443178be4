"""Ten times as many callers as the service takes, for half a minute: what they get, and how the service is after it.

    python benchmarks/overload.py INDEX [--seconds 30]

5,120 callers, each asking again as soon as it is answered, where 512 requests may be in flight: first over connections
that they keep, then over a new one for each request. *Goodput* is the searches answered a second, beside those that 32
callers get just before or just after, whichever is more.
"""

import argparse
import asyncio
import json
import platform
import time
from pathlib import Path
from typing import Any

from load import allow_connections, as_bytes, press, quantiles, queries, resident, served, steady
from sprachbund.machine import cpu_count
from sprachbund.search.index import Index
from sprachbund.service.limits import Limits

RESULTS = Path(__file__).parent / "results"
TIMES = 10
FEW = 32
"""Callers with whom the service does as much as it can."""
CALM = 20.0
"""Searches a second before and after."""


def main() -> None:
    """Measure and write benchmarks/results/overload.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    allow_connections()
    requests = [as_bytes(query) for query in queries(Index.open(options.index), 2_000)]
    callers = TIMES * Limits().concurrent
    memory: list[float] = []

    async def watched(process: Any, port: int, kept: bool) -> Any:
        async def watch() -> None:
            while True:
                memory.append(resident(process))
                await asyncio.sleep(1)

        watching = asyncio.create_task(watch())
        tally = await press(port, requests, callers, options.seconds, kept=kept)
        watching.cancel()
        return tally

    def few(port: int) -> float:
        tally = asyncio.run(press(port, requests, FEW, options.seconds / 3))
        return tally.statuses[200] / (options.seconds / 3)

    rows: list[dict[str, Any]] = []
    with served(options.index) as (process, port):
        asyncio.run(press(port, requests, FEW, 3.0))
        before = asyncio.run(steady(port, requests, CALM, 4, 5.0))
        calm = resident(process)
        for kept in (True, False):
            before_it = few(port)
            tally = asyncio.run(watched(process, port, kept))
            time.sleep(2)
            capacity = max(before_it, few(port))
            good = tally.statuses[200] / options.seconds
            rows.append(
                {
                    "connections": "kept" if kept else "new for each request",
                    "capacity": capacity,
                    "goodput": good,
                    "share": good / capacity,
                    "statuses": dict(sorted(tally.statuses.items())),
                    "failed": dict(tally.failed),
                }
            )
        after = asyncio.run(steady(port, requests, CALM, 4, 5.0))
        at_end = resident(process)
    lines = [
        "# Overload",
        "",
        f"{callers:,} callers for {options.seconds:.0f} s where {Limits().concurrent} requests may be in flight; "
        f"{cpu_count()} processors, which the callers share with the service. Rerun: "
        "`python benchmarks/overload.py INDEX`.",
        "",
        f"| connections | searches a second, {FEW} callers | goodput, {callers:,} callers | share | answers by status "
        "| connections that failed |",
        "|---|--:|--:|--:|---|--:|",
    ]
    for row in rows:
        statuses = ", ".join(f"{status}: {count:,}" for status, count in row["statuses"].items())
        lines.append(
            f"| {row['connections']} | {row['capacity']:.0f} | {row['goodput']:.0f} | {row['share']:.0%} | {statuses} "
            f"| {sum(row['failed'].values()):,} |"
        )
    lines += [
        "",
        "| | |",
        "|---|--:|",
        f"| memory of its own before, in MiB | {calm:.0f} |",
        f"| the most under load | {max(memory):.0f} |",
        f"| memory after it | {at_end:.0f} |",
        "| median and 99th percentile before, in ms | {:.1f}, {:.1f} |".format(*quantiles(before.seconds)),
        "| median and 99th percentile after | {:.1f}, {:.1f} |".format(*quantiles(after.seconds)),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "overload.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {
        "machine": platform.machine(),
        "callers": callers,
        "loads": rows,
        "memory_mib": [calm, *memory, at_end],
        "before_ms": quantiles(before.seconds),
        "after_ms": quantiles(after.seconds),
        "statuses_after": dict(after.statuses),
    }
    (RESULTS / "overload.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
