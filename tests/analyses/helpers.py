"""A kind of model that is better by known amounts for what other languages' text it has read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tests.analyses.mixers import DECLARATION

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS

SIZES = {"gl": 100, "pt": 1_000, "es": 400, "tr": 2_000}
"""Training examples; of text there is twice as much of each."""
HELP = {"pt": 0.2, "es": 0.1, "tr": -0.05, "gl": 0.0}


@dataclass(frozen=True)
class Helped:
    """Its skill is 1, and more by `HELP` for all of an auxiliary's text that was read, in proportion for a part.

    Attributes:
        own: what a further pass over the language's own text brings.
    """

    help: Mapping[str, float] = field(default_factory=lambda: HELP)
    own: float = 0.01

    @property
    def declaration(self) -> Declaration:
        """Its words."""
        return DECLARATION

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """All fields."""
        return {"help": dict(self.help), "own": self.own}

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

    def train(self, recipe: Recipe, start: Any) -> float:
        """The skill."""
        skill = 1.0
        for code, share in recipe.text.items():
            part = share.sentences / (2 * SIZES[code]) if share.sentences else 1.0
            skill += self.help[code] * part + self.own * (share.passes - 1)
        return skill

    def score(self, model: float, task: str, language: str) -> float:
        """The skill."""
        return model

    def judge(
        self, model: float, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Forty documents of ten items, as hard for one model as for another."""
        hard = np.repeat(np.random.default_rng(7).uniform(0.5, 1.5, 40), 10)
        frame = pl.DataFrame(
            {
                "arm": [""] * 400, "pool": [pools[0]] * 400, "item": [f"{language}:{n}" for n in range(400)],
                "document": [f"{language}{n // 10}" for n in range(400)], "group": np.repeat(np.arange(40), 10),
                "value": model * hard / hard.mean(), "weight": np.ones(400), "null_value": [None] * 400,
                "candidates": [None] * 400,
            },
            schema_overrides={"group": pl.Int64, "null_value": pl.Float64, "candidates": pl.Int64},
        )  # fmt: skip
        return frame.select(*ITEMS)

    def save(self, model: float, folder: Path) -> None:
        """Eight bytes."""
        (folder / "skill").write_text(f"{model:8.5f}")

    def load(self, folder: Path) -> float:
        """The skill."""
        return float((folder / "skill").read_text())

    open = load
