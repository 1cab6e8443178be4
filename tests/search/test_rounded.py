"""Vectors in 8 bits that are read first: what is found is what comparing every exact row finds, in the same order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shelf import FUSION, Library, talk

from sprachbund import Index
from sprachbund.errors import FolderError
from sprachbund.kernels import njit
from sprachbund.search import rounded
from sprachbund.search.building import IndexSettings, add, create, delete
from sprachbund.search.dense import FEW, SHARE, DenseIndex, build
from sprachbund.search.halves import products
from sprachbund.search.products import LANES, product
from sprachbund.search.rounded import FILES, Rounded
from sprachbund.search.segment import open_segment

COUNT, DIM = 5_000, 40


def made(name: str) -> np.ndarray:
    """float16 [5000, 40]: 40 numbers are 32 at a time and eight one by one."""
    generator = np.random.default_rng(7)
    rows = generator.normal(size=(COUNT, DIM))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    if name == "all equal":
        rows[:] = rows[0]
    elif name == "nearly equal":  # 8 bits see no difference, 16 do
        rows = rows[0] + 3e-3 * rows
    elif name == "outlier":  # all other numbers of a row round to nothing
        rows[:, 3] = 40 * generator.choice([-1, 1], COUNT)
    elif name == "zero rows":
        rows[::3] = 0
    elif name == "all zero":
        rows[:] = 0
    elif name == "lengths":
        rows *= 10.0 ** generator.uniform(-4, 4, size=(COUNT, 1))
    elif name == "whole":  # many products are equal, of unequal rows
        rows = generator.integers(-3, 4, size=(COUNT, DIM)).astype(float)
    return rows.astype(np.float16)


KINDS = ("random", "all equal", "nearly equal", "outlier", "zero rows", "all zero", "lengths", "whole")


def scored(rows: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The score of each row, float16, with a query."""
    return np.asarray(products(rows.view(np.uint16), np.arange(len(rows)), query))


