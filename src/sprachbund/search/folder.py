"""The folder of an index: its manifest, one writer at a time, and what may be removed from it.

Removed is only what is ours for certain: a real folder, never a link, with a name that a change of this index gives,
whose own manifest lists every file that is in it. Such a manifest is written, with its own hash, before its folder has
that name, so after a kill it is known what was made. All else that lies in the folder of an index is left alone; where
it lies inside a folder that a change might remove, the change is refused before it begins.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sprachbund import claims
from sprachbund.disk import room_for
from sprachbund.errors import FolderError
from sprachbund.files import read_json, require_place, sealed, sha256_file, sync_folder, write_json
from sprachbund.progress import logger
from sprachbund.retrieval.encoder.encoder import MANIFEST as ENCODER
from sprachbund.retrieval.encoder.encoder import file_hashes
from sprachbund.search import atlas, kin, roman, segment
from sprachbund.search.manifest import ATLAS_NAME, MANIFEST, MODEL_NAME, PAIR_NAME, SEGMENT_NAME
from sprachbund.search.opening import manifests

SEGMENTS, ROMAN, COGNATES = PLACES = "segments", "roman", "cognates"
"""Folders of an index that hold folders with a manifest each."""
_HELD: ContextVar[frozenset[tuple[int, int]]] = ContextVar("held", default=frozenset())
"""Folders that this thread has locked: a command that indexes sources holds one for all of its steps."""


def is_free(folder: Path) -> bool:
    """Whether an index can be made here: there is nothing, or what a killed `create` left."""
    if not folder.exists():
        return True
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else [MANIFEST]
    return all(MODEL_NAME.fullmatch(name) or claims.is_workspace(Path(name)) for name in names)


def through_links(folder: Path) -> Path:
    """The folder that is meant: an index is written through a link, whose name stays."""
    return folder.resolve() if folder.is_symlink() else folder


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with the hashes of those that it names and its own, and the sizes of the model's files."""
    model = file_hashes(folder / manifest["model"])
    manifest["bytes"] = {
        f"{manifest['model']}/{name}": (folder / manifest["model"] / name).stat().st_size for name in model
    }
    manifest["hashes"] = {name: sha256_file(folder / name) for name in manifests(manifest)}
    write_json(folder / MANIFEST, sealed(manifest))


def require_ours(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a change where it might remove, or write over, what is not ours.

    Raises:
        FolderError: names the first such thing.
    """
    named = [(folder / name, kind) for name, kind in _kept(manifest).items()]
    places = [folder / place for place in PLACES]
    for path in (*places, *(path for path, _ in named)):
        if path.is_symlink():
            raise FolderError(f"{path}: is a link; put the folder itself here, or make the whole index a link")
    for place in places:
        if place.exists() and not place.is_dir():
            raise FolderError(f"{place}: not written by sprachbund; move it elsewhere first")
    foreign = [stranger for path, name in named for stranger in _foreign(path, name)]
    # the names that a killed change gave, and this one gives again
    coming = manifest["generation"] + 1
    foreign += [path for path, name, made in _left(folder, manifest) if made == coming and not _is_ours(path, name)]
    if foreign:
        raise FolderError(f"{foreign[0]}: not written by sprachbund; move it elsewhere first")


def sweep(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Remove what is ours and no manifest names any more; who has it open keeps it."""
    for place in (folder, *(folder / name for name in PLACES)):
        if place.is_dir() and not place.is_symlink():
            claims.sweep(place)
    for path, name, _ in _left(folder, manifest):
        if _is_ours(path, name):
            claims.discard(path)
        else:
            logger.warning("%s: not, or not only, written by sprachbund; it is left alone", path)


def _kept(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The folders that a manifest names, relative to the index, and the name of the manifest of each."""
    parts = {f"{SEGMENTS}/{entry['name']}": segment.MANIFEST for entry in manifest["segments"]}
    parts |= {f"{ROMAN}/{entry['roman']}": roman.MANIFEST for entry in manifest["segments"] if entry["roman"]}
    parts |= {f"{COGNATES}/{entry['name']}": kin.MANIFEST for entry in manifest["cognates"]}
    return parts | ({manifest["atlas"]: atlas.MANIFEST} if manifest["atlas"] else {})


def _left(folder: Path, manifest: Mapping[str, Any]) -> list[tuple[Path, str, int]]:
    """What has a name that this index has given, and is not named: the path, its manifest's name, the generation."""
    kept = _kept(manifest)
    places = (
        (folder / SEGMENTS, SEGMENT_NAME, segment.MANIFEST),
        (folder / ROMAN, SEGMENT_NAME, roman.MANIFEST),
        (folder / COGNATES, PAIR_NAME, kin.MANIFEST),
        (folder, ATLAS_NAME, atlas.MANIFEST),
    )
    found = []
    for place, pattern, name in places:
        if not place.is_dir() or place.is_symlink():
            continue
        for path in sorted(place.iterdir()):
            match = pattern.fullmatch(path.name)
            if match is not None and path.relative_to(folder).as_posix() not in kept:
                found.append((path, name, int(match[match.re.groups])))
    return [(path, name, made) for path, name, made in found if made <= manifest["generation"] + 1]


def _is_ours(path: Path, name: str) -> bool:
    return not path.is_symlink() and path.is_dir() and bool(_listed(path, name)) and not _foreign(path, name)


def _foreign(path: Path, name: str) -> list[Path]:
    return claims.strangers(path, _listed(path, name))


def _listed(path: Path, name: str) -> set[str]:
    """The files of a folder as its manifest lists them; none where there is no manifest with the hash of itself."""
    try:
        said = read_json(path / name, "")
        return {name, *map(str, said["files"])} if said == sealed(said) else set()
    except (FolderError, LookupError, TypeError, AttributeError):
        return set()


def link_model(source: Path, target: Path) -> None:
    """The encoder's files under another folder: hard links where the disk is the same, copies elsewhere.

    Raises:
        FolderError: ``target`` is there and holds something that is not an encoder's.
    """
    if target.is_symlink() or (target.exists() and _foreign(target, ENCODER)):
        found = target if target.is_symlink() else _foreign(target, ENCODER)[0]
        raise FolderError(f"{found}: not written by sprachbund; move it elsewhere first")
    with claims.workspace(target.parent) as place:
        made = place / target.name
        for name in (ENCODER, *file_hashes(source)):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            _link((source / name).resolve(), made / name)
        if target.exists():
            target.rename(place / "before")
        made.rename(target)
        sync_folder(target.parent)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
        with target.open("rb") as handle:
            os.fsync(handle.fileno())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other changes out: other processes and other threads, not the steps of the one that holds it."""
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected an index, found {'a file' if folder.exists() else 'nothing'}")
    about = folder.stat()
    this = (about.st_dev, about.st_ino)
    if this in _HELD.get():
        yield
        return
    with claims.locked(folder, "changing the index"):
        token = _HELD.set(_HELD.get() | {this})
        try:
            yield
        finally:
            _HELD.reset(token)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """`locked`, of a folder that need not be there yet; if nothing comes of it, it goes again.

    Raises:
        FolderError: it cannot be made there, or another process is at work in it.
    """
    require_place(folder, folder=True)
    there = folder.exists()
    with room_for(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        try:
            yield
        finally:
            if not there and not any(folder.iterdir()):
                folder.rmdir()
