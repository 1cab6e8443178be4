"""The folder of an index: its manifest, one writer at a time, what killed changes leave, and full disks."""

import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from sprachbund.errors import CapacityError, FolderError
from sprachbund.files import sha256_file, write_json
from sprachbund.retrieval.encoder import file_hashes
from sprachbund.search.index import MANIFEST, manifests, own_hash

SEGMENTS = "segments"


def is_free(folder: Path) -> bool:
    """Whether an index can be made here: there is nothing, or what a killed `create` left."""
    if not folder.exists():
        return True
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else [MANIFEST]
    ours = re.compile(rf"\.work-.*|model-[0-9a-f]{{16}}|\.{re.escape(MANIFEST)}\..*")
    return all(ours.fullmatch(name) for name in names)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with the hashes of those that it names and its own, and the sizes of the model's files."""
    model = file_hashes(folder / manifest["model"])
    manifest["bytes"] = {
        f"{manifest['model']}/{name}": (folder / manifest["model"] / name).stat().st_size for name in model
    }
    manifest["hashes"] = {name: sha256_file(folder / name) for name in manifests(manifest)}
    manifest["sha256"] = own_hash(manifest)
    write_json(folder / MANIFEST, manifest)


def sweep(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Remove what no manifest names any more; who has it open keeps it."""
    kept = {entry["name"] for entry in manifest["segments"]}
    for path in (folder / SEGMENTS).glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob("atlas-*"):
        if path.name != manifest["atlas"]:
            shutil.rmtree(path, ignore_errors=True)
    for path in (*folder.glob(".work-*"), *folder.glob(".atlas-*.tmp")):
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(f".{MANIFEST}.*.tmp"):
        path.unlink(missing_ok=True)


def link_model(source: Path, target: Path) -> None:
    """The same files under another folder: hard links where the disk is the same, copies elsewhere."""

    def link(a: str, b: str) -> None:
        try:
            os.link(a, b)
        except OSError:
            shutil.copy2(a, b)

    temporary = target.with_name(f".work-{target.name}")
    for left in (temporary, target):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(source, temporary, copy_function=link)
    temporary.rename(target)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other changes out."""
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected an index, found {'a file' if folder.exists() else 'nothing'}")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise FolderError(f"{folder}: another process is changing this index; wait for its end") from None
    finally:
        os.close(descriptor)


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """A full disk in one line; the index stays as it was."""
    try:
        yield
    except (OSError, sqlite3.Error, pl.exceptions.PolarsError) as error:
        if not _is_full(error):
            raise
        free = shutil.disk_usage(folder).free
        raise CapacityError(
            f"{folder}: the disk is full, {free >> 20:,} MiB are free; the index is as it was before, make room and "
            "give the same command again"
        ) from None


def _is_full(error: Exception) -> bool:
    """Whether an error comes of a full disk; not all libraries keep the number of the system's error."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    # numpy tells how much was written, Polars repeats the system's words
    return any(words in str(error) for words in ("requested and", os.strerror(errno.ENOSPC)))