def nearest(rows: np.ndarray, query: np.ndarray, k: int, left: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """The plain reference: every row scored, sorted; of equals the first. Scores are products but for rounding."""
    scores = scored(rows, query)
    exact, size = rows.astype(np.float64), np.linalg.norm(rows.astype(np.float64), axis=1) * np.linalg.norm(query)
    assert (np.abs(scores - exact @ query.astype(np.float64)) <= 1e-6 * size).all()
    order = np.argsort(-scores, kind="stable")
    order = order if left is None else order[left[order]]
    return order[:k], scores[order[:k]]


def opened(rows: np.ndarray, folder: Path) -> DenseIndex:
    """A flat index of rows with the rounded ones, from their files."""
    choice = build(rows, "flat", rows[:0].astype(np.float32), folder / "dense.faiss")
    Rounded.of(rows).write(folder)
    index = DenseIndex.open(folder / "dense.faiss", choice, *rows.shape)
    return replace(index, rounded=Rounded.open(folder, *rows.shape))


@pytest.mark.parametrize("name", KINDS)
def test_the_same_as_comparing_every_row(name: str, tmp_path: Path) -> None:
    """Near a row, far from all, against all; one to as many as it is used for; also without some rows."""
    rows = made(name)
    index = opened(rows, tmp_path)
    generator = np.random.default_rng(1)
    gone = generator.random(COUNT) < 0.15
    assert COUNT - gone.sum() > FEW
    fewer = index.without(gone)
    for number in range(6):
        query = (rows[number].astype(np.float32) * (-1) ** number + 0.3 * generator.normal(size=DIM)).astype(np.float32)
        if name == "whole":
            query = generator.integers(-5, 6, size=DIM).astype(np.float32)
        for k in (1, 10, COUNT // SHARE):
            for searched, left in ((index, None), (fewer, ~gone)):
                found, expected = searched.search(query, k), nearest(rows, query, k, left)
                assert all(np.array_equal(*both) for both in zip(found, expected, strict=True))


def test_few_are_candidates_where_rows_differ_and_all_where_they_do_not() -> None:
    """Some of thousands for the best ten; of what scores less than is asked for none; all of equals."""
    rows, query = made("random"), made("random")[17].astype(np.float32)
    told = Rounded.of(rows)
    assert 10 <= len(told.candidates(query, 10)) < 60
    assert told.candidates(query, 10, None, 0.95).tolist() == [17]
    assert len(Rounded.of(made("all equal")).candidates(query, 10)) == COUNT
    assert len(Rounded.of(made("all zero")).candidates(query, 10)) == COUNT
    none = np.ones(COUNT, np.bool_)
    assert not len(told.candidates(query, 10, none))


@given(
    arrays(np.float16, (6, 35), elements=st.floats(-60_000, 60_000, width=16)),
    arrays(np.float32, 35, elements=st.floats(-1e3, 1e3, width=32)),
    st.integers(1, 6),
)
def test_no_row_among_the_best_falls_through(rows: np.ndarray, query: np.ndarray, k: int) -> None:
    """Whatever the numbers: who scores as much as the k-th, by the exact rows in float32, is a candidate."""
    scores = scored(rows, query)
    assert set(np.flatnonzero(scores >= np.sort(scores)[-k])) <= set(Rounded.of(rows).candidates(query, k).tolist())


@njit(nogil=True)
def _product(row, query, count):  # type: ignore[no-untyped-def]
    return product(row, query, count)


def test_the_product_is_the_sum_of_products() -> None:
    """By a plain sum of whole numbers; up to the largest that a query of 512 numbers has, and from any place."""
    generator = np.random.default_rng(3)
    rows = generator.integers(-127, 128, size=(9, 513)).astype(np.int8)
    query = generator.integers(-32_767, 32_768, size=513).astype(np.int16)
    for count in (0, LANES, 2 * LANES, 512):
        for row in (*rows, rows[0, 1:]):
            expected = int(row[:count].astype(np.int64) @ query[:count].astype(np.int64))
            assert _product(row, query, count) == expected
    full = np.full(512, -127, np.int8)
    assert _product(full, np.full(512, 32_767, np.int16), 512) == -127 * 32_767 * 512
    assert 127 * 32_767 * 512 < 1 << 31


def test_halves_are_the_numbers_that_they_were() -> None:
    """Every float16 there is, by numpy's own reading: small ones, both zeros, infinities, what is no number."""
    every = np.arange(1 << 16).astype(np.uint16)
    found = products(every[:, None], np.arange(1 << 16), np.ones(1, np.float32))
    np.testing.assert_array_equal(found, every.view(np.float16).astype(np.float32))


def test_a_vector_that_is_none_is_refused(tmp_path: Path) -> None:
    """Wherever it stands: it may be the nearest."""
    rows = made("random")
    rows[4_321, 5] = np.nan
    with pytest.raises(FolderError, match=r"dense\.faiss: damaged, a vector is none; build the index anew"):
        opened(rows, tmp_path).search(rows[0].astype(np.float32), 3)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    """Another number of rows or of numbers, another type, a scale that is none: by name, with what to do."""
    rows = made("random")[:50]
    Rounded.of(rows).write(tmp_path)
    with pytest.raises(FolderError, match=r"rounded\.npy: damaged, expected an array of \(51, 40\), found \(50, 40"):
        Rounded.open(tmp_path, 51, DIM)
    with pytest.raises(FolderError, match=r"rounded\.npy: damaged"):
        Rounded.open(tmp_path, 50, DIM + 1)
    for number in (np.nan, np.inf, -1):
        both = np.load(tmp_path / FILES[1])
        both[1, 7] = number
        np.save(tmp_path / "other.npy", both)
        (tmp_path / "other.npy").replace(tmp_path / FILES[1])
        with pytest.raises(FolderError, match=r"rounding\.npy: damaged, a number in it cannot be; build"):
            Rounded.open(tmp_path, 50, DIM)
        Rounded.of(rows).write(tmp_path)
    np.save(tmp_path / FILES[0], rows)
    with pytest.raises(FolderError, match=r"rounded\.npy: expected an array of int8"):
        Rounded.open(tmp_path, 50, DIM)


def test_an_index_with_and_without_finds_the_same(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several segments and languages, deleted documents, filters, every mode with a vector."""
    monkeypatch.setattr("sprachbund.search.dense.FEW", 0)
    monkeypatch.setattr("sprachbund.search.dense.SHARE", 1)
    monkeypatch.setattr(rounded, "LEAST", 1)
    create(tmp_path / "index", library.model, IndexSettings(sentences=2, map_points=0, neighbours=False), FUSION)
    add(tmp_path / "index", {"pt": talk(12, seed=1), "gl": talk(6, seed=2)})
    add(tmp_path / "index", {"pt": talk(18, seed=3)[12:]})
    delete(tmp_path / "index", [("pt", "d3"), ("pt", "d14")])
    found = []
    for files in (FILES, ("none",)):
        monkeypatch.setattr("sprachbund.search.segment.FILES", files)
        index = Index.open(tmp_path / "index", check=True)
        assert [segment.dense.rounded is not None for segment in index.segments] == [files == FILES] * 3
        found.append(
            [
                (hit.key, round(hit.score, 5))
                for document in talk(12, seed=1)[::6]
                for mode in ("hybrid", "dense", "rrf")
                for words in ("", " -rio")
                for languages in ((), ("pt",))
                for hit in index.search(document.texts[0] + words, 7, languages, mode)  # type: ignore[arg-type]
            ]
        )
    assert found[0] == found[1] and len(found[0]) > 100


def test_the_files_are_read_where_the_manifest_lists_both(library: Library, tmp_path: Path) -> None:
    """A small segment has none of them, and is opened without."""
    segment = library.index.segments[0]
    assert not set(FILES) & set(segment.manifest["files"]) and len(segment) < rounded.LEAST
    again = open_segment(segment.path, library.index.fusion, library.index.encoder.dim)
    assert again.dense.rounded is None
