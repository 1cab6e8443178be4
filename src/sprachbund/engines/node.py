"""What happens on a machine of a cluster: it is seen to be one that can do the work, then the work is done."""

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sprachbund.engines.processes import keep_memory, set_threads
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import package_version, sha256_file

__all__ = ["Terms", "carry_out", "terms_of"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Terms:
    """What a machine must have to take part.

    Attributes:
        version: of sprachbund. folder: where the command was given, which relative paths begin from.
        seen: files that it must see, with their hashes.
    """

    version: str
    folder: Path
    seen: tuple[tuple[Path, str], ...]


def terms_of(seen: tuple[Path, ...]) -> Terms:
    """The terms of this process, with files that every machine must see alike."""
    return Terms(package_version(), Path.cwd(), tuple((path.absolute(), sha256_file(path)) for path in seen))


def carry_out(terms: Terms, threads: int, work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Do a job in a worker of a machine that keeps the terms.

    Raises:
        SettingsError: it has another version. FolderError: it does not see a file, or sees another.
    """
    _require(terms)
    with suppress(OSError):  # a folder that only the command's machine has is none that the work needs
        os.chdir(terms.folder)
    set_threads(threads)
    keep_memory()
    return work(*arguments)


@lru_cache(maxsize=8)
def _require(terms: Terms) -> None:
    here = f"the machine {platform.node()} of the cluster"
    if package_version() != terms.version:
        raise SettingsError(
            f"{here} has sprachbund {package_version()}, the command {terms.version}: install the same version on both"
        )
    for path, digest in terms.seen:
        if not path.is_file():
            raise FolderError(
                f"{here} does not see {path.parent}: name a folder that all machines have under the same path, as of a "
                "shared disk"
            )
        if sha256_file(path) != digest:
            raise FolderError(f"{here} has another {path} than the machine of the command: give them the same folder")
