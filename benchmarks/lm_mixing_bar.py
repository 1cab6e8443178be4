"""How far context mixing goes on the same bytes: PPMd and paq8px beside a language model that learns as it reads.

    python benchmarks/lm_mixing_bar.py --paq8px PROGRAM [--target pt] [--sizes 30000] [--novels 3] [--work FOLDER]

paq8px (github.com/hxim/paq8px, built as its README says) mixes some hundred contexts in the logit domain, as cmix does
with an LSTM besides; it is the strongest of its family that runs within an hour here. It and PPMd (`pyppmd`, order 6)
have read the training text, then each novel: the bits of a novel are what the archive of both takes beyond that of the
training text. *adapting* is that of ``benchmarks/lm_neighbours.py`` (its folder --work is used), without neighbours
(*own*) and with all of them; a mixture learned from the same bytes is *own*, neighbours' text is what it has besides.
Writes benchmarks/results/lm-mixing-bar.md.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from lm_neighbours import MOST, NEIGHBOURS, RESULTS, SHARES, dictionaries, heads, ppmd
from sprachbund import Corpus
from sprachbund.corpus.placing import Split
from sprachbund.lm.adapting import adapting_bits, adapting_gate
from sprachbund.lm.model import LanguageModel
from sprachbund.lm.neighbours import Respelling, lend
from sprachbund.lm.ngram.characters import choose_order, train_characters
from sprachbund.lm.ngram.words import choose_words
from sprachbund.lm.sides import sides_of
from sprachbund.lm.text import bytes_of, cut


def paq8px(program: Path, train: list[str], tests: list[str]) -> list[float]:
    """Bits of each novel after the training text, by the sizes of archives."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"

        def size(text: str) -> int:
            path.write_text(text, encoding="utf-8")
            subprocess.run([program, "-8", path], check=True, capture_output=True, cwd=folder)
            (archive,) = Path(folder).glob("text.txt.paq8px*")
            found = archive.stat().st_size
            archive.unlink()
            return found

        before = "".join(train)
        base = size(before)
        return [8.0 * (size(before + text) - base) for text in tests]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paq8px", type=Path, required=True)
    parser.add_argument("--target", default="pt")
    parser.add_argument("--sizes", default="30000")
    parser.add_argument("--novels", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path("lm-neighbours"))
    given = parser.parse_args()
    corpus = Corpus.open(given.work / "corpus", check=False)
    target, codes = given.target, NEIGHBOURS[given.target].split()
    lines = [
        "# Context mixing on the same bytes",
        "",
        f"Bits per byte of the first {given.novels} test novels in {target}; all learn as they read. Rerun:",
        "`python benchmarks/lm_mixing_bar.py`; its first lines say what each column is.",
        "",
        "| characters | PPMd | paq8px -8 | adapting, own | adapting, with neighbours |",
        "|--:|--:|--:|--:|--:|",
    ]
    for size in map(int, given.sizes.split(",")):
        sides = sides_of(corpus, target, Split(SHARES), size, 0)
        dev, test = list(cut(sides.dev, max(10_000, size // 3), 0).texts), heads(sides.test)[: given.novels]
        train, total = list(sides.train.texts), sum(bytes_of(test))
        own, words = choose_order(train, dev, target), choose_words(train, dev, target)
        made = []
        for code in codes:
            theirs = list(sides_of(corpus, code, Split(SHARES), MOST, 0).train.texts)
            lent = lend(target, train, code, theirs, Respelling(True, dictionaries(target, codes)))
            made.append(train_characters(lent.nearest, code, 8))
        cells = [sum(ppmd(train, test)) / total, sum(paq8px(given.paq8px.resolve(), train, test)) / total]
        for model in (LanguageModel(target, (own,), words=words), LanguageModel(target, (own, *made), words=words)):
            cells.append(float(np.sum(adapting_bits(model, adapting_gate(model, dev), test))) / total)
        lines.append(f"| {size:,} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
        print(lines[-1], flush=True)
        (RESULTS / "lm-mixing-bar.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
