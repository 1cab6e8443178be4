"""The encoded corpus of unfinished work: made once, and taken up only where it is whole and of this very work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sprachbund.corpus.store import Corpus
from sprachbund.errors import FolderError
from sprachbund.progress import Progress
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.settings import Settings
from sprachbund.runs import unfinished

__all__ = ["Asked", "encode_once"]


@dataclass(frozen=True)
class Asked:
    """How a corpus is to be encoded: see `encode_corpus`."""

    languages: tuple[str, ...]
    settings: Settings
    bigrams: bool
    characters: tuple[int, ...]
    cut: bool


def encode_once(
    corpus: Corpus,
    folder: Path,
    asked: Asked,
    memory: int | None,
    shower: Callable[[str, float | None], AbstractContextManager[Progress]],
) -> EncodedCorpus:
    """Encode a corpus into ``folder``, unless that was done; every file is compared with its hash.

    One that is damaged, or of other work, is set aside with a warning and made again.
    """
    if folder.exists() or folder.is_symlink():
        try:
            return _whole(corpus, folder, asked)
        except FolderError as error:
            unfinished.damaged(folder, error)
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
            progress=bar,
        )


def _whole(corpus: Corpus, folder: Path, asked: Asked) -> EncodedCorpus:
    encoded = EncodedCorpus.open(folder, check=True)
    wanted = {
        "corpus": corpus.content_hash(asked.languages),
        "languages": list(asked.languages),
        "bigrams": asked.bigrams,
        "characters": list(asked.characters),
        "shares": list(asked.settings.shares),
        "split_seed": asked.settings.split_seed,
        "split_by": asked.settings.split_by,
    }
    for name, value in wanted.items():
        if encoded.manifest.get(name) != value:
            raise FolderError(f"{folder}: is of other work, its {name} differ")
    for language in asked.languages:
        encoded.language(language)  # sees that the arrays fit each other
    return encoded
