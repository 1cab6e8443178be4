"""Which measure orders languages as they really helped: our own studies of retrieval as the truth.

    python benchmarks/neighbours/bible_studies.py --out STUDIES      # some ten minutes of one core a target
    python benchmarks/neighbours/own_studies.py STUDIES/pt STUDIES/cs STUDIES/sv STUDIES/uk

Asks every measure of every pair that the studies measured, from the folder of ``SPRACHBUND_DATA`` (or ../shared/data),
and holds each to the measured gains: Spearman's rank correlation in each target's list, NDCG@3, what its first choice
lost, with 95% intervals over targets drawn again; and rankers with each target held out. Nothing is tuned. The table
goes to benchmarks/results/neighbours-own-studies.md.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sprachbund.neighbours.advice import advise, order_by
from sprachbund.neighbours.asking import ask
from sprachbund.neighbours.ranking.measured import Measured, places
from sprachbund.neighbours.ranking.protocol import Judged, judge, scores_of
from sprachbund.neighbours.ranking.rankers import Ranker, always, chance, fusion, single, usual
from sprachbund.neighbours.ranking.trained import lambdarank, linear
from sprachbund.neighbours.sources import open_sources
from sprachbund.neighbours.truth import Gain, read_gains, table_of
from sprachbund.statistics import bootstrap_means, interval

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SPRACHBUND_DATA", ROOT / ".." / "shared" / "data"))
RESULT = ROOT / "benchmarks" / "results" / "neighbours-own-studies.md"


def spearman(table: Measured, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spearman's rho of scores and gains, a number a list, and how much of each list the scores know."""
    found, known = [], []
    for rows in table.lists():
        there = ~np.isnan(scores[rows])
        known.append(there.mean())
        one, other = scores[rows][there], table.gains[rows][there]
        defined = len(one) > 2 and np.ptp(one) > 0 and np.ptp(other) > 0
        found.append(np.corrcoef(places(one), places(other))[0, 1] if defined else np.nan)
    return np.array(found), np.array(known)


def shown(values: np.ndarray, scale: float = 1.0, digits: int = 2) -> str:
    """The mean over lists with its interval."""
    values = values[~np.isnan(values)] * scale
    if not len(values):
        return "-"
    low, high = interval(bootstrap_means(values[:, None], np.arange(len(values)))[:, 0])
    ends = "" if np.isnan(low) else f" [{low:.{digits}f}, {high:.{digits}f}]"
    return f"{values.mean():.{digits}f}{ends}"


def row(table: Measured, ranker: Ranker, judged: Judged) -> tuple[float, str]:
    """The line of a ranker, and what it is sorted by."""
    rho, known = spearman(table, scores_of(table, ranker))
    mean = float(np.nanmean(rho)) if (~np.isnan(rho)).any() else -2.0
    return mean, (
        f"| {ranker.name} | {shown(rho)} | {shown(judged.ndcg, 100, 0)} | {shown(judged.loss, 100, 1)} | "
        f"{shown(judged.share, 100, 0)} | {100 * judged.covered.mean(axis=0)[1]:.0f} | {100 * known.mean():.0f} |"
    )


def gains_table(gains: Sequence[Gain]) -> list[str]:
    """What was measured: a line a target, the best first."""
    lines = ["| target | gains in %, the most helpful first | surely better |", "|---|---|---|"]
    for target in dict.fromkeys(gain.target for gain in gains):
        mine = sorted((gain for gain in gains if gain.target == target), key=lambda gain: -gain.gain)
        listed = ", ".join(f"{gain.candidate} {100 * gain.gain:+.1f}" for gain in mine)
        sure = ", ".join(gain.candidate for gain in mine if gain.verdict == "better") or "none"
        lines.append(f"| {target} | {listed} | {sure} |")
    return lines


def main() -> None:
    """Read, ask, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="+", type=Path)
    parser.add_argument("--view", default="")
    asked = parser.parse_args()
    gains = [gain for study in asked.studies for gain in read_gains(study, asked.view)]
    with tempfile.TemporaryDirectory() as features:
        sources = open_sources(DATA, features)
        found = {
            target: ask(sources, target, [gain.candidate for gain in gains if gain.target == target])
            for target in dict.fromkeys(gain.target for gain in gains)
        }
    table = table_of(gains, found)
    measures = [single(feature.name) for feature in table.features]
    plain = [chance(), always("always English", ("en",)), fusion()]
    learnt = [usual(), linear(), lambdarank(4, raw=False)] if len(found) > 1 else []
    judged = {each.ranker: each for each in judge(table, [*plain, *learnt, *measures])}
    rows = [row(table, each, judged[each.name]) for each in [*plain, *learnt]]
    singles = sorted((row(table, each, judged[each.name]) for each in measures), key=lambda each: -each[0])
    head = [
        "| by | Spearman's rho | NDCG@3 x 100 | lost by its first choice, points | of what choosing brings, % | "
        "best in the first 3, % | candidates known, % |",
        "|---|---|---|---|---|---|---|",
    ]
    order = order_by(table)
    says = [line for each in found.values() for line in ["", *advise(each, gains, order).lines]]
    text = [
        "# Our own studies as the truth",
        "",
        "`python benchmarks/neighbours/own_studies.py` writes this from the studies of `bible_studies.py`; what",
        "either does stands at its top. Gains: `continued:xx` over `alone` in MRR, inverse cloze, 300 chapters of the",
        "target and 400 other ones of each helper, dim 128, untuned, two seeds.",
        "",
        *gains_table(gains),
        "",
        *head,
        *(line for _, line in rows),
        *(line for _, line in singles),
        "",
        "What `advise` makes of it:",
        "",
        *(f"    {line}" if line else "" for line in says),
        "",
    ]
    RESULT.write_text("\n".join(text), "utf-8")


if __name__ == "__main__":
    main()
