"""Retrieval as a kind of model that a study can compare (the seam is ``lab/seam.py``)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.errors import SettingsError
from sprachbund.lab.declaration import Declaration
from sprachbund.lab.recipe import Carry, Recipe
from sprachbund.retrieval.declared import DECLARATION, ROWS
from sprachbund.retrieval.encoder.cutting import censor_corpus, censored, cut_corpus
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, said_of
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.rows import Sharing
from sprachbund.retrieval.encoder.saved import read_model, write_model
from sprachbund.retrieval.encoder.short_rows import lengthen
from sprachbund.retrieval.encoder.start import Start
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking.baselines import Baseline, baseline_parts
from sprachbund.retrieval.ranking.judging import (
    Ranks,
    dense_scorer,
    dev_mrr,
    hybrid_parts,
    judge,
    tune_baselines,
    tune_hybrids,
)
from sprachbund.retrieval.ranking.pools import Pool, PoolName, make_pool
from sprachbund.retrieval.ranking.ranks import Dense
from sprachbund.retrieval.settings import Settings, Task, change, to_dict
from sprachbund.retrieval.trials import trial_list

_SHARING: Mapping[Carry, Sharing] = {"same": "shared", "separate": "separate", "permuted": "permuted"}
"""How rows meet between languages, in the words of ``rows``."""


@dataclass(frozen=True)
class RetrievalKind:
    """Retrieval over one encoded corpus.

    Attributes:
        encoded_path: the folder of the encoded corpus. settings: what no trial changes.
        pool_seed: of queries and pools.
        tuning_queries: dev queries a language that tuning looks at. memory: bytes that one training may use, None for
            all that the machine allows. fixed: settings that no trial changes.
        languages: of the study, all that are encoded if empty.
        targets: those of which only ``target_sentences`` training sentences are read, drawn by document so that fewer
            are the first of more; 0 for all. Dev and test stay whole.
    """

    encoded_path: Path
    settings: Settings
    pool_seed: int = 0
    tuning_queries: int = 1_000
    memory: int | None = None
    fixed: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    target_sentences: int = 0
    _pools: dict[Any, Pool] = field(default_factory=dict, compare=False, repr=False)
    _mixed: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def declaration(self) -> Declaration:
        """Retrieval's."""
        return DECLARATION

    @cached_property
    def encoded(self) -> EncodedCorpus:
        """The languages of the study as ids, the targets cut, opened once a process."""
        opened = EncodedCorpus.open(self.encoded_path)
        opened = replace(opened, languages=self.languages) if self.languages else opened
        return cut_corpus(opened, cut, 0) if (cut := self.cut()) else opened

    def cut(self, languages: Collection[str] | None = None) -> dict[str, int]:
        """The languages, of some, that are cut, with their sentences."""
        cut = self.targets if self.target_sentences else ()
        return {code: self.target_sentences for code in cut if languages is None or code in languages}

    def __getstate__(self) -> dict[str, Any]:
        """Workers get the path and open the corpus themselves."""
        return {key: value for key, value in self.__dict__.items() if key != "encoded"} | {"_pools": {}, "_mixed": {}}

    def identity(
        self, languages: Collection[str] | None = None, pools: Sequence[PoolName] = (), *, trained: bool = True
    ) -> Mapping[str, Any]:
        """The corpus by its hash, the split, the settings and the pools' seed; what is cut, where it is read."""
        manifest = self.encoded.manifest
        settings = to_dict(self.settings)
        if not trained:  # BM25 reads neither, nor which of the frozen sets they are of
            settings = {
                name: value for name, value in settings.items() if name not in ("preset", "encoder", "training")
            }
        return {
            "corpus": manifest["corpus"],
            "split": manifest["split"],
            "languages": manifest["languages"],
            "characters": manifest["characters"],
            **({"spelling": said} if (said := said_of(manifest)) else {}),
            "settings": settings,
            "pool_seed": self.pool_seed,
            "tuning_queries": self.tuning_queries,
            **({"cut": cut} if (cut := self.cut(languages)) else {}),
            **({"mixed": list(self.encoded.languages)} if "mixed" in pools else {}),
        }

    def trials(self, count: int) -> list[dict[str, Any]]:
        """See `trials`; what the user fixed is tried no other way."""
        return trial_list(count, self.fixed)

    def size(self, task: Task, language: str) -> int:
        """Training pairs of a language."""
        return len(self.encoded.language(language).pairs(task, self.settings, "train"))

    def effort(self, recipe: Recipe, sizes: Mapping[str, int]) -> float:
        """The pairs that are drawn, by the numbers of a row and the features of a word."""
        settings = change(self.settings, **recipe.options)
        pairs = sum(share.passes * sizes[code] for code, share in recipe.text.items())
        features = 1 + 0.5 * bool(settings.encoder.bigram_weight) + 0.25 * len(settings.encoder.characters)
        return pairs * settings.training.epochs * (settings.encoder.dim + 128) * features

    def train(self, recipe: Recipe, start: Model | None) -> Model:
        """Train on the training side of the recipe's languages, beginning from a start where there is one."""
        if any(share.into for share in recipe.text.values()):
            raise SettingsError("retrieval reads no text in another language's words: leave the arm respelled out")
        encoder = self._settings(recipe).encoder
        if _barred(recipe) and encoder.characters and encoder.character_weight:
            raise SettingsError(
                "censoring takes words and bigrams out, and characters inside words would be another route between "
                "languages: set character_weight = 0, or take the preset paper"
            )
        how = recipe.carry.get(ROWS, "same")
        begun = None
        if start is not None and how != "separate":
            table = None if recipe.table is None else recipe.table.path
            begun = Start(start, how, table, frozen=recipe.freeze if recipe.frozen else 0.0)
        model, _ = train_model(
            self._text(recipe),
            recipe.task,
            self._settings(recipe),
            languages=recipe.languages,
            seed=recipe.seed,
            sharing="shared" if start is not None else _SHARING[how],
            start=begun,
            memory=self.memory,
        )
        return replace(model, table=lengthen(model.table))  # runs are few and small, and kept in float32

    def _settings(self, recipe: Recipe) -> Settings:
        """The kind's settings with the recipe's options, and the mixture that its shares ask for."""
        settings = change(self.settings, **recipe.options)
        languages = recipe.languages
        own = {language: weight for language, weight in settings.training.weights.items() if language in languages}
        # a model of one language has no mixture, and weights that name others would be refused
        settings = change(settings, weights=own if len(languages) > 1 else {})
        passes = {language: share.passes for language, share in recipe.text.items()}
        if set(passes.values()) == {1.0}:
            return settings
        text = self._text(recipe)
        sizes = {code: len(text.language(code).pairs(recipe.task, settings, "train")) for code in languages}
        drawn = {language: sizes[language] * passes[language] for language in languages}
        epochs = settings.training.epochs * sum(drawn.values()) / max(1, sum(sizes.values()))
        return change(settings, weights=drawn if len(languages) > 1 else {}, epochs=epochs)

    def _text(self, recipe: Recipe) -> EncodedCorpus:
        """The encoded corpus with the shares of the recipe; whole where it has all."""
        most = {language: share.sentences for language, share in recipe.text.items() if share.sentences}
        encoded = cut_corpus(self.encoded, most, recipe.text_seed) if most else self.encoded
        barred = _barred(recipe)
        return censor_corpus(encoded, barred) if barred else encoded

    def proof(self, recipe: Recipe) -> dict[str, Any]:
        """What was taken out of censored languages, those of its start too: by language, see `cutting.Censored`."""
        wanted = {(code, tuple(own)) for each in (recipe, *recipe.starts()) for code, own in _barred(each).items()}
        found = {code: asdict(censored(self.encoded, code, own)[1]) for code, own in sorted(wanted)}
        return {"censored": found} if found else {}

    def save(self, model: Model, folder: Path) -> None:
        """See `encoder.saved`."""
        write_model(model, folder)

    def load(self, folder: Path) -> Model:
        """See `encoder.saved`."""
        return read_model(folder, self.encoded)

    def open(self, path: Path) -> Model:
        """A saved encoder in the ids of this corpus."""
        return Encoder.load(path).in_corpus(self.encoded)

    def pool(self, task: Task, language: str, name: PoolName = "unseen", side: str = "test") -> Pool:
        """A pool, made once a process."""
        key = (task, language, name, side)
        if key not in self._pools:
            most = self.tuning_queries if side == "dev" else None
            self._pools[key] = make_pool(
                self.encoded,
                name,
                language,
                task,
                self.settings,
                side=side,
                seed=self.pool_seed,
                most_queries=most,
            )
        return self._pools[key]

    def score(self, model: Model, task: Task, language: str) -> float:
        """MRR on dev, pool ``unseen``."""
        return dev_mrr(model, self.encoded, self.pool(task, language, side="dev"))

    def tune_baselines(self, task: Task, language: str) -> dict[str, Any]:
        """BM25 tuned on dev: ``plain`` and, with the settings' surroundings, ``around``."""
        found = tune_baselines(self.encoded, self.pool(task, language, side="dev"), self.settings.surroundings)
        return {name: baseline.to_dict() for name, baseline in found.items()}

    def judge_baselines(
        self, baselines: Mapping[str, Any], task: Task, language: str, pools: Sequence[PoolName]
    ) -> pl.DataFrame:
        """BM25 in the pools of the test side."""
        frames = []
        for name in pools:
            pool = self.pool(task, language, name)
            for kind, values in baselines.items():
                parts = baseline_parts(self.encoded, pool, _baseline(values))
                frames.append(self._items(judge(pool, *parts), "bm25" if kind == "plain" else f"bm25-{kind}"))
        return pl.concat(frames)

    def judge(
        self, model: Model, baselines: Mapping[str, Any], task: Task, language: str, pools: Sequence[PoolName]
    ) -> pl.DataFrame:
        """The encoder, beside BM25 (``hybrid``), and both with what surrounds a candidate (``whole``).

        On the test side, with the weights that dev chose.
        """
        tuned = {name: _baseline(values) for name, values in baselines.items()}
        hybrids = tune_hybrids(model, self.encoded, self.pool(task, language, side="dev"), tuned)
        frames = []
        for name in pools:
            pool = self.pool(task, language, name)
            dense = self._dense(model, pool)
            frames.append(self._items(judge(pool, [dense], [1.0]), ""))
            for arm, hybrid in hybrids.items():
                parts = hybrid_parts(model, self.encoded, pool, hybrid, dense)
                frames.append(self._items(judge(pool, *parts), arm))
        return pl.concat(frames)

    def _dense(self, model: Model, pool: Pool) -> Dense:
        """The encoder's scorer; the columns of the pool of all languages are encoded once a model."""
        if pool.name != "mixed":
            return dense_scorer(model, self.encoded, pool)
        if self._mixed.get("model") is not model or self._mixed.get("task") != pool.task:
            self._mixed.clear()
            self._mixed.update(model=model, task=pool.task, columns=None)
        dense = dense_scorer(model, self.encoded, pool, self._mixed["columns"])
        self._mixed["columns"] = dense.candidates
        return dense

    def _items(self, ranks: Ranks, arm: str) -> pl.DataFrame:
        return ranks.frame(self.encoded).select(
            pl.lit(arm).alias("arm"),
            "pool",
            pl.col("query").alias("item"),
            "document",
            "group",
            pl.col("rank").cast(pl.Float64).alias("value"),
            pl.lit(1.0).alias("weight"),
            pl.col("null_rank").cast(pl.Float64).replace(0.0, None).alias("null_value"),
            pl.lit(ranks.pool.ranked, pl.Int64).alias("candidates"),
        )

    def manifests(self, task: Task, language: str, pools: Sequence[PoolName]) -> list[dict[str, Any]]:
        """See `pools.Pool.manifest`."""
        return [self.pool(task, language, name).manifest() for name in pools]

    def describe(self, task: Task, language: str) -> dict[str, Any]:
        """Sizes, queries, templates left out, coverage of the test side by the training side's n-grams."""
        data = self.encoded.language(language)
        dev, test = (data.pairs(task, self.settings, side) for side in ("dev", "test"))
        left = data.templates[test.query] if self.settings.templates else np.zeros(len(test), bool)
        kept = np.count_nonzero(~left)
        per_document = {int(d) for d in data.documents[test.query]} - {
            int(d) for d in data.documents[test.query[~left]]
        }
        seen = data.counts > 0
        tokens = np.repeat(data.sides == 2, np.diff(data.sentences.word_offsets))
        words = data.sentences.words[tokens]
        types = np.unique(words)
        return {
            "task": task,
            "language": language,
            "documents": len(data.names),
            "sentences": len(data.sections),
            "train_pairs": self.size(task, language),
            "dev_queries": len(dev),
            "test_queries": min(int(kept), self.settings.pairs.most_queries),
            "test_documents": len(np.unique(data.groups[test.query[~left]])),
            "left_out_sentences": int(left.sum()),
            "left_out_documents": len(per_document),
            "coverage_types": float(seen[types].mean()) if len(types) else 0.0,
            "coverage_tokens": float(seen[words].mean()) if len(words) else 0.0,
        }


def _barred(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """By language, those that its text is censored of."""
    return {code: share.without for code, share in recipe.text.items() if share.without}


def _baseline(values: Mapping[str, Any]) -> Baseline:
    return Baseline.from_dict(dict(values))
