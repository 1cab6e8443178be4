"""What holds of every database: it scores as the index does, follows its changes, and refuses what is not its own."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Database, Index, write_index
from sprachbund.databases.contents import contents_of, words_of
from sprachbund.databases.seam import Written
from sprachbund.errors import DatabaseError, LanguageError, SettingsError
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.fusion import Fusion
from sprachbund.search.hits import make_hits
from sprachbund.search.passages import Document
from sprachbund.search.searching import ask, find

QUERIES = ("a choiva e o ciclo da auga", "bread and salt", "el agua de la ciudad", "dağlar", "terra terra mare")
URL = Callable[[], str]


@pytest.fixture
def small(models: tuple[Path, Path, Path], tmp_path: Path) -> Path:
    """An index of four documents in two languages, to be changed."""
    path = tmp_path / "small"
    create(path, models[1], IndexSettings(sentences=1, map_points=0, neighbours=False))
    add(path, {"pt": [_document(name) for name in "abc"], "es": [_document("a")]})
    return path


def _document(name: str, *more: str, **meta: str) -> Document:
    texts = [f"a casa {name * 4}", "o rio e o mar", *more]
    return Document(name, f"título {name}", [""], " ".join(texts), texts, [0] * len(texts), meta)


def _rows(url: str, model: Path) -> list[tuple[object, ...]]:
    """All that searches can find of a table of the small index."""
    with Database.open(url, model) as database:
        hits = database.search("casa rio mar", 100, mode="bm25")
    return sorted((hit.key, round(hit.score, 5), hit.title, hit.text, sorted(hit.meta.items())) for hit in hits)


@pytest.mark.parametrize("languages", [(), ("es",), ("gl", "pt")])
def test_dense_is_what_the_flat_index_finds(index: Index, written: str, languages: tuple[str, ...]) -> None:
    """The same passages in the same order, their scores to 1e-5, with all that is shown of them."""
    chosen = index.scope(languages)
    scope = index._scopes(chosen)
    with Database.open(written, index.path) as database:
        assert database.passages == {code: count["passages"] for code, count in index.counts.items()}
        for query in QUERIES:
            # the query as it is: an index puts accents back
            question = ask(index.encoder, query, chosen[0] if len(chosen) == 1 else "", index.folds)
            flat = find(scope, question, index.fusion, "dense", 50)
            expected = make_hits(flat, scope, chosen, "dense", (query, query))
            found = database.search(query, 50, languages, "dense")
            assert [hit.key for hit in found] == [hit.key for hit in expected]
            np.testing.assert_allclose([h.score for h in found], [h.score for h in expected], atol=1e-5)
            for one, other in zip(found, expected, strict=True):
                assert {**one.to_dict(), "score": 0, "parts": 0} == {**other.to_dict(), "score": 0, "parts": 0}


@pytest.mark.parametrize("languages", [(), ("es",)])
def test_words_and_both_together_by_hand(index: Index, written: str, languages: tuple[str, ...]) -> None:
    """BM25 from its definition over all passages, as a share of what the query can give; hybrid is the weighted sum."""
    contents = contents_of(index)
    every = list(contents.passages(contents.documents))
    fusion = contents.about.fusion
    mean = sum(len(one.words) for one in every) / len(every)
    inside = [one for one in every if not languages or one.language in languages]
    with Database.open(written, index.path) as database:
        for query in QUERIES:
            vector = index.encoder.encode([query], languages[0] if languages else "")[0]
            asked = Counter(words_of(query, languages[0] if languages else "", index.folds))
            having = {word: sum(word in one.words for one in inside) for word in asked}
            idf = {
                word: asked[word] * np.log(1 + (len(inside) - count + 0.5) / (count + 0.5)) ** fusion.words.idf_power
                for word, count in having.items()
                if count
            }
            bm25, dense = {}, {}
            for one in inside:
                norm = fusion.words.k1 * (1 - fusion.words.b + fusion.words.b * len(one.words) / mean)
                counts = Counter(one.words)
                gives = [idf[word] * counts[word] / (counts[word] + norm) for word in idf if counts[word]]
                bm25[one.id] = sum(gives) / sum(idf.values()) if idf else 0.0
                assert one.vector is not None
                dense[one.id] = fusion.dense * float(one.vector @ vector)
            words = database.search(query, 20, languages, "bm25")
            _same({key: score for key, score in bm25.items() if score}, {hit.key: hit.score for hit in words}, 20)
            both = database.search(query, 20, languages, "hybrid")
            _same({key: bm25[key] + dense[key] for key in bm25}, {hit.key: hit.score for hit in both}, 20)
            for hit in both:
                assert hit.score == pytest.approx(sum(hit.parts.values()))
                assert hit.parts == pytest.approx({"bm25": bm25[hit.key], "dense": dense[hit.key]}, abs=1e-5)


def _same(expected: dict[str, float], found: dict[str, float], k: int) -> None:
    """The best k of what was expected; where scores are level any of them."""
    best = sorted(expected.values(), reverse=True)[:k]
    np.testing.assert_allclose(list(found.values()), best, atol=1e-5)
    assert all(abs(expected[key] - score) < 1e-5 for key, score in found.items())


def test_a_table_follows_its_index(small: Path, models: tuple[Path, Path, Path], new_url: URL) -> None:
    """New, changed and deleted documents, and no others, are written; the table is then as one that is written anew."""
    url = new_url()
    assert write_index(small, url) == Written(4, 0, 0, 8)
    assert write_index(small, url) == Written(0, 0, 4, 8)
    add(small, {"pt": [_document("b", "mais uma casa", author="Ana"), _document("d")]})
    delete(small, [("pt", "c"), ("es", "a")])
    assert write_index(small, url) == Written(2, 2, 1, 7)
    other = new_url()
    write_index(small, other)
    assert _rows(url, models[1]) == _rows(other, models[1])
    assert len(_rows(url, models[1])) == 7
    with Database.open(url, small) as database:
        assert {hit.document for hit in database.search("casa", 100)} == {"a", "b", "d"}
        assert {h.meta.get("author") for h in database.search("casa", 100) if h.document == "b"} == {"Ana"}


_KILLED = """
import os, signal, sys
from dataclasses import replace
from sprachbund.databases import writing

