"""Bringing a model from a zoo to this machine: whole, verified and in its place at once, or not at all.

What has come lies in ``OUT.partial`` until all of it is there; the same command goes on from it. OUT is then the
model's folder as its maker wrote it, so that every verb takes it.
"""

import hashlib
from pathlib import Path

from sprachbund.claims import shown_files
from sprachbund.errors import FolderError, SprachbundError
from sprachbund.files import require_place, sync_folder
from sprachbund.lab.card import Card, card_from
from sprachbund.progress import Progress, Silent
from sprachbund.runs import unfinished
from sprachbund.zoo.index import CARD_FILE, MODEL, Entry, File
from sprachbund.zoo.opening import Opened
from sprachbund.zoo.places import hash_of, steps_of

__all__ = ["bring", "differs", "read_whole_card"]

_COMING = "model"
_LARGEST_CARD = 64 << 20


def bring(
    zoo: Opened, asked: str, out: Path | str | None = None, progress: Progress | None = None
) -> tuple[Entry, Path]:
    """Bring a model to a new folder; the same model there already is only verified.

    Args:
        asked: its name, the newest version; or with a version, ``pt@2``. out: the folder; None for its name.
        progress: told of bytes.

    Returns:
        What it is, and its folder.

    Raises:
        SettingsError: the zoo has no such model.
        FolderError: ``out`` holds something else, or what came is not what was signed.
        SourceError: it cannot be had. CapacityError: the disk is full.
    """
    entry = zoo.index.find(asked)
    out = Path(entry.name if out is None else out)
    require_place(out, folder=True)
    if out.is_dir() and any(out.iterdir()):
        if wrong := differs(out, entry):
            raise FolderError(f"{out}: holds something else than {entry.called} ({wrong}); name a new folder")
        return entry, out
    partial = out.with_name(f"{out.name}.partial")
    work = {"model": entry.called, "sha256": entry.sha256}  # from whichever zoo: a mirror has the same
    with unfinished.claimed(partial, work, "an unfinished download", "fetching"):
        coming = partial / _COMING
        try:
            for file in entry.model_files:
                _one(zoo, entry, file, coming, progress or Silent())
        except SprachbundError:
            if not shown_files(coming):
                unfinished.withdraw(partial, {})
            raise
        left = {path.relative_to(coming).as_posix() for path in shown_files(coming)}
        if foreign := sorted(left - {file.path for file in entry.model_files}):
            raise FolderError(
                f"{coming / foreign[0]}: not of {entry.called}; remove it and give the same command again"
            )
        for folder in sorted({path.parent for path in coming.rglob("*")}):
            sync_folder(folder)
        coming.rename(out)
        sync_folder(out.absolute().parent)
        unfinished.withdraw(partial, {})
    return entry, out


def _one(zoo: Opened, entry: Entry, file: File, coming: Path, progress: Progress) -> None:
    progress.describe(file.path)
    target = coming / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    zoo.place.bring(entry.folder, File(f"{MODEL}/{file.path}", file.sha256, file.size), target, steps_of(progress))


def differs(folder: Path, entry: Entry) -> str:
    """How a folder on this machine differs from a model of the zoo; "" where it does not."""
    for file in entry.model_files:
        path = folder / file.path
        if not path.is_file() or path.is_symlink():
            return f"it has no {file.path}"
        if hash_of(path) != (file.sha256, file.size):
            return f"its {file.path} is another"
    return ""


def read_whole_card(zoo: Opened, entry: Entry) -> Card:
    """The card of a model with its curve and samples, which the index leaves out.

    Raises:
        FolderError, SourceError: it is damaged, or cannot be had.
    """
    file = entry.file(CARD_FILE)
    where = f"{zoo.address}/{entry.folder}/{CARD_FILE}"
    if file.size > _LARGEST_CARD:
        raise FolderError(f"{where}: longer than {_LARGEST_CARD:,} bytes, which no card is")
    data = zoo.place.read(f"{entry.folder}/{CARD_FILE}", file.size)
    if data is None or hashlib.sha256(data).hexdigest() != file.sha256:
        raise FolderError(
            f"{where}: {'missing' if data is None else 'damaged, its SHA-256 is another'}; tell its keeper"
        )
    return card_from(data, where)
