"""The vectors of a segment in FAISS: what is found, what is left out, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund.errors import FolderError, SettingsError
from sprachbund.search import dense
from sprachbund.search.dense import FLAT_MOST, KINDS, RECALL, DenseChoice, DenseIndex, DenseKind, build, choose

DIM, COUNT = 24, 3_000


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """float16 [3000, 24], in clouds, of length 1."""
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(40, DIM))
    made = centres[generator.integers(40, size=COUNT)] + 0.4 * generator.normal(size=(COUNT, DIM))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)


@pytest.fixture(scope="module")
def queries(vectors: np.ndarray) -> np.ndarray:
    """float32 [60, 24], near some of the vectors."""
    generator = np.random.default_rng(1)
    made = vectors[generator.choice(COUNT, 60)].astype(np.float32) + 0.1 * generator.normal(size=(60, DIM))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def recall(index: DenseIndex, vectors: np.ndarray, queries: np.ndarray, alive: np.ndarray, k: int = 10) -> float:
    """The share of the k best of exact search that are found."""
    exact = np.where(alive, queries @ vectors.astype(np.float32).T, -np.inf)
    best = np.argsort(-exact, axis=1)[:, :k].tolist()
    return float(
        np.mean([len(set(index.search(q, k)[0].tolist()) & set(b)) / k for q, b in zip(queries, best, strict=True)])
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_finds_the_nearest(kind: DenseKind, vectors: np.ndarray, queries: np.ndarray, tmp_path: Path) -> None:
    """At the recall that was measured and recorded; flat finds all. Scores are products; best first."""
    choice = build(vectors, kind, queries, tmp_path / "dense.faiss")
    index = DenseIndex.open(tmp_path / "dense.faiss", choice, COUNT, DIM)
    found = recall(index, vectors, queries, np.ones(COUNT, bool))
    assert DenseChoice(**choice.to_dict()) == choice and choice.kind == kind
    if kind == "flat":
        assert (choice.recall, choice.width, found) == (1.0, 0, 1.0)
    else:
        assert choice.width > 0 and choice.queries == len(queries)
        assert choice.recall >= RECALL and found >= RECALL - 0.02
    for query in queries[:5]:
        passages, scores = index.search(query, 20)
        assert (np.diff(scores) <= 0).all() and len(set(passages.tolist())) == len(passages) == 20
        np.testing.assert_allclose(scores, vectors[passages].astype(np.float32) @ query, atol=0.02)
        if kind != "ivf":  # 8 bits there
            np.testing.assert_allclose(scores, vectors[passages].astype(np.float32) @ query, atol=1e-3)


@pytest.mark.parametrize("few", [0, dense.FEW])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_is_never_found(
    kind: DenseKind,
    few: int,
    vectors: np.ndarray,
    queries: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nine of ten deleted, among them the nearest: only the others come back; the best of them, where few are left."""
    monkeypatch.setattr(dense, "FEW", few)
    choice = build(vectors, kind, queries, tmp_path / "dense.faiss")
    gone = np.random.default_rng(2).random(COUNT) < 0.9
    index = DenseIndex.open(tmp_path / "dense.faiss", choice, COUNT, DIM).without(gone)
    for query in queries:
        passages, _ = index.search(query, 100)
        assert len(passages) and not gone[passages].any()
    least = {"flat": 1.0, "hnsw": 1.0 if few else 0.85, "ivf": 0.95 if few else 0.85}  # with 8 bits a number
    assert recall(index, vectors, queries, ~gone) >= least[kind]
    passages, _ = index.without(np.ones(COUNT, bool)).search(queries[0], 10)
    assert not len(passages)


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_come_back(kind: DenseKind, vectors: np.ndarray, queries: np.ndarray, tmp_path: Path) -> None:
    """In the order asked for, to a thousandth (8 bits: a fiftieth); and the scores of single passages."""
    index = DenseIndex.open(
        tmp_path / "dense.faiss", build(vectors, kind, queries, tmp_path / "dense.faiss"), COUNT, DIM
    )
    wanted = np.array([2_999, 0, 17, 0])
    error = 0.02 if kind == "ivf" else 1e-3
    np.testing.assert_allclose(index.vectors(wanted), vectors[wanted].astype(np.float32), atol=error)
    np.testing.assert_allclose(
        index.scores(queries[0], wanted), vectors[wanted].astype(np.float32) @ queries[0], atol=2 * error
    )
    assert index.scores(queries[0], np.empty(0, np.int64)).shape == (0,)


@pytest.mark.parametrize("kind", KINDS)
def test_a_handful_of_vectors(kind: DenseKind, tmp_path: Path) -> None:
    """Three passages and k of ten: all three, one of them without a word."""
    few = np.zeros((3, DIM), np.float16)
    few[0, 0] = few[1, 1] = 1
    queries = few[:2].astype(np.float32)
    index = DenseIndex.open(tmp_path / "few", build(few, kind, queries, tmp_path / "few"), 3, DIM)
    passages, scores = index.search(queries[1], 10)
    assert passages[0] == 1 and scores[0] == pytest.approx(1, abs=0.02) and set(passages.tolist()) == {0, 1, 2}


def test_wrong_files_are_refused(vectors: np.ndarray, queries: np.ndarray, tmp_path: Path) -> None:
    """Cut, no index at all, absent, of another number of passages or another dimension: by name, with what to do."""
    path = tmp_path / "dense.faiss"
    choice = build(vectors, "flat", queries, path)
    with pytest.raises(FolderError, match=r"dense\.faiss: damaged, .*expected 5 vectors, found 3000"):
        DenseIndex.open(path, choice, 5, DIM)
    with pytest.raises(FolderError, match="expected 25 numbers a vector, found 24"):
        DenseIndex.open(path, choice, COUNT, 25)
    for content in (path.read_bytes()[:1_000], b"", b"not an index of FAISS, whatever its name"):
        path.write_bytes(content)
        with pytest.raises(FolderError, match=r"dense\.faiss: damaged, not vectors that FAISS can read .*; build"):
            DenseIndex.open(path, choice, COUNT, DIM)
    path.unlink()
    with pytest.raises(FolderError, match=r"dense\.faiss: "):
        DenseIndex.open(path, choice, COUNT, DIM)


def test_the_kind_by_the_number_of_passages() -> None:
    """Exact as long as it is quick; a name that nobody knows is refused."""
    assert [choose(n) for n in (0, FLAT_MOST, FLAT_MOST + 1)] == ["flat", "flat", "ivf"]
    assert choose(10, "hnsw") == "hnsw"
    with pytest.raises(SettingsError, match="one of auto, flat, ivf, hnsw; found 'tree'"):
        choose(10, "tree")
