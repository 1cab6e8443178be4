"""``sprachbund overlap``: what it prints, writes and refuses."""

import json
from pathlib import Path

import polars as pl
import pytest

from sprachbund.cli.app import run
from sprachbund.corpus.ingest import ingest

TEXT = {
    "gl": ["O río corre para o mar.", "A ponte do río.", "A casa é antiga.", "Kyiv.", "O mar."],
    "pt": ["O rio corre para o mar.", "A ponte do rio.", "A casa é velha.", "Kyiv.", "O mar."],
    "uk": ["Річка тече до моря.", "Міст через річку.", "Хата стара.", "Kyiv.", "Море."],
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five documents in each of three languages, two of them near."""
    folder = tmp_path_factory.mktemp("verb")
    source = folder / "text.jsonl"
    rows = [
        {"id": f"{code}{number}", "lang": code, "text": text}
        for code, texts in TEXT.items()
        for number, text in enumerate(texts)
    ]
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    ingest([source], folder / "corpus", workers=1)
    return folder / "corpus"


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of a command line."""
    monkeypatch.setattr("sys.argv", ["sprachbund", *words])
    return run()


def test_the_matrix_the_page_and_the_table_say_the_same(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number of a pair in JSON stands in the table, in the printed matrix and in the page; the page asks nobody."""
    assert called(monkeypatch, "overlap", str(corpus), "--json", "--out", str(tmp_path / "x.parquet")) == 0
    said = json.loads(capsys.readouterr().out)
    (pair,) = [
        row
        for row in said["pairs"]
        if (row["language"], row["other"], row["ngrams"], row["script"]) == ("gl", "pt", "all", "all")
    ]
    assert 0 < pair["jaccard"] < 1 and {line["language"] for line in said["coverage"]} == set(TEXT)
    table = pl.read_parquet(tmp_path / "x.parquet")
    assert table.filter(language="gl", other="pt", ngrams="all", script="all")["jaccard"].item() == pair["jaccard"]
    assert called(monkeypatch, "overlap", str(corpus), "--out", str(tmp_path / "x.html")) == 0
    shown = f"{100 * pair['jaccard']:.1f}"
    printed = capsys.readouterr().out
    (row,) = [line.split() for line in printed.split("of the row")[0].splitlines() if line.split()[:1] == ["gl"]]
    assert shown in row
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert f">{shown}</td>" in page and 'title="Galician"' in page
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page


def test_what_cannot_be_is_said_in_a_line(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of another format before the work; one language; a language that is not there; a folder that is none."""
    for words, expected in (
        (("--out", str(tmp_path / "x.png")), "expected a name that ends in .html or .parquet"),
        (("--languages", "gl"), "overlap is of two languages or more, found gl"),
        (("--languages", "gl,sw"), "has no sw"),
        (("--set", "min_count=99"), "no word occurs 99 times or more"),
    ):
        assert called(monkeypatch, "overlap", str(corpus), *words) == 1
        error = capsys.readouterr().err
        assert expected in error and error.count("\n") == 1 and error.startswith("error: ")
    assert called(monkeypatch, "overlap", str(tmp_path)) == 1
    assert "Traceback" not in capsys.readouterr().err
