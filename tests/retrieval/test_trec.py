"""TREC runs say what our ranks say; a user's judgements are read as they were written."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from tiny import NOISE_SETTINGS, encoded_tiny

from sprachbund.errors import SourceError
from sprachbund.retrieval.encoder.encoded import EncodedCorpus
from sprachbund.retrieval.encoder.training import train_model
from sprachbund.retrieval.ranking.baselines import baseline_parts, tune_baseline
from sprachbund.retrieval.ranking.judging import dense_scorer, judge, summary
from sprachbund.retrieval.ranking.pools import POOLS, make_pool
from sprachbund.retrieval.ranking.ranks import Dense
from sprachbund.retrieval.ranking.trec import Fields, read_judgements, score_run, write_trec
from sprachbund.retrieval.settings import change

SETTINGS = change(NOISE_SETTINGS, characters=(4,))


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """A TREC run, checked: six fields, ranks that count up, scores that fall."""
    run: dict[str, dict[str, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        query, zero, name, place, score, _ = line.split()
        found = run.setdefault(query, {})
        assert zero == "Q0" and int(place) == len(found) + 1 and name not in found
        assert not found or float(score) < min(found.values())
        found[name] = float(score)
    return run


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """TREC qrels with one relevant candidate a query."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(row[1] == "0" and row[3] == "1" for row in rows)
    return {row[0]: {row[2]: 1} for row in rows}


@pytest.mark.parametrize("task", ["ic", "nsp"])
@pytest.mark.parametrize("name", POOLS)
def test_ir_measures_gives_our_numbers(noisy: EncodedCorpus, tmp_path: Path, name: str, task: str) -> None:
    """RR and Success@k of the written run, deeper than the pool, are the MRR and recall@k of our ranks."""
    pytest.importorskip("ir_measures")
    model, _ = train_model(noisy, task, SETTINGS)
    pool = make_pool(noisy, name, "gl", task, SETTINGS)
    parts = ([dense_scorer(model, noisy, pool)], [1.0])
    run, qrels = write_trec(tmp_path, noisy, pool, *parts, "encoder", depth=100_000)
    assert (run.name, qrels.name) == (f"gl.{task}.{name}.encoder.run", f"gl.{task}.{name}.qrels")
    found = score_run(read_qrels(qrels), read_run(run))
    ours = summary(judge(pool, *parts).truth)
    assert len(pool.queries) > 20 and 0 < ours["mrr"] < 1
    assert found["RR"] == pytest.approx(ours["mrr"], abs=1e-9)
    for k in (1, 10, 20):
        assert found[f"Success@{k}"] == pytest.approx(ours[f"recall@{k}"], abs=1e-9)


def test_ties_stand_against_the_model_in_the_run_too(noisy: EncodedCorpus, tmp_path: Path) -> None:
    """A scorer that finds everything alike ranks each truth last, in both."""
    pytest.importorskip("ir_measures")
    pool = make_pool(noisy, "unseen", "pt", "ic", SETTINGS)
    columns = sum(len(part.pairs) for part in pool.parts)
    alike = Dense(np.ones((len(pool.queries), 2), np.float32), np.ones((columns, 2), np.float32))
    run, qrels = write_trec(tmp_path, noisy, pool, [alike], [1.0], "alike", depth=100_000)
    ranks = judge(pool, [alike], [1.0]).truth
    lengths = {query: len(found) for query, found in read_run(run).items()}
    assert list(lengths.values()) == ranks.tolist()
    assert score_run(read_qrels(qrels), read_run(run))["RR"] == pytest.approx(float((1 / ranks).mean()))


