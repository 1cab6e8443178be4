"""Two languages' vectors laid over one another: with a dictionary, without, by both; refused where it is known to fail.

Pairs to begin from are words that both spell alike, learned cognates, and a dictionary's. A fifth of them is held back
to choose the way: the pairs alone or with self-learning over them, rotations alone or with whitening and weights. How
many of those held back find their partner first, of all the words of the other language, is the measure of the
alignment that needs no dictionary: spelling is not looked at. The same with the vectors of one side dealt to other
words is the control.

Below a size, and where that share is no better than a few in a hundred, what it would say is wrong nearly always, so
that it is refused: see docs/vectors.md and benchmarks/results/vectors.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sprachbund.arrays import Float32, Int32
from sprachbund.cognates.dictionaries import read_dictionary
from sprachbund.cognates.lexicon import Cognates
from sprachbund.errors import CorpusError, SettingsError
from sprachbund.progress import logger
from sprachbund.vectors.alignment import ORIGINS, Alignment, print_of
from sprachbund.vectors.nearest import best_of, hubness
from sprachbund.vectors.seeds import from_cognates, from_dictionary, identical, learned_cognates
from sprachbund.vectors.selflearning import learn_pairs
from sprachbund.vectors.space import Space, of_length_one
from sprachbund.vectors.turning import Turned, levelled, mean_of, rotations

__all__ = ["FREQUENT", "LEAST_PAIRS", "LEAST_RIGHT", "LEAST_TOKENS", "SOUGHT", "align", "aligned_by", "for_json"]

LEAST_PAIRS = 50
"""Pairs to begin from: of fewer nothing can be held back."""
LEAST_TOKENS = 300_000
"""Words of running text in either language."""
LEAST_RIGHT, LEAST_HITS = 0.03, 5
"""Of the pairs that were held back, the share that must find its partner first, and how many at least."""
FREQUENT, SOUGHT = 10_000, 20_000
"""Words of the left language that are asked for, and of the right that are sought among, the most frequent."""
_HELD = 1_000
_POWER = 0.5
_BETTER = 0.01


@dataclass(frozen=True)
class Way:
    """How turns are made of pairs: with self-learning over them or not; whitened and weighted or not."""

    learned: bool
    weighted: bool

    def said(self) -> str:
        """In words."""
        return ("self-learning" if self.learned else "pairs alone") + (", weighted" if self.weighted else ", rotations")


def align(
    left: Space | Path | str,
    right: Space | Path | str,
    out: Path | str | None = None,
    *,
    dictionary: Path | str | Iterable[tuple[str, str]] | None = None,
    spelling: bool = True,
    learning: bool | None = None,
    cognates: Cognates | None = None,
    force: bool = False,
    seed: int = 0,
) -> Alignment:
    """Lay two spaces over one another.

    Args:
        left, right: vectors, or their folders or files; their dimensions may differ.
        out: the folder to write; None: nothing is written.
        dictionary: pairs (left, right), or a file that `cognates.dictionaries.read_dictionary` reads, either way round.
        spelling: begin from identical strings and cognates too; False with a dictionary: from it alone.
        learning: over the pairs, self-learning: always, never, or (None) where it finds more of the pairs held back.
        cognates: learned already; None: they are learned from the words of the spaces.
        force: go on where it is known to fail, with a warning.
        seed: of what is held back and drawn.

    Raises:
        CorpusError: too little text, or what is found is no better than chance would be; the message says which.
        SettingsError: too few pairs to begin from, a dictionary that fits neither way, nothing to begin from.
    """
    one, other = (space if isinstance(space, Space) else Space.open(space) for space in (left, right))
    _require_text(one, other, force)
    pairs, origins = _seeds(one, other, dictionary, spelling, cognates)
    if len(pairs) < LEAST_PAIRS:
        names = f"{one.language or 'the left'} and {other.language or 'the right'}"
        raise SettingsError(
            f"{names} have {len(pairs):,} pairs to begin from, at least {LEAST_PAIRS} are needed: too few words are "
            f"spelled alike{' or stand in the dictionary' if dictionary is not None else ''}; give a dictionary, or a "
            "larger one (--dictionary FILE)"
        )
    spread = [float(np.ptp(of_length_one(space.vectors), axis=0).max()) for space in (one, other)]
    if min(spread) < 1e-6:
        raise SettingsError("the vectors of one side are all the same; nothing can be aligned")
    means = mean_of(one.vectors), mean_of(other.vectors)
    ours, theirs = levelled(one.vectors, means[0]), levelled(other.vectors, means[1])
    way, right_at_1, control, held = _choose(ours, theirs, pairs, origins, learning, seed)
    about = {
        "way": way.said(), "learned": way.learned, "weighted": way.weighted,
        "pairs": {name: int((origins == n).sum()) for n, name in enumerate(ORIGINS)},
        "held_out": {"pairs": held, "precision": round(right_at_1, 4), "control": round(control, 4)}, "seed": seed,
    }  # fmt: skip
    if right_at_1 < max(LEAST_RIGHT, 3 * control) or right_at_1 * held < LEAST_HITS - 0.5:
        said = (
            f"of {held:,} pairs that were held back {right_at_1:.1%} find their partner first, {control:.1%} where "
            f"vectors are dealt to other words; at least {LEAST_RIGHT:.0%} and {LEAST_HITS} "
            "pairs are needed for neighbours that mean anything"
        )
        if not force:
            raise CorpusError(f"{said}; give more text, vectors from more text, or a dictionary")
        logger.warning("%s", said)
    turned = _turned(ours, theirs, pairs, way, seed)
    words = [(one.words[a], other.words[b], ORIGINS[n]) for (a, b), n in zip(pairs.tolist(), origins, strict=True)]
    frame = pl.DataFrame(words, schema=["left", "right", "origin"], orient="row")
    languages, prints = (one.language, other.language), (print_of(one), print_of(other))
    made = Alignment(languages, turned.left, turned.right, *means, frame, prints, about)
    if out is not None:
        made.save(out)
    return made


def _require_text(one: Space, other: Space, force: bool) -> None:
    """Refuse vectors of ours from less text than has been seen to work; of others' files the text is not known."""
    for space in (one, other):
        tokens = space.about.get("tokens")
        if isinstance(tokens, int) and tokens < LEAST_TOKENS:
            said = (
                f"{space.language}: vectors of {tokens:,} words of text; below {LEAST_TOKENS:,} an alignment finds "
                "next to nothing but what is spelled alike, which `sprachbund cognates` finds better"
            )
            if not force:
                raise CorpusError(f"{said}; give more text, or vectors that others made of more")
            logger.warning("%s", said)


