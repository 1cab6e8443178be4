"""A kind of model whose best mixture is known: its scores are highest where the shares are those that were put in."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.errors import DivergenceError
from sprachbund.lab.declaration import Declaration, Pair, Pool, Size, Table, Task, Words
from sprachbund.lab.measures import Measure
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS

SIZES = {"en": 8_000, "gl": 200, "pt": 1_800}
OPTIMUM = {"en": 0.6, "gl": 0.08, "pt": 0.32}

DECLARATION = Declaration(
    name="mixer",
    version=1,
    title="Mixers",
    question="Which mixture do {languages} want",
    tasks=(Task("mix", "Mixing", "be mixed well"),),
    measures=(Measure("score", "score"),),
    pools=(Pool("unseen", "what nobody has seen"),),
    pairs=(Pair("pooled", "alone"),),
    tables=(Table("", ("alone", "pooled"), (("pooled", "alone"),)),),
    item=Words("item", "items"),
    document=Words("document", "documents"),
    example=Words("example", "examples"),
    examples="examples",
    sizes=(Size("examples", "examples"),),
    rows="rows",
)


@dataclass(frozen=True)
class Mixer:
    """Scores by what was read alone.

    Attributes:
        effect: how much a mixture matters; 0 for not at all. broken: of small runs, those of a language read more than
            so many times diverge. small: a language with 20 documents of test, half of the others'.
    """

    effect: float = 0.5
    broken: float = math.inf
    small: str = ""
    optimum: Mapping[str, float] = field(default_factory=lambda: OPTIMUM)

    @property
    def declaration(self) -> Declaration:
        """Its words."""
        return DECLARATION

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """All fields."""
        return {"effect": self.effect, "broken": str(self.broken), "small": self.small, "optimum": dict(self.optimum)}

    def trials(self, count: int) -> list[dict[str, Any]]:
        """None matters."""
        return [{}]

    def size(self, task: str, language: str) -> int:
        """Of the language."""
        return SIZES[language]

    def effort(self, recipe: Recipe, sizes: Any = None) -> float:
        """Nothing."""
        return 1.0

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing."""
        return {}

    def train(self, recipe: Recipe, start: Any) -> dict[str, Any]:
        """The shares of what was read, and how much that was in passes over all."""
        read = {code: share.passes * SIZES[code] for code, share in recipe.text.items()}
        if max(share.passes for share in recipe.text.values()) > self.broken:
            raise DivergenceError("the training diverged at batch 1 of 2")
        total = sum(read.values())
        return {"shares": {code: own / total for code, own in read.items()}, "passes": total / sum(SIZES.values())}

    def _skill(self, model: dict[str, Any]) -> float:
        return math.exp(
            self.effect * sum(self.optimum[code] * math.log(share + 0.001) for code, share in model["shares"].items())
        )

    def score(self, model: dict[str, Any], task: str, language: str) -> float:
        """On dev; less where less was read, alike for all mixtures."""
        return self._skill(model) * min(1.0, model["passes"]) ** 0.1

    def judge(
        self, model: dict[str, Any], baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The same documents for all: as hard for one mixture as for another."""
        assert abs(model["passes"] - 1) < 1e-3, "every mixture reads as much as pooling"
        documents = 20 if language == self.small else 40
        count = 10 * documents
        generator = np.random.default_rng(len(language) + ord(language[0]))
        hard = np.repeat(generator.uniform(0.5, 1.5, documents), 10) + generator.uniform(-0.2, 0.2, count)
        document = np.repeat(np.arange(documents), 10)
        noise = np.random.default_rng(round(1e6 * self._skill(model))).normal(0, 0.02, count)
        frame = pl.DataFrame(
            {
                "arm": [""] * count, "pool": [pools[0]] * count,
                "item": [f"{language}:{number}" for number in range(count)],
                "document": [f"{language}{number}" for number in document], "group": document.astype(np.int64),
                "value": self._skill(model) * hard + noise, "weight": np.ones(count),
                "null_value": [None] * count, "candidates": [None] * count,
            },
            schema_overrides={"null_value": pl.Float64, "candidates": pl.Int64},
        )  # fmt: skip
        return pl.concat([frame, frame.with_columns(pl.lit("view").alias("arm"))]).select(*ITEMS)

    def save(self, model: Any, folder: Path) -> None:
        """Never."""
        raise NotImplementedError

    load = open = save
