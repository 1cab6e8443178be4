"""Others' files of vectors: each format by bytes written by hand, and what is damaged told by its place."""

import gzip
import logging
import struct
from pathlib import Path

import numpy as np
import pytest

from sprachbund import Vectors
from sprachbund.errors import CapacityError, SettingsError, SourceError
from sprachbund.vectors.subwords import runs_of

LINES = b"4 2\nde 1 0 \nnova york 0.5 -2e-1\r\ncafe\xcc\x81 3 4\nDe 0 1\n"


def test_text_by_hand(tmp_path: Path) -> None:
    """Blanks inside words and at ends, NFC, capitals; compressed or not; the first words alone where asked."""
    path = tmp_path / "a.vec"
    path.write_bytes(LINES)
    space = Vectors.open(path, "portuguese")
    assert space.language == "pt" and space.words == ("de", "nova york", "café", "De")
    assert space.vectors.tolist() == [[1, 0], [0.5, np.float32(-0.2)], [3, 4], [0, 1]]
    assert space.place("CAFÉ") == 2 and space.place("De") == 3 and space.place("DE") == 0
    assert space.near("café", 1)[0].word == "De" and space.near("café", 1)[0].score == pytest.approx(0.8)
    (tmp_path / "b").write_bytes(gzip.compress(LINES))
    assert Vectors.open(tmp_path / "b", words=2).words == ("de", "nova york")
    (tmp_path / "glove.txt").write_bytes(LINES.partition(b"\n")[2])
    assert Vectors.open(tmp_path / "glove.txt").vectors.tolist() == space.vectors.tolist()


def test_many_lines(tmp_path: Path) -> None:
    """More than are read together: every number as it was written."""
    random = np.random.default_rng(0)
    table = random.standard_normal((1_500, 7)).astype(np.float32)
    lines = [f"w{i} " + " ".join(map(repr, row.tolist())) for i, row in enumerate(table)]
    (tmp_path / "a").write_text("1500 7\n" + "\n".join(lines))
    assert np.array_equal(Vectors.open(tmp_path / "a").vectors, table)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"2 2\na 1 2\n", "cut; its first line promises 2 words, 1 are there"),
        (b"2 2\na 1 2\nb 1\n", "line 3: expected a word and 2 numbers, found 'b 1'"),
        (b"2 2\na 1 2\nb 1 nan\n", "line 3: expected 2 numbers after 'b', found 'nan'"),
        (b"2 2\na 1 2\nb 1 inf\n", "line 3: expected 2 numbers after 'b', found 'inf'"),
        (b"2 2\na 1 2\nb x 2\n", "line 3: expected 2 numbers after 'b', found 'x'"),
        (b"2 2\na 1 2\nb 1 1e300\n", "line 3: expected 2 numbers after 'b', found '1e300'"),
        (b"2 0\na\nb\n", "expected vectors of 1 to 10,000 numbers, found 0"),
        (b"2 99999\na 1\n", "expected vectors of 1 to 10,000 numbers, found 99,999"),
        (b"hello\nworld\n", "expected vectors of 1 to 10,000 numbers, found 0"),
        (b"", "empty; expected vectors"),
        (b"1 2\n  1 2\n", "expected words and vectors, found none"),
    ],
)
def test_damaged_text(data: bytes, message: str, tmp_path: Path) -> None:
    """One line each, which names the line of the file."""
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(SourceError) as caught:
        Vectors.open(tmp_path / "a")
    assert message in str(caught.value) and "\n" not in str(caught.value)


def binary(words: dict[str, list[float]], line_ends: bool) -> bytes:
    """word2vec's binary."""
    dim = len(next(iter(words.values())))
    out = f"{len(words)} {dim}\n".encode()
    for word, vector in words.items():
        out += word.encode() + b" " + struct.pack(f"<{dim}f", *vector) + (b"\n" if line_ends else b"")
    return out


@pytest.mark.parametrize("line_ends", [True, False])
def test_binary_by_hand(line_ends: bool, tmp_path: Path) -> None:
    """With and without ends of lines; blanks and line ends among the bytes of numbers do no harm; cut or NaN: told."""
    blank = struct.unpack("<f", b" \n \n")[0]
    data = binary({"de": [1.0, blank], "mãe": [0.25, -3.0]}, line_ends)
    (tmp_path / "a.bin").write_bytes(data)
    space = Vectors.open(tmp_path / "a.bin")
    assert space.words == ("de", "mãe") and space.vectors.tolist() == [[1, np.float32(blank)], [0.25, -3]]
    (tmp_path / "a.bin").write_bytes(data[:-4])
    with pytest.raises(SourceError, match="cut or damaged; it promises 2 words, 1 are there"):
        Vectors.open(tmp_path / "a.bin")
    (tmp_path / "a.bin").write_bytes(binary({"de": [1.0, 2.0], "mãe": [float("nan"), 1.0]}, line_ends))
    with pytest.raises(SourceError, match=r"word 2 \('mãe'\): has what is no number"):
        Vectors.open(tmp_path / "a.bin")


def model(
    words: list[str], table: np.ndarray, buckets: int, lengths: tuple[int, int], *, version: int = 12,
    quantised: int = 0, pruned: int = -1, labels: int = 0,
) -> bytes:  # fmt: skip
    """A model as fastText's saveModel writes it, without the output, which is not read."""
    dim = table.shape[1]
    out = struct.pack("<ii", 793712314, version)
    out += struct.pack("<12i", dim, 5, 5, 1, 5, 1, 1, 2, buckets, *lengths, 100) + struct.pack("<d", 1e-4)
    out += struct.pack("<iiiqq", len(words), len(words) - labels, labels, 99, pruned)
    for number, word in enumerate(words):
        out += word.encode() + b"\0" + struct.pack("<qb", 100 - number, 0)
    out += struct.pack("<b", quantised) + struct.pack("<qq", *table.shape)
    return out + table.astype("<f4").tobytes()