def _seeds(
    one: Space,
    other: Space,
    dictionary: Path | str | Iterable[tuple[str, str]] | None,
    spelling: bool,
    cognates: Cognates | None,
) -> tuple[Int32, Int32]:
    """Pairs to begin from, each once, and the number of the origin of each; those of the dictionary first."""
    found: dict[tuple[int, int], int] = {}
    if dictionary is not None:
        given = list(read_dictionary(dictionary).pairs if isinstance(dictionary, Path | str) else dictionary)
        if not given:
            raise SettingsError("the dictionary is empty; expected pairs of words")
        straight = from_dictionary(one, other, given)
        turned = from_dictionary(one, other, [(b, a) for a, b in given])
        for pair in (straight if len(straight) >= len(turned) else turned).tolist():
            found[pair[0], pair[1]] = 2
        if not found:
            raise SettingsError(f"none of the {len(given):,} pairs of the dictionary has both its words in the vectors")
    elif not spelling:
        raise SettingsError("nothing to begin from; give a dictionary, or let words that are spelled alike count")
    if spelling:
        for pair in identical(one, other, SOUGHT).tolist():
            found.setdefault((pair[0], pair[1]), 0)
        try:
            lexicon = learned_cognates(one, other) if cognates is None else cognates
        except CorpusError:  # no word of letters on one side: signs and numbers may still be shared
            lexicon = None
        for pair in () if lexicon is None else from_cognates(one, other, lexicon).tolist():
            if one.words[pair[0]] != other.words[pair[1]]:
                found.setdefault((pair[0], pair[1]), 1)
    return np.array(list(found), np.int32).reshape(-1, 2), np.array(list(found.values()), np.int32)


