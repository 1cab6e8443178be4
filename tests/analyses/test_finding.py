"""Findings: written whole, read as they were, and believed no further than they have been looked at."""

import json
from pathlib import Path

import polars as pl
import pytest

from sprachbund.analyses.finding import MANIFEST, Drawn, Finding, read_findings, write_findings
from sprachbund.errors import FolderError
from sprachbund.files import sealed

GAINS = pl.DataFrame({"language": ["gl", "pt"], "gain": [0.31, None], "items": [120, 7]})
FOUND = (
    Finding(
        "F3",
        "No negative transfer",
        "Every language gains: Galician – *most*.",
        paper="+31% (nsp), +96% (ic)",
        ours="+4% (95% interval −1% to +9%)",
        replicated="in part",
        charts=(Drawn("F3-gains", "Gains by language.", {"mark": "bar", "data": {"values": [{"x": 0.31}]}}),),
        tables=(("Gains", GAINS), ("Nothing", GAINS.clear())),
    ),
    Finding("T4", "Arms", "Nothing can be said yet."),
)


def test_findings_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Every field, in their order; a table keeps its types, its nulls and, where it has no rows, its columns."""
    write_findings(tmp_path / "found", FOUND)
    first, second = read_findings(tmp_path / "found")
    assert [(f.name, f.sentence, f.paper, f.ours, f.replicated, f.charts) for f in (first, second)] == [
        (f.name, f.sentence, f.paper, f.ours, f.replicated, f.charts) for f in FOUND
    ]
    assert [heading for heading, _ in first.tables] == ["Gains", "Nothing"]
    assert first.tables[0][1].equals(GAINS) and first.tables[1][1].schema == GAINS.schema
    assert second.tables == () and sorted(path.name for path in (tmp_path / "found").iterdir()) == [
        "F3-1.parquet", "F3-2.parquet", "findings.json",
    ]  # fmt: skip


def test_findings_replace_those_before_and_nothing_of_others(tmp_path: Path) -> None:
    """What an older call wrote goes; a file that somebody put there bars the way and stays."""
    write_findings(tmp_path / "found", FOUND)
    write_findings(tmp_path / "found", FOUND[1:])
    assert [finding.name for finding in read_findings(tmp_path / "found")] == ["T4"]
    (tmp_path / "found" / "notes.txt").write_text("mine")
    with pytest.raises(FolderError, match=r"notes\.txt: not written by sprachbund"):
        write_findings(tmp_path / "found", FOUND)
    assert (tmp_path / "found" / "notes.txt").read_text() == "mine"


def test_names_that_cannot_name_files_are_refused(tmp_path: Path) -> None:
    """And a name that stands twice, of a finding or a figure."""
    for name in ("", "../F3", "F 3", "a" * 62):
        with pytest.raises(ValueError, match="named by a word"):
            write_findings(tmp_path / "found", [Finding(name, "", "")])
    with pytest.raises(ValueError, match="a finding stands twice"):
        write_findings(tmp_path / "found", [FOUND[1], FOUND[1]])
    twice = [Finding(name, "", "", charts=FOUND[0].charts) for name in ("F1", "F2")]
    with pytest.raises(ValueError, match="a figure stands twice"):
        write_findings(tmp_path / "found", twice)
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicated": "perhaps"}, "damaged, expected"),
        ({"sentence": 3}, "expected str, found '3'"),
        ({"tables": None}, "expected findings with charts and tables"),
        ({"tables": [{"heading": "x", "file": "../secret"}]}, "does not list '../secret'"),
        ({"tables": [{"file": 1}]}, "damaged, expected"),
        ({"charts": [{"name": "a", "caption": "b"}]}, "has no specification"),
        ({"charts": [{"name": 1, "caption": "b", "spec": {}}]}, "damaged, expected"),
        ({"strange": "field"}, "damaged, expected"),
    ],
)
def test_damaged_findings_are_named(change: dict[str, object], message: str, tmp_path: Path) -> None:
    """One whose seal is right, but whose fields are not what they should be."""
    write_findings(tmp_path, FOUND[:1])
    said = json.loads((tmp_path / MANIFEST).read_text())
    said["findings"][0] |= change
    (tmp_path / MANIFEST).write_text(json.dumps(sealed(said)))
    with pytest.raises(FolderError, match=message):
        read_findings(tmp_path)


def test_a_damaged_table_and_another_format_are_named(tmp_path: Path) -> None:
    """The table by its hash; the format with the version that wrote it."""
    write_findings(tmp_path, FOUND[:1])
    table = tmp_path / "F3-1.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:-1] + b"x")
    with pytest.raises(FolderError, match=r"F3-1\.parquet: damaged, its SHA-256"):
        read_findings(tmp_path)
    table.write_bytes(whole)
    said = json.loads((tmp_path / MANIFEST).read_text()) | {"format": 99}
    (tmp_path / MANIFEST).write_text(json.dumps(sealed(said)))
    with pytest.raises(FolderError, match="findings format 99"):
        read_findings(tmp_path)


def test_a_number_that_is_none_is_a_gap_in_its_figure(tmp_path: Path) -> None:
    """One language without a value ends no page: null, wherever it stands; words that look like it stay."""
    spec = {"data": {"values": [{"x": float("nan"), "y": [1.0, float("-inf")]}]}, "title": "NaN"}
    write_findings(tmp_path / "found", [Finding("F1", "Gap", "One.", charts=(Drawn("gap", "A gap.", spec),))])
    (found,) = read_findings(tmp_path / "found")
    assert found.charts[0].spec == {"data": {"values": [{"x": None, "y": [1.0, None]}]}, "title": "NaN"}
