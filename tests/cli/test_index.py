"""`sprachbund index` as a user gives it: what it makes and prints, and one line for every mistake."""

import json
import shutil
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed

from sprachbund import Index

SMALL = ("--map", "0")


@pytest.fixture(scope="module")
def indexed(corpus: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the corpus by the command; the encoder has no wordless weights to warn of."""
    out = tmp_path_factory.mktemp("indexed") / "index"
    succeed("index", corpus, "--out", out, "--model", model, *SMALL, "--sentences", "2", "--languages", "gl,pt")
    return out


@pytest.fixture
def own(indexed: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(indexed, tmp_path / "index"))


def test_it_makes_an_index_and_says_what_is_in_it(corpus: Path, model: Path, tmp_path: Path) -> None:
    """Counts by language as JSON and as a table; the same command again keeps all."""
    out = tmp_path / "index"
    found = json.loads(succeed("index", corpus, "--out", out, "--model", model, "--sentences", "2", "--json"))
    assert found["generation"] == 1 and found["added"] == dict.fromkeys(("gl", "pt", "tr"), 40)
    # 40 documents of one section of six sentences
    assert found["counts"] == {code: {"documents": 40, "passages": 120} for code in ("gl", "pt", "tr")}
    assert [(s["language"], s["passages"], s["dense"]["kind"]) for s in found["segments"]] == [
        (code, 120, "flat") for code in ("gl", "pt", "tr")
    ]
    index = Index.open(out, check=True)
    assert index.counts == found["counts"] and index.map() is not None
    table = succeed("index", corpus, "--out", out)
    assert f"{out}, generation 1" in " ".join(table.split()) and "flat, exact" in table
    row = next(line.split() for line in table.splitlines() if line.strip().startswith("tr"))
    assert row[:8] == ["tr", "40", "120", "0", "0", "0", "0", "40"]


def test_raw_text_to_an_index(tmp_path: Path, sample: Path) -> None:
    """No model named: one is trained on the way, and nothing of the way is left."""
    source = tmp_path / "three.jsonl"
    lines = (sample / "gl.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = sprachbund("index", source, "--out", tmp_path / "index", "--json", *SMALL)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == {"gl": 3}
    assert "Traceback" not in done.stderr.decode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index", "three.jsonl"]
    assert "Marie Curie" in succeed("search", tmp_path / "index", "Marie Curie")


def test_delete_and_merge(own: Path) -> None:
    """Documents by LANG:ID; merged away; checked."""
    found = json.loads(succeed("index", "--out", own, "--delete", "gl:gl-1", "--delete", "pt:pt-2", "--json"))
    assert (found["generation"], found["deleted"]) == (2, {"gl": 1, "pt": 1})
    assert found["counts"]["gl"] == {"documents": 39, "passages": 117}
    assert [s["deleted_documents"] for s in found["segments"]] == [1, 1]
    merged = json.loads(succeed("index", "--out", own, "--merge", "--json"))
    assert merged["generation"] == 3 and [s["deleted_documents"] for s in merged["segments"]] == [0, 0]
    assert merged["counts"] == found["counts"]
    assert f"{own}, generation 3" in " ".join(succeed("index", "--out", own, "--check").split())


def test_what_damages_an_index_is_found_by_check(own: Path) -> None:
    """A bit in the middle of every kind of file: named, with what to do."""
    for name in ("passages.npy", "passages.sqlite", "dense.faiss", "segment.json"):
        path = sorted((own / "segments").glob(f"*/{name}"))[0]
        good = path.read_bytes()
        data = bytearray(good)
        data[len(data) // 2] ^= 4
        path.write_bytes(bytes(data))
        message = fail("index", "--out", own, "--check")
        assert str(path) in message and "damaged" in message
        path.write_bytes(good[:-9])
        assert str(path) in fail("search", own, "babebo")
        path.write_bytes(good)
    (own / "index.json").write_text("{")
    assert fail("search", own, "babebo").startswith(f"{own / 'index.json'}: damaged")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "name sources to index, or --delete, --merge, --check or --to"),
        (["--delete", "gl-1"], "--delete wants LANG:ID, as en:Sahara; found 'gl-1'"),
        (["--delete", "gl:"], "--delete wants LANG:ID"),
        (["--delete", "gl:nobody"], "has no document gl:nobody; nothing was deleted"),
        (["--delete", "gl:gl-1", "--merge"], "three commands; give one at a time"),
        (["CORPUS", "--merge"], "three commands; give one at a time"),
        (["CORPUS", "--languages", "xx"], "the text of the sources has no xx; it has gl, pt, tr"),
        (["CORPUS", "--languages", ","], "names no language"),
        (["CORPUS", "--memory", "1M"], "at least 256 MiB of memory"),
        (["CORPUS", "--memory", "much"], "'much' is not a size"),
        (["CORPUS/nothing"], "nothing"),
        (["CORPUS", "--model", "CORPUS"], "expected a"),
    ],
)
def test_mistakes_are_one_line(own: Path, corpus: Path, arguments: list[str], expected: str) -> None:
    """And the index is as it was."""
    before = (own / "index.json").read_bytes()
    given = [str(corpus) + a.removeprefix("CORPUS") if a.startswith("CORPUS") else a for a in arguments]
    assert expected in fail("index", *given, "--out", own)
    assert (own / "index.json").read_bytes() == before
    assert sorted(p.name for p in own.iterdir() if p.name.startswith(".")) == []


def test_mistakes_at_a_new_index(corpus: Path, model: Path, tmp_path: Path) -> None:
    """Another kind of vectors, a folder with other things, an index where there is none."""
    assert "one of auto, flat, ivf, hnsw; found 'tree'" in fail(
        "index", corpus, "--model", model, "--out", tmp_path / "x", "--dense", "tree"
    )
    assert "already holds something else" in fail("index", corpus, "--model", model, "--out", model)
    for verb in (["--merge"], ["--delete", "gl:gl-1"], ["--check"]):
        message = fail("index", *verb, "--out", tmp_path / "nothing")
        assert message.startswith(f"{tmp_path / 'nothing'}: expected a") and message.endswith("found nothing")
    assert not list(tmp_path.iterdir())
    fail("index", corpus, "--out", tmp_path / "x", "--sentences", "0", code=2)


def test_another_model_is_refused(own: Path, corpus: Path, tmp_path: Path) -> None:
    """An index keeps its encoder."""
    other = ("--set", "dim=8", "--set", "epochs=1", "--set", "batch=64", "--languages", "tr")
    succeed("train", corpus, "--out", tmp_path / "other", *other)
    assert "has another model than" in fail("index", corpus, "--out", own, "--model", tmp_path / "other")
