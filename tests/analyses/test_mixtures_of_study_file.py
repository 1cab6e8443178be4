"""Mixtures as a study file asks for them: their table, and findings on the page of all."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.lm.corpora import make_corpus

from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.laboratory.findings_table import ANALYSES
from sprachbund.analyses.laboratory.laboratory import Laboratory, run_study_file
from sprachbund.analyses.laboratory.study_file import read_study_file
from sprachbund.analyses.mixtures import runs as mixture_runs
from sprachbund.analyses.mixtures.optimising import MixtureSettings
from sprachbund.errors import SettingsError
from sprachbund.runs.store import Runs
from sprachbund.studies import study

TEXT = (
    'corpus = "corpus"\ntargets = ["gl"]\nauxiliaries = ["pt"]\nstrategies = ["alone"]\n'
    'pools = ["unseen"]\ntasks = ["ic"]\nseeds = 1\ntrials = 1\nanalyses = ["F4"]\n'
    "[settings]\ndim = 8\nepochs = 1\nbatch = 16\ntemplates = false\n"
    "shares = [0.5, 0.2, 0.3]\n[mixture]\nshares = [0.9]\n"
)


def write(folder: Path, text: str) -> Path:
    """A study file."""
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    """Runs in this process, those of the studies too: starting others takes longer than the work."""

    def perform(runs: Runs, specifications: Sequence[Any], work: Any, **_: Any) -> None:
        for specification in specifications:
            runs.perform(specification, work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixture_runs, "perform_all", perform)
        patch.setattr(study, "perform_all", perform)
        yield


def test_the_table_is_read_with_its_types(tmp_path: Path) -> None:
    """Whole numbers stand for others; what is left out is as it is without a table."""
    (tmp_path / "corpus").mkdir()
    text = TEXT.replace("[0.9]", "[0.1, 0.9]\nruns = 12\nmost = 3\nweights = {gl = 2}\ntemperatures = [1, 0]")
    found = read_study_file(write(tmp_path, text)).mixture
    assert found == MixtureSettings(runs=12, most=3.0, weights={"gl": 2.0}, shares=(0.1, 0.9), temperatures=(1.0, 0.0))
    assert read_study_file(write(tmp_path, TEXT.partition("[mixture]")[0])).mixture == MixtureSettings()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("share = [0.1]", "line 17: no key of mixtures is called share; the nearest is shares"),
        ("shares = [2.0]", "line 17: shares of mixtures must be between 0 and 1 each"),
        ('shares = "ten"', "line 17: shares must be a list like"),
        ("runs = 1.5", "line 17: runs must be a whole number"),
    ],
)
def test_what_it_cannot_say_is_named_with_its_line(line: str, message: str, tmp_path: Path) -> None:
    """Before anything is trained, the nearest right word with it."""
    (tmp_path / "corpus").mkdir()
    with pytest.raises(SettingsError, match=message):
        read_study_file(write(tmp_path, TEXT.replace("shares = [0.9]", line)))


def test_a_study_file_finds_f4_of_its_target_and_says_what_cannot_be(tmp_path: Path) -> None:
    """The finding is on the page, its runs lie with the study's; language models are told why they have none."""
    make_corpus(tmp_path, {"gl": 24, "pt": 30}, sentences=8)
    found = run_study_file(write(tmp_path, TEXT), tmp_path / "out", jobs=1)
    (finding,) = read_findings(tmp_path / "out" / "findings")
    assert finding.name == "F4" and not found.unanswered and "gl" in finding.title
    assert dict(finding.tables)["Score by share"]["mixture"].unique(maintain_order=True).to_list()[1:] == ["share 90%"]
    assert finding.title in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "figures" / "F4-shares.svg").is_file()
    shares = [
        set(json.loads(path.read_text())["specification"].get("recipe", {}).get("text", {}))
        for path in (tmp_path / "out" / "runs").glob("*/run.json")
    ]
    assert shares.count({"gl", "pt"}) >= 4  # two on dev and two on test
    models = TEXT.partition("[settings]")[0].replace('pools = ["unseen"]\ntasks = ["ic"]', 'kind = "lm"')
    models += '[settings]\nsize = "none"\nshares = [0.5, 0.2, 0.3]\n'
    models_only = Laboratory(tmp_path, found.corpus, read_study_file(write(tmp_path, models)), {})
    with pytest.raises(SettingsError, match="mixtures are of retrieval: a language model has n-grams of its own"):
        ANALYSES["F4"](models_only)
