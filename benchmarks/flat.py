"""Flat search of 150,000 passages: rounded rows first, beside every exact row and FAISS's IndexFlatIP, in one run.

    python benchmarks/flat.py [--work FOLDER] [--rounds 9]

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), 17 languages, five sentences a passage,
the 512 numbers of `best` (half an epoch). Queries: 51 of its sentences, cut to eight words. Searched are the index,
a segment or more a language, and one segment of all its vectors. Recall is of the best by exact products in float64;
one thread, one query at a time, the processor's time. Writes benchmarks/results/flat.{md,json}.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np

from sprachbund import Corpus, Index, train
from sprachbund.arrays import Float32, Int64
from sprachbund.corpus.ingest import ingest
from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.retrieval.settings import BEST, change
from sprachbund.search.building import IndexSettings, add_corpus, create
from sprachbund.search.dense import DenseIndex, build
from sprachbund.search.rounded import FILES, Rounded
from sprachbund.search.searching import Question, Scope, _best_dense, ask, at_leisure

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
QUERIES, WORDS = 51, 8
DEPTHS = (10, 100)
ROUNDING = 1e-6
"""Of a score in 32 bits."""
Search = Callable[[int, int], Int64]
"""The best passages of all, by the number of a query and how many."""


def prepare(work: Path) -> Index:
    """The index, made once."""
    if not (work / "corpus").exists():
        ingest([DATA / "wikipedia"], work / "corpus")
    if not (work / "model").exists():
        train(Corpus.open(work / "corpus"), work / "model", settings=change(BEST, epochs=0.5))
    if not (work / "index" / "index.json").exists():
        settings = IndexSettings(dense="flat", map_points=0, neighbours=False)
        create(work / "index", work / "model", settings)
    if not Index.open(work / "index").counts:
        add_corpus(work / "index", work / "corpus")
    return Index.open(work / "index")


def ask_sentences(index: Index) -> list[Question]:
    """As many of each language as can be."""
    generator = np.random.default_rng(0)
    each = -(-QUERIES // len(index.segments))
    texts = []
    for segment in index.segments:
        drawn = generator.choice(len(segment), each, replace=False).tolist()
        texts += [record.text.split("\n")[0] for record in segment.records.passages(drawn)]
    return [ask(index.encoder, " ".join(text.split()[:WORDS])) for text in texts[:QUERIES]]


def one_segment(index: Index, folder: Path) -> DenseIndex:
    """All vectors of the index as those of one segment."""
    vectors = np.concatenate([s.dense.vectors(np.arange(len(s))) for s in index.segments]).astype(np.float16)
    if not (folder / "dense.faiss").exists():
        folder.mkdir(exist_ok=True)
        build(vectors, "flat", vectors[:0].astype(np.float32), folder / "dense.faiss")
        Rounded.of(vectors).write(folder)
    choice = index.segments[0].dense.choice
    opened = DenseIndex.open(folder / "dense.faiss", choice, *vectors.shape)
    return replace(opened, rounded=Rounded.open(folder, *vectors.shape))


def arms_of(index: Index, whole: DenseIndex, questions: list[Question]) -> dict[str, Search]:
    """What is timed."""
    starts = np.cumsum([0, *map(len, index.segments)])
    vectors = whole.vectors(np.arange(int(starts[-1])))
    plain = faiss.IndexFlatIP(vectors.shape[1])
    plain.add(vectors)
    scope = index._scopes(index.languages)
    before = replace(scope, segments=tuple(replace(s, dense=replace(s.dense, rounded=None)) for s in scope.segments))

    def languages(scope: Scope) -> Search:
        def search(i: int, k: int) -> Int64:
            found = _best_dense(scope, questions[i], k, at_leisure)
            return starts[found.segments] + found.passages

        return search

    def segment(dense: DenseIndex) -> Search:
        return lambda i, k: dense.search(questions[i].vector, k)[0]

    return {
        "one segment, rounded rows first": segment(whole),
        "one segment, every exact row": segment(replace(whole, rounded=None)),
        "one segment, FAISS IndexFlatIP, 32 bits": lambda i, k: plain.search(questions[i].vector[None], k)[1][0],
        f"{len(index.segments)} segments, rounded rows first": languages(scope),
        f"{len(index.segments)} segments, every exact row": languages(before),
    }


def recalls(arms: dict[str, Search], vectors: Float32, questions: list[Question]) -> dict[str, dict[int, float]]:
    """The share of the best by exact products that each finds; what scores as the last of these do is one of them."""
    shares: dict[str, dict[int, list[float]]] = {name: {k: [] for k in DEPTHS} for name in arms}
    for i, question in enumerate(questions):
        scores = vectors @ question.vector.astype(np.float64)
        for k in DEPTHS:
            floor = np.partition(scores, len(scores) - k)[len(scores) - k] - ROUNDING
            for name, search in arms.items():
                shares[name][k].append(min(k, int((scores[search(i, k)] >= floor).sum())) / k)
    return {name: {k: statistics.fmean(each[k]) for k in DEPTHS} for name, each in shares.items()}


def timed(arms: dict[str, Search], queries: int, rounds: int) -> dict[str, dict[int, float]]:
    """Milliseconds of a processor a query: of each query the best of some rounds, and of these the mean."""
    best = {name: {k: np.full(queries, np.inf) for k in DEPTHS} for name in arms}
    for _ in range(rounds):
        for name, search in arms.items():
            for k in DEPTHS:
                for i in range(queries):
                    started = time.process_time()
                    search(i, k)
                    best[name][k][i] = min(best[name][k][i], 1e3 * (time.process_time() - started))
    return {name: {k: float(each[k].mean()) for k in DEPTHS} for name, each in best.items()}


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("flat"))
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    index = prepare(options.work)
    set_threads(1)
    keep_memory()
    faiss.omp_set_num_threads(1)
    questions = ask_sentences(index)
    whole = one_segment(index, options.work / "whole")
    arms = arms_of(index, whole, questions)
    taken = timed(arms, len(questions), options.rounds)
    assert whole.rounded is not None
    rounded = whole.rounded
    vectors = whole.vectors(np.arange(len(rounded.rows))).astype(np.float64)
    found = recalls(arms, vectors, questions)
    kept = {k: [len(rounded.candidates(question.vector, k)) for question in questions] for k in DEPTHS}
    started = time.process_time()
    Rounded.of(vectors[:10_000].astype(np.float16))
    rounding = (time.process_time() - started) * len(vectors) / 10_000
    opening = opened(options.work / "whole", vectors.shape)
    write(index, vectors.shape, options.rounds, taken, found, kept, {"rounding_s": rounding, "opening_ms": opening})


def opened(folder: Path, shape: tuple[int, ...]) -> float:
    """Milliseconds to open the rounded rows."""
    times = []
    for _ in range(9):
        started = time.process_time()
        Rounded.open(folder, shape[0], shape[1])
        times.append(1e3 * (time.process_time() - started))
    return min(times)


def write(
    index: Index,
    shape: tuple[int, ...],
    rounds: int,
    taken: dict[str, dict[int, float]],
    found: dict[str, dict[int, float]],
    kept: dict[int, list[int]],
    costs: dict[str, float],
) -> None:
    """The table for people and the figures for machines."""
    first = next(iter(taken))
    candidates = ", ".join(
        f"{statistics.fmean(counts):,.0f} for the best {k} (at most {max(counts):,})" for k, counts in kept.items()
    )
    lines = [
        "# Flat search",
        "",
        f"{shape[0]:,} passages of {len(index.languages)} languages, {shape[1]} numbers a vector; {QUERIES} queries of "
        f"{WORDS} words, one thread, milliseconds of a processor, of each query the best of {rounds} rounds. Rerun: "
        "`python benchmarks/flat.py`.",
        "",
        "| | ms, k = 10 | ms, k = 100 | recall@10 | recall@100 | first row's time, of this, k = 10 |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {name} | {each[10]:.2f} | {each[100]:.2f} | {found[name][10]:.4f} | {found[name][100]:.4f} "
            f"| {taken[first][10] / each[10]:.2f} |"
            for name, each in taken.items()
        ),
        "",
        f"Exact rows that are scored after the rounded ones, of one segment: {candidates}. Rounding all when the index "
        f"is built: {costs['rounding_s']:.1f} s; opening: {costs['opening_ms']:.1f} ms; on disk {' and '.join(FILES)} "
        f"{(shape[1] + 8) * shape[0] / 1e6:.0f} MB, the exact rows {2 * shape[1] * shape[0] / 1e6:.0f} MB.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "flat.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"taken": taken, "recall": found, "candidates": kept, "passages": shape[0], **costs}
    (RESULTS / "flat.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
