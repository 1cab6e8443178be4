"""The plan for 35 whole Wikipedias: memory, hours and money of each stage, and how the stages follow one another.

    python benchmarks/scale.py SOURCES [--pairs 720e6] [--rows 350e6] [--dim 128] [--core-hour 0.04] [--gpu-hour 3.50]
    python benchmarks/scale.py --rates benchmarks/results/scale.json --core-hour 0.10      # other prices, nothing timed

SOURCES is a folder of raw text, as for `sprachbund ingest`. Ingesting it and counting it by shares are timed here, with
one process and with two, and it says how many bytes and n-grams a pair has. The other rates are those of
`benchmarks/results`: encoding, training, building an index, and what rows on disk cost, so run those first.

The stages are then carried out in small by 1, 2, 4 and 8 workers of the engine that carries out the true ones, every
job waiting as long as its work would take, a second for some hours: what one worker does alone shows at once. A worker
is a machine of 16 cores. Counting is checked against the true thing with one worker and two.
"""

import argparse
import json
import statistics
import tempfile
import time
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.engines.processes import Processes
from sprachbund.ngrams.of_corpus import CorpusTexts
from sprachbund.ngrams.partitions import count_texts
from sprachbund.retrieval.encoder.encoding.work import PART_BYTES

RESULTS = Path(__file__).parent / "results"
LANGUAGES, SLOPE = 35, 0.9  # the text of a language falls as its rank ** -0.9, about as that of Wikipedias does
NODE, PIECE, PARTITIONS = 16, 1e9, 64  # cores of a worker, bytes of a file, partitions of a count
WAITS, WORKERS = 10.0, (1, 2, 4, 8)  # seconds that all of it takes one worker in small
BANDWIDTH, USED = 4.8e12, 0.1  # bytes a second of an H200's memory by its maker, and the part that drawn rows may reach
GIB = 2**30


@dataclass(frozen=True)
class Rates:
    """What was measured, a second of one core. Sizes are bytes of text.

    Attributes:
        ingest, count, merge, encode: bytes of text; number: bytes of text whose n-grams get their ids when it is
            encoded. pairs: trained on. passages: indexed. cold: times the time that
            rows on disk take. pair, sentence: bytes of one. words: of a sentence.
    """

    ingest: float
    count: float
    merge: float
    encode: float
    number: float
    pairs: float
    passages: float
    cold: float
    pair: float
    sentence: float
    words: float


