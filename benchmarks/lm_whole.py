"""All parts of a language model together: n-grams, neighbours' n-grams, a neural part begun on neighbours' text.

    python benchmarks/lm_whole.py [--target pt] [--sizes 30000,100000] [--minutes 5] [--work FOLDER]

Text, sides, dictionaries and the cut of dev are those of ``benchmarks/lm_neighbours.py`` (its folder --work is used).
The neural part (size small) reads so many minutes of neighbours' text in the target's words, then the target's own
until dev says stop; *alone* reads the target's own as long as both took together, at most. Bits per byte of the heads
of novels, change against the target's tuned Kneser-Ney, intervals over novels; one seed. Needs torch.
Writes benchmarks/results/lm-whole.md.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from lm_neighbours import NEIGHBOURS, RESULTS, SHARES, dictionaries, heads, relative
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.model import LanguageModel, bits, gated
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.neural.scoring import bits as neural_bits
from sprachbund.lm.neural.settings import SIZES
from sprachbund.lm.neural.training import train_neural
from sprachbund.lm.ngram.characters import bits_of, choose_order, train_characters
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut

MOST = 1_000_000


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--sizes", default="30000,100000")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    target, near = given.target, NEIGHBOURS[given.target].split()[:3]
    lines = [
        "# A whole language model",
        "",
        f"Bits per byte of novels in {target} that no model has read; neighbours {', '.join(near)}, {MOST:,} letters",
        f"each, {given.minutes:g} minutes of neural training on them. Rerun: `python benchmarks/lm_whole.py`.",
        "",
        "| characters | model | bits per byte | change [95% interval] |",
        "|--:|---|--:|---|",
    ]
    for size in map(int, given.sizes.split(",")):
        sides = sides_of(corpus, target, Split(SHARES), size, 0)
        dev, test = list(cut(sides.dev, max(10_000, size // 3), 0).texts), heads(sides.test)
        sizes = np.array(bytes_of(test), np.float64)
        train = list(sides.train.texts)
        own = choose_order(train, dev, target)
        base = bits_of(own, test)
        texts = []
        for code in near:
            theirs = list(sides_of(corpus, code, Split(SHARES), MOST, 0).train.texts)
            texts.append(lend(target, train, code, theirs, Respelling(True, dictionaries(target, near))).nearest)
        lent = [train_characters(each, code, 8) for code, each in zip(near, texts, strict=True)]
        small = replace(SIZES["small"], minutes=given.minutes)
        start = train_neural([text for each in texts for text in each], dev, small, seed=1)
        continued = train_neural(train, dev, small, seed=1, start=start)
        spent = (start.curve[-1][2] + continued.curve[-1][2]) / 60
        alone = train_neural(train, dev, replace(small, minutes=spent), seed=1)

        def row(
            name: str, cost: np.ndarray, count: int = size, base: np.ndarray = base, sizes: np.ndarray = sizes
        ) -> None:
            change, low, high = relative(cost, base, sizes)
            told = f"| {count:,} | {name} | {cost.sum() / sizes.sum():.3f} | {change:+.1f}% [{low:+.1f}, {high:+.1f}] |"
            lines.append(told)
            print(told, flush=True)
            (RESULTS / "lm-whole.md").write_text("\n".join(lines) + "\n", encoding="utf-8")

        row("Kneser-Ney", base)
        row("neural, alone, as long", neural_bits(alone, test))
        row("neural, continued", neural_bits(continued, test))
        for name, ngrams, neural in (
            ("own n-grams and neural alone", (), alone),
            ("neighbours' n-grams", lent, None),
            ("own n-grams and neural continued", (), continued),
            ("whole", lent, continued),
        ):
            row(name, bits(gated(LanguageModel(target, (own, *ngrams), neural), dev), test))


if __name__ == "__main__":
    main()
