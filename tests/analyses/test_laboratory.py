"""A study file is carried out once, goes on where it was, takes up what is new, and mixes nothing."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.lm.corpora import make_corpus

from sprachbund import ingest
from sprachbund.analyses.finding import Finding, read_findings
from sprachbund.analyses.laboratory import answering, laboratory, standing, study_file
from sprachbund.analyses.laboratory.laboratory import NOTE, Laboratory, run_study_file
from sprachbund.analyses.laboratory.standing import plan_study_file, study_status
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import sealed
from sprachbund.report import load_study

MODELS = (
    'corpus = "corpus"\nkind = "lm"\ntargets = ["gl"]\nauxiliaries = ["pt"]\nstrategies = ["alone", "continued:pt"]\n'
    'seeds = 1\n[settings]\nsize = "none"\nshares = [0.5, 0.2, 0.3]\n[grid]\nsizes = [400, 800]\n'
)
NAMES = ["study-sizes-400", "study-sizes-800"]


def write(folder: Path, text: str = MODELS) -> Path:
    """A study file."""
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def runs(folder: Path) -> dict[str, int]:
    """The runs of a laboratory, and when each was made."""
    return {path.name: (path / "run.json").stat().st_mtime_ns for path in (folder / "runs").iterdir()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, a study file and what it brought."""
    folder = tmp_path_factory.mktemp("laboratory")
    make_corpus(folder, {"gl": 24, "pt": 30, "es": 20}, sentences=8)
    run_study_file(write(folder), folder / "out", jobs=1)
    return folder


@pytest.fixture
def copy(place: Path, tmp_path: Path) -> Path:
    """The same in a folder of its own."""
    return shutil.copytree(place, tmp_path / "copy")


def test_every_study_has_its_tables_and_its_page(place: Path) -> None:
    """As transfer writes them; the two sizes differ in what they learned, not in what judges them."""
    small, large = (load_study(place / "out" / "studies" / name) for name in NAMES)
    assert all((place / "out" / "studies" / name / "report.html").is_file() for name in NAMES)
    sizes = [frames.languages.filter(language="gl")["characters"][0] for frames in (small, large)]
    assert sizes[0] <= 400 < sizes[1] <= 800
    for column in ("test_bytes", "test_documents"):
        assert small.languages.filter(language="gl")[column][0] == large.languages.filter(language="gl")[column][0]


def test_the_neighbour_is_trained_once_for_both_sizes(place: Path) -> None:
    """The model that both begin from is no matter of the target's size; where one setting is all, none is tried."""
    folders = (place / "out" / "runs").iterdir()
    specifications = [json.loads((path / "run.json").read_text())["specification"] for path in folders]
    neighbour = [s for s in specifications if "recipe" in s and list(s["recipe"]["text"]) == ["pt"]]
    assert [s["job"] for s in neighbour] == ["train"]
    assert not [s for s in specifications if s["job"] == "trial"]
    target = [s for s in specifications if s["job"] == "judge"]
    assert len(target) == 2 * 2


def test_a_second_call_does_nothing(copy: Path) -> None:
    """No run is made, no table is written; what is given back is the same."""
    before = runs(copy / "out"), (copy / "out" / "studies" / NAMES[0] / "results.parquet").stat().st_mtime_ns
    found = run_study_file(copy / "study.toml", copy / "out", jobs=1)
    assert isinstance(found, Laboratory) and (found.done, list(found.studies), found.failed) == (2, NAMES, {})
    after = runs(copy / "out"), (copy / "out" / "studies" / NAMES[0] / "results.parquet").stat().st_mtime_ns
    assert before == after


def test_of_a_changed_file_only_the_new_is_done(copy: Path) -> None:
    """Another size, another seed: the runs that were there stay as they are, and a finished study is not touched."""
    before = runs(copy / "out")
    tables = copy / "out" / "studies" / NAMES[0] / "results.parquet"
    stamp = tables.stat().st_mtime_ns
    planned = plan_study_file(write(copy, MODELS.replace("800]", "800, 1200]")), copy / "out", jobs=1)
    found = run_study_file(copy / "study.toml", copy / "out", jobs=1)
    after = runs(copy / "out")
    assert list(found.studies) == [*NAMES, "study-sizes-1200"] and found.done == 2
    assert {name: after[name] for name in before} == before and tables.stat().st_mtime_ns == stamp
    assert (planned.runs, planned.done) == (len(after), len(before))
    more = run_study_file(write(copy, MODELS.replace("seeds = 1", "seeds = 2")), copy / "out", jobs=1)
    again = runs(copy / "out")
    assert {name: again[name] for name in after} == after and more.done == 0
    # of each size two arms are judged once more, and the start is made once more for both
    assert len(again) - len(after) == 2 * 2 + 1
    assert pl.read_parquet(tables)["seed"].max() == 2


