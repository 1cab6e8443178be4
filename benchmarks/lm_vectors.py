"""Do vectors of words help a language model to begin? Howard: "I haven't seen any improvement by using a pretrained
word embedding".

    python benchmarks/lm_vectors.py [--language pt] [--sizes 30000,100000,300000,1000000,3000000,10000000] [--seeds 2]

A recurrent model of pieces (size small). Its rows begin from: *nothing* (random); *the same text* (vectors of the
pieces of its own training text: counts up to 3 million pieces, skip-gram above, as `vectors train` has it); *more
text* (vectors of ten times as many characters of the language, where there are so many); *exchanged* (the same as *more
text* or, without, *the same text*, each vector at another piece's row: the control). The body is fresh in every arm,
passes over the text and the stop on dev are alike. Text, sides and the cut of dev are those of
``benchmarks/lm_neighbours.py`` (its folder --work is used); bits per byte of the heads of novels, change against
*nothing*: mean over seeds, widest ends of the intervals over novels; *steps* is the share of the characters that
*nothing* reads until its best on dev after which the arm is as good. Needs torch. A line is found again when the script
is started again. Writes benchmarks/results/lm-vectors.{md,json}.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from lm_neighbours import RESULTS, SHARES, heads, relative
from lm_whole import steps_saved
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.network import build, weights_of
from sprachbund.lm.neural.scoring import bits
from sprachbund.lm.neural.settings import SIZES, NeuralSettings
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.neural.units import Pieces, learn_pieces, pieces_for
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut
from sprachbund.vectors.running import Running
from sprachbund.vectors.settings import VectorSettings
from sprachbund.vectors.training import train_running

MOST_CHARACTERS = 20_000_000
"""That a training reads, at most: large text is read fewer times."""


def rows_from(pieces: Pieces, texts: list[str], settings: NeuralSettings, seed: int) -> np.ndarray:
    """float32 [pieces, embedding]: vectors of pieces, of the spread that rows begin with; NaN where there is none."""
    numbers = [pieces.encode(text) for text in texts]
    flat = np.concatenate(numbers)
    counts = np.bincount(flat, minlength=pieces.size)
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    place = np.full(pieces.size, -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    ends = np.cumsum([0, *map(len, numbers)])
    running = Running(
        tuple(map(str, order)), counts[order].astype(np.int64), place[flat], ends.astype(np.int64), len(flat)
    )
    dim = min(settings.embedding, len(order) - 1)
    space = train_running(running, "pt", VectorSettings(dim=dim, min_count=1, seed=seed, epochs=5))
    rows = np.full((pieces.size, settings.embedding), np.nan, np.float32)
    known = np.array(list(map(int, space.words)))
    vectors = np.zeros((len(known), settings.embedding), np.float32)
    vectors[:, :dim] = space.vectors
    vectors -= vectors.mean(0)
    rows[known] = vectors / vectors.std() / settings.embedding**0.5
    return rows


def start_of(pieces: Pieces, rows: np.ndarray, settings: NeuralSettings, seed: int) -> Neural:
    """A model that only lends its rows."""
    import torch

    torch.manual_seed(seed)
    weights = weights_of(build(settings, pieces.size))
    known = np.isfinite(rows).all(1)
    weights["embed.weight"] = np.where(known[:, None], rows, weights["embed.weight"]).astype(np.float32)
    own = replace(settings, pieces=pieces.size)
    return Neural(own, pieces.keys, pieces.merges, weights, np.ones(pieces.size, np.int64))


def measure(corpus: Corpus, language: str, size: int, seed: int) -> dict | None:
    """One size and seed; None where the language has less text."""
    sides = sides_of(corpus, language, Split(SHARES), size, seed)
    train = list(sides.train.texts)
    if sum(map(len, train)) < 0.9 * size:
        return None
    more = list(sides_of(corpus, language, Split(SHARES), 10 * size, seed).train.texts)
    dev, test = list(cut(sides.dev, max(10_000, min(size // 3, 300_000)), seed).texts), heads(sides.test)
    settings = replace(SIZES["small"], units="pieces", evaluations=40, patience=10, pieces=pieces_for(size))
    if 20 * size > MOST_CHARACTERS:
        settings = replace(settings, epochs=MOST_CHARACTERS / size)
    pieces = learn_pieces(train, settings.pieces)
    tables = {"the same text": rows_from(pieces, train, settings, seed)}
    if sum(map(len, more)) >= 2 * size:
        tables["more text"] = rows_from(pieces, more, settings, seed)
    moved = np.random.default_rng(seed).permutation(pieces.size)
    tables["exchanged"] = list(tables.values())[-1][moved]
    weight = np.array(bytes_of(test), np.float64)
    models = {"nothing": train_neural(train, dev, settings, seed=seed)}
    for name, rows in tables.items():
        start = start_of(pieces, rows, settings, seed)
        carry = {"rows": "identical", "body": "separate"}
        models[name] = train_neural(train, dev, settings, seed=seed, start=start, carry=carry)
    cost = {name: bits(model, test) for name, model in models.items()}
    found = {}
    for name, each in cost.items():
        change, low, high = relative(each, cost["nothing"], weight)
        steps = steps_saved(models["nothing"], models[name])
        found[name] = {"bits": each.sum() / weight.sum(), "change": change, "low": low, "high": high, "steps": steps}
    return {"language": language, "size": size, "seed": seed, "pieces": pieces.size, "arms": found}


def main() -> None:
    """Run what is not there yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="pt")
    parser.add_argument("--sizes", default="30000,100000,300000,1000000,3000000,10000000")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    rows = []
    for seed in range(given.seeds):
        for size in map(int, given.sizes.split(",")):
            path = given.work / f"vectors-{given.language}-{size}-{seed}.json"
            if not path.exists():
                path.write_text(json.dumps(measure(corpus, given.language, size, seed)), encoding="utf-8")
            row = json.loads(path.read_text(encoding="utf-8"))
            if row is None:
                print(f"{given.language} has less than {size:,} characters to train on", flush=True)
                continue
            rows.append(row)
            print(json.dumps(row), flush=True)
            write(rows)


def write(rows: list[dict]) -> None:
    """The table so far."""
    (RESULTS / "lm-vectors.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    lines = [
        "# Vectors as the beginning of a language model",
        "",
        "A small recurrent model of pieces, bits per byte of novels that no model has read; what its rows begin from,",
        "and the change against *nothing*. Rerun: `python benchmarks/lm_vectors.py`; its first lines say what each is.",
        "",
        "| characters | seeds | pieces | nothing | the same text | steps | more text | steps | exchanged | steps |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for size in sorted({row["size"] for row in rows}):
        own = [row for row in rows if row["size"] == size]
        cells = [f"{size:,}", str(len(own)), f"{own[0]['pieces']:,}"]
        cells.append(f"{np.mean([row['arms']['nothing']['bits'] for row in own]):.3f}")
        for name in ("the same text", "more text", "exchanged"):
            told = [row["arms"][name] for row in own if name in row["arms"]]
            cells += _change(told) if told else ["-", "-"]
        lines.append(f"| {' | '.join(cells)} |")
    (RESULTS / "lm-vectors.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _change(told: list[dict]) -> list[str]:
    low, high = min(each["low"] for each in told), max(each["high"] for each in told)
    steps = [each["steps"] for each in told]
    shown = "not reached" if None in steps else f"{np.mean(steps):.2f}"
    return [f"{np.mean([each['change'] for each in told]):+.1f}% [{low:+.1f}, {high:+.1f}]", shown]


if __name__ == "__main__":
    main()