def test_depth_cuts_and_bm25_agrees(noisy: EncodedCorpus, tmp_path: Path) -> None:
    """Ten candidates a query; Success@10 is what it was."""
    pytest.importorskip("ir_measures")
    dev = make_pool(noisy, "unseen", "gl", "ic", SETTINGS, side="dev")
    pool = make_pool(noisy, "unseen", "gl", "ic", SETTINGS)
    parts = baseline_parts(noisy, pool, tune_baseline(noisy, dev))
    run, qrels = write_trec(tmp_path, noisy, pool, *parts, "bm25", depth=10)
    found = read_run(run)
    assert {len(scores) for scores in found.values()} == {10}
    ours = summary(judge(pool, *parts).truth)["recall@10"]
    assert score_run(read_qrels(qrels), found)["Success@10"] == pytest.approx(ours)


def test_blanks_in_names_do_not_part_fields(tmp_path: Path) -> None:
    """A document whose id has blanks is written with underscores, in run and qrels alike."""
    sides = [
        ("gl", f"Vila de {n}\u00a0a", None, [["unha frase curta " + w for w in ("alfa", "beta", "gama", "delta")]])
        for n in range(20)
    ]
    encoded = encoded_tiny(tmp_path, sides, SETTINGS)
    pool = make_pool(encoded, "unseen", "gl", "ic", change(SETTINGS, templates=False))
    columns = sum(len(part.pairs) for part in pool.parts)
    random = np.random.default_rng(0).random
    dense = Dense(random((len(pool.queries), 3)).astype(np.float32), random((columns, 3)).astype(np.float32))
    run, qrels = write_trec(tmp_path, encoded, pool, [dense], [1.0], "random")
    assert len(pool.queries) and set(read_run(run)) == set(read_qrels(qrels))
    assert all(query.startswith("gl:Vila_de_") for query in read_qrels(qrels))


def test_judgements_in_trec_and_beir_layout(tmp_path: Path) -> None:
    """Byte order mark, Windows line ends, a heading, grades as fractions, quotes and U+2028 inside a text."""
    queries, qrels = tmp_path / "queries", tmp_path / "qrels"
    lines = [json.dumps({"_id": "q1", "text": "one\u2028line"}, ensure_ascii=False), '{"_id": 2, "text": "two"}', ""]
    queries.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    qrels.write_text('query-id\tcorpus-id\tscore\nq1\tdocument "a\t1\n2\tb c\t0\n', encoding="utf-8")
    found = read_judgements(queries, qrels)
    assert found.queries == {"q1": "one\u2028line", "2": "two"}
    assert found.qrels == {"q1": {'document "a': 1}, "2": {"b c": 0}}
    queries.write_text("q1\tone\twith a tab\r\nq2\ttwo\n", encoding="utf-8")
    qrels.write_text("q1 0 a 2\n\nq1  0  b\t0\n".replace("\t", " ") + "q2\t0\ta\t1.0\n", encoding="utf-8")
    found = read_judgements(queries, qrels)
    assert found.queries == {"q1": "one\twith a tab", "q2": "two"}
    assert found.qrels == {"q1": {"a": 2, "b": 0}, "q2": {"a": 1}}


