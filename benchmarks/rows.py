"""What 16 and 8 bits a number cost an encoder, in MRR on test and in bytes: ``sprachbund index --bits``.

    python benchmarks/rows.py [--work FOLDER]

Text: tr, uk and el of ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data). `best` is trained once a
seed on all three together (IC); the same table is then judged in 32, 16 and 8 bits a number, alone and in the whole
search, on the pool ``unseen`` of the test side; a query counts with its mean over the seeds, intervals are over
documents. Writes benchmarks/results/rows.{md,json}.
"""

import argparse
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund import Encoder, evaluate, train
from sprachbund.corpus.ingest import ingest
from sprachbund.retrieval.encoder.short_rows import BITS, LONG, lengthen, shorten
from sprachbund.statistics import compare

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"
LANGUAGES = ("el", "tr", "uk")
ARMS = ("encoder", "whole")
KEY = ["language", "arm", "query", "document"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="where the corpus goes; removed at the end by default")
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        corpus = (given.work or Path(temporary)) / "corpus"
        if not corpus.exists():
            ingest([path for code in LANGUAGES for path in sorted((DATA / "wikipedia").glob(f"{code}.*"))], corpus)
        rows, sizes = [], {}
        for seed in range(given.seeds):
            encoder = train(corpus, seed=seed, languages=LANGUAGES)
            for bits in BITS:
                rows += judged(encoder, corpus, bits, seed)
                sizes[bits] = size(encoder, bits, Path(temporary) / f"model-{bits}")
    write(pl.DataFrame(rows), sizes, given.seeds)


def judged(encoder: Encoder, corpus: Path, bits: int, seed: int) -> list[dict[str, object]]:
    """The reciprocal rank of every query."""
    table = encoder.table if bits == LONG else lengthen(shorten(encoder.table, bits))
    found = evaluate(replace(encoder, table=table), corpus, languages=LANGUAGES)
    chosen = found.ranks.filter(pl.col("arm").is_in(ARMS))
    return [
        {"bits": bits, "seed": seed, "value": 1.0 / row["rank"] if row["rank"] else 0.0}
        | {name: row[name] for name in ("language", "arm", "query", "document")}
        for row in chosen.iter_rows(named=True)
    ]


def size(encoder: Encoder, bits: int, folder: Path) -> int:
    """Bytes of the table on disk."""
    encoder.save(folder, bits)
    return (folder / "vectors.safetensors").stat().st_size


def write(rows: pl.DataFrame, sizes: dict[int, int], seeds: int) -> None:
    """The table and its numbers."""
    lines = [
        "| language | arm | queries | MRR, 32 bits | 16 bits | 8 bits | 8 less 32, 95% |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    kept = []
    rows = rows.group_by("bits", *KEY).agg(pl.col("value").mean())
    for (language, arm), part in rows.sort(KEY).group_by(["language", "arm"], maintain_order=True):
        values = {bits: part.filter(pl.col("bits") == bits).sort(KEY) for bits in BITS}
        means = {bits: float(np.mean(values[bits]["value"].to_numpy())) for bits in BITS}
        groups = values[LONG]["document"].rank("dense").cast(pl.Int64).to_numpy()
        effect = compare(values[8]["value"].to_numpy(), values[LONG]["value"].to_numpy(), groups)
        kept.append({"language": language, "arm": arm, **{str(bits): means[bits] for bits in BITS}})
        lines.append(
            f"| {language} | {arm} | {len(groups):,} | "
            + " | ".join(f"{means[bits]:.4f}" for bits in BITS)
            + f" | {means[8] - means[LONG]:+.4f} ({effect.absolute_low:+.4f} to {effect.absolute_high:+.4f}) |"
        )
    bytes_ = ", ".join(f"{bits} bits {sizes[bits] / 1e6:.1f} MB" for bits in BITS)
    head = f"# Rows in fewer bits\n\n`python benchmarks/rows.py`: {seeds} seeds. The table of vectors: {bytes_}.\n\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "rows.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    said = {"rows": kept, "bytes": {str(bits): size for bits, size in sizes.items()}, "seeds": seeds}
    (RESULTS / "rows.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(head + "\n".join(lines))


if __name__ == "__main__":
    main()
