"""A full disk, told in one line: which file, how much it needs, how much is free.

Every library says it in words of its own (numpy "45120 requested and 2016 written", safetensors, SQLite and Polars each
otherwise), so what they raise is read in one place. Whoever writes through `files` has this already.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sprachbund.errors import CapacityError, SprachbundError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_WORDS = ("requested and", "Not enough free space", *(os.strerror(number) for number in sorted(_FULL)))
"""numpy tells how much was written or is asked for, Polars and safetensors repeat the system's words."""


@contextmanager
def room_for(path: Path, need: int = 0) -> Iterator[None]:
    """Turn what any library raises on a full disk into one error that names the file.

    Args:
        path: what is being written, a file or a folder. need: its bytes where they are known, else 0.

    Raises:
        CapacityError: the disk, the quota or the process's limit of file sizes is exhausted.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, SprachbundError) and not isinstance(error, _DiskFullError):
            raise
        if not is_full(error):
            raise
        if isinstance(error, _DiskFullError) and not _same_disk(error.place, path):
            raise  # a temporary file elsewhere: that is where room must be made
        # of a file in a folder that is being made, the folder is what the user knows
        needed = need or getattr(error, "need", 0)
        raise _DiskFullError(
            f"{path}: the disk is full: {_needed(needed)}{_free(path)} are free; nothing that was complete has "
            "changed, make room and give the same command again",
            needed,
            path,
        ) from None


class _DiskFullError(CapacityError):
    def __init__(self, message: str, need: int, place: Path) -> None:
        super().__init__(message)
        self.need, self.place = need, place

    def __reduce__(self) -> Any:
        """From a worker to its parent."""
        return type(self), (str(self), self.need, self.place)


def is_full(error: Exception) -> bool:
    """Whether an error comes of a full disk; not all libraries keep the number of the system's error."""
    if isinstance(error, _DiskFullError):
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return any(words in str(error) for words in _WORDS)


def _needed(need: int) -> str:
    return f"{need:,} bytes are needed, " if need else ""


def _free(path: Path) -> str:
    return f"{shutil.disk_usage(_there(path)).free:,} bytes"


def _same_disk(one: Path, other: Path) -> bool:
    return _there(one).stat().st_dev == _there(other).stat().st_dev


def _there(path: Path) -> Path:
    """The folder that is there, of a path or above it."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
