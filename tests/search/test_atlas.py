"""Neighbours of words and the map."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from shelf import Library, document

from sprachbund import Index
from sprachbund.errors import LanguageError
from sprachbund.search.atlas import project
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.passages import documents_of


def test_neighbours_are_the_nearest(index: Index) -> None:
    """Against all cosines with the encoder itself, in all languages and in two."""
    words = index.atlas.words  # type: ignore[union-attr]
    vectors = index.encoder.encode(words["text"].to_list())
    assert len(words) > 1_000 and (words["count"] > 1).all()
    for ngram in ("radio", "cidade", "Marie Curie", "unbekanntes"):
        cosines = vectors @ index.encoder.encode([ngram])[0]
        for languages in ((), ("gl", "tr")):
            kept = cosines if not languages else np.where(words["language"].is_in(list(languages)), cosines, -1)
            found = index.neighbours(ngram, 12, languages)
            best = np.sort(kept)[::-1][:12]
            np.testing.assert_allclose([n.score for n in found], best[best > 0], atol=2e-3)
            assert not languages or {n.language for n in found} <= set(languages)
            known = {(text, language): count for text, language, count in words.rows()}
            assert all(known[n.text, n.language] == n.count for n in found)
    nearest = index.neighbours("radio", 1)[0]
    assert nearest.text == "radio" and nearest.score == pytest.approx(1, abs=2e-3)
    with pytest.raises(LanguageError, match="has no xx"):
        index.neighbours("radio", 3, ("xx",))


def test_counts_are_passages(index: Index) -> None:
    """A neighbour's count is the number of passages that have the word."""
    for neighbour in index.neighbours("cidade", 5, ("pt",)):
        segment = next(segment for segment in index.segments if segment.language == "pt")
        texts = segment.records.texts(0, len(segment))
        having = sum(neighbour.text in [word.strip(".,;:()«»\"'-").lower() for word in t.split()] for t in texts)
        assert neighbour.count >= having > 0


def test_the_map(index: Index) -> None:
    """Words and passages of every language in -1 to 1, each passage a key that can be found, no two alike."""
    made = index.map()
    assert made is not None
    count = len(made.x)
    assert 100 <= count <= 170 and len(made.y) == len(made.kinds) == len(made.labels) == len(made.keys) == count
    assert np.abs(made.x).max() <= 1 and np.abs(made.y).max() <= 1
    assert max(np.abs(made.x).max(), np.abs(made.y).max()) == pytest.approx(1)
    assert len(set(zip(made.x.tolist(), made.y.tolist(), strict=True))) > 0.9 * count
    assert set(made.languages) == set(index.languages) and set(made.kinds.tolist()) == {0, 1}
    for kind, language, label, key in zip(made.kinds, made.languages, made.labels, made.keys, strict=True):
        assert label and (key.startswith(f"{language}:") if kind == 0 else key == "")
    points = np.stack([made.x, made.y], axis=1)
    vectors = np.asarray(index.atlas.anchors, np.float32)  # type: ignore[union-attr]
    cosines = vectors @ vectors.T - 2 * np.eye(count)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    nearest = distances[np.arange(count), cosines.argmax(axis=1)]
    assert np.median(nearest) < np.median(distances) / 2  # what is near in the vectors is near on the map


def test_places_of_hits(index: Index) -> None:
    """A passage that is on the map lies near its point, others between points; in -1 to 1."""
    made = index.map()
    assert made is not None
    hits = index.search("radio and the city", 40)
    places = index.places(hits)
    assert places.shape == (40, 2) and places.dtype == np.float32 and np.abs(places).max() <= 1
    assert index.places([]).shape == (0, 2)
    points = {key: (x, y) for key, x, y in zip(made.keys, made.x, made.y, strict=True) if key}
    own = [
        np.linalg.norm(place - points[hit.key]) for hit, place in zip(hits, places, strict=True) if hit.key in points
    ]
    assert own and np.median(own) < 0.5


def test_the_same_documents_give_the_same_map(library: Library, tmp_path: Path) -> None:
    """To the last bit; a point where each word and passage stood."""
    maps = []
    for name in ("one", "other"):
        create(tmp_path / name, library.model, IndexSettings(sentences=2, map_points=40))
        add(tmp_path / name, {"pt": list(documents_of(library.corpus, "pt"))[:20]})
        maps.append(Index.open(tmp_path / name).map())
    one, other = maps
    assert one is not None and other is not None and one.labels == other.labels and one.keys == other.keys
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.y, other.y)


def test_no_map_where_none_was_asked_for(model: Path, tmp_path: Path) -> None:
    """But neighbours; and hits lie nowhere in particular."""
    create(tmp_path / "index", model, IndexSettings(map_points=0))
    add(tmp_path / "index", {"pt": [document(f"d{n}", ["a cidade e o rio"]) for n in range(3)]})
    index = Index.open(tmp_path / "index")
    assert index.map() is None
    assert [n.text for n in index.neighbours("cidade", 1)] == ["cidade"]
    assert index.places(index.search("rio")).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_a_few_documents_have_a_map_too(model: Path, tmp_path: Path, count: int) -> None:
    """However few; and when they are gone there is none."""
    create(tmp_path / "index", model)
    texts = ["a cidade e o rio", "o rio e a cidade", "a ponte e o rio"]
    add(tmp_path / "index", {"pt": [document(f"d{n}", [texts[n % 3]]) for n in range(count)]})
    index = Index.open(tmp_path / "index")
    if count > 1:  # a word of one passage alone is no neighbour
        made = index.map()
        assert made is not None and {f"pt:d{n}#0" for n in range(count)} == {key for key in made.keys if key}
        assert np.abs(np.stack([made.x, made.y])).max() <= 1
    delete(tmp_path / "index", [("pt", f"d{n}") for n in range(count)])
    gone = Index.open(tmp_path / "index")
    assert gone.map() is None and gone.neighbours("rio") == [] and gone.languages == ()
    # who has the old one open keeps it
    assert index.neighbours("rio", 1)[0].text == "rio" if count > 1 else index.neighbours("rio") == []
    shutil.rmtree(tmp_path / "index")


def test_vectors_that_are_alike_have_places() -> None:
    """Ten times the same vector: no number is missing."""
    same = np.tile(np.eye(1, 8, dtype=np.float32), (10, 1))
    places = project(same)
    assert places.shape == (10, 2) and np.isfinite(places).all() and np.abs(places).max() <= 1
    assert project(same[:0]).shape == (0, 2)
