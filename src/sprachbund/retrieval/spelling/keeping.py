"""A spelling in a folder, beside what is spelt by it.

FOLDER/spelling.json      the manifest: which spelling, hub
       pieces.model       of SentencePiece, as its library writes it
       cognates.parquet   language, word, spelt
"""

from pathlib import Path

import polars as pl

from sprachbund.errors import FolderError
from sprachbund.files import read_manifest, write_bytes, write_manifest
from sprachbund.retrieval.spelling.spellings import LEARNED, SPELLINGS, Spelling
from sprachbund.tables import read_table, write_parquet

__all__ = ["FOLDER", "read_spelling", "write_spelling"]

FOLDER = "spelling"
KIND, FORMAT, MANIFEST = "spelling", 1, "spelling.json"
PIECES, COGNATES = "pieces.model", "cognates.parquet"
_SCHEMA = {"language": pl.String, "word": pl.String, "spelt": pl.String}
_LARGEST = 256 << 20
"""Bytes of pieces: more are no model of them."""


def write_spelling(spelling: Spelling, folder: Path) -> None:
    """Write a spelling into a new folder."""
    folder.mkdir(parents=True)
    if spelling.pieces:
        write_bytes(folder / PIECES, spelling.pieces)
    if spelling.name == "cognates":
        rows = [(code, word, spelt) for code, own in spelling.cognates.items() for word, spelt in own.items()]
        write_parquet(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), folder / COGNATES)
    write_manifest(folder, MANIFEST, KIND, FORMAT, spelling=spelling.name, hub=spelling.hub)


def read_spelling(folder: Path, wanted: str, remedy: str) -> Spelling:
    """The spelling that `write_spelling` wrote; every file is compared with its hash.

    Args:
        wanted: its name. remedy: what to do where it is damaged.

    Raises:
        FolderError: it is absent, damaged, or another.
    """
    listed = [{"subwords": PIECES, "cognates": COGNATES}[wanted]] if wanted in LEARNED else []
    fields: dict[str, type | tuple[type, ...]] = {"spelling": str, "hub": str}
    manifest = read_manifest(folder, MANIFEST, KIND, FORMAT, check=True, fields=fields, listed=listed)
    name = manifest["spelling"]
    if name != wanted or name not in SPELLINGS:
        raise FolderError(f"{folder}: expected the spelling {wanted}, found {name[:60]!r}; {remedy}")
    if name == "subwords":
        if (folder / PIECES).stat().st_size > _LARGEST:
            raise FolderError(f"{folder / PIECES}: damaged, pieces have no more than {_LARGEST:,} bytes; {remedy}")
        return Spelling(name, pieces=(folder / PIECES).read_bytes())
    if name != "cognates":
        return Spelling(name)
    own: dict[str, dict[str, str]] = {}
    for language, word, spelt in read_table(folder / COGNATES, _SCHEMA, remedy).iter_rows():
        own.setdefault(language, {})[word] = spelt
    return Spelling(name, hub=manifest["hub"], cognates=own)
