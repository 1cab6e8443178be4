"""Does a mixed-language index favour a language? The top ten of queries of each language, among candidates of all.

    python benchmarks/quality/mixed.py [--queries 100]

One joint model (the recipe ``pooled``, one seed, one epoch), dev, pool ``mixed``. For the queries of each language: the
share of every other language in the top ten over its share of the pool; above 2 it is favoured.
"""

import argparse
from dataclasses import replace

import numpy as np
from harness import DEV_QUERIES, models, tuned
from recipes import RECIPES, TASK
from run import add_places, harness_of
from text import ROOT

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.retrieval.ranking.judging import Sum, hybrid_parts, tune_hybrids
from sprachbund.retrieval.ranking.pools import make_pool
from sprachbund.retrieval.settings import BEST

TOP = 10


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=100)
    add_places(parser)
    options = parser.parse_args()
    set_threads(options.threads)
    keep_memory()
    harness = harness_of(options)
    encoded = harness.encoded
    joint = replace(RECIPES["pooled"], options={"epochs": 1.0})
    lines = ["| queries | arm | own language in the top ten | most favoured other | its share over that of the pool |",
             "|---|---|--:|---|--:|"]  # fmt: skip
    known = tuned(harness, joint, [code for code in joint.targets if code in encoded.languages])
    for language, model in models(harness, joint, encoded.languages):
        dev = make_pool(encoded, "unseen", language, TASK, BEST, side="dev", most_queries=DEV_QUERIES)
        hybrids = tune_hybrids(model, encoded, dev, known[language])
        pool = make_pool(encoded, "mixed", language, TASK, BEST, side="dev", most_queries=options.queries)
        codes = np.array([part.language for part in pool.parts])
        sizes = np.array([len(part.pairs) for part in pool.parts])
        names = np.repeat(np.arange(len(codes)), sizes)
        for arm, hybrid in hybrids.items():
            scores = Sum(*hybrid_parts(model, encoded, pool, hybrid)).scores(0, len(pool.queries))
            for i in range(len(scores)):
                scores[i, pool.excluded[i]] = -np.inf
            best = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
            share = np.bincount(names[best].ravel(), minlength=len(codes)) / best.size
            ratio = np.where(codes == language, 0.0, share / (sizes / sizes.sum()))
            most = int(np.argmax(ratio))
            own = share[codes == language][0]
            lines.append(f"| {language} | {arm} | {100 * own:.1f}% | {codes[most]} | {ratio[most]:.2f} |")
            print(lines[-1], flush=True)
    lines += ["", "Rerun: `python benchmarks/quality/mixed.py`", ""]
    (ROOT / "benchmarks" / "results" / "quality-mixed.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
