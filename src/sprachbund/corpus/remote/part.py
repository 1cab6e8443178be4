"""The part of a file that has been fetched: its bytes, their hash, and which state of which file they are of."""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from io import FileIO
from pathlib import Path

from sprachbund import files
from sprachbund.corpus.remote.names import RemoteFile
from sprachbund.corpus.remote.web import PIECE
from sprachbund.errors import CapacityError, FolderError


class Part:
    """The beginning of a file: what of it is on disk, and the hash of that."""

    def __init__(self, file: RemoteFile, handle: FileIO, state: Path, moved: Callable[[int], None]) -> None:
        self.file, self.handle, self.state, self.moved = file, handle, state, moved
        self.validators: dict[str, str] = {}
        self.position = 0
        self.hash = hasher(file)
        size = os.fstat(handle.fileno()).st_size
        if size and (self._read_state() is None or (file.size is not None and size > file.size)):
            self.restart()
        handle.seek(0)
        while piece := handle.read(PIECE):
            self._count(piece)

    def _read_state(self) -> dict[str, str] | None:
        """What the part is of, or None where that is not known or not this file."""
        try:
            said = json.loads(self.state.read_text(encoding="utf-8"))
            if (said["url"], said["checksum"]) != (self.file.url, self.file.checksum):
                return None
            self.validators = {name: str(said[name]) for name in ("etag", "last_modified") if said.get(name)}
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return self.validators

    def _count(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.position += len(piece)
        self.moved(self.position)

    def restart(self) -> None:
        """Forget all of it."""
        self.handle.seek(0)
        self.handle.truncate()
        self.position, self.hash, self.validators = 0, hasher(self.file), {}
        self.moved(0)

    def begin(self, response: HTTPResponse) -> None:
        """Say on disk, before the first byte, of what the part is one."""
        named = (("etag", "ETag"), ("last_modified", "Last-Modified"))
        self.validators = {name: value for name, header in named if (value := response.headers.get(header))}
        files.write_json(self.state, {"url": self.file.url, "checksum": self.file.checksum, **self.validators})

    def write(self, piece: bytes) -> None:
        """Add to the end.

        Raises:
            CapacityError: the disk is full.
        """
        try:
            view = memoryview(piece)
            while view:
                view = view[self.handle.write(view) :]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise CapacityError(
                f"{self.state.with_suffix('')}: the disk is full after {self.position:,} bytes of {self._size()}; make "
                "room and give the same command again, it goes on from there"
            ) from None
        self._count(piece)

    def _size(self) -> str:
        return "an unknown number" if self.file.size is None else f"{self.file.size:,}"

    def whole(self) -> bool:
        """Whether all bytes are there that the file should have."""
        return self.file.size is not None and self.position == self.file.size


def hasher(file: RemoteFile) -> "hashlib._Hash":
    """A hash of the algorithm of a file's checksum."""
    if file.algorithm == "git":
        return hashlib.sha1(b"blob %d\0" % (file.size or 0), usedforsecurity=False)
    return hashlib.new(file.algorithm, usedforsecurity=False)


@contextmanager
def opened(path: Path) -> Iterator[FileIO]:
    """The part, to read and write, with other processes kept out of it.

    Raises:
        FolderError: another process has it.
    """
    while True:
        handle = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                same = os.fstat(handle.fileno()).st_ino == path.stat().st_ino
            except BlockingIOError:
                raise FolderError(f"{path}: another process is fetching this file; wait for its end") from None
            except FileNotFoundError:  # it became whole, and was renamed, between the two calls
                same = False
            if same:
                yield handle
                return
