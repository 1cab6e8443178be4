"""The seam: what a study asks of a kind of model.

A kind makes models from recipes and judges them item by item: a query, a document, an utterance, each with its
document, a value and a weight. Everything above (tuning on dev, means, the paired bootstrap, relative differences,
verdicts, the report) works on items and on the kind's declaration, and needs no word about the kind.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe

__all__ = ["ITEMS", "Kind", "Telling"]

ITEMS: Mapping[str, Any] = {
    "arm": pl.String, "pool": pl.String, "item": pl.String, "document": pl.String, "group": pl.Int64,
    "value": pl.Float64, "weight": pl.Float64, "null_value": pl.Float64, "candidates": (pl.Int32, pl.Int64),
}  # fmt: skip
"""The columns of items. ``group`` numbers the documents (those that are one text in several languages alike);
``null_value`` and ``candidates`` are null where a kind has no null test. A kind that writes has besides ``reference``,
``hypothesis`` and ``edits``, see `lab.alignment`."""


class Kind(Protocol):
    """A kind of model over one prepared corpus; picklable, cheap to copy to a worker."""

    @property
    def declaration(self) -> Declaration:
        """All that a study and a report know of it."""

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """The data and the settings that no trial changes, as JSON: part of every run's name.

        What matters only to other languages or pools may be left out, so that studies which differ there share runs.

        Args:
            languages: that the work reads, all if None. pools: that it judges in. trained: whether it trains a
                model; what says how may be left out of a baseline's name.
        """

    def trials(self, count: int) -> list[dict[str, Any]]:
        """The options that every arm tries; the first are the defaults."""

    def size(self, task: str, language: str) -> int:
        """Training examples of a language."""

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """How long a recipe takes to train beside others of this kind, about, in any unit; its start left out.

        Args:
            sizes: training examples of its languages: they may be guessed before the text is read.
        """

    def train(self, recipe: Recipe, start: Any | None) -> Any:
        """A model of the training side of the recipe's languages.

        Args:
            start: the model that the recipe begins from.

        Raises:
            DivergenceError: the training did.
        """

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """What a run of a recipe says besides what was judged, as JSON: what was censored; {} for nothing."""

    def save(self, model: Any, folder: Path) -> None:
        """Write a model into an empty folder, so that `load` gives the same one, to the bit."""

    def load(self, folder: Path) -> Any:
        """The model that `save` wrote."""

    def open(self, path: Path) -> Any:
        """A finished model of this kind on disk, as a start."""

    def score(self, model: Any, task: str, language: str) -> float:
        """The first measure's mean on dev."""

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """The baselines chosen on dev, as JSON; {} where the kind has none."""

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Items of the test side under the baselines; ``arm`` is the name of one."""

    def judge(
        self, model: Any, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Items of the test side; ``arm`` is empty for the model by itself, else the name of a view."""

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """What each pool of the test side holds: sizes, sources and a hash, as JSON."""

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Sizes and quality of the data: ``task``, ``language`` and the declaration's columns."""


class Telling(Protocol):
    """What a kind has besides that declares ``learning`` or ``writes``."""

    @property
    def declaration(self) -> Declaration:
        """Of the kind."""

    def learning_curve(self, model: Any) -> list[dict[str, float]]:
        """Points on dev of the training of a model, its start left out: ``step``, ``passes``, ``seen``, ``value``,
        ``seconds`` of processor."""

    def clips(self, task: str, language: str, items: Sequence[str]) -> Mapping[str, tuple[str, bytes]]:
        """Sound of items of the test side, small: (media type, data) by item."""
