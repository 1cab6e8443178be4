"""The folder of an index: its manifest, one writer at a time and what killed changes leave."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sprachbund import claims
from sprachbund.errors import FolderError
from sprachbund.files import sha256_file, write_json
from sprachbund.retrieval.encoder import file_hashes
from sprachbund.search.index import MANIFEST, manifests, own_hash

SEGMENTS = "segments"


def is_free(folder: Path) -> bool:
    """Whether an index can be made here: there is nothing, or what a killed `create` left."""
    if not folder.exists():
        return True
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else [MANIFEST]
    ours = re.compile(r"\.work-.*|model-[0-9a-f]{16}")
    return all(ours.fullmatch(name) or claims.is_workspace(Path(name)) for name in names)


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
    claims.sweep(folder)


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
    with claims.locked(folder, "changing the index"):
        yield
