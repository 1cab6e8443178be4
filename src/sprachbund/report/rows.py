"""The rows of the transfer table, worked out once for the page and the terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import exp, log
from typing import Any

import polars as pl

from sprachbund.lab.declaration import Declaration, Table
from sprachbund.lab.measures import Measure, better_of, measure_of
from sprachbund.lab.seen import in_order, matching
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.asked import Asked, asked_of, main_question, name_of, pair_of, tabled
from sprachbund.report.frames import StudyFrames
from sprachbund.report.wording import known
from sprachbund.statistics.comparison import BETTER, LEAKS, TOO_FEW, WORSE
from sprachbund.statistics.corrections import holm

LEVEL = 0.05

Cells = dict[str, dict[str, float | None]]
"""Language to arm to value."""


@dataclass(frozen=True)
class Effect:
    """A comparison of two arms in a language, as the study has it; what it lacks is None.

    `absolute` is in the unit of the measure, `relative`, `low`, `high` and `detectable` are fractions.
    """

    absolute: float | None
    relative: float | None
    low: float | None
    high: float | None
    verdict: str | None
    p: float | None
    p_holm: float | None
    detectable: float | None
    items: int | None
    documents: int | None


@dataclass(frozen=True)
class Row:
    """A language, or all of them together.

    Attributes:
        examples: of training. items, documents: of the test side.
        values: by arm; None where it is missing. effects: by (arm, against); absent where it was not compared.
    """

    language: str
    examples: int | None
    items: int | None
    documents: int | None
    values: Mapping[str, float | None]
    effects: Mapping[tuple[str, str], Effect]

    def effect(self, asked: Asked) -> Effect | None:
        """The comparison that was asked for."""
        return self.effects.get((asked.arm, asked.against))


def study_rows(frames: StudyFrames, task: str, pool: str | None = None, measure: Measure | None = None) -> list[Row]:
    """A row a language, most training examples first; the geometric mean over languages, if compared, is last.

    Args:
        pool, measure: those that decide, if None.
    """
    pool, measure = pool or frames.pool, measure or frames.measure
    values = values_by_language(frames, task, pool, measure)
    effects = {
        (asked.arm, asked.against): effects_by_language(frames, task, asked.arm, asked.against, pool, measure)
        for asked in tabled(frames, task) + [asked for asked in [main_question(frames, task)] if asked]
    }
    examples = training_examples(frames, task)
    sizes = _sizes(frames, task, pool, measure)
    names = {*values, *examples, *(language for found in effects.values() for language in found)} - {EVERYONE}
    rows = [
        Row(
            language,
            examples.get(language),
            *sizes.get(language, (None, None)),
            values=values.get(language, {}),
            effects={pair: found[language] for pair, found in effects.items() if language in found},
        )
        for language in sorted(names, key=lambda name: (-(examples.get(name) or 0), name))
    ]
    if any(EVERYONE in found for found in effects.values()):
        rows.append(_all_row(rows, effects))
    return rows


def transfer_rows(
    frames: StudyFrames, task: str, pool: str | None = None, measure: str | None = None, k: int | None = None
) -> list[dict[str, Any]]:
    """The rows of the transfer table as plain values, in the words of the kind.

    A row has `language`, the training examples under the name of their column, the items and documents of test by
    their words (`queries`), the value of every arm by its name, and for each comparison by its name (`transfer` is the
    main question) None or a dict of `absolute`, `relative`, `low`, `high`, `verdict`, `p`, `p_holm`, `detectable` and
    the sizes. Arms and comparisons of the kind's tables that the study lacks are None.

    Raises:
        SettingsError: the kind has no such measure.
    """
    declaration = frames.declaration
    chosen = measure_of(declaration.measures, measure, k) if measure else None
    rows = study_rows(frames, task, pool, chosen)
    asked = _all_asked(frames, task)
    return [
        {
            "language": row.language,
            _key_of_examples(declaration): row.examples,
            declaration.document.many: row.documents,
            declaration.item.many: row.items,
            **{arm: row.values.get(arm) for arm in _all_arms(rows, declaration)},
            **{name: _plain(row.effect(one), declaration) for name, one in asked.items()},
        }
        for row in rows
    ]


def tables_of(frames: StudyFrames, task: str, rows: Sequence[Row]) -> list[tuple[Table, list[str], list[Asked]]]:
    """The declaration's tables with the arms and comparisons of theirs that are there.

    A table is there where it shows what those before it do not.
    """
    declaration = frames.declaration
    found: list[tuple[Table, list[str], list[Asked]]] = []
    shown: set[object] = set()
    for table in declaration.tables:
        arms = [
            arm for arm in arms_of_table(table, rows, declaration) if any(known(row.values.get(arm)) for row in rows)
        ]
        asked = [
            one
            for one in asked_of(frames, task, [pair_of(declaration, *pair) for pair in table.pairs])
            if any(row.effect(one) is not None for row in rows)
        ]
        new = {*arms, *((one.arm, one.against) for one in asked)} - shown
        if new:
            found.append((table, arms, asked))
            shown |= new
    return found


def arms_of_table(table: Table, rows: Sequence[Row], declaration: Declaration) -> list[str]:
    """The arms of a table that some language has, in the order of the table."""
    names = sorted({arm for row in rows for arm in row.values})
    return list(dict.fromkeys(arm for pattern in table.arms for arm in matching(pattern, names, declaration)))


def arm_names(frames: StudyFrames, task: str | None = None) -> list[str]:
    """The arms of a task, or of all, as the declaration's tables order them."""
    chosen = frames.results if task is None else frames.results.filter(pl.col("task") == task)
    patterns = [arm for table in frames.declaration.tables for arm in table.arms]
    return in_order(chosen["arm"].unique().to_list(), patterns, frames.declaration)


