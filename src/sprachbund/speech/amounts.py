"""How much of a language's speech is heard: so many minutes, so many passes, or with its letters exchanged."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import numpy as np
import polars as pl

from sprachbund.arrays import Int64
from sprachbund.lab.recipe import Share
from sprachbund.speech.store import Utterances

__all__ = ["exchanged", "limited", "shared", "together", "written_in"]


def limited(part: Utterances, seconds: float) -> Utterances:
    """As many utterances as fill so many seconds, at least one, drawn by their samples: fewer seconds are among more.

    Args:
        seconds: 0 for all.
    """
    if not seconds or part.seconds <= seconds or not len(part):
        return part
    order = _drawn(part, "")
    filled = np.cumsum(part.table["seconds"].to_numpy()[order])
    return part.take(np.sort(order[: max(1, int(np.searchsorted(filled, seconds, "right")))]))


def shared(part: Utterances, share: Share, seed: int) -> Utterances:
    """What a recipe hears of a language in one pass: so often, and at most so many utterances.

    A share below one is drawn as minutes are; above one whole passes stand one after the other.
    """
    if share.sentences and share.sentences < len(part):
        part = part.take(np.sort(_drawn(part, str(seed))[: share.sentences]))
    whole, rest = divmod(share.passes, 1.0)
    if whole == 1 and not rest:
        return part
    every = np.arange(len(part))
    more = limited(part, rest * part.seconds) if rest else part.take([])
    if not whole:
        return more
    told = pl.concat([*[part.table[every]] * int(whole), more.table])
    return Utterances(part.language, told, part.sound, part.rate)


def together(one: Utterances, other: Utterances) -> Utterances:
    """Utterances of one language of one corpus, one after the other."""
    return Utterances(one.language, pl.concat([one.table, other.table]), one.sound, one.rate)


def _drawn(part: Utterances, seed: str) -> Int64:
    """The numbers of its utterances, in an order by chance that other utterances do not change."""
    drawn = [sha256(f"{seed} {digest}".encode()).digest() for digest in part.table["sha256"]]
    return np.array(sorted(range(len(part)), key=lambda number: drawn[number]), np.int64)


def exchanged(texts: Iterable[str], seed: int) -> dict[str, str]:
    """A ring through the letters of texts, by chance: each is written as another; blanks and marks stay."""
    letters = sorted({letter for text in texts for letter in text if letter.isalpha()})
    ring = [letters[place] for place in np.random.default_rng(seed).permutation(len(letters))]
    return dict(zip(ring, [*ring[1:], *ring[:1]], strict=True))


def written_in(part: Utterances, letters: Mapping[str, str] | None) -> Utterances:
    """The same speech, its text in other letters; as it is without."""
    if not letters:
        return part
    table = str.maketrans(dict(letters))
    own = pl.Series("letters", [text.translate(table) for text in part.letters], pl.String)
    return Utterances(part.language, part.table.with_columns(own), part.sound, part.rate)
