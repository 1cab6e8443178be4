"""The parts of the page that say what was found: the answer, the transfer table, the other comparisons."""

from typing import Any

import polars as pl

from sprachbund.report.advice import advise
from sprachbund.report.answer import answers
from sprachbund.report.frames import ALL, NULL, StudyFrames
from sprachbund.report.markup import Markup, cell, element, join, table
from sprachbund.report.rows import (
    AROUND_COLUMNS,
    COLUMNS,
    EFFECTS,
    LEVEL,
    Row,
    best_arms,
    decided_rows,
    effects_by_language,
    has_around,
    transfer_rows,
    verdict_counts,
)
from sprachbund.report.wording import (
    MISSING,
    SIGNS,
    TASKS,
    count,
    fraction,
    known,
    language_name,
    percent,
    share,
    signed,
    span,
    task_name,
)
from sprachbund.statistics.comparison import LEAKS, TOO_FEW, VERDICTS

DATA_HEADS = ("training pairs", "queries", "documents")
EFFECT_HEADS = {
    "transfer": "pooled vs alone",
    "hybrid_transfer": "hybrid-pooled vs hybrid-alone",
    "hybrid_against_bm25": "hybrid-pooled vs bm25",
    "whole_transfer": "whole-pooled vs whole-alone",
    "whole_against_bm25": "whole-pooled vs bm25",
    "whole_against_around": "whole-pooled vs bm25-around",
}


def answer_section(frames: StudyFrames, task: str) -> Markup:
    """What to do, and the figures that say so: one sentence and one small table."""
    advice = advise(frames, task)
    return join(
        element("p", advice.sentence, class_="answer"),
        [element("p", text, class_="further") for text in advice.besides],
        _small_table(task, decided_rows(frames, task)),
    )


def question(frames: StudyFrames) -> Markup:
    """What was asked."""
    languages = frames.results["language"].drop_nulls().unique().to_list()
    number = len([language for language in languages if language != ALL])
    asked = [f"{task_name(task)} ({TASKS[task][1]})" if task in TASKS else task_name(task) for task in frames.tasks]
    return element(
        "p",
        f"Does one model trained on {number} language{'s' if number != 1 else ''} together find more than a "
        "model trained on each language alone? Asked for ",
        ", and for ".join(asked),
        "; judged by the mean reciprocal rank (MRR) among candidates that no model has seen.",
        class_="question",
    )


def counts_section(frames: StudyFrames, task: str) -> Markup:
    """How many languages got which verdict, for pooled against alone and for the hybrids."""
    return join(element("p", join(f"{found.claim} {found.reach}".strip())) for found in answers(frames, task))


def _small_table(task: str, rows: list[Row]) -> Markup | None:
    """Pooled against alone for the languages with a verdict; what has too little text stands in words above."""
    if not rows:
        return None
    body = [
        [
            language_cell(row["language"]),
            cell(fraction(row["alone"]), class_="number"),
            cell(fraction(row["pooled"]), class_="number"),
            effect_cell(row["transfer"]),
        ]
        for row in rows
    ]
    heads = [["language", "MRR, alone", "MRR, pooled", "difference, 95% interval, verdict"]]
    return table(f"{task_name(task)}: one model each, and one of all languages", heads, body, class_="numbers small")


def notes_section(frames: StudyFrames) -> Markup | None:
    """The warnings of the study, if it has any."""
    notes = frames.settings.get("notes", [])
    if isinstance(notes, dict):
        notes = [item for value in notes.values() for item in (value if isinstance(value, list) else [value])]
    if not notes:
        return None
    items = [element("li", note.get("text", str(note)) if isinstance(note, dict) else note) for note in notes]
    return element("aside", element("h2", "Warnings of this study"), element("ul", items), class_="notes", id="notes")


def transfer_section(frames: StudyFrames, task: str) -> Markup:
    """The main table of a task, and one of the arms that count the text around a candidate, if the study has them."""
    rows = transfer_rows(frames, task)
    caption = (
        f"{task_name(task)}: what each arm finds, and what pooling changes. Languages with most training "
        "pairs first; the best arm of a language is bold. A difference is given relative and absolute, with "
        "the 95% interval of the relative one and the verdict on the absolute one."
    )
    main = _transfer_table(caption, rows, *COLUMNS)
    if not has_around(rows):
        return main
    around = f"{task_name(task)}: the same of the arms where a candidate also counts the text around it."
    return join(main, _transfer_table(around, rows, *AROUND_COLUMNS))


