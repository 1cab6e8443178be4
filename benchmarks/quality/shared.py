"""One set of weights for all languages in place of one a language: what does tuning each by itself bring?

    python benchmarks/quality/shared.py

A set is the k1, b, power of the idf and weights of both BM25s with surroundings, and the two weights of the encoder;
the spreads that scores are divided by need no truths and stay each language's own. Candidates are the BM25s that dev
chose for each language, times the grid of the encoder's weights. On dev three are chosen: each language's own (as
`best` does), the best geometric mean of all languages, and for each language that of the *others*, which is what a
language without a dev side would get. All are judged on --side. Rows: recipe ``shared-weights``, arms whole,
whole-shared, whole-others.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from harness import DEV_QUERIES, TEST_QUERIES, models, tuned
from recipes import RECIPES, TASK
from run import ROWS, add_places, commit, harness_of

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.ranking.baselines import Feature, collect
from sprachbund.retrieval.ranking.judging import BOTH, Sum, dense_scorers, summary
from sprachbund.retrieval.ranking.pools import Pool, make_pool
from sprachbund.retrieval.ranking.ranks import Scorer, mrr, rank, spread
from sprachbund.retrieval.settings import BEST, to_dict

GRID = list(product(BOTH, BOTH))
Spreads = list[float]


def bm25_scorer(
    encoded: EncodedCorpus, pool: Pool, features: Sequence[Feature], known: Spreads | None
) -> tuple[Sum, Spreads]:
    """A baseline on a pool, with spreads that are known from dev or measured here."""
    parts: list[Scorer] = [
        collect(encoded, pool, feature.order, BEST.surroundings).scorer(feature.settings) for feature in features
    ]
    spreads = known or [spread(part, len(pool.queries), pool.ranked) for part in parts]
    return Sum(parts, [feature.weight / own for feature, own in zip(features, spreads, strict=True)]), spreads


def ranks_of(
    encoded: EncodedCorpus,
    model: Model,
    pool: Pool,
    features: Sequence[Feature],
    options: Sequence[tuple[float, float]],
    known: tuple[Spreads, Spreads] | None = None,
) -> tuple[np.ndarray, tuple[Spreads, Spreads]]:
    """The ranks of the whole for each pair of the encoder's weights: int64 [options, queries]; and the spreads."""
    exact, spreads = bm25_scorer(encoded, pool, features, known and known[0])
    dense = dense_scorers(model, encoded, pool, BEST.surroundings)
    widths = known[1] if known else [spread(part, len(pool.queries), pool.ranked) for part in (exact, *dense)]
    table = [[1 / widths[0], *(o / w for o, w in zip(option, widths[1:], strict=True))] for option in options]
    found = rank([exact, *dense], np.array(table, np.float32), pool.truth, pool.ranked, pool.excluded)
    return found, (spreads, widths)


def main() -> None:
    """Choose on dev, judge, print the table and append the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=("dev", "test"), default="dev")
    parser.add_argument("--rows", type=Path, default=ROWS)
    add_places(parser)
    options = parser.parse_args()
    set_threads(options.threads)
    keep_memory()
    harness, alone = harness_of(options), RECIPES["alone"]
    encoded = harness.encoded
    languages = [code for code in alone.targets if code in encoded.languages]
    devs = {
        code: make_pool(encoded, "unseen", code, TASK, BEST, side="dev", most_queries=DEV_QUERIES) for code in languages
    }
    known = tuned(harness, alone, languages)
    sets = [[replace(feature, spread=1.0) for feature in known[code]["around"].features] for code in languages]
    scores = np.zeros((len(languages), len(sets), len(GRID)))  # MRR on dev
    trained, spreads = {}, {}
    for at, (code, model) in enumerate(models(harness, alone, languages)):
        trained[code] = model
        for number, features in enumerate(sets):
            ranks, spreads[code, number] = ranks_of(encoded, model, devs[code], features, GRID)
            scores[at, number] = [mrr(row) for row in ranks]
        print(code, np.round(100 * scores[at].max(axis=1), 1), flush=True)
    logs = np.log(scores)
    rows = []
    for at, code in enumerate(languages):
        others = np.arange(len(languages)) != at
        pool = devs[code] if options.side == "dev" else make_pool(
            encoded, "unseen", code, TASK, BEST, side=options.side, most_queries=TEST_QUERIES
        )  # fmt: skip
        own = np.zeros_like(logs[at])
        own[at] = scores[at, at]  # the language's own BM25, as `best` has it
        for arm, choice in (("whole", own), ("whole-shared", logs.mean(0)), ("whole-others", logs[others].mean(0))):
            number, option = np.unravel_index(np.argmax(choice), choice.shape)
            ranks, _ = ranks_of(encoded, trained[code], pool, sets[number], [GRID[option]], spreads[code, int(number)])
            rows.append({
                "recipe": "shared-weights", "side": options.side, "pool": "unseen", "language": code, "arm": arm,
                "seed": 1, **{key: round(value, 5) for key, value in summary(ranks[0]).items()},
                "queries": len(pool.queries), "candidates": pool.ranked, "weights": list(GRID[option]),
                "bm25_of": languages[number], "data": options.data, "settings": to_dict(BEST), "commit": commit(),
            })  # fmt: skip
        print(code, {row["arm"]: (row["mrr"], row["bm25_of"], row["weights"]) for row in rows[-3:]}, flush=True)
    found = {(row["arm"], row["language"]): row["mrr"] for row in rows}
    for arm in ("whole-shared", "whole-others"):
        ratio = np.mean([np.log(found[arm, code] / found["whole", code]) for code in languages])
        print(f"{arm} against whole: {100 * (np.exp(ratio) - 1):+.2f}%")
    with options.rows.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
