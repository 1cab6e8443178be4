"""The documents of a corpus on the sides of a split: what every kind of model trains on, is tuned on and is judged on.

One place for all kinds: a model carried over from one kind or language to another has seen nothing of the test side,
because there is one test side. The split is always that of the whole corpus, whichever languages are asked for: groups
that languages share are ranked together, and a language must not call test what it called train in other company.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sprachbund.arrays import UInt8
from sprachbund.corpus.splits import DEFAULT_SHARES, TRAIN, sides
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.files import content_hash
from sprachbund.languages import among
from sprachbund.progress import logger


@dataclass(frozen=True)
class Split:
    """How documents are parted: the shares of their groups that train, dev and test get, and a seed."""

    shares: tuple[float, float, float] = DEFAULT_SHARES
    seed: int = 0


@dataclass(frozen=True)
class Placed:
    """The documents of a language and the side of each.

    Attributes:
        language: its code. names, groups: of each document. sides: uint8 [documents].
    """

    language: str
    names: list[str]
    groups: list[str]
    sides: UInt8


_PLACED: dict[tuple[str, Split | None], dict[str, Placed]] = {}
_KEPT = 4
"""Splits that are remembered: a grid of studies asks for the same ones again and again."""


def place_corpus(corpus: Corpus, split: Split | None) -> dict[str, Placed]:
    """Put the documents of every language of a corpus on the sides of a split.

    Args:
        split: None leaves every document on the training side, for those who part what they make of documents.
    """
    key = (content_hash(corpus.manifest["files"]), split)
    if key not in _PLACED:
        if len(_PLACED) >= _KEPT:
            del _PLACED[next(iter(_PLACED))]
        _PLACED[key] = _placed(corpus, split)
    return dict(_PLACED[key])


def _placed(corpus: Corpus, split: Split | None) -> dict[str, Placed]:
    names, groups = {}, {}
    for language in corpus.languages:
        frame = corpus.documents(language)
        names[language], groups[language] = frame["document"].to_list(), frame["group"].to_list()
    if split is None:
        placed = {language: np.zeros(len(found), np.uint8) for language, found in names.items()}
    else:
        placed = sides(groups, split.shares, split.seed)
    return {code: Placed(code, names[code], groups[code], placed[code]) for code in corpus.languages}


def place_documents(corpus: Corpus, languages: Sequence[str], split: Split | None) -> dict[str, Placed]:
    """The documents of some languages on the sides of the split of the whole corpus, see `place_corpus`.

    Raises:
        CorpusError: a language has no document to train on.
    """
    placed = place_corpus(corpus, split)
    for language in languages:
        found = placed[language].sides
        if not np.any(found == TRAIN):
            raise CorpusError(f"{language}: {len(found)} documents are too few to split; leave the language out")
    return {language: placed[language] for language in languages}


def splittable(corpus: Corpus, languages: Sequence[str], split: Split | None) -> tuple[str, ...]:
    """The languages that have a document to train on; a warning names each of the others.

    Raises:
        CorpusError: none has.
    """
    placed = place_corpus(corpus, split)
    kept = []
    for language in languages:
        found = placed[language].sides
        if np.any(found == TRAIN):
            kept.append(language)
        else:
            logger.warning(
                "%s is left out: too small to split, none of its %d documents is for training", language, len(found)
            )
    if not kept:
        raise CorpusError(
            f"{corpus.path}: none of {', '.join(languages)} is large enough to split into train, dev and test; "
            "ingest more text"
        )
    return tuple(kept)


def check_languages(corpus: Corpus, languages: Sequence[str] | None) -> tuple[str, ...]:
    """The languages asked for, by codes or names, as the corpus has them, sorted; or all.

    Raises:
        LanguageError: the corpus lacks one.
    """
    if not languages:
        return corpus.languages
    return tuple(sorted(among(languages, corpus.languages, f"{corpus.path}:")))


def split_hash(placed: Mapping[str, Placed]) -> str:
    """A hash of which document lies on which side."""
    return content_hash({language: [own.names, own.sides.tolist()] for language, own in placed.items()})


def read_side(corpus: Corpus, placed: Placed, side: int, columns: Sequence[str] = ("document", "text")) -> pl.DataFrame:
    """The sentences of a language whose documents lie on one side, in reading order.

    Args:
        side: TRAIN, DEV or TEST. columns: of `store.SCHEMA`; ``document`` is always among those given back.
    """
    frame = corpus.read(placed.language, list(dict.fromkeys(("document", *columns))))
    names = pl.Series(
        [name for name, at in zip(placed.names, placed.sides, strict=True) if at == side], dtype=pl.String
    )
    return frame.filter(pl.col("document").is_in(names.implode()))
