"""What analyses of mixtures found, in words, figures and tables: F4, the temperature sweep, the optimised mixture."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sprachbund.analyses.finding import Drawn, Finding, Replicated
from sprachbund.analyses.mixtures.curves import gains_chart, mixture_chart, share_chart, temperature_chart
from sprachbund.analyses.mixtures.optimising import MixtureSettings, Proposal, confirm, propose
from sprachbund.analyses.mixtures.runs import Bench
from sprachbund.analyses.mixtures.shares import NATIVE, Curve, share_curve, temperature_curve
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.wording import listed, percent, span
from sprachbund.statistics.comparison import BETTER, LEAKS, TOO_FEW, WORSE

__all__ = ["mixture_finding", "share_finding", "temperature_finding"]

PAPER_F4 = "native share 2% (uk); best at 10-20%; +17% relative over native"
RANKS = 0.5
"""Spearman's correlation on held-out runs below which a proposal is called a guess."""
_UNSURE = {TOO_FEW: "too few items for a claim", LEAKS: "the null test of this pool failed"}


def share_finding(bench: Bench, target: str, settings: MixtureSettings | None = None, name: str = "F4") -> Finding:
    """F4 for a target: its score against its share of what is read, the total fixed."""
    curve = share_curve(bench, target, (settings or MixtureSettings()).shares)
    table = curve.table(bench)
    deciding = table.filter(pl.col("pool") == bench.pool)
    rows = {row["mixture"]: row for row in deciding.iter_rows(named=True)}
    best, native = rows[curve.best], rows[NATIVE]
    replicated: Replicated = "no"
    if curve.best == NATIVE:
        found = (
            f"On dev no other share of {target} is better than its native one, {_share(native['at'])}: nothing to gain."
        )
        ours = f"native {_share(native['at'])} is best on dev"
    else:
        where = "above" if best["at"] > native["at"] else "below"
        found = (
            f"On dev {target} is best with {_share(best['at'])} of what is read, {where} its native "
            f"{_share(native['at'])} (read {best['passes']:.1f} times in a pass over all). On test that brings "
            f"{_brings(best)} against the native share."
        )
        ours = f"native {_share(native['at'])}; best on dev at {_share(best['at'])}; {_brings(best)}"
        edge = curve.best == curve.names[-1]
        if edge and where == "above":
            found += " That is the largest share that was tried: where the curve falls again is not shown."
        replicated = _replicated(best, where == "above", edge)
    shown = _sentence(bench, found)
    figure = Drawn(
        f"{name}-shares",
        f"{bench.measure.title} of {target} on test against its share of what is read, all else in proportion, the "
        "total fixed; the diamond is the native share, bars are 95% intervals of the difference from it.",
        share_chart(deciding, target, bench.measure),
    )
    title = f"More than the native share of {target}"
    tables = (("Score by share", table), ("Comparisons, all measures", curve.judged.comparisons))
    return Finding(name, title, shown, PAPER_F4, ours, replicated, (figure,), tables)


def _replicated(best: Mapping[str, Any], above: bool, edge: bool) -> Replicated:
    """Whether more than the native share is better; in part where no share was so large that it is worse again."""
    if not above or best["verdict"] == WORSE:
        return "no"
    if best["verdict"] != BETTER:
        return "not shown"
    return "in part" if edge else "yes"


def temperature_finding(bench: Bench, settings: MixtureSettings | None = None, name: str = "temperature") -> Finding:
    """All languages against the temperature of the mixture."""
    curve = temperature_curve(bench, (settings or MixtureSettings()).temperatures)
    table = curve.table(bench)
    deciding = table.filter(pl.col("pool") == bench.pool)
    rows = {row["mixture"]: row for row in deciding.iter_rows(named=True)}
    best = rows[curve.best]
    if curve.best == NATIVE:
        found = "On dev no temperature is better than 1, the natural mixture."
        ours = "temperature 1 is best on dev"
    else:
        called = "the uniform mixture" if math.isinf(best["at"]) else f"temperature {best['at']:g}"
        found = f"On dev {called} is best over all languages. On test that brings {_brings(best)} against natural."
        found += _uncounted(bench, curve.judged.comparisons.filter(pl.col("arm") == curve.best))
        ours = f"{called}: {_brings(best)}"
    figure = Drawn(
        f"{name}-curve",
        f"{bench.measure.title} on test, geometric mean over languages, against the temperature of the mixture; the "
        "diamond is the natural one, bars are 95% intervals of the difference from it.",
        temperature_chart(deciding, bench.measure),
    )
    tables = (("Score by temperature", table), ("Score by language", _by_language(bench, curve)))
    return Finding(name, "How even a mixture should be", _sentence(bench, found), "", ours, "", (figure,), tables)


def _by_language(bench: Bench, curve: Curve) -> pl.DataFrame:
    results = _deciding(bench, curve.judged.results)
    return (
        results.group_by("arm", "language", maintain_order=True)
        .agg(pl.col("value").mean().alias("score"), pl.col("seed").n_unique().alias("seeds"))
        .rename({"arm": "mixture"})
    )


