"""The parts of the page to judge the answer by: null test, pools, corpus, settings, how to read it."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sprachbund.report.frames import ALL, StudyFrames
from sprachbund.report.markup import Markup, cell, details, element, join, table
from sprachbund.report.pools import arm_names, candidates_by_pool, null_rows, pool_names, pool_table
from sprachbund.report.rows import values_by_language
from sprachbund.report.sections import language_cell, measure_name
from sprachbund.report.wording import (
    MISSING,
    POOLS,
    count,
    fraction,
    in_order,
    odds,
    plain,
    share,
    task_name,
)
from sprachbund.statistics.comparison import NULL_TOLERANCE

MEASURES = (("mrr", None), ("recall", 1))


def null_section(frames: StudyFrames, task: str) -> Markup | None:
    """The null test: a row an arm, a column a pool, then a row for each leak."""
    rows = null_rows(frames, task)
    if not rows:
        return None
    pools = in_order((row["pool"] for row in rows), POOLS)
    body = []
    for arm in arm_names(frames, task):
        line: list[Any] = [arm]
        for pool in pools:
            found = [row for row in rows if (row["arm"], row["pool"]) == (arm, pool) and row["value"] is not None]
            if not found:
                line.append(cell(MISSING, class_="missing"))
                continue
            worst = max(found, key=lambda row: row["value"] - (row["chance"] or 0))
            leaking = sum(row["leaks"] for row in found)
            line.append(
                cell(
                    element("b", f"✕ {leaking} of {len(found)} leak") if leaking else "no leak",
                    element(
                        "small",
                        f"highest {share(worst['value'], 2)} ({worst['language']})",
                    ),
                    element("small", f"chance {odds(worst['chance'])}"),
                    class_="leaking" if leaking else None,
                )
            )
        if len(line) > 1:
            body.append(line)
    matrix = table(
        f"{task_name(task)}: recall@1 of a planted truth that belongs to another query, by arm and pool",
        [["arm", *pools]],
        body,
    )
    leaks = [row for row in rows if row["leaks"]]
    if not leaks:
        return join(matrix, element("p", f"{task_name(task)}: no pool leaks."))
    listed = table(
        f"{task_name(task)}: where the null test failed",
        [["language", "arm", "pool", "recall@1 in the null test", "chance"]],
        (
            [
                language_cell(row["language"]),
                row["arm"],
                row["pool"],
                f"{share(row['value'])} ({share(row['low'])} to {share(row['high'])})",
                odds(row["chance"]),
            ]
            for row in leaks
        ),
    )
    pools_hit = ", ".join(in_order((row["pool"] for row in leaks), POOLS))
    return join(
        matrix,
        element(
            "p",
            f"{task_name(task)}: the null test failed in {pools_hit}. "
            "There a model ranks candidates by whether it saw them in training, not by whether they fit, so "
            "values from such a pool say nothing about search and get no verdict.",
        ),
        details(f"The {len(leaks)} cells that leak", listed),
    )


def null_explanation() -> Markup:
    """What the null test is."""
    return element(
        "p",
        "For the null test every query is given the truth of another query. In an honest pool that stranger "
        "comes first about once in as many queries as there are candidates (chance). A cell leaks where the "
        f"lower end of the interval is more than {100 * NULL_TOLERANCE:g} points of a hundred above chance.",
    )


def pools_section(frames: StudyFrames, task: str) -> Markup:
    """Every arm in every pool: means over languages, then every language."""
    pools = pool_names(frames, task)
    sizes = candidates_by_pool(frames, task)
    heads: list[Any] = ["arm"]
    for pool in pools:
        heads.append(join(pool, element("small", _candidates(sizes.get(pool)))))
    means = []
    for measure, k in MEASURES:
        cells = pool_table(frames, task, measure, k)
        if not any(cells.values()):
            continue
        rows = [
            [
                arm,
                *(cell(fraction(found[pool]["mean"]) if pool in found else MISSING, class_="number") for pool in pools),
            ]
            for arm, found in cells.items()
        ]
        name = measure_name(measure, k)
        means.append(table(f"{task_name(task)}: {name}, mean over languages", [heads], rows, class_="numbers"))
    return join(
        element("div", means, class_="side"),
        details(f"{task_name(task)}: every language", _pools_by_language(frames, task, pools)),
    )


def _candidates(sizes: tuple[float, float] | None) -> str:
    if sizes is None:
        return ""
    fewest, most = sizes
    return f"{count(fewest)} candidates" if fewest == most else f"{count(fewest)} to {count(most)} candidates"


def _pools_by_language(frames: StudyFrames, task: str, pools: list[str]) -> Markup:
    values = {
        (pool, measure): values_by_language(frames, task, pool, measure, k) for pool in pools for measure, k in MEASURES
    }
    languages = sorted({name for found in values.values() for name in found} - {ALL})
    rows = []
    for language in languages:
        for arm in arm_names(frames, task):
            pairs = [[values[pool, measure].get(language, {}).get(arm) for measure, _ in MEASURES] for pool in pools]
            if any(value is not None for pair in pairs for value in pair):
                rows.append(
                    [
                        language,
                        arm,
                        *(cell(" / ".join(fraction(value) for value in pair), class_="number") for pair in pairs),
                    ]
                )
    return table(f"{task_name(task)}: MRR / recall@1", [["language", "arm", *pools]], rows, class_="numbers two")


CORPUS_COLUMNS = {
    "documents": "documents",
    "sentences": "sentences",
    "train_pairs": "training pairs",
    "dev_queries": "queries, dev",
    "test_queries": "queries, test",
    "test_documents": "documents, test",
    "left_out_sentences": "template sentences left out",
    "left_out_documents": "template documents left out",
    "duplicate_sentences": "duplicate sentences",
    "leaked_sentences": "sentences on two sides",
    "coverage_types": "vocabulary covers, types",
    "coverage_tokens": "vocabulary covers, tokens",
}


def corpus_section(frames: StudyFrames) -> Markup:
    """What the corpus holds of every language, and what was left out of it and why."""
    tables = []
    for task in frames.tasks:
        chosen = frames.languages.filter((pl.col("task") == task) | pl.col("task").is_null())
        names = [name for name in CORPUS_COLUMNS if chosen[name].is_not_null().any()]
        if not names:
            continue
        shown = chosen.sort("train_pairs", descending=True, nulls_last=True)
        rows = [
            [
                language_cell(row["language"]),
                *(
                    cell(share(row[name]) if name.startswith("coverage") else count(row[name]), class_="number")
                    for name in names
                ),
            ]
            for row in shown.iter_rows(named=True)
        ]
        heads = [["language", *(CORPUS_COLUMNS[name] for name in names)]]
        tables.append(table(f"{task_name(task)}: the corpus by language", heads, rows, class_="numbers"))
    return join(tables) if tables else element("p", "The study holds no table of its languages.")


def settings_section(frames: StudyFrames) -> Markup:
    """The study's settings, and what every arm tried and chose."""
    entries = [
        element("div", element("dt", name.replace("_", " ")), element("dd", plain(value)))
        for name, value in frames.study.items()
    ]
    study = element("dl", entries, class_="settings")
    return join(study if frames.study else None, _chosen(frames), _tried(frames))


