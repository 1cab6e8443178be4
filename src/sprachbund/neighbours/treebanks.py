"""The treebanks of a folder of Universal Dependencies: which files are of which language, read once and kept.

Files are found as the project publishes them (``UD_Portuguese-Bosque/pt_bosque-ud-test.conllu``) or by themselves with
the language before a dot (``pt.Portuguese-Bosque.test.conllu.gz``). Of a language all its treebanks count together,
test sides first, up to `MOST` sentences: a measure over different texts says something of the texts too, and more of
them level that out. Where it matters, as in a table of few languages, point to a folder with parallel treebanks (PUD)
alone.
"""

import logging
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.corpus.sources.conllu import Sentence, read_conllu
from sprachbund.errors import LanguageError, SourceError
from sprachbund.neighbours.identities import same_language
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.treebank import Treebank, joined, treebank_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MOST", "files_by_language", "named", "treebank_and_files", "treebank_for", "treebanks_of"]

MOST = 5_000
"""Sentences of a language that are read; PUD has 1,000."""
_VERSION = 1
_NAMED = re.compile(r"(?P<language>[a-z]{2,8})(?:\.|_)(?P<rest>.+)\.conllu(?:\.(?:gz|bz2|xz|zst))?")
_SIDE = re.compile(r"(?:-ud)?[-.](?P<side>test|dev|train)(?:[-.][a-z0-9]+)?$")
_SIDES = ("test", "dev", "train", "")
_NYNORSK = "nynorsk"
logger = logging.getLogger(__name__)


def files_by_language(folder: Path) -> dict[str, list[Path]]:
    """The CoNLL-U files of a folder and of the folders in it, by the language in their names; test sides first."""
    found: dict[str, list[tuple[int, str, Path]]] = {}
    for path in sorted([*folder.glob("*.conllu*"), *folder.glob("*/*.conllu*")]):
        if path.is_file() and (parts := _NAMED.fullmatch(path.name)):
            side = _SIDE.search(parts["rest"])
            # the project writes both Norwegians as no
            language = "nn" if parts["language"] == "no" and _NYNORSK in path.name.lower() else parts["language"]
            place = _SIDES.index(side["side"] if side else "")
            found.setdefault(language, []).append((place, path.name, path))
    return {language: [path for *_, path in sorted(paths)] for language, paths in found.items()}


def named(path: Path) -> str:
    """A treebank's name as its file says it: Portuguese-Bosque, pt_bosque."""
    rest = path.name.partition(".conllu")[0]
    rest = _SIDE.sub("", rest)
    return rest.partition(".")[2] or rest


def treebanks_of(sources: Sources, code: str) -> list[Path]:
    """The files of a language's treebanks; none where there are none.

    Raises:
        MissingDataError: Universal Dependencies are not there.
    """
    folder = sources.folder("ud")
    files = sources.once(("treebanks", folder), lambda: files_by_language(folder))
    return [path for language, paths in files.items() if _is(language, code) for path in paths]


def treebank_for(sources: Sources, code: str) -> Treebank | None:
    """All that is read of a language; None where it has no treebank, or none that can be read.

    A broken file is left out with a warning that names its line.

    Raises:
        MissingDataError: Universal Dependencies are not there.
    """
    return treebank_and_files(sources, code)[0]


def treebank_and_files(sources: Sources, code: str) -> tuple[Treebank | None, list[Path]]:
    """`treebank_for`, and the files that it was read from: neither broken ones nor those beyond `MOST` sentences."""
    files = treebanks_of(sources, code)
    return sources.once(("treebank", *files), lambda: _read(sources, code, files)) if files else (None, [])


def sentences_of(path: Path) -> Iterator[Sentence]:
    """The sentences of one file, `MOST` at most."""
    return islice(read_conllu(path), MOST)


def _read(sources: Sources, code: str, files: list[Path]) -> tuple[Treebank | None, list[Path]]:
    found, read, left = list[Treebank](), list[Path](), MOST
    for path in files:
        if left <= 0:
            break
        try:
            table = sources.features(f"treebank-{code}", _VERSION, [path], _schema(), partial(_to, path))
        except SourceError as error:
            logger.warning("%s; the treebank is left out", error)
            continue
        treebank = _from(table, path)
        found.append(treebank.first(left))
        read.append(path)
        left -= treebank.sentences
    return joined(found) if found else None, read


def _is(language: str, code: str) -> bool:
    try:
        return same_language(language, code)
    except LanguageError:
        return False  # codes of the project's own, of texts in two languages (qaf, qtd)


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"sentence": pl.Int32, "tag": pl.UInt8, "head": pl.Int32, "relation": pl.UInt8, "old": pl.Boolean}


def _to(path: Path) -> "pl.DataFrame":
    """A row a word; the head as its place among all words, -1 for a root."""
    import polars as pl

    made = treebank_of(sentences_of(path), named(path))
    return pl.DataFrame(
        {
            "sentence": made.sentence_of,
            "tag": made.tags,
            "head": made.heads,
            "relation": made.relations,
            "old": np.full(made.words, bool(made.old)),
        },
        schema=_schema(),
    )


def _from(table: "pl.DataFrame", path: Path) -> Treebank:
    starts = np.flatnonzero(np.diff(table["sentence"].to_numpy(), prepend=-1))
    name = named(path)
    return Treebank(
        table["tag"].to_numpy(),
        table["head"].to_numpy().astype(np.int64),
        table["relation"].to_numpy(),
        np.append(starts, table.height).astype(np.int64),
        (name,),
        (name,) if table["old"].any() else (),
    )
