"""The table of goals from the ranks that `run.py` kept: paired intervals over documents, the verdicts of every study.

    python benchmarks/quality/table.py --alone alone --pooled pooled --placebo placebo --side test

The seeds of an arm are averaged query by query, documents are drawn with replacement and then their queries, 10,000
times; the last row is the geometric mean over the languages that have 300 queries and 30 documents.
"""

import argparse
from pathlib import Path

import polars as pl
from run import ROOT, TASK

from sprachbund.progress import Silent
from sprachbund.retrieval.kind import MEASURES
from sprachbund.studies.results import PAIRS, tabulate

SHOWN = (
    ("bm25-around", "bm25"),
    ("hybrid-alone", "bm25"),
    ("hybrid-pooled", "bm25"),
    ("whole-alone", "bm25"),
    ("whole-pooled", "bm25"),
    ("whole-alone", "bm25-around"),
    ("whole-pooled", "bm25-around"),
    ("pooled", "alone"),
    ("hybrid-pooled", "hybrid-alone"),
    ("whole-pooled", "whole-alone"),
    ("pooled", "placebo"),
    ("whole-pooled", "whole-placebo"),
)


def items(work: Path, side: str, recipes: dict[str, str]) -> pl.DataFrame:
    """The ranks of recipes under the names of a study's arms."""
    frames = []
    for arm, recipe in recipes.items():
        for path in sorted((work / "ranks").glob(f"{recipe}-{side}-*.parquet")):
            if path.stem.removeprefix(f"{recipe}-{side}-").isdigit():
                frame = pl.read_parquet(path)
                model = frame.filter(~pl.col("arm").str.starts_with("bm25"))
                name = pl.concat_str("arm", pl.lit(f"-{arm}")).str.strip_prefix("encoder-")
                frames.append(model.with_columns(name.alias("arm")))
                if arm == next(iter(recipes)):
                    frames.append(frame.filter(pl.col("arm").str.starts_with("bm25")))
    if not frames:
        raise SystemExit(f"{work / 'ranks'}: has no ranks of {', '.join(recipes.values())} on {side}; run run.py first")
    both = set.intersection(*(set(frame["language"]) for frame in frames if frame.height))
    return pl.concat(frames).filter(pl.col("language").is_in(both)).select(
        pl.lit(TASK).alias("task"), "language", "arm", "pool", "seed", "query", "document", "group",
        pl.col("rank").cast(pl.Float64).alias("value"),
        pl.col("null_rank").cast(pl.Float64).replace(0.0, None).alias("null_value"),
        pl.lit(0).alias("candidates"),
    )  # fmt: skip


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for arm in ("alone", "pooled", "placebo"):
        parser.add_argument(f"--{arm}", help=f"the recipe that is the arm {arm}")
    parser.add_argument("--side", choices=("dev", "test"), default="test")
    parser.add_argument("--out", type=Path, help="a Markdown file, besides")
    parser.add_argument("--work", type=Path, default=ROOT / "quality")
    options = parser.parse_args()
    recipes = {arm: getattr(options, arm) for arm in ("alone", "pooled", "placebo") if getattr(options, arm)}
    results, comparisons = tabulate(items(options.work, options.side, recipes), MEASURES[:1], Silent())
    means = (
        results.filter(~pl.col("pool").str.ends_with("-null")).group_by("language", "arm").agg(pl.col("value").mean())
    )
    wide = means.pivot("arm", index="language", values="value").sort("language")
    arms = [arm for arm in ("bm25", "bm25-around", *(f"{kind}{arm}" for arm in recipes for kind in
            ("", "hybrid-", "whole-"))) if arm in wide.columns]  # fmt: skip
    lines = ["| MRR x 100 | " + " | ".join(arms) + " |", "|---|" + "--:|" * len(arms)]
    for row in wide.iter_rows(named=True):
        lines.append(f"| {row['language']} | " + " | ".join(f"{100 * row[arm]:.1f}" for arm in arms) + " |")
    languages = ["(all)", *wide["language"]]
    lines += ["", "| relative difference | " + " | ".join(languages) + " |", "|---|" + "---|" * len(languages)]
    for arm, against in SHOWN:
        assert (arm, against) in PAIRS
        found = comparisons.filter((pl.col("arm") == arm) & (pl.col("against") == against))
        cells = {row["language"]: row for row in found.iter_rows(named=True)}
        if cells:
            texts = [_cell(cells[code]) if code in cells else "" for code in languages]
            lines.append(f"| {arm} against {against} | " + " | ".join(texts) + " |")
    null = results.filter(pl.col("pool").str.ends_with("-null")).group_by("arm").agg(pl.col("value").max()).sort("arm")
    planted = ", ".join(f"{arm} {value:.3f}" for arm, value in null.iter_rows())
    lines += ["", f"Null test, MRR of planted strangers, the highest of all languages and seeds: {planted}.", ""]
    print("\n".join(lines))
    if options.out:
        options.out.write_text("\n".join(lines), encoding="utf-8")


def _cell(row: dict[str, float | str]) -> str:
    return f"{100 * row['relative']:+.1f}% [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}] {row['verdict']}"


if __name__ == "__main__":
    main()
