"""From the name of a source on the network to its files: where they are, how long, and which checksum they have.

    wikipedia:LANG             the newest dump of a Wikipedia
    wikipedia:LANG/YYYYMMDD    the dump of a date
    hf:OWNER/NAME/FOLDER       Parquet and JSON Lines in a folder of a data set
    hf:OWNER/NAME/FOLDER@REVISION

The newest dump is looked up in the checksums of the folder ``latest``, whose lines name the dated files. While a
dump is being written they may lack the articles; then the newest date that has them is taken.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from sprachbund.corpus.remote.settings import Remote, checked_base
from sprachbund.corpus.remote.web import Missing, fetch_text, size_of
from sprachbund.errors import SourceError
from sprachbund.languages import find, spoken

WIKIPEDIA, HF = "wikipedia:", "hf:"
DATES_TRIED, LISTINGS = 4, 1_000
_CONTENT = ("pages-articles.xml.bz2", "pages-articles-multistream.xml.bz2")
"""The same pages; the first is a little smaller, the second is many small members of bzip2."""
_TAKEN = (".parquet", ".jsonl", ".jsonl.gz")
# Wikipedias whose database kept an older code.
_DATABASES = {
    "be-tarask": "be-x-old",
    "gsw": "als",
    "lzh": "zh-classical",
    "nan": "zh-min-nan",
    "nb": "no",
    "rup": "roa-rup",
    "sgs": "bat-smg",
    "vro": "fiu-vro",
    "yue": "zh-yue",
}
_HASHES = {"sha1": 40, "md5": 32}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        name: how the manifest calls it.
        url: where it is.
        place: its path below the folder of downloads.
        size: bytes, None where nobody says.
        algorithm: of the checksum: ``sha1``, ``md5``, ``sha256``, or ``git``, the SHA-1 of git's header and the bytes.
        digest: the published checksum, in hexadecimal.
        lang: the language that the name says, or None.
    """

    name: str
    url: str
    place: str
    size: int | None
    algorithm: str
    digest: str
    lang: str | None

    @property
    def checksum(self) -> str:
        """The published checksum with its algorithm, as the manifest has it."""
        return f"{self.algorithm}:{self.digest}"


def is_remote(name: str) -> bool:
    """Whether a source is named that is on the network."""
    return name.startswith((WIKIPEDIA, HF))


def resolve(name: str, settings: Remote) -> list[RemoteFile]:
    """The files of a source on the network, in the order of their paths.

    Raises:
        SourceError: the name is not of the two forms, there is no such source, or it has no published checksum.
        LanguageError: nobody knows the language of a Wikipedia.
        SettingsError: a base address is none.
    """
    return _wikipedia(name, settings) if name.startswith(WIKIPEDIA) else _hf(name, settings)


def _wikipedia(name: str, settings: Remote) -> list[RemoteFile]:
    lang, slash, date = name.removeprefix(WIKIPEDIA).partition("/")
    if not lang or (slash and not re.fullmatch(r"latest|\d{8}", date)):
        raise SourceError(f"{name}: expected wikipedia:LANG or wikipedia:LANG/YYYYMMDD, as wikipedia:bn/20240501")
    code = spoken(lang)
    wiki = _DATABASES.get(code, code).replace("-", "_") + "wiki"
    base = checked_base(settings.wikipedia_base, "--wikipedia-base")
    looked = False
    for folder in [date] if date not in ("", "latest") else _newest(base, wiki, settings):
        for algorithm in _HASHES:
            sums = _text(f"{base}/{wiki}/{folder}/{wiki}-{folder}-{algorithm}sums.txt", settings)
            looked = looked or sums is not None
            found = _listed(sums or "", wiki, algorithm)
            if found:
                digest, day, file = found
                url = f"{base}/{wiki}/{day}/{file}"
                size = size_of(url, settings)
                called = f"{WIKIPEDIA}{code}/{day}/{file}"
                return [RemoteFile(called, url, f"wikipedia/{file}", size, algorithm, digest, code)]
    if looked:
        raise SourceError(
            f"{name}: {base}/{wiki}/ lists no checksum of {wiki}-{date or 'DATE'}-{_CONTENT[0]}; a dump that is still "
            "being written has none: name another date, as wikipedia:LANG/YYYYMMDD"
        )
    raise SourceError(
        f"{name}: no dump of {wiki} of the date {date or 'latest'} at {base}; a name is wikipedia:LANG with "
        f"Wikimedia's code (bn, simple, zh-min-nan) or wikipedia:LANG/YYYYMMDD; {base}/{wiki}/ lists the dates, and "
        "only those of the last months are kept"
    )


def _newest(base: str, wiki: str, settings: Remote) -> Iterator[str]:
    """Folders to look into for the newest dump: ``latest``, then dates from the newest on."""
    yield "latest"
    page = _text(f"{base}/{wiki}/", settings, html=True) or ""
    yield from sorted(set(re.findall(r'href="(?:[^"]*/)?(\d{8})/?"', page)), reverse=True)[:DATES_TRIED]


def _text(url: str, settings: Remote, html: bool = False) -> str | None:
    try:
        return fetch_text(url, settings, html)[0]
    except Missing:
        return None


