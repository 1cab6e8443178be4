"""Search speed on a million passages, beside FAISS used directly and bm25s, in one run.

    python benchmarks/search_speed.py [--work FOLDER] [--passages 1000000] [--rounds 5]

Text: ``wikipedia_large`` (English and German) in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), a sentence a
passage, 256 numbers a vector, the index that is chosen by size. Queries: 200 of its sentences, cut to eight words.
Writes benchmarks/results/search-speed.{md,json}: dense search against FAISS on the same files, hybrid against the sum
of dense and BM25, BM25 against bm25s over the same words, encoding a query, opening, size and memory. One thread.
"""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np

from sprachbund import Corpus, Index, train
from sprachbund.corpus.ingest import ingest
from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.retrieval.settings import BEST, change
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.dense import parameters
from sprachbund.search.searching import _best_dense, ask, at_leisure, best_bm25, find, terms_of

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
QUERIES, WORDS, K = 200, 8, 10


def prepare(work: Path) -> Index:
    """The index, made once."""
    if not (work / "corpus").exists():
        ingest([DATA / "wikipedia_large"], work / "corpus")
    if not (work / "model").exists():
        train(Corpus.open(work / "corpus"), work / "model", settings=change(BEST, dim=256, epochs=0.5))
    if not (work / "index" / "index.json").exists():
        create(work / "index", work / "model", IndexSettings(sentences=1, map_points=0))
    if not Index.open(work / "index").counts:
        started = time.perf_counter()
        add_corpus(work / "index", work / "corpus")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        note = {"seconds": time.perf_counter() - started, "peak_mb": peak}
        (work / "built.json").write_text(json.dumps(note), encoding="utf-8")
    return Index.open(work / "index")


def timed(work: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for number in range(count):
        started = time.perf_counter()
        work(number)
        found.append(1e3 * (time.perf_counter() - started))
    return found


def peer(index: Index, queries: list[str]) -> Callable[[int], object]:
    """bm25s over the words of the same passages, its fastest engine."""
    import bm25s

    texts = [text for segment in index.segments for text in segment.records.texts(0, len(segment))]
    retriever = bm25s.BM25(method="lucene", backend="numba")
    retriever.index(bm25s.tokenize(texts, stopwords=None, show_progress=False), show_progress=False)
    asked = bm25s.tokenize(queries, stopwords=None, return_ids=False, show_progress=False)
    asked = [[query] for query in asked]
    return lambda i: retriever.retrieve(asked[i], k=K, show_progress=False, n_threads=0)


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("search-speed"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-bm25s", action="store_true")
    options = parser.parse_args()
    index = prepare(options.work)
    set_threads(1)
    keep_memory()
    faiss.omp_set_num_threads(1)
    opening = statistics.median(timed(lambda _: Index.open(options.work / "index"), 5))
    generator = np.random.default_rng(0)
    queries = []
    for segment in index.segments:
        drawn = generator.integers(0, len(segment), QUERIES // len(index.segments) + 1)
        queries += [" ".join(record.text.split()[:WORDS]) for record in segment.records.passages(drawn.tolist())]
    queries = queries[:QUERIES]
    scope = index._scopes(index.languages)
    questions = [ask(index.encoder, query) for query in queries]

    def direct(i: int) -> None:
        best: list[tuple[float, int, int]] = []
        for number, segment in enumerate(scope.segments):
            given = parameters(faiss, segment.dense.choice.kind, segment.dense.choice.width)
            scores, found = segment.dense.index.search(questions[i].vector[None], K, params=given)
            best += zip(scores[0].tolist(), [number] * K, found[0].tolist(), strict=True)
        sorted(best, reverse=True)[:K]

    arms: dict[str, Callable[[int], object]] = {
        "faiss": direct,
        "dense": lambda i: _best_dense(scope, questions[i], K, at_leisure),
        "dense, as deep as hybrid": lambda i: _best_dense(scope, questions[i], 100, at_leisure),
        "bm25": lambda i: best_bm25(scope, terms_of(scope, questions[i], index.fusion), K),
        "bm25, as deep as hybrid": lambda i: best_bm25(scope, terms_of(scope, questions[i], index.fusion), 100),
        "hybrid": lambda i: find(scope, questions[i], index.fusion, "hybrid", K),
        "encode": lambda i: ask(index.encoder, queries[i]),
        "search, all of it": lambda i: index.search(queries[i], K, operators=False),
    }
    if not options.without_bm25s:
        arms["bm25s, words alone"] = peer(index, queries)
    rounds: dict[str, list[float]] = {name: [] for name in arms}
    tails: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(options.rounds + 1):
        for name, arm in arms.items():
            taken = timed(arm, QUERIES)
            if number:
                rounds[name].append(statistics.fmean(taken))
                tails[name].append(float(np.quantile(taken, 0.99)))
    write(index, options, opening, rounds, tails)


def write(index: Index, options: argparse.Namespace, opening: float, rounds: dict, tails: dict) -> None:
    """The table for people and the figures for machines."""
    middle = {name: statistics.median(values) for name, values in rounds.items()}
    tail = {name: statistics.median(values) for name, values in tails.items()}

    def ratio(a: str, *parts: str) -> float:
        each = zip(rounds[a], *(rounds[part] for part in parts), strict=True)
        return statistics.median(own / sum(rest) for own, *rest in each)

    passages = sum(counts["passages"] for counts in index.counts.values())
    size = sum(path.stat().st_size for path in index.path.rglob("*") if path.is_file()) / 1e9
    dense = ", ".join(
        f"{s.manifest['dense']['kind']} (recall@10 {s.manifest['dense']['recall']:.3f})" for s in index.segments
    )
    built = json.loads((options.work / "built.json").read_text(encoding="utf-8"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# Search speed",
        "",
        f"{passages:,} passages, {index.encoder.dim} numbers a vector, {len(index.segments)} segments: {dense}. "
        f"{QUERIES} queries of {WORDS} words, k = {K}, one thread, medians of {options.rounds} rounds of means. Rerun: "
        "`python benchmarks/search_speed.py`.",
        "",
        "| | ms a query | 99% |",
        "|---|--:|--:|",
        *(f"| {name} | {middle[name]:.2f} | {tail[name]:.2f} |" for name in middle),
        "",
        "| ratio | found | goal |",
        "|---|--:|--:|",
        f"| dense, of FAISS on the same files | {ratio('dense', 'faiss'):.2f} | at most 1.10 |",
        "| hybrid, of dense and BM25 as deep as it needs them | "
        f"{ratio('hybrid', 'dense, as deep as hybrid', 'bm25, as deep as hybrid'):.2f} | at most 1 |",
        f"| hybrid, of dense and BM25 for ten results | {ratio('hybrid', 'dense', 'bm25'):.2f} | |",
    ]
    if "bm25s, words alone" in middle:
        lines.append(
            f"| BM25 with characters and surroundings, of bm25s | {ratio('bm25', 'bm25s, words alone'):.2f} | |"
        )
    lines += [
        f"| encoding a query, ms | {middle['encode']:.2f} | under 1 |",
        f"| opening, ms | {opening:.0f} | under 1,000 |",
        "",
        f"Built in {built['seconds']:.0f} s with {built['peak_mb']:.0f} MB at most; {size:.2f} GB on disk, the model "
        f"included; {peak:.0f} MB of memory at most in this run, files that are mapped and the peer included.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "search-speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"rounds": rounds, "tails": tails, "opening_ms": opening, "passages": passages, "gb": size, "built": built}
    (RESULTS / "search-speed.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