@pytest.mark.parametrize(
    ("which", "content", "expected"),
    [
        ("queries", b"no tab here\n", "queries:1: expected id<TAB>text"),
        ("queries", b'q1\tone\n{"_id": "q2"}\n', "queries:2: expected JSON with _id and text"),
        ("queries", b'{"_id": "q2", "text": null}\n', "queries:1: expected JSON with _id and text"),
        ("queries", b'{"_id": \n', "queries:1: expected JSON"),
        ("queries", b"\n\n", "queries: has no query"),
        ("queries", b"q1\t\xff\n", "queries: not UTF-8 text"),
        ("qrels", b"q1 0 a 1\nq1 0 a\n", None),
        ("qrels", b"q1 0 a 1\nq1 a\n", "qrels:2: expected 'query 0 document grade'"),
        ("qrels", b"q1 0 a high\n", "qrels:1: expected"),
        ("qrels", b"q1 0 a inf\n", "qrels:1: expected"),
        ("qrels", b"q1 0 a nan\n", "qrels:1: expected"),
        ("qrels", b"q1 0 a 0.5\n", "qrels:1: expected 'query 0 document grade'"),
        ("qrels", b"q1 0 a 1\nquery-id\tcorpus-id\tscore\n", "qrels:2: expected"),
        ("qrels", b"q1 0 a 2147483648\n", "qrels:1: expected"),
        ("qrels", b"query-id\tcorpus-id\tscore\n", "qrels: has no judgement"),
        ("qrels", b"\x89PNG\r\n\x1a\n\0", "qrels: a PNG image, which has no text"),
        ("queries", b"q1\tone\nq1\ttwo\n", "queries:2: the query 'q1' stands here a second time"),
        ("queries", b'{"_id": true, "text": "one"}\n', "queries:1: expected JSON"),
    ],
)
def test_wrong_judgements_name_file_and_line(tmp_path: Path, which: str, content: bytes, expected: str | None) -> None:
    """What was expected, and what stood there."""
    (tmp_path / "queries").write_bytes(b"q1\tone\n")
    (tmp_path / "qrels").write_bytes(b"q1 0 a 1\n")
    (tmp_path / which).write_bytes(content)
    if expected is None:
        expected = "qrels:2: expected"
    with pytest.raises(SourceError) as raised:
        read_judgements(tmp_path / "queries", tmp_path / "qrels")
    assert str(raised.value).startswith(str(tmp_path / expected))


@pytest.mark.parametrize(
    "heading",
    ["query-id\tcorpus-id\tscore", "query_id\titer\tdoc_id\trelevance", "qid 0 docid rel", "Query-ID corpus-id Score"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_headings_of_qrels(tmp_path: Path, heading: str, end: str) -> None:
    """BEIR's and others', behind a byte order mark and blank lines; a query that is called so is no heading."""
    (tmp_path / "queries").write_text("query\tone\n")
    rows = ["", heading, "query 0 a 2", "q1\tb\t-1", "q1\t0\tc d\t1.0", ""]
    (tmp_path / "qrels").write_bytes(b"\xef\xbb\xbf" + end.join(rows).encode())
    found = read_judgements(tmp_path / "queries", tmp_path / "qrels").qrels
    assert found == {"query": {"a": 2}, "q1": {"b": -1, "c d": 1}}
    (tmp_path / "qrels").write_bytes(end.join(rows[2:]).encode())
    assert read_judgements(tmp_path / "queries", tmp_path / "qrels").qrels == found


def test_compressed_and_utf16_judgements(tmp_path: Path) -> None:
    """Told by what is in the file, as for sources."""
    (tmp_path / "queries").write_bytes(gzip.compress(b'{"_id": "q1", "text": "one"}\n'))
    (tmp_path / "qrels").write_bytes("\ufeffq1 0 \u00e9 1\n".encode("utf-16-le"))
    found = read_judgements(tmp_path / "queries", tmp_path / "qrels")
    assert (found.queries, found.qrels) == ({"q1": "one"}, {"q1": {"\u00e9": 1}})


def test_a_document_judged_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same grade again is nothing; another one is counted in a warning, and the last holds, as in ir-measures."""
    (tmp_path / "queries").write_text("q1\tone\nq1\tone\n")
    (tmp_path / "qrels").write_text("q1 0 a 1\nq1 0 a 1\nq1 0 b 1\nq1 0 b 0\n")
    assert read_judgements(tmp_path / "queries", tmp_path / "qrels").qrels == {"q1": {"a": 1, "b": 0}}
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "1 documents are judged twice with different grades; the last counts"
    ]


def test_names_as_fields_stay_apart() -> None:
    """Blanks of every script; what another name is already gets one more underscore, whatever is asked first."""
    for order in (("a b", "a\u3000b", "a_b"), ("a_b", "a\u3000b", "a b")):
        field = Fields({"a_b", "a b", "a\u3000b", ""})
        made = [field(name) for name in order]
        assert len(set(made)) == 3 and field("a_b") == "a_b" and {"a_b", "a_b_", "a_b__"} == set(made)
        assert [field(name) for name in order] == made
    assert Fields(())("") == "_" and Fields(())(" x\n") == "x"
