"""The encoded corpus of unfinished work: made once, and taken up only where it is whole and of this very work."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprachbund.corpus.store import Corpus
from sprachbund.engines.engine import Engine
from sprachbund.errors import FolderError
from sprachbund.files import content_hash, read_manifest
from sprachbund.progress import Progress
from sprachbund.retrieval.encoder.encoded import (
    FIELDS,
    FORMAT,
    KIND,
    MANIFEST,
    EncodedCorpus,
    encode_corpus,
    partial_of,
    pieces_of,
    said_of,
)
from sprachbund.retrieval.settings import Settings
from sprachbund.retrieval.spelling.spellings import LEARNED, WRITTEN, Spelling
from sprachbund.runs import unfinished
from sprachbund.runs.store import MANIFEST as RUN

__all__ = ["Asked", "covering", "encode_once"]


@dataclass(frozen=True)
class Asked:
    """How a corpus is to be encoded: see `encode_corpus`."""

    languages: tuple[str, ...]
    settings: Settings
    bigrams: bool
    characters: tuple[int, ...]
    cut: bool
    spelling: Spelling | None = None


def encode_once(
    corpus: Corpus,
    folder: Path,
    asked: Asked,
    memory: int | None,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]],
    workers: int | None = None,
    engine: Engine | None = None,
) -> EncodedCorpus:
    """Encode a corpus into ``folder``, unless that was done; every file is compared with its hash.

    One that is damaged, or of other work, is set aside with a warning and made again.

    Args:
        memory, workers, engine: see `encode_corpus`.
    """
    if folder.exists() or folder.is_symlink():
        try:
            encoded = _whole(corpus, folder, asked)
        except FolderError as error:
            unfinished.damaged(folder, error)
        else:
            unfinished.clear(partial_of(folder), RUN)
            return encoded
    with shower("encoding", len(asked.languages)) as bar:
        return encode_corpus(
            corpus,
            folder,
            languages=asked.languages,
            settings=asked.settings,
            bigrams=asked.bigrams,
            characters=asked.characters,
            cut=asked.cut,
            memory=memory,
            spelling=asked.spelling,
            workers=workers,
            engine=engine,
            progress=bar,
        )


def covering(corpus: Corpus, folder: Path, asked: Asked, together: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """Of the encoded corpora in a folder the smallest that has the languages asked for, and its languages.

    Where none has, the place for one of all the languages that are worked with ``together``: models of one corpus as
    it was encoded once are shared by all studies that are in it, and those of an older one stay with that.
    """
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            manifest = read_manifest(path, MANIFEST, KIND, FORMAT, fields=FIELDS)
        except FolderError:
            continue
        languages = tuple(manifest["languages"])
        if set(asked.languages) <= set(languages) <= set(corpus.languages):
            wanted = _wanted(corpus, replace(asked, languages=languages))
            if not _differing(manifest, wanted):
                found.append((len(languages), path, languages))
    if found:
        _, path, languages = min(found)
        return path, languages
    languages = tuple(sorted({*asked.languages, *together}))
    return folder / content_hash(_wanted(corpus, replace(asked, languages=languages)))[:20], languages


def _whole(corpus: Corpus, folder: Path, asked: Asked) -> EncodedCorpus:
    encoded = EncodedCorpus.open(folder, check=True)
    for name in _differing(encoded.manifest, _wanted(corpus, asked)):
        raise FolderError(f"{folder}: is of other work, its {name} differ")
    for language in asked.languages:
        encoded.language(language)  # sees that the arrays fit each other
    return encoded


def _wanted(corpus: Corpus, asked: Asked) -> dict[str, Any]:
    """What a manifest says of an encoded corpus that is as it was asked for."""
    return {
        "corpus": corpus.content_hash(asked.languages),
        "languages": list(asked.languages),
        "bigrams": asked.bigrams,
        "characters": list(asked.characters),
        "shares": list(asked.settings.shares),
        "split_seed": asked.settings.split_seed,
        "split_by": asked.settings.split_by,
        **({"spelling": said} if (said := _spelt(asked)) else {}),
    }


def _spelt(asked: Asked) -> dict[str, Any]:
    """How words are to be spelt; nothing where they are as they are written."""
    name = asked.settings.encoder.spelling
    if name == WRITTEN:
        return {}
    learned = {"hash": asked.spelling.hash()} if asked.spelling and name in LEARNED else {}
    return {"name": name, **pieces_of(asked.settings), **learned}


def _differing(manifest: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """What a manifest says otherwise."""
    there, spelt = said_of(manifest), wanted.get("spelling", {})
    other = [name for name, value in wanted.items() if name != "spelling" and manifest.get(name) != value]
    same = bool(there) == bool(spelt) and all(there.get(name) == value for name, value in spelt.items())
    return other if same else [*other, "spelling"]
