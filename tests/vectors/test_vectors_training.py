"""Vectors of words against counts by hand, numpy's own decomposition, and text whose meaning is known."""

from pathlib import Path

import numpy as np
import pytest

from sprachbund import Vectors
from sprachbund.errors import CapacityError, CorpusError, FolderError, SettingsError
from sprachbund.vectors.counting import Sparse, cooccurrences, information, times, turned
from sprachbund.vectors.factoring import singular
from sprachbund.vectors.running import of_texts
from sprachbund.vectors.settings import COUNTS, PREDICTED, VectorSettings, memory_needed, require_memory
from sprachbund.vectors.subwords import run_number, runs
from sprachbund.vectors.training import train_running


def dense(matrix: Sparse) -> np.ndarray:
    """The matrix written out."""
    out = np.zeros((len(matrix), matrix.width), np.float32)
    for row in range(len(matrix)):
        own = slice(matrix.offsets[row], matrix.offsets[row + 1])
        out[row, matrix.columns[own]] = matrix.values[own]
    return out


def text(sentences: int, seed: int = 0) -> list[str]:
    """Sentences about animals or about tools: a frame, then two words of one kind, which share no sentence by form."""
    random = np.random.default_rng(seed)
    kinds = [("gato", "cão", "boi", "leão", "lobo"), ("faca", "serra", "prego", "lima", "broca")]
    verbs = [("dorme", "come", "corre"), ("corta", "quebra", "pesa")]
    made = []
    for _ in range(sentences):
        kind = int(random.integers(2))
        one, verb = random.choice(kinds[kind]), random.choice(verbs[kind])
        made.append(f"o {one} {verb} e o {random.choice(kinds[kind])} {random.choice(verbs[kind])} também")
    return made


SMALL = {"dim": 6, "min_count": 1, "words": 1_000}


def test_pairs_by_hand() -> None:
    """Of a b a | b c with a window of 2: neighbours count 1, those two apart a half, nothing across the sentences."""
    ids, offsets = np.array([0, 1, 0, 1, 2], np.int32), np.array([0, 3, 5], np.int64)
    found = dense(cooccurrences(ids, offsets, 3, 2))
    assert found.tolist() == [[1, 2, 0], [2, 0, 1], [0, 1, 0]]  # a-a: half from either side


def test_pairs_in_blocks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs are sorted at a time."""
    random = np.random.default_rng(0)
    ids, offsets = random.integers(0, 40, 3_000).astype(np.int32), np.arange(0, 3_001, 10)
    whole = cooccurrences(ids, offsets, 40, 4)
    monkeypatch.setattr("sprachbund.vectors.counting._PAIRS", 500)
    parts = cooccurrences(ids, offsets, 40, 4)
    assert np.array_equal(dense(whole), dense(parts)) and np.array_equal(dense(whole), dense(whole).T)
    plain = np.zeros((40, 40))
    for begin in range(0, 3_000, 10):
        for i in range(begin, begin + 10):
            for j in range(begin, begin + 10):
                if i != j and abs(i - j) <= 4:
                    plain[ids[i], ids[j]] += (5 - abs(i - j)) / 4
    assert np.allclose(dense(whole), plain)


def test_information_by_hand() -> None:
    """The formula of the module on a table of counts, smoothing and shift and all; a word without pairs stays empty."""
    counts = np.array([[0, 4, 1, 0], [4, 0, 0, 0], [1, 0, 2, 0], [0, 0, 0, 0]], np.float32)
    rows, columns = np.nonzero(counts)
    offsets = np.array([0, 2, 3, 5, 5], np.int64)
    found = dense(information(Sparse(offsets, columns.astype(np.int32), counts[rows, columns], 4), 0.75, 1.5))
    totals = counts.sum(1).astype(float)
    context = totals**0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.log(counts * context.sum() / (totals[:, None] * context[None, :])) - np.log(1.5)
    assert np.allclose(found, np.where(counts > 0, np.maximum(expected, 0), 0), atol=1e-5)


def test_singular_vectors_are_numpys() -> None:
    """Of a matrix of rank 4 and noise the first four, up to their signs, which are fixed; and the transpose is one."""
    random = np.random.default_rng(1)
    full = random.standard_normal((60, 4)) @ np.diag([40, 30, 20, 10]) @ random.standard_normal((4, 50))
    full = np.where(random.random((60, 50)) < 0.6, full, 0).astype(np.float32)
    rows, columns = np.nonzero(full)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=60)))).astype(np.int64)
    matrix = Sparse(offsets, columns.astype(np.int32), full[rows, columns], 50)
    assert np.array_equal(dense(turned(matrix)), full.T)
    block = random.standard_normal((50, 3)).astype(np.float32)
    assert np.allclose(times(matrix, block), full @ block, rtol=1e-3, atol=1e-3)
    vectors, values = singular(matrix, 4, 0)
    left, expected, _ = np.linalg.svd(full)
    assert np.allclose(values, expected[:4], rtol=1e-3)
    assert np.allclose(np.abs((vectors * left[:, :4]).sum(0)), 1, atol=1e-3)
    assert (vectors[np.abs(vectors).argmax(0), np.arange(4)] > 0).all()


@pytest.mark.parametrize("method", [COUNTS, PREDICTED])
def test_words_of_a_kind_are_near(method: str) -> None:
    """Of animals and tools the four nearest are the others of the kind; twice gives the same bits."""
    settings = VectorSettings(method=method, **SMALL, epochs=20, sample=0)
    running = of_texts(text(1_500), "pt", settings)
    space = train_running(running, "pt", settings)
    for word, kind in (("gato", {"cão", "boi", "leão", "lobo"}), ("faca", {"serra", "prego", "lima", "broca"})):
        nouns = [near.word for near in space.near(word, 20) if near.word in text_nouns()]
        assert set(nouns[:4]) == kind
    assert np.array_equal(train_running(running, "pt", settings).vectors, space.vectors)


def text_nouns() -> set[str]:
    """The nouns of `text`."""
    return {"gato", "cão", "boi", "leão", "lobo", "faca", "serra", "prego", "lima", "broca"}


def test_subwords_give_unseen_words_vectors() -> None:
    """A word that only resembles one has its neighbours; without subwords it is refused."""
    sentences = [line.replace("gato", "gatarrão") for line in text(800)]
    settings = VectorSettings(method=PREDICTED, subwords=(3, 4), buckets=2_000, **SMALL)
    space = train_running(of_texts(sentences, "pt", settings), "pt", settings)
    assert space.near("gatarrões", 1)[0].word == "gatarrão"
    plain = train_running(of_texts(sentences, "pt", settings), "pt", VectorSettings(method=COUNTS, **SMALL))
    with pytest.raises(SettingsError, match=r"'gatarrões' is none of the .* words; near it: gatarrão"):
        plain.near("gatarrões")


def test_runs_are_fasttexts() -> None:
    """The runs and their numbers as fastText's own code gives them: FNV-1a, bytes widened with their sign."""
    assert runs("ab", 1, 3) == ["<a", "<ab", "a", "ab", "ab>", "b", "b>"]
    assert run_number("a", 1 << 32) == 0xE40C292C  # FNV-1a's published test vector
    value = 2166136261
    for byte in (-61, -93):  # ã in UTF-8, as int8
        value = ((value ^ (byte & 0xFFFFFFFF)) * 16777619) % 2**32
    assert run_number("ã", 1 << 32) == value


