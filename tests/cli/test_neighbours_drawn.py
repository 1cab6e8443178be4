"""`sprachbund neighbours` draws: trees to a file, and what a person may do wrong."""

from pathlib import Path

from terminal import fail, succeed

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
