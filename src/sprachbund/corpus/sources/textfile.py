"""A whole file of text for those who want its lines and no documents: sentences to encode, queries, judgements.

What stands in it decides, never its name, and by the same rules as for sources: it may be compressed, or UTF-16 with
its mark. What is no text, or ends in the middle, is refused by name; taken as lines it would give numbers that mean
nothing.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sprachbund.corpus.sources.detect import refuse_binary
from sprachbund.corpus.sources.streams import DEFAULT_TOTAL, Limits, Stream, Utf8
from sprachbund.errors import SourceError

MOSTLY_BROKEN, FEW = 0.2, 20
"""Above this share of characters that are no UTF-8, and above this number of them, a file is in another encoding: in
Latin-1 some 4% of a French or Portuguese text are, in KOI8-R or Shift-JIS nearly all."""


def read_text(path: Path, most: int = DEFAULT_TOTAL) -> tuple[str, int]:
    """The text of a file without its byte order mark, and how many broken bytes were replaced by U+FFFD in it.

    Args:
        most: bytes that it may have, decompressed.

    Raises:
        SourceError: it is absent, compressed and damaged, no text, text of another encoding, or too large.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("rb") as handle:  # a pipe, as <(zcat FILE) is: it can be read once
                return _spooled(handle, str(path), most)
        start = refuse_binary(path)
        stream, utf8 = Stream(path, Limits(total=most)), Utf8()
        data = b"".join(_bounded(path, utf8(stream), most))
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise SourceError(f"{path}: is a folder; name a file of text") from None
    if stream.broken:
        raise SourceError(f"{path}: {stream.broken}; get the whole file")
    text = data.decode().removeprefix("\ufeff")
    if utf8.replaced > max(FEW, MOSTLY_BROKEN * len(text)):
        raise SourceError(
            f"{path}: not UTF-8 text, {utf8.replaced:,} of {len(text):,} characters are broken; it begins with "
            f"{start[:12]!r}; convert it first, as iconv -f KOI8-R -t UTF-8 does"
        )
    return text, utf8.replaced


def _bounded(path: Path, pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The pieces of a file, whose limit holds for what is not compressed too."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise SourceError(f"{path}: more than the {most:,} bytes that such a file may have")
        yield piece


def read_standard_input() -> tuple[str, int]:
    """`read_text` of standard input.

    Raises:
        SourceError: as `read_text` does.
    """
    return _spooled(sys.stdin.buffer, "standard input")


def _spooled(handle: BinaryIO, name: str, most: int = DEFAULT_TOTAL) -> tuple[str, int]:
    with tempfile.TemporaryDirectory(prefix="sprachbund-") as folder:
        path = Path(folder) / "spooled"
        with path.open("wb") as copy:
            shutil.copyfileobj(handle, copy)
        try:
            return read_text(path, most)
        except SourceError as error:
            raise SourceError(str(error).replace(str(path), name)) from None
