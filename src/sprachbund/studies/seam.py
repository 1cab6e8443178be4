"""The one seam: what a study knows of a kind of model.

A kind fits a model on the examples of some languages and scores items: a query, a sentence, an utterance, each with
its document. Everything above (tuning on dev, means, paired bootstrap, relative improvement, verdicts) works on items
and needs no word about the kind. Retrieval is the first kind; language models and recognisers follow behind it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

Sharing = Literal["shared", "separate", "permuted"]
Options = dict[str, Any]
ITEM_COLUMNS = ("arm", "pool", "query", "document", "group", "value", "null_value", "candidates")


class Measure(Protocol):
    """A number of each item: ``mrr``, or ``recall`` with its cut k."""

    @property
    def name(self) -> str: ...

    @property
    def k(self) -> int | None: ...

    def of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """From the items' values to the measure's."""


class Kind(Protocol):
    """A kind of model over one prepared corpus; picklable, cheap to copy to a worker.

    Attributes:
        name: of the kind. version: of its algorithm, part of every run's name.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def identity(self) -> Mapping[str, Any]:
        """The data and the settings that no trial changes, as JSON: part of every run's name."""

    def measures(self) -> Sequence[Measure]:
        """What is reported; the first is what tuning looks at. Higher is better."""

    def trials(self, count: int) -> list[Options]:
        """The list of settings that every arm tries; the first are the defaults."""

    def for_one_language(self, options: Options) -> Options:
        """The same options without those that only a mixture of languages has."""

    def weight(self, task: str, language: str) -> int:
        """Training examples of a language, to start long work first."""

    def fit(self, task: str, languages: Sequence[str], options: Options, seed: int, sharing: Sharing) -> Any:
        """A model of the training side of ``languages``."""

    def score(self, model: Any, task: str, language: str) -> float:
        """The first measure's mean on dev."""

    def tune_baseline(self, task: str, language: str) -> dict[str, Any]:
        """The baselines chosen on dev, as JSON."""

    def judge_baseline(
        self, baseline: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Items of the test side under the baselines: ITEM_COLUMNS, ``arm`` empty for the first, else its name."""

    def judge(
        self, model: Any, baseline: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """Items of the test side: ITEM_COLUMNS, ``arm`` empty for the model, else what it is fused to."""

    def manifests(self, task: str, language: str, pools: Sequence[str]) -> list[dict[str, Any]]:
        """What each pool of the test side holds: sizes, sources and a hash, as JSON."""

    def describe(self, task: str, language: str) -> dict[str, Any]:
        """Sizes and quality of the data, a row of the report."""