def test_a_study_that_was_half_written_is_written_again(copy: Path) -> None:
    """Without its seal, or with a table that is not the one that it lists."""
    tables = copy / "out" / "studies" / NAMES[0]
    whole = (tables / "results.parquet").read_bytes()
    (tables / "results.parquet").write_bytes(whole[:-1] + b"x")
    (copy / "out" / "studies" / NAMES[1] / "complete.json").unlink()
    assert run_study_file(copy / "study.toml", copy / "out", jobs=1).done == 0
    assert (tables / "results.parquet").read_bytes() == whole


def test_another_corpus_is_refused(copy: Path) -> None:
    """With both hashes, before anything is done; so do the plan and the status."""
    before = runs(copy / "out")
    more = copy / "more.jsonl"
    more.write_text(json.dumps({"id": "x", "lang": "gl", "sections": [{"paragraphs": ["Unha casa nova."]}]}) + "\n")
    ingest([more], copy / "corpus")
    with pytest.raises(FolderError, match=r"its runs are of a corpus of hash \w{12}, .* has \w{12} now: name a new"):
        run_study_file(copy / "study.toml", copy / "out", jobs=1)
    with pytest.raises(FolderError, match="another corpus"):
        plan_study_file(copy / "study.toml", copy / "out")
    assert runs(copy / "out") == before


def test_runs_of_another_version_are_refused(copy: Path) -> None:
    """Of the algorithm of a kind that the file has; that of another kind is no matter."""
    said = json.loads((copy / "out" / NOTE).read_text())
    other = said | {"algorithms": said["algorithms"] | {"retrieval": 99}}
    (copy / "out" / NOTE).write_text(json.dumps(sealed(other)))
    assert run_study_file(copy / "study.toml", copy / "out", jobs=1).done == 2
    said |= {"algorithms": said["algorithms"] | {"lm": 99}, "written_by": "9.9"}
    (copy / "out" / NOTE).write_text(json.dumps(sealed(said)))
    with pytest.raises(FolderError, match=r"of algorithm 99 of lm, written by sprachbund 9\.9; this version has 1"):
        run_study_file(copy / "study.toml", copy / "out", jobs=1)


