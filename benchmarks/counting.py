"""Speed and memory of counting, beside Polars and DuckDB, on real text.

    python benchmarks/counting.py [--megabytes 300] [--rounds 3] [--memory-megabytes 500]

Lower case, words, words and bigrams of adjacent words counted, cut to the 2M most frequent. All three get the
same Polars column of paragraphs. The peers find words by the expression [\\p{L}\\p{M}\\p{N}]+ and count hashes, as
is natural there; sprachbund follows its own rule, which also joins п'ять and col·legi, counts keys, and gives
the strings back besides. The text is that of the folder in ``SPRACHBUND_DATA`` or of ../shared/data, without
Chinese and Japanese, whose words no expression finds. Tables and JSON go to ``benchmarks/results``.
"""

import argparse
import gzip
import json
import lzma
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from sprachbund.machine import cpu_count
from sprachbund.ngrams.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = Path(__file__).parent / "results"
FOLDERS = ("wikipedia", "wikipedia_large", "eltec", "bible")
WORD = r"[\p{L}\p{M}\p{N}]+"
MOST = 2_000_000
BUDGET = 2 << 30


def paragraphs(skip: tuple[str, ...] = ("ja", "zh")) -> Iterator[str]:
    """The paragraphs of each folder, a document of each file in turn, so that languages mix; NFC."""
    for folder in FOLDERS:
        names = sorted(path for path in (DATA / folder).glob("*.jsonl.*") if path.name[:2] not in skip)
        readers = [(gzip if path.suffix == ".gz" else lzma).open(path, "rt", encoding="utf-8") for path in names]
        while readers:
            for reader in list(readers):
                line = reader.readline()
                if not line:
                    reader.close()
                    readers.remove(reader)
                    continue
                for section in json.loads(line)["sections"]:
                    gold = (" ".join(sentences) for sentences in section.get("sentences", ()))
                    for paragraph in section.get("paragraphs", gold):
                        yield unicodedata.normalize("NFC", paragraph)


def texts(megabytes: float) -> Iterator[str]:
    """Paragraphs of that size in all; once they are used up, they come again with their words turned round."""
    left = megabytes * 1e6
    turned = False
    while True:
        for paragraph in paragraphs():
            if left <= 0:
                return
            left -= len(paragraph.encode())
            yield " ".join(reversed(paragraph.split(" "))) if turned else paragraph
        if turned:
            raise SystemExit(f"{DATA} has too little text for {megabytes} MB")
        turned = True


def by_sprachbund(column: pl.Series) -> int:
    return len(Vocabulary.count([column], max_size=MOST))


def by_polars(column: pl.Series) -> int:
    words = (
        pl.LazyFrame({"text": column})
        .with_row_index("place")
        .select("place", pl.col("text").str.to_lowercase().str.extract_all(WORD).alias("word"))
        .explode("word")
        .drop_nulls()
        .select("place", pl.col("word").hash().alias("key"))
    )
    following = words.with_columns(
        pl.col("key").shift(-1).alias("next"), pl.col("place").shift(-1).alias("next_place")
    ).filter(pl.col("place") == pl.col("next_place"))
    pairs = following.select((pl.col("key") * 0xC2B2AE3D27D4EB4F + pl.col("next")).alias("key"))
    counted = pl.concat([words.select("key"), pairs]).group_by("key").len().top_k(MOST, by="len")
    return len(counted.collect(engine="streaming"))


def by_duckdb(column: pl.Series) -> int:
    import duckdb

    connection = duckdb.connect(config={"threads": cpu_count()})
    connection.register("texts", pl.DataFrame({"text": column}).to_arrow())
    counted = connection.execute(
        f"""
        WITH hashed AS MATERIALIZED (
            SELECT list_transform(regexp_extract_all(lower(text), '{WORD}'), lambda word: hash(word)) AS keys
            FROM texts
        ), grams AS (
            SELECT unnest(keys) AS key FROM hashed
            UNION ALL
            SELECT unnest(list_transform(range(1, len(keys)), lambda i: hash(keys[i], keys[i + 1])))
            FROM hashed
        )
        SELECT key, count(*) AS count FROM grams GROUP BY key ORDER BY count DESC LIMIT {MOST}
        """
    ).to_arrow_table()
    return len(counted)


def seconds(work: Callable[[pl.Series], int], column: pl.Series) -> tuple[float, float]:
    """By the clock, and of all cores together: the second shows what a busy machine hides."""
    begin, begin_cores = time.perf_counter(), time.process_time()
    work(column)
    return time.perf_counter() - begin, time.process_time() - begin_cores


