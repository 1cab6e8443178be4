"""How much text is enough: charts and tables of quality over training sentences, from the rows of `run.py`.

    python benchmarks/quality/curves.py

Reads benchmarks/results/quality.jsonl. Writes into docs/assets curve-{encoder,whole}.svg (languages cut to 1k to 30k
sentences), curve-large.svg (a large language cut to shares of it), curve-beside.svg (little text beside ever more
English); their numbers into benchmarks/results/quality-{large,beside}.md; and what `sprachbund corpus` tells of a
language's size into src/sprachbund/corpus/enough.json.
"""

import json
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
from recipes import LARGE, RECIPES
from run import read_rows
from text import ROOT

ASSETS, RESULTS = ROOT / "docs" / "assets", ROOT / "benchmarks" / "results"
ENOUGH = ROOT / "src" / "sprachbund" / "corpus" / "enough.json"
NOTHING, PAYS = 0.01, 0.02  # gains of the encoder beside BM25
KINDS = {"alone": "the language alone", "joint": "one model of all", "others-first": "the others first, then it"}
ARMS = {
    "encoder": "the encoder by itself",
    "hybrid": "BM25 and the encoder",
    "bm25-around": "BM25 with surroundings",
    "whole": "the whole",
}


def small(rows: pl.DataFrame, arm: str) -> pl.DataFrame:
    """sentences, kind, ratio to BM25, languages: of every recipe that cuts the languages to so many sentences."""
    found = []
    for name, recipe in RECIPES.items():
        kind = name.rpartition("-")[0]
        if recipe.sentences and kind in KINDS:
            chosen = rows.filter(pl.col("recipe") == name)
            base = _means(chosen.filter(pl.col("arm") == "bm25"), "bm25")
            both = _means(chosen.filter(pl.col("arm") == arm), "mrr").join(base, on="language")
            if both.height:
                found.append({"sentences": recipe.sentences, "kind": KINDS[kind], "languages": both.height,
                              "ratio": _ratio(both["mrr"], both["bm25"])})  # fmt: skip
    return pl.DataFrame(found)


def large(rows: pl.DataFrame) -> pl.DataFrame:
    """language, sentences, arm, mrr, ratio to BM25: of the shares of a large language."""
    rows = rows.filter(pl.col("data") == "wikipedia_large")
    found = []
    for row in rows.iter_rows(named=True):
        name, language = row["recipe"], row["language"]
        share = 1.0 if name == "alone" else RECIPES[name].share
        first = rows.filter((pl.col("language") == language) & (pl.col("arm") == "bm25"))["mrr"][0]
        if (name == "alone" or (share < 1 and not name.endswith("-slow"))) and row["arm"] in ARMS:
            found.append({"language": language, "sentences": round(share * LARGE[language]), "arm": row["arm"],
                          "mrr": row["mrr"], "ratio": row["mrr"] / first})  # fmt: skip
    return pl.DataFrame(found).sort("language", "sentences", "arm")


def beside(rows: pl.DataFrame) -> pl.DataFrame:
    """size, arm, english (sentences), ratio to the same arm alone: of little text beside a share of English."""
    rows = rows.filter(pl.col("data") == "beside-english")
    found = []
    for name in rows["recipe"].unique():
        kind, size, *rest = name.split("-")
        for arm in ("encoder", "whole"):
            if rest and kind == "beside":
                own = _means(rows.filter((pl.col("recipe") == name) & (pl.col("arm") == arm)), "mrr")
                alone = _means(rows.filter((pl.col("recipe") == f"alone-{size}") & (pl.col("arm") == arm)), "alone")
                both = own.join(alone, on="language")
                found.append({"size": size, "arm": arm, "english": round(int(rest[-1]) / 100 * LARGE["en"]),
                              "ratio": _ratio(both["mrr"], both["alone"])})  # fmt: skip
    return pl.DataFrame(found).sort("size", "arm", "english")


def enough(rows: pl.DataFrame) -> dict[str, object]:
    """What sizes bring, with where it comes from: for `sprachbund corpus`."""
    sources = [(name, "wikipedia") for name in RECIPES if RECIPES[name].sentences and name == _alone(name)]
    sources += [
        (name, "wikipedia_large") for name in RECIPES if name == "alone" or name.removeprefix("large-").isdigit()
    ]
    points = []
    for name, data in sources:
        own = rows.filter((pl.col("recipe") == name) & (pl.col("data") == data))
        side = "test" if "test" in own["side"] else "dev"
        own = own.filter(pl.col("side") == side)
        for languages in [[code] for code in own["language"].unique()] if data == "wikipedia_large" else [None]:
            if own.is_empty():
                continue
            chosen = own.filter(pl.col("language").is_in(languages)) if languages else own
            languages = sorted(chosen["language"].unique())
            base = _means(chosen.filter(pl.col("arm") == "bm25"), "bm25")
            ratios = {}
            for key, arm in (
                ("encoder", "encoder"),
                ("hybrid", "hybrid"),
                ("whole", "whole"),
                ("around", "bm25-around"),
            ):
                both = _means(chosen.filter(pl.col("arm") == arm), "mrr").join(base, on="language")
                ratios[f"ratio_{key}"] = round(_ratio(both["mrr"], both["bm25"]), 4)
            share = RECIPES[name].share
            points.append({
                "sentences": RECIPES[name].sentences or round(share * LARGE[languages[0]]),
                **ratios, "gain_of_encoder": round(ratios["ratio_whole"] / ratios["ratio_around"] - 1, 4),
                "recipe": name, "data": data, "side": side, "languages": languages,
                "seeds": chosen.filter(pl.col("arm") == "whole")["seed"].n_unique(),
            })  # fmt: skip
    points.sort(key=lambda point: point["sentences"])
    below = [point["sentences"] for point in points if point["ratio_hybrid"] >= 1 + NOTHING]
    above = [point["sentences"] for point in points if point["ratio_hybrid"] < 1 + PAYS]
    return {
        "about": "MRR over that of tuned BM25, on text that no model has seen, by training sentences of the language: "
        "geometric means over languages. gain_of_encoder: the whole over BM25 with the same surroundings.",
        "source": "benchmarks/quality/curves.py from benchmarks/results/quality.jsonl",
        "nothing_up_to": max(point["sentences"] for point in points if point["sentences"] < min(below)),
        "pays_from": min(point["sentences"] for point in points if point["sentences"] > max(above)),
        "rule": f"the encoder beside BM25 is less than {NOTHING:.0%} better at every size up to nothing_up_to, and at "
        f"least {PAYS:.0%} better at every size from pays_from",
        "points": points,
    }


