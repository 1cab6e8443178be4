"""All parts of a language model together: n-grams, words, neighbours' n-grams, a neural part begun on their text.

    python benchmarks/lm_whole.py [--targets pt,uk,cs,sv] [--sizes 30000,100000,300000] [--seeds 1] [--work FOLDER]

Text, sides, dictionaries and the cut of dev are those of ``benchmarks/lm_neighbours.py`` (its folder --work is used).
The neural part (size small) reads the text of three neighbours in the target's words --passes times, then the target's
own until dev says stop; *alone* reads the target's own as many characters as both took together, at most: equal total
compute. Compute is counted in characters that were learned from, so that a busy machine changes nothing.

*Own* are the target's own n-grams of characters and words, which stand in all that follow it. Bits per byte of the
heads of novels, change against the target's tuned Kneser-Ney: mean over seeds (of the draw of the
text and of the training), widest ends of the intervals over novels. *Steps* is the share of the characters of *alone*
at its best that *continued* needs until dev is as good. Needs torch. A line is found again when the script is started
again. Writes benchmarks/results/lm-whole.{md,json}.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from lm_neighbours import NEIGHBOURS, RESULTS, SHARES, dictionaries, heads, relative
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.model import LanguageModel, bits, gated
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.neural.model import Neural
from sprachbund.lm.neural.scoring import bits as neural_bits
from sprachbund.lm.neural.settings import SIZES
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.ngram.characters import bits_of, choose_order, train_characters
from sprachbund.lm.ngram.words import choose_words
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut

MOST = 1_000_000
SMALL = replace(SIZES["small"], evaluations=40, patience=10)


def steps_saved(alone: Neural, continued: Neural) -> float | None:
    """Characters of *continued* until it is as good on dev as *alone* ever is, over those that *alone* needs for it."""
    best = min(alone.curve, key=lambda point: point[1])
    reached = [point[0] for point in continued.curve if point[1] <= best[1]]
    return reached[0] / best[0] if reached else None


def measure(corpus: Corpus, target: str, size: int, seed: int, passes: float) -> dict:
    """One target, size and seed."""
    near = NEIGHBOURS[target].split()[:3]
    sides = sides_of(corpus, target, Split(SHARES), size, seed)
    dev, test = list(cut(sides.dev, max(10_000, size // 3), seed).texts), heads(sides.test)
    sizes = np.array(bytes_of(test), np.float64)
    train = list(sides.train.texts)
    own = choose_order(train, dev, target)
    base = bits_of(own, test)
    texts = []
    for code in near:
        theirs = list(sides_of(corpus, code, Split(SHARES), MOST, 0).train.texts)
        texts.append(lend(target, train, code, theirs, Respelling(True, dictionaries(target, near))).nearest)
    lent = [train_characters(each, code, 8) for code, each in zip(near, texts, strict=True)]
    theirs = [text for each in texts for text in each]
    start = train_neural(theirs, dev, replace(SMALL, epochs=passes, patience=0), seed=seed + 1)
    continued = train_neural(train, dev, SMALL, seed=seed + 1, start=start)
    spent = start.curve[-1][0] + continued.curve[-1][0]
    alone = train_neural(train, dev, replace(SMALL, epochs=spent / sum(map(len, train))), seed=seed + 1)

    def told(cost: np.ndarray) -> dict:
        change, low, high = relative(cost, base, sizes)
        return {"bits": cost.sum() / sizes.sum(), "change": change, "low": low, "high": high}

    found = {
        "Kneser-Ney": told(base),
        "neural, alone, as long": told(neural_bits(alone, test)),
        "neural, continued": told(neural_bits(continued, test)),
    }
    words = choose_words(train, dev, target)
    for name, ngrams, neural in (
        ("own", (), None),
        ("own and neural alone", (), alone),
        ("neighbours' n-grams", lent, None),
        ("own and neural continued", (), continued),
        ("whole", lent, continued),
    ):
        found[name] = told(bits(gated(LanguageModel(target, (own, *ngrams), neural, words=words), dev), test))
    return {
        "target": target, "size": size, "seed": seed, "near": near, "models": found,
        "steps": steps_saved(alone, continued),
        "read": {"start": start.curve[-1][0], "continued": continued.curve[-1][0], "alone": alone.curve[-1][0]},
    }  # fmt: skip


def main() -> None:
    """Run what is not there yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default="pt,uk,cs,sv")
    parser.add_argument("--sizes", default="30000,100000,300000")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--passes", type=float, default=2.0)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    rows = []
    for seed in range(given.seeds):
        for size in map(int, given.sizes.split(",")):
            for target in given.targets.split(","):
                path = given.work / f"whole-{target}-{size}-{seed}.json"
                if not path.exists():
                    found = measure(corpus, target, size, seed, given.passes)
                    path.write_text(json.dumps(found), encoding="utf-8")
                rows.append(json.loads(path.read_text(encoding="utf-8")))
                print(json.dumps(rows[-1]), flush=True)
                write(rows, given.passes)


def write(rows: list[dict], passes: float) -> None:
    """The table so far."""
    (RESULTS / "lm-whole.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    lines = [
        "# A whole language model",
        "",
        "Bits per byte of novels that no model has read. The neural part read three neighbours' text in the target's",
        f"words, {MOST:,} characters each, {passes:g} times, then the target's own. Rerun: `python",
        "benchmarks/lm_whole.py`; its first lines say what each column is.",
        "",
        "| target | characters | seeds | Kneser-Ney | neural alone, as long | continued | own | own and neural alone |"
        " continued | neighbours' n-grams | whole | steps |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for target, size in sorted({(row["target"], row["size"]) for row in rows}):
        own = [row for row in rows if (row["target"], row["size"]) == (target, size)]
        order = ["neural, alone, as long", "neural, continued", "own", "own and neural alone"]
        order += ["own and neural continued", "neighbours' n-grams", "whole"]
        steps = [row["steps"] for row in own]
        cells = [target, f"{size:,}", str(len(own))]
        cells.append(f"{np.mean([row['models']['Kneser-Ney']['bits'] for row in own]):.3f}")
        cells += [_change([row["models"][name] for row in own]) for name in order]
        cells.append("not reached" if None in steps else f"{np.mean(steps):.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    (RESULTS / "lm-whole.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _change(told: list[dict]) -> str:
    low, high = min(each["low"] for each in told), max(each["high"] for each in told)
    return f"{np.mean([each['change'] for each in told]):+.1f}% [{low:+.1f}, {high:+.1f}]"


if __name__ == "__main__":
    main()
