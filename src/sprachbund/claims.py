"""Folders that belong to one process at a time, and what dead processes leave behind.

A process that works in a folder holds a lock of the system on it (flock), which ends with the process, however it
dies. So whether a temporary folder is still in use is asked of the system and not guessed from a process's number,
which in a container is always 1. Where the file system knows no locks nothing is swept, and nobody is kept out.

What is removed is ours for certain: a real folder, never a link, of this user, with a name that only we give.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprachbund.errors import FolderError

_NAME = re.compile(r"\.sprachbund-[0-9a-f]{16}\.tmp")
_NEW = re.compile(r"\.sprachbund-[0-9a-f]{16}\.new")
_HELD = re.compile(r"\.sprachbund-[0-9a-f]{16}\.lock")
_NEVER_LOCKED = 3_600
"""Seconds after which a folder that was made, but not yet locked, belongs to nobody."""
_TRIES, _MOMENT = 5, 0.02
"""How often a lock is asked for, and the seconds between."""


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Keep other processes, and other threads, out of a folder for as long as the body runs.

    Args:
        what: goes on in it, for the message: "another process is <what> here".

    Raises:
        FolderError: somebody else is in, or has just removed the folder.
    """
    gone = f"{folder}: another process has just removed this folder; give the same command again"
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        raise FolderError(gone) from None
    try:
        if _lock(descriptor) is False:
            raise FolderError(f"{folder}: another process is {what} here; wait for its end")
        if not _is_still(descriptor, folder.resolve()):
            raise FolderError(f"{folder}: another process has just ended here; give the same command again")
        yield
    finally:
        os.close(descriptor)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep others from writing to ``path``, a file or folder that may not be there yet, while the body runs.

    The lock is on a small file beside it, which ends with the body; one that a dead process left holds nobody up.

    Raises:
        FolderError: somebody else writes it now.
    """
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    held = path.with_name(f".sprachbund-{digest}.lock")
    for _ in range(_TRIES):
        descriptor = os.open(held, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            # whoever sweeps holds it for a moment, and whoever ends removes it
            if _lock(descriptor) is False or not _is_still(descriptor, held):
                time.sleep(_MOMENT)
                continue
            try:
                yield
            finally:
                held.unlink(missing_ok=True)
            return
        finally:
            os.close(descriptor)
    raise FolderError(f"{path}: another process is writing it; wait for its end")


@contextmanager
def scratch() -> Iterator[Path]:
    """A `workspace` where the system has its temporary files, which nobody else may read."""
    with workspace(Path(tempfile.gettempdir()), mode=0o700) as folder:
        yield folder


@contextmanager
def workspace(parent: Path, mode: int = 0o777) -> Iterator[Path]:
    """A new empty folder in ``parent``, locked while the body runs, removed after it; dead ones are removed first.

    Args:
        mode: of the folder, less what the umask takes.
    """
    sweep(parent)
    name = f".sprachbund-{secrets.token_hex(8)}"
    making = parent / f"{name}.new"
    making.mkdir(mode)
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
    """Remove the workspaces in ``parent`` that nobody works in any more, and the locks that nobody holds."""
    with os.scandir(parent) as entries:
        found = [entry for entry in entries if is_workspace(Path(entry.name))]
    for entry in found:
        try:
            about = entry.stat(follow_symlinks=False)
            if about.st_uid != os.geteuid():
                continue
            if _HELD.fullmatch(entry.name) and stat.S_ISREG(about.st_mode) and not about.st_size:
                _remove_lock(Path(entry.path))
            if not stat.S_ISDIR(about.st_mode):
                continue
            if _NEW.fullmatch(entry.name):
                if time.time() - about.st_mtime > _NEVER_LOCKED:
                    Path(entry.path).rmdir()
            else:
                _remove_dead(Path(entry.path))
        except OSError:
            continue  # another process was faster, or it cannot be removed: it harms nobody


def discard(folder: Path) -> None:
    """Remove a folder in one step: killed while its files go, it has a name already under which the rest is swept."""
    doomed = folder.rename(folder.with_name(f".sprachbund-{secrets.token_hex(8)}.tmp"))
    shutil.rmtree(doomed, ignore_errors=True)


def is_workspace(path: Path) -> bool:
    """Whether a name is one that `workspace` or `writing` gives."""
    return any(names.fullmatch(path.name) for names in (_NAME, _NEW, _HELD))


def strangers(folder: Path, listed: set[str]) -> list[Path]:
    """What a folder of ours holds that is not ours: files and links that are not ``listed``, empty folders.

    Args:
        listed: paths relative to the folder, with ``/``.
    """
    found = []
    for place, folders, names in os.walk(folder):  # does not follow links
        here = Path(place)
        folders[:] = [name for name in folders if not is_workspace(here / name)]
        names = [name for name in names if not is_workspace(here / name)]
        links = [name for name in folders if (here / name).is_symlink()]
        found += [
            here / name for name in (*names, *links) if (here / name).relative_to(folder).as_posix() not in listed
        ]
        if here != folder and not folders and not names:
            found.append(here)
    return sorted(found)


def shown_files(folder: Path) -> list[Path]:
    """The files of a folder that are not hidden, nor in a hidden folder, sorted.

    What another process removes meanwhile is passed over: hidden folders of work come and go.
    """
    found = []
    for place, folders, names in os.walk(folder):  # a folder that has gone is an empty one
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        found += [path for path in paths if path.is_file()]
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


def _remove_lock(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
    try:
        if _lock(descriptor) and _is_still(descriptor, file):
            file.unlink()
    finally:
        os.close(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether what was opened is what has the name now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> bool | None:
    """Whether this process holds the lock now; None where the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
