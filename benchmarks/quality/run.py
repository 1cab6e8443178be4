"""The quality harness: run named recipes, append a row a language, arm and seed.

    python benchmarks/quality/run.py alone pooled --side dev --seeds 1
    python benchmarks/quality/run.py --list

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), split by documents 80/10/10. The encoded
text, the tuned BM25s and the ranks of every query lie in --work, so that a second recipe takes the time of its training
and `table.py` can compare any two. Rows go to benchmarks/results/quality.jsonl: recipe, settings (what differs from
`best` of the row's commit), seed, side, language, arm, MRR, recall@1 and @10, the null test's recall@1, seconds of
training, peak memory, commit.
"""

import argparse
import dataclasses
import json
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from learning import learn
from recipes import DATA_SETS, RECIPES, Recipe
from text import ROOT, cut, prepare
from ties import tie

from sprachbund.retrieval.encoder import training
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, EncodedLanguage
from sprachbund.retrieval.encoder.features import Workspace
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.ranking import judging
from sprachbund.retrieval.ranking.baselines import Baseline, baseline_parts
from sprachbund.retrieval.ranking.judging import (
    Hybrid,
    Ranks,
    Sum,
    dense_scorer,
    hybrid_parts,
    judge,
    summary,
    tune_baselines,
    tune_hybrids,
)
from sprachbund.retrieval.ranking.kept import Kept
from sprachbund.retrieval.ranking.pools import Pool, make_pool
from sprachbund.retrieval.ranking.ranks import Scorer
from sprachbund.retrieval.settings import BEST, Settings, change, to_dict
from sprachbund.runs.workers import keep_memory, set_threads

ROWS = ROOT / "benchmarks" / "results" / "quality.jsonl"
TASK = "ic"
DEV_QUERIES, TEST_QUERIES = 1_000, 2_000


def go_on(model: Model, data: EncodedLanguage, settings: Settings, seed: int) -> Model:
    """Let a model learn one more language: its rows as they are, new accumulators."""
    learned = dataclasses.replace(model, table=model.table.copy(), settings=settings)
    draws = training.make_draws(data, TASK, settings, seed)
    accumulators, space = np.zeros(len(learned.table), np.float32), Workspace.of(learned.ngrams)
    for step in training.schedule({data.language: draws.size}, settings.training):
        rate = settings.training.rate * (1 - step.number / step.of)
        training.train_step(learned, data, draws[step.number], accumulators, rate, space)
    return learned


def in_passes(encoded: EncodedCorpus, languages: Sequence[str], recipe: Recipe, settings: Settings) -> Settings:
    """The mixture that reads each target so many times and each other language so many times."""
    sizes = {code: len(encoded.language(code).pairs(TASK, settings, "train")) for code in languages}
    over_target, over_other = recipe.passes
    drawn = {code: size * (over_target if code in recipe.targets else over_other) for code, size in sizes.items()}
    return change(settings, weights=drawn, epochs=sum(drawn.values()) / sum(sizes.values()))


def models(encoded: EncodedCorpus, recipe: Recipe, seed: int) -> Iterator[tuple[str, Model, float]]:
    """Each target with its model and the seconds of its training."""
    settings = change(BEST, **recipe.options)
    sharing = "permuted" if recipe.train == "placebo" else "shared"
    every = tuple(code for code in encoded.languages if recipe.train != "first-others" or code not in recipe.targets)
    if recipe.company is not None:
        every = tuple(code for code in encoded.languages if code in recipe.targets or code in recipe.company)
    if recipe.train in ("alone", "untrained"):
        for language in recipe.targets:
            own = change(settings, epochs=0.0) if recipe.train == "untrained" else settings
            if recipe.learning:
                begin = time.monotonic()
                model = learn(encoded, TASK, language, own, recipe.learning, seed)
                yield language, model, time.monotonic() - begin
                continue
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
        if recipe.passes:
            settings = in_passes(encoded, every, recipe, settings)
        model, log = training.train(encoded, TASK, settings, languages=every, seed=seed, sharing=sharing)
    for language in recipe.targets:
        if recipe.train == "first-others":
            yield language, go_on(model, encoded.language(language), change(settings, **recipe.last), seed), log.seconds
        else:
            yield language, model, log.seconds


def tuned(work: Path, encoded: EncodedCorpus, dev: Pool, settings: Settings) -> dict[str, Baseline]:
    """The BM25s of a language, tuned once for each kind of surroundings."""
    around = settings.surroundings
    ties = encoded.manifest["corpus"].partition("+")[2]
    path = (
        work / f"baselines{ties and '-'}{ties}" / f"{dev.language}-{around.reach}-{around.decay}-{around.across}.json"
    )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = tune_baselines(encoded, dev, around)
        path.write_text(json.dumps({name: baseline.to_dict() for name, baseline in found.items()}), encoding="utf-8")
    return {name: Baseline.from_dict(values) for name, values in json.loads(path.read_text(encoding="utf-8")).items()}


@dataclasses.dataclass(frozen=True)
class Fixed:
    """Scores that are known: float32 [queries, columns]."""

    known: np.ndarray

    def scores(self, low: int, high: int) -> np.ndarray:
        return self.known[low:high].copy()


