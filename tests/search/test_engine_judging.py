"""An index scored by judgements, against ir-measures called directly; runs that every tool reads."""

import json
from pathlib import Path

import polars as pl
import pytest
from shelf import document

from sprachbund import Index
from sprachbund.errors import CorpusError, FolderError, LanguageError, SourceError
from sprachbund.retrieval.ranking.trec import MEASURES
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


HOMES = {"q1": "pt", "q2": "pt", "q3": "gl", "q4": "unknown"}
"""The languages of the judged queries; q4 names no document of the index."""


def by_hand(index: Index, searched: str, mode: str) -> dict[str, dict[str, float]]:
    """A run: for each query and document the score of its best passage."""
    run: dict[str, dict[str, float]] = {}
    for query, home in HOMES.items():
        found: dict[str, float] = {}
        scope = (home,) if searched == "own" and home != "unknown" else ()
        for hit in index.search(QUERIES[query], 1_000, scope, mode):  # type: ignore[arg-type]
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
    assert len(found) == len(MODES) * 2 * 4
    for row in found.iter_rows(named=True):
        asked = [query for query, home in HOMES.items() if row["language"] in (home, "all")]
        run = {query: by_hand(index, row["searched"], row["mode"])[query] for query in asked}
        expected = ir_measures.calc_aggregate(measures, {query: QRELS[query] for query in asked}, run)
        assert row["queries"] == len(asked)
        assert {name: row[name] for name in MEASURES} == pytest.approx({str(m): v for m, v in expected.items()})
    best = found.filter(language="all", searched="own", mode="bm25")
    assert (best["queries"].item(), best["Success@1"].item()) == (4, 0.75)  # q4 finds nothing, and counts


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
    assert found.filter(language="gl")["queries"].to_list() == [4, 4]
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


def write_judgements(folder: Path, queries: dict[str, str], lines: list[str]) -> tuple[Path, Path]:
    """Queries by id as BEIR has them, and lines of qrels."""
    rows = [json.dumps({"_id": name, "text": text}) for name, text in queries.items()]
    (folder / "queries.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "own.qrels").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "queries.jsonl", folder / "own.qrels"


def test_every_judged_query_counts(
    judged: tuple[Index, Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Four found first and one whose document is not there are 0.8, not 1.0; ir-measures on the files says the same."""
    queries, qrels = write_judgements(
        tmp_path,
        {"a": "o barco desce o rio", "b": "um barco grande", "c": "a ponte da cidade velha", "d": "fonte", "e": "nada"},
        ["a 0 rio 1", "b 0 barco 1", "c 0 ponte_velha 1", "d 0 fonte 1", "e 0 d99 1"],
    )
    scores = evaluate_index(judged[0], queries, qrels, modes=("bm25",), trec=tmp_path / "t").scores
    row = scores.filter(language="all", searched="all").row(0, named=True)
    assert (row["queries"], row["RR"], row["nDCG@10"], row["R@100"]) == (5, 0.8, 0.8, 0.8)
    assert [record.getMessage() for record in caplog.records] == [
        "1 judged documents are not in the index and count as not found",
        "1 judged queries name no document of the index and count as not found",
    ]
    assert (tmp_path / "t" / "qrels").read_text().splitlines()[-1] == "e 0 d99 1"
    # the user's own file against the run: all five are in both, or count as 0
    truth, run = (tmp_path / "own.qrels").read_text(), (tmp_path / "t" / "all.bm25.run").read_text()
    found = ir_measures.calc_aggregate(
        [ir_measures.RR], ir_measures.read_trec_qrels(truth), list(ir_measures.read_trec_run(run))
    )
    assert found == {ir_measures.RR: 0.8}


def test_a_query_without_relevant_documents_counts(judged: tuple[Index, Path, Path], tmp_path: Path) -> None:
    """Judged 0 or below, or with words that the index has not: nothing is found, as trec_eval -c counts it."""
    queries, qrels = write_judgements(
        tmp_path, {"a": "a vela", "b": "o monte", "c": "...", "d": " "}, ["a 0 barco 3", "b 0 monte 0", "c 0 rio 1"]
    )
    qrels.write_text(qrels.read_text() + "d 0 rio -1\n")
    scores = evaluate_index(judged[0], queries, qrels, modes=("hybrid",)).scores
    row = scores.filter(language="all", searched="own").row(0, named=True)
    assert (row["queries"], row["RR"], row["Success@20"], row["nDCG@10"]) == (4, 0.25, 0.25, 0.25)


def test_an_index_of_one_language_knows_the_language_of_every_query(model: Path, tmp_path: Path) -> None:
    """Also of one whose documents it lacks."""
    create(tmp_path / "index", model, IndexSettings(sentences=1, map_points=0))
    add(tmp_path / "index", {"pt": [document("rio", ["o rio corre"])]})
    files = write_judgements(tmp_path, {"a": "o rio", "b": "nada"}, ["a 0 rio 1", "b 0 gone 1"])
    found = evaluate_index(tmp_path / "index", *files, modes=("bm25",))
    assert set(found.scores["language"]) == {"pt", "all"}
    assert found.scores["RR"].to_list() == [0.5] * 4


def test_ids_with_blanks_and_in_other_forms(model: Path, tmp_path: Path) -> None:
    """Two names that become the same field stay two; an id in NFD is found by its NFC, and the reverse."""
    create(tmp_path / "index", model, IndexSettings(sentences=1, map_points=0))
    texts = {"a b": "o barco", "a_b": "a ponte", "\u00c1vila": "o monte", "A\u0301gua": "a fonte"}
    add(tmp_path / "index", {"pt": [document(name, [text]) for name, text in texts.items()]})
    queries, qrels = write_judgements(
        tmp_path,
        {"q 1": "o barco", "q_1": "a ponte", "q2": "o monte", "q3": "a fonte"},
        ["q 1\ta b\t1", "q_1\ta_b\t1", "q2\tA\u0301vila\t1", "q3\tpt:\u00c1gua\t2"],
    )
    found = evaluate_index(tmp_path / "index", queries, qrels, modes=("bm25",), trec=tmp_path / "t").scores
    assert found["RR"].to_list() == [1.0] * 4
    truth = list(ir_measures.read_trec_qrels((tmp_path / "t" / "qrels").read_text(encoding="utf-8")))
    assert sorted((q.query_id, q.doc_id) for q in truth) == [
        ("q2", "\u00c1vila"),
        ("q3", "pt:A\u0301gua"),
        ("q_1", "a_b"),
        ("q_1_", "a_b_"),
    ]
    run = list(ir_measures.read_trec_run((tmp_path / "t" / "own.bm25.run").read_text(encoding="utf-8")))
    assert ir_measures.calc_aggregate([ir_measures.RR], truth, run) == {ir_measures.RR: 1.0}


def test_a_folder_for_runs_that_cannot_be_is_refused_first(judged: tuple[Index, Path, Path]) -> None:
    """Before a query is asked."""
    index, queries, qrels = judged
    with pytest.raises(FolderError, match="the folder /no-such-folder does not exist"):
        evaluate_index(index, queries, qrels, trec=Path("/no-such-folder/t"))
