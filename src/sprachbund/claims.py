"""Folders that belong to one process at a time, and what dead processes leave behind.

A process that works in a folder holds a lock of the system on it (flock), which ends with the process, however it
dies. So whether a temporary folder is still in use is asked of the system and not guessed from a process's number,
which in a container is always 1. Where the file system knows no locks nothing is swept, and nobody is kept out.

What is removed is ours for certain: a real folder, never a link, of this user, with a name that only we give.
"""

import fcntl
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprachbund.errors import FolderError

_NAME = re.compile(r"\.sprachbund-[0-9a-f]{16}\.tmp")
_NEW = re.compile(r"\.sprachbund-[0-9a-f]{16}\.new")
_NEVER_LOCKED = 3_600
"""Seconds after which a folder that was made, but not yet locked, belongs to nobody."""


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Keep other processes, and other threads, out of a folder for as long as the body runs.

    Args:
        what: goes on in it, for the message: "another process is <what> here".

    Raises:
        FolderError: somebody else is in.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _lock(descriptor) is False:
            raise FolderError(f"{folder}: another process is {what} here; wait for its end")
        yield
    finally:
        os.close(descriptor)


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A new empty folder in ``parent``, locked while the body runs, removed after it; dead ones are removed first."""
    sweep(parent)
    name = f".sprachbund-{secrets.token_hex(8)}"
    making = parent / f"{name}.new"
    making.mkdir()
    descriptor = os.open(making, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # locked before it has the name under which it may be swept
        _lock(descriptor)
        folder = making.rename(parent / f"{name}.tmp")
        try:
            yield folder
        finally:
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def sweep(parent: Path) -> None:
    """Remove the workspaces in ``parent`` that nobody works in any more."""
    with os.scandir(parent) as entries:
        found = [entry for entry in entries if _NAME.fullmatch(entry.name) or _NEW.fullmatch(entry.name)]
    for entry in found:
        try:
            about = entry.stat(follow_symlinks=False)
            if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
                continue
            if _NEW.fullmatch(entry.name):
                if time.time() - about.st_mtime > _NEVER_LOCKED:
                    Path(entry.path).rmdir()
            else:
                _remove_dead(Path(entry.path))
        except OSError:
            continue  # another process was faster, or it cannot be removed: it harms nobody


def is_workspace(path: Path) -> bool:
    """Whether a name is one that `workspace` gives."""
    return _NAME.fullmatch(path.name) is not None or _NEW.fullmatch(path.name) is not None


def strangers(folder: Path, listed: set[str]) -> list[Path]:
    """What a folder of ours holds that is not ours: files and links that are not ``listed``, empty folders.

    Args:
        listed: paths relative to the folder, with ``/``.
    """
    found = []
    for place, folders, names in os.walk(folder):  # does not follow links
        here = Path(place)
        folders[:] = [name for name in folders if not is_workspace(here / name)]
        links = [name for name in folders if (here / name).is_symlink()]
        found += [
            here / name for name in (*names, *links) if (here / name).relative_to(folder).as_posix() not in listed
        ]
        if here != folder and not folders and not names:
            found.append(here)
    return sorted(found)


def set_aside(folder: Path) -> Path:
    """Give a folder that cannot be used another name, ``<name>.damaged-1`` or the next number that is free."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.damaged-{number}")).exists() or aside.is_symlink():
        number += 1
    return folder.rename(aside)


def _remove_dead(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if _lock(descriptor):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether this process holds the lock now; None where the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
