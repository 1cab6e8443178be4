"""The quality harness: run named recipes, append a row a language, arm and seed.

    python benchmarks/quality/run.py alone pooled --side dev --seeds 1
    python benchmarks/quality/run.py --list

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), split by documents 80/10/10. The encoded
text, the tuned BM25s and the ranks of every query lie in --work, so that a second recipe takes the time of its training
and `table.py` can compare any two. Rows go to benchmarks/results/quality.jsonl: recipe, settings, seed, side, language,
arm, MRR, recall@1 and @10, the null test's recall@1, seconds of training, peak memory, commit.
"""

import argparse
import dataclasses
import json
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from recipes import RECIPES, Recipe

from sprachbund import Corpus
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.splits import TRAIN
from sprachbund.retrieval import training
from sprachbund.retrieval.baselines import Baseline, baseline_parts
from sprachbund.retrieval.encoded import EncodedCorpus, EncodedLanguage, encode_corpus
from sprachbund.retrieval.evaluation import (
    Hybrid,
    Ranks,
    dense_scorer,
    hybrid_parts,
    judge,
    summary,
    tune_baselines,
    tune_hybrids,
)
from sprachbund.retrieval.features import Workspace
from sprachbund.retrieval.model import Model
from sprachbund.retrieval.pools import Pool, make_pool
from sprachbund.retrieval.settings import BEST, Settings, change, to_dict
from sprachbund.runs.workers import keep_memory, set_threads

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
ROWS = ROOT / "benchmarks" / "results" / "quality.jsonl"
TASK = "ic"
DEV_QUERIES, TEST_QUERIES = 1_000, 2_000
LEFT_OUT = ("ja", "zh")  # no target is written as they are, and they would take a third of every pooled training
NOWHERE = 9  # the side of a document that a cut leaves out


def prepare(work: Path, folders: list[str]) -> EncodedCorpus:
    """The text as ids, made once."""
    path = work / "encoded"
    if not path.exists():
        if not (work / "corpus").exists():
            ingest([DATA / folder for folder in folders], work / "corpus")
        corpus = Corpus.open(work / "corpus")
        kept = [code for code in corpus.languages if code not in LEFT_OUT and len(corpus.documents(code)) >= 30]
        encode_corpus(corpus, path, languages=kept, settings=BEST, cut=False)
    return EncodedCorpus.open(path)


def cut(encoded: EncodedCorpus, data: EncodedLanguage, sentences: int, seed: int) -> EncodedLanguage:
    """A language with the training documents that a seed draws until there are so many sentences; the rest as it is."""
    documents, sides = np.asarray(data.documents), np.array(data.sides)
    sizes = np.bincount(documents)
    order = np.random.default_rng([seed, 100]).permutation(np.unique(documents[sides == TRAIN]))
    kept = order[: np.searchsorted(np.cumsum(sizes[order]), sentences) + 1]
    sides[(sides == TRAIN) & ~np.isin(documents, kept)] = NOWHERE
    return dataclasses.replace(data, sides=sides, counts=count(encoded, data, sides == TRAIN), _pairs={})


def count(encoded: EncodedCorpus, data: EncodedLanguage, chosen: np.ndarray) -> np.ndarray:
    """Occurrences of every n-gram in some sentences: int64 [ids]."""
    text, ngrams = data.sentences, encoded.ngrams
    size = len(ngrams)
    words = np.bincount(text.words[np.repeat(chosen, np.diff(text.word_offsets))], minlength=size)
    bigrams = np.bincount(text.bigrams[np.repeat(chosen, np.diff(text.bigram_offsets))], minlength=size)
    used = np.flatnonzero(words)
    inside = np.diff(ngrams.char_offsets)[used]
    places = np.arange(inside.sum()) + np.repeat(ngrams.char_offsets[used] - (np.cumsum(inside) - inside), inside)
    characters = np.bincount(ngrams.char_ids[places], np.repeat(words[used], inside), minlength=size)
    return words + bigrams + characters.astype(np.int64)


def go_on(model: Model, data: EncodedLanguage, settings: Settings, seed: int) -> Model:
    """Let a model learn one more language: its rows as they are, new accumulators."""
    learned = dataclasses.replace(model, table=model.table.copy(), settings=settings)
    draws = training.make_draws(data, TASK, settings, seed)
    accumulators, space = np.zeros(len(learned.table), np.float32), Workspace.of(learned.ngrams)
    for step in training.schedule({data.language: draws.size}, settings.training):
        rate = settings.training.rate * (1 - step.number / step.of)
        training.train_step(learned, data, draws[step.number], accumulators, rate, space)
    return learned


def models(encoded: EncodedCorpus, recipe: Recipe, seed: int) -> Iterator[tuple[str, Model, float]]:
    """Each target with its model and the seconds of its training."""
    settings = change(BEST, **recipe.options)
    sharing = "permuted" if recipe.train == "placebo" else "shared"
    every = tuple(code for code in encoded.languages if recipe.train != "first-others" or code not in recipe.targets)
    if recipe.train in ("alone", "untrained"):
        for language in recipe.targets:
            own = change(settings, epochs=0.0) if recipe.train == "untrained" else settings
            model, log = training.train(encoded, TASK, own, languages=(language,), seed=seed)
            yield language, model, log.seconds
        return
    if recipe.train == "first-others":
        # the targets' n-grams have rows too, which only the second stage learns
        nothing = {code: 0.0 if code in recipe.targets else len(encoded.language(code).pairs(TASK, settings, "train"))
                   for code in encoded.languages}  # fmt: skip
        first = change(settings, weights=nothing)
        model, log = training.train(encoded, TASK, first, languages=encoded.languages, seed=seed)
    else:
        model, log = training.train(encoded, TASK, settings, languages=every, seed=seed, sharing=sharing)
    for language in recipe.targets:
        if recipe.train == "first-others":
            yield language, go_on(model, encoded.language(language), change(settings, **recipe.last), seed), log.seconds
        else:
            yield language, model, log.seconds


