"""A user's own judgements: whole documents, ranked by the encoder, scored by ir-measures."""

import logging
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import evaluate, train
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError, SettingsError, SourceError
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.ranking.own import evaluate_judgements

pytest.importorskip("ir_measures")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Random sentences; two languages have a document of the same id."""
    documents = noise(documents=20)
    documents.append(("gl", "twice", None, [["unha palabra rara aquí"]]))
    documents.append(("pt", "twice", None, [["outra cousa distinta alá"]]))
    return write_corpus(tmp_path_factory.mktemp("own"), documents)


@pytest.fixture(scope="module")
def encoder(corpus: Corpus) -> Encoder:
    """A small one."""
    return train(corpus, settings=NOISE_SETTINGS)


def ask(folder: Path, queries: dict[str, str], qrels: list[tuple[str, str, int]]) -> tuple[Path, Path]:
    """Write both files."""
    (folder / "queries").write_text("".join(f"{name}\t{text}\n" for name, text in queries.items()), encoding="utf-8")
    (folder / "qrels").write_text("".join(f"{q} 0 {d} {g}\n" for q, d, g in qrels), encoding="utf-8")
    return folder / "queries", folder / "qrels"


def test_judgements_may_be_mappings_and_each_query_has_its_scores(
    corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    """The same as by files; the mean of the queries is the result, its interval is over queries."""
    texts = {"q1": corpus.read("gl")["text"][3], "q2": corpus.read("es")["text"][40], "q3": "nothing that was seen"}
    judged = {"q1": {"gl7": 1}, "q2": {"es9": 2}, "q3": {"gl1": 1}}
    files = ask(tmp_path, texts, [(q, d, g) for q, grades in judged.items() for d, g in grades.items()])
    means = evaluate_judgements(encoder, corpus, *files)
    found = evaluate(encoder, corpus, queries=texts, qrels=judged)
    rows = {(row["measure"], row["k"]): row for row in found.results.iter_rows(named=True)}
    assert found.ranks["query"].to_list() == ["q1", "q2", "q3"] and rows["nDCG", 10]["queries"] == 3
    for name, value in means.items():
        measure, _, k = name.partition("@")
        row = rows[measure, int(k) if k else None]
        assert row["value"] == pytest.approx(value) == pytest.approx(found.ranks[name].mean())
        assert row["low"] <= value <= row["high"]


@pytest.mark.parametrize(
    ("queries", "qrels", "said"),
    [
        ({"q": 7}, {"q": {"gl7": 1}}, "expected texts by id, found int for 'q'"),
        ({}, {"q": {"gl7": 1}}, "queries: expected texts by id, found none"),
        ({"q": "x"}, {"q": ["gl7"]}, "expected {query: {document: grade}}"),
        ({"q": "x"}, {"q": {"gl7": 1.5}}, "expected {query: {document: grade}}"),
        ({"q": "x"}, {"q": {}}, "qrels: expected {query: {document: grade}}, found none"),
        ({"q": "x"}, None, "queries and qrels belong together"),
    ],
)
def test_mappings_of_other_things_are_refused(
    corpus: Corpus, encoder: Encoder, queries: Any, qrels: Any, said: str
) -> None:
    """By what was expected and what was found."""
    with pytest.raises(SettingsError, match=re.escape(said)):
        evaluate(encoder, corpus, queries=queries, qrels=qrels)


def test_the_scores_are_those_of_the_cosines(corpus: Corpus, encoder: Encoder, tmp_path: Path) -> None:
    """RR and nDCG@10 of two queries, worked out from the vectors of whole documents."""
    names, vectors = [], []
    for language in corpus.languages:
        frame = corpus.read(language).group_by("document", maintain_order=True).agg(pl.col("text").str.join(" "))
        names += frame["document"].to_list()
        vectors.append(encoder.encode(frame["text"].to_list()))
    table = np.concatenate(vectors)
    texts = {"q1": corpus.read("gl")["text"][3], "q2": corpus.read("es")["text"][40]}
    judged = {"q1": "gl7", "q2": "es9"}
    places = []
    for query, text in texts.items():
        scores: dict[str, float] = {}
        for name, score in zip(names, (table @ encoder.encode([text])[0]).tolist(), strict=True):
            scores[name] = max(score, scores.get(name, -1.0))  # two languages have the document ``twice``
        places.append(1 + sum(score > scores[judged[query]] for score in scores.values()))
    files = ask(tmp_path, texts, [(query, document, 1) for query, document in judged.items()])
    found = evaluate_judgements(encoder, corpus, *files)
    assert found["RR"] == pytest.approx(sum(1 / place for place in places) / 2)
    gains = [1 / math.log2(place + 1) if place <= 10 else 0 for place in places]
    assert found["nDCG@10"] == pytest.approx(sum(gains) / 2)
    assert found["Success@20"] == sum(place <= 20 for place in places) / 2


def test_an_id_that_two_languages_have_counts_where_it_is_nearer(
    corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    """The Galician document is the query itself; the Portuguese one must not push it down."""
    files = ask(tmp_path, {"q": "unha palabra rara aquí"}, [("q", "twice", 1)])
    assert evaluate_judgements(encoder, corpus, *files)["Success@1"] == 1.0


def test_what_is_left_out_is_counted(
    corpus: Corpus, encoder: Encoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Judged without a text, asked without a judgement, judged but not in the corpus: three warnings."""
    files = ask(
        tmp_path, {"q1": "bebe", "q2": "bibi"}, [("q1", "gl1", 1), ("q1", "gone", 1), ("q8", "gl1", 1), ("q9", "a", 1)]
    )
    with caplog.at_level(logging.WARNING):
        evaluate_judgements(encoder, corpus, *files)
    assert [record.getMessage() for record in caplog.records] == [
        "2 judged queries have no text and are left out",
        "1 queries have no judgement and are left out",
        "2 judged documents are not in the corpus and count as not found",
    ]


