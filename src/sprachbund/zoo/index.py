"""What a zoo has: its models, their cards and the hash of every file; those that were removed; a number that rises.

    ZOO/index.json       kind, format, written_by, serial, key, models, removed, sha256 (the hash of all else)
        index.json.sig   who says so: a bundle over index.json

The index is signed as bytes and read only after that. What it says is still checked: an honest key may sign a damaged
file, and paths and sizes lead to what is written on this machine.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import package_version, sealed
from sprachbund.lab.card import Card, card_of
from sprachbund.lab.typed import typed
from sprachbund.zoo.keys import INDEX
from sprachbund.zoo.names import called, require_name, require_paths, wanted

__all__ = ["CARD_FILE", "INDEX", "MODEL", "README", "SIGNATURE", "Entry", "File", "Index", "Tombstone", "index_of"]

KIND, FORMAT = "zoo", 1
SIGNATURE = f"{INDEX}.sig"
MODEL, CARD_FILE, README, MODEL_SIGNATURE = "model", "card.json", "README.md", "model.sig"
"""In the folder of each model: what its maker wrote, untouched; its card; that for people and hubs; its signature."""
REMEDY = "tell who keeps the zoo"
_HASH = frozenset("0123456789abcdef")
_MOST_SERIAL = 1 << 53
_LARGEST = 1 << 50


@dataclass(frozen=True)
class File:
    """A file of a model: its path in the model's folder, its SHA-256 and its bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Entry:
    """A model of a zoo.

    Attributes:
        name, version: what it is called here. folder: where it lies, relative to the zoo.
        sha256: of its files by path and hash, so of what it is. hashes: all by which other models may name it.
        added: YYYY-MM-DD. files: all of them, those of the model itself under ``model/``.
        card: without curve and samples, which its card.json has.
    """

    name: str
    version: int
    folder: str
    sha256: str
    hashes: tuple[str, ...]
    added: str
    files: tuple[File, ...]
    card: Card

    @property
    def called(self) -> str:
        """``pt@2``."""
        return called(self.name, self.version)

    @property
    def size(self) -> int:
        """Bytes of the model itself."""
        return sum(file.size for file in self.model_files)

    @property
    def model_files(self) -> tuple[File, ...]:
        """What its maker wrote, paths relative to that."""
        inner = f"{MODEL}/"
        return tuple(
            File(file.path.removeprefix(inner), file.sha256, file.size)
            for file in self.files
            if file.path.startswith(inner)
        )

    def file(self, path: str) -> File:
        """One of its files.

        Raises:
            FolderError: it has none of this path.
        """
        for file in self.files:
            if file.path == path:
                return file
        raise FolderError(f"{self.called}: the zoo's index lists no {path}; {REMEDY}")


@dataclass(frozen=True)
class Tombstone:
    """A model that was removed: what lineages go on to name, and a version that is not given again."""

    name: str
    version: int
    kind: str
    languages: tuple[str, ...]
    sha256: str
    hashes: tuple[str, ...]
    removed: str


@dataclass(frozen=True)
class Index:
    """All that a zoo says.

    Attributes:
        serial: rises with every change. key: the fingerprint of the key that signs it.
        models, removed: in the order of names and versions.
    """

    serial: int
    key: str
    models: tuple[Entry, ...] = ()
    removed: tuple[Tombstone, ...] = ()
    written_by: str = field(default_factory=package_version)

    @property
    def every(self) -> list[Entry | Tombstone]:
        """Models and stones."""
        return [*self.models, *self.removed]

    def find(self, asked: str) -> Entry:
        """A model by its name, the newest version, or by name and version.

        Raises:
            SettingsError: there is none; the message says what there is.
        """
        name, version = wanted(asked)
        same = [each for each in self.models if each.name == name]
        found = [each for each in same if version in (None, each.version)]
        if found:
            return found[-1]
        for gone in self.removed:
            if gone.name == name and version in (None, gone.version) and not same:
                raise SettingsError(f"{called(name, gone.version)} was removed from this zoo on {gone.removed}")
        there = same or self.models
        listed = ", ".join(each.called for each in there[:20]) + (", ..." if len(there) > 20 else "")
        raise SettingsError(f"this zoo has no {asked}; it has {listed or 'no model'}")

    def to_bytes(self) -> bytes:
        """The file that is signed."""
        models = [{**asdict(each), "card": each.card.to_dict()} for each in self.models]
        removed = [asdict(each) for each in self.removed]
        said = {
            "kind": KIND, "format": FORMAT, "written_by": self.written_by, "serial": self.serial, "key": self.key,
            "models": models, "removed": removed,
        }  # fmt: skip
        return (json.dumps(sealed(said), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def index_of(data: bytes, where: str) -> Index:
    """The index in a file whose signature was seen.

    Args:
        where: names the file, for the message.

    Raises:
        FolderError: it is damaged, of another kind or format, or names what cannot be.
    """
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{where}: damaged, not readable as JSON ({error}); {REMEDY}") from None
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise FolderError(f"{where}: expected the index of a zoo, found something else; name the folder of a zoo")
    if said.get("format") != FORMAT:
        raise FolderError(
            f"{where}: zoo format {said.get('format')}, written by sprachbund {said.get('written_by')}; this version "
            f"reads format {FORMAT}"
        )
    if sealed(said) != said:
        raise FolderError(f"{where}: damaged, its SHA-256 is not the one in it; {REMEDY}")
    bare = {name: value for name, value in said.items() if name not in ("kind", "format", "sha256")}
    index = typed(Index, bare, where, REMEDY)
    _check(index, where)
    return index


def _check(index: Index, where: str) -> None:
    """See that what the index says can be."""
    if not 0 < index.serial < _MOST_SERIAL:
        raise FolderError(f"{where}: damaged, its serial number is {index.serial}; {REMEDY}")
    every = [(each.name, each.version) for each in index.every]
    if len({(name.lower(), version) for name, version in every}) != len(every):
        raise FolderError(f"{where}: damaged, two of its models have one name; {REMEDY}")
    hashes = [index.key]
    for each in index.every:
        try:
            require_name(each.name)
        except SettingsError as error:
            raise FolderError(f"{where}: {error}") from None
        if not 0 < each.version < 1_000_000_000:
            raise FolderError(f"{where}: damaged, {each.name} has the version {each.version}; {REMEDY}")
        hashes += [each.sha256, *each.hashes]
    for model in index.models:
        card_of(model.card.to_dict(), f"{where}: the card of {model.called}")
        require_paths([model.folder], where)
        require_paths([file.path for file in model.files], f"{where}: {model.called}")
        hashes += [file.sha256 for file in model.files]
        if any(not 0 <= file.size < _LARGEST for file in model.files) or model.size >= _LARGEST:
            raise FolderError(f"{where}: damaged, a size of {model.called} cannot be; {REMEDY}")
    if not all(len(each) == 64 and set(each) <= _HASH for each in hashes):
        raise FolderError(f"{where}: damaged, what should be a SHA-256 is none; {REMEDY}")
    require_paths((model.folder for model in index.models), where)


def by_hash(things: Iterable[Entry] | Iterable[Tombstone]) -> Mapping[str, Entry | Tombstone]:
    """Models by every hash that names them."""
    return {hash: each for each in things for hash in (each.sha256, *each.hashes)}
