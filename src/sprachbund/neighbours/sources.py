"""Where the measures read from: published tables, packages, the user's corpus; and what was made of them once.

Reading a table again for each of fifty candidates would take minutes. So what is made of files is kept in memory and,
as Parquet, in a folder of features, under a name that holds the hash of the files' content and the version of what
made it: other files, other name, and nothing is ever out of date. Each file is written whole or not at all; one that
cannot be read is made anew.
"""

import logging
import os
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sprachbund.compiled import can_write, user_folder
from sprachbund.errors import CapacityError, FolderError, MissingDataError, SourceError, one_line
from sprachbund.files import atomic_path, content_hash, sha256_file
from sprachbund.neighbours.published import TABLES

if TYPE_CHECKING:
    import polars as pl

__all__ = ["VARIABLE", "Sources", "open_sources"]

VARIABLE = "SPRACHBUND_DATA"
"""The environment variable that names the folder of published tables."""
_GROUPS = ("", "similarity")
"""Folders of a folder of data in which tables are looked for."""
_HASH = 16  # hexadecimal digits of a name
Result = TypeVar("Result")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Sources:
    """What measures read.

    Attributes:
        data: the folder of published tables; None: only what installed packages have.
        cache: the folder of features; None: they are kept in memory alone.
        corpus: a folder that ``ingest`` wrote, the user's own text; None: without.
        encoder: a folder that ``train`` wrote, an encoder of several languages; None: without.
        kept: what was made in this process, by key.
    """

    data: Path | None = None
    cache: Path | None = None
    corpus: Path | None = None
    encoder: Path | None = None
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def find(self, name: str) -> Path | None:
        """The folder of a published table, or None."""
        if self.data is None:
            return None
        folders = [self.data / group / name for group in _GROUPS]
        return self.once(("folder", name), lambda: next((folder for folder in folders if folder.is_dir()), None))

    def folder(self, name: str) -> Path:
        """The folder of a published table.

        Raises:
            MissingDataError: it is not there; the message says where to get it.
        """
        found = self.find(name)
        if found is None:
            raise MissingDataError(self.absent(name))
        return found

    def file(self, name: str, *files: str) -> Path:
        """The first of some files that a published table has, plain or with .gz.

        Raises:
            MissingDataError: none is there.
        """
        folder = self.folder(name)
        for each in files:
            for path in (folder / each, folder / f"{each}.gz", folder / "cldf" / each):
                if path.is_file():
                    return path
        raise MissingDataError(f"{folder}: expected {' or '.join(files)} of {TABLES[name].title}; {_get(name)}")

    def absent(self, name: str) -> str:
        """What is said of a table that is not there."""
        looked = (
            f"no folder {name} in {self.data}" if self.data else f"no folder of data; name it with --data or {VARIABLE}"
        )
        return f"{TABLES[name].title} ({TABLES[name].holds}) is not here: {looked}; {_get(name)}"

    def once(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """What ``make`` gives, made once in this process."""
        if key not in self.kept:
            self.kept[key] = make()
        return cast(Result, self.kept[key])

    def features(
        self,
        kind: str,
        version: int,
        files: Sequence[Path],
        schema: Mapping[str, Any],
        make: Callable[[], "pl.DataFrame"],
    ) -> "pl.DataFrame":
        """A table made of files, from memory, from the folder of features, or made now and put there.

        Args:
            kind: what it is, with the language where it is of one: a part of a file's name.
            version: of the code that makes it; another one makes it anew.
            files: all that it is made of. schema: the type of each column that it has.
        """
        return self.once(
            ("features", kind, version, *files), lambda: self._read_or_make(kind, version, files, schema, make)
        )

    def _read_or_make(
        self,
        kind: str,
        version: int,
        files: Sequence[Path],
        schema: Mapping[str, Any],
        make: Callable[[], "pl.DataFrame"],
    ) -> "pl.DataFrame":
        from sprachbund.tables import read_table, write_parquet

        if self.cache is None:
            return _made(make, files, schema)
        hashes = [self.once(("sha256", path), lambda path=path: sha256_file(path)) for path in files]  # type: ignore[misc]
        path = self.cache / f"{kind}-{content_hash([kind, version, hashes])[:_HASH]}.parquet"
        if path.is_file():
            try:
                return read_table(path, schema, "it is made anew").select(list(schema))
            except FolderError as error:
                logger.warning("%s", error)
        made = _made(make, files, schema)
        try:
            with atomic_path(path) as temporary:
                write_parquet(made, temporary)
        except (OSError, CapacityError, FolderError) as error:  # features are a convenience: the work goes on without
            logger.warning("%s: the features of %s are not kept (%s)", path, kind, error)
        return made


def _made(make: Callable[[], "pl.DataFrame"], files: Sequence[Path], schema: Mapping[str, Any]) -> "pl.DataFrame":
    """What is made of files; a file that is cut, or another table than its name says, is named in the error."""
    import polars as pl

    try:
        return make().select(list(schema))
    except (pl.exceptions.PolarsError, EOFError, zlib.error, OSError, UnicodeError) as error:
        named = ", ".join(map(str, files))
        said = one_line(error)
        raise SourceError(f"{named}: cannot be read as the table that its name says ({said}); get it anew") from None


def _get(name: str) -> str:
    table = TABLES[name]
    return f"get it at {table.where} ({table.licence})"


def open_sources(
    data: Path | str | None = None,
    cache: Path | str | None = None,
    corpus: Path | str | None = None,
    encoder: Path | str | None = None,
) -> Sources:
    """The sources that a user names, or that the environment does.

    Args:
        data: the folder of published tables. Default: that of ``SPRACHBUND_DATA``; without it only packages are read.
        cache: the folder of features. Default: beside the data (``data.features``), else in the user's cache folder.
        corpus: the user's own text. encoder: one of several languages.

    Raises:
        MissingDataError: a folder of data was named and is none.
    """
    named = data if data is not None else os.environ.get(VARIABLE) or None
    folder = Path(named) if named is not None else None
    if folder is not None and not folder.is_dir():
        whence = "" if data is not None else f" (from {VARIABLE})"
        raise MissingDataError(f"{folder}{whence}: expected a folder of published tables, found {_found(folder)}")
    kept = Path(cache) if cache is not None else _place(folder)
    own, model = (Path(each) if each is not None else None for each in (corpus, encoder))
    return Sources(folder, kept, own, model)


def _found(path: Path) -> str:
    return "a file" if path.exists() else "nothing"


def _place(data: Path | None) -> Path | None:
    """Where features are kept by default: beside the data, else in the user's folder, else nowhere."""
    if data is not None and os.access(data.absolute().parent, os.W_OK | os.X_OK):
        return data.absolute().with_name(f"{data.absolute().name}.features")
    kernels = user_folder()
    own = kernels.with_name("sprachbund") / "features" if kernels is not None else None
    return own if own is not None and can_write(own) else None
