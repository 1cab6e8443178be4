"""How much text is enough: charts of quality over training sentences, from the rows of `run.py`.

    python benchmarks/quality/curves.py

Reads benchmarks/results/quality.jsonl (the recipes alone, joint and others-first at 1k to 30k sentences, and all),
writes docs/assets/curve-{encoder,whole}.svg: MRR over that of tuned BM25, the geometric mean over languages.
"""

import json
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
from recipes import RECIPES
from run import ROOT, ROWS

ASSETS = ROOT / "docs" / "assets"
KINDS = {"alone": "the language alone", "joint": "one model of all", "others-first": "the others first, then it"}


def points(rows: pl.DataFrame, arm: str) -> pl.DataFrame:
    """sentences, kind, ratio: of every recipe with a size."""
    base = rows.filter(pl.col("arm") == "bm25").group_by("language").agg(pl.col("mrr").mean().alias("bm25"))
    found = []
    for name, recipe in RECIPES.items():
        kind = name.rpartition("-")[0]
        if not recipe.sentences or kind not in KINDS:
            continue
        own = rows.filter((pl.col("recipe") == name) & (pl.col("arm") == arm)).group_by("language")
        both = own.agg(pl.col("mrr").mean()).join(base, on="language")
        if both.height:
            ratio = float(np.exp((both["mrr"].log() - both["bm25"].log()).mean()))
            found.append({"sentences": recipe.sentences, "kind": KINDS[kind], "ratio": ratio})
    return pl.DataFrame(found)


def draw(frame: pl.DataFrame, title: str, path: Path) -> None:
    """A line a kind over a logarithmic axis."""
    axis = alt.X("sentences:Q", scale=alt.Scale(type="log"), title="training sentences of the language",
                 axis=alt.Axis(values=sorted(set(frame["sentences"])), format="~s"))  # fmt: skip
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=axis,
            y=alt.Y("ratio:Q", scale=alt.Scale(zero=False), title="MRR over that of tuned BM25"),
            color=alt.Color("kind:N", title=None),
        )
    )
    chart.properties(title=title, width=440, height=240).save(str(path))
    print(path)


def main() -> None:
    """Draw both charts."""
    lines = ROWS.read_text(encoding="utf-8").splitlines()
    rows = pl.DataFrame([json.loads(line) for line in lines], infer_schema_length=None)
    rows = rows.filter((pl.col("pool") == "unseen") & (pl.col("side") == "dev"))
    ASSETS.mkdir(exist_ok=True)
    for arm, title in (("encoder", "The encoder by itself"), ("whole", "The whole: BM25, surroundings, encoder")):
        draw(points(rows, arm), title, ASSETS / f"curve-{arm}.svg")


if __name__ == "__main__":
    main()
