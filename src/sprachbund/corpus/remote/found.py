"""What an ingest reads: files that are here, and files that have to be fetched first."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprachbund.corpus.remote.names import RemoteFile, is_remote, resolve
from sprachbund.corpus.remote.settings import Remote, from_environment
from sprachbund.corpus.sources.kinds import is_left_out
from sprachbund.errors import SourceError
from sprachbund.files import file_name

LINK = "a link to a folder, which is not followed; name it"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read.

    Attributes:
        path: where it is, or where it will be once it is fetched.
        name: how the manifest calls it.
        named: it was named by the user; otherwise it lies in a folder that was.
        origin: where it is fetched from, None for a file that is here.
        fault: why it cannot be read, where that is known already; empty otherwise.
        harmless: the fault is none of the source: a link to a folder, which is not followed.
        root: what it belongs to, where several sources are kept apart; ``name`` is then its path below that.
        prefix: before the ids of documents that have none of their own. owned: before all ids.
    """

    path: Path
    name: str
    named: bool
    origin: RemoteFile | None = None
    fault: str = ""
    harmless: bool = False
    root: str = ""
    prefix: str = ""
    owned: bool = False

    @property
    def size(self) -> int:
        """Bytes, 0 where nobody says."""
        if self.origin:
            return self.origin.size or 0
        try:
            return 0 if self.fault else self.path.stat().st_size
        except OSError:
            return 0

    @property
    def lang(self) -> str | None:
        """The language that the name of a source on the network says, or None."""
        return self.origin.lang if self.origin else None

    @property
    def work(self) -> int:
        """Bytes that an ingest tells its progress: those to fetch and those to read."""
        return self.size if self.origin is None else 2 * self.size


def find_files(sources: Sequence[Path | str | Found], out: Path, remote: Remote | None = None) -> list[Found]:
    """The files to read; for a source on the network its listing is fetched, and nothing else.

    The corpus itself, where ``out`` lies in such a folder, is not read. What was found before stays as it is. What
    cannot be read in a folder (a link that leads nowhere, a pipe, a folder that may not be listed) is found with its
    fault, so that it is named and the rest goes on; links to folders are not followed.

    Args:
        remote: how to fetch; None takes it from the environment.

    Raises:
        SourceError: a source is not there, is a folder without files, or is on the network and cannot be had.
        LanguageError, SettingsError: as `resolve` of a source on the network.
    """
    found: list[Found] = []
    for source in sources:
        if isinstance(source, Found):
            found.append(source)
            continue
        given = Path(source)
        if given.is_dir():
            inside = sorted(_inside(given, out.resolve()), key=lambda one: one.name)
            if not inside:
                raise SourceError(f"{given}: expected files to read, found an empty folder")
            found += inside
        elif given.exists():
            if fault := _fault(given):
                raise SourceError(f"{given}: {fault}")
            found.append(Found(given, file_name(given.name), True))
        elif is_remote(str(source)):
            found += _on_the_network(str(source), out, remote or from_environment())
        else:
            raise SourceError(f"{given}: expected a file or folder to read, found nothing there")
    return found


def _inside(folder: Path, own: Path) -> Iterator[Found]:
    """All that is in a folder, files and what should be; nothing that is hidden, in `NOT_LOOKED_INTO`, or the corpus
    ``own``."""
    denied: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=denied.append):
        here = Path(place)
        folders[:] = [name for name in folders if not is_left_out(name) and (here / name).resolve() != own]
        for name in (*names, *(name for name in folders if (here / name).is_symlink())):
            path = here / name
            called = file_name(path.relative_to(folder).as_posix())
            if name.startswith("."):
                continue
            if name in folders:
                yield Found(path, called, False, fault=LINK, harmless=True)
            else:
                yield Found(path, called, False, fault=_fault(path))
    for error in denied:
        path = Path(error.filename)
        if path == folder:
            raise SourceError(f"{folder}: the folder cannot be listed ({error.strerror})")
        called = file_name(path.relative_to(folder).as_posix())
        yield Found(path, called, False, fault=f"a folder that cannot be listed ({error.strerror})")


def _fault(path: Path) -> str:
    """Why a file cannot be read, empty where it can."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            return f"a link that leads to no file ({error.strerror})"
        return f"cannot be looked at ({error.strerror})"
    if stat.S_ISREG(mode):
        return "" if os.access(path, os.R_OK) else f"cannot be read ({os.strerror(errno.EACCES)})"
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}
    kind = kinds.get(stat.S_IFMT(mode), "a device")
    return f"{kind} and no file; write what comes out of it to a file and name that"


def _on_the_network(name: str, out: Path, remote: Remote) -> list[Found]:
    downloads = remote.downloads or out.with_name(f"{out.name}.downloads")
    return [Found(downloads / file.place, file.name, True, file) for file in resolve(name, remote)]
