"""`sprachbund neighbours` draws: trees to a file, and what a person may do wrong."""

import json
from pathlib import Path

import polars as pl
from terminal import fail, sprachbund, succeed

from made_trees import SMALL_DOG, lines


def test_trees(tmp_path: Path) -> None:
    """Of a treebank's sentence and a file's, without a folder of features written; nothing is left where it fails."""
    folder = tmp_path / "data" / "ud"
    folder.mkdir(parents=True)
    (folder / "es.X.test.conllu").write_text(SMALL_DOG)
    other, out = tmp_path / "pt.conllu", tmp_path / "trees.svg"
    other.write_text("\n".join(lines("um DET 2 det", "cachorro NOUN 0 root", "pequeno ADJ 2 amod")))
    data = ("--data", tmp_path / "data", "--cache", tmp_path / "kept")
    shown = succeed("neighbours", "Spanish", "pt", "--trees", out, "--sentences", "dog-1", other, *data)
    assert shown.strip() == f"trees: {out}" and "cachorro" in out.read_text()
    other.write_text("1\tum\n")
    broken = fail("neighbours", "es", "pt", "--trees", out, "--sentences", "dog-1", other, *data)
    assert "pt.conllu, line 1: expected 10 columns" in broken and "cachorro" in out.read_text()
    assert "another" in fail("neighbours", "es", "pt", "--trees", out, "--sentences", "dog-9", other, *data)
    assert "ends in .svg" in fail("neighbours", "es", "pt", "--trees", tmp_path / "trees.png", *data)
    assert "name the other language too" in fail("neighbours", "es", "--trees", out, *data)
    assert "--trees out.svg" in fail("neighbours", "es", "pt", "--sentences", "dog-1", other, *data)


def test_the_map(tmp_path: Path) -> None:
    """A page, its numbers beside it and as JSON; what does not go together is said, and nothing is written then."""
    data = tmp_path / "data" / "freq"
    data.mkdir(parents=True)
    for code, letters in (("es", "abcd"), ("pt", "abce"), ("de", "wxyz")):
        words = [f"{a}{b}{c}{d}{e}" for a in letters for b in letters for c in letters for d in letters for e in "ab"]
        words += [f"{word}{letters}" for word in words]
        (data / f"{code}.20k.txt").write_text("".join(f"{word} 9\n" for word in words * 2))
    here = ("--data", tmp_path / "data", "--cache", tmp_path / "kept")
    out = tmp_path / "map.html"
    shown = succeed("neighbours", "--matrix", "--languages", "es,pt,de", "--out", out, *here)
    assert f"map: {out}" in shown and '"code":"es"' in out.read_text()
    read = pl.read_parquet(tmp_path / "map.parquet")
    assert read.filter(target="es", measure="words").sort("value")["candidate"].to_list() == ["de", "pt"]
    done = sprachbund("neighbours", "--matrix", "--languages", "es,pt,de", "--json", *here)
    assert [each["language"] for each in json.loads(done.stdout)["languages"]] == ["de", "es", "pt"]
    assert "name it, as --out map.html" in fail("neighbours", "--matrix", "--languages", "es,pt,de", *here)
    assert "ends in .html" in fail("neighbours", "--matrix", "--out", tmp_path / "map.png", *here)
    assert "put pt among --languages" in fail("neighbours", "pt", "--matrix", "--out", out, *here)
    assert "add --matrix" in fail("neighbours", "pt", "--out", out, *here)
    assert "goes without --why" in fail("neighbours", "--matrix", "--values", "--out", out, *here)
    assert "name a language" in fail("neighbours", *here)
