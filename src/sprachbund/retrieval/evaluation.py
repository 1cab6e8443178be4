"""Evaluate a saved encoder on a corpus: every pool, BM25 and the hybrid beside it, intervals and the null test."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.arguments import several
from sprachbund.claims import scratch
from sprachbund.corpus.placing import check_languages, splittable
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.files import write_json
from sprachbund.notebook import html_table
from sprachbund.progress import Progress, Silent, logger
from sprachbund.retrieval.declared import MEASURES
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.seen import same_split, trained_languages
from sprachbund.retrieval.ranking.baselines import Baseline, baseline_parts
from sprachbund.retrieval.ranking.judging import (
    Hybrid,
    Ranks,
    dense_scorer,
    hybrid_parts,
    judge,
    tune_baselines,
    tune_hybrids,
)
from sprachbund.retrieval.ranking.own import judge_own
from sprachbund.retrieval.ranking.pools import POOLS, Pool, PoolName, make_pool
from sprachbund.retrieval.ranking.ranks import Scorer
from sprachbund.retrieval.ranking.trec import MEASURES as OWN_MEASURES
from sprachbund.retrieval.ranking.trec import Qrels, Queries, score_queries, write_trec
from sprachbund.retrieval.settings import Task, check_task, split_of
from sprachbund.statistics import bootstrap_means, interval, null_leaks

BASELINE_ORDERS = (4, 5)


@dataclass(frozen=True)
class Evaluation:
    """What an encoder scored.

    Attributes:
        results: language, arm, pool, measure, k, value, low, high, queries, documents, candidates, null_recall,
            leaks. ranks: a row a query, arm and pool; with queries of your own the value of each measure. manifests: of
        the pools.
    """

    results: pl.DataFrame
    ranks: pl.DataFrame
    manifests: list[dict[str, Any]]

    def __repr__(self) -> str:
        said = ", ".join(", ".join(self.results[name].unique(maintain_order=True)) for name in ("language", "arm"))
        return f"Evaluation({said}: {len(self.results):,} results, {len(self.ranks):,} ranks)"

    def _repr_html_(self) -> str:
        names = ("language", "arm", "pool", "measure", "k", "value", "low", "high", "queries", "candidates")
        return html_table("Evaluation", names, self.results.select(names).iter_rows())


def evaluate(
    encoder: Encoder | Path | str,
    corpus: Corpus | Path | str,
    *,
    task: Task | None = None,
    languages: Sequence[str] | None = None,
    split: str = "test",
    pools: Sequence[PoolName] = ("unseen",),
    baselines: bool = True,
    seed: int = 0,
    trec: Path | None = None,
    queries: Queries | None = None,
    qrels: Qrels | None = None,
    language: str = "",
    progress: Progress | None = None,
) -> Evaluation:
    """Judge an encoder on the held-out side of a corpus, or on queries and judgements of your own.

    The split is the one that the encoder was trained with: on the corpus of its training, test is what it never saw.
    With ``queries`` and ``qrels`` whole documents of the corpus are ranked; an index is judged by `Index.evaluate`.

    Args:
        task: the encoder's own if None. split: ``test`` or ``dev``.
        languages: those of the encoder that the corpus has if None.
        baselines: also BM25, tuned on dev, and the encoder beside it.
        trec: a folder for TREC runs and qrels, a pair of files a language, pool and arm.
        queries, qrels: your own, files or mappings, see `trec.read_judgements`; what is said of tasks, splits, pools
            and baselines is then of no account. language: of ``queries``, for scripts without spaces.

    Raises:
        CorpusError: no language has a query on that side.
        SettingsError: a pool, task or split of that name does not exist.
    """
    progress = progress or Silent()
    if (queries is None) != (qrels is None):
        raise SettingsError("queries and qrels belong together: name both")
    if queries is not None and qrels is not None:
        return _own(encoder, corpus, queries, qrels, language, trec)
    encoder = encoder if isinstance(encoder, Encoder) else Encoder.load(encoder)
    corpus = corpus if isinstance(corpus, Corpus) else Corpus.open(corpus)
    task = task or encoder.about.get("task", "ic")
    check_task(task)
    pools = several(pools, "pools", str)
    unknown = set(pools) - set(POOLS)
    if unknown or not pools or split not in ("dev", "test"):
        raise SettingsError(
            f"pools are {', '.join(POOLS)} and splits dev and test; found {', '.join(pools) or 'none'} and {split!r}"
        )
    trained = trained_languages(encoder)
    asked = check_languages(corpus, languages or [code for code in trained if code in corpus.languages])
    if not same_split(encoder, corpus):
        logger.warning(
            "the encoder was trained on other text, or on another split of it: what this corpus calls train, it may "
            "never have seen, and what it calls %s, it may have",
            split,
        )
    frames, results, manifests = [], [], []
    together = splittable(corpus, _to_encode(trained, asked, pools, corpus), split_of(encoder.settings))
    with scratch() as folder:
        orders = sorted({*BASELINE_ORDERS, *encoder.settings.encoder.characters})
        # every n-gram, whatever the encoder's cut was: BM25 has none
        encoded = encode_corpus(
            corpus,
            folder / "encoded",
            languages=together,
            settings=encoder.settings,
            characters=orders,
            cut=False,
            spelling=encoder.spelling,
        )
        model = encoder.in_corpus(encoded)
        for language in together:
            if language not in asked:
                continue
            for pool, arm, ranks, parts in _judge_language(
                encoded, model, language, task, split, pools, baselines, seed
            ):
                results += _rows(ranks, arm)
                frames.append(ranks.frame(encoded).with_columns(pl.lit(arm).alias("arm")))
                manifests.append(pool.manifest())
                if trec:
                    write_trec(trec, encoded, pool, *parts, arm)
            progress.advance()
    if not frames:
        raise CorpusError(
            f"{corpus.path}: has no {task} query on the {split} side in {', '.join(asked)}; ingest more text"
        )
    if trec:
        write_json(trec / "pools.json", manifests)
    return Evaluation(pl.DataFrame(results, schema_overrides={"k": pl.Int64}), pl.concat(frames), manifests)


def _own(
    encoder: Encoder | Path | str,
    corpus: Corpus | Path | str,
    queries: Queries,
    qrels: Qrels,
    language: str,
    trec: Path | None,
) -> Evaluation:
    """The same tables for a user's queries; intervals are over queries, which nothing groups."""
    judged = judge_own(encoder, corpus, queries, qrels, language, trec)
    scores = score_queries(judged.qrels, judged.run)
    values = np.array([[scores[query][name] for name in OWN_MEASURES] for query in scores])
    draws = bootstrap_means(values, np.arange(len(values)))
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(OWN_MEASURES):
        low, high = interval(draws[:, number])
        measure, _, k = name.partition("@")
        rows.append(
            {
                "language": language or "all",
                "arm": "encoder",
                "pool": "judged",
                "measure": measure,
                "k": int(k) if k else None,
                "value": float(values[:, number].mean()),
                "low": low,
                "high": high,
                "queries": len(values),
                "documents": judged.documents,
                "candidates": float(judged.documents),
                "null_recall": None,
                "leaks": False,
            }
        )
    ranks = pl.DataFrame([{"query": query, "arm": "encoder", "pool": "judged", **scores[query]} for query in scores])
    return Evaluation(pl.DataFrame(rows, schema_overrides={"k": pl.Int64}), ranks, [])


