"""Retrieval as the harness measures it: on dev as on test, and with what it cost.

`RetrievalKind` fits and tunes; this wraps it, for `sprachbund.studies.jobs` to work with. A pool has its side before
its name, ``dev/unseen``: so one trained model serves both sides. Items have more columns than a study's:

    train_seconds             of the model and of those that it began from
    own_weight, around_weight of the encoder beside BM25, as dev chose them; null where there is none
    seconds, memory           of the judging, and the peak of its process in bytes
"""

import resource
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.files import read_json, write_json
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Recipe
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.kind import RetrievalKind
from sprachbund.retrieval.ranking.baselines import Baseline, baseline_parts
from sprachbund.retrieval.ranking.judging import Ranks, dense_scorer, hybrid_parts, judge, tune_hybrids

SPENT = "spent.json"


@dataclass(frozen=True)
class Trained:
    """A model and the seconds of its training, with those of the models that it began from."""

    model: Model
    seconds: float


@dataclass(frozen=True)
class Measured:
    """The parts of the seam `sprachbund.lab.seam.Kind` that jobs use."""

    inner: RetrievalKind

    @property
    def declaration(self) -> Declaration:
        """Retrieval's."""
        return self.inner.declaration

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[str] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """That of retrieval."""
        return self.inner.identity(languages, [pool.rpartition("/")[2] for pool in pools], trained=trained)

    def tune_baselines(self, task: str, language: str) -> dict[str, Any]:
        """BM25 tuned on dev, see `RetrievalKind`."""
        return self.inner.tune_baselines(task, language)

    def train(self, recipe: Recipe, start: Trained | None) -> Trained:
        """A model of a recipe."""
        begin = time.monotonic()
        model = self.inner.train(recipe, start and start.model)
        return Trained(model, time.monotonic() - begin + (start.seconds if start else 0.0))

    def save(self, model: Trained, folder: Path) -> None:
        """The model, and beside it what it took."""
        self.inner.save(model.model, folder)
        write_json(folder / SPENT, {"seconds": model.seconds})

    def load(self, folder: Path) -> Trained:
        """What `save` wrote."""
        return Trained(self.inner.load(folder), read_json(folder / SPENT, "remove the run's folder")["seconds"])

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """BM25 in some pools: arms ``bm25`` and ``bm25-around``."""
        begin, frames = time.monotonic(), []
        for place in pools:
            pool = self._pool(task, language, place)
            for name, values in baselines.items():
                ranks = judge(pool, *baseline_parts(self.inner.encoded, pool, Baseline.from_dict(values)))
                frames.append(self._items(ranks, "bm25" if name == "plain" else f"bm25-{name}"))
        return _spent(pl.concat(frames), begin, None)

    def judge(
        self, model: Trained, baselines: Mapping[str, Any], task: str, language: str, pools: Sequence[str]
    ) -> pl.DataFrame:
        """The encoder, ``hybrid`` and ``whole``, with the weights that dev chose."""
        begin, encoded = time.monotonic(), self.inner.encoded
        tuned = {name: Baseline.from_dict(values) for name, values in baselines.items()}
        hybrids = tune_hybrids(model.model, encoded, self._pool(task, language, "dev/unseen"), tuned)
        frames = []
        for place in pools:
            pool = self._pool(task, language, place)
            dense = dense_scorer(model.model, encoded, pool)
            frames.append(self._items(judge(pool, [dense], [1.0]), ""))
            for name, hybrid in hybrids.items():
                ranks = judge(pool, *hybrid_parts(model.model, encoded, pool, hybrid, dense))
                frames.append(self._items(ranks, name, hybrid.weight, hybrid.around_weight))
        return _spent(pl.concat(frames), begin, model.seconds)

    def _pool(self, task: str, language: str, place: str) -> Any:
        side, _, name = place.partition("/")
        return self.inner.pool(task, language, name, side)

    def _items(self, ranks: Ranks, arm: str, own: float | None = None, around: float | None = None) -> pl.DataFrame:
        return ranks.frame(self.inner.encoded).select(
            pl.lit(arm).alias("arm"),
            pl.lit(f"{ranks.pool.side}/").add(pl.col("pool")).alias("pool"),
            pl.col("query").alias("item"),
            "document",
            "group",
            pl.col("rank").cast(pl.Float64).alias("value"),
            pl.lit(1.0).alias("weight"),
            pl.col("null_rank").cast(pl.Float64).replace(0.0, None).alias("null_value"),
            pl.lit(ranks.pool.ranked, pl.Int64).alias("candidates"),
            pl.lit(own, pl.Float64).alias("own_weight"),
            pl.lit(around, pl.Float64).alias("around_weight"),
        )


def _spent(items: pl.DataFrame, begin: float, training: float | None) -> pl.DataFrame:
    return items.with_columns(
        pl.lit(training, pl.Float64).alias("train_seconds"),
        pl.lit(time.monotonic() - begin, pl.Float64).alias("seconds"),
        pl.lit(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, pl.Int64).alias("memory"),
    )
