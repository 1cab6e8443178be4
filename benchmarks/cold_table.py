"""A table with rows on disk beside the same table in memory: rows a second, page faults, and whether they are equal.

    python benchmarks/cold_table.py [--rows 5000000] [--dim 64] [--bits 16] [--memory 200M] [--steps 20] [--rounds 5]
    python benchmarks/cold_table.py --rows 350000000 --memory 12G --alone --folder /path/on/the/disk

A step reads the distinct rows of a batch (1,024 pairs, 40 n-grams a side) and updates them by row-wise Adagrad with a
gradient that is drawn; sums and softmax are the same for both and left out. N-grams are drawn from the counts of
words and bigrams of real text, rank by rank, down to a count of 5; lower ranks, of which so little text says nothing,
follow the power law of the last nine tenths of these. The log of the file is written as in training, and begun anew
where it is long, without the rest of a checkpoint. Rounds take both tables in turn; in the end all rows are compared.
``--alone`` leaves the table in memory out.
"""

import argparse
import json
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from counting import texts
from sprachbund.arrays import Float32, Int32
from sprachbund.engines.processes import set_threads
from sprachbund.machine import cpu_count, parse_size
from sprachbund.ngrams.start_rows import start_rows
from sprachbund.ngrams.vocabulary import Vocabulary
from sprachbund.retrieval.encoder import table_rows
from sprachbund.retrieval.encoder.bfloat16 import noise
from sprachbund.retrieval.encoder.cold import ColdTable

RESULTS = Path(__file__).parent / "results"
DRAWN, RATE, BLOCK, SURE = 2 * 1_024 * 40, 0.03, 1 << 18, 5


