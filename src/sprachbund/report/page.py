"""`report.html`: the whole study in one file that needs no network.

The drawing library is written into the page once (0.9 MB) and draws every figure, so that values show on
hover; a page without it would be small and mute. The page forbids itself every connection by a content
policy. All numbers of the figures also stand in tables, for readers without scripts and for screen readers.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from sprachbund.files import write_text
from sprachbund.report.charts import common_scale, effect_rows, gap_chart, pairs_chart, transfer_chart
from sprachbund.report.evidence import (
    corpus_section,
    null_explanation,
    null_section,
    pools_section,
    settings_section,
)
from sprachbund.report.frames import StudyFrames, load_study
from sprachbund.report.glossary import POOL_WORDS, TASK_WORDS, arm_words, terms
from sprachbund.report.markup import Markup, element, join
from sprachbund.report.rows import decided_rows
from sprachbund.report.sections import (
    answer_section,
    comparisons_section,
    counts_section,
    notes_section,
    question,
    transfer_section,
)
from sprachbund.report.wording import plain, task_name
from sprachbund.statistics.comparison import VERDICTS


def write_report(study: Path) -> Path:
    """Write ``study/report.html`` and return its path.

    Args:
        study: a folder with results.parquet, comparisons.parquet, languages.parquet and study.toml; only the
            first must be there.

    Raises:
        FolderError: the folder is no study, or one of its files is damaged.
    """
    path = study / "report.html"
    write_text(path, render(load_study(study)))
    return path


def render(frames: StudyFrames) -> str:
    """The page as a string."""
    template = Template(files("sprachbund.report").joinpath("page.html").read_text(encoding="utf-8"))
    corpus = frames.study.get("corpus")
    title = "Transfer between languages" + (f": {Path(str(corpus)).name}" if corpus else "")
    parts = _parts(frames)
    return template.substitute(
        title=join(title),
        by=_line(frames),
        answer=_answer(frames),
        body=join(_section(*part) for part in parts),
        library=_library(),
    )


def _answer(frames: StudyFrames) -> Markup:
    """What a reader came for: a sentence, a small table and a chart a task; all else is folded away below."""
    figures = _transfer_figures(frames, ("transfer",))
    cards = [
        element("div", answer_section(frames, task), figure if decided_rows(frames, task) else None, class_="card")
        for task, figure in zip(frames.tasks, figures, strict=True)
    ]
    words = terms("What these words mean", "MRR", "relative difference", "interval", "alone", "pooled", *VERDICTS)
    return join(element("div", cards, class_="cards"), words, question(frames), notes_section(frames))


def _parts(frames: StudyFrames) -> list[tuple[str, str, Markup]]:
    """(id, heading, content) of every folded section, in the order of the page, each with the words that it uses."""
    tasks = frames.tasks
    pairs = _figure(pairs_chart(frames), "Training pairs by language and task.", "pairs")
    effects = ("hybrid_transfer", "whole_transfer")
    arms = arm_words(frames.results["arm"].unique().to_list())
    parts = [
        (
            "table",
            "Transfer by language",
            (transfer_section(frames, task) for task in tasks),
            ("MRR", "relative difference", "interval", *arms),
        ),
        (
            "improvement",
            "Relative transfer improvement",
            _figures(_transfer_figures(frames, ("recall", *effects))),
            ("recall@k", "relative difference", *arms),
        ),
        ("pairs", "Training pairs", pairs, TASK_WORDS),
        ("gap", "Memorisation gap", _gap_section(frames), ("recall@k", "unseen", "paper-equal")),
        ("null", "Null test", _null_part(frames), ("recall@k", "leaks")),
        (
            "pools",
            "Pools side by side",
            (pools_section(frames, task) for task in tasks),
            (*POOL_WORDS, "MRR", "recall@k"),
        ),
        (
            "comparisons",
            "All comparisons",
            (join(counts_section(frames, task), comparisons_section(frames, task)) for task in tasks),
            ("relative difference", "Holm", *VERDICTS),
        ),
        ("corpus", "Corpus and leakage", corpus_section(frames), TASK_WORDS),
        ("settings", "Settings", settings_section(frames), arms),
    ]
    made = [(name, heading, join(content), words) for name, heading, content, words in parts]
    return [
        (name, heading, join(content, terms("What these words mean", *words)))
        for name, heading, content, words in made
        if content
    ]


def _section(name: str, heading: str, content: Markup) -> Markup:
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


_FIGURES = {
    "transfer": ("transfer", "mrr", None, "the encoder of all languages against that of the language alone."),
    "recall": ("transfer", "recall", 1, "the same in recall@1, as figure 3 of the paper has it."),
    "hybrid_transfer": ("hybrid_transfer", "mrr", None, "the same in MRR with tuned BM25 fused into both."),
    "whole_transfer": (
        "whole_transfer",
        "mrr",
        None,
        "the same with BM25 and the text around each candidate on both sides.",
    ),
}


def _transfer_figures(frames: StudyFrames, names: tuple[str, ...]) -> list[Markup | None]:
    """The named figures, one a task, all on one scale so that they can be compared; None where there is none."""
    asked = [(task, *_FIGURES[name]) for name in names for task in frames.tasks]
    rows = [effect_rows(frames, task, effect, measure, k) for task, effect, measure, k, _ in asked]
    scale = common_scale(row for found in rows for row in found)
    return [
        _figure(
            transfer_chart(found, scale, measure, k),
            f"{task_name(task)}: {text} Bars are 95% intervals, an arrow where one has no end; languages with most "
            "training pairs on top.",
            f"{effect}-{measure}-{frames.tasks.index(task)}",
        )
        for (task, effect, measure, k, text), found in zip(asked, rows, strict=True)
    ]


def _null_part(frames: StudyFrames) -> Markup | None:
    found = [null_section(frames, task) for task in frames.tasks]
    return join(null_explanation(), found) if any(found) else None


def _gap_section(frames: StudyFrames) -> Markup | None:
    found = _figures(
        [
            _figure(gap_chart(frames, task), f"{task_name(task)}: recall@1 by language and arm.", f"gap-{place}")
            for place, task in enumerate(frames.tasks)
        ]
    )
    text = (
        "How much easier a query becomes when all other candidates come from the training text. BM25 does "
        "not train, so its gap is that of the texts; what an encoder has beyond it is memory of its training "
        "candidates, which it has pushed away from all queries but their own."
    )
    return join(element("p", text), found) if found else None


def _figures(figures: list[Markup | None]) -> Markup | None:
    return element("div", figures, class_="figures") if any(figures) else None


def _figure(spec: dict[str, Any] | None, caption: str, name: str) -> Markup | None:
    """A place for the figure, its caption, and its specification as data for the page's script."""
    if spec is None:
        return None
    return element(
        "figure",
        element("figcaption", caption),
        element("div", class_="chart", id=f"chart-{name}", role="img", aria_label=f"{caption} See the tables."),
        element("script", Markup(_safe_json(spec)), type="application/json", data_for=f"chart-{name}"),
    )


def _safe_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in, whatever strings it holds."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, in the version that the figures are written for."""
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version)
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
