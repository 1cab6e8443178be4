"""A file from the network to the disk: in parts that go on, and only whole under its name.

What has come lies in ``NAME.part``; ``NAME.part.json`` says which file, in which state of the server's, it is part
of. Killed at any moment, the same call goes on from the end of the part, if the server's file is still the same.
Only when the published checksum is that of all bytes is the part synced and renamed; so a file under its own name is
whole. What is there already is checked the same way: it costs a reading, and no second fetch.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path

from sprachbund import files
from sprachbund.corpus.remote.names import RemoteFile
from sprachbund.corpus.remote.part import Part, hasher, opened
from sprachbund.corpus.remote.settings import Remote
from sprachbund.corpus.remote.web import PIECE, Busy, ask, begins_page, is_page, pieces, retry
from sprachbund.errors import CapacityError, SourceError
from sprachbund.progress import logger

LEAST_FREE, SHARE_FREE = 64 << 20, 0.05
"""What a fetch leaves free on the disk: so many bytes, and this share of what it fetches."""
_START = 64
_MAGIC = ((".bz2", b"BZh", "bzip2"), (".gz", b"\x1f\x8b", "gzip"), (".parquet", b"PAR1", "Parquet"))


def fetch(file: RemoteFile, target: Path, settings: Remote, moved: Callable[[int], None]) -> None:
    """Bring a file to ``target``, where a whole one is left alone.

    Args:
        moved: called with the bytes of it that are on disk.

    Raises:
        SourceError: it cannot be had, is something else, or has not the published checksum.
        CapacityError: the disk is full.
        FolderError: another process is fetching it.
    """
    if target.exists():
        if _is_whole(target, file):
            moved(target.stat().st_size)
            return
        logger.warning("%s: has not the published checksum, fetched again", target)
    target.parent.mkdir(parents=True, exist_ok=True)
    path, state = (target.with_name(f"{target.name}{ending}") for ending in (".part", ".part.json"))
    with opened(path) as handle:
        part = Part(file, handle, state, moved)
        kept = f"; what has come lies in {path}, and it goes on from there"
        for last in (False, True):
            if not part.whole():
                retry(lambda: _go_on(part, settings), file.url, settings, lambda: part.position, kept)
            found = part.hash.hexdigest()
            if found == file.digest:
                break
            part.restart()
            if last:
                state.unlink(missing_ok=True)
                path.unlink()
                raise SourceError(
                    f"{file.url}: expected the {file.algorithm} checksum {file.digest}, found {found}, twice; the "
                    "file or its published checksum is damaged, try another date or mirror"
                )
            logger.warning("%s: the checksum is not the published one; fetched once more from the start", file.url)
        os.fsync(handle.fileno())
        path.replace(target)
        state.unlink(missing_ok=True)
        files.sync_folder(target.parent)


def require_space(wanted: Iterable[tuple[RemoteFile, Path]]) -> None:
    """See that the disks hold what is still to be fetched.

    Raises:
        CapacityError: they do not; the message has what is needed and what there is.
    """
    needs: dict[int, tuple[int, Path]] = {}
    for file, target in wanted:
        if file.size is None or (target.exists() and target.stat().st_size == file.size):
            continue
        part = target.with_name(f"{target.name}.part")
        here = next(folder for folder in target.absolute().parents if folder.exists())
        missing = max(0, file.size - (part.stat().st_size if part.exists() else 0))
        need, _ = needs.get(here.stat().st_dev, (0, here))
        needs[here.stat().st_dev] = need + missing, here
    for need, here in needs.values():
        need += max(LEAST_FREE, int(need * SHARE_FREE)) if need else 0
        free = shutil.disk_usage(here).free
        if free < need:
            raise CapacityError(
                f"{here}: {need:,} bytes are needed for what is to be fetched, {free:,} are free; make room or name "
                "a folder on another disk with --downloads"
            )


def _go_on(part: Part, settings: Remote) -> None:
    """One request for what is missing, written as it comes."""
    file, start = part.file, part.position
    response = ask(file.url, settings, headers=_range(part) if start else {})
    with closing(response):
        if response.status == 416:
            if file.size is None and _total(response) == start:
                return
            part.restart()
            raise Busy(f"the server has no bytes from {start:,} on; from the start again")
        begins = _announced(part, response)
        if response.status == 206 and not _continues(part, response):
            part.restart()
            raise Busy("the file changed on the server; from the start again")
        if response.status == 200 and start:
            logger.info("%s: the server sends it from the start", file.url)
            part.restart()
        if not part.position:
            part.begin(response)
        for piece in _checked(file, pieces(response)) if not begins else pieces(response):
            if file.size is not None and part.position + len(piece) > file.size:
                part.restart()
                raise SourceError(f"{file.url}: expected {file.size:,} bytes, found more; not kept")
            part.write(piece)
    if file.size is not None and part.position < file.size:
        raise Busy(f"the connection ended {file.size - part.position:,} bytes before the end")


def _range(part: Part) -> dict[str, str]:
    """Ask for the rest, and for the whole file if it changed; a weak ETag says too little for that."""
    etag = part.validators.get("etag", "")
    validator = etag if etag and not etag.startswith("W/") else part.validators.get("last_modified")
    return {"Range": f"bytes={part.position}-"} | ({"If-Range": validator} if validator else {})


def _announced(part: Part, response: HTTPResponse) -> int:
    """Where the body begins in the file, once it is no page and its length is the one expected."""
    file = part.file
    if is_page(response, b""):
        raise SourceError(f"{file.url}: expected {_kind(file)}, found an HTML page; check the base address")
    begins = part.position if response.status == 206 else 0
    if response.status == 206 and not part.position:
        raise SourceError(f"{file.url}: expected the whole file, found a part of it (206)")
    if response.length is not None and file.size is not None and begins + response.length > file.size:
        raise SourceError(
            f"{file.url}: expected {file.size:,} bytes, the server announces {begins + response.length:,}; not fetched"
        )
    return begins


def _continues(part: Part, response: HTTPResponse) -> bool:
    """Whether a partial answer goes on where the part ends, in the same state of the file."""
    span = re.match(r"bytes\s+(\d+)-", response.headers.get("Content-Range", ""))
    total, size = _total(response), part.file.size
    etag, known = response.headers.get("ETag"), part.validators.get("etag")
    return (
        bool(span and int(span[1]) == part.position)
        and (total is None or size is None or total == size)
        and (not etag or not known or etag == known)
    )


def _total(response: HTTPResponse) -> int | None:
    """The length of the whole file, from Content-Range."""
    found = re.search(r"/(\d+)\s*$", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _checked(file: RemoteFile, body: Iterator[bytes]) -> Iterator[bytes]:
    """The body, once its first bytes are those of its kind."""
    start: bytes | None = b""
    for piece in body:
        if start is None:
            yield piece
        elif len(start) + len(piece) >= _START:
            _check_start(file, start + piece)
            yield start + piece
            start = None
        else:
            start += piece
    if start:
        _check_start(file, start)
        yield start


def _check_start(file: RemoteFile, start: bytes) -> None:
    if begins_page(start):
        raise SourceError(f"{file.url}: expected {_kind(file)}, found an HTML page; check the base address")
    for ending, magic, kind in _MAGIC:
        if file.place.endswith(ending) and not start.startswith(magic):
            raise SourceError(f"{file.url}: expected {kind}, found a file that begins with {start[:8]!r}")


def _kind(file: RemoteFile) -> str:
    return next((kind for ending, _, kind in _MAGIC if file.place.endswith(ending)), "a file")


def _is_whole(target: Path, file: RemoteFile) -> bool:
    if not target.is_file() or (file.size is not None and target.stat().st_size != file.size):
        return False
    found = hasher(file)
    with target.open("rb") as handle:
        while piece := handle.read(PIECE):
            found.update(piece)
    return found.hexdigest() == file.digest