def _choose(
    ours: Float32, theirs: Float32, pairs: Int32, origins: Int32, learning: bool | None, seed: int
) -> tuple[Way, float, float, int]:
    """The way that finds most of the pairs held back, the share that it finds, that of the control, how many there are.

    What is held back is of the dictionary where it has enough, since that is what the alignment is for.
    """
    random = np.random.default_rng(seed)
    eligible = (pairs[:, 0] < FREQUENT) & (pairs[:, 1] < SOUGHT)
    if (eligible & (origins == 2)).sum() >= 2 * LEAST_PAIRS:
        eligible &= origins == 2
    lefts = np.unique(pairs[eligible, 0])
    held = random.permutation(lefts)[: min(_HELD, max(LEAST_PAIRS // 5, len(lefts) // 5))]
    away = np.isin(pairs[:, 0], held)
    # a right word that is held back must not be seen with another left one either
    kept = ~away & ~np.isin(pairs[:, 1], pairs[away & eligible, 1])
    asked, taught = pairs[away & eligible], pairs[kept]
    if len(taught) < LEAST_PAIRS // 2:
        taught = pairs[~away]
    ways = [Way(learned, weighted) for learned in (False, True) for weighted in (False, True)]
    if learning is not None:
        ways = [way for way in ways if way.learned == learning]
    scored = [(_found(ours, theirs, _turned(ours, theirs, taught, way, seed), asked), way) for way in ways]
    best, way = scored[0]
    for score, other in scored[1:]:  # the simpler first: another must be better by more than a word or two
        if score > best + _BETTER:
            best, way = score, other
    logger.info("held back: %s", "; ".join(f"{way.said()} {score:.1%}" for score, way in scored))
    dealt = theirs[random.permutation(len(theirs))]
    control = _found(ours, dealt, _turned(ours, dealt, taught, Way(False, way.weighted), seed), asked)
    return way, best, control, len(held)


def _turned(ours: Float32, theirs: Float32, pairs: Int32, way: Way, seed: int) -> Turned:
    if way.learned:
        pairs = learn_pairs(ours, theirs, pairs, seed=seed).pairs
    return rotations(ours, theirs, pairs, _POWER if way.weighted else None)


def _found(ours: Float32, theirs: Float32, turned: Turned, asked: Int32) -> float:
    """The share of left words whose nearest right word is one of its partners."""
    units = of_length_one(ours[:FREQUENT] @ turned.left)
    others = of_length_one(theirs[:SOUGHT] @ turned.right)
    lefts = np.unique(asked[:, 0])
    places, _ = best_of(units[lefts], others, 1, hubness(units[lefts], others), hubness(others, units))
    partners = {(a, b) for a, b in asked.tolist()}
    return float(np.mean([(a, b) in partners for a, b in zip(lefts.tolist(), places[:, 0].tolist(), strict=True)]))


def aligned_by(left: Space, right: Space, pairs: Iterable[tuple[str, str]], *, weighted: bool) -> Alignment:
    """The alignment that given pairs alone make: nothing is chosen, held back or refused."""
    rows = from_dictionary(left, right, pairs)
    means = mean_of(left.vectors), mean_of(right.vectors)
    ours, theirs = levelled(left.vectors, means[0]), levelled(right.vectors, means[1])
    turned = rotations(ours, theirs, rows, _POWER if weighted else None)
    words = [(left.words[a], right.words[b], "dictionary") for a, b in rows.tolist()]
    frame = pl.DataFrame(words, schema=["left", "right", "origin"], orient="row")
    prints = print_of(left), print_of(right)
    return Alignment((left.language, right.language), turned.left, turned.right, *means, frame, prints)


def for_json(alignment: Alignment) -> dict[str, Any]:
    """What an alignment is, for JSON."""
    return {"languages": list(alignment.languages), **alignment.about}
