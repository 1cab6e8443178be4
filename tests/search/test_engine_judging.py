"""An index scored by judgements, against ir-measures called directly; runs that every tool reads."""

import json
from pathlib import Path

import polars as pl
import pytest
from shelf import document

from sprachbund import Index
from sprachbund.errors import CorpusError, LanguageError, SourceError
from sprachbund.retrieval.trec import MEASURES
from sprachbund.search.building import IndexSettings, add, create
from sprachbund.search.judging import best_documents, evaluate_index, trec_lines
from sprachbund.search.searching import MODES

ir_measures = pytest.importorskip("ir_measures")

QUERIES = {
    "q1": "o barco no rio",
    "q2": "a ponte da cidade",
    "q3": "a igrexa e o monte",
    "q4": "a casa",
    "unjudged": "nada",
}
QRELS = {
    "q1": {"rio": 2, "barco": 1, "gone": 1},
    "q2": {"ponte velha": 1, "rio": 0},
    "q3": {"gl:monte": 1},
    "q4": {"strange": 1},
}


@pytest.fixture(scope="module")
def judged(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Path, Path]:
    """Two languages; an id with a blank and one that both have; queries and qrels."""
    folder = tmp_path_factory.mktemp("judged")
    create(folder / "index", model, IndexSettings(sentences=1, map_points=0))
    texts = {
        "pt": {
            "rio": ["o rio corre", "o barco desce o rio"],
            "barco": ["um barco grande", "a vela"],
            "ponte velha": ["a ponte da cidade velha", "a pedra"],
            "monte": ["o monte alto"],
        },
        "gl": {"monte": ["o monte e a igrexa", "a neve"], "igrexa": ["a igrexa pequena"], "fonte": ["a fonte no rio"]},
    }
    add(folder / "index", {code: [document(n, s) for n, s in own.items()] for code, own in texts.items()})
    rows = [json.dumps({"_id": name, "text": text}) for name, text in QUERIES.items()]
    (folder / "queries.jsonl").write_text("\n".join(rows) + "\n")
    lines = [f"{query}\t{name}\t{grade}" for query, own in QRELS.items() for name, grade in own.items()]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(lines) + "\n")
    return Index.open(folder / "index"), folder / "queries.jsonl", folder / "qrels.tsv"


HOMES = {"q1": "pt", "q2": "pt", "q3": "gl"}
"""The languages of the queries that name a document of the index."""


def by_hand(index: Index, searched: str, mode: str) -> dict[str, dict[str, float]]:
    """A run: for each query and document the score of its best passage."""
    run: dict[str, dict[str, float]] = {}
    for query, home in HOMES.items():
        found: dict[str, float] = {}
        for hit in index.search(QUERIES[query], 1_000, (home,) if searched == "own" else (), mode):  # type: ignore[arg-type]
            full = f"{hit.language}:{hit.document}"
            name = full if full in QRELS[query] else hit.document
            found[name] = max(found.get(name, -9.0), hit.score)
        run[query] = found
    return run


def test_measures_are_those_of_ir_measures(judged: tuple[Index, Path, Path]) -> None:
    """In every mode, by language and for all queries, searched in the own language and in all."""
    index, queries, qrels = judged
    found = evaluate_index(index, queries, qrels).scores
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    assert len(found) == len(MODES) * 2 * 3
    for row in found.iter_rows(named=True):
        asked = [query for query, home in HOMES.items() if row["language"] in (home, "all")]
        run = {query: by_hand(index, row["searched"], row["mode"])[query] for query in asked}
        expected = ir_measures.calc_aggregate(measures, {query: QRELS[query] for query in asked}, run)
        assert row["queries"] == len(asked)
        assert {name: row[name] for name in MEASURES} == pytest.approx({str(m): v for m, v in expected.items()})
    best = found.filter(language="all", searched="own", mode="bm25")
    assert best["Success@1"].item() == 1.0