before, passages_left = writing.contents_of, int(sys.argv[3])

def contents_of(index, **options):
    contents = before(index, **options)
    def passages(wanted):
        global passages_left
        for one in contents.passages(wanted):
            passages_left -= 1
            if passages_left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            yield one
    return replace(contents, passages=passages)

writing.contents_of = contents_of
writing.write_index(sys.argv[1], sys.argv[2])
"""


def test_a_kill_leaves_the_former_state(small: Path, new_url: URL) -> None:
    """Whatever was written already; the same change then goes through."""
    url = new_url()
    write_index(small, url)
    before = _rows(url, small)
    add(small, {"pt": [_document(name, "mais uma casa") for name in "bcdefg"]})
    passages = "7" if "postgresql" in url else "30"  # Qdrant's are read a first time to count them
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(small), url, passages], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert _rows(url, small) == before
    assert write_index(small, url) == Written(6, 0, 2, 22)
    assert len(_rows(url, small)) == 22


def test_the_vectors_of_another_model_are_refused(
    small: Path, models: tuple[Path, Path, Path], new_url: URL, tmp_path: Path
) -> None:
    """By name, when writing and when searching; the table stays as it was."""
    url = new_url()
    write_index(small, url)
    before = _rows(url, small)
    create(tmp_path / "other", models[2], IndexSettings(sentences=1, map_points=0, neighbours=False))
    add(tmp_path / "other", {"pt": [_document("x")]})
    known, strange = (contents_of(Index.open(path)).about for path in (small, tmp_path / "other"))
    assert known.model != strange.model
    with pytest.raises(DatabaseError, match=rf"the model {known.model} .* those of {strange.model} .*\?table="):
        write_index(tmp_path / "other", url)
    with pytest.raises(DatabaseError, match=rf"the model {known.model} .* read by {strange.model} "):
        Database.open(url, models[2])
    assert _rows(url, models[1]) == before


def test_passages_of_other_settings_are_refused(small: Path, models: tuple[Path, Path, Path], new_url: URL) -> None:
    """Sentences of a passage, and what a score is."""
    url = new_url()
    write_index(small, url)
    two, other = IndexSettings(2, map_points=0), Fusion(dense=0.9)
    given = [(two, None, "sentences"), (IndexSettings(1, map_points=0), other, "fusion")]
    for number, (settings, fusion, name) in enumerate(given):
        path = small.parent / f"other{number}"
        create(path, models[1], settings, fusion)
        with pytest.raises(DatabaseError, match=rf"other settings \({name}\)"):
            write_index(path, url)


def test_what_cannot_be_asked(small: Path, new_url: URL) -> None:
    """No such table, language, mode or number; a query without words finds nothing, one without known words little."""
    url = new_url()
    with pytest.raises(DatabaseError, match="has no such table; write one: sprachbund index --out INDEX --to URL"):
        Database.open(url, small)
    write_index(small, url)
    with Database.open(url, small) as database:
        assert database.search("...") == [] and database.search("") == []
        assert database.search("xyzzy", mode="bm25") == []
        assert database.search("casa", 3, ["português"])[0].language == "pt"
        with pytest.raises(LanguageError, match="tr"):
            database.search("casa", languages=["tr"])
        with pytest.raises(SettingsError, match="modes of a database are hybrid, dense, bm25; found 'rrf'"):
            database.search("casa", mode="rrf")  # type: ignore[arg-type]
        with pytest.raises(SettingsError, match="k must be from 1 to 1,000, found 0"):
            database.search("casa", 0)


def test_an_empty_index_is_an_empty_table(small: Path, new_url: URL) -> None:
    """All taken out: nothing is found."""
    url = new_url()
    write_index(small, url)
    delete(small, [("pt", "a"), ("pt", "b"), ("pt", "c"), ("es", "a")])
    assert write_index(small, url) == Written(0, 4, 0, 0)
    with Database.open(url, small) as database:
        assert database.search("casa") == [] and database.passages == {}
