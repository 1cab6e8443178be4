"""`sprachbund detect`, and what ingest says of languages that the text alone said."""

import gzip
import json
from pathlib import Path

from terminal import fail, succeed

GL = "O galego é unha lingua románica que se fala en Galicia e nas terras próximas, onde tamén ten moitos falantes."
EN = "The mill by the river has stood there for two hundred years, and nobody knows any longer who built it at first."


def test_files_and_lines_as_a_table_and_as_json(tmp_path: Path) -> None:
    """A file is a text, or with --lines each of its lines; compressed ones and standard input too; among some."""
    (tmp_path / "a.txt").write_text(f"{GL}\n{EN}\n", encoding="utf-8")
    (tmp_path / "b.gz").write_bytes(gzip.compress(EN.encode()))
    found = json.loads(succeed("detect", tmp_path / "a.txt", tmp_path / "b.gz", "--lines", "--json"))
    assert [(Path(one["source"]).name, one["language"], one["text"]) for one in found] == [
        ("a.txt", "gl", GL),
        ("a.txt", "en", EN),
        ("b.gz", "en", EN),
    ]
    assert all(one["confidence"] > 0.9 and one["candidates"][0]["language"] == one["language"] for one in found)
    shown = succeed("detect", tmp_path / "b.gz")
    assert shown.split()[:4] == ["language", "confidence", "next", "source"] and "b.gz" in shown and "en" in shown
    piped = json.loads(
        succeed("detect", "--json", "--languages", "Portuguese,tr", standard_input=b"presidente da camara")
    )
    assert [(one["source"], one["language"]) for one in piped] == [("-", "pt")]
    assert "no such file" in fail("detect", tmp_path / "absent")
    assert "'qqq'" in fail("detect", tmp_path / "a.txt", "--languages", "qqq")


def test_ingest_says_which_languages_the_text_said(tmp_path: Path) -> None:
    """A table of them, and `detected` in JSON; a language that was named is not among them."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text(f"{GL}\n\n{EN}", encoding="utf-8")
    (texts / "b.txt").write_text("Ok.", encoding="utf-8")
    shown = succeed("-q", "ingest", texts, "--out", tmp_path / "c")
    assert "languages that the text alone said" in shown and "Galician" in shown and "Unknown language" in shown
    found = json.loads(succeed("-q", "ingest", texts, "--out", tmp_path / "d", "--json"))
    assert {code: said["documents"] for code, said in found["detected"].items()} == {"en": 1, "gl": 1, "und": 1}
    named = json.loads(succeed("-q", "ingest", texts, "--out", tmp_path / "e", "--lang", "mul", "--json"))
    assert (named["detected"], list(named["counts"])) == ({}, ["mul"])
