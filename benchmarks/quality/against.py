"""One recipe against another, from the rows of `run.py`: the change of MRR in each language and in the geometric mean.

    python benchmarks/quality/against.py alone-3k-stems alone-3k --arm encoder

Seeds are averaged; for intervals see `table.py`, which needs what was judged.
"""

import argparse

import numpy as np
import polars as pl
from run import ROWS, read_rows


def main() -> None:
    """Print the changes, and the mean with each language left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("base")
    parser.add_argument("--arm", default="encoder")
    parser.add_argument("--side", choices=("dev", "test"), default="dev")
    parser.add_argument("--data", default="wikipedia")
    options = parser.parse_args()
    rows = read_rows().filter(
        (pl.col("pool") == "unseen") & (pl.col("arm") == options.arm) & (pl.col("side") == options.side)
        & (pl.col("data") == options.data)
    )  # fmt: skip
    means = rows.group_by("recipe", "language").agg(pl.col("mrr").mean())
    own, base = (means.filter(pl.col("recipe") == name) for name in (options.recipe, options.base))
    both = own.join(base, on="language", suffix="_base").sort("language")
    if both.is_empty():
        raise SystemExit(f"{ROWS}: no language has rows of {options.recipe} and of {options.base}; run run.py first")
    change = dict(zip(both["language"], (both["mrr"] / both["mrr_base"]).log(), strict=True))
    for language, log in change.items():
        others = [value for code, value in change.items() if code != language]
        rest = f", all others {100 * np.expm1(np.mean(others)):+.1f}%" if others else ""
        print(f"{language} {100 * np.expm1(log):+.1f}%{rest}")
    print(f"all {100 * np.expm1(np.mean(list(change.values()))):+.1f}%")


if __name__ == "__main__":
    main()
