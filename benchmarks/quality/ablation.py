"""What each part of the whole brings: taken out one at a time, the weights of what is left chosen anew, on dev.

    python benchmarks/quality/ablation.py [--languages el,ko,tr,uk]

One seed, a model a language (the recipe ``alone``). Parts are taken out at search; the encoder is trained once. Writes
benchmarks/results/quality-ablation.md.
"""

import argparse
from dataclasses import replace
from itertools import product

import numpy as np
from harness import DEV_QUERIES, models
from recipes import RECIPES, TASK
from run import add_places, harness_of
from text import ROOT

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.ranking.baselines import baseline_parts, tune_baseline
from sprachbund.retrieval.ranking.judging import Sum, dense_scorers
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.ranking.ranks import mrr, rank, spread
from sprachbund.retrieval.settings import BEST, Surroundings

GRID = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)
AROUND = BEST.surroundings
CASES: dict[str, tuple[Surroundings | None, tuple[int, ...], tuple[str, ...]]] = {
    "the whole": (AROUND, (1, -4), ("own", "around")),
    "without BM25 over words": (AROUND, (-4,), ("own", "around")),
    "without BM25 over characters": (AROUND, (1,), ("own", "around")),
    "without BM25": (AROUND, (), ("own", "around")),
    "without the encoder of the candidate itself": (AROUND, (1, -4), ("around",)),
    "without the encoder of what surrounds it": (AROUND, (1, -4), ("own",)),
    "without the encoder": (AROUND, (1, -4), ()),
    "sections ignored": (replace(AROUND, across=1.0), (1, -4), ("own", "around")),
    "the section alone": (replace(AROUND, across=0.0), (1, -4), ("own", "around")),
    "12 sentences, decay .85": (Surroundings(12, 0.85, 1.0), (1, -4), ("own", "around")),
    "without surroundings": (None, (1, -4, -5), ("own",)),
    "BM25 alone": (None, (1, -4, -5), ()),
}


def score(encoded: EncodedCorpus, model: Model, language: str, case: str) -> float:
    """MRR on dev of what a case leaves."""
    around, orders, wanted = CASES[case]
    pool = make_pool(encoded, "unseen", language, TASK, BEST, side="dev", most_queries=DEV_QUERIES)
    scorers, weights = [], []
    if orders:
        baseline = tune_baseline(encoded, pool, orders, around)
        scorers, weights = baseline_parts(encoded, pool, baseline)
    dense = dict(zip(("own", "around"), dense_scorers(model, encoded, pool, around), strict=False))
    chosen = [dense[name] for name in wanted]
    widths = [spread(part, len(pool.queries), pool.ranked) for part in chosen]
    # weights of the encoder beside BM25's sum; without BM25 one of the encoder's is 1
    chances = [o for o in product(GRID, repeat=len(chosen)) if orders or max(o) == 1.0]
    width = spread(Sum(scorers, weights), len(pool.queries), pool.ranked) if scorers else 1.0
    first = [weight / width for weight in weights]
    table = [[*first, *(o / w for o, w in zip(chance, widths, strict=True))] for chance in chances]
    ranks = rank([*scorers, *chosen], np.array(table, np.float32), pool.truth, pool.ranked, pool.excluded)
    return max(mrr(row) for row in ranks)


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="el,ko,tr,uk")
    add_places(parser)
    options = parser.parse_args()
    set_threads(options.threads)
    keep_memory()
    harness = harness_of(options)
    languages = tuple(options.languages.split(","))
    table: dict[str, dict[str, float]] = {case: {} for case in CASES}
    for language, model in models(harness, RECIPES["alone"], languages):
        for case in CASES:
            table[case][language] = score(harness.encoded, model, language, case)
            print(language, case, round(100 * table[case][language], 2), flush=True)
    first = table["the whole"]
    lines = [
        "| MRR x 100, dev, one seed | " + " | ".join(languages) + " | all |",
        "|---|" + "--:|" * (len(languages) + 1),
    ]
    for case, found in table.items():
        ratio = np.exp(np.mean([np.log(found[code] / first[code]) for code in languages])) - 1
        cells = " | ".join(f"{100 * found[code]:.1f}" for code in languages)
        lines.append(f"| {case} | {cells} | {'' if case == 'the whole' else f'{100 * ratio:+.1f}%'} |")
    lines += ["", "Rerun: `python benchmarks/quality/ablation.py`", ""]
    (ROOT / "benchmarks" / "results" / "quality-ablation.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
