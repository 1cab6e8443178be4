"""What a neighbour's model brings a language with little text: every way to carry its rows over, beside pooling.

    python benchmarks/continued.py [--target pt] [--starts es en] [--chapters 30 120 300] [--seeds 3]
                                   [--side dev --arms alone "rows identical" "rows near" --out FILE]

Text: ``bible`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), a document a chapter, split by chapters
80/10/10 for all languages alike, so that no start has read what is dev or test; two starts at least, for only chapters
that two languages share are ranked together. The target keeps some of its training chapters, each start all of its own.
Every arm tries three learning rates with one seed on dev and is judged with the best of them and all seeds on test
(inverse cloze, pool ``unseen``). Intervals: the paired bootstrap over chapters of the mean over seeds. The table goes
to benchmarks/results/continued.md. What is chosen by such a table is chosen on ``--side dev``.
"""

import argparse
import gzip
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.splits import TRAIN, sides
from sprachbund.corpus.store import Corpus
from sprachbund.engines.processes import set_threads
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.start import Start
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking.judging import dense_scorer, dev_mrr, judge
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import BEST, Settings, change

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "bible"
TASK, DRAWS = "ic", 2_000
SETTINGS = change(BEST, dim=128, batch=256, epochs=8.0)
RATES = (0.003, 0.01, 0.03)


@dataclass(frozen=True)
class Arm:
    """A way to make a model of the target.

    Attributes:
        carry: of the start's rows, "" for no start. frozen: see `Start`. pooled: trained on both languages at once.
    """

    carry: str = ""
    frozen: float = 0.0
    pooled: bool = False


ARMS = {
    "alone": Arm(),
    "pooled": Arm(pooled=True),
    "continued": Arm("same"),
    "continued, frozen half": Arm("same", 0.5),
    "rows identical": Arm("identical"),
    "rows near": Arm("near"),
    "rows near, frozen half": Arm("near", 0.5),
    "placebo": Arm("permuted"),
    "continued, frozen to the end": Arm("same", 1.0),
}


def read(language: str) -> list[dict[str, Any]]:
    """The chapters of a language."""
    path = next(DATA.glob(f"{language}.*.jsonl.gz"))
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def prepare(folder: Path, target: str, starts: Sequence[str], chapters: int) -> EncodedCorpus:
    """The corpus of all languages, the target with some of its training chapters, encoded."""
    texts = {language: read(language) for language in (target, *starts)}
    groups = {language: [row["group"] for row in rows] for language, rows in texts.items()}
    placed = sides(groups, SETTINGS.shares, SETTINGS.split_seed)[target] == TRAIN
    kept = set(np.random.default_rng(0).permutation(np.flatnonzero(placed))[:chapters].tolist())
    texts[target] = [row for i, row in enumerate(texts[target]) if not placed[i] or i in kept]
    source = folder / "source.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for rows in texts.values() for row in rows), encoding="utf-8")
    ingest([source], folder / "corpus", workers=1)
    corpus = Corpus.open(folder / "corpus")
    return encode_corpus(corpus, folder / "encoded", settings=SETTINGS, bigrams=False, characters=(4,))


def make(
    encoded: EncodedCorpus, arm: Arm, languages: tuple[str, str], start: Model, settings: Settings, seed: int
) -> Model:
    """A model of the target, the first of the languages."""
    languages = languages if arm.pooled else languages[:1]  # type: ignore[assignment]
    going = Start(start, arm.carry, frozen=arm.frozen) if arm.carry else None  # type: ignore[arg-type]
    return train_model(encoded, TASK, settings, languages=languages, seed=seed, start=going)[0]


