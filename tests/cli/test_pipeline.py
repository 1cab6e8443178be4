"""Each verb works end to end on a tiny corpus: what it writes, what it prints, what its JSON holds."""

import json
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
from terminal import SMALL, sprachbund, succeed, write_source

from sprachbund import Corpus, Encoder


def test_ingest_makes_a_corpus_and_says_what_it_read(source: Path, tmp_path: Path) -> None:
    """40 documents of 6 sentences in each of three languages; the same file again adds nothing and says so."""
    found = json.loads(succeed("ingest", source, "--out", tmp_path / "corpus", "--json"))
    assert [(s["name"], s["format"], s["read"], s["kept"]) for s in found["sources"]] == [
        ("source.jsonl", "sections-jsonl", 120, 120)
    ]
    assert {code: counts["sentences"] for code, counts in found["counts"].items()} == dict.fromkeys(
        ("gl", "pt", "tr"), 240
    )
    before = Corpus.open(tmp_path / "corpus").content_hash()
    again = succeed("ingest", source, "--out", tmp_path / "corpus")
    assert "skipped: the corpus has it already" in again
    assert Corpus.open(tmp_path / "corpus").content_hash() == before


def test_corpus_shows_sizes_and_leakage(corpus: Path) -> None:
    """A row a language; 40 documents are split 32, 4 and 4; the tables fit 80 columns."""
    found = json.loads(succeed("corpus", corpus, "--json"))
    assert set(found) == {"path", "content_hash", "languages", "sources", "enough"}
    shown = [{name: row[name] for name in ("language", "train", "dev", "test")} for row in found["languages"]]
    assert shown == [{"language": code, "train": 32, "dev": 4, "test": 4} for code in ("gl", "pt", "tr")]
    table = succeed("corpus", corpus)
    assert all(len(line) <= 80 for line in table.splitlines())
    assert next(line.split() for line in table.splitlines() if line.startswith(" tr")) == [
        "tr", "40", "40", "240", "1,440", "32", "4", "4"
    ]  # fmt: skip
    assert [
        row["language"] for row in json.loads(succeed("corpus", corpus, "--json", "--languages", "tr"))["languages"]
    ]


def test_train_saves_a_model_and_shows_dev(model: Path, corpus: Path, tmp_path: Path) -> None:
    """The folder opens; what the JSON says stands in the model too; nothing unfinished is left."""
    assert sorted(path.name for path in model.iterdir()) == [
        "README.md",
        "encoder.json",
        "vectors.safetensors",
        "vocabulary",
    ]
    assert not model.with_name("model.partial").exists()
    found = json.loads(
        succeed("train", corpus, "--out", tmp_path / "tr", "--languages", "tr", *SMALL, "--set", "epochs=1", "--json")
    )
    assert set(found) == {
        "model", "rows", "dim", "task", "languages", "pairs", "passes", "curve", "seconds", "scores"
    }  # fmt: skip
    encoder = Encoder.load(tmp_path / "tr")
    assert (found["dim"], found["rows"], found["languages"]) == (16, len(encoder.table), ["tr"])
    # the 32 training documents have 6 sentences; each is a query, for each has two neighbours
    assert found["pairs"] == {"tr": 32 * 6} and found["passes"] == {"tr": 1.0}
    assert [(row["side"], row["queries"], row["candidates"]) for row in found["scores"]] == [("dev", 24, 24)]


def test_train_again_says_that_it_is_there(model: Path, corpus: Path) -> None:
    """The same command is no error and trains nothing; another setting is refused."""
    before = (model / "encoder.json").stat().st_mtime_ns
    again = sprachbund("train", corpus, "--out", model, *SMALL)
    assert again.returncode == 0
    assert again.stderr.decode() == f"warning: {model}: holds this same model already; nothing was trained\n"
    assert (model / "encoder.json").stat().st_mtime_ns == before


