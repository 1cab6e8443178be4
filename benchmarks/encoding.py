"""Text to row ids through a vocabulary of 5M n-grams, beside DuckDB's join alone.

    python benchmarks/encoding.py [--megabytes 150] [--rounds 3] [--entries 5000000]

sprachbund begins at the text: it finds the words, hashes words and bigrams and looks each up. DuckDB is handed the
hashed n-grams in a table and joins them to a table of key and row; it gives back a count and a sum, so that
writing the rows costs it nothing. Where the text has fewer n-grams than the vocabulary wants, keys drawn at random
fill it up. The text is that of ``benchmarks/counting.py``.
"""

import argparse
import json
import platform
import statistics
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from counting import DATA, RESULTS, texts
from sprachbund.arrays import Bytes, Keys, Offsets
from sprachbund.machine import cpu_count
from sprachbund.ngrams.keys import bigrams
from sprachbund.ngrams.lookup import ABSENT, Lookup
from sprachbund.ngrams.tokens import pack, tokenize
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.threads import blocks_of

CHUNK = 16 << 20  # bytes of text encoded at a time, as for a corpus that does not fit the memory


def encode(data: Bytes, offsets: Offsets, table: Lookup) -> tuple[int, int]:
    """Known n-grams and the sum of their rows."""
    known = total = 0
    for first, last in blocks_of(offsets, CHUNK):
        tokens = tokenize(data, offsets[first : last + 1])
        for keys in (tokens.keys, bigrams(tokens)[0]):
            rows = table.rows(keys)
            absent = len(rows) - int(np.count_nonzero(rows != ABSENT))
            known += len(rows) - absent
            total += int(rows.sum(dtype=np.int64)) - ABSENT * absent
    return known, total


def padded(keys: Keys, entries: int) -> Keys:
    """``entries`` distinct keys, those given first."""
    random = np.random.default_rng(0)
    while len(keys) < entries:
        more = random.integers(1, 2**64 - 1, entries - len(keys), dtype=np.uint64)
        keys = np.concatenate((keys, np.setdiff1d(more, keys)))
    return keys[:entries]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=5_000_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    settings = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"no collections at {DATA}; name their folder in SPRACHBUND_DATA")
    data, offsets = pack(list(texts(settings.megabytes)))
    own = np.asarray(Vocabulary.count([(data, offsets)], max_size=settings.entries).keys)
    keys = padded(own, settings.entries)
    table = Lookup.of(keys)

    tokens = tokenize(data, offsets)
    grams = np.concatenate((tokens.keys, bigrams(tokens)[0]))
    connection = duckdb.connect(config={"threads": cpu_count()})
    for name, columns in (
        ("vocabulary", {"key": keys, "row": np.arange(len(keys), dtype=np.int64)}),
        ("grams", {"key": grams}),
    ):
        connection.register("arrow", pl.DataFrame(columns).to_arrow())
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow")
        connection.unregister("arrow")
    query = "SELECT count(*), sum(row) FROM grams JOIN vocabulary USING (key)"

    spent: dict[str, list[float]] = {"sprachbund, from text": [], "DuckDB, join alone": []}
    for round_ in range(settings.rounds + 1):
        begin = time.perf_counter()
        found = encode(data, offsets, table)
        middle = time.perf_counter()
        joined = connection.execute(query).fetchone()
        end = time.perf_counter()
        if joined is None or found != (int(joined[0]), int(joined[1])):
            raise SystemExit(f"the two differ: {found} and {joined}")
        if round_:  # the first warms up
            spent["sprachbund, from text"].append(middle - begin)
            spent["DuckDB, join alone"].append(end - middle)
    ours, theirs = spent.values()
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    size = len(data) / 1e6
    lines = [
        f"# Encoding: text to row ids through {settings.entries:,} n-grams",
        "",
        f"{size:.0f} MB of paragraphs, {len(grams):,} words and bigrams, {found[0] / len(grams):.0%} of them known; "
        f"{len(own):,} entries are n-grams of the text, the others random. Warm, {cpu_count()} cores, medians of "
        f"{settings.rounds} paired runs. Compare ratios: machines differ.",
        "",
        "| method | million n-grams/s | MB/s | seconds, each run |",
        "|---|---|---|---|",
    ]
    for name, runs in spent.items():
        median = statistics.median(runs)
        each = ", ".join(f"{run:.2f}" for run in runs)
        lines.append(f"| {name} | {len(grams) / median / 1e6:.1f} | {size / median:.0f} | {each} |")
    lines += ["", f"sprachbund over DuckDB, median of the pairs: **{ratio:.1f}x**."]
    lines += ["", "Rerun: `python benchmarks/encoding.py`", ""]
    result = {
        "megabytes": size,
        "ngrams": len(grams),
        "entries": settings.entries,
        "entries of the text": len(own),
        "cores": cpu_count(),
        "python": platform.python_version(),
        "seconds": spent,
        "ratios": ratios,
        "ratio": ratio,
    }
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "encoding.md").write_text("\n".join(lines), encoding="utf-8")
    (settings.out / "encoding.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