def over_peers(spent: dict[str, list[float]]) -> tuple[float, list[float]]:
    """The faster peer's time over ours: the median, and that of each run."""
    runs = zip(spent["sprachbund"], spent["Polars"], spent["DuckDB"], strict=True)
    ratios = [min(polars, duckdb) / ours for ours, polars, duckdb in runs]
    return statistics.median(ratios), ratios


def peak(megabytes: float) -> dict[str, float]:
    """Peak memory of a process of its own that counts so much text."""
    command = [sys.executable, __file__, "--measure-memory", str(megabytes)]
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    return dict(json.loads(found.stdout.splitlines()[-1]))


def measure_memory(megabytes: float) -> None:
    """Count and print the peak as JSON: what `peak` runs."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def batches() -> Iterator[pl.Series]:
        held: list[str] = []
        size = 0
        for text in texts(megabytes):
            held.append(text)
            size += len(text)
            if size > 8e6:
                yield pl.Series(held)
                held, size = [], 0
        yield pl.Series(held)

    begin = time.perf_counter()
    vocabulary = Vocabulary.count(batches(), max_size=MOST, memory=BUDGET)
    spent = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"imports": before, "peak": after, "rows": len(vocabulary), "seconds": spent}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=300, help="text for the speeds")
    parser.add_argument("--rounds", type=int, default=3, help="paired runs")
    parser.add_argument("--memory-megabytes", type=float, default=500, help="text for the peak; 0 leaves it out")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--measure-memory", type=float, help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.measure_memory:
        measure_memory(settings.measure_memory)
        return
    # first, for a process inherits the peak of the one that starts it
    memory = peak(settings.memory_megabytes) if settings.memory_megabytes else None
    column = pl.Series(list(texts(settings.megabytes)))
    size = int(column.str.len_bytes().sum()) / 1e6
    methods = {"sprachbund": by_sprachbund, "Polars": by_polars, "DuckDB": by_duckdb}
    rows = {name: method(column) for name, method in methods.items()}  # also warms up
    spent: dict[str, list[float]] = {name: [] for name in methods}
    cores: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(settings.rounds):
        for name, method in methods.items():
            by_clock, of_cores = seconds(method, column)
            spent[name].append(by_clock)
            cores[name].append(of_cores)
    ratio, ratios = over_peers(spent)
    cores_ratio, _ = over_peers(cores)
    result = {
        "megabytes": size,
        "cores": cpu_count(),
        "python": platform.python_version(),
        "seconds": spent,
        "core seconds": cores,
        "rows": rows,
        "ratio to the faster peer": ratio,
        "ratios": ratios,
        "ratio of core seconds": cores_ratio,
    }
    lines = [
        "# Counting: words, bigrams, counts, cut to the 2M most frequent",
        "",
        f"{size:.0f} MB of paragraphs of {len(FOLDERS)} collections, warm, {cpu_count()} cores, medians of "
        f"{settings.rounds} paired runs. Compare ratios: machines differ.",
        "",
        "| method | MB/s | seconds, each run | seconds of cores, median |",
        "|---|---|---|---|",
    ]
    for name, runs in spent.items():
        each = ", ".join(f"{run:.2f}" for run in runs)
        median = statistics.median(runs)
        lines.append(f"| {name} | {size / median:.0f} | {each} | {statistics.median(cores[name]):.2f} |")
    lines += [
        "",
        f"sprachbund over the faster of the two, median of the pairs: **{ratio:.1f}x**; in seconds of cores "
        f"{cores_ratio:.1f}x.",
    ]
    if memory:
        result["memory"] = {"megabytes": settings.memory_megabytes, "budget": BUDGET, **memory}
        lines += [
            "",
            f"Peak memory of a process that counts {settings.memory_megabytes:.0f} MB under a budget of 2 GiB, "
            f"imports included: {memory['peak'] / 2**30:.2f} GiB, {memory['peak'] / BUDGET:.2f} of the budget (the "
            f"imports alone {memory['imports'] / 2**30:.2f} GiB). Where the collections have less text than that, "
            "it comes a second time with the words of each paragraph turned round.",
        ]
    lines += ["", "Rerun: `python benchmarks/counting.py`", ""]
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "counting.md").write_text("\n".join(lines), encoding="utf-8")
    (settings.out / "counting.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
