"""The quality harness: run named recipes, append a row a language, arm and seed.

    python benchmarks/quality/run.py alone pooled --side dev --seeds 1
    python benchmarks/quality/run.py --list

Text: ``wikipedia`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data), split by documents 80/10/10. The encoded
text and all that was trained, tuned and judged lie in --work, each piece by its content: a recipe that was killed goes
on, and `table.py` can compare any two. Rows go to benchmarks/results/quality.jsonl: recipe, settings (what differs from
`best` of the row's commit), seed, side, language, arm, MRR, recall@1 and @10, the null test's recall@1, seconds of
training, peak memory, commit.
"""

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
from harness import Harness, judged
from recipes import DATA_SETS, RECIPES
from text import ROOT, prepare

from sprachbund.errors import SprachbundError
from sprachbund.retrieval.ranking.judging import summary
from sprachbund.retrieval.settings import BEST, change, to_dict

ROWS = ROOT / "benchmarks" / "results" / "quality.jsonl"
ARMS = ("encoder", "bm25", "bm25-around", "hybrid", "whole")


def rows_of(items: pl.DataFrame) -> list[dict[str, Any]]:
    """A row a language, pool and arm."""
    rows = []
    for (language, place, arm), part in items.group_by("language", "pool", "arm", maintain_order=True):
        side, _, pool = str(place).partition("/")
        planted = part["null_value"].drop_nulls().to_numpy()
        first = part.row(0, named=True)
        seconds, own = first["train_seconds"], first["own_weight"]
        rows.append(
            {
                "side": side, "pool": pool, "language": language, "arm": arm or "encoder", "seed": first["seed"],
                **{name: round(v, 5) for name, v in summary(part["value"].cast(pl.Int64).to_numpy()).items()},
                "null_recall@1": round(float((planted == 1).mean()), 5) if len(planted) else None,
                "queries": part.height, "candidates": first["candidates"],
                "train_seconds": None if seconds is None else round(seconds, 1),
                "weights": None if own is None else [own, first["around_weight"]],
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row["language"], row["pool"], ARMS.index(row["arm"])))


def cost(items: pl.DataFrame) -> dict[str, int]:
    """Seconds of all that was trained (a start counts with each model that began from it) and judged; peak memory."""
    seconds = sum(items[name].drop_nulls().unique().sum() for name in ("train_seconds", "seconds"))
    return {"seconds": round(seconds), "memory": int(items["memory"].max() or 0)}


def differences(settings: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """The settings that differ, in their stages."""
    found = {}
    for name, value in settings.items():
        if isinstance(value, dict) and isinstance(base.get(name), dict):
            inner = differences(value, base[name])
            if inner:
                found[name] = inner
        elif value != base.get(name):
            found[name] = value
    return found


def read_rows() -> pl.DataFrame:
    """The rows of the harness; of what was run again the last."""
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    key = ("recipe", "data", "side", "pool", "language", "arm", "seed")
    for row in rows:
        row["data"] = row.get("data") or "wikipedia"
    last = {tuple(row[name] for name in key): row for row in rows}
    return pl.DataFrame(list(last.values()), infer_schema_length=None)


def commit() -> str:
    """Of the harness, short."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return found.stdout.strip()


def add_places(parser: argparse.ArgumentParser) -> None:
    """The options of every script that works."""
    parser.add_argument("--work", type=Path, default=ROOT / "quality", help="what is kept; one folder for each --data")
    parser.add_argument("--data", default="wikipedia", help="folders, parted by commas, or a set of `recipes`")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side")
    parser.add_argument("--threads", type=int, default=2, help="of each")


def harness_of(options: argparse.Namespace) -> Harness:
    """The harness that `add_places` asks for, its text made where it is not there."""
    options.work.mkdir(parents=True, exist_ok=True)
    encoded = prepare(options.work, DATA_SETS.get(options.data, options.data.split(",")))
    return Harness(options.work, encoded, options.workers, options.threads)


def main() -> None:
    """Run the recipes that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="see --list")
    parser.add_argument("--list", action="store_true", help="print the recipes and stop")
    parser.add_argument("--side", choices=("dev", "test"), default="dev")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each recipe")
    parser.add_argument("--first-seed", type=int, default=1, help="to add seeds to those that were run")
    parser.add_argument("--pools", default="unseen", help="parted by commas")
    parser.add_argument("--languages", help="of the recipe's targets judge only these, parted by commas")
    parser.add_argument("--rows", type=Path, default=ROWS)
    add_places(parser)
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:20} {named.arm:13} {named.about}" for name, named in RECIPES.items()))
        return
    unknown = sorted(set(options.recipes) - set(RECIPES))
    if unknown or not options.recipes:
        parser.error(f"unknown recipes: {', '.join(unknown) or 'none named'}; --list shows what there is")
    harness = harness_of(options)
    languages = options.languages.split(",") if options.languages else harness.encoded.languages
    places = [f"{options.side}/{pool}" for pool in options.pools.split(",")]
    for name in options.recipes:
        named = RECIPES[name]
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            try:
                items = judged(harness, named, languages, seed, places)
            except SprachbundError as error:
                raise SystemExit(f"{name}: {error}") from None
            if seed > 1:  # nothing in BM25 depends on the seed
                items = items.filter(~pl.col("arm").str.starts_with("bm25"))
            rows = [{"recipe": name, **row} for row in rows_of(items)]
            more = {
                "data": options.data,
                "settings": differences(to_dict(change(BEST, **named.options, **named.judging)), to_dict(BEST)),
                **cost(items),
                "commit": commit(),
            }
            for language in dict.fromkeys(row["language"] for row in rows):
                own = [row for row in rows if (row["language"], row["pool"]) == (language, places[0].split("/")[1])]
                said = ", ".join(f"{row['arm']} {100 * row['mrr']:.1f}" for row in own)
                print(f"{name} seed {seed} {language}: {said}", flush=True)
            with options.rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row | more) + "\n" for row in rows)


if __name__ == "__main__":
    main()