def _chosen(frames: StudyFrames) -> Markup | None:
    chosen = frames.settings.get("chosen", {})
    rows = [
        {"task": task_name(task), "arm": arm, "language": language, **settings}
        for task, arms in _tables(chosen)
        for arm, languages in _tables(arms)
        for language, settings in _tables(languages)
    ]
    return details("What every arm chose", _dict_table("The settings chosen on dev", rows)) if rows else None


def _tried(frames: StudyFrames) -> Markup | None:
    tried = frames.settings.get("tried", [])
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in tried if isinstance(tried, list) else []:
        if isinstance(row, Mapping):
            rest = {name: value for name, value in row.items() if name not in ("task", "arm")}
            groups.setdefault((str(row.get("task", "")), str(row.get("arm", ""))), []).append(rest)
    if not groups:
        return None
    inner = [
        details(f"{task_name(task)}, {arm}: {len(rows)} trials", _dict_table(f"{task_name(task)}, {arm}", rows))
        for (task, arm), rows in groups.items()
    ]
    return details(f"What every arm tried: {sum(map(len, groups.values()))} trials", inner)


def _tables(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(str(name), item) for name, item in value.items() if isinstance(item, Mapping)]


def _dict_table(caption: str, rows: list[dict[str, Any]]) -> Markup:
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[plain(row.get(name)) for name in names] for row in rows]
    return table(caption, [[name.replace("_", " ") for name in names]], body)