def _transfer_table(caption: str, rows: list[Row], arms: tuple[str, ...], effects: tuple[str, ...]) -> Markup:
    heads: list[list[Any]] = [
        ["", ("data", 3), ("MRR among unseen candidates", len(arms)), ("relative difference", len(effects))],
        [
            "language",
            *(element("th", head, scope="col", class_="number") for head in (*DATA_HEADS, *arms)),
            *(EFFECT_HEADS[name] for name in effects),
        ],
    ]
    body = [_transfer_row(row, arms, effects) for row in rows if row["language"] != ALL]
    foot = [_transfer_row(row, arms, effects) for row in rows if row["language"] == ALL]
    return table(caption, heads, body, foot, class_="transfer")


def language_cell(code: str) -> Markup:
    """A code with its English name; the name of the row that stands for all languages."""
    if code == ALL:
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


def effect_cell(effect: Row | None) -> Markup:
    """The relative difference with interval and verdict, the absolute one below it; the rest on hover."""
    if effect is None:
        return cell(MISSING, class_="missing")
    hover = [
        f"p {fraction(effect['p'], 4)}" if known(effect["p"]) else "",
        f"after Holm {fraction(effect['p_holm'], 4)}" if known(effect["p_holm"]) else "",
        f"smallest effect that could have been seen {share(effect['detectable'])}"
        if known(effect["detectable"])
        else "",
    ]
    # what decides nothing is not set in bold
    tag = "span" if effect["verdict"] in (TOO_FEW, LEAKS, None) else "b"
    return cell(
        element(tag, percent(effect["relative"])),
        " ",
        element("span", signed(effect["absolute"]), class_="absolute"),
        element("span", span(effect["low"], effect["high"]), class_="interval"),
        verdict_mark(effect["verdict"]),
        class_="effect",
        title="; ".join(part for part in hover if part) or None,
    )


def comparisons_section(frames: StudyFrames, task: str) -> Markup | None:
    """Every comparison that the study made, a row a pair of arms, pool and measure."""
    chosen = frames.comparisons.filter((pl.col("task") == task) & ~pl.col("pool").str.ends_with(NULL))
    keys = chosen.select("arm", "against", "pool", "measure", "k").unique(maintain_order=True)
    if not len(keys):
        return None
    order = {pair: place for place, pair in enumerate(EFFECTS.values())}
    sort = sorted(
        keys.iter_rows(), key=lambda key: (key[2] != "unseen", key[2], order.get(key[:2], 9), key[3] != "mrr")
    )
    rows = []
    for arm, against, pool, measure, k in sort:
        effects = effects_by_language(frames, task, arm, against, pool, measure, k)
        counts = verdict_counts(effects)
        whole = effects.get(ALL)
        rows.append(
            [
                f"{arm} vs {against}",
                pool,
                measure_name(measure, k),
                *(counts[word] or MISSING for word in VERDICTS),
                f"{counts['better after Holm']} / {counts['worse after Holm']}",
                effect_cell(whole),
            ]
        )
    heads: list[list[Any]] = [
        ["", "", "", ("languages with the verdict", len(VERDICTS)), "", ""],
        [
            "comparison",
            "pool",
            "measure",
            *VERDICTS,
            f"better / worse with Holm’s p under {LEVEL:g}",
            "geometric mean over languages",
        ],
    ]
    return table(f"{task_name(task)}: every comparison of the study", heads, rows)


def measure_name(measure: str, k: int | None) -> str:
    """``MRR``, ``recall@10``."""
    name = "MRR" if measure == "mrr" else measure
    return name if k is None else f"{name}@{k}"


def _transfer_row(row: Row, arms: tuple[str, ...], effects: tuple[str, ...]) -> list[Any]:
    best = best_arms(row)
    return [
        language_cell(row["language"]),
        *(cell(count(row[name]), class_="number") for name in ("train_pairs", "queries", "documents")),
        *(
            cell(
                element("b", fraction(row[arm])) if arm in best else fraction(row[arm]),
                class_="number" if row[arm] is not None else "number missing",
            )
            for arm in arms
        ),
        *(effect_cell(row[name]) for name in effects),
    ]
