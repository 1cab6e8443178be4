"""`report.html`: the whole study in one file that needs no network.

The drawing library is written into the page once (0.9 MB) and draws every figure, so that values show on
hover; a page without it would be small and mute. The page forbids itself every connection by a content
policy. All numbers of the figures also stand in tables, for readers without scripts and for screen readers.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from sprachbund.files import write_text
from sprachbund.lab.measures import Measure
from sprachbund.report.asked import Asked, between_strategies, main_question, view_of, without_view
from sprachbund.report.charts import common_scale, contrast_chart, effect_rows, examples_chart, transfer_chart
from sprachbund.report.evidence import (
    corpus_section,
    null_explanation,
    null_section,
    pools_section,
    settings_section,
)
from sprachbund.report.frames import StudyFrames, load_study
from sprachbund.report.glossary import (
    Terms,
    arm_words,
    difference_words,
    holm_words,
    measure_words,
    pool_words,
    task_words,
    terms,
    verdict_words,
)
from sprachbund.report.learning import learning_chart, learning_section
from sprachbund.report.markup import Markup, element, join
from sprachbund.report.pools import pool_names
from sprachbund.report.rows import arm_names, decided_rows
from sprachbund.report.sections import (
    answer_section,
    comparisons_section,
    counts_section,
    notes_section,
    question,
    transfer_section,
)
from sprachbund.report.shell import head, safe_json
from sprachbund.report.texts import confusions_section, samples_section
from sprachbund.report.wording import examples_word, plain, sentence
from sprachbund.statistics.comparison import LEAKS

Part = tuple[str, str, Markup | None, Terms]
"""(id, heading, content, terms that it uses)."""
Figure = tuple[str, Asked, Measure]
"""(task, comparison, measure)."""


def write_report(study: Path) -> Path:
    """Write ``study/report.html`` and return its path.

    Args:
        study: a folder with study.json, results.parquet, comparisons.parquet, languages.parquet and study.toml; only
            the first two must be there.

    Raises:
        FolderError: the folder is no study, or one of its files is damaged.
    """
    path = study / "report.html"
    write_text(path, render(load_study(study)))
    return path


def render(frames: StudyFrames) -> str:
    """The page as a string."""
    corpus = frames.study.get("corpus")
    title = frames.declaration.title + (f": {Path(str(corpus)).name}" if corpus else "")
    return assemble(title, _line(frames), _answer(frames), join(part(*each) for each in _parts(frames)))


def assemble(title: str, by: Markup, answer: Markup, body: Markup) -> str:
    """A page in one file whose figures draw themselves.

    Args:
        by: a line below the title. answer: what a reader came for. body: parts that are closed at first.
    """
    template = Template(files("sprachbund.report").joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=join(title),
        head=head(title, "script-src 'unsafe-inline' 'unsafe-eval'; img-src data: blob:; media-src data:"),
        by=by,
        answer=answer,
        body=body,
        library=_library(),
    )


def _answer(frames: StudyFrames) -> Markup:
    """What a reader came for: a sentence, a small table and a chart a task; all else is folded away below."""
    declaration = frames.declaration
    mains = {task: main for task in frames.tasks if (main := main_question(frames, task))}
    drawn = _effect_figures(frames, [(task, main, frames.measure) for task, main in mains.items()])
    figures = dict(zip(mains, drawn, strict=True))
    cards = [
        element(
            "div", answer_section(frames, task), figures[task] if decided_rows(frames, task) else None, class_="card"
        )
        for task in frames.tasks
    ]
    arms = arm_words(
        declaration, list(dict.fromkeys(arm for main in mains.values() for arm in (main.against, main.arm)))
    )
    words = (*measure_words(declaration), *difference_words(declaration), *arms, *verdict_words(declaration))
    folded = terms("What these words mean", *words)
    return join(element("div", cards, class_="cards"), folded, question(frames), notes_section(frames))


def _parts(frames: StudyFrames) -> list[tuple[str, str, Markup]]:
    """(id, heading, content) of every folded section, in the order of the page, each with the words that it uses.

    A part is there where its data are.
    """
    tasks, declaration = frames.tasks, frames.declaration
    arms = arm_words(declaration, arm_names(frames))
    measures, differences = measure_words(declaration), difference_words(declaration)
    examples = examples_word(declaration)
    several = any(len(pool_names(frames, task)) > 1 for task in tasks)
    parts: list[Part] = [
        (
            "table",
            "Transfer by language",
            _of_tasks(transfer_section(frames, task) for task in tasks),
            (*measures, *differences, *arms),
        ),
        ("improvement", "Relative differences", _further_figures(frames), (*measures, *differences, *arms)),
        (
            "examples",
            sentence(examples),
            figure(examples_chart(frames), f"{sentence(examples)} by language and task.", "examples"),
            task_words(declaration),
        ),
        ("learning", "Learning curves", _learning_part(frames), arms),
        (
            "texts",
            f"What was written, {declaration.item.one} by {declaration.item.one}",
            _of_tasks(join(confusions_section(frames, task), samples_section(frames, task)) for task in tasks),
            arms,
        ),
        *_contrasts(frames),
        ("null", "Null test", _null_part(frames), (*measures, *verdict_words(declaration, LEAKS))),
        (
            "pools",
            "Pools side by side" if several else "Measures side by side",
            _of_tasks(pools_section(frames, task) for task in tasks),
            (*pool_words(declaration), *measures),
        ),
        (
            "comparisons",
            "All comparisons",
            _of_tasks(join(counts_section(frames, task), comparisons_section(frames, task)) for task in tasks),
            (*differences, *holm_words(), *verdict_words(declaration)),
        ),
        ("corpus", "Corpus and leakage", corpus_section(frames), task_words(declaration)),
        ("settings", "Settings", settings_section(frames), arms),
    ]
    return [
        (name, heading, join(content, terms("What these words mean", *words)))
        for name, heading, content, words in parts
        if content
    ]


def _of_tasks(made: Iterable[Markup | None]) -> Markup | None:
    """The parts of all tasks; None where no task has one."""
    return join(made) or None


def part(name: str, heading: str, content: Markup) -> Markup:
    """A part that is closed until somebody asks for it; a link to it opens it (see the script of the page)."""
    return element("details", element("summary", element("h2", heading)), content, id=name, class_="part")


def _line(frames: StudyFrames) -> Markup:
    """One line below the title: the study, its corpus and its size."""
    study = frames.study
    shown = [("study", frames.name), ("corpus", study.get("corpus")), ("hash", study.get("corpus_hash"))]
    shown += [
        ("seeds", study.get("seeds")),
        ("trials an arm", study.get("trials")),
        ("by", study.get("written_by")),
    ]
    return join(
        element("span", f"{name} ", element("b", plain(value)[:60])) for name, value in shown if value is not None
    )


def _further_figures(frames: StudyFrames) -> Markup | None:
    """The main question in the second measure; then what the tables ask of other arms and under views."""
    mains = {task: main for task in frames.tasks if (main := main_question(frames, task))}
    asked: list[Figure] = [
        (task, main, measure) for measure in frames.declaration.measures[1:2] for task, main in mains.items()
    ]
    others: dict[tuple[str, str], list[Figure]] = {}
    for task, main in mains.items():
        for one in between_strategies(frames, task, main):
            if (one.arm, one.against) != (main.arm, main.against):
                others.setdefault((one.arm, one.against), []).append((task, one, frames.measure))
    return _figures(_effect_figures(frames, [*asked, *(figure for found in others.values() for figure in found)]))


def _effect_figures(frames: StudyFrames, asked: list[Figure]) -> list[Markup | None]:
    """The figures, all on one scale so that they can be compared; None without data."""
    found = [effect_rows(frames, task, one, measure) for task, one, measure in asked]
    scale = common_scale(row for rows in found for row in rows)
    return [
        figure(
            transfer_chart(frames, rows, scale, measure),
            f"{frames.title(task)}: {_caption(frames, one, measure)} Bars are 95% intervals, an arrow where one has no "
            f"end; languages with most {examples_word(frames.declaration)} on top.",
            f"{one.arm}-{one.against}-{measure.name}-{frames.tasks.index(task)}",
        )
        for (task, one, measure), rows in zip(asked, found, strict=True)
    ]


def _caption(frames: StudyFrames, asked: Asked, measure: Measure) -> str:
    """What a figure shows: ``pooled against alone, in recall@1.``"""
    view = view_of(asked.arm, frames.declaration)
    arm, other = (without_view(name, frames.declaration) for name in (asked.arm, asked.against))
    against = f"{arm} against {other}, in {measure.title}"
    return f"{against}, {view.phrase}." if view else f"{against}."


def _learning_part(frames: StudyFrames) -> Markup | None:
    """A figure a language, then when each arm was as good as alone."""
    figures = [
        figure(
            learning_chart(frames, task, language),
            f"{frames.title(task)}, {language}: dev as training goes on, the mean over seeds as far as all go.",
            f"learning-{language}-{number}",
        )
        for number, task in enumerate(frames.tasks)
        for language in frames.learning.filter(task=task)["language"].unique(maintain_order=True)
    ]
    return join(_figures(figures), _of_tasks(learning_section(frames, task) for task in frames.tasks)) or None


def _null_part(frames: StudyFrames) -> Markup | None:
    found = _of_tasks(null_section(frames, task) for task in frames.tasks)
    null = frames.declaration.null
    return join(null_explanation(null), found) if found and null else None


def _contrasts(frames: StudyFrames) -> list[Part]:
    """Two pools side by side, each pair of the declaration a part of its own."""
    parts: list[Part] = []
    declaration = frames.declaration
    for place, contrast in enumerate(declaration.contrasts):
        title = next(m.title for m in declaration.measures if (m.name, m.k) == (contrast.measure, contrast.k))
        figures = [
            figure(
                contrast_chart(frames, task, contrast),
                f"{frames.title(task)}: {title} by language and arm.",
                f"contrast-{place}-{number}",
            )
            for number, task in enumerate(frames.tasks)
        ]
        found = _figures(figures)
        content = join(element("p", contrast.meaning), found) if found else None
        words = (*measure_words(declaration), *pool_words(declaration, contrast.pool, contrast.other))
        parts.append((f"contrast-{place}", contrast.title, content, words))
    return parts


def _figures(figures: list[Markup | None]) -> Markup | None:
    return element("div", figures, class_="figures") if any(figures) else None


def figure(spec: dict[str, Any] | None, caption: str, name: str) -> Markup | None:
    """A place for the figure, its caption, and its specification as data for the page's script."""
    if spec is None:
        return None
    name = re.sub(r"[^\w-]+", "-", name)  # a part of an id, and of the file's name where the figure is saved
    return element(
        "figure",
        element("figcaption", caption),
        element("div", class_="chart", id=f"chart-{name}", role="img", aria_label=f"{caption} See the tables."),
        element("script", safe_json(spec), type="application/json", data_for=f"chart-{name}"),
    )


@cache
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, in the version that the figures are written for."""
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version)
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
