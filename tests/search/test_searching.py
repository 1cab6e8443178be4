"""Searching an index: modes, languages, odd queries; and that scores do not depend on how it was made."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shelf import FUSION, Library, document, same_hits, talk

from sprachbund import Index
from sprachbund.errors import LanguageError, SettingsError
from sprachbund.search import building, filling
from sprachbund.search.building import IndexSettings, add, create, delete, merge
from sprachbund.search.hits import Hit
from sprachbund.search.passages import Document
from sprachbund.search.searching import MODES, RRF, Mode

QUERIES = ("radioactividade e o Premio Nobel", "la plus grande mer", "deprem ve ada", "the history of bread", "radio")


@pytest.fixture
def index(library: Library) -> Index:
    """The index by words and by the encoder alone; what letters find besides has tests of its own, `test_across`."""
    return replace(library.index, kin={})


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_ranks(index: Index, mode: Mode) -> None:
    """Ranks from 1, scores that fall, keys once; a smaller k is the beginning of a larger one."""
    for query in QUERIES:
        hits = index.search(query, 30, (), mode)
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True) and len({hit.key for hit in hits}) == len(hits) > 0
        assert index.search(query, 3, (), mode) == hits[:3]
        for hit in hits:
            assert hit.key == f"{hit.language}:{hit.document}#{hit.number}" and hit.mode == mode
            assert sum(hit.parts.values()) == pytest.approx(hit.score, abs=1e-5)
            assert set(hit.parts) == ({mode} if mode in ("bm25", "dense") else {"bm25", "dense"})
            assert hit.scope == index.languages


def test_the_hybrid_is_the_weighted_sum_of_both(index: Index) -> None:
    """For every hit: its score by BM25 and half its cosine, as the single modes give them."""
    for query in QUERIES:
        parts = {
            mode: {hit.key: hit.score for hit in index.search(query, 1_000, (), mode)} for mode in ("bm25", "dense")
        }
        hits = index.search(query, 50)
        assert len(hits) == 50
        for hit in hits:
            assert hit.parts["bm25"] == pytest.approx(parts["bm25"].get(hit.key, 0.0), abs=1e-5)
            assert hit.parts["dense"] == pytest.approx(FUSION.dense * parts["dense"][hit.key], abs=1e-5)
        every = [parts["bm25"].get(key, 0.0) + FUSION.dense * near for key, near in parts["dense"].items()]
        best = sorted(every, reverse=True)[:10]
        assert [hit.score for hit in hits[:10]] == pytest.approx(best, abs=1e-5)


def test_reciprocal_ranks_by_hand(index: Index) -> None:
    """1 / (60 + rank) of each part, among the best 100 of each."""
    for query in QUERIES:
        given: dict[str, dict[str, float]] = {}
        for mode in ("bm25", "dense"):
            for hit in index.search(query, 100, (), mode):
                given.setdefault(hit.key, {"bm25": 0.0, "dense": 0.0})[mode] = 1 / (RRF + hit.rank)
        hits = index.search(query, 20, (), "rrf")
        best = sorted((sum(parts.values()) for parts in given.values()), reverse=True)[:20]
        assert [hit.score for hit in hits] == pytest.approx(best, abs=1e-7)
        for hit in hits:
            assert hit.parts == pytest.approx(given[hit.key], abs=1e-7)


def test_a_passage_finds_itself(index: Index) -> None:
    """Asked with its own first sentence a passage of each language comes first, whatever the mode."""
    for segment in index.segments:
        text = segment.records.texts(0, 1)[0].split("\n")[0]
        for mode in ("hybrid", "bm25", "dense"):
            hit = index.search(text, 1, (segment.language,), mode)[0]
            assert text in hit.text and hit.language == segment.language
            assert hit.title and index.search(text, 1, (), mode)[0].key == hit.key


def test_languages(index: Index) -> None:
    """Only what was asked for, each language once; one that is not there is named with those that are."""
    for asked in (("pt",), ("tr", "gl"), ["gl", "gl"]):
        hits = index.search("a radio", 100, asked)
        assert {hit.language for hit in hits} == set(asked)
        assert {hit.scope for hit in hits} == {tuple(sorted(set(asked)))}
    with pytest.raises(LanguageError, match=r"has no xx, yy; it has en, es, gl, it, ja, pt, th, tr$"):
        index.search("a", 10, ("yy", "pt", "xx"))


def test_what_cannot_be_asked(index: Index) -> None:
    """k of 1 to 1,000, four modes."""
    for k in (0, -1, 1_001):
        with pytest.raises(SettingsError, match=f"k must be from 1 to 1,000, found {k}"):
            index.search("a", k)
        with pytest.raises(SettingsError, match="k must be"):
            index.neighbours("a", k)
    with pytest.raises(SettingsError, match="modes are hybrid, dense, bm25, rrf; found 'best'"):
        index.search("a", 1, (), "best")  # type: ignore[arg-type]
    total = sum(count["passages"] for count in index.counts.values())
    assert len(index.search("de la", 1_000, (), "dense")) == min(1_000, total)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["", " ", "...", "\u200b", "\ud800", "!?", "\n\t", "🙂"])
def test_a_query_without_words(index: Index, mode: Mode, query: str) -> None:
    """Finds nothing and is no error."""
    assert index.search(query, 10, (), mode) == []
    assert index.neighbours(query) == []


@pytest.mark.parametrize("mode", MODES)
def test_odd_queries(index: Index, mode: Mode) -> None:
    """100,000 characters, words said 50,000 times, control characters, scripts that the index lacks."""
    long = " ".join(segment.records.texts(0, 40)[i] for segment in index.segments for i in (0,)) * 200
    for query in (long[:100_000], "radio " * 50_000, "x" * 100_000, "radio\x00radio", "Ω ж א", "radio\ud800"):
        hits = index.search(query, 10, (), mode)
        assert all(np.isfinite(hit.score) for hit in hits) and len(hits) <= 10
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)


def test_unknown_words_have_no_bm25(index: Index) -> None:
    """Runs of characters that no passage has."""
    assert index.search("qqxxqqxx", 10, (), "bm25") == []


def test_an_empty_index(model: Path, tmp_path: Path) -> None:
    """Generation 0: no languages, and nothing is found, near or on a map."""
    index = create(tmp_path / "index", model)
    assert (index.generation, index.languages, index.counts) == (0, (), {})
    for mode in MODES:
        assert index.search("a radio", 10, (), mode) == []
    assert index.neighbours("radio") == [] and index.map() is None
    assert index.places([]).shape == (0, 2)
    with pytest.raises(LanguageError, match="has no pt; it has none"):
        index.search("a", 1, ("pt",))


# ---- how an index came to be does not matter


def made(path: Path, model: Path, *steps: Sequence[Document], settings: IndexSettings | None = None) -> Index:
    """An index of documents added step by step, in Portuguese, and a few of them in Galician too."""
    create(path, model, settings or IndexSettings(sentences=2, map_points=0))
    for step in steps:
        add(path, {"gl": step[:3], "pt": step})
    return Index.open(path)


def ask_everything(index: Index, queries: Sequence[str]) -> list[list[Hit]]:
    """Every query in every mode, in one language and in all."""
    return [
        index.search(query, 15, scope, mode)
        for query in queries
        for mode in ("bm25", "dense", "hybrid")
        for scope in ((), ("pt",))
    ]


def test_segments_do_not_matter(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one piece; in several additions; in segments of few passages; merged: the same hits at the same scores."""
    documents = talk(30)
    queries = [documents[i].texts[0] for i in (0, 7, 21)] + ["".join(documents[4].texts[:3])]
    whole = made(tmp_path / "whole", model, documents)
    expected = ask_everything(whole, queries)
    assert [segment.language for segment in whole.segments] == ["gl", "pt"] and len(expected[0]) == 15
    create(tmp_path / "added", model, IndexSettings(sentences=2, map_points=0))
    add(tmp_path / "added", {"pt": documents[:11], "gl": documents[:2]})
    add(tmp_path / "added", {"pt": documents[11:12]})
    add(tmp_path / "added", {"gl": documents[2:3], "pt": documents[12:]})
    added = Index.open(tmp_path / "added")
    assert len(added.segments) == 5
    with monkeypatch.context() as patch:
        for module in (building, filling):
            patch.setattr(module, "passages_at_a_time", lambda memory, dim: 12)
        patch.setattr(filling, "BATCH", 9)
        small = made(tmp_path / "small", model, documents)
    assert len(small.segments) > 8
    for other in (added, small):
        assert other.counts == whole.counts
        for one, two in zip(expected, ask_everything(other, queries), strict=True):
            same_hits(one, two)
        assert merge(other.path).generation == other.generation + 1
        merged = Index.open(other.path)
        assert len(merged.segments) == 2 and merged.counts == whole.counts
        for one, two in zip(expected, ask_everything(merged, queries), strict=True):
            same_hits(one, two)


