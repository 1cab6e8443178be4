"""The romanised text of an index: its grams by hand, its files, when it is written and when it is left out."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from shelf import FUSION, document, talk

from sprachbund import Index
from sprachbund.cognates.romanising import plain
from sprachbund.errors import FolderError
from sprachbund.search import roman
from sprachbund.search.building import IndexSettings, add, create, delete, merge
from sprachbund.search.passages import Document
from sprachbund.search.postings import Postings
from sprachbund.search.roman import grams_of, roman_postings, skeleton, spelt, without_frequent

PLAIN = IndexSettings(map_points=0)
SPANISH = [document("d0", ["La cabeza y el corazón.", "El río pasa."], title="Cuerpo"), document("d1", ["Pan y sal."])]
PORTUGUESE = [document("p0", ["A cabeça e o coração.", "O rio passa."], title="Corpo")]


def make(path: Path, model: Path, settings: IndexSettings, **documents: Sequence[Document]) -> Index:
    """An index of documents by language."""
    create(path, model, settings, FUSION)
    add(path, documents)
    return Index.open(path)


def test_grams_by_hand() -> None:
    """Runs of four cross words with single blanks; skeletons have no vowel but one that a word begins with."""
    found = grams_of([plain("Al mar"), plain("Ó"), ""])
    named = [(spelt(int(key)), int(owner)) for key, owner in zip(found.keys, found.owners, strict=True)]
    assert named == [
        *((run, 0) for run in (" al ", "al m", "l ma", " mar", "mar ")),
        *((run, 0) for run in (" al", "al ", "l m", " mr", "mr ")),
        (" o ", 1),
    ]
    spans = {spelt(int(key)): (int(a), int(b)) for key, a, b in zip(found.keys, found.starts, found.stops, strict=True)}
    assert spans["l ma"] == (2, 6) and spans[" mr"] == (3, 7) and spans["mr "] == (4, 8)  # the vowel between is covered
    assert skeleton("el oro de agua") == "el or d ag"


def test_scripts_meet() -> None:
    """Ukrainian and Polish, Cyrillic and Latin, have the same grams where they sound alike; both normal forms do."""
    left, right = (set(grams_of([plain(text)]).keys.tolist()) for text in ("вода", "voda"))
    assert left == right
    assert plain("cabec\u0327a") == plain("cabeça") == "cabeca"


def test_postings_by_hand() -> None:
    """A passage has a gram as often as it stands in it; lengths are numbers of grams."""
    postings, lengths = roman_postings(["sal sal", "sol"])
    assert lengths.tolist() == [
        [6, 5],
        [2, 2],
    ]  # runs: " sal" "sal " "al s" "l sa" " sal" "sal "; " sl" "sl " "l s" ...
    found = {
        spelt(int(key)): list(
            zip(
                postings.passages[postings.offsets[at] : postings.offsets[at + 1]].tolist(),
                postings.counts[postings.offsets[at] : postings.offsets[at + 1]].tolist(),
                strict=True,
            )
        )
        for at, key in enumerate(postings.keys)
    }
    assert found[" sal"] == [(0, 2)] and found["al s"] == [(0, 1)] and found[" sol"] == [(1, 1)]
    assert found[" sl"] == [(0, 2), (1, 1)]
    assert (np.diff(postings.keys.astype(np.int64)) > 0).all()


def test_frequent_grams_are_left_out() -> None:
    """A gram in more than a tenth of many passages goes, one in a few hundred of them stays."""
    sizes = [301, 300, 5]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    passages = np.concatenate([np.arange(size) for size in sizes]).astype(np.int32)
    postings = Postings(np.array([1, 2, 3], np.uint64), offsets, passages, np.ones(606, np.uint16))
    kept = without_frequent(postings, 1_000)
    assert kept.keys.tolist() == [2, 3] and kept.offsets.tolist() == [0, 300, 305] and len(kept.passages) == 305
    assert without_frequent(postings, 3_010) is postings


def test_written_when_a_second_language_comes(model: Path, tmp_path: Path) -> None:
    """One language has no such part; when another comes, both have it, and the segment that was there is not written
    again."""
    index = make(tmp_path / "index", model, PLAIN, es=SPANISH)
    assert index.segments[0].roman is None and not (tmp_path / "index/roman").exists()
    add(tmp_path / "index", {"pt": PORTUGUESE})
    both = Index.open(tmp_path / "index", check=True)
    assert [segment.name for segment in both.segments] == ["es-00001-1", "pt-00002-1"]
    assert [entry["roman"] for entry in both.manifest["segments"]] == ["es-00002-1", "pt-00002-1"]
    first = both.segments[0].roman
    assert first is not None
    key = next(int(key) for key in first.postings.keys if spelt(int(key)) == "cuer")
    assert first.postings.count(key) == 1  # the title stands in the first passage
    assert both.sizes()["romanised"] > 0


def test_left_out_when_it_is_not_wanted(model: Path, tmp_path: Path) -> None:
    """`neighbours` False writes neither romanised text nor cognates."""
    settings = IndexSettings(map_points=0, neighbours=False)
    index = make(tmp_path / "index", model, settings, es=SPANISH, pt=PORTUGUESE)
    assert all(segment.roman is None for segment in index.segments) and index.manifest["cognates"] == []
    assert not (tmp_path / "index/roman").exists() and index.sizes()["romanised"] == 0


def test_surroundings_are_those_of_the_exact_part(model: Path, tmp_path: Path) -> None:
    """Lengths count what stands around a passage as the lengths of words do: its own and, faded, its neighbours'."""
    index = make(tmp_path / "index", model, IndexSettings(sentences=1, map_points=0), es=talk(5), pt=PORTUGUESE)
    segment = index.segments[0]
    assert segment.roman is not None
    texts = [" ".join((title, *lines)) for title, lines in segment.lines(0, len(segment))]
    own = np.array([[len(f" {plain(text)} ") - 3, len(f" {skeleton(plain(text))} ") - 2] for text in texts], np.float64)
    c = segment.collection
    wide = np.zeros_like(own)
    for j in range(len(own)):
        for p in range(int(c.low[j]), int(c.high[j])):
            if abs(p - j) < len(c.fading):
                wide[j] += own[p] * c.fading[abs(p - j)] * (1 if c.sections[p] == c.sections[j] else c.across)
    np.testing.assert_allclose(segment.roman.lengths.T, wide, rtol=1e-5)


