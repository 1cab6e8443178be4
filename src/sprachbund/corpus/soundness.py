"""What is seen of a corpus before it is believed: its manifest, the lines of its documents, and that they agree.

A corpus may come from elsewhere. Hashes say that it is as its maker left it, not that its maker was sprachbund.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from sprachbund.errors import FolderError, one_line
from sprachbund.files import require_fields, require_file

__all__ = ["REMEDY", "read_notes", "require_agreement", "require_sound"]

REMEDY = "make the corpus anew"
COUNTS = ("documents", "sections", "paragraphs", "sentences", "characters")
_CODE = re.compile(r"[a-z][a-z0-9-]*")
_SOURCE = {"name": str, "sha256": str, "format": str, "read": int, "kept": int, "languages": dict, "dropped": dict}
_NOTE = {"document": str, "group": str, "title": str, "headings": list, "sentences": int, "digest": str, "meta": dict}
_DIGEST = re.compile(r"[0-9a-f]{16}")


def require_sound(path: Path, manifest: Mapping[str, Any]) -> None:
    """See that counts, sizes and sources are such.

    Args:
        path: of the manifest, for the message.

    Raises:
        FolderError: says what is not.
    """
    for code, counts in manifest["counts"].items():
        if not _CODE.fullmatch(code) or not isinstance(counts, dict):
            raise FolderError(f"{path}: damaged, it counts {code[:40]!r}, which is no language; {REMEDY}")
        require_fields(path, counts, dict.fromkeys(COUNTS, int))
    for name, size in manifest["bytes"].items():
        if name not in manifest["files"] or type(size) is not int:
            raise FolderError(f"{path}: damaged, it has the size of {name[:80]!r}, which it does not list; {REMEDY}")
    for source in manifest["sources"]:
        if not isinstance(source, dict):
            raise FolderError(f"{path}: damaged, one of its sources is {type(source).__name__}; {REMEDY}")
        require_fields(path, source, _SOURCE)


def read_notes(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file of documents.

    Raises:
        FolderError: one is no JSON, or lacks a field.
    """
    require_file(path, REMEDY)
    with path.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            try:
                note = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise FolderError(f"{path}:{number}: damaged, no JSON ({one_line(error)}); {REMEDY}") from None
            if not isinstance(note, dict):
                raise FolderError(f"{path}:{number}: damaged, expected a document, found {type(note).__name__}")
            require_fields(path, note, _NOTE)
            named = all(isinstance(text, str) for text in (*note["headings"], *note["meta"].values()))
            if not named or not 0 <= note["sentences"] < 1 << 31 or not _DIGEST.fullmatch(note["digest"]):
                raise FolderError(
                    f"{path}:{number}: damaged, its headings, sentences, digest or meta cannot be; {REMEDY}"
                )
            yield note


def require_agreement(path: Path, frame: pl.DataFrame, notes: Sequence[Mapping[str, Any]]) -> None:
    """See that sentences are of the documents that are listed, in their order, and in sections that have a heading.

    Raises:
        FolderError: they are not.
    """
    lengths = pl.Series([note["sentences"] for note in notes], dtype=pl.Int64)
    of = pl.Series(range(len(notes)), dtype=pl.UInt32).repeat_by(lengths).explode().drop_nulls()
    agree = frame.height == len(of)
    if agree and "document" in frame.columns:
        agree = frame["document"].equals(pl.Series([note["document"] for note in notes], dtype=pl.String)[of])
    if agree and "section" in frame.columns:
        sections = pl.Series([len(note["headings"]) for note in notes], dtype=pl.Int64)[of]
        agree = bool((frame["section"] < sections).all())
    if not agree:
        raise FolderError(f"{path}: damaged, its sentences are not those of the documents that are listed; {REMEDY}")