def measure(
    encoded: EncodedCorpus, target: str, start: str, chapters: int, seeds: int, side: str, arms: Sequence[str]
) -> list[dict[str, Any]]:
    """A row an arm: MRR on a side, and the relative difference from ``alone`` with its interval."""
    dev, judged = (make_pool(encoded, "unseen", target, TASK, SETTINGS, side=each) for each in ("dev", side))
    starts = [train_model(encoded, TASK, SETTINGS, languages=(start,), seed=100 + seed)[0] for seed in range(seeds)]
    values, rates = {}, {}
    for name, arm in ((name, ARMS[name]) for name in arms):
        tried = {}
        for rate in RATES:
            model = make(encoded, arm, (target, start), starts[0], change(SETTINGS, rate=rate), 0)
            tried[rate] = dev_mrr(model, encoded, dev)
        rates[name] = max(tried, key=lambda rate: tried[rate])
        chosen, ranks = change(SETTINGS, rate=rates[name]), []
        for seed in range(seeds):
            model = make(encoded, arm, (target, start), starts[seed], chosen, seed)
            ranks.append(1 / judge(judged, [dense_scorer(model, encoded, judged)], [1.0]).truth)
        values[name] = np.mean(ranks, axis=0)
        print(f"{start} to {target}, {chapters}: {name} {values[name].mean():.4f} at {rates[name]}", flush=True)
    pairs = len(encoded.language(target).pairs(TASK, SETTINGS, "train"))
    return [
        {
            "target": target, "start": start, "chapters": chapters, "pairs": pairs, "arm": name,
            "mrr": float(found.mean()), **interval(found, values["alone"], np.asarray(judged.groups)),
        }
        for name, found in values.items()
    ]  # fmt: skip


def interval(found: np.ndarray, alone: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """The relative difference of two means, and its 95% interval over groups drawn again."""
    numbers = np.unique(groups, return_inverse=True)[1]
    size = numbers.max() + 1
    sums = [np.bincount(numbers, each, size) for each in (found, alone)]
    drawn = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), DRAWS)
    ratios = (drawn @ sums[0]) / (drawn @ sums[1]) - 1
    low, high = np.quantile(ratios, (0.025, 0.975))
    return {"relative": float(found.mean() / alone.mean() - 1), "low": float(low), "high": float(high)}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: a block a start, a row an arm, a column a size."""
    lines: list[str] = []
    sizes = list(dict.fromkeys((row["chapters"], row["pairs"]) for row in rows))
    for pair in dict.fromkeys((row["start"], row["target"]) for row in rows):
        heads = [f"{chapters} chapters, {pairs:,} pairs" for chapters, pairs in sizes]
        lines += [
            f"## {pair[0]} to {pair[1]}",
            "",
            "| arm | " + " | ".join(heads) + " |",
            "|---|" + "--:|" * len(sizes),
        ]
        for arm in dict.fromkeys(row["arm"] for row in rows):
            cells = []
            for size in sizes:
                row = next(
                    r
                    for r in rows
                    if (r["start"], r["target"]) == pair and r["arm"] == arm and r["chapters"] == size[0]
                )
                change_of = (
                    f" {row['relative']:+.1%} ({row['low']:+.1%} to {row['high']:+.1%})" if arm != "alone" else ""
                )
                cells.append(f"{row['mrr']:.3f}{change_of}")
            lines.append(f"| {arm} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run it and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--starts", nargs="+", default=["es", "en"])
    parser.add_argument("--chapters", nargs="+", type=int, default=[30, 120, 300])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--side", choices=("dev", "test"), default="test")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), help="alone is always among them")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "continued.md")
    given = parser.parse_args()
    set_threads(1)
    arms = list(dict.fromkeys(("alone", *given.arms)))
    rows: list[dict[str, Any]] = []
    for chapters in given.chapters:
        with tempfile.TemporaryDirectory() as folder:
            encoded = prepare(Path(folder), given.target, given.starts, chapters)
            for start in given.starts:
                rows += measure(encoded, given.target, start, chapters, given.seeds, given.side, arms)
    given.out.write_text(
        "# A neighbour's model and little text\n\n"
        f"MRR on {given.side} (inverse cloze, pool `unseen`, {given.seeds} seeds), and the relative difference from "
        "`alone` with its 95% interval over\nchapters. Made by `benchmarks/continued.py`, which says how.\n\n"
        + table(rows),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
