"""A language model: a character bigram with smoothing. Items are documents, a value is bits, a weight UTF-8 bytes.

Lower is better. Its model is counts, so that pooling adds them, a start is a prior, and what is carried over are rows
of counts by their letter.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.lab.declaration import Declaration, Pair, Pool, Size, Table, Task, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS
from sprachbund.lab.strategies import PAIRS
from sprachbund.statistics import Enough

DECLARATION = Declaration(
    name="bigrams",
    version=1,
    title="Language models that help each other",
    question="Does a model of {languages} together predict text better than a model of each",
    tasks=(Task("lm", "LM", "predict the next letter"),),
    measures=(Measure("bits", "bits per byte", unit="bits/byte", direction="lower"),),
    pools=(Pool("held-out", "documents that nobody has read"),),
    pairs=tuple(Pair(*pair) for pair in PAIRS),
    tables=(
        Table(
            "of held-out documents",
            ("alone", "pooled", "continued", "rows", "frozen", "placebo"),
            (("pooled", "alone"), ("continued", "alone"), ("rows", "alone"), ("frozen", "alone")),
        ),
    ),
    item=Words("document", "documents"),
    document=Words("document", "documents"),
    example=Words("letter", "letters"),
    examples="letters",
    sizes=(Size("letters", "letters of training text"), Size("documents", "documents of the test side")),
    rows="letters",
    body=("prior",),
    enough=Enough(items=30, documents=30),
    glossary={"bits per byte": "what a document costs, over its bytes."},
)

Counts = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Bigram:
    """Counts of letters after letters, and what is added to each count."""

    counts: Counts
    add: float
    letters: int


@dataclass(frozen=True)
class Bigrams:
    """Texts by language and side: ``train``, ``dev``, ``test``, each a list of documents.

    Attributes:
        smoothings: what the trials try.
    """

    texts: Mapping[str, Mapping[str, Sequence[str]]]
    smoothings: tuple[float, ...] = (50.0, 0.5)

    @property
    def declaration(self) -> Declaration:
        """Its words."""
        return DECLARATION

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """All text."""
        return {"texts": {code: {side: list(t) for side, t in sides.items()} for code, sides in self.texts.items()}}

    def trials(self, count: int) -> list[dict[str, Any]]:
        """Smoothings; the first is the first."""
        return [{} if number == 0 else {"add": self.smoothings[number]} for number in range(count)]

    def size(self, task: str, language: str) -> int:
        """Letters of training text."""
        return sum(map(len, self.texts[language]["train"]))

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """As much as there is to read."""
        return sum(share.passes * sizes[code] for code, share in recipe.text.items())

    def train(self, recipe: Recipe, start: Bigram | None) -> Bigram:
        """Count; a start's counts come before, those of letters that the target has if only rows are carried over."""
        total: dict[str, Counter[str]] = {}
        alphabet = set()
        for language, share in recipe.text.items():
            for text in self.texts[language]["train"]:
                alphabet |= set(text)
                for first, second in zip(" " + text, text, strict=False):
                    row = _row(first, language, recipe.carry.get("letters", "same"))
                    total.setdefault(row, Counter())[second] += share.passes
        if start is not None:
            for first, row in start.counts.items():
                if recipe.carry.get("prior", "same") == "same" or first in alphabet:
                    total.setdefault(first, Counter()).update(row)
        add = float(recipe.options.get("add", self.smoothings[0]))
        return Bigram({first: dict(row) for first, row in total.items()}, add, 64)

    def save(self, model: Bigram, folder: Path) -> None:
        """As JSON."""
        (folder / "bigram.json").write_text(json.dumps(model.__dict__), encoding="utf-8")

    def load(self, folder: Path) -> Bigram:
        """The same."""
        return Bigram(**json.loads((folder / "bigram.json").read_text(encoding="utf-8")))

    def open(self, path: Path) -> Bigram:
        """The same."""
        return self.load(path)

    def score(self, model: Bigram, task: str, language: str) -> float:
        """Bits per byte on dev."""
        texts = self.texts[language]["dev"]
        return sum(bits(model, text, language) for text in texts) / sum(len(text.encode()) for text in texts)

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """None."""
        return {}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """None."""
        raise AssertionError("there are no baselines to judge")

    def judge(
        self, model: Bigram, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """A row a document."""
        texts = self.texts[language]["test"]
        return pl.DataFrame(
            {
                "arm": "",
                "pool": pools[0],
                "item": [f"{language}:{number}" for number in range(len(texts))],
                "document": [f"{language}:{number}" for number in range(len(texts))],
                "group": np.arange(len(texts)),
                "value": [bits(model, text, language) for text in texts],
                "weight": [float(len(text.encode())) for text in texts],
                "null_value": None,
                "candidates": None,
            },
            schema_overrides={"null_value": pl.Float64, "candidates": pl.Int64, "group": pl.Int64},
        ).select(*ITEMS)

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Sizes."""
        return [{"pool": pools[0], "language": language, "documents": len(self.texts[language]["test"])}]

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing is censored."""
        return {}

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Sizes."""
        documents = len(self.texts[language]["test"])
        return {"task": task, "language": language, "documents": documents, "letters": self.size(task, language)}


def _row(letter: str, language: str, how: str) -> str:
    """The row of a letter: its own, one of the language alone, or the next letter's, which is another in each."""
    if how == "separate":
        return f"{language}:{letter}"
    return chr(ord(letter) + len(language)) if how == "permuted" else letter


def bits(model: Bigram, text: str, language: str) -> float:
    """What a text costs under a model."""
    total = 0.0
    for first, second in zip(" " + text, text, strict=False):
        row = model.counts.get(f"{language}:{first}") or model.counts.get(first, {})
        seen = row.get(second, 0.0)
        total -= log2((seen + model.add) / (sum(row.values()) + model.add * model.letters))
    return total
