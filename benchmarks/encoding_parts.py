"""A corpus encoded in parts and at once: time and memory of each step, by one process.

    python benchmarks/encoding_parts.py CORPUS [--rounds 3] [--part-bytes 33554432]

At once every language is one part. The two are made in turn, and every file that they make is seen to be equal. Memory
is the most that a step's process had, and of a process that did nothing; a word of a larger part takes what the larger
peak has more, divided by the words that it has more. A part is files of ``--part-bytes`` together, of the corpus, where
they are compressed; the software's own where it is not said.
"""

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.corpus.placing import place_documents, split_hash
from sprachbund.corpus.store import Corpus
from sprachbund.engines.processes import Processes
from sprachbund.files import sha256_file
from sprachbund.machine import peak_memory
from sprachbund.retrieval.encoder.encoding import work
from sprachbund.retrieval.encoder.encoding.beginning import begin
from sprachbund.retrieval.encoder.encoding.disk import read
from sprachbund.retrieval.settings import BEST, split_of
from sprachbund.runs.store import Specification
from sprachbund.runs.workers import perform_all

RESULTS = Path(__file__).parent / "results"
WAYS = ("in parts", "at once")
MIB = 2**20


def carried_out(jobs: work.Jobs, specifications: list[Specification]) -> dict[str, float]:
    """Seconds, the largest peak, and that of the process before."""
    with closing(Processes(1)) as process:
        idle = process.start(peak_memory).result()
        began = time.perf_counter()
        perform_all(jobs.runs, specifications, jobs, workers=1, engine=process)
        seconds = time.perf_counter() - began
    took = [jobs.runs.took(each) for each in specifications]
    return {"seconds": seconds, "peak": max(each[1] for each in took if each), "idle": idle}


def encoded(corpus: Corpus, folder: Path, part_bytes: int) -> dict[str, Any]:
    """All steps of an encoding, and the hashes of what they made."""
    work.PART_BYTES = part_bytes
    languages = corpus.languages
    placed = place_documents(corpus, languages, split_of(BEST))
    said = {
        "corpus": corpus.content_hash(), "split": split_hash(placed), "languages": list(languages), "bigrams": True,
        "characters": [4, 5], "min_count": 1, "max_size": None, "spelling": "written",
    }  # fmt: skip
    jobs = work.Jobs.of(corpus.path, folder, said)
    jobs.runs.perform(jobs.begin, partial(begin, corpus, placed, BEST, None, None))
    parts = [part for code in languages for part in jobs.parts(code)]
    steps = {"parts": parts, "ngrams": [jobs.ngrams], "languages": [jobs.language(code) for code in languages]}
    found: dict[str, Any] = {name: carried_out(jobs, each) for name, each in steps.items()}
    sizes = [part["bytes"] for part in parts]
    words = [len(read(jobs.runs.folder(part), "words")) for part in parts]
    made = [jobs.runs.folder(each) for each in (jobs.ngrams, *steps["languages"])]
    hashes = [sha256_file(path) for each in made for path in sorted(each.glob("*.npy"))]
    return found | {"sizes": sizes, "words": words, "hashes": hashes}


def main() -> None:
    """Measure and write benchmarks/results/encoding-parts.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part-bytes", type=int, default=work.PART_BYTES)
    given = parser.parse_args()
    corpus = Corpus.open(given.corpus)
    text = sum(int(corpus.read(code, ["text"])["text"].str.len_bytes().sum()) for code in corpus.languages)
    rounds: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(given.rounds):
        for way, part_bytes in zip(WAYS, (given.part_bytes, 1 << 60), strict=True):
            with tempfile.TemporaryDirectory() as folder:
                rounds[way].append(encoded(corpus, Path(folder), part_bytes))
    assert len({tuple(each["hashes"]) for found in rounds.values() for each in found}) == 1, "the two differ"
    parts, once = (rounds[way][0] for way in WAYS)
    steps = ("parts", "ngrams", "languages")
    seconds = {way: {step: statistics.median(each[step]["seconds"] for each in found) for step in steps}
               for way, found in rounds.items()}  # fmt: skip
    peaks = {way: {step: max(each[step]["peak"] for each in found) for step in steps} for way, found in rounds.items()}
    idle = statistics.median(each[step]["idle"] for found in rounds.values() for each in found for step in steps)
    larger, smaller = int(np.max(once["words"])), int(np.max(parts["words"]))
    word = (peaks["at once"]["parts"] - peaks["in parts"]["parts"]) / max(1, larger - smaller)
    expanded = (peaks["at once"]["parts"] - idle) / max(once["sizes"])
    ratios = [sum(a[step]["seconds"] for step in steps) / sum(b[step]["seconds"] for step in steps)
              for a, b in zip(*rounds.values(), strict=True)]  # fmt: skip
    lines = [
        "# Encoding in parts, and at once",
        "",
        f"{text / 1e6:.0f} MB of text in {', '.join(corpus.languages)}, {sum(parts['words']) / 1e6:.1f} million words; "
        f"{len(parts['sizes'])} parts, the largest of {smaller / 1e6:.1f} million words; at once {larger / 1e6:.1f}. "
        f"One process, medians of {given.rounds} rounds; what is made is equal to the byte. A process that does "
        f"nothing has {idle / MIB:.0f} MiB.",
        "",
        "| step | seconds, in parts | seconds, at once | MiB, in parts | MiB, at once |",
        "|---|--:|--:|--:|--:|",
        *(
            f"| {step} | {seconds['in parts'][step]:.1f} | {seconds['at once'][step]:.1f} | "
            f"{peaks['in parts'][step] / MIB:.0f} | {peaks['at once'][step] / MIB:.0f} |"
            for step in steps
        ),
        "",
        f"In parts it takes {statistics.median(ratios):.2f} times the time of at once. A word of a part takes "
        f"{word:.0f} bytes of memory, a byte of its files {expanded:.0f}.",
        "",
        f"Rerun: `python benchmarks/encoding_parts.py CORPUS --part-bytes {given.part_bytes}`",
        "",
    ]
    result = {"text": text, "seconds": seconds, "peaks": peaks, "idle": idle, "ratios": ratios, "word": word,
              "expanded": expanded, "parts": len(parts["sizes"]), "words": sum(parts["words"])}  # fmt: skip
    (RESULTS / "encoding-parts.md").write_text("\n".join(lines), encoding="utf-8")
    (RESULTS / "encoding-parts.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
