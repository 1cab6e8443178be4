"""Learning curves and aligned texts on the page: steps to alone's best by hand, edits that are told without colour."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from handmade import STRATEGIES, TEXT, write_small

from sprachbund.errors import FolderError
from sprachbund.lab.declaration import Learning
from sprachbund.report import StudyFrames, load_study
from sprachbund.report.learning import learning_chart, learning_section, reached_rows
from sprachbund.report.page import render
from sprachbund.report.texts import aligned_text, confusions_section, mistaken, samples_section
from sprachbund.studies.learning import COLUMNS
from sprachbund.studies.samples import CLIPS, CONFUSIONS, SAMPLES


@pytest.fixture
def frames(tmp_path: Path) -> StudyFrames:
    """Of two arms in pt: alone is at .5 after 40 steps, the start at .4 after 10; in the second seed never."""
    study = write_small(tmp_path / "study", TEXT, _values())
    points = [
        ("alone", 1, [(20, 0.7), (40, 0.5), (60, 0.55)]), ("alone", 2, [(20, 0.8), (40, 0.6), (60, 0.6)]),
        ("continued:es", 1, [(10, 0.4), (20, 0.3), (30, 0.3)]), ("continued:es", 2, [(10, 0.7), (20, 0.65)]),
    ]  # fmt: skip
    rows = [
        {"task": "text", "language": "pt", "arm": arm, "seed": seed, "step": step, "passes": step / 10,
         "seen": 60.0 * step, "value": value, "seconds": 2.0 * step}
        for arm, seed, curve in points
        for step, value in curve
    ]  # fmt: skip
    pl.DataFrame(rows, schema=COLUMNS).write_parquet(study / "learning.parquet")
    texts = [("alone", "<b> dia", "<b> da", "=====d="), ("continued:es", "<b> dia", "<b> tia", "====s==")]
    pl.DataFrame(
        [{"task": "text", "language": "pt", "item": "1", "document": "ana", "why": "median", "arm": arm,
          "reference": said, "hypothesis": written, "edits": edits} for arm, said, written, edits in texts],
        schema=SAMPLES,
    ).write_parquet(study / "samples.parquet")  # fmt: skip
    pl.DataFrame(
        [{"task": "text", "language": "pt", "arm": "alone", "wanted": "i", "written": "", "count": 2.0},
         {"task": "text", "language": "pt", "arm": "continued:es", "wanted": "d", "written": "t", "count": 1.5}],
        schema=CONFUSIONS,
    ).write_parquet(study / "confusions.parquet")  # fmt: skip
    pl.DataFrame(
        [{"task": "text", "language": "pt", "item": "1", "media": "audio/mpeg", "data": b"\xff\xf3sound"},
         {"task": "text", "language": "pt", "item": "2", "media": "text/html", "data": b"<script>"}], schema=CLIPS,
    ).write_parquet(study / "clips.parquet")  # fmt: skip
    found = load_study(study)
    declared = replace(found.declaration, learning=Learning("bits on dev", "characters"), writes=True)
    return replace(found, declaration=declared)


def _values() -> dict[str, dict[str, float]]:
    return {"pt": dict(zip(STRATEGIES, (2.0, 1.9, 1.8, 1.95, 1.85), strict=True))}


def test_steps_to_alones_best(frames: StudyFrames) -> None:
    """Alone's best is at step 40 of both seeds; the start was there at step 10 of the first, in the second never."""
    alone, started = reached_rows(frames, "text", "pt")
    assert (alone.arm, alone.seeds, alone.of, alone.steps, alone.alone_steps) == ("alone", 2, 2, 40, 40)
    assert (started.arm, started.seeds, started.of) == ("continued:es", 1, 2)
    assert (started.steps, started.seconds, started.alone_steps) == (10, 20, 40)
    assert started.best == pytest.approx((0.3 + 0.65) / 2)
    said = str(learning_section(frames, "text"))
    assert "1 of 2 seeds" in said and "0.25" in said and "every seed" in said


def test_curves_are_means_as_far_as_all_seeds_go(frames: StudyFrames) -> None:
    """Two points of the start, three of alone."""
    chart = learning_chart(frames, "text", "pt")
    assert chart is not None
    rows = chart["layer"][0]["data"]["values"] if "data" in chart["layer"][0] else chart["data"]["values"]
    told = {(row["arm"], row["step"]): row["value"] for row in rows}
    assert told[("continued:es", 10)] == pytest.approx(0.55) and ("continued:es", 30) not in told
    assert told[("alone", 60)] == pytest.approx(0.575)
    assert learning_chart(frames, "text", "es") is None


def test_edits_are_told_without_colour() -> None:
    """What was left out is struck through, what was put in is underlined, a blank is seen, and nothing is markup."""
    assert aligned_text("a <b", "o <", "s==d") == "<del>a</del><ins>o</ins> &lt;<del>b</del>"
    assert aligned_text("ab", "a b", "=i=") == "a<ins>␣</ins>b"


def test_samples_with_their_sound(frames: StudyFrames) -> None:
    """A line an arm with its share of errors; sound that is none is not on the page."""
    said = str(samples_section(frames, "text"))
    assert "<del>d</del><ins>t</ins>ia" in said and "14% wrong" in said and "about the median of alone" in said
    assert 'src="data:audio/mpeg;base64,' in said and "text/html" not in said and "<b> dia" not in said
    page = render(frames)
    assert "media-src data:" in page and said in page and "Learning curves" in page


def test_what_is_mistaken_for_what(frames: StudyFrames) -> None:
    """Alone beside the best arm that has a start; substitutions, then what was left out, then what was put in."""
    said = str(confusions_section(frames, "text"))
    assert "d → t" in said and "i → –" in said and ">1.5<" in said and "continued:es" in said
    counts = {"alone": {("a", "e"): 3.0, ("", "s"): 9.0, (" ", ""): 2.0, ("o", "u"): 1.0}, "x": {("o", "u"): 4.0}}
    assert [name for name, _ in mistaken(counts)] == ["o → u", "a → e", "␣ → –", "– → s"]


def test_a_study_without_them(frames: StudyFrames) -> None:
    """Has no such parts."""
    empty = {name: getattr(frames, name).clear() for name in ("learning", "samples", "confusions", "clips")}
    page = render(replace(frames, **empty))
    assert "Learning curves" not in page and "<audio" not in page


def test_edits_that_fit_no_texts_are_refused(tmp_path: Path) -> None:
    """Named by the file."""
    study = write_small(tmp_path / "study", TEXT, _values())
    row = dict.fromkeys(SAMPLES, "a") | {"edits": "d"}
    pl.DataFrame([row], schema=SAMPLES).write_parquet(study / "samples.parquet")
    with pytest.raises(FolderError, match=r"samples\.parquet: not a readable table"):
        load_study(study)