def tuned(work: Path, encoded: EncodedCorpus, dev: Pool, settings: Settings) -> dict[str, Baseline]:
    """The BM25s of a language, tuned once for each kind of surroundings."""
    around = settings.surroundings
    path = work / "baselines" / f"{dev.language}-{around.reach}-{around.decay}-{around.across}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = tune_baselines(encoded, dev, around)
        path.write_text(json.dumps({name: baseline.to_dict() for name, baseline in found.items()}), encoding="utf-8")
    return {name: Baseline.from_dict(values) for name, values in json.loads(path.read_text(encoding="utf-8")).items()}


def arms(
    encoded: EncodedCorpus, model: Model, pool: Pool, baselines: dict[str, Baseline], hybrids: dict[str, Hybrid]
) -> Iterator[tuple[str, Ranks]]:
    """Every arm's ranks in a pool; ``baselines`` are judged besides."""
    dense = dense_scorer(model, encoded, pool)
    yield "encoder", judge(pool, [dense], [1.0])
    for name, baseline in baselines.items():
        yield ("bm25" if name == "plain" else "bm25-around"), judge(pool, *baseline_parts(encoded, pool, baseline))
    for name, hybrid in hybrids.items():
        yield name, judge(pool, *hybrid_parts(model, encoded, pool, hybrid, dense))


def run(
    name: str, encoded: EncodedCorpus, work: Path, side: str, seed: int, pools: list[str], languages: Sequence[str]
) -> list[dict[str, Any]]:
    """Perform a recipe with one seed and return its rows; the ranks go to WORK/ranks."""
    recipe = RECIPES[name]
    recipe = dataclasses.replace(recipe, targets=tuple(code for code in recipe.targets if code in languages))
    whole = {code: encoded.language(code) for code in recipe.targets}
    for code in recipe.targets if recipe.sentences else ():
        encoded._open[code] = cut(encoded, whole[code], recipe.sentences, seed)
    rows, frames = [], []
    settings = change(BEST, **recipe.options)
    for language, model, seconds in models(encoded, recipe, seed):
        dev = make_pool(encoded, "unseen", language, TASK, settings, side="dev", most_queries=DEV_QUERIES)
        baselines = tuned(work, encoded, dev, settings)
        hybrids = tune_hybrids(model, encoded, dev, baselines)
        for place in pools:
            pool = dev if (side, place) == ("dev", "unseen") else make_pool(
                encoded, place, language, TASK, settings, side=side, most_queries=TEST_QUERIES
            )  # fmt: skip
            # nothing in BM25 depends on the seed
            for arm, ranks in arms(encoded, model, pool, baselines if seed == 1 else {}, hybrids):
                planted = ranks.null[ranks.null > 0]
                rows.append(
                    {
                        "recipe": name, "side": side, "pool": place, "language": language, "arm": arm, "seed": seed,
                        **{key: round(value, 5) for key, value in summary(ranks.truth).items()},
                        "null_recall@1": round(float((planted == 1).mean()), 5) if len(planted) else None,
                        "queries": len(ranks.truth), "candidates": pool.ranked, "train_seconds": round(seconds, 1),
                        "weights": [hybrids[arm].weight, hybrids[arm].around_weight] if arm in hybrids else None,
                    }
                )  # fmt: skip
                frames.append(ranks.frame(encoded).with_columns(pl.lit(arm).alias("arm"), pl.lit(seed).alias("seed")))
        print(f"{name} seed {seed} {language}: " + ", ".join(
            f"{row['arm']} {100 * row['mrr']:.1f}" for row in rows if row["language"] == language
            and row["pool"] == pools[0]
        ), flush=True)  # fmt: skip
    encoded._open.update(whole)
    (work / "ranks").mkdir(exist_ok=True)
    pl.concat(frames).write_parquet(work / "ranks" / f"{name}-{side}-{seed}.parquet")
    return rows


def main() -> None:
    """Run the recipes that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="see --list")
    parser.add_argument("--list", action="store_true", help="print the recipes and stop")
    parser.add_argument("--side", choices=("dev", "test"), default="dev")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each recipe")
    parser.add_argument("--pools", default="unseen", help="parted by commas")
    parser.add_argument("--data", default="wikipedia", help="folders of the data, parted by commas")
    parser.add_argument("--languages", help="of the recipe's targets only these, parted by commas")
    parser.add_argument("--work", type=Path, default=ROOT / "quality", help="what is kept; one folder for each --data")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=ROWS)
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:20} {recipe.train:13} {recipe.about}" for name, recipe in RECIPES.items()))
        return
    unknown = sorted(set(options.recipes) - set(RECIPES))
    if unknown or not options.recipes:
        parser.error(f"unknown recipes: {', '.join(unknown) or 'none named'}; --list shows what there is")
    set_threads(options.threads)
    keep_memory()
    options.work.mkdir(parents=True, exist_ok=True)
    encoded = prepare(options.work, options.data.split(","))
    languages = options.languages.split(",") if options.languages else encoded.languages
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    for name in options.recipes:
        for seed in range(1, options.seeds + 1):
            begin = time.monotonic()
            rows = run(name, encoded, options.work, options.side, seed, options.pools.split(","), languages)
            more = {
                "data": options.data,
                "settings": to_dict(change(BEST, **RECIPES[name].options)),
                "seconds": round(time.monotonic() - begin),
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "commit": found.stdout.strip(),
            }
            with options.rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row | more) + "\n" for row in rows)


if __name__ == "__main__":
    main()
