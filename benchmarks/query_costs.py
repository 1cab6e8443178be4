"""What operators, filters and corrections of a query take, beside what the service estimates that they cost.

    python benchmarks/query_costs.py INDEX

The words are drawn from the index: a frequent one, a rare one, two frequent ones that follow one another somewhere.
"""

import argparse
import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from sprachbund.corpus.segment import words
from sprachbund.machine import cpu_count
from sprachbund.search.catalogue import read_catalogue
from sprachbund.search.filters import passages_of
from sprachbund.search.index import Index
from sprachbund.search.segment import Segment
from sprachbund.service.cost import Search, narrowing
from sprachbund.service.live import warm
from sprachbund.service.schemas import SearchRequest

RESULTS = Path(__file__).parent / "results"
READ = 2_000
"""Passages that words are drawn from."""
TIMES = 5


def taken(work: Callable[[], Any]) -> float:
    """Milliseconds of a processor: the least of some times."""
    work()
    found = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        found.append((time.process_time() - started) * 1e3)
    return min(found)


def frequent_pair(segment: Segment) -> tuple[str, str]:
    """Of the pairs of words that follow one another, the one whose rarer word most passages have."""
    pairs: set[tuple[str, str]] = set()
    for text in segment.records.texts(0, min(READ, len(segment))):
        found = words(text, segment.language)
        pairs |= set(pairwise(found))
    every = sorted({word for pair in pairs for word in pair})
    counts = dict(zip(every, passages_of([segment], every), strict=True))
    return max(sorted(pairs), key=lambda pair: (min(counts[pair[0]], counts[pair[1]]), pair))


def main() -> None:
    """Measure and write benchmarks/results/query-costs.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    index = Index.open(parser.parse_args().index)
    warm(index)
    started = time.process_time()
    for segment in index.segments:
        _ = read_catalogue(segment.records, segment.language, segment.folds).titles
    catalogue = (time.process_time() - started) * 1e3
    largest = max(index.segments, key=len)
    one, other = frequent_pair(largest)
    every = largest.records.words(one[:1])
    rare = max((word for word in every if len(word) > 6), key=len)
    plain = f"{one} {other} {rare}"
    asked = {
        "words": {"query": plain},
        "a word left out": {"query": f"{other} {rare} -{one}"},
        "a phrase of frequent words": {"query": f'{rare} "{one} {other}"'},
        "the same the other way round": {"query": f'{rare} "{other} {one}"'},
        "how a word begins: a letter": {"query": f"{rare} {one[:1]}*"},
        "how a word begins: four letters": {"query": f"{plain} {rare[:4]}*"},
        "a title": {"query": f"{plain} title:{one}"},
        "dates": {"query": plain, "since": "2000", "until": "2020"},
        "by document": {"query": plain, "group": True},
        "the tenth page": {"query": plain, "offset": 90},
        "five passages around each": {"query": plain, "context": 5},
        "three typing errors": {"query": " ".join(f"{rare[:n]}{rare[n + 1 :]}q" for n in (1, 3, 5))},
        "32 operators": {
            "query": f"{plain} " + " ".join(f"-{word}" for word in every[:28]) + f' "{one} {other}" a* b*'
        },
    }
    rows = []
    for name, body in asked.items():
        request = SearchRequest(**body)
        cost = Search(len(request.query), len(index.languages), 10, **narrowing(request)).cost
        more = {key: value for key, value in body.items() if key != "query"}
        rows.append((name, cost, taken(lambda query=request.query, more=more: index.search(query, 10, **more))))
    passages = sum(counts["passages"] for counts in index.counts.values())
    documents = sum(counts["documents"] for counts in index.counts.values())
    lines = [
        "# Costs of operators",
        "",
        f"{passages:,} passages of {documents:,} documents in {len(index.languages)} languages, hybrid, k 10, "
        f"{cpu_count()} processors. Reading titles and metadata, once: {catalogue:,.0f} ms. Rerun: "
        "`python benchmarks/query_costs.py INDEX`.",
        "",
        "| query | estimated cost | ms of a processor |",
        "|---|--:|--:|",
        *(f"| {name} | {cost:,.0f} | {found:,.1f} |" for name, cost, found in rows),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "query-costs.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "query-costs.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
