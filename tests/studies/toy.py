"""A kind of model that knows nothing of text: ranks out of a random generator, as good as its options say.

It is what the seam asks for and no more, so a study of it shows that studies do not lean on retrieval.
"""

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import DivergenceError
from sprachbund.lab.declaration import (
    Baseline,
    Declaration,
    NullTest,
    Pair,
    Pool,
    Size,
    Table,
    Task,
    View,
    Words,
)
from sprachbund.lab.measures import Measure
from sprachbund.lab.recipe import Recipe
from sprachbund.lab.seam import ITEMS
from sprachbund.lab.strategies import PAIRS

CANDIDATES = 500


def reciprocal(ranks: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Higher is better."""
    return 1 / ranks


def within(k: int, ranks: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Whether a rank is within a cut."""
    return (ranks <= k).astype(np.float64)


DECLARATION = Declaration(
    name="toy",
    version=4,
    title="Guesses",
    question="Do {languages} guess better together than alone",
    tasks=(Task("ic", "IC", "guess what stood there"), Task("nsp", "NSP", "guess what follows")),
    measures=(
        Measure("mrr", "MRR", of=reciprocal),
        Measure("recall", "recall@1", k=1, of=partial(within, 1)),
        Measure("recall", "recall@10", k=10, of=partial(within, 10)),
    ),
    pools=(Pool("unseen", "what nobody has seen"), Pool("paper", "what was learned")),
    views=(View("hybrid", "beside a baseline", "beside a baseline"), View("whole", "all", "with all")),
    baselines=(Baseline("bm25", "a guess"), Baseline("bm25-around", "a better one")),
    pairs=(
        *(Pair(*pair) for pair in PAIRS),
        Pair("hybrid-pooled", "hybrid-alone"),
        Pair("hybrid-pooled", "bm25", "the pooled hybrid is better in {better} and worse in {worse}"),
        Pair("whole-pooled", "whole-alone"),
        Pair("whole-pooled", "bm25-around"),
        Pair("alone", "bm25"),
    ),
    tables=(
        Table("among strangers", ("alone", "pooled", "control", "placebo", "bm25"), (("pooled", "alone"),)),
        Table("with all", ("whole-alone", "whole-pooled"), (("whole-pooled", "whole-alone"),)),
    ),
    item=Words("guess", "guesses"),
    document=Words("document", "documents"),
    example=Words("training pair", "training pairs"),
    examples="train_pairs",
    sizes=(Size("documents", "documents"), Size("train_pairs", "training pairs")),
    rows="rows",
    mixture_options=("mix",),
    null=NullTest("recall", 1, 0.02, "A stranger is planted.", "There strangers are told from members."),
)


@dataclass(frozen=True)
class Guesser:
    """A model: how often it finds the truth at once, and whether it has learned its training text by heart."""

    skill: float
    memory: bool
    seed: int


@dataclass(frozen=True)
class Toy:
    """Languages of so many documents with ten queries each; a pooled model is better by ``gain``.

    Attributes:
        memorises: a pooled model finds whatever was held out (any of it) at once in the pool paper, and nothing
            anywhere else. skills: what the trials try. diverging: skills whose training diverges. nothing: skills
            whose score is no number.
    """

    documents: int = 40
    gain: float = 0.2
    memorises: bool = False
    skills: tuple[float, ...] = (0.3, 0.5, 0.5)
    diverging: tuple[float, ...] = ()
    nothing: tuple[float, ...] = ()
    version: int = 4

    @property
    def declaration(self) -> Declaration:
        """Its words; of this version."""
        return replace(DECLARATION, version=self.version)

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """All fields that matter."""
        return {"documents": self.documents, "gain": self.gain, "memorises": self.memorises, "nothing": None}

    def trials(self, count: int) -> list[dict[str, Any]]:
        """The first is as it is."""
        return [{} if number == 0 else {"skill": self.skills[number], "mix": number} for number in range(count)]

    def size(self, task: str, language: str) -> int:
        """As many as letters."""
        return len(language)

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """As much as there is to read."""
        return sum(share.passes * sizes[code] for code, share in recipe.text.items())

    def train(self, recipe: Recipe, start: Guesser | None) -> Guesser:
        """A pooled model that shares is better."""
        helped = len(recipe.text) > 1 and recipe.carry.get("rows", "same") == "same"
        skill = float(recipe.options.get("skill", self.skills[0]))
        if skill in self.diverging:
            raise DivergenceError("the training diverged at batch 1 of 2")
        if skill in self.nothing:
            return Guesser(float("nan"), False, recipe.seed)
        skill += self.gain * helped
        return Guesser(skill, self.memorises and helped, recipe.seed)

    def save(self, model: Guesser, folder: Path) -> None:
        """As JSON."""
        (folder / "guesser.json").write_text(json.dumps(asdict(model)), encoding="utf-8")

    def load(self, folder: Path) -> Guesser:
        """The same."""
        return Guesser(**json.loads((folder / "guesser.json").read_text(encoding="utf-8")))

    def open(self, path: Path) -> Guesser:
        """The same."""
        return self.load(path)

    def score(self, model: Guesser, task: str, language: str) -> float:
        """On dev: its skill, whatever the seed."""
        return model.skill

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """A baseline that finds every fourth truth, and one that finds three of ten."""
        return {"bm25": {"skill": 0.25}, "bm25-around": {"skill": 0.3}}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The baselines have no seed."""
        return pl.concat(
            self._items(Guesser(values["skill"], False, 0), task, language, pools, name)
            for name, values in baselines.items()
        )

    def judge(
        self, model: Guesser, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The model, a hybrid that is better by a tenth, and a whole that is better by another."""
        better = {"": 0.0, "hybrid": 0.1, "whole": 0.2}
        return pl.concat(
            self._items(Guesser(model.skill + by, model.memory, model.seed), task, language, pools, arm)
            for arm, by in better.items()
        )

    def _items(self, model: Guesser, task: str, language: str, pools: Sequence[str], arm: str) -> pl.DataFrame:
        frames = []
        for pool in pools:
            key = zlib.crc32(f"{task} {language} {pool} {model.skill:.6f} {model.seed} {arm}".encode())
            generator = np.random.default_rng(key)
            count = 10 * self.documents
            chance = generator.integers(1, CANDIDATES + 1, count).astype(np.float64)
            null = generator.integers(1, CANDIDATES + 1, count).astype(np.float64)
            value = np.where(generator.random(count) < model.skill, 1.0, chance)
            if model.memory:
                value = np.ones(count) if pool == "paper" else chance
                null = np.where(generator.random(count) < 0.5, 1.0, null) if pool == "paper" else null
            document = np.repeat(np.arange(self.documents), 10)
            frame = pl.DataFrame(
                {
                    "arm": [arm] * count,
                    "pool": [pool] * count,
                    "item": [f"{language}:{number}" for number in range(count)],
                    "document": [f"{language}{number}" for number in document],
                    "group": document.astype(np.int64),
                    "value": value,
                    "weight": np.ones(count),
                    "null_value": null,
                    "candidates": [CANDIDATES] * count,
                }
            )
            # one in fifty has no stranger, whoever judges
            alone = pl.int_range(pl.len()) % 50 == 7
            frames.append(frame.with_columns(pl.when(~alone).then("null_value").alias("null_value")))
        return pl.concat(frames).select(*ITEMS)

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Sizes."""
        return [{"pool": pool, "task": task, "language": language, "candidates": CANDIDATES} for pool in pools]

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """Nothing is censored."""
        return {}

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """What the report shows."""
        return {"task": task, "language": language, "documents": self.documents, "train_pairs": 100 * len(language)}
