"""Writing that is never half done, folders that say what they are, and what the machine allows.

A file is written beside its place, synced, and renamed over it; a folder is filled under a temporary
name and renamed when it is complete. So a reader sees the old state or the new one, never a mixture,
whatever kills the writer. Every folder that we write has a *manifest*, a small JSON file with its kind,
its format version, the version of sprachbund that wrote it and the SHA-256 of its files.
"""

import ctypes
import glob
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from sprachbund.errors import FolderError

MANIFEST_FIELDS = ("kind", "format", "written_by")
_PARSER = threading.Lock()
"""Held while a header is read: numpy parses it as Python, and CPython 3.11 may raise a
SystemError in two threads at once (https://github.com/python/cpython/issues/106905)."""


def package_version() -> str:
    """The installed version of sprachbund, or ``unknown`` where it runs from a bare checkout."""
    try:
        return version("sprachbund")
    except PackageNotFoundError:
        return "unknown"


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is synced and renamed over ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 ``text`` to ``path`` atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as readable JSON with sorted keys, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write a numpy array in the .npy format, atomically; it can be memory-mapped again."""
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        np.save(handle, array, allow_pickle=False)


def read_array(path: Path, *, mapped: bool = True) -> npt.NDArray[Any]:
    """Read an array written by `write_array`, memory-mapped unless it is empty or ``mapped`` is false."""
    try:
        with _PARSER:
            if mapped and path.stat().st_size > 512:
                return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
            return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
    except FileNotFoundError:
        raise FolderError(f"{path}: expected an array here, found no file; make the folder anew") from None
    except (
        ValueError,
        EOFError,
        OSError,
        SyntaxError,
        TypeError,
        TokenError,
    ) as error:  # what numpy says of its header
        raise FolderError(f"{path}: not a readable .npy array ({error}); make the folder anew") from None


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside ``folder``; on success it is renamed to ``folder``.

    An existing ``folder`` is replaced, in one step where the system can exchange two names (Linux), else in two
    renames. Stale temporary folders of killed processes are removed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for stale in folder.parent.glob(f".{glob.escape(folder.name)}.*.tmp"):
        if not _alive(stale):
            shutil.rmtree(stale, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.{os.getpid()}.", suffix=".tmp", dir=folder.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        for path in temporary.rglob("*"):
            if path.is_file():
                with path.open("rb+") as handle:
                    os.fsync(handle.fileno())
        sync_folder(temporary)
        if not folder.exists():
            temporary.rename(folder)
        elif not _exchange(temporary, folder):
            old = temporary.with_suffix(".old.tmp")
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        sync_folder(folder.parent)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where the system or the file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2  # glibc 2.28, Linux 3.15
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _alive(temporary: Path) -> bool:
    """Whether the process that made a temporary folder still runs."""
    parts = temporary.name.rsplit(".", 3)
    try:
        os.kill(int(parts[1]), 0)
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def content_hash(value: Any) -> str:
    """A hash of a JSON value that does not depend on the order of keys: the name of a piece of work."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_manifest(folder: Path, name: str, kind: str, format_version: int, **fields: Any) -> None:
    """Write ``folder/name``: the kind, the format version, ``fields``, and the hashes of all other files."""
    files = {
        str(path.relative_to(folder)): sha256_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != name and not path.name.endswith(".tmp")
    }
    manifest = {"kind": kind, "format": format_version, "written_by": package_version(), "files": files, **fields}
    write_json(folder / name, manifest)


def read_manifest(folder: Path, name: str, kind: str, format_version: int, *, check: bool = False) -> dict[str, Any]:
    """Read and check ``folder/name``.

    Args:
        check: also hash every listed file; otherwise only see that each is there.

    Raises:
        FolderError: the folder or the file is absent or damaged, or of another kind or version.
    """
    path = folder / name
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected {_a(kind)} folder, found {'a file' if folder.exists() else 'nothing'}")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FolderError(f"{folder}: expected {_a(kind)} folder, but it has no {name}") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise FolderError(f"{path}: damaged, not readable as JSON ({error}); make the {kind} anew") from None
    if not isinstance(manifest, dict) or any(field not in manifest for field in MANIFEST_FIELDS):
        raise FolderError(f"{path}: not a manifest of sprachbund; expected the fields {', '.join(MANIFEST_FIELDS)}")
    if manifest["kind"] != kind:
        raise FolderError(f"{folder}: expected {_a(kind)}, found {_a(str(manifest['kind']))}")
    if manifest["format"] != format_version:
        writer = manifest["written_by"]
        instead = f", or install sprachbund {writer}" if writer != package_version() else ""
        raise FolderError(
            f"{folder}: {kind} format {manifest['format']}, written by sprachbund {writer}; this version reads format "
            f"{format_version}: make it anew{instead}"
        )
    for relative, expected in manifest.get("files", {}).items():
        file = folder / relative
        if not file.is_file():
            raise FolderError(f"{file}: the {kind}'s manifest lists this file, but it is missing")
        if check and sha256_file(file) != expected:
            raise FolderError(f"{file}: damaged, its SHA-256 is not the one in {name}; make the {kind} anew")
    return manifest


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def require_free(folder: Path) -> None:
    """Refuse to write into ``folder`` if it exists and is not an empty directory."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderError(f"{folder}: already holds something else; name a new folder or remove it first")


def require_place(path: Path, *, folder: bool) -> None:
    """Refuse, before any work, an output that cannot be written, or whose place nobody can have meant.

    The folder above ``path`` may be missing and is made with it. Two missing folders, or one in the root of the file
    system, are a slip of the pen or a disk that is not mounted: what is written there fills the wrong disk unseen.

    Args:
        folder: whether a folder is to be written; else a file.

    Raises:
        FolderError: names what is missing, of another kind, or may not be written.
    """
    if path.is_dir() and not folder:
        raise FolderError(f"{path}: is a folder; name a file to write")
    if path.exists() and not path.is_dir() and folder:
        raise FolderError(f"{path}: is a file; name a folder to write")
    parent = path.absolute().parent
    above = parent.parent
    if not parent.exists() and (not above.exists() or above == above.parent):
        missing = parent if above.exists() else above
        raise FolderError(
            f"{path}: the folder {missing} does not exist; make it first (mkdir -p), or name another place"
        )
    place = path if path.is_dir() else parent if parent.exists() else above
    if not place.is_dir():
        raise FolderError(f"{path}: {place} is a file, not a folder; name another place")
    if not os.access(place, os.W_OK | os.X_OK):
        raise FolderError(f"{path}: {place} may not be written; name another place")


def memory_limit() -> int:
    """Bytes of memory that this process may use: the cgroup's limit or the host's memory, the smaller."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            limits.append(int(path.read_text()))
        except (OSError, ValueError):
            continue
    return min(limits)


def parse_size(text: str) -> int:
    """``2G``, ``500MB``, ``1.5 GiB`` or a plain number of bytes, as bytes (powers of 1024)."""
    cleaned = text.strip().upper().replace(" ", "").removesuffix("IB").removesuffix("B")
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    try:
        unit = units.get(cleaned[-1:], 0)
        size = int(float(cleaned[:-1]) * unit) if unit else int(cleaned)
    except (ValueError, OverflowError):
        size = -1
    if size < 0:
        raise FolderError(f"{text!r} is not a size; write for example 2G, 500M or a number of bytes")
    return size


def cpu_count() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