def test_a_folder_is_read_back(tmp_path: Path) -> None:
    """Words, counts, vectors, subwords and settings; and a damaged one is refused by name."""
    settings = VectorSettings(method=PREDICTED, subwords=(3, 4), buckets=50, **SMALL, epochs=1)
    space = train_running(of_texts(text(50), "pt", settings), "pt", settings)
    space.save(tmp_path / "pt")
    back = Vectors.open(tmp_path / "pt")
    assert back.words == space.words and np.array_equal(back.vectors, space.vectors) and back.language == "pt"
    assert back.counts.tolist() == space.counts.tolist() and back.about == space.about
    assert back.subwords is not None and np.array_equal(back.vector("gatinho"), space.vector("gatinho"))
    assert VectorSettings.from_dict(dict(back.about["settings"])) == settings
    assert len(Vectors.open(tmp_path / "pt", words=3)) == 3
    data = bytearray((tmp_path / "pt" / "vectors.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "pt" / "vectors.safetensors").write_bytes(bytes(data))
    with pytest.raises(FolderError, match=r"vectors\.safetensors: damaged"):
        Vectors.open(tmp_path / "pt")


def test_what_is_no_number_is_refused(tmp_path: Path) -> None:
    """A vector of NaN in a folder whose hashes are right."""
    space = Vectors("pt", ("a", "b"), np.array([2, 1]), np.array([[1, np.nan], [0, 1]], np.float32))
    space.save(tmp_path / "x")
    with pytest.raises(FolderError, match="what is no number"):
        Vectors.open(tmp_path / "x")


def test_too_little_text_is_said() -> None:
    """Fewer words than vectors are worth, or none often enough."""
    with pytest.raises(CorpusError, match="no vectors: the vocabulary is empty"):
        of_texts(["um dois"], "pt", VectorSettings(min_count=9))
    settings = VectorSettings(min_count=1)
    with pytest.raises(CorpusError, match="3 words occur 1 times or more"):
        train_running(of_texts(["um dois três um"], "pt", settings), "pt", settings)


def test_memory_by_hand_and_refused() -> None:
    """4,000 characters are 1,000 words: 1,000 words by 8 numbers; pairs 2 x 2 x 1,000 at 16 bytes and 8 to sort."""
    settings = VectorSettings(method=COUNTS, dim=8, words=1_000, window=2)
    needed = memory_needed(4_000, settings)
    assert needed == {
        "the text as numbers": 4_000, "pairs of words": 64_000, "sorting them": 32_000, "tables": 4 * 64_000,
    }  # fmt: skip
    assert require_memory(4_000, settings, sum(needed.values())) == sum(needed.values())
    with pytest.raises(CapacityError, match=r"take up to 0.0 GiB of memory \(tables"):
        require_memory(4_000, settings, sum(needed.values()) - 1)


def test_settings_out_of_range() -> None:
    """Each is named."""
    wrong = [{"method": "x"}, {"dim": 1}, {"window": 40}, {"dim": 2.5}, {"subwords": (4, 3)}, {"rate": float("nan")}]
    for change in (*wrong, {"subwords": (3, 6), "method": COUNTS}):
        with pytest.raises(SettingsError, match=next(iter(change))):
            VectorSettings(**change).check()
