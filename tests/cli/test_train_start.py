"""``train --start``: a model goes on in another language from the command line, and what is refused in one line."""

import json
from pathlib import Path

import pytest
from terminal import SMALL, fail, succeed

from sprachbund import Encoder

ONCE = ("--set", "batch=64", "--epochs", "1")


@pytest.fixture(scope="module")
def galician(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of gl."""
    out = tmp_path_factory.mktemp("gl") / "gl"
    succeed("train", corpus, "--out", out, "--languages", "gl", *SMALL, *ONCE)
    return out


def test_it_says_what_came_of_the_rows(galician: Path, corpus: Path, tmp_path: Path) -> None:
    """The shape is the start's, unasked; a line and the JSON tell its rows, and evaluate takes what was made."""
    out, chosen = tmp_path / "pt", ("--languages", "pt", "--start", galician, "--freeze", "0.5")
    shown = succeed("train", corpus, "--out", out, *chosen, *ONCE)
    made, start = Encoder.load(out), Encoder.load(galician)
    assert made.settings.encoder == start.settings.encoder
    rows = made.about["start"]["rows"]
    assert rows["identical"] + rows["kept"] == len(start.table) and rows["fresh"] == len(made.table) - len(start.table)
    assert f"It went on from `gl` (gl): carry same, {rows['identical']:,} rows of the same n-grams" in shown
    assert "were kept still for 50% of the batches." in " ".join(shown.split())
    near = json.loads(succeed("train", corpus, "--out", tmp_path / "near", *chosen, "--carry", "near", *ONCE, "--json"))
    assert near["start"]["carry"] == "near" and near["start"]["name"] == "gl" and near["rows"] < len(made.table)
    found = json.loads(succeed("evaluate", out, corpus, "--languages", "pt", "--split", "dev", "--json"))
    assert found


def test_a_table_by_its_path(galician: Path, corpus: Path, tmp_path: Path) -> None:
    """A target of pt and a start of gl: one row is given."""
    foreign = Encoder.load(galician).vocabulary
    table = tmp_path / "words.csv"
    table.write_text(f"start,target\n{foreign.strings.filter(foreign.orders == 1)[0]},{pt_word(corpus, galician)}\n")
    chosen = ("--languages", "pt", "--start", galician, "--carry", table, *ONCE)
    succeed("train", corpus, "--out", tmp_path / "pt", *chosen)
    assert Encoder.load(tmp_path / "pt").about["start"]["rows"]["given"] == 1
    table.write_text("start,target,weight\na,b,heavy\n")
    assert fail("train", corpus, "--out", tmp_path / "m", *chosen) == (
        f"{table}, line 2: expected a weight above 0, at most 1e+12, found 'heavy'"
    )
    assert not list(tmp_path.glob("m*"))


def pt_word(corpus: Path, galician: Path) -> str:
    """A word of pt that the start lacks."""
    from sprachbund import Corpus

    known = set(Encoder.load(galician).vocabulary.strings)
    texts = Corpus.open(corpus).read("pt", ["text"])["text"]
    return next(word for text in texts for word in text.lower().rstrip(".").split() if word not in known)


def test_what_is_refused(galician: Path, corpus: Path, tmp_path: Path) -> None:
    """Each in a line that says what to do, before any work."""
    begin = ("train", corpus, "--out", tmp_path / "m", "--start")
    assert fail(*begin, tmp_path / "none").endswith("found nothing; a start is a folder that train wrote")
    assert "has no encoder.json; a start is a folder that train wrote" in fail(*begin, corpus)
    assert "dim is 8 and the start's 16; leave them out" in fail(*begin, galician, "--dim", "8")
    assert "characters is [4] and the start's [3]" in fail(*begin, galician, "--set", "characters=[4]")
    assert "expected a table whose name ends in" in fail(*begin, galician, "--carry", "some")
    assert "name it as the start" in fail("train", corpus, "--out", tmp_path / "m", "--carry", "near")
    assert "--freeze" in fail(*begin, galician, "--freeze", "2", code=2)
    assert not list(tmp_path.iterdir())