@dataclass(frozen=True)
class Stage:
    """One after the other, the jobs of a stage side by side.

    Attributes:
        hours: of one core, a job each. cores: that a job can use. spread: whether other machines take part.
    """

    name: str
    hours: tuple[float, ...]
    cores: int
    spread: bool

    def on(self, cores: int) -> float:
        """Hours on one machine."""
        together = max(1, cores // self.cores)
        return max(max(self.hours), sum(self.hours) / together) / min(cores, self.cores)


class Moments:
    """A progress that notes when a part begins."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def advance(self, amount: float = 1) -> None:
        """Nothing to note."""

    def describe(self, text: str) -> None:
        """A part begins."""
        self.at.append(time.perf_counter())


def load(name: str) -> Any:
    """What another benchmark found."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def counting(corpus: Path, out: Path, workers: int) -> tuple[float, float]:
    """Seconds of counting the shares and of merging the partitions; the processes have been started before."""
    moments = Moments()
    engine = Processes(workers)
    try:
        wait([engine.start(time.sleep, 2.0) for _ in range(workers)])
        count_texts(CorpusTexts.of(corpus), out, memory=4 << 30, workers=workers, engine=engine, progress=moments)
    finally:
        engine.close()
    return moments.at[1] - moments.at[0], time.perf_counter() - moments.at[1]


def slowed() -> float:
    """How many times the time rows take of which most lie on disk: 350 million by `cold_table.py`, and 5 in memory."""
    memory, disk = load("cold_table")["rows_per_second"]["memory"], load("cold_table_alone")["rows_per_second"]["cold"]
    return statistics.median(memory) / statistics.median(disk)


def encoding() -> dict[str, float]:
    """The rates of `encoding_parts.py`."""
    found = load("encoding-parts")
    seconds = found["seconds"]["in parts"]
    return {
        "encode": found["text"] / (seconds["parts"] + seconds["languages"]),
        "number": found["text"] / seconds["ngrams"],
    }


def measured(sources: Path) -> tuple[Rates, dict[int, float], list[int]]:
    """Rates, the seconds of counting shares by one worker and by two, and the bytes of the shares."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus"
        began = time.perf_counter()
        ingest(sources, path, workers=1)
        ingested = time.perf_counter() - began
        corpus = Corpus.open(path)
        columns = ["document", "section", "text"]
        frames = [corpus.read(code).select(columns).with_columns(language=pl.lit(code)) for code in corpus.languages]
        frame = pl.concat(frames)
        size = int(frame["text"].str.len_bytes().sum())
        words = int(frame["text"].str.count_matches(r"[\p{L}\p{M}\p{N}]+").sum())
        sections = frame.group_by("language", "document", "section").len()["len"]
        parts = [int(each["text"].str.len_bytes().sum()) for each in frames]
        counting(path, Path(folder) / "before", 1)  # compiled, and the files are in memory
        seconds = {count: counting(path, Path(folder) / f"counts-{count}", count) for count in (1, 2)}
    training, search = load("training"), load("search-speed")
    rates = Rates(
        ingest=size / ingested,
        count=size / seconds[1][0],
        merge=size / seconds[1][1],
        **encoding(),
        pairs=training["results"]["sprachbund"]["pairs_per_second"] / training["threads"],
        passages=search["passages"] / search["built"]["seconds"] / 2,
        cold=slowed(),
        pair=size / int((sections - 1).sum()),
        sentence=size / len(frame),
        words=words / len(frame),
    )
    return rates, {count: each[0] for count, each in seconds.items()}, parts


def pieces(text: float) -> list[float]:
    """The bytes of the files: each language has files of about a gigabyte."""
    parts = [rank**-SLOPE for rank in range(1, LANGUAGES + 1)]
    sizes = [part / sum(parts) * text for part in parts]
    return [size / count for size in sizes for count in [max(1, round(size / PIECE))] for _ in range(count)]


def stages(rates: Rates, pairs: float, *, cold: bool, spread: bool) -> list[Stage]:
    """The pipeline for so many pairs.

    Args:
        cold: the table lies on disk. spread: the index is built by all machines too, which as the software stands it is
            not.
    """
    text = pairs * rates.pair
    files = pieces(text)

    def each(rate: float) -> tuple[float, ...]:
        return tuple(size / rate / 3_600 for size in files)

    trained = pairs / rates.pairs * (rates.cold if cold else 1.0) / 3_600
    return [
        Stage("ingest", each(rates.ingest), 1, True),
        Stage("count", each(rates.count), 1, True),
        Stage("merge", (text / rates.merge / PARTITIONS / 3_600,) * PARTITIONS, 1, True),
        Stage("encode", each(rates.encode), 1, True),
        Stage("number", (text / rates.number / 3_600,), 1, False),
        Stage("train", (trained,), NODE, False),
        Stage("index", each(rates.passages * rates.sentence * 3), 1, spread),  # a passage of three sentences
    ]


def waited(found: list[Stage], workers: int, second: float) -> dict[str, float]:
    """Hours of each stage where jobs only wait: a file each, by all cores of a worker; ``second``: hours that it is."""
    engine, took = Processes(workers), {}
    try:
        wait([engine.start(time.sleep, 2.0) for _ in range(workers)])
        for stage in found:
            began = time.perf_counter()
            jobs = stage.hours if stage.spread else (sum(stage.hours),)
            cores = NODE if len(stage.hours) > 1 else stage.cores
            wait([engine.start(time.sleep, hours / cores / second) for hours in jobs])
            took[stage.name] = (time.perf_counter() - began) * second
    finally:
        engine.close()
    return took


def foreseen(parts: list[int]) -> float:
    """How many times as fast two workers are who take files of these sizes in turn."""
    ends = [0, 0]
    for size in parts:
        ends[ends.index(min(ends))] += size
    return sum(parts) / max(ends)


def line(*cells: object) -> str:
    """A row of a table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def needs(rates: Rates, pairs: float, rows: float, dim: int) -> list[str]:
    """What each stage holds in memory and leaves on disk."""
    text = pairs * rates.pair
    part = load("encoding-parts")["expanded"] * PART_BYTES
    sentences, words = text / rates.sentence, text / rates.sentence * rates.words
    vectors = text / rates.sentence / 3 * dim * 2
    gib = [each / GIB for each in (text, 140 * rows, 27 * rows, part,
                                   8 * words + 50 * sentences, 2 * dim * rows, 4 * rows, vectors)]  # fmt: skip
    return [
        line("stage", "memory", "disk, GiB"),
        line("---", "---", "--:"),
        line("ingest", "a document a process", f"{gib[0]:,.0f}, before compression"),
        line("count", "as `--memory` says", "12 to 20 bytes a distinct n-gram of each share"),
        line("the vocabulary", f"{gib[1]:,.0f} GiB to make it, 140 bytes a row", f"{gib[2]:,.0f} to look rows up"),
        line("encode", f"{gib[3]:,.1f} GiB a process (a part of a language); once {16 * rows / GIB:,.0f} GiB, and 8 "
             "to 24 bytes an n-gram that the vocabulary lacks",
             f"{gib[4]:,.0f}, twice while it is made, and 8 bytes an n-gram and language"),
        line("train", f"{gib[5] + gib[6]:,.0f} GiB with all rows of 16 bits; {gib[6]:.1f} and the hot rows at least",
             f"{gib[5]:,.0f} of rows, up to twice as much while a checkpoint is written"),
        line("index", "a segment", f"{gib[7]:,.0f} of vectors"),
    ]  # fmt: skip


def plan(rates: Rates, pairs: float, rows: float, dim: int, core: float, gpu: float) -> list[str]:
    """Hours and money on four kinds of machines."""
    whole, cold = (stages(rates, pairs, cold=each, spread=False) for each in (False, True))
    everywhere = stages(rates, pairs, cold=False, spread=True)
    names = [stage.name for stage in whole]
    text = pairs * rates.pair
    moved = 2 * 2 * rates.words * dim * 2 * 3  # words and bigrams of two sentences, 16 bits; read, read and written
    bound = pairs * moved / (BANDWIDTH * USED) / 3_600

    def cluster(found: list[Stage], machines: int) -> list[float]:
        return [stage.on(NODE) / (machines if stage.spread else 1) for stage in found]

    columns = {
        "2 cores, 24 GiB, rows on disk": ([stage.on(2) for stage in cold], 2 * core),
        "2 cores, as many rows as fit": ([stage.on(2) for stage in whole], 2 * core),
        "32 cores, 256 GiB": ([stage.on(32) for stage in whole], 32 * core),
        "8 of 16 cores, 128 GiB": (cluster(whole, 8), 8 * NODE * core),
        "the same, the index spread too": (cluster(everywhere, 8), 8 * NODE * core),
    }
    lines = [line("hours", *columns), line("---", *["--:"] * len(columns))]
    for place, name in enumerate(names):
        lines.append(line(name, *(f"{hours[place]:,.2f}" for hours, _ in columns.values())))
    lines.append(line("**in all**", *(f"**{sum(hours):,.1f}**" for hours, _ in columns.values())))
    lines.append(line("dollars", *(f"{sum(hours) * price:,.0f}" for hours, price in columns.values())))
    lines += [
        "",
        f"{pairs / 1e6:,.0f} million pairs once, {rows / 1e6:,.0f} million rows of {dim} numbers of 16 bits, "
        f"{text / 1e9:,.0f} GB of text; {core:.3f} dollars an hour of a core, all cores paid for from first to last. "
        f"Training uses {NODE} cores at most, and is taken to be as fast with each as with the first two.",
        "",
        f"An H200 in place of the processors: the rows of a pair are {moved / 1e3:,.0f} kB to move. At {USED:.0%} of "
        f"its bandwidth that is {60 * bound:.1f} minutes of training, {bound * gpu:.2f} dollars at {gpu:.2f} an hour: "
        "**a bound and no measurement**: the code has not run on a GPU, and the processor must draw as many pairs.",
    ]  # fmt: skip
    return lines


def main() -> None:
    """Measure, plan, wait, and write benchmarks/results/scale.{md,json}."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="?")
    parser.add_argument("--rates", type=Path, help="the JSON of an earlier run, in place of the sources")
    parser.add_argument("--pairs", type=float, default=720e6)
    parser.add_argument("--rows", type=float, default=350e6)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--core-hour", type=float, default=0.04, help="dollars")
    parser.add_argument("--gpu-hour", type=float, default=3.50, help="dollars")
    given = parser.parse_args()
    if given.rates is None and given.sources is None:
        parser.error("name the sources, or the rates of an earlier run")
    before = {} if given.rates is None else json.loads(given.rates.read_text(encoding="utf-8"))
    if before:
        rates, seconds = (
            Rates(**{**before["rates"], **encoding()}),
            {int(count): found for count, found in before["counting"].items()},
        )
        times = before["foreseen"]
    else:
        rates, seconds, parts = measured(given.sources)
        times = foreseen(parts)
    pairs = given.pairs
    lines = [
        "# The plan for 35 whole Wikipedias",
        "",
        *plan(rates, pairs, given.rows, given.dim, given.core_hour, given.gpu_hour),
        "",
        *needs(rates, pairs, given.rows, given.dim),
        "",
        "What it is worked out from, of one core: "
        f"ingest {rates.ingest / 1e6:.1f} MB/s, shares counted {rates.count / 1e6:.1f} MB/s, partitions merged "
        f"{rates.merge / 1e6:.1f} MB/s, encoding {rates.encode / 1e6:.1f} MB/s, numbering its "
        f"n-grams {rates.number / 1e6:.0f} MB/s, {rates.pairs / 1e3:.1f} thousand pairs "
        f"a second of training, {rates.passages / 1e3:.1f} thousand passages a second indexed; rows on disk take "
        f"{rates.cold:.0f} times the time; {rates.pair:.0f} bytes of text a pair, {rates.words:.0f} words a sentence.",
        "",
        "The stages in small, hours; a worker is a machine of 16 cores:",
        "",
    ]
    record: dict[str, Any] = {
        "pairs": pairs,
        "rates": vars(rates),
        "counting": seconds,
        "foreseen": times,
        "waited": {},
        "spread": {},
    }
    for title, spread in (("as it stands", False), ("the index spread too", True)):
        found = stages(rates, pairs, cold=False, spread=spread)
        second = sum(stage.on(NODE) for stage in found) / WAITS
        spread_stages = [stage.name for stage in found if stage.spread]
        record["spread"][title] = spread_stages
        if before.get("pairs") == pairs and before.get("spread", {}).get(title) == spread_stages:
            tables = {int(count): table for count, table in before["waited"][title].items()}
        else:
            tables = {count: waited(found, count, second) for count in WORKERS}
        record["waited"][title] = tables
        lines += [
            line(title, *(f"{count} worker{'s' * (count > 1)}" for count in WORKERS)),
            line("---", *["--:"] * len(WORKERS)),
        ]
        lines += [line(stage.name, *(f"{tables[count][stage.name]:.2f}" for count in WORKERS)) for stage in found]
        totals = {count: sum(table.values()) for count, table in tables.items()}
        lines.append(line("in all", *(f"{totals[count]:.2f}" for count in WORKERS)))
        lines.append(line("times as fast as one", *(f"{totals[1] / totals[count]:.2f}" for count in WORKERS)))
        lines.append("")
    lines += [
        "The true thing, shares counted by one process and by two on this machine: "
        f"{seconds[1]:.1f} and {seconds[2]:.1f} s, {seconds[1] / seconds[2]:.2f} times as fast; "
        f"the sizes of the shares foresee {times:.2f}.",
        "",
        "Rerun: `python benchmarks/scale.py SOURCES`.",
    ]
    (RESULTS / "scale.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / "scale.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
