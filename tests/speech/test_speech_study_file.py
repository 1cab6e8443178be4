"""Recognisers in a study file: a curve over minutes, what it will take, once done and never again, what is refused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_speech import common_voice, sentences

from sprachbund.analyses.amounts.curves import Curve, amount_reaching
from sprachbund.analyses.amounts.findings import amounts_finding, saved_table
from sprachbund.analyses.finding import read_findings
from sprachbund.analyses.laboratory.laboratory import run_study_file
from sprachbund.analyses.laboratory.standing import plan_study_file, study_status
from sprachbund.analyses.laboratory.study_file import questions_of, read_study_file
from sprachbund.errors import SettingsError
from sprachbund.speech.declared import DECLARATION
from sprachbund.speech.ingest import ingest_speech
from sprachbund.speech.store import SpeechCorpus
from sprachbund.speech.transfer import Question

FILE = """
corpus = "SPEECH"
kind = "speech"
targets = ["pt"]
auxiliaries = ["es"]
strategies = ["alone", "continued:es"]
trials = 1
seeds = 1
analyses = ["amounts"]

[settings]
channels = 16
width = 16
layers = 1
batch = 1.2
epochs = 1
evaluations = 2
precision = "float32"
source_minutes = 0.3

[grid]
target_minutes = [0.1, 0]
"""
NAMES = ["study-target_minutes-0.1", "study-target_minutes-0"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tones of eight speakers in two languages."""
    folder = tmp_path_factory.mktemp("study-file")
    sources = [common_voice(folder / code, sentences(40, seed=number), 8, code, number)
               for number, code in enumerate(("pt", "es"))]  # fmt: skip
    ingest_speech(sources, folder / "SPEECH")
    return folder


def write(folder: Path, text: str = FILE) -> Path:
    """A study file beside the corpus."""
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_questions_are_those_of_transfer(place: Path) -> None:
    """The same specification that `transfer_speech` has; `sizes` are minutes."""
    corpus = SpeechCorpus.open(place / "SPEECH")
    questions = questions_of(read_study_file(write(place)), corpus)
    assert list(questions) == NAMES and all(isinstance(each, Question) for each in questions.values())
    small, large = (each.settings for each in questions.values())
    assert (small.target_minutes, large.target_minutes, small.source_minutes) == (0.1, 0.0, 0.3)
    assert questions[NAMES[0]].plan.judged == ("pt",) and questions[NAMES[0]].plan.languages == ("pt", "es")
    sized = FILE.replace("target_minutes = [0.1, 0]", "sizes = [1, 0]")
    (minute, _) = questions_of(read_study_file(write(place, sized)), corpus).values()
    assert minute.settings.target_minutes == 1


def test_a_curve_is_foreseen_carried_out_and_done_once(place: Path) -> None:
    """The source is trained once for both sizes; the estimate has time, memory and disk; a second call does nothing."""
    path, out = write(place), place / "out"
    plan = plan_study_file(path, out, jobs=1)
    assert plan.done == 0 and plan.seconds > 0 and plan.memory > 0 and plan.disk > 0
    assert "speech: from a probe of es and pt" in plan.found and not out.exists()
    found = run_study_file(path, out, jobs=1)
    assert list(found.studies) == NAMES and not found.failed and not found.unanswered
    heard = [found.studies[name].languages["seconds"][0] for name in NAMES]
    assert heard[0] <= 6 < heard[1]
    told = [json.loads((run / "run.json").read_text())["specification"] for run in (out / "runs").iterdir()]
    spanish = [each for each in told if list(each.get("recipe", {}).get("text", {})) == ["es"]]
    assert [each["job"] for each in spanish] == ["train"]
    (finding,) = read_findings(out / "findings")
    assert finding.name == "amounts" and "pt alone reaches" in finding.sentence and len(finding.charts) == 1
    assert {row["arm"] for row in finding.tables[1][1].to_dicts()} == {"alone", "continued:es"}
    again = run_study_file(path, out, jobs=1)
    assert again.done == 2
    state = study_status(out)
    assert set(state.studies.values()) == {"complete"} and state.done == state.runs == len(told)


