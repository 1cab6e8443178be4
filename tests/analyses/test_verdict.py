"""The plain verdict: the way that helps each language most, worked out by hand from a study that nobody ran."""

from dataclasses import replace
from typing import Any

import polars as pl
from tests.analyses.made_gains import Made, study

from sprachbund.analyses.finding import Finding
from sprachbund.analyses.page import render_findings
from sprachbund.analyses.verdict import verdict_of
from sprachbund.report import StudyFrames
from sprachbund.report.frames import COMPARISONS


def made(*rows: tuple[str, str, float, str]) -> StudyFrames:
    """A study of the comparisons with alone: language, arm, gain in MRR, verdict."""
    compared: list[dict[str, Any]] = [
        {
            "task": "ic", "language": language, "pool": "unseen", "measure": "mrr", "k": None, "arm": arm,
            "against": "alone", "absolute": gain / 10, "relative": gain, "low": gain - 0.05, "high": gain + 0.05,
            "verdict": verdict, "p": 0.01, "p_holm": 0.02, "items": 400, "documents": 90,
        }
        for language, arm, gain, verdict in rows
    ]  # fmt: skip
    whole = study({("ic", "unseen"): [Made("pt", 0.5, 0.6), Made("gl", 0.5, 0.6)]})
    languages = whole.languages.with_columns(documents=pl.lit(900))
    return replace(whole, comparisons=pl.DataFrame(compared, schema=COMPARISONS), languages=languages)


NOTHING = "no difference shown"
FRAMES = made(
    ("pt", "pooled", 0.1, "better"), ("pt", "continued:es", 0.2, NOTHING), ("pt", "placebo", 0.9, "better"),
    ("pt", "longer:es", 0.8, "better"), ("gl", "pooled", -0.1, "worse"), ("gl", "continued:es", 0.02, NOTHING),
)  # fmt: skip


def test_what_is_shown_to_help_goes_before_what_is_larger() -> None:
    """Portuguese: pooled is better beyond doubt; Galician: nothing is, and harm is not named. Controls never are."""
    best = verdict_of({"one": FRAMES}, ()).best
    assert best.select("language", "arm", "verdict", "tried").rows() == [
        ("pt", "pooled", "better", 2), ("gl", "continued:es", NOTHING, 2),
    ]  # fmt: skip
    assert best["MRR over its own text"].to_list() == ["+10.0%", "+2.0%"]


def test_analyses_that_say_what_to_do_are_told_and_others_not() -> None:
    """The mixture and the costs, after a sentence a study and task; several studies are named."""
    findings = [
        Finding("F3", "Gains", "Gains."),
        Finding("mixture-1", "Mixture", "Read half."),
        Finding("transfers", "Cost", "One model."),
    ]
    found = verdict_of({"one": FRAMES, "two": FRAMES}, findings)
    assert found.answers[2:] == ("Read half.", "One model.")
    assert found.answers[0].startswith("one: ") and found.answers[1].startswith("two: ")


def test_the_verdict_stands_before_the_findings() -> None:
    """With its table, above the cards; a page without a verdict has none."""
    page = render_findings("Page", [Finding("F3", "Gains", "Gains.")], {}, verdict_of({"one": FRAMES}, ()))
    assert 0 < page.index('id="verdict"') < page.index("What helps each language most") < page.index('id="answer-F3"')
    assert 'id="verdict"' not in render_findings("Page", [Finding("F3", "Gains", "Gains.")], {})
