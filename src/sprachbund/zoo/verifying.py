"""Seeing that a zoo is what its keeper signed, file by file; and that a folder on this machine is a model of it."""

from dataclasses import dataclass
from pathlib import Path

from sprachbund.claims import strangers
from sprachbund.errors import FolderError, SourceError
from sprachbund.progress import Progress, Silent
from sprachbund.zoo.bundle import LONGEST, signed_hashes
from sprachbund.zoo.getting import differs
from sprachbund.zoo.index import MODEL_SIGNATURE, Entry
from sprachbund.zoo.opening import Opened
from sprachbund.zoo.places import steps_of

__all__ = ["Verified", "verify_folder", "verify_zoo"]


@dataclass(frozen=True)
class Verified:
    """What came out.

    Attributes:
        models: that were looked at. files, bytes: of them. faults: what is wrong, a line each; none where all is well.
        foreign: what lies in their folders and is not of the zoo; it is never read.
    """

    models: tuple[str, ...]
    files: int
    bytes: int
    faults: tuple[str, ...]
    foreign: tuple[str, ...]


def verify_zoo(zoo: Opened, asked: str | None = None, progress: Progress | None = None) -> Verified:
    """Compare every file of a zoo, or of one of its models, with the index, and every model with its own signature.

    Args:
        zoo: opened, so its own signature holds. asked: a model; None for all. progress: told of bytes.

    Raises:
        SettingsError: there is no such model.
    """
    entries = [zoo.index.find(asked)] if asked is not None else list(zoo.index.models)
    faults: list[str] = []
    foreign: list[str] = []
    for entry in entries:
        (progress or Silent()).describe(entry.called)
        for file in entry.files:
            try:
                zoo.place.check(entry.folder, file, steps_of(progress or Silent()))
            except (FolderError, SourceError) as error:
                faults.append(str(error))
        try:
            _require_signed(zoo, entry)
        except (FolderError, SourceError) as error:
            faults.append(str(error))
        foreign += zoo.place.foreign(entry.folder, {file.path for file in entry.files})
    count = sum(len(entry.files) for entry in entries)
    size = sum(file.size for entry in entries for file in entry.files)
    return Verified(tuple(entry.called for entry in entries), count, size, tuple(faults), tuple(foreign))


def verify_folder(zoo: Opened, folder: Path | str, asked: str | None = None) -> tuple[Entry, list[Path]]:
    """The model of the zoo that a folder on this machine is, byte for byte.

    Args:
        asked: which it should be; None for whichever it is.

    Returns:
        The model, and what else lies in the folder.

    Raises:
        FolderError: it is none, or another. SettingsError: there is no such model.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected a model, found {'a file' if folder.exists() else 'nothing'}")
    if asked is not None:
        entry = zoo.index.find(asked)
        if wrong := differs(folder, entry):
            raise FolderError(f"{folder}: is not {entry.called} of {zoo.address}: {wrong}")
        return entry, _beside(folder, entry)
    for entry in reversed(zoo.index.models):
        if not differs(folder, entry):
            return entry, _beside(folder, entry)
    raise FolderError(f"{folder}: is no model of {zoo.address}, or was changed; name the one it should be")


def _beside(folder: Path, entry: Entry) -> list[Path]:
    return strangers(folder, {file.path for file in entry.model_files})


def _require_signed(zoo: Opened, entry: Entry) -> None:
    where = f"{zoo.address}/{entry.folder}/{MODEL_SIGNATURE}"
    bundle = zoo.place.read(f"{entry.folder}/{MODEL_SIGNATURE}", LONGEST)
    if bundle is None:
        raise FolderError(f"{where}: is missing")
    if signed_hashes(bundle, zoo.key, where) != {f.path: f.sha256 for f in entry.files if f.path != MODEL_SIGNATURE}:
        raise FolderError(f"{where}: signs other files than the zoo's index lists")