def test_a_killed_file_goes_on(place: Path, tmp_path: Path) -> None:
    """After a kill the runs that were complete are not done again."""
    path, out = write(place), tmp_path / "out"
    code = (
        "import sys\nfrom sprachbund.analyses.laboratory.laboratory import run_study_file\n"
        "if __name__ == '__main__':\n    run_study_file(sys.argv[1], sys.argv[2], jobs=1)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path), str(out)], env=os.environ)
    while not list(out.glob("runs/*/run.json")) and child.poll() is None:
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = {each: each.stat().st_mtime_ns for each in out.glob("runs/*/run.json")}
    assert before
    found = run_study_file(path, out, jobs=1)
    assert list(found.studies) == NAMES
    assert all(each.stat().st_mtime_ns == time for each, time in before.items())


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('corpus = "SPEECH"', 'sources = ["pt"]', "line 2: sources are of text"),
        ('targets = ["pt"]', 'targets = ["fr"]', "line 4: .*SPEECH: has no fr"),
        ('["alone", "continued:es"]', '["alone", "pooled", "control"]', "recognisers that share nothing"),
        ("channels = 16", "chanels = 16", "no setting is called chanels; the nearest is channels"),
        ("target_minutes = [0.1, 0]", "tasks = [1]", "no key or setting is called tasks|tasks"),
        ('kind = "speech"\n', 'kind = "speach"\n', "no kind of model is called speach; the nearest is speech"),
    ],
)  # fmt: skip
def test_what_cannot_be(place: Path, old: str, new: str, said: str) -> None:
    """Named with its line before any work."""
    assert old in FILE
    with pytest.raises(SettingsError, match=said) as caught:
        questions_of(read_study_file(write(place, FILE.replace(old, new))), SpeechCorpus.open(place / "SPEECH"))
    assert "\n" not in str(caught.value)


def test_text_and_speech_are_two_files(place: Path) -> None:
    """One corpus cannot be both; the line of the study that differs is named."""
    text = 'corpus = "SPEECH"\n[[study]]\nname = "a"\nkind = "speech"\n[[study]]\nname = "b"\nkind = "lm"\n'
    with pytest.raises(SettingsError, match="line 7: b reads text, a speech: a study file has one corpus"):
        read_study_file(write(place, text))


def test_a_corpus_of_text_is_refused(place: Path) -> None:
    """Says what makes one of speech."""
    (place / "empty").mkdir(exist_ok=True)
    with pytest.raises(SettingsError, match="a folder that sprachbund speech ingest wrote"):
        run_study_file(write(place, FILE.replace('"SPEECH"', '"empty"')), place / "never")
    assert not (place / "never").exists()


def test_what_reads_text_says_so(place: Path) -> None:
    """An analysis of text has no finding of speech, and ends no other."""
    path = write(place, FILE.replace('["amounts"]', '["F2", "amounts"]'))
    found = run_study_file(path, place / "out", jobs=1)
    assert [each.name for each in found.findings] == ["amounts"]
    assert "reads text" in found.unanswered["F2"]


CER = DECLARATION.measures[0]


def test_amounts_are_read_off_a_line_over_logarithms() -> None:
    """By hand: halfway between .8 and .6 is halfway between the logarithms of 2 and 8; the first crossing counts."""
    values = np.array([0.8, 0.6, 0.5])
    assert amount_reaching((2, 8, 60), values, 0.7, CER) == pytest.approx(4.0)
    assert amount_reaching((2, 8, 60), values, 0.6, CER) == pytest.approx(8.0)
    assert amount_reaching((2, 8, 60), values, 0.9, CER) == 2
    assert amount_reaching((2, 8, 60), values, 0.4, CER) == np.inf
    assert amount_reaching((2, 8, 60), np.array([0.8, np.nan, 0.6]), 0.7, CER) == pytest.approx(np.sqrt(2 * 60))
    assert amount_reaching((2, 8), np.array([0.8, 0.8]), 0.8, CER) == 2


def test_what_a_start_saves() -> None:
    """An arm that is at 10 minutes where alone is at 60 saves 50, with the interval of draws; one that is not, none."""
    alone = np.tile([0.9, 0.8, 0.6], (101, 1))
    near = np.tile([0.7, 0.6, 0.5], (101, 1))
    near[51:, 1] = 0.65  # half of the draws cross between 10 and 60
    far = alone + 0.1
    curve = Curve("speech", "pt", CER, (120.0, 600.0, 3600.0), ("a", "b", "c"),
                  {"alone": alone, "continued:es": near, "continued:en": far})  # fmt: skip
    rows = {row["arm"]: row for row in saved_table(curve).to_dicts()}
    own = rows["continued:es"]
    assert own["alone's most"] == 3600 and own["alone's value"] == 0.6
    assert own["reached with"] == pytest.approx(600) and own["saved"] == pytest.approx(3000)
    assert own["low"] == pytest.approx(600) and own["high"] == pytest.approx(600 * 6 ** (1 / 3))
    assert rows["continued:en"]["reached with"] == np.inf and rows["continued:en"]["saved"] == 0
    finding = amounts_finding([curve], DECLARATION, "Speech", "amounts")
    assert "continued:es reaches what pt alone reaches with 60 minutes of speech" in finding.sentence
    assert "with 10 minutes of speech (95% interval 10 to 18.2): 83% of it saved" in finding.sentence
    assert "continued:en does not reach" in finding.sentence
    assert isinstance(finding.tables[0][1], pl.DataFrame) and len(finding.tables[1][1]) == 9
