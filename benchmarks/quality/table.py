"""Recipes against each other: paired intervals over documents, the verdicts of every study.

    python benchmarks/quality/table.py alone placebo pooled --side test

Each recipe is compared with those named before it, and beside BM25 with BM25 (that of the first recipe's surroundings).
What was not run is run; what `run.py` did is taken from --work. The seeds of a recipe are averaged, documents are drawn
with replacement and then their queries, 10,000 times; the column (all) is the geometric mean over the languages that
have 300 queries and 30 documents.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import polars as pl
from harness import Harness, judged
from recipes import RECIPES, TASK
from run import add_places, harness_of

from sprachbund.lab.declaration import Declaration, Pair
from sprachbund.lab.strategies import EVERYONE
from sprachbund.progress import Silent
from sprachbund.retrieval.declared import DECLARATION, MEASURES
from sprachbund.studies.items import NULL
from sprachbund.studies.tables import tabulate

VIEWS = ("", "hybrid-", "whole-")


def declared(recipes: Sequence[str]) -> Declaration:
    """Retrieval in MRR (and recall@1, which the null test is in), its arms the recipes."""
    pairs = [("bm25-around", "bm25")]
    pairs += [(f"{view}{name}", "bm25") for name in recipes for view in VIEWS[1:]]
    pairs += [(f"whole-{name}", "bm25-around") for name in recipes]
    pairs += [(view + arm, view + against) for against, arm in combinations(recipes, 2) for view in VIEWS]
    return replace(DECLARATION, measures=MEASURES[:2], pairs=tuple(Pair(*pair) for pair in pairs))


def items(harness: Harness, recipes: Sequence[str], languages: Sequence[str], side: str, seeds: int) -> pl.DataFrame:
    """The items of recipes as a study has them, in the languages that all of them have."""
    frames = []
    for name in recipes:
        for seed in range(1, seeds + 1):
            own = judged(harness, RECIPES[name], languages, seed, [f"{side}/unseen"])
            bm25 = pl.col("arm").str.starts_with("bm25")
            called = pl.concat_str("arm", pl.lit(f"-{name}")).str.strip_prefix("-")
            frames.append(own.with_columns(pl.when(bm25).then("arm").otherwise(called).alias("arm")))
    both = set.intersection(*(set(frame["language"]) for frame in frames))
    found = pl.concat(frames).filter(pl.col("language").is_in(both)).with_columns(pl.lit(TASK).alias("task"))
    return found.unique(("language", "arm", "seed", "item"), keep="first", maintain_order=True)


def table(found: pl.DataFrame, recipes: Sequence[str]) -> str:
    """Both tables as Markdown."""
    declaration = declared(recipes)
    results, comparisons = tabulate(found, declaration, Silent())
    results, comparisons = (frame.filter(pl.col("measure") == "mrr") for frame in (results, comparisons))
    planted = pl.col("pool").str.ends_with(NULL)
    means = results.filter(~planted).group_by("language", "arm").agg(pl.col("value").mean())
    wide = means.pivot("arm", index="language", values="value").sort("language")
    arms = ["bm25", "bm25-around", *(f"{view}{name}" for name in recipes for view in VIEWS)]
    lines = ["| MRR x 100 | " + " | ".join(arms) + " |", "|---|" + "--:|" * len(arms)]
    for row in wide.iter_rows(named=True):
        lines.append(f"| {row['language']} | " + " | ".join(f"{100 * row[arm]:.1f}" for arm in arms) + " |")
    languages = [EVERYONE, *wide["language"]]
    lines += ["", "| relative difference | " + " | ".join(languages) + " |", "|---|" + "---|" * len(languages)]
    for pair in declaration.pairs:
        own = comparisons.filter((pl.col("arm") == pair.arm) & (pl.col("against") == pair.against))
        texts = {row["language"]: _cell(row) for row in own.iter_rows(named=True)}
        lines.append(f"| {pair.arm} against {pair.against} | " + " | ".join(texts[code] for code in languages) + " |")
    null = results.filter(planted).group_by("arm").agg(pl.col("value").max()).sort("arm")
    highest = ", ".join(f"{arm} {value:.3f}" for arm, value in null.iter_rows())
    lines += ["", f"Null test, MRR of planted strangers, the highest of all languages and seeds: {highest}.", ""]
    return "\n".join(lines)


def _cell(row: dict[str, float | str]) -> str:
    return f"{100 * row['relative']:+.1f}% [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}] {row['verdict']}"


def main() -> None:
    """Print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+", metavar="RECIPE", choices=list(RECIPES))
    parser.add_argument("--side", choices=("dev", "test"), default="test")
    parser.add_argument("--seeds", type=int, default=1, help="of every recipe, from the first on")
    parser.add_argument("--languages", help="of the recipes' targets only these, parted by commas")
    parser.add_argument("--out", type=Path, help="a Markdown file, besides")
    add_places(parser)
    options = parser.parse_args()
    harness = harness_of(options)
    languages = options.languages.split(",") if options.languages else harness.encoded.languages
    found = items(harness, options.recipes, languages, options.side, options.seeds)
    said = table(found, options.recipes)
    print(said)
    if options.out:
        options.out.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    main()