def test_shares_by_hand(judged: tuple[Index, Path, Path]) -> None:
    """Of the first ten of queries of a language, how many each language has, beside its share of the passages."""
    index, queries, qrels = judged
    shares = evaluate_index(index, queries, qrels, modes=("bm25",)).shares
    total = sum(count["passages"] for count in index.counts.values())
    assert {code: count["passages"] for code, count in index.counts.items()} == {"gl": 4, "pt": 7} and total == 11
    for row in shares.iter_rows(named=True):
        hits = [
            hit.language
            for query, home in HOMES.items()
            if home == row["asked"]
            for hit in index.search(QUERIES[query], 10, (), "bm25")
        ]
        assert row["share"] == pytest.approx(hits.count(row["found"]) / len(hits))
        assert row["of_passages"] == pytest.approx(index.counts[row["found"]]["passages"] / total)
        assert row["ratio"] == pytest.approx(row["share"] / row["of_passages"])
    assert len(shares) == 4


def test_runs_on_disk_give_the_same_measures(judged: tuple[Index, Path, Path], tmp_path: Path) -> None:
    """Read by ir-measures itself; ids with blanks are one field in runs and qrels."""
    index, queries, qrels = judged
    scores = evaluate_index(index, queries, qrels, trec=tmp_path).scores
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["qrels", *(f"{searched}.{mode}.run" for searched in ("all", "own") for mode in MODES)]
    )
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    truth = list(ir_measures.read_trec_qrels(str(tmp_path / "qrels")))
    assert {(q.query_id, q.doc_id, q.relevance) for q in truth} == {
        (query, name.replace(" ", "_"), grade) for query in HOMES for name, grade in QRELS[query].items()
    }
    for searched in ("own", "all"):
        for mode in MODES:
            run = list(ir_measures.read_trec_run(str(tmp_path / f"{searched}.{mode}.run")))
            found = ir_measures.calc_aggregate(measures, truth, run)
            row = scores.filter(language="all", searched=searched, mode=mode).row(0, named=True)
            assert {str(m): v for m, v in found.items()} == pytest.approx({name: row[name] for name in MEASURES})


def test_lines_of_a_run() -> None:
    """Rank by score; equal scores in the order they came; nine digits hold a float32."""
    assert trec_lines({"a b": {"x": 0.5, "y z": 2.0, "w": 0.5}}, "bm25").splitlines() == [
        "a_b Q0 y_z 1 2 bm25",
        "a_b Q0 x 2 0.5 bm25",
        "a_b Q0 w 3 0.5 bm25",
    ]


def test_a_document_stands_where_its_best_passage_does(judged: tuple[Index, Path, Path]) -> None:
    """Once, under the name that the judgements use."""
    index, _, _ = judged
    hits = index.search("o monte", 20)
    assert {hit.document for hit in hits if hit.language == "gl"} >= {"monte"}
    found = best_documents(hits, {"gl:monte": 1})
    first = next(hit for hit in hits if hit.key == "gl:monte#0")
    assert found["gl:monte"] == first.score and len(found) == len({(h.language, h.document) for h in hits})


def test_one_language_for_all_queries(judged: tuple[Index, Path, Path]) -> None:
    """Named by the user; one that the index lacks is refused."""
    index, queries, qrels = judged
    found = evaluate_index(index.path, queries, qrels, language="gl", modes=("bm25",)).scores
    assert isinstance(found, pl.DataFrame) and set(found["language"]) == {"gl", "all"}
    assert found.filter(language="gl")["queries"].to_list() == [3, 3]
    with pytest.raises(LanguageError, match="has no xx"):
        evaluate_index(index, queries, qrels, language="xx")


def test_judgements_of_something_else(judged: tuple[Index, Path, Path], tmp_path: Path) -> None:
    """No document of the index; no query of the file: with examples of both names."""
    index, queries, _ = judged
    other = tmp_path / "qrels"
    other.write_text("q1 0 unknown 1\n")
    with pytest.raises(CorpusError, match=r"names no document of .*for example 'unknown' against '"):
        evaluate_index(index, queries, other)
    other.write_text("q9 0 rio 1\n")
    with pytest.raises(SourceError, match=r"judges no query of .*queries.jsonl"):
        evaluate_index(index, queries, other)
