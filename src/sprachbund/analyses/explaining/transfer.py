"""The findings F1 and F3 of Arnold & Cohen 2021 in a finished study: how much text, and what pooling brings.

The pool of unseen candidates decides; the paper's own pool stands beside it, each with its null test.
"""

from collections.abc import Sequence

import polars as pl

from sprachbund.analyses.charts import intervals
from sprachbund.analyses.explaining.gains import PAPER, Gains
from sprachbund.analyses.explaining.summary import LEAST, Correlation, Improvement, correlation, improvement
from sprachbund.analyses.finding import Drawn, Finding, Replicated
from sprachbund.report.charts import examples_chart
from sprachbund.report.wording import examples_word, listed, percent, sentence, share, span
from sprachbund.statistics.comparison import LEAKS

__all__ = ["replicated_transfer", "sizes_finding", "transfer_finding"]


def sizes_finding(gains: Gains) -> Finding:
    """F1."""
    frames = gains.frames
    word, column = examples_word(frames.declaration), frames.declaration.examples
    table = frames.languages.select("task", "language", column).sort("task", column, descending=[False, True])
    counts = table[column].drop_nulls()
    most, least = (int(counts.max() or 0), int(counts.min() or 0)) if len(counts) else (0, 0)  # type: ignore[arg-type]
    spec = examples_chart(frames)
    many = table["language"].n_unique()
    return Finding(
        "F1",
        f"{sentence(word)} by language",
        f"{many} languages have from {least:,} to {most:,} {word}.",
        paper="35 languages, 720M NSP and 60M IC pairs in all",
        ours=f"{many} languages, {', '.join(_sums(gains))}",
        charts=(Drawn("F1", f"{sentence(word)} by language, logarithmic.", spec),) if spec else (),
        tables=((sentence(word), table),),
    )


def _sums(gains: Gains) -> list[str]:
    frames = gains.frames
    column = frames.declaration.examples
    return [
        f"{int(frames.languages.filter(task=task)[column].sum() or 0):,} {frames.title(task)}" for task in frames.tasks
    ]


def replicated_transfer(found: Sequence[Improvement], own_terms: bool = False) -> Replicated:
    """Whether a pool says what the paper's figure 3 says of its tasks.

    no: a language is worse beyond doubt (after Holm), or a mean gain's interval lies below zero. yes: every language
    gains, every mean's interval lies above zero, and IC gains more than NSP where both are there. in part: some mean's
    interval lies above zero, but not all of that. not shown: none does, fewer than six languages have enough queries,
    or the null test fails.

    Args:
        own_terms: the paper's, which has no null test.
    """
    decided = [each for each in found if each.decided]
    if not decided or (any(each.leaks for each in found) and not own_terms):
        return "not shown"
    if any(each.worse or each.high < 0 for each in decided):
        return "no"
    above = [each.low > 0 for each in decided]
    means = {each.task: each.mean for each in decided}
    ordered = "nsp" not in means or "ic" not in means or means["ic"] > means["nsp"]
    if len(decided) == len(found) and all(above) and ordered and all(e.positive == e.languages for e in decided):
        return "yes"
    return "in part" if any(above) else "not shown"


def transfer_finding(gains: Gains) -> Finding:
    """F3: pools side by side, with the null test of each."""
    frames = gains.frames
    said, words, ours = {}, [], []
    rows = []
    for pool in gains.pools:
        found = [each for task in frames.tasks if (each := improvement(gains, task, pool)) is not None]
        if not found:
            continue
        said[pool] = replicated_transfer(found, own_terms=pool == PAPER)
        related = correlation(gains, frames.tasks[0], frames.tasks[1], pool) if len(frames.tasks) == 2 else None
        words.append(_said_of_pool(gains, pool, found))
        ours.append(_ours(gains, pool, found, related))
        rows += [_improvement_row(gains, each, related) for each in found]
    tables = [("Means over languages", pl.DataFrame(rows))] if rows else []
    answer = said.get(frames.pool, "not shown")
    if not rows:
        words = [
            f"No language has {gains.arm} and {gains.against} both, with a score above zero: nothing can be compared."
        ]
    elif len(said) > 1:
        words.append(_in_a_word(said))
    return Finding(
        "F3",
        "What pooling brings each language",
        " ".join(words),
        paper="all 35 languages gain in recall@1; mean +31% (NSP), +96% (IC); Pearson r between tasks .77",
        ours="; ".join(ours),
        replicated=answer,
        charts=_transfer_charts(gains),
        tables=(*tables, ("By language", gains.table)),
    )