def test_fasttexts_binary_by_hand(tmp_path: Path) -> None:
    """A word is the mean of its row and its runs', </s> its row alone, an unseen word the mean of its runs."""
    table = np.random.default_rng(0).standard_normal((3 + 20, 4)).astype(np.float32)
    (tmp_path / "m.bin").write_bytes(model(["</s>", "de", "mãe"], table, 20, (2, 3)))
    space = Vectors.open(tmp_path / "m.bin", "pt")
    assert space.words == ("</s>", "de", "mãe") and space.counts.tolist() == [100, 99, 98]
    rows = [3 + row for row in runs_of("mãe", 2, 3, 20)]
    assert len(rows) == 7 and np.allclose(space.vectors[2], (table[2] + table[rows].sum(0)) / 8)
    assert np.array_equal(space.vectors[0], table[0])
    unseen = [3 + row for row in runs_of("pai", 2, 3, 20)]
    assert np.allclose(space.vector("pai"), table[unseen].mean(0))
    assert Vectors.open(tmp_path / "m.bin", words=2).words == ("</s>", "de")
    (tmp_path / "m.bin").write_bytes(model(["de", "mãe"], table[:2], 20, (0, 0)))
    plain = Vectors.open(tmp_path / "m.bin")
    assert plain.subwords is None and np.array_equal(plain.vectors, table[:2])


@pytest.mark.parametrize(
    ("options", "cut", "message"),
    [
        ({"version": 13}, 0, "format 13; 11 and 12 are read"),
        ({"quantised": 1}, 0, r"quantised \(.ftz\)"),
        ({"pruned": 5}, 0, r"pruned and quantised"),
        ({"quantised": 7}, 0, "damaged; expected a model"),
        ({"labels": 5}, 0, "damaged, its first numbers are none of a model's"),
        ({}, 1, "cut; 176 bytes of vectors were to follow"),
        ({}, 22 * 8 + 20, "cut or damaged; 2 words are promised"),
        ({}, 22 * 8 + 80, "cut, a model of fastText ends within its first part"),
    ],
)
def test_damaged_models(options: dict[str, int], cut: int, message: str, tmp_path: Path) -> None:
    """One line each."""
    data = model(["de", "mãe"], np.ones((22, 2), np.float32), 20, (3, 6), **options)
    (tmp_path / "m.bin").write_bytes(data[: len(data) - cut])
    with pytest.raises(SourceError, match=message):
        Vectors.open(tmp_path / "m.bin")


def test_numbers_that_are_none_in_a_model(tmp_path: Path) -> None:
    """In the row of a word, or of a run that no word has."""
    for row in (0, 21):
        table = np.ones((22, 2), np.float32)
        table[row] = np.nan
        (tmp_path / "m.bin").write_bytes(model(["de", "mãe"], table, 20, (3, 6)))
        with pytest.raises(SourceError, match="what is no number"):
            Vectors.open(tmp_path / "m.bin")


def test_more_than_the_memory_is_refused_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the first line promises."""
    (tmp_path / "a").write_bytes(b"1000000 300\na 1\n")
    monkeypatch.setattr("sprachbund.vectors.word2vec_files.memory_limit", lambda: 1 << 30)
    with pytest.raises(CapacityError, match=r"1,000,000 vectors of 300 numbers take 2.2 GiB, 0.5 are allowed"):
        Vectors.open(tmp_path / "a", words=1_000_000)


def test_what_stands_twice_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The first stays."""
    (tmp_path / "a").write_bytes("3 1\ncafé 1\ncafe\u0301 2\nb 3\n".encode())
    with caplog.at_level(logging.WARNING):
        space = Vectors.open(tmp_path / "a")
    assert space.words == ("café", "b") and space.vectors.ravel().tolist() == [1, 3]
    assert "1 words stand there twice" in caplog.text


def test_nothing_there(tmp_path: Path) -> None:
    """Neither a folder nor a file; and a number of words that is none."""
    with pytest.raises(SourceError, match="no such folder or file of vectors"):
        Vectors.open(tmp_path / "x")
    with pytest.raises(SettingsError, match="words: expected at least 1"):
        Vectors.open(tmp_path / "x", words=0)


@pytest.mark.parametrize(
    "options",
    [{"minn": 3, "maxn": 6, "bucket": 1_000}, {"maxn": 0}, {"minn": 1, "maxn": 2, "bucket": 77, "model": "cbow"}],
)
def test_fasttext_says_the_same(options: dict[str, object], tmp_path: Path) -> None:
    """Of a model that fastText itself trained and wrote: the same words, and vectors to 1e-7, of unseen words too."""
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "t.txt").write_text("o gato dorme e o cão corre na rua às três\na mãe compra pão e café\n" * 100)
    made = fasttext.train_unsupervised(
        str(tmp_path / "t.txt"), dim=12, minCount=1, epoch=1, thread=1, verbose=0, **options
    )
    made.save_model(str(tmp_path / "m.bin"))
    space = Vectors.open(tmp_path / "m.bin", "pt")
    assert space.words == tuple(made.words)
    assert np.allclose(space.vectors, [made.get_word_vector(word) for word in made.words], atol=1e-7)
    for word in ("gatinho", "coração") if space.subwords else ():
        assert np.allclose(space.vector(word), made.get_word_vector(word), atol=1e-7)