def test_evaluate_gives_intervals_baselines_and_the_null_test(model: Path, corpus: Path) -> None:
    """A row a language, arm and measure; a value lies in its interval; the table fits 80 columns."""
    found = json.loads(succeed("evaluate", model, corpus, "--languages", "pt,tr", "--json"))
    assert set(found) == {"results", "pools"}
    rows = found["results"]
    assert {(row["language"], row["arm"]) for row in rows} == {
        (code, arm) for code in ("pt", "tr") for arm in ("encoder", "bm25", "bm25-around", "hybrid", "whole")
    }
    assert {(row["measure"], row["k"]) for row in rows} == {
        ("mrr", None), ("recall", 1), ("recall", 10), ("recall", 20)
    }  # fmt: skip
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    assert {row["queries"] for row in rows} == {24} and {row["documents"] for row in rows} == {4}
    best = max(row["value"] for row in rows if row["measure"] == "mrr")
    assert best > 0.3  # chance is 0.16; a document's sentences share half of their words
    beside = succeed("evaluate", model, corpus, "--languages", "tr")
    assert all(len(line) <= 80 for line in beside.splitlines()) and "bm25-around" in beside and "whole" in beside
    table = succeed("evaluate", model, corpus, "--languages", "tr", "--no-baselines", "--pools", "unseen,own")
    assert all(len(line) <= 80 for line in table.splitlines())
    assert "test, pool unseen" in table and "test, pool own" in table and "bm25" not in table


def test_evaluate_writes_trec(model: Path, corpus: Path, tmp_path: Path) -> None:
    """A run an arm and one qrels a language and pool."""
    succeed("evaluate", model, corpus, "--languages", "tr", "--trec", tmp_path / "trec")
    assert sorted(path.name for path in (tmp_path / "trec").iterdir()) == [
        "pools.json",
        "tr.ic.unseen.bm25-around.run",
        "tr.ic.unseen.bm25.run",
        "tr.ic.unseen.encoder.run",
        "tr.ic.unseen.hybrid.run",
        "tr.ic.unseen.qrels",
        "tr.ic.unseen.whole.run",
    ]


def test_evaluate_own_judgements_in_both_layouts(model: Path, corpus: Path, tmp_path: Path) -> None:
    """A document's own sentences find it; TREC and BEIR files of the same judgements score the same."""
    ids = ["tr-3", "tr-17", "pt-5"]
    texts = {}
    for name in ids:
        rows = Corpus.open(corpus).read(name[:2]).filter(pl.col("document") == name)
        texts[name] = " ".join(rows["text"].to_list())
    queries = tmp_path / "queries.tsv"
    queries.write_text("".join(f"q{i}\t{texts[name]}\n" for i, name in enumerate(ids)), encoding="utf-8")
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("".join(f"q{i} 0 {name} 1\n" for i, name in enumerate(ids)), encoding="utf-8")
    beir_queries = tmp_path / "queries.jsonl"
    lines = [json.dumps({"_id": f"q{i}", "text": texts[name]}, ensure_ascii=False) for i, name in enumerate(ids)]
    beir_queries.write_text("\r\n".join(lines) + "\n", encoding="utf-8")
    beir_qrels = tmp_path / "qrels.tsv"
    judged = "".join(f"q{i}\t{name}\t1\n" for i, name in enumerate(ids))
    beir_qrels.write_text(f"query-id\tcorpus-id\tscore\n{judged}", encoding="utf-8")
    trec = json.loads(succeed("evaluate", model, corpus, "--queries", queries, "--qrels", qrels, "--json"))
    assert set(trec) == {"nDCG@10", "RR", "Success@1", "Success@10", "Success@20", "R@100"}
    assert trec["RR"] == trec["Success@1"] == 1.0
    beir = json.loads(succeed("evaluate", model, corpus, "--queries", beir_queries, "--qrels", beir_qrels, "--json"))
    assert beir == trec
    shown = succeed("evaluate", model, corpus, "--queries", queries, "--qrels", qrels)
    assert "RR           1.0000\n" in shown


