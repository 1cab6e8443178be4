"""``sprachbund count``: what it prints, writes and refuses."""

import json
import socket
from pathlib import Path

import polars as pl
import pytest

from sprachbund import Vocabulary, count_ngrams
from sprachbund.cli.app import run
from sprachbund.corpus.ingest import ingest
from sprachbund.ngrams.counts import Counts

TEXT = {"gl": ["O río corre para o mar.", "A ponte do río."], "pt": ["O rio corre para o mar.", "O mar."]}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents in each of two languages."""
    folder = tmp_path_factory.mktemp("verb")
    rows = [{"id": f"{n}", "lang": code, "text": text} for code, texts in TEXT.items() for n, text in enumerate(texts)]
    (folder / "text.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ingest([folder / "text.jsonl"], folder / "corpus", workers=1)
    return folder / "corpus"


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of a command line."""
    monkeypatch.setattr("sys.argv", ["sprachbund", *words])
    return run()


def test_counts_of_a_corpus(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words of all languages together, counted by hand; Python finds it done and reads the same."""
    out = tmp_path / "counts"
    assert called(monkeypatch, "count", str(corpus), "--out", str(out), "--workers", "1", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sums"]["words"] == {"types": 9, "tokens": 18} and said["tokens"] == 18
    assert said["sums"]["bigrams"]["tokens"] == 14
    counts = count_ngrams(corpus, out, workers=1)
    assert counts == Counts.open(out, check=True)
    words = pl.concat(counts.table("words", number) for number in range(counts.partitions))
    assert dict(words.select("ngram", "count").rows())["o"] == 5
    text = pl.Series([text for texts in TEXT.values() for text in texts])
    assert counts.vocabulary().strings.equals(Vocabulary.count([text]).strings)


def test_what_is_refused(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line each."""
    for words, text in (
        (("--characters", "four"), "--characters four: expected whole numbers parted by commas"),
        (("--languages", "uk"), "uk"),
        (("--on", "moon"), "--on moon: expected ray, auto, ray://HOST:PORT or HOST:PORT"),
    ):
        assert called(monkeypatch, "count", str(corpus), "--out", str(tmp_path / "counts"), *words) == 1
        said = capsys.readouterr().err
        assert text in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
    before = sorted(path.name for path in corpus.iterdir())
    assert called(monkeypatch, "count", str(corpus), "--out", str(corpus)) == 1
    assert "expected an earlier count or nothing, found something else" in capsys.readouterr().err
    assert (
        sorted(path.name for path in corpus.iterdir()) == before
        and not corpus.with_name(f"{corpus.name}.partial").exists()
    )


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nothing_listens(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scheme: str
) -> None:
    """Is told at once as it was written, and nothing is left, neither of a count nor of an ingest."""
    pytest.importorskip("ray")
    with socket.socket() as nobody:  # bound and not listening: nobody answers there
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        for verb in (("count", str(corpus)), ("ingest", str(corpus.parent / "text.jsonl"))):
            assert called(monkeypatch, *verb, "--out", str(tmp_path / "out"), "--on", scheme + address) == 1
            said = capsys.readouterr().err
            assert f"--on {scheme}{address}: expected a Ray at {address}, found nothing that answers" in said
            assert not list(tmp_path.rglob("*.json"))
