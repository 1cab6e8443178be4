"""What an ingest reads: files that are here, and files that have to be fetched first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sprachbund.corpus.remote.names import RemoteFile, is_remote, resolve
from sprachbund.corpus.remote.settings import Remote, from_environment
from sprachbund.errors import SourceError
from sprachbund.files import writable


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read.

    Attributes:
        path: where it is, or where it will be once it is fetched.
        name: how the manifest calls it.
        named: it was named by the user; otherwise it lies in a folder that was.
        origin: where it is fetched from, None for a file that is here.
    """

    path: Path
    name: str
    named: bool
    origin: RemoteFile | None = None

    @property
    def size(self) -> int:
        """Bytes, 0 where nobody says."""
        return self.path.stat().st_size if self.origin is None else self.origin.size or 0

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

    The corpus itself, where ``out`` lies in such a folder, is not read. What was found before stays as it is.

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
            own = out.resolve()
            inside = [path for path in given.rglob("*") if path.is_file() and own not in path.resolve().parents]
            names = sorted((writable(path.relative_to(given).as_posix()), path) for path in inside)
            visible = [
                Found(path, name, False)
                for name, path in names
                if not any(part.startswith(".") for part in name.split("/"))
            ]
            if not visible:
                raise SourceError(f"{given}: expected files to read, found an empty folder")
            found += visible
        elif given.exists():
            found.append(Found(given, writable(given.name), True))
        elif is_remote(str(source)):
            found += _on_the_network(str(source), out, remote or from_environment())
        else:
            raise SourceError(f"{given}: expected a file or folder to read, found nothing there")
    return found


def _on_the_network(name: str, out: Path, remote: Remote) -> list[Found]:
    downloads = remote.downloads or out.with_name(f"{out.name}.downloads")
    return [Found(downloads / file.place, file.name, True, file) for file in resolve(name, remote)]