def test_encode_from_a_file_and_from_standard_input(model: Path, tmp_path: Path) -> None:
    """Both ways give the vectors of `Encoder.encode`, float32 of length 1, to the bit."""
    text = "babebo cidofu\nfuga hike\n"
    (tmp_path / "lines.txt").write_text(text, encoding="utf-8")
    shown = succeed("encode", model, tmp_path / "lines.txt", "--out", tmp_path / "file.npy")
    assert shown == f"{tmp_path / 'file.npy'}: 2 vectors of 16 numbers\n"
    arguments = ("encode", model, "--out", tmp_path / "input.npy", "--json")
    found = json.loads(succeed(*arguments, standard_input=text.encode()))
    assert found == {"vectors": str(tmp_path / "input.npy"), "lines": 2, "dim": 16, "without_words": 0}
    vectors = np.load(tmp_path / "file.npy")
    assert vectors.dtype == np.float32 and vectors.shape == (2, 16)
    np.testing.assert_array_equal(vectors, np.load(tmp_path / "input.npy"))
    np.testing.assert_array_equal(vectors, Encoder.load(model).encode(["babebo cidofu", "fuga hike"]))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_transfer_writes_a_study(study: Path) -> None:
    """The seven files and the page; the study says what it compared."""
    visible = {path.name for path in study.iterdir() if not path.name.startswith(".")}
    assert visible == {
        "comparisons.parquet", "encoded", "items.parquet", "languages.parquet", "report.html", "results.parquet",
        "runs", "study.json", "study.toml",
        "pools.json", "work.json",
    }  # fmt: skip
    document = tomllib.loads((study / "study.toml").read_text(encoding="utf-8"))
    assert document["study"]["languages"] == ["gl", "pt"] and document["study"]["trials"] == 2
    page = (study / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and 'src="http' not in page and 'href="http' not in page


def test_transfer_again_says_the_same(study: Path, corpus: Path) -> None:
    """The same command does no work twice and gives the same table and files."""
    runs = {path: path.stat().st_mtime_ns for path in (study / "runs").rglob("*")}
    before = {name: pl.read_parquet(study / f"{name}.parquet") for name in ("results", "comparisons", "items")}
    chosen = ("--task", "ic", "--languages", "gl,pt", "--trials", "2", "--seeds", "1")
    found = json.loads(succeed("transfer", corpus, "--out", study, *chosen, *SMALL, "--json"))
    assert set(found) == {"study", "report", "notes", "answers", "tasks"}
    assert {path: path.stat().st_mtime_ns for path in (study / "runs").rglob("*")} == runs
    assert all(pl.read_parquet(study / f"{name}.parquet").equals(frame) for name, frame in before.items())
    assert [row["language"] for row in found["tasks"]["ic"]][-1] == "(all)"


def test_report_prints_the_table_and_writes_the_page_again(study: Path) -> None:
    """A row a language, a verdict for each comparison: 24 queries are too few for any."""
    (study / "report.html").unlink()
    shown = succeed("report", study)
    assert (study / "report.html").stat().st_size > 100_000
    assert "IC: MRR among unseen candidates" in shown and "too few" in shown
    assert "IC: MRR among unseen candidates that count the text around them" in shown
    assert "better" not in shown and "worse" not in shown
    assert f"report: {study / 'report.html'}" in shown
    found = json.loads(succeed("report", study, "--json"))
    assert set(found) == {"study", "report", "answers", "tasks"}
    rows = {row["language"]: row for row in found["tasks"]["ic"]}
    assert set(rows) == {"gl", "pt", "(all)"}
    assert rows["gl"]["transfer"]["verdict"] == "too few" and rows["gl"]["queries"] == 24


def test_the_sample_has_36_documents_a_language(sample: Path, tmp_path: Path) -> None:
    """The folder that comes with the project is read without a warning: six languages."""
    found = json.loads(succeed("ingest", sample, "--out", tmp_path / "corpus", "--json"))
    assert {code: counts["documents"] for code, counts in found["counts"].items()} == dict.fromkeys(
        ("en", "es", "gl", "it", "pt", "tr"), 36
    )


def test_a_language_that_is_too_small_is_left_out_with_a_note(source: Path, tmp_path: Path) -> None:
    """One document cannot be split: transfer goes on without it and says so on standard error and in the study."""
    small = write_source(tmp_path / "small.jsonl", ("eu",), documents=1)
    succeed("ingest", source, small, "--out", tmp_path / "corpus")
    chosen = ("--task", "ic", "--trials", "1", "--seeds", "1", "--arms", "alone", "--pools", "unseen")
    languages = ("--languages", "eu,gl,pt")
    done = sprachbund(
        "transfer", tmp_path / "corpus", "--out", tmp_path / "study", *languages, *chosen, *SMALL, "--json"
    )
    lacks = "it has 1 document, and none on the {} side; with three there is one on each, and a verdict takes some 300"
    note = f"eu is left out: {lacks.format('dev')}; {lacks.format('test')}."
    assert (done.returncode, done.stderr.decode()) == (0, f"warning: {note}\n")
    found = json.loads(done.stdout)
    assert found["notes"] == [note]
    assert [row["language"] for row in found["tasks"]["ic"]] == ["gl", "pt"]
    assert tomllib.loads((tmp_path / "study" / "study.toml").read_text())["study"]["languages"] == ["gl", "pt"]
