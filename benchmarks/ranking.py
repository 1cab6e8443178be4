"""Evaluation speed: ranks with exclusions against a bare matrix product of the same size.

    python benchmarks/ranking.py [--rounds 7]

1,000 queries, 100,000 candidates, 256 dimensions, 30 candidates left out for each query.
"""

import argparse
import json
import platform
import statistics
import time
from pathlib import Path

import numpy as np

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.machine import cpu_count
from sprachbund.retrieval.ranking.ranks import Dense, lists, rank

RESULTS = Path(__file__).parent / "results"
QUERIES, CANDIDATES, DIM, LEFT_OUT = 1_000, 100_000, 256, 30


def main() -> None:
    """Measure and write benchmarks/results/ranking.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    set_threads(cpu_count())
    keep_memory()
    generator = np.random.default_rng(0)
    queries, candidates = (
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for vectors in (generator.standard_normal((n, DIM), np.float32) for n in (QUERIES, CANDIDATES))
    )
    truth = generator.integers(0, CANDIDATES, QUERIES)
    excluded = lists([np.append(generator.integers(0, CANDIDATES, LEFT_OUT), own) for own in truth])
    scorer, one = Dense(queries, candidates), np.ones((1, 1), np.float32)
    flops = 2 * QUERIES * CANDIDATES * DIM
    ranks, products = [], []
    for number in range(options.rounds + 1):
        started = time.perf_counter()
        rank([scorer], one, truth, CANDIDATES, excluded)
        middle = time.perf_counter()
        for low in range(0, QUERIES, 250):
            queries[low : low + 250] @ candidates.T
        ended = time.perf_counter()
        if number:
            ranks.append(flops / (middle - started) / 1e9)
            products.append(flops / (ended - middle) / 1e9)
    share = statistics.median(a / b for a, b in zip(ranks, products, strict=True))
    lines = [
        "# Evaluation speed",
        "",
        f"{QUERIES:,} queries, {CANDIDATES:,} candidates, dim {DIM}, {LEFT_OUT} left out for each query; medians of "
        f"{options.rounds} paired rounds, {cpu_count()} threads. Rerun: `python benchmarks/ranking.py`.",
        "",
        "| work | GFLOP/s | share of the product's rate |",
        "|---|--:|--:|",
        f"| matrix product alone | {statistics.median(products):.0f} | 100% |",
        f"| ranks, exclusions and ties included | {statistics.median(ranks):.0f} | {share:.0%} |",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ranking.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"machine": platform.machine(), "ranks": ranks, "products": products, "share": share}
    (RESULTS / "ranking.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
