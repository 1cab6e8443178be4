"""Where pieces begin that a start model lacks: six ways, on a recurrent model of pieces.

    python benchmarks/lm_rows.py [--target pt] [--start es] [--sizes 30000,100000] [--seeds 2] [--work FOLDER]

The start has read 3 million characters of its language once; the target has pieces of its own. The body is carried over
in every arm but *alone*, the rows by

    separate   fresh ones, random
    identical  the same piece where there is one, else the mean of all the start's rows and a little noise
    near       that, and the nearest in spelling, else what the start cuts the piece into
    nearest    identical, else the weighted mean of the nearest by vectors of the target's own text (as FOCUS)
    sum        the same by orthogonal matching pursuit (as OMP)
    permuted   the control: as near, to the wrong pieces

*alone* begins from nothing. Text, sides and the cut of dev are those of ``benchmarks/lm_neighbours.py`` (its folder
--work is used). Bits per byte of the heads of novels, change against *alone*, mean over seeds and widest ends of the
intervals over novels. Needs torch. Found again when it is started again. Writes benchmarks/results/lm-rows.{md,json}.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from lm_neighbours import RESULTS, SHARES, heads, relative
from lm_vectors import rows_from
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.scoring import bits
from sprachbund.lm.neural.settings import SIZES
from sprachbund.lm.neural.start import row_keys
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.neural.units import Pieces, learn_pieces, pieces_for
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut
from sprachbund.vectors.row_weights import WAYS, row_weights
from sprachbund.vectors.space import Space

MOST = 3_000_000


def tables(pieces: Pieces, start: Neural, train: list[str], folder: Path, seed: int) -> dict[str, Path]:
    """A row map's table for each way, by the keys as a person reads them."""
    vectors = rows_from(pieces, train, start.settings, seed)
    keys, _ = row_keys(pieces)
    known = np.isfinite(vectors).all(1)
    words, places = [], []
    for place, key in enumerate(keys):
        if known[place] and key not in words:
            words.append(key)
            places.append(place)
    space = Space("", tuple(words), np.ones(len(words), np.int64), vectors[places])
    found = {}
    for way in WAYS:
        found[way] = folder / f"{way}.parquet"
        row_weights(space, row_keys(start.units)[0], way=way).write_parquet(found[way])
    return found


def measure(corpus: Corpus, start: Neural, target: str, size: int, seed: int) -> dict:
    """One size and seed."""
    sides = sides_of(corpus, target, Split(SHARES), size, seed)
    train = list(sides.train.texts)
    dev, test = list(cut(sides.dev, max(10_000, size // 3), seed).texts), heads(sides.test)
    settings = replace(SIZES["small"], units="pieces", evaluations=40, patience=10, pieces=pieces_for(size))
    weight = np.array(bytes_of(test), np.float64)
    cost = {"alone": bits(train_neural(train, dev, settings, seed=seed), test)}
    with tempfile.TemporaryDirectory() as folder:
        found = tables(learn_pieces(train, settings.pieces), start, train, Path(folder), seed)
        for how in ("separate", "identical", "near", "permuted", *WAYS):
            table = found.get(how)
            carry = {"rows": "table" if table else how}
            made = train_neural(train, dev, settings, seed=seed, start=start, carry=carry, table=table)
            cost[how] = bits(made, test)
    arms = {}
    for name, each in cost.items():
        change, low, high = relative(each, cost["alone"], weight)
        arms[name] = {"bits": each.sum() / weight.sum(), "change": change, "low": low, "high": high}
    return {"target": target, "size": size, "seed": seed, "arms": arms}


def main() -> None:
    """Run what is not there yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--start", default="es")
    parser.add_argument("--sizes", default="30000,100000")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    rows: list[dict] = []
    start: Neural | None = None
    for seed in range(given.seeds):
        for size in map(int, given.sizes.split(",")):
            path = given.work / f"rows-{given.target}-{given.start}-{size}-{seed}.json"
            if not path.exists():
                if start is None:
                    theirs = sides_of(corpus, given.start, Split(SHARES), MOST, 0)
                    settings = replace(SIZES["small"], units="pieces", epochs=1.0, patience=0, pieces=pieces_for(MOST))
                    dev = list(cut(theirs.dev, 50_000, 0).texts)
                    start = train_neural(list(theirs.train.texts), dev, settings, seed=1)
                path.write_text(json.dumps(measure(corpus, start, given.target, size, seed)), encoding="utf-8")
            rows.append(json.loads(path.read_text(encoding="utf-8")))
            print(json.dumps(rows[-1]), flush=True)
            write(rows, given.start)


def write(rows: list[dict], start: str) -> None:
    """The table so far."""
    (RESULTS / "lm-rows.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    names = list(rows[0]["arms"])
    lines = [
        "# Where pieces begin that a start lacks",
        "",
        f"A small recurrent model of pieces, begun from one of {start}; bits per byte of novels that no model has",
        "read, change against *alone*. Rerun: `python benchmarks/lm_rows.py`; its first lines say what each way is.",
        "",
        f"| target | characters | seeds | alone | {' | '.join(names[1:])} |",
        f"|---|--:|--:|{'--:|' * len(names)}",
    ]
    for target, size in sorted({(row["target"], row["size"]) for row in rows}):
        own = [row for row in rows if (row["target"], row["size"]) == (target, size)]
        cells = [target, f"{size:,}", str(len(own)), f"{np.mean([row['arms']['alone']['bits'] for row in own]):.3f}"]
        for name in names[1:]:
            told = [row["arms"][name] for row in own]
            low, high = min(each["low"] for each in told), max(each["high"] for each in told)
            cells.append(f"{np.mean([each['change'] for each in told]):+.1f}% [{low:+.1f}, {high:+.1f}]")
        lines.append(f"| {' | '.join(cells)} |")
    (RESULTS / "lm-rows.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
