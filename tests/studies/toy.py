"""A kind of model that knows nothing of text: ranks out of a random generator, as good as its options say.

It is what the seam asks for and no more, so a study of it shows that studies do not lean on retrieval.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sprachbund.errors import DivergenceError
from sprachbund.studies.seam import ITEM_COLUMNS, Options, Sharing

CANDIDATES = 500


@dataclass(frozen=True)
class Hits:
    """recall at k of ranks, or their reciprocal."""

    name: str
    k: int | None = None

    def of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Higher is better."""
        return 1 / values if self.k is None else (values <= self.k).astype(np.float64)


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
    name: str = "toy"
    version: int = 4

    def identity(self) -> Mapping[str, Any]:
        """All fields that matter."""
        return {"documents": self.documents, "gain": self.gain, "memorises": self.memorises, "nothing": None}

    def measures(self) -> Sequence[Hits]:
        """As of retrieval."""
        return (Hits("mrr"), Hits("recall", 1), Hits("recall", 10))

    def trials(self, count: int) -> list[Options]:
        """The first is as it is."""
        return [{} if number == 0 else {"skill": self.skills[number], "mix": number} for number in range(count)]

    def for_one_language(self, options: Options) -> Options:
        """Without what only a mixture has."""
        return {name: value for name, value in options.items() if name != "mix"}

    def weight(self, task: str, language: str) -> int:
        """As many as letters."""
        return len(language)

    def fit(self, task: str, languages: Sequence[str], options: Options, seed: int, sharing: Sharing) -> Guesser:
        """A pooled model that shares is better."""
        helped = len(languages) > 1 and sharing == "shared"
        skill = float(options.get("skill", self.skills[0]))
        if skill in self.diverging:
            raise DivergenceError("the training diverged at batch 1 of 2")
        if skill in self.nothing:
            return Guesser(float("nan"), False, seed)
        skill += self.gain * helped
        return Guesser(skill, self.memorises and helped, seed)

    def score(self, model: Guesser, task: str, language: str) -> float:
        """On dev: its skill, whatever the seed."""
        return model.skill

    def tune_baseline(self, task: str, language: str) -> dict[str, Any]:
        """A baseline that finds every fourth truth, and one that finds three of ten."""
        return {"plain": {"skill": 0.25}, "around": {"skill": 0.3}}

    def judge_baseline(
        self, baseline: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The baselines have no seed."""
        return pl.concat(
            self._items(Guesser(values["skill"], False, 0), task, language, pools, "" if name == "plain" else name)
            for name, values in baseline.items()
        )

    def judge(
        self, model: Guesser, baseline: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
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
                    "query": [f"{language}:{number}" for number in range(count)],
                    "document": [f"{language}{number}" for number in document],
                    "group": document.astype(np.int64),
                    "value": value,
                    "null_value": null,
                    "candidates": [CANDIDATES] * count,
                }
            )
            # one in fifty has no stranger, whoever judges
            alone = pl.int_range(pl.len()) % 50 == 7
            frames.append(frame.with_columns(pl.when(~alone).then("null_value").alias("null_value")))
        return pl.concat(frames).select(ITEM_COLUMNS)

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """Sizes."""
        return [{"pool": pool, "task": task, "language": language, "candidates": CANDIDATES} for pool in pools]

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """What the report shows."""
        return {"task": task, "language": language, "documents": self.documents, "train_pairs": 100 * len(language)}
