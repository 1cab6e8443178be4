"""How long the overlap of every two vocabularies takes: keys drawn at random, and the languages of a corpus.

    python benchmarks/overlap.py CORPUS    # a folder that sprachbund ingest wrote

Twelve vocabularies of a million 64-bit keys each, drawn from four million so that they overlap; numpy's ``intersect1d``
beside, which gives the same numbers. Then the corpus: encoded first, then measured. The table goes to
benchmarks/results/overlap.md: seconds of one processor.
"""

import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import numpy as np

from sprachbund.analyses.overlap.intersections import members, shared_types
from sprachbund.analyses.overlap.vocabularies import overlap_of
from sprachbund.corpus.store import Corpus
from sprachbund.machine import peak_memory
from sprachbund.retrieval.encoder.encoded import encode_corpus
from sprachbund.retrieval.settings import BEST

ROOT = Path(__file__).parents[1]
LANGUAGES, KEYS, DRAWN_FROM = 12, 1_000_000, 4_000_000


def main() -> None:
    """Measure and write the table."""
    generator = np.random.default_rng(0)
    every = generator.integers(0, 2**64, DRAWN_FROM, np.uint64)
    vocabularies = [np.sort(generator.choice(every, KEYS, replace=False)) for _ in range(LANGUAGES)]
    begun = time.process_time()
    shared = shared_types(members(vocabularies))
    ours = time.process_time() - begun
    begun = time.process_time()
    pairs = list(combinations(range(LANGUAGES), 2))[:11]
    theirs = [len(np.intersect1d(vocabularies[i], vocabularies[j], assume_unique=True)) for i, j in pairs]
    numpy_seconds = (time.process_time() - begun) / len(pairs) * LANGUAGES * (LANGUAGES - 1) / 2
    assert theirs == [int(shared[i, j]) for i, j in pairs]
    rows = [
        f"| {LANGUAGES} vocabularies of {KEYS:,} random keys | {ours:.1f} |",
        f"| the same by numpy.intersect1d, pair by pair (of {len(pairs)}) | {numpy_seconds:.1f} |",
    ]
    if len(sys.argv) > 1:
        corpus = Corpus.open(Path(sys.argv[1]))
        with tempfile.TemporaryDirectory() as folder:
            begun = time.process_time()
            encoded = encode_corpus(corpus, Path(folder) / "encoded", settings=BEST, characters=(), cut=False)
            made = time.process_time() - begun
            begun = time.process_time()
            found = overlap_of(encoded)
            seconds = time.process_time() - begun
            many = f"{len(found.languages)} languages, {len(encoded.ngrams):,} words and bigrams"
        rows += [
            f"| {corpus.path.name}: encoding {many} | {made:.1f} |",
            f"| all overlaps of these: by kind, by script, without template text | {seconds:.1f} |",
        ]
    table = "\n".join(["| what | seconds |", "|---|--:|", *rows])
    how = "Made by `benchmarks/overlap.py`, which says how. Seconds of one processor, one thread."
    text = f"# Overlap of vocabularies\n\n{how}\n\n{table}\n"
    text += f"\nThe process held {peak_memory() / 2**30:.1f} GiB at most.\n"
    (ROOT / "benchmarks" / "results" / "overlap.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