def mixture_finding(bench: Bench, settings: MixtureSettings | None = None, name: str = "mixture") -> Finding:
    """One mixture for all languages: proposed by small runs, confirmed on test."""
    settings = settings or MixtureSettings()
    proposal = propose(bench, settings)
    confirmed = confirm(bench, proposal.mixture, settings)
    compared = _deciding(bench, confirmed.judged.comparisons)
    everyone = {row["against"]: row for row in compared.filter(pl.col("language") == EVERYONE).iter_rows(named=True)}
    table = confirmed.table(bench)
    order = [bench.languages[place] for place in np.argsort(-bench.sizes, kind="stable")]
    ours = "; ".join(f"against {other} {_brings(row)}" for other, row in everyone.items())
    figures = [
        Drawn(f"{name}-shares", "The share of what is read that each language has in each mixture.",
              mixture_chart(table, order)),
    ]  # fmt: skip
    if spec := gains_chart(compared, order, bench.measure):
        caption = "What the optimised mixture brings on test over each that needs no search, with 95% intervals."
        figures.append(Drawn(f"{name}-gains", caption, spec))
    tables = (
        ("Mixtures", table),
        ("Comparisons on test", compared),
        ("Small runs on dev", _small_runs(bench, proposal)),
        ("How the regression ranks runs held out", _ranks(bench, proposal)),
    )
    sentence = _sentence(bench, f"{_proposed(bench, proposal)} {_confirmed(everyone)}{_uncounted(bench, compared)}")
    return Finding(name, "One mixture for all languages", sentence, "", ours, "", tuple(figures), tables)


def _proposed(bench: Bench, proposal: Proposal) -> str:
    shares = ", ".join(
        f"{code} {_share(float(share))}"
        for share, code in sorted(zip(proposal.mixture, bench.languages, strict=True), reverse=True)
    )
    known = proposal.correlation[np.isfinite(proposal.correlation)]
    ranks = f"{known.mean():.2f}" if len(known) else "0"
    weak = not len(known) or known.mean() < RANKS
    guess = " Runs are not told apart that well: take it for a guess, and ask for more runs." if weak else ""
    left = f", {proposal.diverged} more diverged" if proposal.diverged else ""
    return (
        f"{len(proposal.mixtures)} small runs{left}, and a regression that ranks runs held out with a mean Spearman of "
        f"{ranks}, propose {shares}.{guess}"
    )


def _confirmed(everyone: Mapping[str, Mapping[str, Any]]) -> str:
    brought = listed([f"{_brings(row)} against {other}" for other, row in everyone.items()])
    said = f"On test, over all languages, that is {brought}."
    better = [other for other, row in everyone.items() if row["verdict"] == BETTER]
    worse = [other for other, row in everyone.items() if row["verdict"] == WORSE]
    open_ = [other for other in everyone if other not in (*better, *worse)]
    if worse:
        said += f" It is worse than {listed(worse)}: take that instead."
    if open_:
        said += (
            f" Against {listed(open_)} no difference is shown: {'its' if len(open_) == 1 else 'their'} interval covers "
            "zero or there is too little text, and a search is then not worth its runs. No method of mixing is sure to "
            "beat even sampling (Aioli)."
        )
    return said


def _uncounted(bench: Bench, comparisons: pl.DataFrame) -> str:
    """Says which languages have too little text to count in the verdict over all; the others decide alone."""
    compared = _deciding(bench, comparisons)
    if compared.filter((pl.col("language") == EVERYONE) & (pl.col("verdict") == TOO_FEW)).height:
        return ""
    left = compared.filter((pl.col("language") != EVERYONE) & (pl.col("verdict") == TOO_FEW))
    names = left["language"].unique(maintain_order=True).to_list()
    return f" {listed(names)} {'has' if len(names) == 1 else 'have'} too little text to count in this." if names else ""


def _small_runs(bench: Bench, proposal: Proposal) -> pl.DataFrame:
    values = {f"share {code}": proposal.mixtures[:, place] for place, code in enumerate(bench.languages)}
    values |= {f"{bench.measure.title} {code}": proposal.scores[:, n] for n, code in enumerate(bench.plan.judged)}
    return pl.DataFrame(values)


def _ranks(bench: Bench, proposal: Proposal) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "language": list(bench.plan.judged),
            "spearman": [float(each) if math.isfinite(each) else None for each in proposal.correlation],
            "penalty": proposal.proxy.penalties,
        },
        schema_overrides={"spearman": pl.Float64},
    )


def _deciding(bench: Bench, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the measure and pool that decide."""
    k = bench.measure.k
    same = pl.col("k").is_null() if k is None else pl.col("k") == k
    return frame.filter((pl.col("pool") == bench.pool) & (pl.col("measure") == bench.measure.name) & same)


def _brings(row: Mapping[str, Any]) -> str:
    """``+4.1% (95% interval +1.0% to +7.3%)``, with the reason where nothing can be claimed."""
    if row["relative"] is None or not math.isfinite(row["relative"]):
        return "nothing that can be said"
    why = f", {_UNSURE[row['verdict']]}" if row["verdict"] in _UNSURE else ""
    return f"{percent(row['relative'])} (95% interval {span(row['low'], row['high'])}{why})"


def _share(share: float) -> str:
    return f"{100 * share:.{1 if share < 0.1 else 0}f}%"


def _sentence(bench: Bench, found: str) -> str:
    """With its measure, task and seeds, so that it can stand alone."""
    task = next((task.title for task in bench.kind.declaration.tasks if task.name == bench.task), bench.task)
    seeds = f"{bench.plan.seeds} seed{'s' if bench.plan.seeds > 1 else ''}"
    return f"{found} ({task}, {bench.measure.title}, {seeds}.)"