def _to_encode(
    trained: Sequence[str], asked: Sequence[str], pools: Sequence[PoolName], corpus: Corpus
) -> tuple[str, ...]:
    """The languages to encode: those asked for, and in the pool ``mixed`` those of the training beside them."""
    beside = [code for code in trained if code in corpus.languages] if "mixed" in pools else []
    return tuple(sorted({*asked, *beside}))


def _judge_language(
    encoded: EncodedCorpus,
    model: Model,
    language: str,
    task: Task,
    split: str,
    pools: Sequence[PoolName],
    baselines: bool,
    seed: int,
) -> list[tuple[Pool, str, Ranks, tuple[list[Scorer], list[float]]]]:
    """(pool, arm, ranks, scorers with weights) of every pool and arm."""
    settings = model.settings
    data = encoded.language(language)
    made = []
    for name in pools:
        side = "train" if name == "own" else split
        pool = None
        if len(data.pairs(task, settings, side)):
            pool = make_pool(encoded, name, language, task, settings, side=split, seed=seed)
        if pool is None or not len(pool.queries):
            logger.warning("%s is left out of the pool %s: it has no %s query there", language, name, task)
            continue
        made.append(pool)
    tuned: dict[str, Baseline] = {}
    hybrids: dict[str, Hybrid] = {}
    if baselines and made:
        if len(data.pairs(task, settings, "dev")):
            dev = make_pool(encoded, "unseen", language, task, settings, side="dev", seed=seed, most_queries=1_000)
            if len(dev.queries):
                tuned = tune_baselines(encoded, dev, settings.surroundings)
                hybrids = tune_hybrids(model, encoded, dev, tuned)
        if not tuned:
            logger.warning("%s: no %s query on the dev side to tune BM25 on; the encoder stands alone", language, task)
    found = []
    for pool in made:
        dense = dense_scorer(model, encoded, pool)
        arms: dict[str, tuple[list[Scorer], list[float]]] = {"encoder": ([dense], [1.0])}
        for kind, baseline in tuned.items():
            arms["bm25" if kind == "plain" else f"bm25-{kind}"] = baseline_parts(encoded, pool, baseline)
        for arm, hybrid in hybrids.items():
            arms[arm] = hybrid_parts(model, encoded, pool, hybrid, dense)
        found += [(pool, arm, judge(pool, *parts), parts) for arm, parts in arms.items()]
    return found


def _rows(ranks: Ranks, arm: str) -> list[dict[str, Any]]:
    values = ranks.truth.astype(np.float64)
    table = np.stack([measure.of(values) for measure in MEASURES], axis=1)
    draws = bootstrap_means(table, ranks.pool.groups)
    planted = ranks.null[ranks.null > 0]
    null = float((planted == 1).mean()) if len(planted) else None
    low = 0.0
    if null:
        hits = (planted == 1).astype(np.float64)[:, None]
        low = interval(bootstrap_means(hits, ranks.pool.groups[ranks.null > 0])[:, 0])[0]
    rows = []
    for number, measure in enumerate(MEASURES):
        bounds = interval(draws[:, number])
        rows.append(
            {
                "language": ranks.pool.language,
                "arm": arm,
                "pool": ranks.pool.name,
                "measure": measure.name,
                "k": measure.k,
                "value": float(table[:, number].mean()) if len(table) else 0.0,
                "low": bounds[0],
                "high": bounds[1],
                "queries": len(values),
                "documents": len(np.unique(ranks.pool.groups)),
                "candidates": ranks.pool.ranked,
                "null_recall": null,
                "leaks": null_leaks(low, ranks.pool.ranked),
            }
        )
    return rows
