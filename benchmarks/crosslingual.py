"""Does a pooled encoder find translations that nobody showed it? Tatoeba's sentences and their English, both ways.

    python benchmarks/crosslingual.py --corpus WIKIPEDIAS [--model MODEL ...]

Up to 1,000 sentences a language (LASER's test set) in the folder of ``SPRACHBUND_DATA`` (or ../shared/data). The
encoder is trained on these languages of the corpus: with 245,000 sentences two minutes of a core a seed; --model takes
encoders that are there. Nothing was chosen on this text. Writes benchmarks/results/crosslingual.md.
"""

import argparse
import os
import tarfile
from pathlib import Path

import polars as pl

from sprachbund import Encoder, change, crosslingual, preset, train
from sprachbund.analyses.crosslingual.scorers import BASELINES

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results" / "crosslingual.md"
NAMES = {"no": "nob", "de": "deu", "tr": "tur", "uk": "ukr", "el": "ell"}
"""By the corpus's code that of Tatoeba."""
ARMS = ("encoder", *BASELINES, "chance")


def sentences(folder: Path, code: str) -> list[Path]:
    """The sentences of a language and their English, a line each."""
    found = []
    with tarfile.open(DATA / "retrieval" / "laser_tatoeba_v1.tar.xz") as archive:
        for ending in (NAMES[code], "eng"):
            member = archive.extractfile(f"data/tatoeba/v1/tatoeba.{NAMES[code]}-eng.{ending}")
            assert member is not None
            found.append(folder / f"{code}.{ending}")
            found[-1].write_bytes(member.read())
    return found


def encoders(options: argparse.Namespace) -> list[Encoder]:
    """Those that are named, or one a seed, trained on English and the languages asked."""
    if options.model:
        return [Encoder.load(path) for path in options.model]
    settings = change(preset("best"), dim=options.dim)
    return [
        train(options.corpus, options.work / f"encoder-{seed}", settings=settings, languages=["en", *NAMES], seed=seed)
        for seed in range(1, options.seeds + 1)
    ]


def main() -> None:
    """Judge and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder that ingest wrote")
    parser.add_argument("--work", type=Path, default=Path("crosslingual"))
    parser.add_argument("--model", type=Path, nargs="*", help="encoders that are there, of other seeds")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--dim", type=int, default=256)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    models = encoders(options)
    what = f"{len(models)} encoder{'s' if len(models) > 1 else ''} (`best`, {models[0].dim} numbers)"
    lines = [
        "# Translations found by an encoder that was shown none",
        "",
        "Tatoeba's sentences (LASER's test set, up to 1,000 a language) and their English: accuracy@1 and MRR x 100",
        f"of {what} of en, {', '.join(NAMES)} pooled, beside BM25 over words, over characters and over",
        "cognates (learned from the corpus's words), and chance. In brackets the encoder's 95% interval over",
        "sentences; last, how much more or less than the best baseline it finds. Nothing was chosen on this text.",
        "Rerun: `python benchmarks/crosslingual.py --corpus WIKIPEDIAS`.",
        "",
        f"| from-to | measure | {' | '.join(ARMS)} | against the best baseline | pairs of cognates |",
        f"|---|---|{'--:|' * len(ARMS)}---|--:|",
    ]
    for code in NAMES:
        found = crosslingual(models, sentences(options.work, code), [code, "en"], corpus=options.corpus)
        for (one, other, measure), part in found.results.group_by(["from", "to", "measure"], maintain_order=True):
            rows = {row["arm"]: row for row in part.iter_rows(named=True)}
            cells = [f"{100 * rows[arm]['value']:.1f}" for arm in ARMS]
            cells[0] += f" ({100 * rows['encoder']['low']:.1f} to {100 * rows['encoder']['high']:.1f})"
            best = max(BASELINES, key=lambda arm: rows[arm]["value"])
            (row,) = found.comparisons.filter(
                pl.col("from") == one, to=other, measure=measure, against=best
            ).to_dicts()  # fmt: skip
            told = f"{100 * row['absolute']:+.1f} ({row['verdict']} than {best})"
            told = told.replace("no difference shown than", "no difference shown to")
            count = next(iter(found.cognates.values()))
            lines.append(f"| {one}-{other} | {measure} | {' | '.join(cells)} | {told} | {count:,} |")
            print(lines[-1], flush=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
