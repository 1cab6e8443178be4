"""The text of a language on the three sides, for models of language; a small corpus is parted inside its documents."""

from dataclasses import dataclass, replace

import numpy as np

from sprachbund.corpus.placing import Split, place_corpus
from sprachbund.corpus.splits import DEV, TEST, TRAIN
from sprachbund.corpus.store import Corpus
from sprachbund.errors import CorpusError
from sprachbund.lm.text import END, Texts, cut, documents_of
from sprachbund.progress import logger

__all__ = ["DEV_CHARACTERS", "Sides", "sides_of"]

DEV_CHARACTERS = 150_000
"""Of dev that settings and weights are chosen by, at most."""
LEAST = 200
"""Characters below which no language model is made."""
_EVERY = 10
"""Of so many lines one is dev, where a language has no document for it."""


@dataclass(frozen=True)
class Sides:
    """The text of a language: what is learned from, what chooses, what judges. ``test`` may have no document."""

    language: str
    train: Texts
    dev: Texts
    test: Texts


def sides_of(corpus: Corpus, language: str, split: Split | None = None, characters: int = 0, seed: int = 0) -> Sides:
    """The three sides of a language.

    Args:
        characters: of the training side that are kept, drawn by ``seed``; 0 for all.

    Raises:
        CorpusError: there is too little text.
    """
    placed = place_corpus(corpus, split or Split())[language]
    train, dev, test = (documents_of(corpus, placed, side) for side in (TRAIN, DEV, TEST))
    if train.characters + dev.characters < LEAST:
        raise CorpusError(
            f"{language}: {train.characters + dev.characters} characters are too few for a language model; expected "
            f"{LEAST} at least"
        )
    if not dev.characters or not train.characters:
        logger.warning(
            "%s: %d document%s do not give train, dev and test one each; every tenth line chooses, and nothing judges",
            language, len(placed.names), "" if len(placed.names) == 1 else "s",
        )  # fmt: skip
        train, dev = _parted(train if train.characters else dev)
    return Sides(language, cut(train, characters, seed), cut(dev, DEV_CHARACTERS, seed), test)


def _parted(texts: Texts) -> tuple[Texts, Texts]:
    """Every tenth line of each document apart; of a text of few lines the last tenth of its words."""
    kept, apart = [], []
    for text in texts.texts:
        lines = text.rstrip(END).split(END)
        if len(lines) < _EVERY:
            words = text.split(" ")
            at = max(1, len(words) - max(1, len(words) // _EVERY))
            kept.append(" ".join(words[:at]).rstrip(END) + END)
            apart.append(" ".join(words[at:]).rstrip(END) + END if words[at:] else "")
            continue
        chosen = np.arange(len(lines)) % _EVERY == _EVERY - 1
        kept.append(END.join(line for line, own in zip(lines, chosen, strict=True) if not own) + END)
        apart.append(END.join(line for line, own in zip(lines, chosen, strict=True) if own) + END)
    return replace(texts, texts=tuple(kept)), replace(texts, texts=tuple(apart))
