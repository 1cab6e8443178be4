"""The findings of a study file on one page: what was found, the paper's value beside ours, every figure and table.

One file that needs no network, like every report of ours; each figure also as an image in a folder beside it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.analyses.verdict import Verdict
from sprachbund.files import write_bytes, write_text
from sprachbund.report.markup import Markup, details, element, join, table
from sprachbund.report.page import assemble, figure, part

__all__ = ["render_findings", "write_figures", "write_page"]

VERDICTS: Mapping[str, str] = {
    "yes": "found here too", "in part": "found in part", "no": "not found here", "not shown": "too little to say",
    "": "",
}  # fmt: skip
"""What ours says of the paper's finding."""
SHOWN = 200
"""Rows of a table that the page has; the Parquet file has all."""
MOST_ROWS = 12
"""Of what helps each language most, that stand open."""
WIDTH = 720


def write_page(
    path: Path, title: str, findings: Sequence[Finding], studies: Mapping[str, str], verdict: Verdict | None = None
) -> None:
    """Write the page.

    Args:
        studies: by name the address of each study's own report, from the page. verdict: stands first.
    """
    write_text(path, render_findings(title, findings, studies, verdict))


def render_findings(
    title: str, findings: Sequence[Finding], studies: Mapping[str, str], verdict: Verdict | None = None
) -> str:
    """The page as a string."""
    links = [element("li", element("a", name, href=address)) for name, address in studies.items()]
    by = join(
        element("span", "findings ", element("b", len(findings))),
        element("span", "studies ", element("b", len(studies))),
    )
    parts = [part(finding.name, f"{finding.name}: {finding.title}", _content(finding)) for finding in findings]
    if links:
        parts.append(part("studies", "The studies", join(element("ul", links))))
    return assemble(title, by, join(_plain(verdict), _answer(findings)), join(parts))


def _plain(verdict: Verdict | None) -> Markup | None:
    """What to do, in sentences, and the way that helps each language most."""
    if verdict is None or not verdict.answers:
        return None
    said = [element("p", each, class_=None if number else "answer") for number, each in enumerate(verdict.answers)]
    rows = _table("What helps each language most", verdict.best) if verdict.best.height else None
    folded = details("What helps each language most", rows) if verdict.best.height > MOST_ROWS else rows
    return element("section", element("h2", "The answer"), said, folded, class_="card", id="verdict")


def _answer(findings: Sequence[Finding]) -> Markup:
    """Every finding as a card."""
    if not findings:
        return element("p", 'No analysis was asked for: name some in the study file, as analyses = ["F3"].')
    return element("div", (_card(finding) for finding in findings), class_="cards")


def _card(finding: Finding) -> Markup:
    """A finding in a sentence, its first figure, and what the paper says beside it."""
    head = element("h2", element("a", finding.name, href=f"#{finding.name}"), f" {finding.title}")
    beside = [
        element("p", element("b", f"{name}: "), value)
        for name, value in (
            ("In the paper", finding.paper),
            ("Here", finding.ours),
            ("The paper's finding", VERDICTS[finding.replicated]),
        )
        if value
    ]
    drawn = [_figure(chart) for chart in finding.charts[:1]]
    said = element("p", finding.sentence)
    return element("div", head, said, drawn, beside, class_="card", id=f"answer-{finding.name}")


def _figure(chart: Drawn) -> Markup | None:
    return figure(dict(chart.spec), chart.caption, chart.name)


def _content(finding: Finding) -> Markup:
    """All but the figure that its card has."""
    drawn = [_figure(chart) for chart in finding.charts[1:]]
    tables = [details(heading, _table(heading, frame)) for heading, frame in finding.tables]
    return join(element("p", finding.sentence), drawn, tables)


def _table(heading: str, frame: pl.DataFrame) -> Markup:
    rows = [[_cell(value) for value in row] for row in frame.head(SHOWN).iter_rows()]
    more = f" (the first {SHOWN} of {frame.height:,} rows)" if frame.height > SHOWN else ""
    return table(f"{heading}{more}", [list(frame.columns)], rows)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def write_figures(folder: Path, findings: Sequence[Finding]) -> None:
    """Every figure as Vega-Lite (``NAME.vl.json``), SVG and PNG, black on white; those that are there already stay."""
    folder.mkdir(exist_ok=True)
    for chart in (chart for finding in findings for chart in finding.charts):
        spec = _alone(chart)
        source = folder / f"{chart.name}.vl.json"
        images = {suffix: folder / f"{chart.name}.{suffix}" for suffix in ("svg", "png")}
        said = json.dumps(spec, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        known = source.is_file() and source.read_text(encoding="utf-8") == said
        if known and all(path.is_file() for path in images.values()):
            continue
        import vl_convert

        write_bytes(images["svg"], vl_convert.vegalite_to_svg(spec).encode())
        write_bytes(images["png"], vl_convert.vegalite_to_png(spec, scale=2))
        write_text(source, said)


def _alone(chart: Drawn) -> dict[str, Any]:
    """A figure away from its page: a width of its own, black on white."""
    spec = _black(dict(chart.spec))
    return {**spec, "width": WIDTH, "background": "white"}


def _black(value: Any) -> Any:
    """The same with the colour of the page's text named: an image has no page."""
    if isinstance(value, dict):
        return {key: _black(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_black(each) for each in value]
    return "black" if value == "currentColor" else value
