"""``sprachbund mixture``: what it prints, writes and refuses."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.mixtures import runs as mixture_runs
from sprachbund.cli.app import run
from sprachbund.runs.store import Runs

TINY = ("--set", "dim=8", "--set", "epochs=1", "--set", "batch=16", "--seeds", "1", "--task", "ic")
F4 = ("--analyses", "F4", "--shares", "0.6", "--targets", "gl", "--target-sentences", "60")


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    """Runs in this process."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, **_: Any) -> None:
        for specification in specifications:
            runs.perform(specification, work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixture_runs, "perform_all", perform)
        yield


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of a command line."""
    monkeypatch.setattr("sys.argv", ["sprachbund", *words])
    return run()


def test_a_share_is_judged_and_the_same_command_trains_nothing_again(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The native share of Galician cut to 60 sentences is below a third; 60% is more; findings lie in the folder."""
    words = ("mixture", str(corpus), "--out", str(tmp_path / "mixed"), *F4, *TINY)
    assert called(monkeypatch, *words, "--json") == 0
    said = json.loads(capsys.readouterr().out)["F4"]
    first, second = [row for row in said["tables"]["Score by share"] if row["pool"] == "unseen"]
    assert (first["mixture"], second["mixture"]) == ("native", "share 60%")
    assert first["passes"] == pytest.approx(1) and second["passes"] == pytest.approx(0.6 / first["at"])
    assert first["at"] < 1 / 3 and 0 < second["score"] <= 1 and second["verdict"] == "too few"
    (finding,) = read_findings(tmp_path / "mixed" / "findings")
    assert finding.sentence == said["sentence"] and finding.charts[0].name == "F4-shares"
    monkeypatch.setattr("sprachbund.retrieval.kind.RetrievalKind.train", None)  # nothing may be trained
    assert called(monkeypatch, *words) == 0
    printed = capsys.readouterr().out
    assert finding.sentence in printed and "share 60%" in printed and "The paper: native share 2%" in printed


def test_what_cannot_be_is_said_in_a_line(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any training, and no folder is left behind."""
    for words, expected in (
        (("--analyses", "F5"), "no analysis of mixtures is called F5; there are: F4, temperature, mixture"),
        (("--shares", "ten"), "--shares: expected numbers parted by commas, found 'ten'"),
        (("--shares", "1.5"), "shares of mixtures must be between 0 and 1 each"),
        (("--runs", "5", "--analyses", "mixture"), "runs of mixtures must be at least 9"),
        (("--targets", "sw"), "sw is none of the languages that are mixed: "),
        (("--languages", "gl", "--analyses", "temperature"), "a mixture is of two languages at least, found gl"),
    ):
        assert called(monkeypatch, "mixture", str(corpus), "--out", str(tmp_path / "mixed"), *TINY, *words) == 1
        error = capsys.readouterr().err
        assert expected in error and error.count("\n") == 1 and error.startswith("error: ")
        assert not (tmp_path / "mixed").exists()