def decided_rows(frames: StudyFrames, task: str) -> list[Row]:
    """The rows whose main question has a verdict other than too few; none where only all together has one."""
    main = main_question(frames, task)
    if main is None:
        return []
    rows = [row for row in study_rows(frames, task) if row.effect(main) is not None]
    decided = [row for row in rows if row.effects[main.arm, main.against].verdict not in (TOO_FEW, None)]
    return decided if any(row.language != EVERYONE for row in decided) else []


def values_by_language(frames: StudyFrames, task: str, pool: str, measure: Measure) -> Cells:
    """Language to arm to value (mean over the seeds)."""
    values: Cells = {}
    for row in frames.results.filter(_cell(task, pool, measure)).iter_rows(named=True):
        values.setdefault(row["language"], {})[row["arm"]] = row["value"]
    return values


def effects_by_language(
    frames: StudyFrames, task: str, arm: str, against: str, pool: str, measure: Measure
) -> dict[str, Effect]:
    """Language to the comparison of two arms; Holm's correction is worked out where the study has none."""
    chosen = frames.comparisons.filter(
        _cell(task, pool, measure) & (pl.col("arm") == arm) & (pl.col("against") == against)
    )
    names = [item.name for item in fields(Effect)]
    found = {row["language"]: {name: row[name] for name in names} for row in chosen.iter_rows(named=True)}
    languages = [name for name in found if name != EVERYONE]
    if languages and all(found[name]["p_holm"] is None for name in languages):
        raw = [found[name]["p"] if found[name]["p"] is not None else float("nan") for name in languages]
        for name, corrected in zip(languages, holm(raw), strict=True):
            found[name]["p_holm"] = float(corrected)
    return {language: Effect(**values) for language, values in found.items()}


def judged_effects(frames: StudyFrames, task: str, asked: Asked) -> dict[str, Effect]:
    """A comparison where it decides, without the row of all languages; only what has a verdict."""
    found = effects_by_language(frames, task, asked.arm, asked.against, frames.pool, frames.measure)
    return {name: effect for name, effect in found.items() if name != EVERYONE and effect.verdict is not None}


def training_examples(frames: StudyFrames, task: str) -> dict[str, int | None]:
    """Language to training examples."""
    rows = frames.languages.filter((pl.col("task") == task) | pl.col("task").is_null())
    return dict(rows.select("language", frames.declaration.examples).iter_rows())


def verdict_counts(effects: Mapping[str, Effect | None]) -> Counter[str]:
    """How many languages got which verdict; `better after Holm` and `worse after Holm` beside them."""
    counts: Counter[str] = Counter()
    for language, effect in effects.items():
        if language == EVERYONE or effect is None or effect.verdict is None:
            continue
        counts["languages"] += 1
        counts[effect.verdict] += 1
        if effect.verdict in (BETTER, WORSE) and known(effect.p_holm) and effect.p_holm < LEVEL:
            counts[f"{effect.verdict} after Holm"] += 1
    return counts


