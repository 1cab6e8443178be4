"""A folder's name is taken as it is: patterns, tildes, and bytes that are no UTF-8 are names like any other."""

import json
import os
from pathlib import Path

import pytest
from terminal import SMALL, sprachbund, succeed, write_source

ODD = {"pattern": b"o[1]*?{a,b}", "tilde": b"~", "percent": b"%20#x y", "latin-1": b"caf\xe9"}
WORST = b"o[1]*?{a,b} %20#x caf\xe9"


def answer(*arguments: str | Path) -> str:
    """What a command that must succeed prints, whatever bytes the names in it have."""
    done = sprachbund(*arguments)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="replace")


def test_the_whole_way_through_a_folder_of_an_odd_name(tmp_path: Path) -> None:
    """Every verb reads and writes there, beside folders that the pattern would match; each answer is the usual one."""
    folder = tmp_path / os.fsdecode(WORST)
    beside = [tmp_path / os.fsdecode(WORST.replace(b"[1]*?{a,b}", found)) for found in (b"1xy{a,b}", b"1xya")]
    for place in (folder, *beside):
        place.mkdir()
    source = write_source(folder / "source.jsonl", documents=40)
    found = json.loads(answer("ingest", source, "--out", folder / "corpus", "--json"))
    assert found["sources"][0]["kept"] == 120
    assert len(json.loads(answer("corpus", folder / "corpus", "--json"))["languages"]) == 3
    answer("train", folder / "corpus", "--out", folder / "model", *SMALL)
    rows = json.loads(answer("evaluate", folder / "model", folder / "corpus", "--languages", "tr", "--json"))
    assert {row["queries"] for row in rows["results"]} == {24}
    (folder / "lines.txt").write_text("aba baba\n")
    answer("encode", folder / "model", folder / "lines.txt", "--out", folder / "v.npy")
    answer("encode", folder / "model", folder / "lines.txt", "--out", folder / "v.parquet")
    assert (folder / "v.npy").is_file() and (folder / "v.parquet").is_file()
    made = sprachbund("index", folder / "corpus", "--out", folder / "index", "--model", folder / "model", "--map", "50")
    assert made.returncode == 0, made.stderr.decode()
    text = json.loads(source.read_text().splitlines()[0])["sections"][0]["sentences"][0][0]
    results = json.loads(answer("search", folder / "index", text, "--json"))
    assert results
    answer("export", folder / "model", "--format", "word2vec", "--out", folder / "export")
    chosen = ("--task", "ic", "--languages", "gl,pt", "--trials", "1", "--seeds", "1", "--arms", "alone,pooled")
    study = sprachbund("transfer", folder / "corpus", "--out", folder / "study", *chosen, *SMALL)
    assert study.returncode == 0, study.stderr.decode()
    answer("report", folder / "study")
    assert (folder / "study" / "report.html").is_file()
    assert {*tmp_path.iterdir()} == {folder, *beside} and not any(list(place.iterdir()) for place in beside)


@pytest.mark.parametrize("kind", ODD)
def test_a_corpus_is_the_folder_of_that_name(kind: str, tmp_path: Path) -> None:
    """Given as a person types it, relative to where they are."""
    name = os.fsdecode(ODD[kind])
    (tmp_path / "rows.jsonl").write_text('{"id": 0, "lang": "en", "text": "The mill stands. It grinds."}\n')
    assert sprachbund("ingest", "rows.jsonl", "--out", name, folder=tmp_path).returncode == 0
    shown = sprachbund("corpus", name, "--json", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr.decode()
    assert json.loads(shown.stdout)["languages"][0]["documents"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {"rows.jsonl", name}


def test_files_whose_names_are_no_utf8_and_names_in_nfd(tmp_path: Path) -> None:
    """Each is a document of its own, called so that UTF-8 can hold it; a name in NFD is found in NFC."""
    texts = tmp_path / "texts"
    texts.mkdir()
    for name in (b"caf\xe9.txt", b"caf\xe8.txt", b"\xed\xa0\xbd.txt", "cafe\u0301.txt".encode(), "\u540d.txt".encode()):
        (texts / os.fsdecode(name)).write_text(f"The mill of {name!r} stands. It grinds.")
    assert sprachbund("ingest", texts, "--lang", "en", "--out", tmp_path / "corpus").returncode == 0
    found = json.loads(succeed("corpus", tmp_path / "corpus", "--json"))
    assert found["languages"][0]["documents"] == 5
    lines = [line for path in (tmp_path / "corpus" / "en").glob("*.jsonl") for line in path.read_text().splitlines()]
    ids = {json.loads(line)["document"] for line in lines}
    assert ids == {"caf\\xe9", "caf\\xe8", "\\xed\\xa0\\xbd", "caf\u00e9", "\u540d"}
    named = sprachbund("ingest", texts / os.fsdecode(b"caf\xe9.txt"), "--lang", "en", "--out", tmp_path / "corpus")
    assert named.returncode == 0 and b"skipped" in named.stdout
    bad = sprachbund("ingest", texts / os.fsdecode(b"\xff.txt"), "--lang", "en", "--out", tmp_path / "corpus")
    assert bad.returncode == 1 and bad.stderr.startswith(b"error: ") and bad.stderr.count(b"\n") == 1
