"""A folder of work that goes on where it was killed: what it is for stands in it, and one process works in it.

    FOLDER/work.json    the specification: the same command takes the folder up, any other is refused
           <part>/      folders with manifests of their own, each complete or absent

What is removed in the end is ours for certain: the note, and parts in which nothing stands that their manifests do not
list. Whatever else somebody put there stays, and the folder with it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sprachbund.claims import discard, is_workspace, locked, set_aside, strangers, sweep
from sprachbund.errors import CapacityError, FolderError
from sprachbund.files import listed_files, read_json, write_json
from sprachbund.progress import logger

__all__ = ["NOTE", "claimed", "clear", "damaged", "note_of", "withdraw"]

NOTE = "work.json"
_ASIDE = re.compile(r".+\.damaged-\d+")

Specification = Mapping[str, Any]


@contextmanager
def claimed(folder: Path, specification: Specification, kind: str, doing: str) -> Iterator[bool]:
    """Make the folder of a piece of work, or take it up where this same work stopped; yields whether it is new.

    Args:
        specification: a JSON value; that of another work in the folder is refused.
        kind: what the folder is to the user, as "a study". doing: for whom comes second, as "training".

    Raises:
        FolderError: another process is at work here, or the folder holds something else; the message says what.
    """
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder}: {kind} would lie here, but it is a file; move it elsewhere or name another place")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, doing):
        sweep(folder)
        wanted = json.loads(json.dumps(specification))
        fresh = all(is_workspace(path) or _ASIDE.fullmatch(path.name) for path in folder.iterdir())
        if fresh:
            try:
                write_json(folder / NOTE, wanted)
            except CapacityError:
                withdraw(folder, {})
                raise
        else:
            _require_same(folder, wanted, kind)
        yield fresh


def _require_same(folder: Path, wanted: dict[str, Any], kind: str) -> None:
    found = note_of(folder)
    if found is None:
        raise FolderError(f"{folder}: holds something that is not {kind}; name a new folder")
    if found != wanted:
        differing = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
        raise FolderError(
            f"{folder}: holds {kind} that differs in {', '.join(differing)}; finish it with its own command, remove it "
            "or name a new folder"
        )


def note_of(folder: Path) -> dict[str, Any] | None:
    """What the work in a folder is; None where nothing says it."""
    try:
        found = read_json(folder / NOTE, "remove it")
    except FolderError:
        return None
    return found if isinstance(found, dict) else None


def damaged(part: Path, error: Exception) -> None:
    """Set a part aside that cannot be used, and say so: the work begins anew from there, and nothing is lost."""
    logger.warning("%s; it is set aside as %s and made again", error, set_aside(part).name)


def withdraw(folder: Path, parts: Mapping[str, str]) -> None:
    """Remove what the work made: its parts, its note, and the folder where nothing else is left in it.

    To be called while the folder is `claimed`.

    Args:
        parts: by the name of each the name of its manifest.
    """
    for name, manifest in parts.items():
        part = folder / name
        if part.is_dir() and not part.is_symlink() and not strangers(part, listed_files(part, manifest)):
            discard(part)
    (folder / NOTE).unlink(missing_ok=True)
    sweep(folder)
    left = sorted(path.name for path in folder.iterdir() if not is_workspace(path))
    if left:
        logger.warning("%s: stays, for it holds %s; remove it when you like", folder, left[0])
    elif not folder.is_symlink():
        folder.rmdir()


def clear(folder: Path, manifest: str) -> None:
    """Remove what a kill left of work whose result is complete: it came while the work was withdrawn.

    To be called where the result is found to be there. Where another process is at work in the folder it stays.

    Args:
        manifest: the name of that of every part.
    """
    if not folder.is_dir():
        return
    with suppress(FolderError), locked(folder, "clearing up"):
        withdraw(folder, {path.parent.name: manifest for path in folder.glob(f"*/{manifest}")})