def _alone(name: str) -> str:
    return f"alone-{name.split('-')[-1]}"


def _means(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("language").agg(pl.col("mrr").mean().alias(name))


def _ratio(own: pl.Series, base: pl.Series) -> float:
    return float(np.exp((own.log() - base.log()).mean()))


def large_table(frame: pl.DataFrame) -> str:
    """MRR by arm, a row a size."""
    heads = ("bm25", *ARMS)
    table = ["| | training sentences | " + " | ".join(heads) + " | whole over bm25 | over bm25-around |",
             "|---|--:|" + "--:|" * (len(heads) + 2)]  # fmt: skip
    for (language, size), own in frame.group_by("language", "sentences", maintain_order=True):
        mrr, ratio = (dict(own.select("arm", column).iter_rows()) for column in ("mrr", "ratio"))
        cells = [mrr["whole"] / ratio["whole"], *(mrr[arm] for arm in ARMS)]
        over = (ratio["whole"] - 1, ratio["whole"] / ratio["bm25-around"] - 1)
        table.append(f"| {language} | {size:,} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells)
                     + "".join(f" | {100 * gain:+.1f}%" for gain in over) + " |")  # fmt: skip
    return "\n".join(table) + "\n"


def beside_table(frame: pl.DataFrame) -> str:
    """The gain over the language alone, a column an amount of English."""
    amounts = sorted(set(frame["english"]))
    table = ["| sentences of the language, arm | " + " | ".join(f"{amount:,}" for amount in amounts) + " |",
             "|---|" + "--:|" * len(amounts)]  # fmt: skip
    for (size, arm), own in frame.group_by("size", "arm", maintain_order=True):
        ratio = dict(own.select("english", "ratio").iter_rows())
        cells = [f"{100 * (ratio[amount] - 1):+.1f}%" if amount in ratio else "" for amount in amounts]
        table.append(f"| {size}, {arm} | " + " | ".join(cells) + " |")
    return "\n".join(table) + "\n"


def lines(frame: pl.DataFrame, x: alt.X, y: str, color: str, title: str, path: Path, dash: str | None = None) -> None:
    """A line a kind over a logarithmic axis."""
    kinds = list(frame[color].unique(maintain_order=True))
    encoding = {"x": x, "y": alt.Y("ratio:Q", scale=alt.Scale(zero=False), title=y),
                "color": alt.Color(f"{color}:N", title=None, sort=kinds)}  # fmt: skip
    if dash:
        encoding["strokeDash"] = alt.StrokeDash(f"{dash}:N", title=None)
    chart = alt.Chart(frame).mark_line(point=True).encode(**encoding)
    chart.properties(title=title, width=440, height=240).save(str(path))
    print(path)


def sizes(frame: pl.DataFrame, column: str, title: str, kind: str = "log") -> alt.X:
    """A logarithmic axis with a tick at every size that was measured."""
    scale = alt.Scale(type="symlog", constant=3_000) if kind == "symlog" else alt.Scale(type="log", nice=False)
    return alt.X(f"{column}:Q", scale=scale, title=title,
                 axis=alt.Axis(values=sorted(set(frame[column])), format=".2~s"))  # fmt: skip


def main() -> None:
    """Draw the charts and write the tables."""
    rows = read_rows().filter(pl.col("pool") == "unseen")
    dev, test = (rows.filter(pl.col("side") == side) for side in ("dev", "test"))
    ASSETS.mkdir(exist_ok=True)
    over = "MRR over that of tuned BM25"
    plain = dev.filter(pl.col("data") == "wikipedia")
    for arm, title in (("encoder", "The encoder by itself"), ("whole", "The whole: BM25, surroundings, encoder")):
        frame = small(plain, arm)
        axis = sizes(frame, "sentences", "training sentences of the language")
        lines(frame, axis, over, "kind", title, ASSETS / f"curve-{arm}.svg")
    (RESULTS / "quality-large.md").write_text(large_table(large(test)), encoding="utf-8")
    frame = large(test).sort("ratio", descending=True).with_columns(pl.col("arm").replace(ARMS))
    axis = sizes(frame, "sentences", "training sentences of the language")
    dash = "language" if frame["language"].n_unique() > 1 else None
    lines(frame, axis, over, "arm", "English cut to 1, 3, 10, 30% and whole", ASSETS / "curve-large.svg", dash)
    (RESULTS / "quality-beside.md").write_text(beside_table(beside(dev)), encoding="utf-8")
    frame = beside(dev).with_columns(pl.concat_str(pl.col("size"), pl.lit(" sentences, "), "arm").alias("kind"))
    axis = sizes(frame, "english", "training sentences of English beside", "symlog")
    title = "Little text beside ever more English"
    lines(frame, axis, "MRR over that of the language alone", "kind", title, ASSETS / "curve-beside.svg")
    ENOUGH.write_text(json.dumps(enough(rows), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