def test_a_folder_of_something_else_is_refused(copy: Path) -> None:
    """It stays as it is; and where nothing was carried out there is no status."""
    (copy / "mine").mkdir()
    (copy / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match=r"holds something that is not of a study file \(letter\.txt\)"):
        run_study_file(copy / "study.toml", copy / "mine", jobs=1)
    assert [path.name for path in (copy / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(FolderError, match="found no such studies"):
        study_status(copy / "mine")
    with pytest.raises(FolderError, match="found nothing"):
        study_status(copy / "nowhere")


def test_of_two_at_once_the_second_is_refused_and_told_who_is_in(copy: Path) -> None:
    """By its process; nothing is lost, and when it has gone the folder is free and nobody is named."""
    from sprachbund.analyses.laboratory.study_file import read_study_file

    with laboratory._working(copy / "out", read_study_file(copy / "study.toml")):
        with pytest.raises(FolderError, match=rf"another process is at work on these .* \(process {os.getpid()} on "):
            run_study_file(copy / "study.toml", copy / "out", jobs=1)
        assert f"process {os.getpid()}" in study_status(copy / "out").at_work
    assert study_status(copy / "out").at_work == ""
    assert run_study_file(copy / "study.toml", copy / "out", jobs=1).done == 2


def test_a_dead_process_is_at_work_no_more(copy: Path) -> None:
    """What it left to say so is not believed."""
    (copy / "out" / "running.json").write_text(json.dumps({"process": 1, "host": "here", "since": "then"}))
    assert study_status(copy / "out").at_work == ""


def test_a_probe_takes_languages_that_can_be_judged(tmp_path: Path) -> None:
    """One document lies on one side: the smallest language of all says nothing of how long a study takes."""
    make_corpus(tmp_path, {"gl": 24, "pt": 30, "es": 1}, sentences=8)
    text = 'corpus = "corpus"\nkind = "lm"\nstrategies = ["alone"]\nseeds = 1\n[settings]\nsize = "none"\n'
    assert "a probe of gl and pt" in plan_study_file(write(tmp_path, text), tmp_path / "out", jobs=1).found


def test_the_plan_writes_nothing_and_is_what_is_then_done(copy: Path, tmp_path: Path) -> None:
    """As many runs as are made; the status finds all of them, and says what measured them."""
    planned = plan_study_file(copy / "study.toml", tmp_path / "new", jobs=2)
    assert not (tmp_path / "new").exists()
    done = study_status(copy / "out")
    assert (planned.runs, planned.done) == (done.runs, 0) and done.done == done.runs == len(runs(copy / "out"))
    assert planned.disk > 0 == done.disk  # of the model that others begin from
    assert planned.seconds > 0 and planned.memory > 1 << 20 and "a probe of gl and pt" in planned.found
    assert set(done.studies.values()) == {"complete"} and set(planned.studies.values()) == {"left"}
    assert f"measured on {done.runs} runs" in done.found
    counts = {
        (row.arm, row.unit): (row.trials, row.trials_done, row.seeds, row.seeds_done, row.others)
        for row in planned.rows
        if row.study == NAMES[0]
    }
    assert counts == {
        ("", "gl"): (0, 0, 0, 0, 2), ("", "pt"): (0, 0, 0, 0, 1), ("alone", "gl"): (0, 0, 1, 0, 0),
        ("continued:pt", "gl"): (0, 0, 1, 0, 0),
    }  # fmt: skip


def test_a_study_that_fails_does_not_end_the_others(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said by its name, in the status too; the next call tries again."""
    whole = laboratory._study

    def fails(place: laboratory.Workplace, name: str, *rest: Any) -> None:
        if name == NAMES[0]:
            raise SettingsError("it cannot be")
        whole(place, name, *rest)

    monkeypatch.setattr(laboratory, "_study", fails)
    for name in NAMES:
        (copy / "out" / "studies" / name / "complete.json").unlink()
    found = run_study_file(copy / "study.toml", copy / "out", jobs=1)
    assert dict(found.failed) == {NAMES[0]: "it cannot be"} and list(found.studies) == [NAMES[1]]
    assert dict(study_status(copy / "out").studies) == {NAMES[0]: "it cannot be", NAMES[1]: "complete"}
    monkeypatch.undo()
    assert run_study_file(copy / "study.toml", copy / "out", jobs=1).failed == {}
    assert set(study_status(copy / "out").studies.values()) == {"complete"}


def test_the_example_is_carried_out(sample: Path, tmp_path: Path) -> None:
    """On the sample corpus, its sources ingested first; retrieval is foreseen run for run before its text is read."""
    example = sample.parent / "studies.toml"
    with pytest.raises(SettingsError, match="its sources are not ingested yet"):
        plan_study_file(example, tmp_path / "out")
    found = run_study_file(example, tmp_path / "out", jobs=1)
    assert list(found.studies) == ["studies-sizes-150", "studies-sizes-0"] and found.failed == {}
    pairs = [frames.languages.filter(language="gl")["train_pairs"][0] for frames in found.studies.values()]
    assert 0 < pairs[0] <= 150 < pairs[1]
    made = runs(tmp_path / "out")
    whole = example.read_text(encoding="utf-8").replace('sources = ["sample"]', f"corpus = {str(found.corpus.path)!r}")
    planned = plan_study_file(write(tmp_path, whole), tmp_path / "new")
    assert (planned.runs, planned.done) == (len(made), 0)
    done = standing.study_status(tmp_path / "out")
    assert (done.runs, done.done) == (len(made), len(made))
    assert run_study_file(example, tmp_path / "out", jobs=1).done == 2 and runs(tmp_path / "out") == made


def test_the_analyses_that_a_file_names_are_carried_out(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their findings stand in a folder and on a page; one that cannot be does not end the others, and is named."""

    def sizes(found: Laboratory) -> tuple[Finding, ...]:
        return (Finding("SIZES", "Sizes", f"There are {len(found.studies)} studies."),)

    def nothing(found: Laboratory) -> tuple[Finding, ...]:
        raise SettingsError("a regression needs 8 languages, found 1")

    monkeypatch.setattr(answering, "ANALYSES", {"sizes": sizes, "nothing": nothing})
    monkeypatch.setattr(study_file, "ANALYSES", answering.ANALYSES)
    file = write(copy, MODELS.replace("[settings]", 'analyses = ["nothing", "sizes"]\n[settings]'))
    found = run_study_file(file, copy / "out", jobs=1)
    assert found.done == 2
    assert (
        [one.sentence for one in found.findings]
        == ["There are 2 studies."]
        == [one.sentence for one in read_findings(copy / "out" / "findings")]
    )
    assert dict(found.unanswered) == {"nothing": "a regression needs 8 languages, found 1"}
    page = (copy / "out" / "index.html").read_text(encoding="utf-8")
    assert "There are 2 studies." in page
    assert 'href="studies/study-sizes-400/report.html"' in page
