"""Mixtures of a real corpus: F4, temperatures and the optimised mixture, with the settings of the paper.

    python benchmarks/mixtures.py CORPUS OUT >benchmarks/results/mixtures.md

CORPUS is a folder that ``sprachbund ingest`` wrote of Wikipedia in Greek, Indonesian, Turkish and Ukrainian. Killed,
the same command goes on. Ukrainian is cut, so that its native share is small, as in the paper.
"""

import argparse
import logging
from pathlib import Path

import polars as pl

from sprachbund import change, preset
from sprachbund.analyses.mixtures.optimising import MixtureSettings
from sprachbund.analyses.mixtures.study import mix


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--languages", default="el,id,tr,uk")
    parser.add_argument("--target", default="uk")
    parser.add_argument("--sentences", type=int, default=2_000, help="of the target, for training")
    parser.add_argument("--epochs", type=float, default=8)
    parser.add_argument("--batch", type=int, default=128, help="whole ones are read: small, for fine shares")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    # of the paper's shares of the split 5% are too few documents here for any verdict
    settings = change(preset("paper"), epochs=asked.epochs, dim=asked.dim, batch=asked.batch, shares=(0.8, 0.1, 0.1))
    found = mix(
        asked.corpus,
        asked.out,
        languages=asked.languages.split(","),
        targets=[asked.target],
        target_sentences=asked.sentences,
        settings=settings,
        mixture=MixtureSettings(shares=(0.02, 0.1, 0.2, 0.35, 0.6), temperatures=(1, 3, 0)),
        seeds=asked.seeds,
        workers=asked.workers,
    )
    print("# Mixtures\n")
    print(
        f"IC; settings of the paper, but {asked.epochs:g} epochs, {asked.dim} dimensions, batches of {asked.batch} and"
    )
    print(f"10% of the documents for test; {asked.languages.replace(',', ', ')}, of {asked.target}")
    print(f"{asked.sentences:,} training sentences;")
    print(f"{asked.seeds} seeds.\n")
    pl.Config.set_tbl_formatting("MARKDOWN")
    pl.Config.set_tbl_hide_column_data_types(True)
    pl.Config.set_tbl_hide_dataframe_shape(True)
    pl.Config.set_tbl_rows(-1)
    pl.Config.set_tbl_cols(-1)
    pl.Config.set_tbl_width_chars(1_000)
    pl.Config.set_float_precision(3)
    dropped = ("measure", "k", "unit", "direction", "task", "strategy", "weight", "p", "p_holm", "detectable", "arm")
    for finding in found:
        print(f"## {finding.name}: {finding.title}\n\n{finding.sentence}\n")
        if finding.paper:
            print(f"The paper: {finding.paper}. Replicated: {finding.replicated}.\n")
        for heading, table in finding.tables:
            if heading == "Comparisons, all measures":
                table = table.filter(pl.col("measure") == "recall", pl.col("k") == 1)
                heading = "Recall@1 against the native share"
            print(f"{heading}\n\n{table.drop(dropped, strict=False)}\n")
    print("Made by `benchmarks/mixtures.py`.")


if __name__ == "__main__":
    main()