def known_parts(encoded: EncodedCorpus, pool: Pool, baseline: Baseline) -> tuple[list[Scorer], list[float]]:
    """`baseline_parts` as one scorer, computed once a pool: every arm, recipe and seed asks for the same scores."""

    def make() -> np.ndarray:
        parts = Sum(*baseline_parts(encoded, pool, baseline))
        blocks = [parts.scores(low, min(low + 100, len(pool.queries))) for low in range(0, len(pool.queries), 100)]
        return np.concatenate(blocks)

    key = (encoded.manifest["corpus"], pool.columns_hash(), pool.side, pool.name, baseline)
    return [Fixed(_KNOWN.get(key, make))], [1.0]


_KNOWN: Kept[np.ndarray] = Kept(3 << 30, lambda scores: scores.nbytes)
judging.baseline_parts = known_parts


def arms(
    encoded: EncodedCorpus, model: Model, pool: Pool, baselines: dict[str, Baseline], hybrids: dict[str, Hybrid]
) -> Iterator[tuple[str, Ranks]]:
    """Every arm's ranks in a pool; ``baselines`` are judged besides."""
    dense = dense_scorer(model, encoded, pool)
    yield "encoder", judge(pool, [dense], [1.0])
    for name, baseline in baselines.items():
        yield ("bm25" if name == "plain" else "bm25-around"), judge(pool, *known_parts(encoded, pool, baseline))
    for name, hybrid in hybrids.items():
        yield name, judge(pool, *hybrid_parts(model, encoded, pool, hybrid, dense))


def run(
    name: str, encoded: EncodedCorpus, work: Path, side: str, seed: int, pools: list[str], languages: Sequence[str]
) -> list[dict[str, Any]]:
    """Perform a recipe with one seed and return its rows; the ranks go to WORK/ranks."""
    recipe = RECIPES[name]
    recipe = dataclasses.replace(recipe, targets=tuple(code for code in recipe.targets if code in languages))
    text = tie(encoded, work, recipe.ties)  # what is learned from; BM25 has the text as it is, or the same
    judged = text if recipe.tied_bm25 else encoded
    whole = {code: text.language(code) for code in (*recipe.targets, *recipe.others)}
    for code, data in whole.items():
        wanted = round(recipe.others.get(code, recipe.share) * data.train_sentences)
        wanted = recipe.sentences if recipe.sentences and code in recipe.targets else wanted
        if wanted < data.train_sentences:
            text._open[code] = cut(text, data, wanted, seed)
    rows, frames = [], []
    settings = change(BEST, **recipe.options)
    for language, model, seconds in models(text, recipe, seed):
        dev = make_pool(judged, "unseen", language, TASK, settings, side="dev", most_queries=DEV_QUERIES)
        baselines = tuned(work, judged, dev, settings)
        hybrids = tune_hybrids(model, judged, dev, baselines)
        for place in pools:
            pool = dev if (side, place) == ("dev", "unseen") else make_pool(
                judged, place, language, TASK, settings, side=side, most_queries=TEST_QUERIES
            )  # fmt: skip
            # nothing in BM25 depends on the seed
            for arm, ranks in arms(judged, model, pool, baselines if seed == 1 else {}, hybrids):
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
                frames.append(ranks.frame(judged).with_columns(pl.lit(arm).alias("arm"), pl.lit(seed).alias("seed")))
        print(f"{name} seed {seed} {language}: " + ", ".join(
            f"{row['arm']} {100 * row['mrr']:.1f}" for row in rows if row["language"] == language
            and row["pool"] == pools[0]
        ), flush=True)  # fmt: skip
    text._open.update(whole)
    (work / "ranks").mkdir(exist_ok=True)
    pl.concat(frames).write_parquet(work / "ranks" / f"{name}-{side}-{seed}.parquet")
    return rows


def differences(settings: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """The settings that differ, in their stages."""
    found = {}
    for name, value in settings.items():
        if isinstance(value, dict) and isinstance(base.get(name), dict):
            inner = differences(value, base[name])
            if inner:
                found[name] = inner
        elif value != base.get(name):
            found[name] = value
    return found


def read_rows() -> pl.DataFrame:
    """The rows of the harness; of what was run again the last."""
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    key = ("recipe", "data", "side", "pool", "language", "arm", "seed")
    for row in rows:
        row["data"] = row.get("data") or "wikipedia"
    last = {tuple(row[name] for name in key): row for row in rows}
    return pl.DataFrame(list(last.values()), infer_schema_length=None)


def commit() -> str:
    """Of the harness, short."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return found.stdout.strip()


def main() -> None:
    """Run the recipes that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="see --list")
    parser.add_argument("--list", action="store_true", help="print the recipes and stop")
    parser.add_argument("--side", choices=("dev", "test"), default="dev")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each recipe")
    parser.add_argument("--first-seed", type=int, default=1, help="to add seeds to those that were run")
    parser.add_argument("--pools", default="unseen", help="parted by commas")
    parser.add_argument("--data", default="wikipedia", help="folders, parted by commas, or a set of `recipes`")
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
    encoded = prepare(options.work, DATA_SETS.get(options.data, options.data.split(",")))
    languages = options.languages.split(",") if options.languages else encoded.languages
    for name in options.recipes:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            begin = time.monotonic()
            rows = run(name, encoded, options.work, options.side, seed, options.pools.split(","), languages)
            more = {
                "data": options.data,
                "settings": differences(to_dict(change(BEST, **RECIPES[name].options)), to_dict(BEST)),
                "seconds": round(time.monotonic() - begin),
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "commit": commit(),
            }
            with options.rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row | more) + "\n" for row in rows)


if __name__ == "__main__":
    main()