def test_judgements_of_something_else(corpus: Corpus, encoder: Encoder, tmp_path: Path) -> None:
    """No document in common, no query in common."""
    with pytest.raises(CorpusError, match=r"names no document of .* for example 'x'"):
        evaluate_judgements(encoder, corpus, *ask(tmp_path, {"q": "bebe"}, [("q", "x", 1)]))
    with pytest.raises(SourceError, match=r"judges no query of .*; for example 'p' against 'q'"):
        evaluate_judgements(encoder, corpus, *ask(tmp_path, {"q": "bebe"}, [("p", "gl1", 1)]))


def test_every_judged_query_counts_and_the_files_say_the_same(corpus: Corpus, encoder: Encoder, tmp_path: Path) -> None:
    """A document that is not there, relevance 0 and below, a query without words: 0 each, by ir-measures too."""
    import ir_measures

    text = corpus.read("gl")["text"][3]
    files = ask(
        tmp_path,
        {"q 1": "unha palabra rara aqu\u00ed", "q2": text, "q3": text, "q4": "...", "q5": text},
        [("q2", "gone", 1), ("q3", "gl1", 0), ("q3", "gl2", -2), ("q4", "es0", 1), ("q5", "gl:gl7", 3)],
    )
    files[1].write_text(files[1].read_text() + "q 1\ttwice\t2\n")
    found = evaluate_judgements(encoder, corpus, *files, trec=tmp_path / "t")
    truth = list(ir_measures.read_trec_qrels((tmp_path / "t" / "qrels").read_text()))
    run = list(ir_measures.read_trec_run((tmp_path / "t" / "encoder.run").read_text()))
    measures = [ir_measures.parse_measure(name) for name in found]
    expected = {str(m): v for m, v in ir_measures.calc_aggregate(measures, truth, run).items()}
    assert found == pytest.approx(expected)
    assert {judgement.query_id for judgement in truth} == {"q_1", "q2", "q3", "q4", "q5"}
    each = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(measures, truth, run)}
    assert each["q_1", "RR"] == 1.0 and 0 < each["q5", "RR"] <= 1
    assert [each[query, "R@100"] for query in ("q2", "q3", "q4")] == [0.0, 0.0, 0.0]
    assert found["RR"] == pytest.approx((1 + each["q5", "RR"]) / 5)