def _listed(sums: str, wiki: str, algorithm: str) -> tuple[str, str, str] | None:
    """The checksum, the date and the name of the articles, from lines of a checksum and a name."""
    line = re.compile(rf"([0-9a-fA-F]{{{_HASHES[algorithm]}}})\s+\*?({re.escape(wiki)}-(\d{{8}})-(\S+))")
    found = {match[4]: match for match in map(line.fullmatch, map(str.strip, sums.splitlines())) if match}
    for content in _CONTENT:
        if match := found.get(content):
            return match[1].lower(), match[3], match[2]
    return None


def _hf(name: str, settings: Remote) -> list[RemoteFile]:
    path, at, revision = name.removeprefix(HF).partition("@")
    owner, _, rest = path.partition("/")
    title, _, folder = rest.strip("/").partition("/")
    folder = folder.strip("/")
    known = all(re.fullmatch(r"[\w][\w.-]*", part, re.A) for part in (owner, title))
    if not known or not _plain(folder) or (at and not revision):
        raise SourceError(
            f"{name}: expected hf:OWNER/NAME/FOLDER or hf:OWNER/NAME/FOLDER@REVISION, as "
            "hf:wikimedia/wikipedia/20231101.bn"
        )
    quoted = quote(revision or "main", safe="")
    base = checked_base(settings.hf_base, "--hf-base")
    tree = f"{base}/api/datasets/{owner}/{title}/tree/{quoted}/{quote(folder)}"
    lang = _language(folder)
    found = []
    for entry in _entries(tree, settings, name):
        if isinstance(entry, dict) and entry.get("type") == "file" and str(entry.get("path", "")).endswith(_TAKEN):
            inside, size, algorithm, digest = _hf_file(entry, name, folder)
            url = f"{base}/datasets/{owner}/{title}/resolve/{quoted}/{quote(inside)}"
            called, place = f"{HF}{owner}/{title}/{inside}{at}{revision}", f"hf/{owner}/{title}/{quoted}/{inside}"
            found.append(RemoteFile(called, url, place, size, algorithm, digest, lang))
    if not found:
        raise SourceError(f"{name}: expected {', '.join(_TAKEN)} there, found no such file; see {tree}")
    return sorted(found, key=lambda file: file.place)


def _entries(tree: str, settings: Remote, name: str) -> Iterator[Any]:
    """What a folder of a data set and the folders in it hold, from all pages of the listing."""
    query = "recursive=true"
    for _ in range(LISTINGS):
        try:
            text, answer = fetch_text(f"{tree}?{query}", settings)
            listed = json.loads(text)
        except Missing:
            raise SourceError(
                f"{name}: no such data set, folder or revision at {settings.hf_base}; a name is "
                "hf:OWNER/NAME/FOLDER, as hf:wikimedia/wikipedia/20231101.bn"
            ) from None
        except ValueError:
            raise SourceError(f"{tree}: expected a JSON list of files, found something else") from None
        if not isinstance(listed, list):
            raise SourceError(f"{tree}: expected a JSON list of files, found {type(listed).__name__}")
        yield from listed
        following = re.search(r'<([^>]*)>\s*;[^,]*\brel="?next\b', answer.headers.get("Link", ""))
        # only the query is taken: behind a mirror the address is still that of the hub
        try:
            further = urlsplit(following[1]).query if following else ""
        except ValueError:
            raise SourceError(f"{tree}: the address of the next page of files is none") from None
        if not further or further == query:
            return
        query = further
    raise SourceError(f"{tree}: more than {LISTINGS} pages of files; name a folder with fewer")


def _hf_file(entry: dict[str, Any], name: str, folder: str) -> tuple[str, int, str, str]:
    """The path, size, algorithm and checksum of a file in a listing."""
    path, lfs = entry["path"], entry.get("lfs")
    algorithm, digest, size = "git", entry.get("oid"), entry.get("size")
    if isinstance(lfs, dict):
        algorithm, digest, size = "sha256", lfs.get("oid"), lfs.get("size", size)
    digest = str(digest).removeprefix("sha256:")
    good = re.fullmatch(r"[0-9a-f]{64}" if algorithm == "sha256" else r"[0-9a-f]{40}", digest)
    if not isinstance(path, str) or not _plain(path) or not path.startswith(f"{folder}/"):
        raise SourceError(f"{name}: the listing names the file {path!r}, which is not below {folder}; not fetched")
    if not good or not isinstance(size, int) or size < 0:
        raise SourceError(f"{name}: {path} has no size and checksum in the listing, so that it cannot be verified")
    return path, size, algorithm, digest


def _plain(path: str) -> bool:
    """Whether every part of a path is a plain name, that leads nowhere else."""
    parts = path.split("/")
    return all(part.strip() and part.isprintable() and not part.startswith(".") and "\\" not in part for part in parts)


def _language(folder: str) -> str | None:
    """The language that the name of a configuration says: ``20231101.bn`` has bn."""
    dated = re.fullmatch(r"\d{8}\.([a-z][a-z0-9-]*)", folder.rpartition("/")[2])
    return find(dated[1]).code if dated else None
