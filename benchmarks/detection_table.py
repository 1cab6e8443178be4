"""Makes the table by which languages of little text are told, `declaration.safetensors` in `corpus/identification`.

    python benchmarks/detection_table.py         # reads ../shared/data, or the folder in SPRACHBUND_DATA

The table that the package has is of all paragraphs of the Universal Declaration of Human Rights; `detection.py` judges
one of the training paragraphs alone, made by the same function. The switch between the table and the library (see
``identification/guess.py``) is a logistic regression on the development snippets, with the table of the training
paragraphs: every collection and language weighs the same, and those inside and outside the library's languages too.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from detection_data import Snippet, snippets, texts
from sprachbund.corpus.identification import grams, guess
from sprachbund.corpus.identification.grams import Table

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA") or ROOT.parent / "shared" / "data")
MOST = 2_000
"""N-grams of a language; with 3,000 the accuracies rise by 0.2 and the file by half."""


def make(data: Path, sides: frozenset[str], about: dict[str, object]) -> Table:
    """The table of the paragraphs of some sides of the UDHR."""
    pieces: dict[str, list[np.ndarray]] = defaultdict(list)
    for name, side, language, text in texts(data):
        if name != "UDHR":
            break
        if side in sides:
            pieces[language].append(grams.hashes(text))
    counts = {}
    for language, arrays in pieces.items():
        keys, number = np.unique(np.concatenate(arrays), return_counts=True)
        if len(keys) > 500:  # a file that is a page short says nothing
            counts[language] = keys, number
    return grams.build(counts, about, MOST)


def fit_switch(table: Table, judged: list[Snippet]) -> list[float]:
    """Weights of `guess.evidence` and the constant, rounded: whether a text is in none of the library's languages."""
    seen = [(snippet, guess.evidence(snippet.text, table)) for snippet in judged]
    cells = defaultdict(int)
    for snippet, _ in seen:
        cells[snippet.data, snippet.language] += 1
    outside = np.array([snippet.language not in guess.library().codes for snippet, _ in seen])
    weight = np.array([1 / cells[snippet.data, snippet.language] for snippet, _ in seen])
    weight[outside] *= weight[~outside].sum() / weight[outside].sum()
    fitted = LogisticRegression(C=10, max_iter=1000).fit(np.array([found for _, found in seen]), outside, weight)
    return [round(float(value), 4) for value in (*fitted.coef_[0], fitted.intercept_[0])]


def switched(data: Path) -> list[float]:
    """The switch, from the development snippets and the table of the training paragraphs."""
    judged = [snippet for snippet in snippets(data) if snippet.side == "dev"]
    return fit_switch(make(data, frozenset({"train"}), {}), judged)


if __name__ == "__main__":
    about = {"switch": switched(DATA)}
    table = make(DATA, frozenset({"train", "dev", "test"}), about)
    grams.save(table, grams.TABLE)
    print(len(table.languages), "languages", f"{grams.TABLE.stat().st_size:,} bytes", about, file=sys.stderr)
