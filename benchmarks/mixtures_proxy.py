"""How well ridge regression ranks mixtures that nobody ran, on RegMix's public tables (MIT licence).

    python benchmarks/mixtures_proxy.py FOLDER >benchmarks/results/mixtures-proxy.md

FOLDER holds {train,test}_mixture_1m.csv, {train,test}_pile_loss_1m.csv and the test tables of 1B: data/ of
github.com/sail-sg/regmix. Fitted on the first runs of the small models, judged by Spearman's correlation on the test
runs of the same size and of a thousand times the size; of those, mixtures that were trained on are left out.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.analyses.mixtures.proxy import fit_proxy
from sprachbund.statistics.orders import spearman

RUNS = (20, 34, 51, 128, 256, 512)


def read(folder: Path, part: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Domains that are judged, mixtures [runs, 17] and losses [runs, judged] of one side's runs of a size."""
    side, size = part.split("-")
    mixtures = pl.read_csv(folder / f"{side}_mixture_{size}.csv").rename(
        lambda name: name.removeprefix("train_the_pile_")
    )
    losses = pl.read_csv(folder / f"{side}_pile_loss_{size}.csv")
    both = mixtures.join(losses, on="index", how="inner")
    names = [name for name in losses.columns if name != "index"]
    w = both.select(name for name in mixtures.columns if name != "index").to_numpy()
    return names, w / w.sum(axis=1, keepdims=True), both.select(names).to_numpy()


def clean(test: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Which test mixtures were not trained on, to three digits."""
    known = {tuple(row) for row in np.round(train, 3)}
    return np.array([tuple(row) not in known for row in np.round(test, 3)])


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    names, train, losses = read(folder, "train-1m")
    tests = {size: read(folder, f"test-{size}") for size in ("1m", "1B")}
    shown = {size: clean(w, train) for size, (_, w, _) in tests.items()}
    sizes = ", ".join(f"{size}: {int(kept.sum())} of {len(kept)}" for size, kept in shown.items())
    print("# How ridge regression ranks mixtures\n")
    print(f"RegMix's tables: {train.shape[1]} domains, {losses.shape[1]} judged. Ridge of the log loss on w and")
    print(
        "log(w + .001), the penalty by leave-one-out. Spearman's correlation of expected and measured losses: the mean"
    )
    print("over domains, and that of the mean loss.")
    print(f"Test runs whose mixture was not trained on: {sizes}.\n")
    print("| runs | " + " | ".join(f"{size}, by domain | {size}, mean loss" for size in tests) + " |")
    print("|--:" * (1 + 2 * len(tests)) + "|")
    for count in RUNS:
        proxy = fit_proxy(train[:count], losses[:count])
        row = []
        for size, (_, w, measured) in tests.items():
            kept = shown[size]
            expected, measured = proxy(w[kept]), measured[kept]
            each = [spearman(expected[:, place], measured[:, place]) for place in range(len(names))]
            row += [f"{np.mean(each):.3f}", f"{spearman(expected.mean(axis=1), measured.mean(axis=1)):.3f}"]
        print(f"| {count} | " + " | ".join(row) + " |")
    print("\nMade by `benchmarks/mixtures_proxy.py`.")


if __name__ == "__main__":
    main()
