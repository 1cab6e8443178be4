"""Decompression by content, in bounded pieces, with cuts, damage and bombs told apart."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from sprachbund.corpus.sources.streams import PIECE, Limits, Stream, Utf8
from sprachbund.errors import SourceError

TEXT = "".join(f"{number} Über Wörter, слова, 言葉.\n" for number in range(40_000)).encode()
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def write(folder: Path, data: bytes) -> Path:
    path = folder / "data.txt"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", COMPRESS)
def test_each_compression_is_told_by_content_and_read_whole(name: str, tmp_path: Path) -> None:
    """Whatever the file is called, its bytes come back, also from several members one after another."""
    half = len(TEXT) // 2
    data = COMPRESS[name](TEXT[:half]) + COMPRESS[name](TEXT[half:])
    stream = Stream(write(tmp_path, data), Limits())
    pieces = list(stream)
    assert stream.compression == name
    assert b"".join(pieces) == TEXT
    assert stream.broken is None
    assert (stream.consumed, stream.produced) == (len(data), len(TEXT))
    if name != "zstd":
        assert max(map(len, pieces)) <= PIECE


@pytest.mark.parametrize("name", COMPRESS)
def test_a_cut_file_gives_what_there_is(name: str, tmp_path: Path) -> None:
    """Three quarters of a file give a beginning of the text, and the end is told as truncated."""
    data = COMPRESS[name](TEXT)
    stream = Stream(write(tmp_path, data[: len(data) * 3 // 4]), Limits())
    text = b"".join(stream)
    assert TEXT.startswith(text)
    assert stream.produced == len(text)
    assert stream.broken is not None
    assert stream.broken.startswith("truncated")


def test_damage_in_the_middle_keeps_what_came_before(tmp_path: Path) -> None:
    """A member that cannot be decompressed ends the stream; the members before it are there."""
    good, bad = bz2.compress(TEXT), bytearray(bz2.compress(TEXT[:1000]))
    bad[20:60] = bytes(40)
    stream = Stream(write(tmp_path, good + bytes(bad)), Limits())
    assert b"".join(stream) == TEXT
    assert stream.broken is not None
    assert stream.broken.startswith("damaged")


@pytest.mark.parametrize("name", COMPRESS)
def test_a_bomb_is_refused(name: str, tmp_path: Path) -> None:
    """200 MB of zeros out of a small file are refused while they expand."""
    path = write(tmp_path, COMPRESS[name](bytes(200_000_000)))
    stream = Stream(path, Limits(ratio=100))
    with pytest.raises(SourceError, match="as an archive bomb does"):
        for _ in stream:
            pass
    assert stream.produced < 150_000_000


def test_the_limit_on_the_total_holds(tmp_path: Path) -> None:
    """A text that expands beyond the total is refused even where the ratio is usual."""
    with pytest.raises(SourceError, match="beyond the limit of 1,000,000 bytes"):
        list(Stream(write(tmp_path, gzip.compress(TEXT)), Limits(total=1_000_000)))


@pytest.mark.parametrize(
    ("data", "expected", "replaced"),
    [
        (b"ab\xffcd", "ab\ufffdcd", 1),
        ("gut \ufffd".encode(), "gut \ufffd", 0),
        (b"\xe8\xaa", "\ufffd", 1),
        ("言葉".encode() * 100_000, "言葉" * 100_000, 0),
        ("Œuvre".encode("utf-16"), "Œuvre", 0),
    ],
)
def test_bytes_become_utf8(data: bytes, expected: str, replaced: int, tmp_path: Path) -> None:
    """Broken bytes are replaced and counted, U+FFFD that was there is not counted, UTF-16 is recoded."""
    utf8 = Utf8()
    pieces = [piece.decode() for piece in utf8(Stream(write(tmp_path, data), Limits()))]
    assert "".join(pieces).removeprefix("\ufeff") == expected
    assert utf8.replaced == replaced
