"""The page of findings: what a reader came for first, the paper's value beside ours, figures that leave the page."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sprachbund.analyses.finding import Drawn, Finding
from sprachbund.analyses.page import render_findings, write_figures, write_page

BARS = {
    "data": {"values": [{"language": "pt", "gain": 0.3}, {"language": "<i>", "gain": -0.1}]},
    "mark": "bar",
    "encoding": {
        "y": {"field": "language", "type": "nominal", "axis": {"labelColor": "currentColor"}},
        "x": {"field": "gain", "type": "quantitative"},
    },
    "width": "container",
}
FINDINGS = (
    Finding(
        "F3", "Every language gains", "Of 2 languages 1 gains.", "all positive, mean +31%", "+10% [-2, 21]", "no",
        (Drawn("f3-gain", "Gain by language.", BARS),),
        (("Gains", pl.DataFrame({"language": ["pt", "<i>"], "gain": [0.3, None], "queries": [1234, 5]})),),
    ),
    Finding("X1", "Ours alone", "The paper is silent <here>."),
)  # fmt: skip


def test_the_answer_has_the_papers_value_beside_ours() -> None:
    """A card a finding, with a link to its part; strings from outside are text, whatever they hold."""
    page = render_findings("The paper", FINDINGS, {"alone": "studies/alone/report.html"})
    answer = page.partition('id="evidence"')[0]
    card = re.search(r'<div class="card" id="answer-F3">(.*?)<div class="card"', answer)
    assert card is not None
    assert re.findall(r"<(?:p|h2)>(.*?)</(?:p|h2)>", card[1]) == [
        '<a href="#F3">F3</a> Every language gains', "Of 2 languages 1 gains.",
        "<b>In the paper: </b>all positive, mean +31%", "<b>Here: </b>+10% [-2, 21]",
        "<b>The paper&#x27;s finding: </b>not found here",
    ]  # fmt: skip
    silent = re.search(r'id="answer-X1">(.*?)</div>', answer)
    assert silent is not None and "In the paper" not in silent[1]
    assert "The paper is silent &lt;here&gt;." in page and "<here>" not in page
    assert '<a href="studies/alone/report.html">alone</a>' in page


def test_the_first_figure_of_a_finding_is_on_its_card() -> None:
    """The others are in its part, none is there twice."""
    second = Drawn("f3-more", "More.", BARS)
    page = render_findings("The paper", (replace(FINDINGS[0], charts=(*FINDINGS[0].charts, second)),), {})
    answer, _, behind = page.partition('id="evidence"')
    for name, here, there in (("f3-gain", answer, behind), ("f3-more", behind, answer)):
        assert here.count(f'data-for="chart-{name}"') == 1 and f"chart-{name}" not in there


def test_every_figure_has_its_table() -> None:
    """With numbers as people write them; an absent one is a dash."""
    page = render_findings("The paper", FINDINGS, {})
    assert re.search(r"<th[^>]*>pt</th><td>0.3</td><td>1,234</td>", page)
    assert re.search(r"<th[^>]*>&lt;i&gt;</th><td>–</td><td>5</td>", page)
    assert 'id="studies"' not in page


def test_without_analyses_the_page_says_how_to_ask() -> None:
    """It names the line of the study file."""
    assert "analyses = [&quot;F3&quot;]" in render_findings("Nothing", (), {})


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_figures_are_written_as_images(tmp_path: Path, suffix: str) -> None:
    """Black on white, for an image has no page whose colours it could take."""
    write_figures(tmp_path / "figures", FINDINGS)
    data = (tmp_path / "figures" / f"f3-gain.{suffix}").read_bytes()
    if suffix == "png":
        assert data.startswith(b"\x89PNG")
    else:
        assert b"currentColor" not in data and b"&lt;i&gt;" in data and b'fill="white"' in data


def test_a_figure_that_is_there_stays(tmp_path: Path) -> None:
    """A second call draws only what has changed; a lost image is drawn again."""
    folder = tmp_path / "figures"
    write_figures(folder, FINDINGS)
    (folder / "f3-gain.svg").write_text("as it was")
    write_figures(folder, FINDINGS)
    assert (folder / "f3-gain.svg").read_text() == "as it was"
    (folder / "f3-gain.png").unlink()
    write_figures(folder, FINDINGS)
    assert (folder / "f3-gain.svg").read_text().startswith("<svg")


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    """In one file that loads nothing from outside."""
    write_page(tmp_path / "index.html", "The paper", FINDINGS, {})
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
