"""`sprachbund index --to` and `sprachbund search --in` as a user gives them, with a folder of Qdrant's own client."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed

from clusters import SECRET, cluster
from sprachbund import Index


@pytest.fixture(scope="module")
def written(corpus: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An index of the corpus, and the URL of the table that it was written to."""
    folder = tmp_path_factory.mktemp("written")
    url = f"qdrant://{folder}/q?table=rivers"
    made = ("--model", model, "--map", "0", "--sentences", "2", "--no-neighbours", "--to", url)
    shown = succeed("index", corpus, "--languages", "pt,tr", "--out", folder / "index", *made)
    passages = sum(count["passages"] for count in Index.open(folder / "index").counts.values())
    assert f"qdrant://{folder}/q, table rivers: {passages:,} passages; documents written 80, taken out 0" in shown
    return folder / "index", url


def test_search_in_a_database(written: tuple[Path, str]) -> None:
    """Results as people read them and as JSON, those of the index in mode dense; words without quotes are one query."""
    index, url = written
    query = Index.open(index).segments[0].records.texts(0, 1)[0].split("\n")[0]
    found = json.loads(succeed("search", "--in", url, *query.split(), "--model", index, "--mode", "dense", "--json"))
    own = json.loads(succeed("search", index, query, "--mode", "dense", "--exactly", "--json"))
    assert [hit["key"] for hit in found] == [hit["key"] for hit in own] and len(found) == 10
    shown = succeed("search", "--in", url, query, "--model", index, "-k", "2", "--languages", "pt")
    assert " 1. " in shown and " 3. " not in shown and "[tr]" not in shown and "bm25" in shown
    assert succeed("search", "--in", url, "...", "--model", index) == "nothing was found\n"


def test_a_change_goes_to_the_database(written: tuple[Path, str]) -> None:
    """What is deleted goes; an index that is there is written without sources; JSON says what was done."""
    index, url = written
    said = json.loads(succeed("index", "--out", index, "--delete", "tr:tr-0", "--to", url, "--json"))
    assert {name: said["database"][name] for name in ("written", "removed", "kept")} == {
        "written": 0, "removed": 1, "kept": 79,
    }  # fmt: skip
    assert "taken out 0, left 79" in succeed("index", "--out", index, "--to", url)


def test_mistakes_are_one_line(written: tuple[Path, str], tmp_path: Path) -> None:
    """Before any work; nothing is made."""
    index, url = written
    new = ("index", "nowhere", "--out", tmp_path / "new", "--to")
    assert "expected the URL of a database" in fail(*new, "mysql://ana:s3cret@h/db")
    message = fail(*new, "postgresql://ana:s3cret@127.0.0.1:9/db")
    assert "the database does not answer" in message and "s3cret" not in message and not (tmp_path / "new").exists()
    assert "--hnsw is of a database" in fail("index", "--out", index, "--hnsw")
    assert "--why is of an index in a folder" in fail("search", "--in", url, "x", "--why", "--model", index)
    assert "modes of a database" in fail("search", "--in", url, "x", "--mode", "rrf", "--model", index)
    assert "no such table" in fail("search", "--in", f"{url}2", "x", "--model", index)
    assert "expected an encoder" in fail("search", "--in", url, "x", "--model", tmp_path)
    assert "the query is empty" in fail("search", "--in", url, " ", "--model", index)
    assert "--in needs --model DIR" in fail("search", "--in", url, "x")
    assert "has no index.json" in fail("index", "--out", tmp_path, "--to", "postgresql://127.0.0.1:1/none")


def test_postgresql_and_its_password(written: tuple[Path, str]) -> None:
    """The same there; what is said has no password, whatever -v adds."""
    index, _ = written
    with cluster() as server:
        url = server.url("rivers")
        done = sprachbund("-v", "index", "--out", index, "--to", url)
        assert done.returncode == 0 and SECRET.encode() not in done.stdout + done.stderr
        assert b"postgresql://postgres@/postgres, table rivers: " in done.stdout
        assert " 1. " in succeed("search", "--in", url, "--model", index, "rio")