class Curve:
    """How often the n-gram of each rank is drawn: real counts, then a power law."""

    def __init__(self, counts: np.ndarray, rows: int) -> None:
        counts = np.sort(counts[counts >= SURE].astype(np.float64))[::-1][:rows]
        self.known, self.rows = len(counts), rows
        ranks = np.arange(1, len(counts) + 1)
        tail = slice(len(counts) // 10, None)
        self.slope = -float(np.polyfit(np.log(ranks[tail]), np.log(counts[tail]), 1)[0])
        more = 1 - self.slope
        # the integral of counts[-1] * (rank / known) ** -slope from the last known rank to the last row
        grown = np.log(rows / self.known) if abs(more) < 1e-9 else ((rows / self.known) ** more - 1) / more
        self.edges = np.cumsum(counts)
        self.mass = float(self.edges[-1] + counts[-1] * self.known * grown)

    def draw(self, generator: np.random.Generator) -> Int32:
        """The distinct rows of a batch: int32, sorted."""
        places = generator.random(DRAWN) * self.mass
        rows = np.searchsorted(self.edges, places, "right")
        far = np.flatnonzero(rows >= self.known)
        # inside the tail: its integral turned round
        more, shares = 1 - self.slope, generator.random(len(far))
        if abs(more) < 1e-9:
            rows[far] = self.known * (self.rows / self.known) ** shares
        else:
            most = (self.rows / self.known) ** more
            rows[far] = self.known * (1 + shares * (most - 1)) ** (1 / more)
        return np.unique(np.minimum(rows, self.rows - 1)).astype(np.int32)


def counts_of(megabytes: float) -> np.ndarray:
    """The counts of words and bigrams of real text."""
    return np.asarray(Vocabulary.count([pl.Series(list(texts(megabytes)))]).counts)


def beginning(dim: int) -> Callable[[int, int], Float32]:
    """Start rows by their numbers."""
    return lambda low, high: start_rows(np.arange(low, high, dtype=np.uint64), dim, 0)


def step(table: Float32 | ColdTable, accumulators: Float32, rows: Int32, gradient: Float32, number: int) -> None:
    """Read the rows of a batch and update them."""
    if isinstance(table, ColdTable):
        table.noise = noise(0, number)
        table.gather(rows)
        table.update(rows, gradient, accumulators, RATE)
        if table.file is not None and table.is_pressing:
            table.file.settle(number + 1)
    else:
        table_rows.gather(rows, table)
        table_rows.adagrad_rows(rows, gradient, table, accumulators, RATE)


def part_of(table: Float32 | ColdTable, low: int, high: int) -> Float32:
    """Some rows in float32."""
    if isinstance(table, ColdTable):
        return table.gather(np.arange(low, min(high, len(table)), dtype=np.int32))
    return table[low:high]


def main() -> None:
    """Measure and write benchmarks/results/cold_table.{md,json}, or cold_table_alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--bits", type=int, default=16, choices=(16, 32))
    parser.add_argument("--memory", default="200M", help="of hot rows and accumulators")
    parser.add_argument("--steps", type=int, default=20, help="a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=20, help="of real text that is counted")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the file of cold rows lies")
    parser.add_argument("--alone", action="store_true", help="without the table in memory, where there is none for it")
    given = parser.parse_args()
    set_threads(cpu_count())
    curve = Curve(counts_of(given.megabytes), given.rows)
    kind = np.dtype(np.uint16 if given.bits == 16 else np.float32)
    shape, start = (given.rows, given.dim), beginning(given.dim)
    hot = min(given.rows - 1, (parse_size(given.memory) - 5 * given.rows) // (given.dim * kind.itemsize - 1))
    if hot < 1:
        parser.error(f"the accumulators of {given.rows:,} rows need {5 * given.rows:,} bytes of --memory")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        began = time.perf_counter()
        cut = ColdTable.create(Path(folder) / "cold", shape, hot, start, kind)
        filled = time.perf_counter() - began
        assert cut.file is not None
        cut.file.settle(0)
        tables: dict[str, Float32 | ColdTable] = {"cold": cut}
        if not given.alone:
            whole = kind == np.float32
            tables["memory"] = start(0, given.rows) if whole else ColdTable.create(None, shape, given.rows, start, kind)
        states = {name: np.zeros(given.rows, np.float32) for name in tables}
        speeds: dict[str, list[float]] = {name: [] for name in tables}
        faults: list[tuple[int, int, int]] = []
        touched, away = [], []
        for number in range(given.rounds + 1):
            generator = np.random.default_rng(number)
            batches = [curve.draw(generator) for _ in range(given.steps)]
            gradients = [generator.standard_normal((len(rows), given.dim), np.float32) for rows in batches]
            for name, table in tables.items():
                before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
                for at, (rows, gradient) in enumerate(zip(batches, gradients, strict=True)):
                    step(table, states[name], rows, gradient, number * given.steps + at)
                spent, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
                if number:  # the first round compiles
                    speeds[name].append(sum(map(len, batches)) / spent)
                if number and name == "cold":
                    names = ("ru_majflt", "ru_minflt", "ru_inblock")
                    faults.append(tuple(getattr(after, name) - getattr(before, name) for name in names))
            touched += [len(rows) for rows in batches]
            away += [int((rows >= hot).sum()) for rows in batches]
        equal = None
        if not given.alone:
            blocks = range(0, given.rows, BLOCK)
            equal = np.array_equal(states["cold"], states["memory"]) and all(
                np.array_equal(part_of(tables["cold"], low, low + BLOCK), part_of(tables["memory"], low, low + BLOCK))
                for low in blocks
            )
    asked = f" --rows {given.rows} --memory {given.memory} --alone" if given.alone else ""
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    major, minor, blocks_in = (statistics.median(values) / given.steps for values in zip(*faults, strict=True))
    lines = [
        f"# {given.rows / 1e6:.0f} million rows on disk" if given.alone else "# A table with rows on disk",
        "",
        f"{given.rows:,} rows of {given.dim} numbers of {given.bits} bits, {cut.nbytes / 2**30:.2f} GiB; {hot:,} rows "
        f"({hot / given.rows:.1%}) and all accumulators in memory, {given.memory}. {statistics.mean(touched):,.0f} "
        f"rows a step, {sum(away) / sum(touched):.1%} of them on disk; {cpu_count()} threads; medians of "
        f"{given.rounds} {'' if given.alone else 'paired '}rounds of {given.steps} steps. Rerun: `python "
        f"benchmarks/cold_table.py{asked}`.",
        "",
        "| table | million rows a second | page faults a step, from disk | from memory | MB read a step |",
        "|---|--:|--:|--:|--:|",
        f"| rows on disk | {medians['cold'] / 1e6:.2f} | {major:,.0f} | {minor:,.0f} | {blocks_in * 512 / 1e6:.1f} |",
    ]
    result = vars(given) | {
        "folder": None, "hot": hot, "filled_seconds": filled, "rows_per_second": speeds, "major_faults": major,
        "minor_faults": minor, "blocks_read": blocks_in, "rows_a_step": statistics.mean(touched), "slope": curve.slope,
        "share_on_disk": sum(away) / sum(touched), "equal": equal, "machine": platform.machine(),
        "threads": cpu_count(),
    }  # fmt: skip
    if not given.alone:
        cost = statistics.median(m / c for m, c in zip(speeds["memory"], speeds["cold"], strict=True))
        result["times_the_time"] = cost
        lines.append(f"| in memory | {medians['memory'] / 1e6:.2f} | | | |")
        same = "are equal to the last bit" if equal else "DIFFER"
        lines += ["", f"Rows on disk take {cost:.2f} times the time; in the end all rows and accumulators {same}."]
    RESULTS.mkdir(exist_ok=True)
    name = "cold_table_alone" if given.alone else "cold_table"
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
