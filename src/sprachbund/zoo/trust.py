"""What this machine remembers of the zoos that it has met: by whose key, and how far each had come.

    ~/.local/state/sprachbund/zoos.json    {address: {"key": fingerprint, "serial": n, "sha256": of the index}}

The first meeting is taken on trust, or on a key that was given by hand; from then on another key is refused, and an
older state too: a server that shows last year's index, signed and all, would else bring back what was withdrawn.
"""

import os
from pathlib import Path
from typing import Any

from sprachbund.claims import writing
from sprachbund.errors import CapacityError, FolderError
from sprachbund.files import read_json, write_json
from sprachbund.progress import logger

__all__ = ["forget", "known_key", "remember", "require_newer", "state_file"]


def state_file() -> Path | None:
    """Where it is remembered; None for a user without a home."""
    configured = os.environ.get("XDG_STATE_HOME", "").strip()
    try:
        folder = Path(configured) if configured else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return folder / "sprachbund" / "zoos.json"


def known_key(address: str) -> str | None:
    """The fingerprint of the key by which a zoo was signed when it was last seen; None before the first time.

    Raises:
        FolderError: the file is damaged.
    """
    key = _seen(address).get("key")
    return str(key) if key else None


def require_newer(address: str, serial: int, sha256: str) -> None:
    """See that a zoo has not gone back.

    Args:
        sha256: of its index.

    Raises:
        FolderError: an older state is shown than was seen before, or another one of the same number.
    """
    seen = _seen(address)
    before = seen.get("serial", 0)
    again = f"where that is meant: sprachbund zoo forget {address}"
    if serial < before:
        raise FolderError(
            f"{address}: shows its state {serial}, but {before} was seen here before (a rollback); {again}"
        )
    if serial == before and sha256 != seen.get("sha256"):
        raise FolderError(f"{address}: shows another state {serial} than was seen here before; {again}")


def remember(address: str, key: str, serial: int, sha256: str) -> None:
    """Note a zoo that was found to be good; where that cannot be written, a warning says so."""
    path = state_file()
    seen = {"key": key, "serial": serial, "sha256": sha256}
    if path is None or _seen(address) == seen:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path):
            everything = _read()
            if everything.get(address, {}).get("serial", 0) <= serial:
                write_json(path, everything | {address: seen})
    except (OSError, CapacityError) as error:
        logger.warning("%s: cannot be written (%s), so the key of %s is not remembered", path, error, address)


def forget(address: str) -> bool:
    """Take a zoo out of what is remembered; whether it was there.

    Raises:
        FolderError: the file is damaged.
    """
    path = state_file()
    if path is None or address not in _read():
        return False
    with writing(path):
        write_json(path, {name: seen for name, seen in _read().items() if name != address})
    return True


def _seen(address: str) -> dict[str, Any]:
    return _read().get(address, {})


def _read() -> dict[str, dict[str, Any]]:
    path = state_file()
    if path is None or not path.exists():
        return {}
    remedy = "it says which keys you trust: mend it, or remove it to begin anew"
    said = read_json(path, remedy)
    sound = isinstance(said, dict) and all(
        isinstance(seen, dict)
        and isinstance(seen.get("key"), str)
        and isinstance(seen.get("serial"), int)
        and isinstance(seen.get("sha256"), str)
        for seen in said.values()
    )
    if not sound:
        raise FolderError(f"{path}: damaged; {remedy}")
    return said  # type: ignore[no-any-return]
