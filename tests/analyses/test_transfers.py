"""What one joint model, fine-tuning and rows bring and cost: counts and bytes by hand, and a file of two kinds."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.analyses.helpers import Helped
from tests.lm.corpora import make_corpus

from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.laboratory.kinds import quiet
from sprachbund.analyses.laboratory.laboratory import run_study_file
from sprachbund.analyses.transfers import costs
from sprachbund.analyses.transfers.costs import Cost, costs_of
from sprachbund.analyses.transfers.findings import way_of
from sprachbund.lab.recipe import Recipe, Share
from sprachbund.lab.strategies import STRATEGIES
from sprachbund.runs.store import Runs
from sprachbund.studies import study

FILE = """corpus = "corpus"
targets = ["gl", "es"]
auxiliaries = ["pt"]
pools = ["unseen"]
seeds = 2
trials = 1
analyses = ["transfers"]
[[study]]
name = "retrieval"
tasks = ["ic"]
strategies = ["alone", "pooled", "continued:pt", "rows:pt", "longer:pt"]
[study.settings]
dim = 8
epochs = 1
batch = 16
templates = false
shares = [0.5, 0.2, 0.3]
[[study]]
name = "models"
kind = "lm"
strategies = ["alone", "pooled", "continued:pt"]
[study.settings]
size = "none"
shares = [0.5, 0.2, 0.3]
[[study]]
name = "neither"
tasks = ["ic"]
strategies = ["alone"]
[study.settings]
dim = 8
epochs = 1
batch = 16
templates = false
shares = [0.5, 0.2, 0.3]
"""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs in this process, each after what it needs: starting others takes longer than the work."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, needs: Any = None, **_: Any) -> None:
        for specification in specifications:
            for needed in needs(specification) if needs else ():
                perform(runs, [needed], work, needs)
            runs.perform(specification, work)

    monkeypatch.setattr(costs, "perform_all", perform)
    monkeypatch.setattr(study, "perform_all", perform)
    yield


def test_models_bytes_and_seconds_are_added_up_and_a_start_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every training takes a second by a clock of ours, every model eight bytes; two go on from one Portuguese."""
    ticks = count()
    monkeypatch.setattr(costs.time, "process_time", lambda: float(next(ticks)))
    portuguese = Recipe("mix", {"pt": Share()}, seed=1)
    recipes = {
        "alone": [Recipe("mix", {code: Share()}, seed=1) for code in ("gl", "es")],
        "pooled": [Recipe("mix", {code: Share() for code in ("gl", "es", "pt")}, seed=1)],
        "continued:pt": [Recipe("mix", {code: Share()}, seed=1, start=portuguese) for code in ("gl", "es")],
        "longer:pt": [Recipe("mix", {"gl": Share(11.0)}, seed=1)],
    }
    found = costs_of(Helped(), recipes, Runs(tmp_path), quiet)
    assert found == {
        "alone": Cost(2, 16, 2.0, 0.0, 500),
        "pooled": Cost(1, 8, 1.0, 0.0, 1_500),
        "continued:pt": Cost(2, 16, 2.0, 1.0, 1_500),
        "longer:pt": Cost(1, 8, 1.0, 0.0, 1_100),
    }
    assert not list(tmp_path.glob("*/model/skill")) or len(list(tmp_path.glob("*/model"))) == 1  # the start alone
    assert (
        costs_of(Helped(), recipes, Runs(tmp_path), quiet) == found and next(ticks) == 14
    )  # nothing is measured twice


def test_every_strategy_is_a_way_or_a_control() -> None:
    """A new strategy is looked at here: what shares nothing, or wrongly, or is censored, is no way to help."""
    controls = {"control", "placebo", "repeated", "censored", "severed", "begun_censored", "begun_severed", "synthetic"}
    assert {name for name in STRATEGIES if not way_of(name)} == controls
    assert way_of("continued:en+es") == "fine-tuning" and way_of("rows:es") == "rows carried over"


def test_a_study_file_of_two_kinds_has_both_tables(tmp_path: Path) -> None:
    """One model for all where it is joint, one a language where it is not; the gain is that of the study's table."""
    make_corpus(tmp_path, {"gl": 24, "pt": 30, "es": 24}, sentences=8)
    (tmp_path / "study.toml").write_text(FILE, encoding="utf-8")
    laboratory = run_study_file(tmp_path / "study.toml", tmp_path / "out", jobs=1)
    assert not laboratory.unanswered and not laboratory.failed
    retrieval, models = read_findings(tmp_path / "out" / "findings")
    assert [each.name for each in (retrieval, models)] == ["transfers-1", "transfers-2"]
    table = dict(retrieval.tables)["Gain and cost"]
    assert table["arm"].to_list() == ["alone", "pooled", "continued:pt", "rows:pt", "longer:pt"]
    assert table["models"].to_list() == [2, 1, 2, 2, 2] and table["languages"].to_list() == [2] * 5
    rows = {row["arm"]: row for row in table.to_dicts()}
    assert rows["continued:pt"]["of_starts"] > 0 == rows["pooled"]["of_starts"] and rows["alone"]["times"] == 1
    # a model that goes on keeps what it began with, one that takes rows over has its language's alone
    assert rows["continued:pt"]["size"] > rows["rows:pt"]["size"]
    assert rows["alone"]["size"] < rows["pooled"]["size"] * 2
    (compared,) = (
        laboratory.studies["retrieval"]
        .comparisons.filter(arm="pooled", against="alone", pool="unseen", measure="mrr", language="(all)")
        .to_dicts()
    )
    assert (rows["pooled"]["gain"], rows["pooled"]["low"]) == (compared["relative"], compared["low"])
    assert "One joint model (pooled) brings" in retrieval.sentence and "1 model to keep" in retrieval.sentence
    fewer = {row["arm"]: row for row in dict(models.tables)["Gain and cost"].to_dicts()}
    (bits,) = (
        laboratory.studies["models"]
        .comparisons.filter(arm="continued:pt", against="alone", language="(all)")
        .to_dicts()
    )
    assert fewer["continued:pt"]["gain"] == -bits["relative"] and fewer["continued:pt"]["high"] == -bits["low"]
    assert fewer["pooled"]["models"] == 1 and fewer["continued:pt"]["models"] == 2
    assert retrieval.charts[0].name == "transfers-1-costs"


def test_without_such_arms_it_says_what_to_name(tmp_path: Path) -> None:
    """A study of the arm alone has nothing to compare."""
    make_corpus(tmp_path, {"gl": 24, "pt": 30}, sentences=8)
    only = FILE.partition("[[study]]")[0].replace('["gl", "es"]', '["gl"]') + FILE.rpartition("[[study]]")[2]
    (tmp_path / "study.toml").write_text(
        only.replace('name = "neither"\n', "").replace("[study.settings]", "[settings]"), encoding="utf-8"
    )
    laboratory = run_study_file(tmp_path / "study.toml", tmp_path / "out", jobs=1)
    assert "no study compares transfers: name the strategies alone and pooled" in laboratory.unanswered["transfers"]