def _in_a_word(said: dict[str, Replicated]) -> str:
    """Both pools' answers in one sentence."""
    answers = {
        "yes": "comes back",
        "no": "does not come back",
        "in part": "comes back in part",
        "not shown": "is not shown",
    }
    pools = [
        f"{answers[said[pool]]} {'in its own terms' if pool == PAPER else 'among unseen candidates'}"
        for pool in sorted(said, key=lambda name: name != PAPER)
        if said[pool]
    ]
    return f"So the paper's headline {' and '.join(pools)}."


def _among(pool: str) -> str:
    return "the paper's own candidates, from the training text" if pool == PAPER else f"the {pool} candidates"


def _said_of_pool(gains: Gains, pool: str, found: Sequence[Improvement]) -> str:
    """``Among the unseen candidates ...: NSP +4.0%, 10 of 12 languages gain ...``, and the null test."""
    each = [
        f"{gains.frames.title(one.task)} {percent(one.mean)} on average"
        + _sure(one)
        + f", {one.positive} of {one.languages} languages gain"
        + (f", {one.worse} worse beyond doubt" if one.worse else "")
        + (f"; too few queries in {listed(one.few)}" if one.few and one.decided else "")
        for one in found
    ]
    tested, leaks = sum(one.tested for one in found), sum(one.leaks for one in found)
    null = ""
    if tested and leaks:
        failing = [one for one in found if one.leaks]
        null = (
            f" The null test fails there in {leaks} of {tested} cases: another query's answer is found first "
            f"in {_found(failing)}, where chance is {_chance(failing)}. What was in training is told from what was "
            f"not, so {'these are' if 2 * leaks >= tested else 'what those languages gain there is'} no gain in "
            "finding."
        )
    elif tested:
        null = f" The null test holds there: another query's answer is found first in {_found(found)}."
    return f"Among {_among(pool)}, in {gains.measure.title}: {'; '.join(each)}.{null}"


def _sure(one: Improvement) -> str:
    if one.decided:
        return f" (95% interval {span(one.low, one.high)})"
    return f" (an interval takes {LEAST} languages with enough queries)"


def _found(found: Sequence[Improvement]) -> str:
    return listed(list(dict.fromkeys(share(one.found) for one in found if one.found is not None)))


def _chance(found: Sequence[Improvement]) -> str:
    said = dict.fromkeys(share(one.chance, 2) for one in found if one.chance is not None)
    return listed(list(said) or ["unknown"])


def _ours(gains: Gains, pool: str, found: Sequence[Improvement], related: Correlation | None) -> str:
    each = [
        f"{gains.frames.title(one.task)} {percent(one.mean)}"
        + (f" [{span(one.low, one.high)}]" if one.decided else "")
        + f", {one.positive} of {one.languages} gain"
        for one in found
    ]
    if related:
        each.append(f"r {related.r:.2f} [{related.low:.2f} to {related.high:.2f}]")
    return f"{pool}: {', '.join(each)}"


def _improvement_row(gains: Gains, one: Improvement, related: Correlation | None) -> dict[str, object]:
    return {
        "pool": one.pool, "task": gains.frames.title(one.task), "languages": one.languages, "mean": one.mean,
        "low": one.low, "high": one.high, "absolute": one.absolute, "positive": one.positive, "better": one.better,
        "worse": one.worse, "too few queries": len(one.few), "null test fails": one.leaks, "null test": one.found,
        "chance": one.chance, "r between tasks": related.r if related else None,
    }  # fmt: skip


def _transfer_charts(gains: Gains) -> tuple[Drawn, ...]:
    """A figure a task; pools differ in shape and colour."""
    titles = {pool: "the paper's pool" if pool == PAPER else f"{pool} candidates" for pool in gains.pools}
    made = []
    for task in gains.frames.tasks:
        rows = [
            {"language": row["language"], "series": pool, "x": row["relative"], "low": row["low"],
             "high": row["high"], "note": "null test fails" if row["verdict"] == LEAKS else row["verdict"]}
            for pool in gains.pools
            for row in gains.rows(task, pool).iter_rows(named=True)
        ]  # fmt: skip
        if rows:
            title = gains.frames.title(task)
            spec = intervals(rows, titles, x=f"relative improvement in {gains.measure.title}")
            caption = (
                f"{title}: relative improvement of {gains.arm} over {gains.against} in {gains.measure.title}, the "
                "languages with most training text on top; bars are 95% intervals."
            )
            made.append(Drawn(f"F3-{task}", caption, spec))
    return tuple(made)