def best_arms(row: Row, arms: Iterable[str], measure: Measure) -> set[str]:
    """The arms with the best value of a row; none where the languages are together or nothing was decided."""
    verdicts = {effect.verdict for effect in row.effects.values()}
    if row.language == EVERYONE or (verdicts and verdicts <= {TOO_FEW, LEAKS, None}):
        return set()
    values = {arm: value for arm in arms if known(value := row.values.get(arm))}
    return {
        arm for arm, value in values.items() if not any(better_of(measure, other, value) for other in values.values())
    }


def tabled_arms(rows: Sequence[Row], declaration: Declaration) -> list[str]:
    """The arms of all the declaration's tables, each once: the best is the best of all."""
    found = [arm for table in declaration.tables for arm in arms_of_table(table, rows, declaration)]
    return list(dict.fromkeys(found))


def _all_arms(rows: Sequence[Row], declaration: Declaration) -> list[str]:
    """The arms of the tables that are there, and the names of those that are not."""
    there = tabled_arms(rows, declaration)
    patterns = dict.fromkeys(arm for table in declaration.tables for arm in table.arms)
    found = [name for pattern in patterns for name in matching(pattern, there, declaration) or [pattern]]
    return list(dict.fromkeys(found))


def _all_asked(frames: StudyFrames, task: str) -> dict[str, Asked]:
    """The comparisons of the tables by their names, also those that the study lacks."""
    declaration = frames.declaration
    pairs = dict.fromkeys(pair for table in declaration.tables for pair in table.pairs)
    found: dict[str, Asked] = {}
    for pair in (pair_of(declaration, *pair) for pair in pairs):
        there = asked_of(frames, task, [pair]) or [Asked(pair.arm, pair.against, pair)]
        found |= {name_of(asked, declaration): asked for asked in there}
    main = main_question(frames, task)
    return {name_of(main, declaration): main, **found} if main else found


def _key_of_examples(declaration: Declaration) -> str:
    taken = ("language", declaration.item.many, declaration.document.many)
    return "examples" if declaration.examples in taken else declaration.examples


def _plain(effect: Effect | None, declaration: Declaration) -> dict[str, Any] | None:
    if effect is None:
        return None
    named = {"items": declaration.item.many, "documents": declaration.document.many}
    order = sorted((item.name for item in fields(effect)), key=lambda name: name == "items")
    return {named.get(name, name): getattr(effect, name) for name in order}


def _cell(task: str, pool: str, measure: Measure) -> pl.Expr:
    at = pl.col("k").is_null() if measure.k is None else pl.col("k") == measure.k
    return (pl.col("task") == task) & (pl.col("pool") == pool) & (pl.col("measure") == measure.name) & at


def _sizes(frames: StudyFrames, task: str, pool: str, measure: Measure) -> dict[str, tuple[int | None, int | None]]:
    """Language to items and documents."""
    sizes = (
        frames.results.filter(_cell(task, pool, measure)).group_by("language").agg(pl.col("items", "documents").max())
    )
    return {language: (items, documents) for language, items, documents in sizes.iter_rows()}


def _all_row(rows: list[Row], effects: Mapping[tuple[str, str], Mapping[str, Effect]]) -> Row:
    """Sums of sizes, geometric means of the arms that every language has, and the study's own effects."""
    arms = dict.fromkeys(arm for row in rows for arm in row.values)
    return Row(
        EVERYONE,
        _sum([row.examples for row in rows]),
        _sum([row.items for row in rows]),
        _sum([row.documents for row in rows]),
        values={arm: _geometric_mean([row.values.get(arm) for row in rows]) for arm in arms},
        effects={pair: found[EVERYONE] for pair, found in effects.items() if EVERYONE in found},
    )


def _sum(values: list[int | None]) -> int | None:
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def _geometric_mean(values: list[float | None]) -> float | None:
    if not values or any(value is None or not value > 0 for value in values):
        return None
    return exp(sum(log(value) for value in values if value) / len(values))
