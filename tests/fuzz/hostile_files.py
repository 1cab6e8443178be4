"""What becomes of a file on its way: compressed in one frame or many, cut, flipped, spliced, recoded, misnamed."""

import bz2
import gzip
import lzma
import struct
from random import Random

import zstandard

__all__ = ["compressed", "damaged", "name", "recoded"]

SKIPPABLE = struct.pack("<II", 0x184D2A50, 4) + b"abcd"
ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "koi8-r",
    "cp1251",
    "shift_jis",
    "gb18030",
    "utf-7",
)
NAMES: tuple[bytes, ...] = (
    *(
        b"[a]",
        b"a[0-9].txt",
        b"*",
        b"?.txt",
        b"**",
        b"{a,b}",
        b"~",
        b"$HOME",
        b"-x",
        b"--out",
        b"a b",
        b" ",
        b"a\nb",
        b"\t",
    ),
    *(
        b"\x1b[31mred",
        b"\x07",
        b"\xff\xfe.txt",
        b"caf\xe9.txt",
        b"\xed\xa0\x80",
        "\u00e9".encode(),
        "e\u0301".encode(),
        b"a" * 250,
    ),
    *(
        "猫.txt".encode(),
        "\u202etxt.exe".encode(),
        b"wikipedia:bn",
        b"hf:a",
        b"http:",
        b"a.gz",
        b"a.txt.gz",
        b".txt",
        b"...a",
    ),
    *(
        b"a.parquet",
        b"a.jsonl",
        b"a.xml.bz2",
        b"con",
        b"a%00b",
        b"a#2",
        b"\\x",
        b"'",
        b'"',
        b"a|b",
        b"a;b",
        b"&",
        b"corpus.json",
    ),
)


def name(r: Random) -> bytes:
    """A file's name: plain, most times, or such as shells, globs and terminals stumble over."""
    return b"input" if r.random() < 0.6 else r.choice(NAMES)


def recoded(r: Random, data: bytes) -> bytes:
    """UTF-8 in another encoding, as far as that goes."""
    return data.decode("utf-8", "replace").encode(r.choice(ENCODINGS), "replace")


def damaged(r: Random, data: bytes) -> bytes:
    """Bits flipped, bytes put in or taken out, the end cut off, a part doubled or moved."""
    for _ in range(r.choice((1, 1, 1, 3, 20))):
        if not data:
            return data
        place, other = sorted((r.randrange(len(data)), r.randrange(len(data))))
        kind = r.randrange(7)
        if kind == 0:
            data = data[:place] + bytes([data[place] ^ 1 << r.randrange(8)]) + data[place + 1 :]
        elif kind == 1:
            data = data[: r.choice((place, len(data) - 1, len(data) - 8, 1, 4, 9))]
        elif kind == 2:
            data = data[:place] + r.randbytes(r.choice((1, 4, 100))) + data[place:]
        elif kind == 3:
            data = data[:place] + data[other:]
        elif kind == 4:
            data = data[:other] + data[place:other][:50_000] + data[other:]
        elif kind == 5:
            data = (
                data[:place] + r.choice((b"\0", b"\xff", b"\xed\xa0\x80", b"\xf5", b"\xc0\x80")) * 3 + data[place + 3 :]
            )
        else:
            data = data[other:] + data[:other]
    return data


def compressed(r: Random, data: bytes) -> bytes:
    """In one of four ways, in one frame or several, with what some tools put before, between and after them."""
    pack = r.choice((_gzip, _bzip2, _xz, _zstd, _zstd_bare))
    cuts = sorted(r.randrange(len(data) + 1) for _ in range(r.choice((0, 0, 0, 1, 3, 40))))
    pieces = [data[low:high] for low, high in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    frames = [pack(piece) for piece in pieces]
    if pack in (_zstd, _zstd_bare) and r.random() < 0.4:
        frames = [part for frame in frames for part in (SKIPPABLE, frame)] + [SKIPPABLE]
    joined = b"".join(frames)
    end = r.choice((b"", b"", b"", b"", b"\0" * 512, b"garbage", b"\x1f\x8b", SKIPPABLE, b"\n"))
    return joined + end


def bomb(r: Random) -> bytes:
    """A few kilobytes that become a hundred megabytes."""
    filler = r.choice(
        (b"\0", b"a", b"a. ", b"\n", b'{"id":1,"lang":"pt","sections":[]}\n', b"<mediawiki>", "́".encode())
    )
    return r.choice((_gzip, _bzip2, _xz, _zstd))(filler * ((100 << 20) // len(filler)))


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def _bzip2(data: bytes) -> bytes:
    return bz2.compress(data, 1)


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(data)


def _zstd_bare(data: bytes) -> bytes:
    """Without its size in the header, as streams have it."""
    one = zstandard.ZstdCompressor(level=1, write_content_size=False).compressobj()
    return one.compress(data) + one.flush()
