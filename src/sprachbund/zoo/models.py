"""A finished model on disk as a zoo sees it: its files, what it is known by, and its card, whatever kind it is of.

What its maker's manifest lists is the model; what else lies in the folder is not. Without a manifest all of its files
are. A model without a card has one made for it where its kind is known here; a kind that is new brings cards of its
own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.claims import shown_files, writing
from sprachbund.errors import FolderError
from sprachbund.files import content_hash, inside, read_json, read_manifest
from sprachbund.lab.card import CARD, Card, read_card
from sprachbund.zoo import encoders
from sprachbund.zoo.names import require_paths
from sprachbund.zoo.places import hash_of

__all__ = ["Finished", "content_of", "finished", "require_same", "still"]

DERIVED: Mapping[str, Callable[[Path, Mapping[str, Any]], tuple[Card, tuple[str, ...]]]] = {
    encoders.KIND: encoders.card_and_hashes
}
"""By the kind of a manifest what makes a card, and the hashes by which such models name each other."""
_SMALL = 64 << 20


@dataclass(frozen=True)
class Finished:
    """A model whose files are all there.

    Attributes:
        folder: where it lies. files: SHA-256 and bytes of each by its path in the folder.
        card: of its own or made here. hashes: by which others may name it, beside the hash of its files.
    """

    folder: Path
    files: Mapping[str, tuple[str, int]]
    card: Card
    hashes: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of its files by path and hash."""
        return content_of({path: sha256 for path, (sha256, _) in self.files.items()})


def content_of(hashes: Mapping[str, str]) -> str:
    """The hash of a model by the hashes of its files by their paths."""
    return content_hash(dict(hashes))


def finished(folder: Path) -> Finished:
    """A model in a folder, its files compared with its maker's manifest.

    Raises:
        FolderError: there is none, it is damaged, still being written, or has neither a card nor a kind that is known.
    """
    still(folder)
    manifest = _manifest(folder)
    names = _listed(folder, manifest)
    require_paths(names, str(folder))
    for name in names:
        if any((folder / part).is_symlink() for part in _ways(name)):
            raise FolderError(f"{folder / name}: is a link, which no model in a zoo has; put the file itself there")
    found = {name: hash_of(folder / name) for name in names}
    if manifest:
        _compare(folder, manifest, found)
    card, hashes = _card(folder, manifest, names)
    seal = (str(manifest["sha256"]),) if manifest else ()
    bytes_ = sum(size for name, (_, size) in found.items() if name != CARD)
    every = tuple(dict.fromkeys((*seal, *hashes)))
    return Finished(folder, found, card if card.bytes else replace(card, bytes=bytes_), every)


def still(folder: Path) -> None:
    """Refuse a folder that is no model yet.

    Raises:
        FolderError: it is not there, or another process writes it now.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    if not folder.is_dir():
        if partial.is_dir():
            raise FolderError(f"{folder}: is still being made, unfinished work lies in {partial}; wait for its end")
        raise FolderError(f"{folder}: expected a model, found {'a file' if folder.exists() else 'nothing'}")
    if folder.is_symlink():
        raise FolderError(f"{folder}: is a link; name the folder {folder.resolve()} itself")
    try:
        with writing(folder.resolve()):
            pass
    except PermissionError:
        pass  # where nothing may be written, nobody writes
    except OSError as error:
        if error.errno != _READ_ONLY:
            raise


_READ_ONLY = 30  # EROFS


def require_same(model: Finished, files: Mapping[str, tuple[str, int]]) -> None:
    """See that files that were copied are those that were looked at.

    Raises:
        FolderError: the model changed meanwhile.
    """
    if dict(model.files) != dict(files):
        changed = next(name for name in model.files if files.get(name) != model.files[name])
        raise FolderError(f"{model.folder / changed}: changed while it was read; wait until its writer is done")


def _manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of ours in a folder, of whichever kind; None where there is none."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")):
        if path.name == CARD or not path.is_file() or path.stat().st_size > _SMALL:
            continue
        try:
            said = read_json(path, "")
        except FolderError:
            said = None
        if isinstance(said, dict) and {"kind", "format", "written_by", "files", "sha256"} <= set(said):
            found[path.name] = said
    if not found:
        return None
    if len(found) > 1:
        raise FolderError(f"{folder}: has the manifests {', '.join(found)}; a model has one")
    name, said = next(iter(found.items()))
    checked = read_manifest(folder, name, str(said["kind"]), said["format"], listed=())
    return {**checked, "name": name}


def _listed(folder: Path, manifest: Mapping[str, Any] | None) -> list[str]:
    if manifest:
        return sorted({*manifest["files"], manifest["name"]})
    if not (folder / CARD).is_file():
        unknown = sorted(path.name for path in folder.iterdir())[:3]
        raise FolderError(
            f"{folder}: expected a finished model with a manifest or a {CARD}, found {', '.join(unknown) or 'nothing'}"
        )
    return [path.relative_to(folder).as_posix() for path in shown_files(folder)]


def _ways(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _compare(folder: Path, manifest: Mapping[str, Any], found: Mapping[str, tuple[str, int]]) -> None:
    for name, sha256 in manifest["files"].items():
        if found[name][0] != sha256:
            file = inside(folder, name, manifest["name"])
            raise FolderError(f"{file}: damaged, its SHA-256 is not the one in {manifest['name']}; make the model anew")


def _card(folder: Path, manifest: Mapping[str, Any] | None, names: list[str]) -> tuple[Card, tuple[str, ...]]:
    """The model's own card, or one made by its kind."""
    own = read_card(folder) if CARD in names else None
    kind = str(manifest["kind"]) if manifest else ""
    if kind in DERIVED:
        made, hashes = DERIVED[kind](folder, manifest or {})
        return own or made, hashes
    if own is None:
        known = ", ".join(DERIVED)
        raise FolderError(
            f"{folder}: a model of the kind {kind!r} without a {CARD}; a card can be made only of: {known}"
        )
    return own, ()