def test_goes_with_its_segment(model: Path, tmp_path: Path) -> None:
    """A merge, and documents that are deleted, leave nothing behind that no manifest names."""
    path = tmp_path / "index"
    make(path, model, PLAIN, es=SPANISH, pt=PORTUGUESE)
    delete(path, [("es", "d1")])
    merge(path)
    index = Index.open(path, check=True)
    named = {entry["roman"] for entry in index.manifest["segments"]}
    assert {each.name for each in (path / "roman").iterdir()} == named and len(named) == 2


def test_damage_is_named(model: Path, tmp_path: Path) -> None:
    """A file cut short, one that is gone, an older index: one line each, never a wrong answer."""
    path = tmp_path / "index"
    make(path, model, PLAIN, es=SPANISH, pt=PORTUGUESE)
    for damage, said in (
        (lambda folder: (folder / "counts.npy").write_bytes(b""), "damaged"),
        (lambda folder: (folder / "most.npy").unlink(), "missing"),
        (lambda folder: shutil.rmtree(folder), "expected"),
    ):
        copy = tmp_path / "copy"
        shutil.copytree(path, copy)
        damage(next((copy / "roman").iterdir()))
        with pytest.raises(FolderError, match=said):
            Index.open(copy)
        shutil.rmtree(copy)
    manifest = json.loads((path / "index.json").read_text())
    (path / "index.json").write_text(json.dumps(manifest | {"format": 4}))
    with pytest.raises(FolderError, match=r"index format 4, .*reads format 5: make it anew"):
        Index.open(path)


def test_a_stranger_in_the_folder_bars_a_change(model: Path, tmp_path: Path) -> None:
    """What lies among the romanised text and is not ours is named, and left where it is."""
    path = tmp_path / "index"
    make(path, model, PLAIN, es=SPANISH, pt=PORTUGUESE)
    mine = next((path / "roman").iterdir()) / "mine.txt"
    mine.write_text("kept")
    with pytest.raises(FolderError, match=r"mine\.txt: not written by sprachbund"):
        delete(path, [("es", "d1")])
    assert mine.read_text() == "kept"


def test_postings_that_lead_out_are_refused(model: Path, tmp_path: Path) -> None:
    """The kernels believe the postings, so they are looked at first."""
    index = make(tmp_path / "index", model, PLAIN, es=SPANISH, pt=PORTUGUESE)
    part, count = index.segments[0].roman, len(index.segments[0])
    assert part is not None
    part.require_sound(np.arange(len(part.postings.keys)), count)
    wrong = roman.Roman(part.path, part.postings, part.lengths, part.reached, part.most, part.shortest, part.sums)
    with pytest.raises(FolderError, match="lead out"):
        wrong.require_sound(np.arange(len(part.postings.keys)), count - 1)
