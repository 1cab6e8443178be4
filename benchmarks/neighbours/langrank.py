"""Which language should help, on LangRank's tables of measured transfer: our rankers beside its published numbers.

    python benchmarks/neighbours/langrank.py [--tables mt pos] [--quick]

Tables: ``langrank/data`` in the folder of ``SPRACHBUND_DATA`` (or ../shared/data): translation, 54 targets with 53
candidates each (BLEU), and tagging, 26 targets with 59 or 60 (accuracy). Protocol of Lin et al. 2019: each target in
turn held out as target and as candidate, LambdaRank with 100 trees, NDCG@3 over gains 2^10 - 1 for the best candidate
to 2^1 - 1 for the tenth. Nothing is chosen on what is held out, except in the rows that say so: those stop the boosting
where the held-out target's own NDCG@3 is best, as LangRank's scripts do. The table goes to
benchmarks/results/neighbours-ranking.md.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sprachbund.neighbours.ranking.measured import Feature, Measured, joined, measured_from
from sprachbund.neighbours.ranking.protocol import SHORTLISTS, Judged, better_by, judge, of_task
from sprachbund.neighbours.ranking.rankers import Ranker, always, blend, chance, fusion, single, usual
from sprachbund.neighbours.ranking.scoring import ndcg, relevance
from sprachbund.neighbours.ranking.trained import chosen, lambdarank, linear

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data")) / "langrank" / "data"
RESULT = ROOT / "benchmarks" / "results" / "neighbours-ranking.md"
URIEL = ("GENETIC", "SYNTACTIC", "FEATURAL", "PHONOLOGICAL", "INVENTORY", "GEOGRAPHIC")
FEATURES = (
    Feature("Overlap word-level", "higher", fused=True),
    Feature("Overlap subword-level", "higher", fused=True),
    Feature("Transfer lang dataset size", "higher"),
    Feature("Target lang dataset size"),
    Feature("Transfer over target size ratio", "higher"),
    Feature("Transfer lang TTR"),
    Feature("Target lang TTR"),
    Feature("Transfer target TTR distance", "lower", fused=True),
    *(Feature(name, "lower") for name in URIEL),
)
TABLES = {
    "mt": ("data_tsfmt.csv", "Source lang", "Transfer lang", "BLEU"),
    "pos": ("data_tsfpos.csv", "Task lang", "Aux lang", "Accuracy"),
}
TITLES = {"mt": "translation", "pos": "tagging"}
SINGLES = (
    "Overlap word-level",
    "Overlap subword-level",
    "Transfer target TTR distance",
    *URIEL,
)
PUBLISHED = {
    "mt": {"word overlap": 28.6, "genetic distance": 24.2, "all features": 51.1, "data features": 53.7, "URIEL": 32.6},
    "pos": {"word overlap": 13.4, "genetic distance": 14.8, "all features": 28.9, "data features": 26.5, "URIEL": 16.6},
}
"""NDCG@3 x 100, Lin et al. 2019, table 2."""


def read(name: str) -> Measured:
    """One of the tables, with the features that it has."""
    file, target, candidate, gain = TABLES[name]
    frame = pl.read_csv(DATA / file)
    there = {column.strip() for column in frame.columns}
    features = [feature for feature in FEATURES if feature.name in there]
    return measured_from(frame, features, target=target, candidate=candidate, gain=gain, task=name)


def features_of(table: Measured, names: Sequence[str]) -> Measured:
    """The table with some of its features."""
    places = [place for place, feature in enumerate(table.features) if feature.name in names]
    kept = tuple(table.features[place] for place in places)
    return Measured(
        table.tasks, table.targets, table.candidates, table.gains, kept, table.values[:, places], table.left_out
    )


def untrained(table: Measured) -> list[Ranker]:
    """What needs no measured transfer."""
    there = {feature.name for feature in table.features}
    return [
        chance(),
        single("Transfer lang dataset size", "largest data"),
        always("always English", ("eng", "en")),
        *(single(name) for name in SINGLES if name in there),
        fusion("fusion of measures of text"),
        of_all(),
    ]


def of_all() -> Ranker:
    """The same over every feature that has a direction, handbooks too."""

    def score(table: Measured) -> np.ndarray:
        kept = tuple(replace(feature, fused=feature.direction != "") for feature in table.features)
        return fusion().fit(table)(replace(table, features=kept))

    return Ranker("fusion of all measures", lambda _: score, trained=False)


def trained(one_task: bool) -> list[Ranker]:
    """Rankers with their settings chosen inside the training; across tasks none sees values, whose scales differ."""
    lines = [linear(penalty) for penalty in (0.1, 0.01, 1.0)]
    return [
        usual(),
        chosen("linear", lines),
        lambdarank(16, one_task),
        blend("fusion, usual helper, linear, LambdaRank", fusion(), usual(), linear(), lambdarank(16, one_task)),
    ]


def stopped_on_test(table: Measured, patience: int = 40) -> Judged:
    """LangRank's own protocol: boosting ends where the NDCG@3 of the held-out target itself is best."""
    import lightgbm

    found, names = [], sorted(set(table.targets.tolist()))
    for name in names:
        train = table.rows((table.targets != name) & (table.candidates != name))
        test = table.rows(table.targets == name)
        lists = train.lists()
        wanted = np.zeros(len(train))
        for rows in lists:
            wanted[rows] = relevance(train.gains[rows])
        order = np.concatenate(lists)
        data = lightgbm.Dataset(train.values[order], wanted[order], group=[len(rows) for rows in lists])
        options = {"objective": "lambdarank", "num_leaves": 16, "learning_rate": 0.1, "min_data_in_leaf": 5}
        quiet = {"num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}
        model = lightgbm.train({**options, **quiet}, data, num_boost_round=100)
        best, since = -1.0, 0
        for trees in range(1, 101):
            value = ndcg(np.asarray(model.predict(test.values, num_iteration=trees)), relevance(test.gains))
            best, since = (value, 0) if value > best else (best, since + 1)
            if since >= patience:
                break
        found.append(best)
    nothing = np.full(len(names), np.nan)
    covered = np.full((len(names), len(SHORTLISTS)), np.nan)
    return Judged("", np.array([""] * len(names)), np.array(names), np.array(found), nothing, nothing, covered)


def shown(values: tuple[float, float, float], scale: float = 100) -> str:
    """A mean with its interval."""
    mean, low, high = (scale * each for each in values)
    return "-" if np.isnan(mean) else f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def rows_of(judged: Sequence[Judged], best: Judged | None, unit: float) -> list[str]:
    """A line of the table each."""
    lines = []
    for each in judged:
        covered = " / ".join("-" if np.isnan(v) else f"{100 * v:.0f}" for v in each.covered.mean(axis=0))
        more = shown(better_by(each, best)) if best is not None and each is not best else ""
        lines.append(
            f"| {each.ranker} | {shown(each.mean('ndcg'))} | {more} | {shown(each.mean('loss'), unit)} | "
            f"{shown(each.mean('share'))} | {covered} |"
        )
    return lines


HEAD = [
    "| ranker | NDCG@3 x 100 | over the best single measure | lost by its first choice | of what choosing brings, % | "
    "best in the first 1 / 3 / 5 / 10, % |",
    "|---|---|---|---|---|---|",
]


def one_table(name: str, quick: bool) -> list[str]:
    """A table of rankers with each language held out."""
    table = read(name)
    plain = judge(table, untrained(table))
    best = max((each for each in plain if each.ranker in SINGLES), key=lambda each: each.mean("ndcg")[0])
    learnt = judge(table, trained(True)[: 2 if quick else None])
    lines = [f"## {TITLES[name].capitalize()} ({TABLES[name][3]}), each language held out", ""]
    lines += [f"Left out: {note}." for note in table.left_out] + ([""] if table.left_out else [])
    lines += [*HEAD, *rows_of([*plain, *learnt], best, 100), ""]
    lines += ["| LangRank's features | published | as published, stopped on the held-out target | not stopped so |"]
    lines += ["|---|---|---|---|"]
    data = [feature.name for feature in table.features if feature.name not in URIEL]
    for title, names in (("all features", [*data, *URIEL]), ("data features", data), ("URIEL", list(URIEL))):
        part = features_of(table, names)
        whole = title == "all features" and not quick
        honest = learnt[2] if whole else judge(part, [lambdarank(16, True)])[0]
        lines.append(
            f"| {title} | {PUBLISHED[name][title]} | {shown(stopped_on_test(part).mean('ndcg'))} | "
            f"{shown(honest.mean('ndcg'))} |"
        )
    single_ones = {each.ranker: each for each in plain}
    for title, own in (("word overlap", "Overlap word-level"), ("genetic distance", "GENETIC")):
        lines.append(f"| {title} alone | {PUBLISHED[name][title]} | | {shown(single_ones[own].mean('ndcg'))} |")
    return [*lines, ""]


def across_tasks() -> list[str]:
    """Each task held out whole."""
    table = joined([read(name) for name in TABLES])
    lines = ["## Each task held out, trained on the other", ""]
    for name in TABLES:
        test = table.rows(table.tasks == name)
        plain = judge(
            test, [fusion("fusion of measures of text"), of_all(), single("Overlap word-level"), single("GENETIC")]
        )
        learnt = [of_task(each, name) for each in judge(table, trained(False), hold="task")]
        best = max(plain[2:], key=lambda each: each.mean("ndcg")[0])
        lines += [f"{TITLES[name].capitalize()} held out:", "", *HEAD, *rows_of([*plain, *learnt], best, 100), ""]
    return lines


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--quick", action="store_true", help="a part of the rankers, to standard output")
    asked = parser.parse_args()
    lines = [line for name in asked.tables for line in one_table(name, asked.quick)]
    if asked.quick:
        print("\n".join(lines))
        return
    lines += across_tasks()
    RESULT.write_text("\n".join(["# Which language should help: rankers beside LangRank", "", *ABOUT, *lines]), "utf-8")


ABOUT = [
    "`python benchmarks/neighbours/langrank.py` writes this; what is what stands at its top. 95% intervals draw the",
    "targets again. *Lost*: what the first choice brings less than the best would have, in points of BLEU or accuracy;",
    "*of what choosing brings*: the same over best less mean, so that choosing blindly is 100.",
    "",
]

if __name__ == "__main__":
    main()
