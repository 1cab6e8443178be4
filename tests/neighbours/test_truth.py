"""Finished studies read as measured transfer."""

import json
from pathlib import Path

import polars as pl
import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.neighbours.asking import Candidate, Neighbours
from sprachbund.neighbours.measures import Measure, Value
from sprachbund.neighbours.truth import Gain, read_gains, table_of
from sprachbund.retrieval.declared import DECLARATION

FIRST = DECLARATION.measures[0]
ROW = {
    "task": "ic", "language": "pt", "pool": DECLARATION.pools[0].name, "measure": FIRST.name, "k": FIRST.k,
    "arm": "continued:es", "against": "alone", "relative": 0.04, "low": 0.01, "high": 0.07, "verdict": "better",
    "items": 700, "documents": 40,
}  # fmt: skip


def study(folder: Path, *rows: dict[str, object], lower: bool = False) -> Path:
    """A folder with the two files that are read; each row changes the usual one."""
    folder.mkdir()
    said = {"kind": "study", "format": 2, "written_by": "0", "declaration": DECLARATION.to_dict()}
    if lower:
        said["declaration"]["measures"][0]["direction"] = "lower"  # type: ignore[index]
    (folder / "study.json").write_text(json.dumps(said))
    schema = {"k": pl.Int64, "items": pl.Int64, "documents": pl.Int64}
    pl.DataFrame([ROW | row for row in rows], schema_overrides=schema).write_parquet(folder / "comparisons.parquet")
    return folder


def test_rows_of_one_language_against_alone(tmp_path: Path) -> None:
    """By the first measure and pool; what names none or several languages, other comparisons and sums are passed."""
    passed = [
        {"arm": "pooled"}, {"arm": "continued"}, {"arm": "continued:en+es"}, {"arm": "placebo:es"},
        {"arm": "longer:es"},
        {"arm": "bm25"}, {"against": "bm25"}, {"language": "(all)"}, {"pool": "paper"}, {"measure": "recall", "k": 1},
        {"arm": "whole-continued:es", "against": "whole-alone"}, {"relative": float("nan")}, {"arm": "mixed:3"},
    ]  # fmt: skip
    found = read_gains(
        study(tmp_path / "s", *passed, {}, {"arm": "mixed:it=0.5", "relative": -0.02, "verdict": "worse"})
    )
    assert found == [
        Gain("s", "ic continued", "pt", "es", 0.04, 0.01, 0.07, "better", FIRST.title),
        Gain("s", "ic mixed", "pt", "it", -0.02, 0.01, 0.07, "worse", FIRST.title),
    ]
    assert [each.candidate for each in read_gains(tmp_path / "s", "whole")] == ["es"]
    with pytest.raises(SettingsError, match="no view 'half'"):
        read_gains(tmp_path / "s", "half")


def test_a_gain_is_above_zero_where_less_is_better(tmp_path: Path) -> None:
    """4% fewer errors are a gain of 4%, and the ends change places."""
    (found,) = read_gains(study(tmp_path / "s", {"relative": -0.04, "low": -0.07, "high": -0.01}, lower=True))
    assert (found.gain, found.low, found.high) == (0.04, 0.01, 0.07)


def test_what_is_no_finished_study_is_refused_in_a_line(tmp_path: Path) -> None:
    """No manifest, another format, no table, another table, words that are no verdict."""
    with pytest.raises(FolderError, match="expected a finished study"):
        read_gains(tmp_path)
    folder = study(tmp_path / "s", {"verdict": "splendid"})
    with pytest.raises(FolderError, match="verdict 'splendid'"):
        read_gains(folder)
    pl.DataFrame({"task": [1]}).write_parquet(folder / "comparisons.parquet")
    with pytest.raises(FolderError, match="damaged, expected the column task"):
        read_gains(folder)
    (folder / "comparisons.parquet").unlink()
    with pytest.raises(FolderError, match=r"comparisons\.parquet"):
        read_gains(folder)
    (folder / "study.json").write_text('{"kind": "study", "format": 1, "declaration": {}}')
    with pytest.raises(FolderError, match="format 1"):
        read_gains(folder)


def test_gains_beside_values() -> None:
    """Two studies of a pair are averaged; what covers too little, or was not asked, is unknown or passed over."""
    near = Measure("near", "near", "", "lower", "vocabulary", lambda *_: None, text=True)
    far = Measure("far", "far", "", "higher", "typological", lambda *_: None)
    values = {
        "es": {"near": Value(0.4), "far": Value(7.0, coverage=0.1)},
        "it": {"near": Value(None), "far": Value(5.0)},
    }
    found = Neighbours("pt", tuple(Candidate(each, 1, 1.0, 1, said) for each, said in values.items()), (), (near, far))
    gain = Gain("s", "ic continued", "pt", "es", 0.04, 0, 0, "better", "MRR")
    more = [gain, Gain(**{**gain.__dict__, "gain": 0.02}), Gain(**{**gain.__dict__, "candidate": "it"})]
    more += [Gain(**{**gain.__dict__, "candidate": "fr"}), Gain(**{**gain.__dict__, "target": "gl"})]
    table = table_of(more, {"pt": found})
    assert list(zip(table.candidates.tolist(), table.gains.round(9).tolist(), strict=True)) == [
        ("es", 0.03),
        ("it", 0.04),
    ]
    assert str(table.values.tolist()) == "[[0.4, nan], [nan, 5.0]]"
    assert [(each.name, each.direction, each.fused) for each in table.features] == [
        ("near", "lower", True),
        ("far", "higher", False),
    ]
