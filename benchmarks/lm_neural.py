"""Which neural language model is best for minutes of a processor core: bits per byte on dev at equal seconds.

    python benchmarks/lm_neural.py [--seconds 60] [--sizes 100000 300000 1000000] [--arms NAME ...] [--language pt]
                                   [--out FILE]

Text: the novels of ``eltec`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), split 80/10/10 by novels; the
training side is cut to so many characters (`lm.text.cut`), dev is read as the training reads it. Every arm reads
as much as it can in the time: its speed is taken first, in turns with that of the reference, and the ratio says how
many passes over the text it has. Nothing is measured on test. The table goes to benchmarks/results/lm-neural.md.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.splits import DEV, TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.lm.neural.settings import NeuralSettings, settings_of
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.text import Texts, cut, documents_of

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "eltec"
OUT = ROOT / "benchmarks" / "results" / "lm-neural.md"
RECURRENT: Mapping[str, Any] = {"evaluations": 8, "patience": 0}
PIECES: Mapping[str, Any] = {**RECURRENT, "units": "pieces"}
LLAMA: Mapping[str, Any] = {
    **RECURRENT, "architecture": "transformer", "width": 96, "layers": 3, "heads": 3, "batch": 4, "context": 128,
    "rate": 0.004, "units": "pieces", "precision": "float32",
}  # fmt: skip
ARMS: dict[str, dict[str, Any]] = {
    "characters": {**RECURRENT},
    "characters, dropout .1, rate .004": {**RECURRENT, "dropout": 0.1, "rate": 0.004},
    "characters, dropout .1, rate .016": {**RECURRENT, "dropout": 0.1, "rate": 0.016},
    "characters, no dropout": {**RECURRENT, "dropout": 0.0},
    "characters, dropout .1": {**RECURRENT, "dropout": 0.1},
    "characters, dropout .2": {**RECURRENT, "dropout": 0.2},
    "characters, dropout .3": {**RECURRENT, "dropout": 0.3},
    "characters, float32": {**RECURRENT, "precision": "float32"},
    "characters, batch 64": {**RECURRENT, "batch": 64},
    "characters, width 192": {**RECURRENT, "width": 192},
    "characters, width 384": {**RECURRENT, "width": 384},
    "characters, dropout .1, 2 layers": {**RECURRENT, "dropout": 0.1, "layers": 2},
    "bytes": {**RECURRENT, "units": "bytes"},
    "pieces": {**PIECES},
    "pieces, dropout .3": {**PIECES, "dropout": 0.3},
    "pieces, dropout .4, rate .004": {**PIECES, "dropout": 0.4, "rate": 0.004},
    "pieces, dropout .5": {**PIECES, "dropout": 0.5},
    "pieces, dropout .5, decay .1": {**PIECES, "dropout": 0.5, "decay": 0.1},
    "transformer": {**LLAMA},
    "transformer, bf16": {**LLAMA, "precision": "bf16"},
    "transformer, batch 16": {**LLAMA, "batch": 16},
    "transformer, characters": {**LLAMA, "units": "characters"},
    "transformer, width 64, 2 layers": {**LLAMA, "width": 64, "layers": 2, "heads": 2, "rate": 0.006},
}
REFERENCE = 90_000
"""Characters a second that the reference, ``characters``, learns on one idle core of a server of 2023."""
_PROBE, _ROUNDS = 2.0, 3
"""Seconds in which a speed is taken, and how often."""


def texts_of(language: str) -> tuple[Texts, Texts]:
    """Train and dev."""
    with tempfile.TemporaryDirectory() as folder:
        ingest([DATA / f"{language}.jsonl.gz"], Path(folder) / "corpus", workers=1)
        corpus = Corpus.open(Path(folder) / "corpus")
        placed = place_corpus(corpus, Split())[language]
        return documents_of(corpus, placed, TRAIN), documents_of(corpus, placed, DEV)


class Seconds:
    """A progress that ends the training after some processor time."""

    def __init__(self, most: float) -> None:
        self.most, self.read, self.seconds = most, 0.0, 0.0
        self.began = 0.0

    def advance(self, amount: float = 1) -> None:
        """Count, once what is compiled is compiled."""
        if not self.began:
            self.began = time.process_time()
            return
        self.read += amount
        self.seconds = time.process_time() - self.began
        if self.seconds > self.most:
            raise TimeoutError

    def describe(self, text: str) -> None:
        """Nothing."""


def speed(train: Texts, dev: Texts, settings: NeuralSettings) -> float:
    """Characters a second of processor time, without what is read on dev."""
    probe = Seconds(_PROBE)
    with suppress(TimeoutError):
        train_neural(train.texts, dev.texts, settings_of(settings, epochs=1e4, evaluations=1), progress=probe)
    return probe.read / probe.seconds


def ratio(train: Texts, dev: Texts, settings: NeuralSettings) -> float:
    """The speed over that of the reference, taken in turns: what else the machine does then hits both."""
    reference = settings_of("small", **RECURRENT)
    return float(np.median([speed(train, dev, settings) / speed(train, dev, reference) for _ in range(_ROUNDS)]))


def measured(train: Texts, dev: Texts, settings: NeuralSettings, seconds: float) -> dict[str, Any]:
    """One arm at one size."""
    pace = ratio(train, dev, settings)
    epochs = seconds * REFERENCE * pace / train.characters
    neural = train_neural(train.texts, dev.texts, settings_of(settings, epochs=epochs))
    values = [round(value, 3) for _, value, _ in neural.curve]
    return {"bits": min(values), "last": values[-1], "epochs": round(epochs, 1), "pace": round(pace, 2),
            "parameters": neural.parameters, "curve": values}  # fmt: skip


def rows(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row an arm and size."""
    whole, dev = texts_of(arguments.language)
    for size in arguments.sizes:
        train = cut(whole, size, arguments.seed)
        for name in arguments.arms:
            found = measured(train, dev, settings_of("small", **ARMS[name]), arguments.seconds)
            row = {"arm": name, "characters": size, **found}
            print(json.dumps(row), flush=True)
            yield row


def as_table(found: list[dict[str, Any]], arguments: argparse.Namespace) -> str:
    """Bits per byte by arm and size, and what an arm is like."""
    sizes = arguments.sizes
    by = {(row["arm"], row["characters"]): row for row in found}
    lines = [
        f"# Neural language models at equal seconds ({arguments.language}, {arguments.seconds:.0f} s of one thread)\n",
        f"`python benchmarks/lm_neural.py --seconds {arguments.seconds:g} --sizes {' '.join(map(str, sizes))}`: bits "
        "per byte on dev, the best of eight points; passes over the text in brackets; pace: the speed over that of "
        "`characters`.\n",
        f"| model | {' | '.join(f'{size:,} characters' for size in sizes)} | parameters | pace |",
        f"|---|{'--:|' * (len(sizes) + 2)}",
    ]
    for name in ARMS:
        own = {size: by[name, size] for size in sizes if (name, size) in by}
        if not own:
            continue
        cells = [f"{own[size]['bits']:.3f} ({own[size]['epochs']:.0f})" if size in own else "" for size in sizes]
        last = own[max(own)]
        lines.append(f"| {name} | {' | '.join(cells)} | {last['parameters']:,} | {last['pace']:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--found", type=Path, nargs="*", default=[], help="what earlier runs printed, for the table")
    parser.add_argument("--arms", nargs="*", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--language", default="pt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    before = [json.loads(line) for path in given.found for line in path.read_text().splitlines()]
    given.out.write_text(as_table([*before, *rows(given)], given), encoding="utf-8")