def test_deleted_and_merged_is_never_having_been(model: Path, tmp_path: Path) -> None:
    """Deleted documents are not found; after a merge the scores are those of an index made without them."""
    documents = talk(24, seed=3)
    gone = {f"d{number}" for number in range(1, 24, 3)}
    rest = [document for document in documents if document.id not in gone]
    queries = [documents[i].texts[0] for i in (1, 2, 4, 9)]
    full = made(tmp_path / "full", model, documents)
    without = made(tmp_path / "without", model, rest)
    delete(full.path, [("gl", "d1")] + [("pt", name) for name in sorted(gone)])
    add(full.path, {"gl": [document for document in rest[:3] if document.id != "d1"]})
    deleted = Index.open(full.path)
    assert deleted.counts["pt"] == without.counts["pt"]
    for hits in ask_everything(deleted, queries):
        assert hits and not {hit.document for hit in hits} & gone
    merge(full.path)
    merged = Index.open(full.path)
    assert not any(segment.deleted for segment in merged.segments)
    delete(without.path, [("gl", name) for name in set(merged_names(without, "gl")) - set(merged_names(merged, "gl"))])
    merge(without.path)
    without = Index.open(without.path)
    assert merged.counts == without.counts
    for one, two in zip(ask_everything(merged, queries), ask_everything(without, queries), strict=True):
        same_hits(one, two)


