"""The parts of the page to judge the answer by: null test, pools, corpus, settings."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sprachbund.lab.declaration import NullTest
from sprachbund.lab.measures import measure_of
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.frames import StudyFrames, named_tables
from sprachbund.report.markup import Markup, cell, details, element, join, table
from sprachbund.report.pools import candidates_by_pool, null_rows, pool_names, pool_table
from sprachbund.report.rows import arm_names, values_by_language
from sprachbund.report.sections import language_cell
from sprachbund.report.wording import MISSING, count, in_order, measured, number, odds, plain, share


def null_section(frames: StudyFrames, task: str) -> Markup | None:
    """The null test: a row an arm, a column a pool, then a row for each leak."""
    rows, null = null_rows(frames, task), frames.declaration.null
    if not rows or null is None:
        return None
    title, name = frames.title(task), measure_of(frames.declaration.measures, null.measure, null.k).title
    known_pools = [pool.name for pool in frames.declaration.pools]
    pools = in_order((row["pool"] for row in rows), known_pools)
    body = []
    for arm in arm_names(frames, task):
        line: list[Any] = [arm]
        for pool in pools:
            found = [row for row in rows if (row["arm"], row["pool"]) == (arm, pool) and row["value"] is not None]
            line.append(_null_cell(found) if found else cell(MISSING, class_="missing"))
        if len(line) > 1:
            body.append(line)
    matrix = table(f"{title}: {name} of what was planted, by arm and pool", [["arm", *pools]], body)
    leaks = [row for row in rows if row["leaks"]]
    if not leaks:
        return join(matrix, element("p", f"{title}: no pool leaks."))
    listed = table(
        f"{title}: where the null test failed",
        [["language", "arm", "pool", f"{name} in the null test", "chance"]],
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
    pools_hit = ", ".join(in_order((row["pool"] for row in leaks), known_pools))
    return join(
        matrix,
        element("p", f"{title}: the null test failed in {pools_hit}. {null.failure}"),
        details(f"The {len(leaks)} cells that leak", listed),
    )


def _null_cell(found: list[dict[str, Any]]) -> Markup:
    """How many languages leak, and the one furthest above chance."""
    worst = max(found, key=lambda row: row["value"] - (row["chance"] or 0))
    leaking = sum(row["leaks"] for row in found)
    return cell(
        element("b", f"✕ {leaking} of {len(found)} leak") if leaking else "no leak",
        element("small", f"highest {share(worst['value'], 2)} ({worst['language']})"),
        element("small", f"chance {odds(worst['chance'])}"),
        class_="leaking" if leaking else None,
    )


def null_explanation(null: NullTest) -> Markup:
    """What the null test is."""
    return element(
        "p",
        f"{null.meaning} A cell leaks where the lower end of the interval is more than {100 * null.tolerance:g} points "
        "of a hundred above chance.",
    )


def pools_section(frames: StudyFrames, task: str) -> Markup | None:
    """Every arm in every pool, in the first two measures: means over languages, then every language.

    None where there is one pool and one measure, which the transfer table has already.
    """
    title, measures, pools = frames.title(task), frames.declaration.measures[:2], pool_names(frames, task)
    if len(pools) * len(measures) < 2:
        return None
    sizes = candidates_by_pool(frames, task)
    heads: list[Any] = ["arm"]
    for pool in pools:
        heads.append(join(pool, element("small", _candidates(sizes.get(pool)))))
    means = []
    for measure in measures:
        cells = pool_table(frames, task, measure)
        if not any(cells.values()):
            continue
        most = max(found[pool]["languages"] for found in cells.values() for pool in found)
        rows = [[arm, *(_mean_cell(found.get(pool), most) for pool in pools)] for arm, found in cells.items()]
        caption = f"{title}: {measured(measure)}, mean over languages"
        means.append(table(caption, [heads], rows, class_="numbers"))
    return join(
        element("div", means, class_="side"),
        details(f"{title}: every language", _pools_by_language(frames, task, pools)),
    )


def _mean_cell(found: Mapping[str, Any] | None, most: int) -> Markup:
    """A mean; of an arm that not every language has it says of how many."""
    if found is None:
        return cell(MISSING, class_="number")
    fewer = element("small", f"of {found['languages']}") if found["languages"] < most else None
    return cell(number(found["mean"]), fewer, class_="number")


def _candidates(sizes: tuple[float, float] | None) -> str:
    if sizes is None:
        return ""
    fewest, most = sizes
    return f"{count(fewest)} candidates" if fewest == most else f"{count(fewest)} to {count(most)} candidates"


def _pools_by_language(frames: StudyFrames, task: str, pools: list[str]) -> Markup:
    measures = frames.declaration.measures[:2]
    values = {
        (pool, measure): values_by_language(frames, task, pool, measure) for pool in pools for measure in measures
    }
    languages = sorted({name for found in values.values() for name in found} - {EVERYONE})
    rows = []
    for language in languages:
        for arm in arm_names(frames, task):
            groups = [[values[pool, measure].get(language, {}).get(arm) for measure in measures] for pool in pools]
            if any(value is not None for group in groups for value in group):
                cells = (cell(" / ".join(number(value) for value in group), class_="number") for group in groups)
                rows.append([language, arm, *cells])
    caption = f"{frames.title(task)}: {' / '.join(measure.title for measure in measures)}"
    return table(caption, [["language", "arm", *pools]], rows, class_="numbers two")


def corpus_section(frames: StudyFrames) -> Markup:
    """What the corpus holds of every language, and what was left out of it and why."""
    tables = []
    for task in frames.tasks:
        chosen = frames.languages.filter((pl.col("task") == task) | pl.col("task").is_null())
        sizes = [size for size in frames.declaration.sizes if chosen[size.column].is_not_null().any()]
        if not sizes:
            continue
        shown = chosen.sort(frames.declaration.examples, descending=True, nulls_last=True)
        rows = [
            [
                language_cell(row["language"]),
                *(
                    cell(share(row[size.column]) if size.share else count(row[size.column]), class_="number")
                    for size in sizes
                ),
            ]
            for row in shown.iter_rows(named=True)
        ]
        heads = [["language", *(size.title for size in sizes)]]
        tables.append(table(f"{frames.title(task)}: the corpus by language", heads, rows, class_="numbers"))
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
    rows = [
        {"task": frames.title(task), "arm": arm, "language": language, **settings}
        for task, arms in named_tables(frames.settings.get("chosen"))
        for arm, languages in named_tables(arms)
        for language, settings in named_tables(languages)
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
    titled = [(f"{frames.title(task)}, {arm}", rows) for (task, arm), rows in groups.items()]
    inner = [details(f"{name}: {len(rows)} trials", _dict_table(name, rows)) for name, rows in titled]
    return details(f"What every arm tried: {sum(map(len, groups.values()))} trials", inner)


def _dict_table(caption: str, rows: list[dict[str, Any]]) -> Markup:
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[plain(row.get(name)) for name in names] for row in rows]
    return table(caption, [[name.replace("_", " ") for name in names]], body)
