"""How fast n-grams over characters are: training, scoring, filtering a crawl, beside PPMd and KenLM.

    python benchmarks/lm_ngram_speed.py [--characters 3000000] [--megabytes 100] [--rounds 3] [--work FOLDER]

Text: Portuguese novels (the corpus of ``benchmarks/lm_neighbours.py``, its folder --work is used). Figures are the
median over rounds, taken in turns.

    learns     an n-gram model of --characters characters, in characters a second of processor time; PPMd (`pyppmd`,
               order 6) reads the same
    scores     the bits of each of some thousand lines, lines cut and encoded too; KenLM (`kenlm`, its wheel) reads our
               ARPA file, characters as words, and gives the score of each line: *apart* is the largest difference of
               the mean logarithm of a line's characters (unknown characters left out: KenLM charges them otherwise)
    filters    `sprachbund lm score --below auto` as a process on --megabytes of lines, by the clock on all processors,
               and its peak of memory

KenLM's own training, `lmplz`, is in no wheel, and refuses characters (its discounts fail there): it is not beside ours.
Writes benchmarks/results/lm-ngram-speed.md.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from lm_neighbours import RESULTS, SHARES
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.export.arpa import token, write_arpa
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.ngram.characters import train_characters
from sprachbund.lm.scoring import score, typical
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import as_read

ORDERS = (6, 8)


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=3_000_000)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    sides = sides_of(corpus, "pt", Split(SHARES), given.characters, 0)
    train = list(sides.train.texts)
    read = sum(map(len, train))
    lines = [line for text in sides.test.texts for line in text.split("\n") if line][:20_000]
    scored = sum(map(len, lines))
    rows: dict[str, list[float]] = {}

    def told(name: str, seconds: float, amount: int) -> None:
        rows.setdefault(name, []).append(amount / seconds)

    models = {order: train_characters(train, "pt", order) for order in ORDERS}
    for _ in range(given.rounds):
        for order in ORDERS:
            told(f"learns: n-grams of {order}", timed(lambda o=order: train_characters(train, "pt", o)), read)
        for name, work in _ppmd(train).items():
            told(name, timed(work), read)
        for order, model in models.items():
            whole = LanguageModel("pt", (model,))
            one = timed(lambda m=whole: score(m, lines, ngrams_only=True))
            told(f"scores: n-grams of {order}", one, scored)
    with tempfile.TemporaryDirectory() as folder:
        apart = _kenlm(models[ORDERS[0]], lines, Path(folder), given.rounds, rows)
        clock, size, peak, kept = _filtered(models[ORDERS[0]], sides.dev.texts, lines, given.megabytes, Path(folder))
    out = [
        "# Speed of n-grams",
        "",
        f"{read:,} characters learned, {scored:,} characters of {len(lines):,} lines scored; median of {given.rounds}",
        "rounds. Rerun: `python benchmarks/lm_ngram_speed.py`; its first lines say what is measured.",
        "",
        "| what | characters a second of processor time | slowest to fastest |",
        "|---|--:|---|",
    ]
    for name, speeds in rows.items():
        out.append(f"| {name} | {median(speeds):,.0f} | {min(speeds):,.0f} to {max(speeds):,.0f} |")
    out += [
        "",
        f"Filtering {size / 1e6:,.0f} MB of lines: {clock:.1f} s by the clock on all processors, {peak / 1e6:,.0f} MB",
        f"of memory at its peak, {100 * kept:.1f}% of the bytes kept.",
    ]
    if apart is not None:
        out += [
            "",
            f"KenLM and ours, one ARPA file: no line's mean log10 of a character differs by more than {apart:.1e}.",
        ]
    (RESULTS / "lm-ngram-speed.md").write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


def _ppmd(train: list[str]) -> dict[str, Callable[[], object]]:
    try:
        import pyppmd
    except ImportError:
        return {}
    data = "".join(train).encode()
    return {"learns: PPMd, order 6": lambda: pyppmd.Ppmd7Encoder(6, 256 << 20).encode(data)}


def _kenlm(model, lines: list[str], folder: Path, rounds: int, rows: dict[str, list[float]]) -> float | None:  # type: ignore[no-untyped-def]
    try:
        import kenlm
    except ImportError:
        return None
    write_arpa(model, folder / "model.arpa")
    theirs = kenlm.Model(str(folder / "model.arpa"))
    known = set(model.alphabet.symbols)
    kept = [text for text in map(as_read, lines) if set(text) <= known]
    written = [" ".join(map(token, "\n" + text)) for text in kept]
    before = theirs.score(token("\n"), eos=False)
    scores: list[float] = []
    for _ in range(rounds):
        scores.clear()
        seconds = timed(lambda: scores.extend(theirs.score(line, eos=False) for line in written))
        rows.setdefault("scores: KenLM, lines cut before", []).append(sum(map(len, kept)) / seconds)
    ours = -score(LanguageModel("pt", (model,)), kept, ngrams_only=True).bits * np.log10(2)
    return float((np.abs(ours - (np.array(scores) - before)) / list(map(len, kept))).max())


def _filtered(model, dev, lines: list[str], megabytes: float, folder: Path) -> tuple[float, int, float, float]:  # type: ignore[no-untyped-def]
    """Seconds, bytes, peak of memory and the share of the bytes that was kept."""
    whole = LanguageModel("pt", (model,), about={"typical": typical(LanguageModel("pt", (model,)), dev)})
    whole.save(folder / "model")
    block = "\n".join(lines).encode() + b"\n"
    with (folder / "crawl.txt").open("wb") as out:
        while out.tell() < megabytes * 1e6:
            out.write(block)
    size = (folder / "crawl.txt").stat().st_size
    command = [sys.executable, "-m", "sprachbund", "lm", "score", str(folder / "model"), str(folder / "crawl.txt")]
    began = time.monotonic()
    with (folder / "kept.txt").open("wb") as out:
        subprocess.run([*command, "--below", "auto"], check=True, stdout=out)
    clock = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return clock, size, peak, (folder / "kept.txt").stat().st_size / size


if __name__ == "__main__":
    main()