def merged_names(index: Index, language: str) -> list[str]:
    """The ids of the documents of a language that are not deleted."""
    return [
        record.id
        for segment in index.segments
        if segment.language == language
        for record in segment.records.documents()
        if record.number not in segment.deleted
    ]


def test_what_is_left_of_many_is_still_found(model: Path, tmp_path: Path) -> None:
    """Of 20 documents with a word 19 are deleted: the word is as rare as before, until a merge, and finds the last."""
    documents = [
        document(f"d{number}", [f"salgueiro novo{'abcdefghijklmnopqrst'[number] * 3}"]) for number in range(20)
    ]
    create(tmp_path / "index", model, IndexSettings(map_points=0))
    add(tmp_path / "index", {"pt": [*documents, document("other", ["outra coisa"])]})
    before = {hit.key: hit.score for hit in Index.open(tmp_path / "index").search("salgueiro", 30, (), "bm25")}
    assert len(before) == 20
    delete(tmp_path / "index", [("pt", f"d{number}") for number in range(19)])
    hits = Index.open(tmp_path / "index").search("salgueiro", 30, (), "bm25")
    assert [hit.key for hit in hits] == ["pt:d19#0"]
    assert hits[0].score == pytest.approx(before["pt:d19#0"], rel=0.2)  # lengths have another mean


def test_passages_without_words_are_not_found(model: Path, tmp_path: Path) -> None:
    """They have no vector; in a hybrid of an encoder that has no say only BM25 finds."""
    create(tmp_path / "index", model, IndexSettings(map_points=0))
    add(tmp_path / "index", {"pt": [document("a", ["* * *", "?!"]), document("b", ["o rio"])]})
    index = Index.open(tmp_path / "index")
    assert index.counts["pt"] == {"documents": 2, "passages": 2}
    for mode in MODES:
        assert [hit.document for hit in index.search("o rio", 5, (), mode)] == ["b"]


@pytest.mark.parametrize("dense", ["flat", "ivf", "hnsw"])
def test_every_kind_of_dense_index_serves(model: Path, tmp_path: Path, dense: str) -> None:
    """Written into the segment with its recall; deleted documents are not found; merges keep the kind."""
    documents = talk(40, seed=5)
    create(tmp_path / "index", model, IndexSettings(sentences=2, dense=dense, map_points=0))
    add(tmp_path / "index", {"pt": documents})
    index = Index.open(tmp_path / "index")
    assert index.segments[0].manifest["dense"]["kind"] == dense
    assert index.segments[0].manifest["dense"]["recall"] >= 0.9
    hits = index.search(documents[3].texts[0], 5, (), "dense")
    assert "d3" in {hit.document for hit in hits}
    delete(index.path, [("pt", "d3")])
    hits = Index.open(index.path).search(documents[3].texts[0], 50, (), "dense")
    assert hits and "d3" not in {hit.document for hit in hits}
    merge(index.path)
    assert Index.open(index.path).segments[0].manifest["dense"]["kind"] == dense
