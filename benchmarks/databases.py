"""An index in PostgreSQL with pgvector beside the index itself: loading, latency, recall; exact and with a graph.

    python benchmarks/databases.py --url postgresql://user@/db?host=/socket [--work FOLDER] [--rounds 3]

Text: Turkish and Greek of ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), an encoder of 128
numbers trained on it, flat vectors. Queries: 200 beginnings of its passages, eight words each. Each query goes to all
arms in turn, in one run; one thread here, the server with its own settings but no parallel workers. Recall is of the
ten that the flat index finds. Writes benchmarks/results/databases.{md,json}. The tables of the run are dropped.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from sprachbund import Corpus, Database, Index, train, write_index
from sprachbund.corpus.ingest import ingest
from sprachbund.databases.address import read_address
from sprachbund.engines.processes import set_threads
from sprachbund.retrieval.settings import BEST, change
from sprachbund.search.building import IndexSettings, add_corpus, create

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
FILES = ("el.dump100k", "tr.tquad", "tr.wikiextractor")
QUERIES, WORDS, K = 200, 8, 10
TABLES = {"pgvector_exact": False, "pgvector_hnsw": True}
MODES = ("dense", "hybrid")


def prepare(work: Path) -> Index:
    """The index, made once."""
    if not (work / "corpus").exists():
        ingest([DATA / "wikipedia" / f"{name}.jsonl.gz" for name in FILES], work / "corpus", workers=1)
    if not (work / "model").exists():
        train(Corpus.open(work / "corpus"), work / "model", settings=change(BEST, dim=128, epochs=0.25))
    if not (work / "index" / "index.json").exists():
        settings = IndexSettings(sentences=2, dense="flat", map_points=0, neighbours=False)
        create(work / "index", work / "model", settings)
        add_corpus(work / "index", work / "corpus")
    return Index.open(work / "index")


def queries_of(index: Index) -> list[str]:
    """Beginnings of passages."""
    generator = np.random.default_rng(0)
    found: list[str] = []
    for segment in index.segments:
        drawn = generator.integers(0, len(segment), QUERIES // len(index.segments) + 1)
        found += [" ".join(record.text.split()[:WORDS]) for record in segment.records.passages(drawn.tolist())]
    return found[:QUERIES]


def load(index: Index, url: str, connection: Any) -> dict[str, dict[str, float]]:
    """Both tables, written anew: seconds and megabytes."""
    found = {}
    for name in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}, {name}_about")
        started = time.perf_counter()
        write_index(index, url.format(name), hnsw=TABLES[name])
        seconds = time.perf_counter() - started
        size = connection.execute(f"SELECT pg_total_relation_size('{name}')").fetchone()[0]
        found[name] = {"seconds": seconds, "mb": size / 1e6}
    return found


def ask(arms: dict[str, Callable[[str], list[Any]]], queries: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Milliseconds a query and its recall, by arm; a query goes to all before the next does. The first round warms."""
    taken: dict[str, list[float]] = {name: [] for name in arms}
    found: dict[str, list[set[str]]] = {name: [] for name in arms}
    for number in range(rounds + 1):
        for query in queries:
            for name, arm in arms.items():
                started = time.perf_counter()
                hits = arm(query)
                if number:
                    taken[name].append(1e3 * (time.perf_counter() - started))
                else:
                    found[name].append({hit.key for hit in hits})
    result: dict[str, dict[str, Any]] = {}
    for name in arms:
        result[name] = {f"p{q}": float(np.percentile(taken[name], q)) for q in (50, 95)}
        expected = found[f"index, {name.rpartition(', ')[2]}"]
        pairs = zip(found[name], expected, strict=True)
        result[name]["recall"] = float(np.mean([len(one & other) / max(1, len(other)) for one, other in pairs]))
    return result


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--url", required=True, help="of a database of PostgreSQL; the tables of the run are made in it"
    )
    parser.add_argument("--work", type=Path, default=Path("databases"))
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    index = prepare(options.work)
    set_threads(1)
    sign = "&" if "?" in options.url else "?"
    url = f"{options.url}{sign}table={{}}&options=-c%20max_parallel_workers_per_gather%3D0"
    with psycopg.connect(read_address(options.url).url, autocommit=True) as connection:
        loaded = load(index, url, connection)
        arms: dict[str, Callable[[str], list[Any]]] = {}
        with ExitStack() as stack:
            places = {name: stack.enter_context(Database.open(url.format(name), index.path)) for name in TABLES}
            for mode in MODES:
                arms[f"index, {mode}"] = partial(index.search, k=K, mode=mode, operators=False, correct=False)
                for name, place in places.items():
                    arms[f"{name}, {mode}"] = partial(place.search, k=K, mode=mode)
            found = ask(arms, queries_of(index), options.rounds)
        server = connection.execute("SHOW server_version").fetchone()[0]
        for name in TABLES:
            connection.execute(f"DROP TABLE {name}, {name}_about")
    passages = sum(count["passages"] for count in index.counts.values())
    write({"passages": passages, "dim": index.encoder.dim, "server": server, "loaded": loaded, "arms": found})


def write(record: dict[str, Any]) -> None:
    """The table for people and the figures for machines."""
    loads = [f"{name} {said['seconds']:.0f} s and {said['mb']:.0f} MB" for name, said in record["loaded"].items()]
    lines = [
        "# Databases",
        "",
        f"{record['passages']:,} passages, {record['dim']} numbers a vector, {QUERIES} queries of {WORDS} words, "
        f"k = {K}; PostgreSQL {record['server']} on the same machine, one thread each, a query to all in turn. Recall "
        "is of the ten that the index finds in the same mode. Rerun: `python benchmarks/databases.py --url URL`.",
        "",
        "| | ms a query, p50 | p95 | recall@10 |",
        "|---|--:|--:|--:|",
        *(
            f"| {name} | {said['p50']:.1f} | {said['p95']:.1f} | {said['recall']:.3f} |"
            for name, said in record["arms"].items()
        ),
        "",
        f"To write and keep: {', '.join(loads)}. In hybrid the index also has runs of characters and what surrounds a "
        "passage, the database words alone: recall there says how much the two agree.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "databases.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "databases.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
