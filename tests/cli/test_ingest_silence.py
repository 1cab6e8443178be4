"""An ingest that kept nothing has failed, and one that would be written where nobody looks does not begin."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund

TEXT = "The mill stands by the river. It grinds corn."
BAD = {"text": TEXT, "lang": "xx"}


def rows(path: Path, *values: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def refused(*arguments: str | Path) -> str:
    """The error on the last line, of a command that shows its table and its warnings before."""
    done = sprachbund("ingest", *arguments)
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith("error: ")
    return last.removeprefix("error: ")


def test_an_ingest_that_kept_nothing_fails_and_says_why(tmp_path: Path) -> None:
    """By reason, the most frequent first; with --lang the same command succeeds, and again it has all already."""
    path = rows(tmp_path / "a.jsonl", {**BAD, "id": 1}, {**BAD, "id": 2}, {"id": 3, "text": 5})
    assert refused(path, "--out", tmp_path / "c") == "no document was kept (2 unknown language; 1 not of this format)"
    for _ in range(2):
        assert sprachbund("ingest", path, "--lang", "en", "--out", tmp_path / "c").returncode == 0


def test_the_summary_in_json_is_printed_all_the_same(tmp_path: Path) -> None:
    """A script that reads it finds what became of each source, and the exit code."""
    done = sprachbund("ingest", rows(tmp_path / "a.jsonl", {**BAD, "id": 1}), "--out", tmp_path / "c", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["sources"][0]["dropped"] == {"unknown language": 1}


def test_files_that_could_not_be_read_are_named(tmp_path: Path) -> None:
    """A folder of nothing but empty files, links that lead nowhere and a language that nobody knows."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("")
    (tmp_path / "texts" / "b.txt").symlink_to("absent")
    rows(tmp_path / "texts" / "c.jsonl", {**BAD, "id": 1})
    message = refused(tmp_path / "texts", "--out", tmp_path / "c")
    assert message.startswith("no document was kept (1 unknown language; a.txt: empty: ")
    assert "b.txt: a link that leads to no file" in message


def test_one_document_is_enough(tmp_path: Path) -> None:
    """What was dropped beside it is a warning, as it was."""
    path = rows(tmp_path / "a.jsonl", {**BAD, "id": 1}, {"id": 2, "lang": "en", "text": TEXT})
    assert sprachbund("ingest", path, "--out", tmp_path / "c").returncode == 0


@pytest.mark.parametrize("out", ["/nope-sprachbund/x", "absent/deeper/x"])
def test_a_corpus_is_not_made_in_the_root_or_far_from_any_folder(tmp_path: Path, out: str) -> None:
    """The place is refused before anything is read, and nothing is made."""
    path = rows(tmp_path / "a.jsonl", {"id": 1, "lang": "en", "text": TEXT})
    place = Path(out) if out.startswith("/") else tmp_path / out
    assert "does not exist; make it first" in fail("ingest", path, "--out", place)
    assert not place.exists() and not place.parent.exists()
    assert sprachbund("ingest", path, "--out", tmp_path / "new" / "corpus").returncode == 0


def test_a_time_limit_is_a_number_of_seconds(tmp_path: Path) -> None:
    """0 is no limit, less is wrong usage."""
    path = rows(tmp_path / "a.jsonl", {"id": 1, "lang": "en", "text": TEXT})
    assert sprachbund("ingest", path, "--out", tmp_path / "c", "--record-seconds", "0").returncode == 0
    assert "--record-seconds" in fail("ingest", path, "--out", tmp_path / "d", "--record-seconds", "-1", code=2)
