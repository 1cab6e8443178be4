"""The parts of the page that say what was found: the answer, the transfer table, the other comparisons."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from sprachbund.lab.declaration import Declaration
from sprachbund.lab.measures import Measure
from sprachbund.lab.strategies import EVERYONE
from sprachbund.report.advice import advise
from sprachbund.report.answer import answers
from sprachbund.report.asked import Asked, asked_of, main_question
from sprachbund.report.frames import StudyFrames, strings
from sprachbund.report.markup import Markup, cell, element, join, table
from sprachbund.report.rows import (
    LEVEL,
    Effect,
    Row,
    best_arms,
    decided_rows,
    effects_by_language,
    study_rows,
    tabled_arms,
    tables_of,
    verdict_counts,
)
from sprachbund.report.wording import (
    MISSING,
    SIGNS,
    count,
    examples_word,
    fraction,
    known,
    language_name,
    measured,
    number,
    percent,
    share,
    signed,
    sizes_of,
    span,
)
from sprachbund.statistics.comparison import LEAKS, TOO_FEW, VERDICTS
from sprachbund.studies.items import NULL


def answer_section(frames: StudyFrames, task: str) -> Markup:
    """What to do, and the figures that say so: one sentence and one small table."""
    advice = advise(frames, task)
    return join(
        element("p", advice.sentence, class_="answer"),
        [element("p", text, class_="further") for text in advice.besides],
        _small_table(frames, task, decided_rows(frames, task)),
    )


def question(frames: StudyFrames) -> Markup:
    """What was asked."""
    declaration = frames.declaration
    found = frames.results["language"].drop_nulls().unique().to_list()
    trained = strings(frames.study.get("languages")) or [language for language in found if language != EVERYONE]
    languages = f"{len(trained)} language{'s' if len(trained) != 1 else ''}"
    meanings = {task.name: task.meaning for task in declaration.tasks}
    asked = [frames.title(task) + (f" ({meanings[task]})" if meanings.get(task) else "") for task in frames.tasks]
    return element(
        "p",
        f"{declaration.question.replace('{languages}', languages)}? Asked for ",
        ", and for ".join(asked),
        f"; judged by {measured(frames.measure, declaration.tables[0].about)}.",
        class_="question",
    )


def counts_section(frames: StudyFrames, task: str) -> Markup:
    """How many languages got which verdict, for each comparison of the tables."""
    return join(element("p", join(f"{found.claim} {found.reach}".strip())) for found in answers(frames, task))


def _small_table(frames: StudyFrames, task: str, rows: list[Row]) -> Markup | None:
    """The main question for the languages with a verdict; what has too little text stands in words above."""
    main = main_question(frames, task)
    if not rows or main is None:
        return None
    body = [
        [
            language_cell(row.language),
            *(cell(number(row.values.get(arm)), class_="number") for arm in (main.against, main.arm)),
            effect_cell(row.effect(main)),
        ]
        for row in rows
    ]
    title = frames.measure.title
    heads = [
        ["language", f"{title}, {main.against}", f"{title}, {main.arm}", "difference, 95% interval, verdict"],
    ]
    lower = " Lower is better." if frames.measure.direction == "lower" else ""
    caption = f"{frames.title(task)}: {main.arm} against {main.against}.{lower}"
    return table(caption, heads, body, class_="numbers small")


def notes_section(frames: StudyFrames) -> Markup | None:
    """The warnings of the study, if it has any."""
    notes = frames.settings.get("notes", [])
    if isinstance(notes, dict):
        notes = [item for value in notes.values() for item in (value if isinstance(value, list) else [value])]
    if not notes:
        return None
    items = [element("li", note.get("text", str(note)) if isinstance(note, dict) else note) for note in notes]
    return element("aside", element("h2", "Warnings of this study"), element("ul", items), class_="notes", id="notes")


def transfer_section(frames: StudyFrames, task: str) -> Markup | None:
    """The tables of the declaration that have data, the main one first; None where none has."""
    rows = study_rows(frames, task)
    title, made = frames.title(task), []
    for place, (declared, arms, asked) in enumerate(tables_of(frames, task, rows)):
        about = f" {declared.about}" if declared.about else ""
        caption = (
            f"{title}: {frames.measure.title}{about} under each arm, and what changes. Languages with most "
            f"{examples_word(frames.declaration)} first; the best arm of a language is bold. A difference is given "
            "relative and absolute, with the 95% interval of the relative one and the verdict on the absolute one."
            if place == 0
            else f"{title}: the same{about}."
        )
        heading = measured(frames.measure, declared.about)
        made.append(_transfer_table(caption, heading, rows, arms, asked, frames))
    return join(made) if made else None


def _transfer_table(
    caption: str, heading: str, rows: list[Row], arms: list[str], asked: list[Asked], frames: StudyFrames
) -> Markup:
    declaration = frames.declaration
    sizes = sizes_of(declaration)
    spans = [("data", len(sizes)), (heading, len(arms)), ("relative difference", len(asked))]
    heads: list[list[Any]] = [
        ["", *(head for head in spans if head[1])],
        [
            "language",
            *(element("th", head, scope="col", class_="number") for head in (*(title for _, title in sizes), *arms)),
            *(one.title for one in asked),
        ],
    ]
    everywhere = tabled_arms(rows, declaration)

    def line(row: Row) -> list[Any]:
        best = best_arms(row, everywhere, frames.measure)
        return [
            language_cell(row.language),
            *(cell(count(getattr(row, name)), class_="number") for name, _ in sizes),
            *(_value_cell(row.values.get(arm), arm in best) for arm in arms),
            *(effect_cell(row.effect(one)) for one in asked),
        ]

    body = [line(row) for row in rows if row.language != EVERYONE]
    foot = [line(row) for row in rows if row.language == EVERYONE]
    return table(caption, heads, body, foot, class_="transfer")


def _value_cell(value: float | None, best: bool) -> Markup:
    shown = element("b", number(value)) if best else number(value)
    return cell(shown, class_="number" if value is not None else "number missing")


def language_cell(code: str) -> Markup:
    """A code with its English name; the name of the row that stands for all languages."""
    if code == EVERYONE:
        return join("all", element("small", "geometric mean"))
    name = language_name(code)
    return join(element("span", code), element("small", name) if name else None)


def verdict_mark(word: str | None) -> Markup:
    """A verdict with its sign and colour."""
    if word is None:
        return Markup(MISSING)
    known_word = word.replace(" ", "-") if word in VERDICTS else "unknown"
    sign = element("span", SIGNS.get(word, ""), aria_hidden="true")
    return element("span", sign, " ", word, class_=f"verdict {known_word}")


def effect_cell(effect: Effect | None) -> Markup:
    """The relative difference with interval and verdict, the absolute one below it; the rest on hover."""
    if effect is None:
        return cell(MISSING, class_="missing")
    detectable = share(effect.detectable)
    hover = [
        f"p {fraction(effect.p, 4)}" if known(effect.p) else "",
        f"after Holm {fraction(effect.p_holm, 4)}" if known(effect.p_holm) else "",
        f"smallest effect that could have been seen {detectable}" if known(effect.detectable) else "",
    ]
    # what decides nothing is not set in bold
    tag = "span" if effect.verdict in (TOO_FEW, LEAKS, None) else "b"
    return cell(
        element(tag, percent(effect.relative)),
        " ",
        element("span", signed(effect.absolute), class_="absolute"),
        element("span", span(effect.low, effect.high), class_="interval"),
        verdict_mark(effect.verdict),
        class_="effect",
        title="; ".join(part for part in hover if part) or None,
    )


def comparisons_section(frames: StudyFrames, task: str) -> Markup | None:
    """Every comparison that the study made, a row a pair of arms, pool and measure."""
    chosen = frames.comparisons.filter((pl.col("task") == task) & ~pl.col("pool").str.ends_with(NULL))
    keys = chosen.select("arm", "against", "pool", "measure", "k").unique(maintain_order=True)
    if not len(keys):
        return None
    declaration = frames.declaration
    verdicts = [word for word in VERDICTS if word != LEAKS or declaration.null is not None]
    order = {(one.arm, one.against): place for place, one in enumerate(asked_of(frames, task, declaration.pairs))}
    sort = sorted(
        keys.iter_rows(),
        key=lambda key: (
            key[2] != frames.pool,
            key[2],
            order.get(key[:2], len(order)),
            (key[3], key[4]) != (frames.measure.name, frames.measure.k),
        ),
    )
    rows = []
    for arm, against, pool, name, k in sort:
        measure = _measure(declaration, name, k)
        effects = effects_by_language(frames, task, arm, against, pool, measure)
        counts = verdict_counts(effects)
        rows.append(
            [
                f"{arm} vs {against}",
                pool,
                measure.title,
                *(counts[word] or MISSING for word in verdicts),
                f"{counts['better after Holm']} / {counts['worse after Holm']}",
                effect_cell(effects.get(EVERYONE)),
            ]
        )
    heads: list[list[Any]] = [
        ["", "", "", ("languages with the verdict", len(verdicts)), "", ""],
        [
            "comparison",
            "pool",
            "measure",
            *verdicts,
            f"better / worse with Holm’s p under {LEVEL:g}",
            "geometric mean over languages",
        ],
    ]
    return table(f"{frames.title(task)}: every comparison of the study", heads, rows)


def _measure(declaration: Declaration, name: str, k: int | None) -> Measure:
    """A measure of the tables; one that the kind does not declare has its name as its title."""
    there: Sequence[Measure] = [m for m in declaration.measures if (m.name, m.k) == (name, k)]
    return there[0] if there else Measure(name, name if k is None else f"{name}@{k}", k=k)
