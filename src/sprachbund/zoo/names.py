"""Names of models and of their files: what may stand in a zoo, and what is a trick.

A zoo is read by machines that its maker has never seen. So a name has letters that every file system and every
address keeps as they are, two names never differ by case alone, and no path leads out of its folder: not by ``..``, a
root, a drive, a backslash or a name that some system takes for a device.
"""

import re
from collections.abc import Iterable

from sprachbund.errors import FolderError, SettingsError

__all__ = ["called", "require_name", "require_paths", "slug", "wanted"]

LONGEST_NAME, LONGEST_PATH = 80, 400
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+=-]*")
_REFERENCE = re.compile(r"([^@]+)(?:@([1-9][0-9]{0,8}))?")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def called(name: str, version: int) -> str:
    """``pt@2``: a model with its version."""
    return f"{name}@{version}"


def wanted(text: str) -> tuple[str, int | None]:
    """The name and the version that a person asks for; None for the newest.

    Raises:
        SettingsError: it is no name.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise SettingsError(f"expected the name of a model, as pt or pt@2, found {text[:100]!r}")
    return require_name(found[1]), int(found[2]) if found[2] else None


def require_name(name: str) -> str:
    """A name that a model may have.

    Raises:
        SettingsError: it may not.
    """
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or name.endswith(".") or _DEVICES.fullmatch(name):
        raise SettingsError(
            f"{name[:100]!r} cannot be the name of a model: letters and digits of ASCII, and . _ - between them, at "
            f"most {LONGEST_NAME}"
        )
    return name


def slug(text: str) -> str:
    """A name out of any text, "" where nothing of it can stand in one."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:LONGEST_NAME].rstrip("-.")
    return "" if _DEVICES.fullmatch(plain) else plain


def require_paths(paths: Iterable[str], where: str) -> None:
    """See that relative paths of a model's files are plain, and differ on every file system.

    Args:
        where: names what lists them, for the message.

    Raises:
        FolderError: names the path.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        if len(path) > LONGEST_PATH or not all(_is_part(part) for part in parts):
            raise FolderError(f"{where}: lists {path[:100]!r}, which is no plain path inside a folder; it is not taken")
        above = ["/".join(parts[:count]) for count in range(1, len(parts))]
        for folder in above:
            if folders.setdefault(folder.lower(), folder) != folder:
                raise FolderError(f"{where}: lists {folders[folder.lower()]} and {folder}, one on many a file system")
        if path.lower() in files:
            raise FolderError(f"{where}: lists {files[path.lower()]} and {path}, one on many a file system")
        files[path.lower()] = path
    if both := sorted(set(files) & set(folders)):
        raise FolderError(f"{where}: lists {both[0]} as a file and as a folder")


def _is_part(part: str) -> bool:
    return bool(_PART.fullmatch(part)) and not part.endswith(".") and not _DEVICES.fullmatch(part)
