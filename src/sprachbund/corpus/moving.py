"""How the files of a source come into a corpus, and what a process that was killed over it leaves.

A source is written into a hidden folder. When it is complete a *ledger* in that folder names the files, they are moved
in, and the manifest lists them. Whoever finds a file that the manifest does not list, but a ledger does, knows that it
is ours and not in yet: a reader passes over it, the next ingest removes it. Nothing else is ever removed.
"""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from sprachbund import files
from sprachbund.claims import is_workspace
from sprachbund.errors import FolderError

STAGING, LEDGER = ".partial", "moving.json"
DATA_NAME = re.compile(r"\d{5}\.[0-9a-f]{12}\.\d{4}\.(parquet|documents\.jsonl)")
_REMEDY = "remove it by hand"


def move_in(folder: Path, names: Collection[str]) -> None:
    """Move files from the hidden folder to their places; until the manifest lists them no reader sees them.

    Args:
        names: their paths in both folders.
    """
    staged = folder / STAGING
    files.write_json(staged / LEDGER, {"files": sorted(names)})
    files.sync_folder(folder)
    for name in sorted(names):
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        (staged / name).replace(target)
    for parent in sorted({(folder / name).parent for name in names}):
        files.sync_folder(parent)
    files.sync_folder(folder)


def moving(folder: Path) -> frozenset[str]:
    """The files that a ledger names, whether it is at work or was killed; none where there is no ledger of ours."""
    try:
        said = files.read_json(folder / STAGING / LEDGER, _REMEDY)
    except FolderError:
        return frozenset()
    names = said.get("files") if isinstance(said, dict) else None
    return frozenset(name for name in names if _ours(name)) if isinstance(names, list) else frozenset()


def clear(folder: Path, listed: Collection[str]) -> None:
    """Remove what a killed ingest left: files that its ledger names and the manifest does not, and the hidden folder.

    Args:
        listed: the files that the manifest lists.

    Raises:
        FolderError: the hidden folder has something that no ingest wrote; it stays as it is.
    """
    staged = folder / STAGING
    if not staged.is_symlink() and not staged.exists():
        return
    _require_ours(staged)
    for name in moving(folder) - set(listed):
        path = folder / name
        if path.parent.is_symlink() or path.is_symlink() or not path.is_file():
            continue
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    shutil.rmtree(staged, ignore_errors=True)


def _ours(name: object) -> bool:
    """Whether a path is one that an ingest writes: a language and a file."""
    if not isinstance(name, str) or name.count("/") != 1:
        return False
    lang, _, file = name.partition("/")
    return not lang.startswith(".") and DATA_NAME.fullmatch(file) is not None


def _require_ours(staged: Path) -> None:
    if staged.is_symlink() or not staged.is_dir():
        raise FolderError(f"{staged}: expected a folder that an ingest left, found something else; move it elsewhere")
    for path in staged.rglob("*"):
        inside = path.relative_to(staged)
        if any(is_workspace(staged / part) for part in (*inside.parents, inside)):
            continue
        ours = path.is_dir() if len(inside.parts) == 1 and path.name != LEDGER else _ours(inside.as_posix())
        if path.is_symlink() or not (ours or inside.as_posix() == LEDGER):
            raise FolderError(f"{path}: not written by an ingest; move it elsewhere")
