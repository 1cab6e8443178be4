"""Which source a document belongs to, so that files of one name in two folders are two documents.

A document is its path below the *root* that was named, or its own id. An index remembers its roots by their real,
absolute paths, so neither the spelling (``2023``, ``./2023/``, a link to it) nor the order in which they are named
matters, and what lies in a root that it knows, a folder in it or a single file, belongs to that root. The first root of
an index, where it is named alone, adds nothing to ids; of several, and of those that come later, ids begin with the
root's name: ``2024/report``. A root keeps its name for good, so no id changes because another folder comes.

A file that is named itself belongs to its folder, but the documents' own ids in it stay as they are: a newer file
of records replaces them by their ids. What is on the network has own ids alone.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.corpus.remote.found import Found, find_files
from sprachbund.corpus.remote.names import is_remote
from sprachbund.corpus.segment import normalise
from sprachbund.corpus.store import MANIFEST as CORPUS
from sprachbund.errors import SourceError
from sprachbund.files import file_name, named_file

FOLDER, FILES, A_CORPUS = "folder", "files", "corpus"
KINDS = (FOLDER, FILES, A_CORPUS)


@dataclass(frozen=True)
class Root:
    """A source that documents of an index belong to.

    Attributes:
        name: unique in the index, of one line. path: real and absolute, see `file_name`.
        prefix: before ids, empty or the name and a slash. owned: before documents' own ids too.
        kind: a folder with all that is in it, a folder of which single files were named, or a corpus.
    """

    name: str
    path: str
    prefix: str
    owned: bool
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """For the index's manifest."""
        return asdict(self)


@dataclass(frozen=True)
class Scope:
    """What one of the sources named covers: all that is at a path or below; or a source on the network."""

    source: str
    path: str = ""
    network: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be read.

    Attributes:
        found: files that are here, in the order of their roots and paths. network: names of sources on the network.
        corpora: folders that ingest wrote, each with its root.
        roots: those of the index and the new ones, by name. scopes: a source each.
    """

    found: tuple[Found, ...]
    network: tuple[str, ...]
    corpora: tuple[tuple[Path, Root], ...]
    roots: Mapping[str, Root]
    scopes: tuple[Scope, ...]

    def where(self, root: str, path: str) -> str:
        """The address of a file by its root and the path below it."""
        return _join(self.roots[root].path, path) if root in self.roots else f"{root}{path}"

    def covers(self, scope: Scope, root: str, path: str) -> bool:
        """Whether a document of a root and a path below it is of what a source covers."""
        known = self.roots.get(root)
        if known is None:
            return bool(scope.network) and root == scope.network
        if known.kind == A_CORPUS:
            return scope.path == known.path
        return bool(scope.path) and _is_in(_join(known.path, path), scope.path)


def place(
    sources: Sequence[Path | str], known: Iterable[Root], own: Sequence[Path], *, gone: bool = False, hint: str = ""
) -> Plan:
    """Find the files of sources, and the root of each.

    Args:
        known: the roots that the index has. own: folders that are not read, the index and what is made on the way.
        gone: sources that are not there, and folders without files, are no error. hint: what to say where they are.

    Raises:
        SourceError: a source is not there, cannot be listed, or has no files.
    """
    roots = {root.path: root for root in known}
    folders, named, corpora, network, scopes = [], [], [], [], []
    for source in dict.fromkeys(map(str, sources)):
        given = Path(source)
        if (given / CORPUS).is_file():
            corpora.append(given)
            scopes.append(Scope(source, address(given)))
        elif given.is_dir():
            folders.append(given)
            scopes.append(Scope(source, address(given)))
        elif given.exists():
            named.append(given)
            scopes.append(Scope(source, _of_file(given)))
        elif is_remote(source):
            network.append(source)
            scopes.append(Scope(source, network=network_root(source)))
        elif gone:
            scopes.append(Scope(source, address(given)))
        else:
            raise SourceError(f"{given}: expected a file or folder to read, found nothing there{hint}")
    roots |= {root.path: root for root in _new(roots.values(), folders, named, corpora)}
    found: dict[str, Found] = {}
    for folder in folders:
        inside = _files_in(folder, own)
        if not inside and not gone:
            raise SourceError(f"{folder}: expected files to read, found an empty folder{hint}")
        found |= {where: one for where, one in inside if where not in found}
    for file in named:
        (one,) = find_files([file], file)
        found[_of_file(file)] = one
    # of two that come to one id the older root has it
    order = {root.name: number for number, root in enumerate(roots.values())}
    placed = [_placed(where, one, roots.values()) for where, one in found.items()]
    placed.sort(key=lambda one: (order[one.root], one.name))
    return Plan(
        tuple(placed),
        tuple(network),
        tuple((path, roots[address(path)]) for path in corpora),
        {root.name: root for root in roots.values()},
        tuple(scopes),
    )


def address(path: Path | str) -> str:
    """The one name of a folder, however it is spelt: its real, absolute path."""
    return file_name(os.path.realpath(path))


def network_root(source: str) -> str:
    """What documents of a source on the network belong to: dumps of two dates are one source. It is no root's name."""
    site, _, rest = source.partition(":")
    return f"{site}:{rest.partition('/')[0] if site == 'wikipedia' else rest.partition('@')[0]}/"


