"""Where a zoo lies: a folder, or plain files behind a web server. Both give texts of a limited length and whole files.

Nothing is believed here: whoever asks compares hashes. From a folder only regular files are read, reached through no
link; from a server no answer longer than announced, none that comes slower than `SLOWEST`, and none from another host
than the one that was named. Nothing is fetched unless the address was given.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from sprachbund.claims import scratch, strangers
from sprachbund.corpus.remote.fetch import fetch, require_space
from sprachbund.corpus.remote.names import RemoteFile
from sprachbund.corpus.remote.settings import Remote, checked_base
from sprachbund.corpus.remote.web import Missing, ask, pieces, retry
from sprachbund.errors import FolderError, SettingsError, SourceError
from sprachbund.files import atomic_path, sha256_file
from sprachbund.progress import Progress
from sprachbund.zoo.index import File

__all__ = ["VARIABLE", "FolderPlace", "Place", "WebPlace", "hash_of", "place_of", "steps_of"]

VARIABLE = "SPRACHBUND_ZOO"
"""The environment variable that names the zoo where no command does."""
SLOWEST, GRACE = 1_000, 60.0
"""Bytes a second below which a file is given up after so many seconds; what has come is kept."""
PLAIN = Remote(same_host=True)
"""How a zoo is asked: without any token, and no other host than the one named."""
_PIECE = 1 << 20
_WEB = re.compile(r"(?i)https?://")
_PAGES = ("index.html", "index.json")


class Place(Protocol):
    """Where a zoo's files are read from.

    Attributes:
        address: what it is remembered by: an absolute path, or an address without a slash at its end.
    """

    @property
    def address(self) -> str: ...

    def read(self, path: str, most: int) -> bytes | None:
        """A file of at most ``most`` bytes; None where there is none.

        Raises:
            FolderError, SourceError: it is longer, or cannot be had.
        """

    def bring(self, folder: str, file: File, target: Path, moved: Callable[[int], None]) -> None:
        """A file of a model's folder, whole and with its hash, to ``target``; what is there already is checked.

        Raises:
            FolderError, SourceError: it is not what the index says, or cannot be had. CapacityError: the disk is full.
        """

    def check(self, folder: str, file: File, moved: Callable[[int], None]) -> None:
        """See that a file of a model's folder is what the index says; from a server it is fetched, and not kept.

        Raises:
            FolderError, SourceError: it is not, or cannot be had.
        """

    def foreign(self, folder: str, listed: set[str]) -> list[str]:
        """What lies in a folder that is not listed, where that can be seen; a server shows no folders."""


def place_of(address: Path | str | None) -> "Place":
    """The place of an address: a folder or http(s)://...

    Args:
        address: None for that of ``SPRACHBUND_ZOO``.

    Raises:
        SettingsError: there is none, or it is no address. FolderError: there is no such folder.
    """
    named = address if address is not None else os.environ.get(VARIABLE, "").strip() or None
    if named is None:
        raise SettingsError(f"name a zoo, a folder or an address, with --from or {VARIABLE}")
    text = str(named)
    if _WEB.match(text):
        for page in _PAGES:
            text = text.removesuffix(f"/{page}")
        base = checked_base(text, "--from")
        parts = urlsplit(base)
        return WebPlace(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl())
    folder = Path(named)
    if "://" in text and not folder.exists():
        raise SettingsError(f"{text[:200]!r} is no address that is read; a zoo is a folder, or http(s)://...")
    if not folder.is_dir():
        raise FolderError(f"{folder}: expected a zoo, found {'a file' if folder.exists() else 'nothing'}")
    return FolderPlace(folder.resolve())


@dataclass(frozen=True)
class FolderPlace:
    """A zoo on disk; ``folder`` is absolute."""

    folder: Path

    @property
    def address(self) -> str:
        """Its path."""
        return str(self.folder)

    def read(self, path: str, most: int) -> bytes | None:
        """See `Place`."""
        file = self._plain(path)
        if file is None:
            return None
        with file.open("rb") as handle:
            data = handle.read(most + 1)
        if len(data) > most:
            raise FolderError(f"{file}: longer than {most:,} bytes, which no such file of a zoo is")
        return data

    def bring(self, folder: str, file: File, target: Path, moved: Callable[[int], None]) -> None:
        """See `Place`."""
        if target.is_file() and not target.is_symlink() and hash_of(target) == (file.sha256, file.size):
            moved(file.size)
            return
        source = self._listed(folder, file)
        digest, done = hashlib.sha256(), 0
        with source.open("rb") as come, atomic_path(target, file.size) as temporary, temporary.open("wb") as out:
            while piece := come.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                out.write(piece)
                moved(done)
            if (digest.hexdigest(), done) != (file.sha256, file.size):
                raise FolderError(f"{source}: damaged, its SHA-256 is not the one in the zoo's index")

    def check(self, folder: str, file: File, moved: Callable[[int], None]) -> None:
        """See `Place`."""
        source = self._listed(folder, file)
        if hash_of(source) != (file.sha256, file.size):
            raise FolderError(f"{source}: damaged, its SHA-256 is not the one in the zoo's index")
        moved(file.size)

    def foreign(self, folder: str, listed: set[str]) -> list[str]:
        """See `Place`."""
        return [str(path) for path in strangers(self.folder / folder, listed)]

    def _listed(self, folder: str, file: File) -> Path:
        """The place of a file of the right size."""
        source = self._plain(f"{folder}/{file.path}")
        if source is None:
            raise FolderError(f"{self.folder / folder / file.path}: the zoo's index lists this file, but it is missing")
        if source.stat().st_size != file.size:
            raise FolderError(f"{source}: damaged, {source.stat().st_size:,} bytes and not {file.size:,}")
        return source

    def _plain(self, path: str) -> Path | None:
        """A regular file reached through folders alone; None where there is none.

        Raises:
            FolderError: a link, a folder or a device is in the way.
        """
        place = self.folder
        for part in path.split("/"):
            place = place / part
            if place.is_symlink():
                raise FolderError(f"{place}: is a link, which is not followed in a zoo")
        if not place.exists():
            return None
        if not place.is_file():
            raise FolderError(
                f"{place}: expected a file of a zoo, found {'a folder' if place.is_dir() else 'a device'}"
            )
        return place


@dataclass(frozen=True)
class WebPlace:
    """A zoo behind a web server that knows nothing of it."""

    address: str
    remote: Remote = PLAIN

    def read(self, path: str, most: int) -> bytes | None:
        """See `Place`."""
        url = self._url(path)

        def once() -> bytes:
            began = time.monotonic()
            body = bytearray()
            with closing(ask(url, self.remote)) as response:
                if response.status != 200:
                    raise SourceError(f"{url}: expected the answer 200, found {response.status}")
                for piece in pieces(response):
                    body += piece
                    _require_speed(url, len(body), time.monotonic() - began)
                    if len(body) > most:
                        raise SourceError(f"{url}: longer than {most:,} bytes, which no such file of a zoo is")
            return bytes(body)

        try:
            return retry(once, url, self.remote)
        except Missing:
            return None

    def bring(self, folder: str, file: File, target: Path, moved: Callable[[int], None]) -> None:
        """See `Place`."""
        url = self._url(f"{folder}/{file.path}")
        remote = RemoteFile(url, url, file.path, file.size, "sha256", file.sha256, None)
        began, first = time.monotonic(), -1

        def seen(done: int) -> None:
            nonlocal first
            first = done if first < 0 else min(first, done)  # what lay here before is no speed
            _require_speed(url, done - first, time.monotonic() - began)
            moved(done)

        require_space([(remote, target)])
        fetch(remote, target, self.remote, seen)

    def check(self, folder: str, file: File, moved: Callable[[int], None]) -> None:
        """See `Place`."""
        with scratch() as place:
            self.bring(folder, file, place / "file", moved)

    def foreign(self, folder: str, listed: set[str]) -> list[str]:
        """See `Place`."""
        return []

    def _url(self, path: str) -> str:
        return f"{self.address}/{quote(path)}"


def hash_of(path: Path) -> tuple[str, int]:
    """The SHA-256 and the bytes of a file."""
    return sha256_file(path), path.stat().st_size


def steps_of(progress: Progress) -> Callable[[int], None]:
    """What tells a progress of a file from how far it came: a file that begins anew takes its bytes back."""
    before = 0

    def moved(done: int) -> None:
        nonlocal before
        progress.advance(done - before)
        before = done

    return moved


def _require_speed(url: str, done: int, seconds: float) -> None:
    if seconds > GRACE and done < SLOWEST * seconds:
        raise SourceError(
            f"{url}: {done:,} bytes came in {seconds:.0f} s, slower than {SLOWEST:,} a second; give the same command "
            "again, what has come is kept"
        )
