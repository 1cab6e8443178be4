"""`sprachbund encode`: what a file holds decides how it is read, what a name says decides how it is written."""

import bz2
import gzip
import json
import lzma
import os
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import zstandard
from terminal import COMMAND, fail, sprachbund, succeed

LINES = ["babebo cidofu", 'fugaba, "x"\tcidofu', "babebo"]
TEXT = ("\n".join(LINES) + "\n").encode()


@pytest.fixture(scope="module")
def expected(model: Path, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The vectors of the lines."""
    out = tmp_path_factory.mktemp("expected") / "v.npy"
    succeed("encode", model, "--out", out, standard_input=TEXT)
    return np.load(out)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT[:9], mtime=0) + gzip.compress(TEXT[9:], mtime=0),
        bz2.compress(TEXT),
        lzma.compress(TEXT),
        zstandard.compress(TEXT),
        b"\xef\xbb\xbf" + TEXT,
        ("\ufeff" + TEXT.decode()).encode("utf-16-le"),
        ("\ufeff" + TEXT.decode()).encode("utf-16-be"),
        gzip.compress(("\ufeff" + TEXT.decode()).encode("utf-16-le"), mtime=0),
    ],
    ids=["gz", "bz2", "xz", "zst", "mark", "utf-16-le", "utf-16-be", "utf-16-gz"],
)
def test_compressed_and_recoded_text_is_read(model: Path, tmp_path: Path, data: bytes, expected: np.ndarray) -> None:
    """As a file whatever its name, and from standard input: the same vectors."""
    (tmp_path / "lines.txt").write_bytes(data)
    succeed("encode", model, tmp_path / "lines.txt", "--out", tmp_path / "a.npy")
    succeed("encode", model, "--out", tmp_path / "b.npy", standard_input=data)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), expected)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image, which has no text"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\0", "a GIF image"),
        (b"PK\x03\x04\x14\0", "a zip archive; unpack it first"),
        (b"%PDF-1.7\n", "a PDF; extract its text first"),
        (b"PAR1\x15\x04", "a Parquet table, where text is expected"),
        (b"\x93NUMPY\x01\0v\0{", "a numpy array"),
        (b"SQLite format 3\0\x10\0", "an SQLite database"),
        (b"\x7fELF\x02\x01\x01\0", "a program, which has no text"),
        ("babebo cidofu".encode("utf-16-le"), "binary data, where text is expected"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n", mtime=0), "a PNG image"),
        (gzip.compress(TEXT, mtime=0)[:-10], "truncated: the gzip data end before their end mark"),
        (zstandard.compress(TEXT)[:6] + b"\xff" * 30, "the zstd data cannot be read on"),
        ("привет, как у вас дела сегодня утром".encode("koi8-r"), "not UTF-8 text, 29 of 36 characters are broken"),
        ("これは日本語の文章です。今日は良い天気ですね。".encode("shift_jis"), "not UTF-8 text"),
    ],
)
def test_what_is_no_text_is_refused_by_name(model: Path, tmp_path: Path, data: bytes, message: str) -> None:
    """Never zero vectors of what was no sentence; nothing is written."""
    (tmp_path / "lines.txt").write_bytes(data)
    found = fail("encode", model, tmp_path / "lines.txt", "--out", tmp_path / "v.npy")
    assert found.startswith(f"{tmp_path / 'lines.txt'}: ") and message in found
    assert message in fail("encode", model, "--out", tmp_path / "v.npy", standard_input=data)
    assert [path.name for path in tmp_path.iterdir()] == ["lines.txt"]


def test_a_few_broken_bytes_are_a_warning(model: Path, tmp_path: Path) -> None:
    """Portuguese in Latin-1 among lines of UTF-8: counted, as before."""
    data = TEXT * 40 + "não é possível".encode("latin-1")
    done = sprachbund("encode", model, "--out", tmp_path / "v.npy", standard_input=data)
    assert (done.returncode, done.stderr) == (0, b"warning: 3 broken UTF-8 bytes were replaced by U+FFFD\n")


def test_a_pipe_is_read_once(model: Path, tmp_path: Path, expected: np.ndarray) -> None:
    """`encode MODEL <(zcat FILE)`: told by its content too."""
    command = " ".join(
        f"'{part}'" for part in [*COMMAND, "encode", str(model), "PIPE", "--out", str(tmp_path / "v.npy")]
    )
    (tmp_path / "t.gz").write_bytes(gzip.compress(TEXT))
    line = command.replace("'PIPE'", f"<(cat '{tmp_path / 't.gz'}')")
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), expected)


def test_the_name_says_the_format(model: Path, tmp_path: Path, expected: np.ndarray) -> None:
    """numpy, Parquet, JSON Lines, comma- and tab-separated: the same numbers in each, by other libraries."""
    for name in ("v.npy", "v", "v.parquet", "v.jsonl", "v.CSV", "v.tsv"):
        shown = succeed("encode", model, "--out", tmp_path / name, standard_input=TEXT.replace(b"\n", b"\r\n"))
        assert shown == f"{tmp_path / name}: 3 vectors of 16 numbers\n"
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "v"), expected)
    tables = [
        pl.read_parquet(tmp_path / "v.parquet"),
        pl.DataFrame([json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]),
    ]
    for table in tables:
        assert table.columns == ["text", "vector"] and table["text"].to_list() == LINES
        np.testing.assert_allclose(np.array(table["vector"].to_list(), np.float32), expected, rtol=1e-6)
    for name, separator in (("v.CSV", ","), ("v.tsv", "\t")):
        table = pl.read_csv(tmp_path / name, separator=separator)
        assert table.columns == ["text", *(f"v{i}" for i in range(16))] and table["text"].to_list() == LINES
        np.testing.assert_allclose(table.drop("text").to_numpy().astype(np.float32), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["v.txt", "v.npz", "v.npy.gz", "v.json", "v.h5"])
def test_a_format_that_there_is_not_is_refused_first(tmp_path: Path, name: str) -> None:
    """Before the model is opened; with those that there are."""
    message = fail("encode", tmp_path / "nowhere", "--out", tmp_path / name)
    suffix = Path(name).suffix
    assert message == (
        f"{tmp_path / name}: no format of vectors is called {suffix}; there are .npy, .parquet, .csv, .tsv, .jsonl"
    )


def test_other_mistakes_are_refused_first(tmp_path: Path) -> None:
    """A language that nobody knows, a pipe that would be replaced, a file that is not there: before the model."""
    nowhere = tmp_path / "nowhere"
    assert "'zz' is no language" in fail("encode", nowhere, "--lang", "zz", "--out", tmp_path / "v.npy")
    os.mkfifo(tmp_path / "pipe")
    message = fail("encode", nowhere, "--out", tmp_path / "pipe")
    assert message == f"{tmp_path / 'pipe'}: is a device or a pipe, which would be replaced; name a file"
    message = fail("encode", nowhere, tmp_path / "no.txt", "--out", tmp_path / "v.npy")
    assert message == f"{tmp_path / 'no.txt'}: no such file; leave it out to read from standard input"
