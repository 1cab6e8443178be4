"""What requests are estimated to cost beside what they take: whether the service's unit is about a millisecond.

    python benchmarks/costs.py INDEX

Searches with queries of some lengths, in all languages and in one, with and without reasons; texts of some scripts.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.machine import cpu_count
from sprachbund.search.index import Index
from sprachbund.service.cost import Search, of_texts
from sprachbund.service.live import warm

RESULTS = Path(__file__).parent / "results"
LENGTHS = (30, 1_000, 10_000)
TEXT = 100_000
SCRIPTS = {
    "Thai": "ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน",
    "Chinese": "中华人民共和国成立于一九四九年十月一日",
    "marks": "a\u0301\u0302" * 20,
}


def taken(work: Callable[[], Any]) -> float:
    """Milliseconds of a processor, the second time."""
    work()
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e3


def main() -> None:
    """Measure and write benchmarks/results/costs.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    index = Index.open(parser.parse_args().index)
    warm(index)
    points = index.map()
    if points is None:
        raise SystemExit("this index has no map to draw words for queries from; build one with a map")
    words = [label for kind, label in zip(points.kinds, points.labels, strict=True) if kind == 1]
    drawn = " ".join(np.random.default_rng(0).choice(words, TEXT))
    largest = max(index.counts, key=lambda code: index.counts[code]["passages"])
    rows: list[tuple[str, float, float]] = []
    for length in LENGTHS:
        query = drawn[:length]
        for languages in ((), (largest,)):
            for k, why in ((10, False), (1_000, False), (20, True)):
                cost = Search(length, len(languages) or len(index.languages), k, why).cost

                def work(query: str = query, k: int = k, languages: Any = languages, why: bool = why) -> None:
                    hits = index.search(query, k, languages)
                    if why:
                        index.whys(query, hits)

                where = languages[0] if languages else "all"
                rows.append((f"{length:,} characters, {where}, k {k}{', why' if why else ''}", cost, taken(work)))
    for name, text in {"words of the index": drawn, **SCRIPTS}.items():
        long = (text * (TEXT // len(text) + 1))[:TEXT]
        encode = taken(lambda long=long: index.encoder.encode([long]))
        rows.append((f"a text of {TEXT:,} characters: {name}", of_texts([TEXT]), encode))
    passages = sum(counts["passages"] for counts in index.counts.values())
    lines = [
        "# Costs of requests",
        "",
        f"{passages:,} passages in {len(index.languages)} languages, hybrid, {cpu_count()} processors. Rerun: "
        "`python benchmarks/costs.py INDEX`.",
        "",
        "| request | estimated cost | ms of a processor |",
        "|---|--:|--:|",
        *(f"| {name} | {cost:,.0f} | {found:,.0f} |" for name, cost, found in rows),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "costs.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "costs.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
