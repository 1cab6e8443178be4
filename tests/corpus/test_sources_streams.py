"""Decompression by content, in bounded pieces, with cuts, damage and bombs told apart."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from sprachbund.corpus.sources.documents import Line, Note, Source
from sprachbund.corpus.sources.lines import cut_lines
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


SKIPPABLE = [bytes([0x50 + number]) + b"\x2a\x4d\x18" + size.to_bytes(4, "little") + b"s" * size for number, size in
             ((0, 4), (15, 0), (7, 300_000))]  # fmt: skip


@pytest.mark.parametrize("skipped", SKIPPABLE, ids=["pzstd", "empty", "long"])
@pytest.mark.parametrize("place", ["first", "between", "last", "everywhere", "twice"])
def test_skippable_frames_of_zstd_are_skipped(skipped: bytes, place: str, tmp_path: Path) -> None:
    """RFC 8878: they may stand where a frame may; zstd -dc gives the same text."""
    one, two = (COMPRESS["zstd"](half) for half in (TEXT[:1000], TEXT[1000:2000]))
    data = {
        "first": skipped + one + two,
        "between": one + skipped + two,
        "last": one + two + skipped,
        "everywhere": skipped + one + skipped + two + skipped,
        "twice": skipped * 2 + one + two,
    }[place]
    stream = Stream(write(tmp_path, data), Limits())
    assert b"".join(stream) == TEXT[:2000]
    assert (stream.compression, stream.broken, stream.trailing) == ("zstd", None, False)


@pytest.mark.parametrize("name", COMPRESS)
@pytest.mark.parametrize("rest", [b"\0" * 4, b"\0" * 600_000])
def test_zeros_pad_members(name: str, rest: bytes, tmp_path: Path) -> None:
    """Between members and behind the last, as tape and xz pad: they are nothing."""
    data = rest.join(COMPRESS[name](half) for half in (TEXT[:1000], TEXT[1000:2000])) + rest
    stream = Stream(write(tmp_path, data), Limits())
    assert b"".join(stream) == TEXT[:2000]
    assert (stream.broken, stream.trailing) == (None, False)


@pytest.mark.parametrize("name", COMPRESS)
@pytest.mark.parametrize("rest", [b"\n", b"-----END-----", b"\0\0x", b"\x1f\x00" + b"x" * 600_000])
def test_what_follows_the_compressed_data_is_passed_over(name: str, rest: bytes, tmp_path: Path) -> None:
    """The text is whole, its last line too: not damaged, but said, as gzip and bzip2 say it."""
    text = b'{"id": 1, "text": "A mill."}\n{"id": 2, "text": "A river."}'
    path = write(tmp_path, COMPRESS[name](text) + rest)
    stream = Stream(path, Limits())
    assert b"".join(stream) == text
    assert (stream.broken, stream.trailing) == (None, True)
    items = list(cut_lines(Source(path, "data", None, Limits(), lambda consumed: None)))
    assert [item.data for item in items if isinstance(item, Line)] == text.split(b"\n")
    notes = [item for item in items if isinstance(item, Note)]
    assert [(note.text, note.fatal) for note in notes] == [
        (f"what follows the {name} data is none of it, and was not read", False)
    ]


@pytest.mark.parametrize("name", COMPRESS)
def test_a_member_that_is_cut_in_its_first_bytes(name: str, tmp_path: Path) -> None:
    """A second member of three bytes: either truncated or something else, but the first is whole."""
    stream = Stream(write(tmp_path, COMPRESS[name](TEXT[:500]) + COMPRESS[name](TEXT)[:3]), Limits())
    assert b"".join(stream) == TEXT[:500]
    assert stream.broken is not None or stream.trailing


@pytest.mark.parametrize("name", ["zstd", "xz"])
def test_a_window_beyond_the_memory_is_refused(name: str, tmp_path: Path) -> None:
    """A file of some kilobytes may ask for a gigabyte to look back into; what to do is said, and enough is enough."""
    if name == "zstd":
        parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1, write_content_size=0)
        data = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        packed = data.compress(TEXT) + data.flush()
    else:
        packed = lzma.compress(TEXT, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 27}])
    path = write(tmp_path, packed)
    stream = Stream(path, Limits(window=1 << 26))
    assert b"".join(stream) == b""
    assert stream.broken is not None and "67,108,864 bytes to look back into; raise --memory" in stream.broken
    enough = Stream(path, Limits(window=1 << 28))
    assert b"".join(enough) == TEXT and enough.broken is None