def file_of(root: Root, path: str) -> Path:
    """Where the file of a document is, or was."""
    return Path(named_file(_join(root.path, path)))


def _of_file(path: Path) -> str:
    """A file that is a link is what it is called, in the real folder that it stands in."""
    return _join(address(path.absolute().parent), file_name(path.name))


def _join(folder: str, name: str) -> str:
    return folder if name == "." else f"{folder.rstrip('/')}/{name}"


def _is_in(path: str, folder: str) -> bool:
    """Whether a path is a folder's, or below it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _files_in(folder: Path, own: Sequence[Path]) -> list[tuple[str, Found]]:
    """All files of a folder with their real addresses; not those of the folders ``own``."""
    if not _has_files(folder):
        return []
    where, kept_out = address(folder), [address(path) for path in own]
    found = [(_join(where, file_name(one.path.relative_to(folder))), one) for one in find_files([folder], own[0])]
    return [(path, one) for path, one in found if not any(_is_in(path, out) for out in kept_out)]


def _has_files(folder: Path) -> bool:
    """Whether `find_files` has anything to say of a folder: a file that is not hidden, or what cannot be listed."""
    denied: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=denied.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        shown = [name for name in names if not name.startswith(".")]
        if shown or denied or any((Path(place) / name).is_symlink() for name in folders):
            return True
    return bool(denied)


def _home(where: str, roots: Iterable[Root]) -> Root | None:
    """The innermost root that a file belongs to."""
    folder = where.rpartition("/")[0] or "/"
    fit = [
        root
        for root in roots
        if (root.kind == FOLDER and _is_in(where, root.path)) or (root.kind == FILES and root.path == folder)
    ]
    return max(fit, key=lambda root: len(root.path), default=None)


def _placed(where: str, found: Found, roots: Iterable[Root]) -> Found:
    root = _home(where, roots)
    assert root is not None, where
    name = "." if where == root.path else where.removeprefix(root.path.rstrip("/") + "/")
    return replace(found, name=name, root=root.name, prefix=root.prefix, owned=root.owned)


def _new(known: Iterable[Root], folders: Sequence[Path], named: Sequence[Path], corpora: Sequence[Path]) -> list[Root]:
    """The roots that sources bring, with names; and those known of which more is named now than single files."""
    there = {root.path: root for root in known}
    wanted: dict[str, str] = {path: A_CORPUS for path in sorted(map(address, corpora)) if path not in there}
    changed = []
    for path in sorted(map(address, folders)):  # one that lies in another comes after it
        if path in there and there[path].kind == FILES:
            changed.append(replace(there[path], kind=FOLDER))
        inside = any(root.kind == FOLDER and _is_in(path, root.path) for root in there.values())
        inside = inside or any(kind == FOLDER and _is_in(path, other) for other, kind in wanted.items())
        if path not in there and not inside:
            wanted[path] = FOLDER
    coming = [Root("", path, "", True, kind) for path, kind in wanted.items()]
    for where in sorted(map(_of_file, named)):
        if _home(where, [*there.values(), *coming]) is None:
            path = where.rpartition("/")[0] or "/"
            wanted[path] = FILES
            coming.append(Root("", path, "", False, FILES))
    names = _names(sorted(wanted), {root.name for root in there.values()})
    alone = [path for path, kind in wanted.items() if kind != FILES] or list(wanted)
    plain = alone[0] if len(alone) == 1 and all(root.prefix for root in there.values()) else None
    return changed + [
        Root(names[path], path, "" if path == plain else f"{names[path]}/", kind != FILES, kind)
        for path, kind in sorted(wanted.items())
    ]


def _names(paths: Sequence[str], taken: set[str]) -> dict[str, str]:
    """A name for each path: its last part, or as many as tell it from the others and those taken."""
    parts = {path: [part for part in path.split("/") if part] for path in paths}
    depth = dict.fromkeys(paths, 1)
    while True:
        names = {path: normalise("/".join(parts[path][-depth[path] :])) or path for path in paths}
        count = Counter(names.values())
        double = [path for path in paths if count[names[path]] > 1 or names[path] in taken]
        more = [path for path in double if depth[path] < len(parts[path])]
        if not more:
            return {path: path if path in double else names[path] for path in paths}
        for path in more:
            depth[path] += 1
