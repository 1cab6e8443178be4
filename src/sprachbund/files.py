"""Writing that is never half done, folders that say what they are, and what the machine allows.

A file is written beside its place, synced, and renamed over it; a folder is filled in a temporary one
and renamed when it is complete. So a reader sees the old state or the new one, never a mixture,
whatever kills the writer. Every folder that we write has a *manifest*, a small JSON file with its kind,
its format version, the version of sprachbund that wrote it and the SHA-256 of its files.
"""

import ctypes
import hashlib
import json
import os
import re
import shutil
import stat
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sprachbund.claims import is_workspace, strangers, workspace, writing
from sprachbund.disk import room_for
from sprachbund.errors import FolderError, one_line

# what Python makes of a byte of a file's name that is no UTF-8, and halves of an emoji
_SURROGATE = re.compile("[\\ud800-\\udfff]")
_LIKE_BYTE, _BYTE = re.compile(r"\\x([0-9a-f]{2})"), re.compile(rb"\\x([0-9a-f]{2})")
MANIFEST_FIELDS = ("kind", "format", "written_by")
_MANIFEST_BYTES = 256 << 20
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
def atomic_path(path: Path, need: int = 0) -> Iterator[Path]:
    """Yield a temporary path on the same disk; on success it is synced and renamed over ``path``.

    Where ``path`` is a link, the file that it points to is written. The mode follows the umask, whatever the library
    that writes makes of it.

    Args:
        need: bytes that will be written, where they are known: for the message of a full disk.

    Raises:
        FolderError: ``path`` is there and no regular file. CapacityError: the disk is full.
    """
    path = _through_links(path)
    if path.exists() and not path.is_file():
        raise FolderError(f"{path}: expected a file to write, found {'a folder' if path.is_dir() else 'a device'}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with room_for(path, need), workspace(path.parent) as folder:
        temporary = folder / path.name
        yield temporary
        _sync(temporary, stat.S_IMODE(folder.stat().st_mode))
        temporary.replace(path)
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically."""
    with atomic_path(path, len(data)) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 ``text`` to ``path`` atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as readable JSON with sorted keys, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write a numpy array in the .npy format, atomically; it can be memory-mapped again."""
    with atomic_path(path, array.nbytes) as temporary, temporary.open("wb") as handle:
        np.save(handle, array, allow_pickle=False)


def read_array(
    path: Path, *, mapped: bool = True, dtype: npt.DTypeLike | None = None, dimensions: int | None = None
) -> npt.NDArray[Any]:
    """Read an array written by `write_array`, memory-mapped unless it is empty or ``mapped`` is false.

    Args:
        dtype, dimensions: what it must have; None for any.

    Raises:
        FolderError: there is no file, it is no array, or another one than expected.
    """
    require_file(path, "make the folder anew")
    try:
        with _PARSER:
            mode: Literal["r"] | None = "r" if mapped and path.stat().st_size > 512 else None
            array: npt.NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
    # what numpy says of its header
    except (ValueError, EOFError, OSError, SyntaxError, TypeError, TokenError, MemoryError, RecursionError) as error:
        raise FolderError(f"{path}: not a readable .npy array ({one_line(error)}); make the folder anew") from None
    if not isinstance(array, np.ndarray):  # numpy opens archives of arrays too
        raise FolderError(f"{path}: not a readable .npy array (an archive); make the folder anew")
    wrong_type = dtype is not None and array.dtype != np.dtype(dtype)
    if wrong_type or (dimensions is not None and array.ndim != dimensions):
        expected = " ".join(
            (*([] if dtype is None else [str(np.dtype(dtype))]), f"with {dimensions or 'any'} dimension(s)")
        )
        raise FolderError(
            f"{path}: expected an array of {expected}, found {array.dtype} with {array.ndim}; make the folder anew"
        )
    return array


@contextmanager
def atomic_folder(folder: Path, manifest: str | None = None) -> Iterator[Path]:
    """Yield an empty temporary folder on the same disk; on success it is renamed to ``folder``.

    An existing ``folder`` is replaced, in one step where the system can exchange two names (Linux), else in two
    renames. Only what is ours is replaced: all that is in it must be named in its manifest. Where ``folder`` is a link,
    the folder that it points to is replaced. Two at once do not write one folder: the second is refused.

    Args:
        manifest: the name of the file that lists what is ours; None where nothing may be there.

    Raises:
        FolderError: something is there that is not ours; the message names it. Or another process writes it now.
        CapacityError: the disk is full.
    """
    folder = _through_links(folder)
    _require_ours(folder, manifest)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with room_for(folder), writing(folder), workspace(folder.parent) as place:
        temporary = place / folder.name
        temporary.mkdir()
        yield temporary
        mode = stat.S_IMODE(temporary.stat().st_mode)
        for path in temporary.rglob("*"):
            if path.is_file():
                _sync(path, mode)
        sync_folder(temporary)
        _require_ours(folder, manifest)  # what was put there meanwhile stays
        if not folder.exists():
            temporary.rename(folder)
        elif not _exchange(temporary, folder):
            old = folder.with_name(f"{folder.name}.old")  # not in the workspace, which a kill here would lose
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        sync_folder(folder.parent)


def _through_links(path: Path) -> Path:
    return path.resolve() if path.is_symlink() else path


def _require_ours(folder: Path, manifest: str | None) -> None:
    """Refuse to replace a folder that holds anything that its manifest does not list."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected a folder to write, found a file; name another")
    if foreign := strangers(folder, listed_files(folder, manifest)):
        raise FolderError(f"{foreign[0]}: not written by sprachbund, or no longer known to be; move it elsewhere first")


def listed_files(folder: Path, manifest: str | None) -> set[str]:
    """What a manifest says is ours, and itself: paths relative to the folder; nothing where it cannot be read."""
    try:
        said = json.loads((folder / (manifest or "")).read_bytes()) if manifest else {}
        return {*map(str, said["files"]), str(manifest)} if said else set()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return set()


def _sync(path: Path, mode: int) -> None:
    """Bring a file to the disk, with the mode of a file beside a folder of ``mode``."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())
    wanted = mode & 0o666
    if stat.S_IMODE(path.stat().st_mode) != wanted:
        path.chmod(wanted)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where the system or the file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2  # glibc 2.28, Linux 3.15
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def content_hash(value: Any) -> str:
    """A hash of a JSON value that does not depend on the order of keys: the name of a piece of work."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def write_manifest(folder: Path, name: str, kind: str, format_version: int, **fields: Any) -> None:
    """Write ``folder/name``: the kind, the format version, ``fields``, and the hashes of all other files."""
    hashes = {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / name and not any(map(is_workspace, path.relative_to(folder).parents))
    }
    written = {"kind": kind, "format": format_version, "written_by": package_version(), "files": hashes, **fields}
    write_json(folder / name, sealed(written))


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the hash of all else that it says, as ``sha256``."""
    said = json.loads(json.dumps({name: value for name, value in manifest.items() if name != "sha256"}))
    return {**said, "sha256": content_hash(said)}


def read_manifest(
    folder: Path,
    name: str,
    kind: str,
    format_version: int,
    older: Collection[int] = (),
    *,
    check: bool = False,
    fields: Mapping[str, type | tuple[type, ...]] | None = None,
    listed: Collection[str] = (),
) -> dict[str, Any]:
    """Read and check ``folder/name``.

    Args:
        older: formats that are read as well.
        check: also hash every listed file; otherwise only see that each is there.
        fields: what the manifest must have besides, and the type of each; `require_fields` says more.
        listed: files that it must list, for they will be read.

    Raises:
        FolderError: the folder or the file is absent or damaged, or of another kind or version.
    """
    path = folder / name
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected {_a(kind)} folder, found {'a file' if folder.exists() else 'nothing'}")
    if not path.is_file():
        raise FolderError(f"{folder}: expected {_a(kind)} folder, but it has no {name}")
    manifest = read_json(path, f"make the {kind} anew")
    if not isinstance(manifest, dict) or any(field not in manifest for field in MANIFEST_FIELDS):
        raise FolderError(f"{path}: not a manifest of sprachbund; expected the fields {', '.join(MANIFEST_FIELDS)}")
    if manifest["kind"] != kind:
        raise FolderError(f"{folder}: expected {_a(kind)}, found {_a(str(manifest['kind']))}")
    if manifest["format"] not in (format_version, *older):
        writer = manifest["written_by"]
        instead = f", or install sprachbund {writer}" if writer != package_version() else ""
        raise FolderError(
            f"{folder}: {kind} format {manifest['format']}, written by sprachbund {writer}; this version reads format "
            f"{format_version}: make it anew{instead}"
        )
    if sealed(manifest) != manifest:
        raise FolderError(f"{path}: damaged, its SHA-256 is not the one in it; make the {kind} anew")
    with_files = {"files": dict} if listed or "files" in manifest else {}
    require_fields(path, manifest, {**with_files, **(fields or {})})
    if lacking := sorted(set(listed) - set(manifest.get("files", ()))):
        raise FolderError(f"{path}: damaged, it does not list {lacking[0]}; make the {kind} anew")
    for relative, expected in manifest.get("files", {}).items():
        file = inside(folder, relative, name)
        if not file.is_file():
            raise FolderError(f"{file}: the {kind}'s manifest lists this file, but it is missing")
        if check and sha256_file(file) != expected:
            raise FolderError(f"{file}: damaged, its SHA-256 is not the one in {name}; make the {kind} anew")
    return manifest


def read_json(path: Path, remedy: str) -> Any:
    """The JSON value in a file that we wrote.

    Args:
        remedy: what to do where it is damaged, for the message.

    Raises:
        FolderError: it is absent, larger than any that we write, no JSON, or nested too deep.
    """
    require_file(path, remedy)
    try:
        size = path.stat().st_size
        if size > _MANIFEST_BYTES:
            raise FolderError(f"{path}: damaged, {size:,} bytes are more than any manifest has; {remedy}")
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise FolderError(f"{path}: damaged, not readable as JSON ({one_line(error)}); {remedy}") from None


def require_file(path: Path, remedy: str) -> None:
    """See that a file is there and no folder, pipe or device, whose reading might never end.

    Args:
        remedy: what to do where it is not, for the message.

    Raises:
        FolderError: it is not.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no file" if path.exists() else "nothing"
        raise FolderError(f"{path}: expected a file here, found {found}; {remedy}")


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def require_fields(path: Path, said: Mapping[str, Any], fields: Mapping[str, type | tuple[type, ...]]) -> None:
    """See that a JSON object has fields of the expected types; true and false are no numbers, a number is one.

    Args:
        path: the file that it was read from, for the message.

    Raises:
        FolderError: a field is missing or of another type.
    """
    for name, expected in fields.items():
        kinds = expected if isinstance(expected, tuple) else (expected,)
        kinds = (*kinds, int) if float in kinds else kinds
        value = said.get(name)
        if name not in said or not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            found = type(value).__name__ if name in said else "nothing"
            raise FolderError(f"{path}: damaged, expected {name} to be {wanted}, found {found}; make the folder anew")


def inside(folder: Path, relative: str, name: str) -> Path:
    """The file of a relative path that a manifest lists, which must not lead out of the folder.

    Raises:
        FolderError: it does, or is no path.
    """
    parts = relative.split("/")
    if "\0" in relative or not all(parts) or "." in parts or ".." in parts:
        raise FolderError(f"{folder / name}: damaged, it lists {relative!r}, which is no path inside the folder")
    return folder.joinpath(*parts)


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
    if path.exists() and not path.is_file() and not path.is_dir():
        raise FolderError(
            f"{path}: is a device or a pipe, which would be replaced; name a {'folder' if folder else 'file'}"
        )
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


def writable(text: str) -> str:
    """A file's name, or a text with one in it, as text that UTF-8 can hold: bytes that are none as ``\\xe9``."""
    return _SURROGATE.sub(_escaped, text)


def file_name(path: Path | str) -> str:
    """A file's name as text that UTF-8 can hold and `named_file` turns back.

    A byte that is no UTF-8 is ``\\xe9``; where a name has these very characters, its backslash is ``\\x5c``.
    """
    return writable(_LIKE_BYTE.sub(r"\\x5cx\1", str(path)))


def named_file(name: str) -> str:
    """The name of the file that `file_name` wrote so."""
    return os.fsdecode(_BYTE.sub(lambda found: bytes([int(found[1], 16)]), os.fsencode(name)))


def _escaped(found: re.Match[str]) -> str:
    point = ord(found.group())
    return f"\\x{point - 0xDC00:02x}" if 0xDC80 <= point <= 0xDCFF else "\ufffd"
