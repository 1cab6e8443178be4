"""What people know over what was learned: a dictionary, and corrections by hand, which win over all.

A dictionary's word has the dictionary's translations and no other; a word that the dictionary lacks keeps what was
learned. Corrections are a table of pairs (`tables`) that was written, changed and read again: a pair that is no longer
in it is gone, one that is new is kept, and both stay so when the lexicon is learned anew in the same folder. The letter
runs are learned again from all pairs whose spelling is that of cognates: *perro* and *cachorro* teach none.
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from sprachbund.cognates.costs import similarity
from sprachbund.cognates.grams import GramTable, learn_grams
from sprachbund.cognates.lexicon import CORRECTED, DICTIONARY, LEARNED, SCHEMA, Cognates, Corrections
from sprachbund.cognates.romanising import plain_words

__all__ = ["carried_over", "corrected", "oriented", "with_dictionary"]

ALIKE = 0.9
"""Score from which a pair teaches letter runs, where the lexicon has no threshold of its own."""
Pair = tuple[str, str]


def oriented(pairs: Iterable[Pair], cognates: Cognates) -> tuple[list[Pair], bool]:
    """The pairs of a dictionary from left to right, turned where its words are known the other way round.

    Returns:
        The pairs, and whether they were turned.
    """
    pairs = list(pairs)
    left, right = set(cognates.pairs["left"]), set(cognates.pairs["right"])
    straight = sum((a in left) + (b in right) for a, b in pairs)
    turned = sum((b in left) + (a in right) for a, b in pairs)
    return ([(b, a) for a, b in pairs], True) if turned > straight else (pairs, False)


def with_dictionary(cognates: Cognates, pairs: Iterable[Pair]) -> tuple[Cognates, dict[str, int]]:
    """The lexicon with a dictionary over what was learned, under what hands have changed.

    Args:
        pairs: (left, right), see `oriented`.

    Returns:
        The lexicon, and how many pairs were ``added``, ``confirmed`` (learned too) and ``contradicted`` (learned for a
        word that the dictionary translates otherwise, and taken out).
    """
    given = _frame(dict.fromkeys(pairs), DICTIONARY, cognates)
    hands = cognates.corrections
    given = given.join(_pairs(hands.removed), on=["left", "right"], how="anti", maintain_order="left")
    given = given.filter(~pl.col("left").is_in([left for left, _ in hands.kept]))
    old = cognates.pairs
    learned = old.filter(pl.col("origin") == LEARNED)
    confirmed = learned.join(given, on=["left", "right"], how="semi")
    contradicted = learned.join(given, on="left", how="semi").join(given, on=["left", "right"], how="anti")
    others = old.join(given, on="left", how="anti", maintain_order="left")
    stay = old.filter(pl.col("origin") == CORRECTED).join(given, on="left", how="semi", maintain_order="left")
    counts = {"added": len(given) - len(confirmed), "confirmed": len(confirmed), "contradicted": len(contradicted)}
    return _with_pairs(cognates, pl.concat((stay, given, others))), counts


def corrected(cognates: Cognates, pairs: Iterable[Pair]) -> tuple[Cognates, dict[str, int]]:
    """The lexicon that a corrected table says.

    Args:
        pairs: all that is right: pairs that the lexicon lacks are put in, those of it that are not here taken out.

    Returns:
        The lexicon, and how many pairs were ``added`` and ``removed``.
    """
    wanted = dict.fromkeys(pairs)
    there = dict.fromkeys(cognates.pairs.select("left", "right").rows())
    added, removed = [pair for pair in wanted if pair not in there], [pair for pair in there if pair not in wanted]
    hands = cognates.corrections
    kept = [pair for pair in dict.fromkeys((*hands.kept, *added)) if pair not in set(removed)]
    gone = [pair for pair in dict.fromkeys((*hands.removed, *removed)) if pair not in set(added)]
    changed = replace(cognates, corrections=Corrections(tuple(kept), tuple(gone)))
    return _applied(changed), {"added": len(added), "removed": len(removed)}


def carried_over(cognates: Cognates, earlier: Cognates) -> Cognates:
    """A lexicon that was learned anew, with the corrections of the one that it takes the place of."""
    turned = cognates.languages != earlier.languages
    hands = earlier.reversed().corrections if turned else earlier.corrections
    return _applied(replace(cognates, corrections=hands)) if hands.kept or hands.removed else cognates


def _applied(cognates: Cognates) -> Cognates:
    """The pairs with the corrections over them: a word that was given a partner by hand has no learned one."""
    hands = cognates.corrections
    old = cognates.pairs.join(_pairs(hands.removed), on=["left", "right"], how="anti", maintain_order="left")
    mine = _frame(dict.fromkeys(hands.kept), CORRECTED, cognates)
    old = old.join(mine, on=["left", "right"], how="anti", maintain_order="left")
    lefts = [left for left, _ in hands.kept]
    old = old.filter(~(pl.col("left").is_in(lefts) & (pl.col("origin") == LEARNED)))
    return _with_pairs(cognates, pl.concat((mine, old)))


def _pairs(pairs: Iterable[Pair]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema={"left": pl.String, "right": pl.String}, orient="row")


def _frame(pairs: Iterable[Pair], origin: str, cognates: Cognates) -> pl.DataFrame:
    """Pairs with their scores, which say how alike they are by the learned operations."""
    listed = list(pairs)
    left, right = plain_words(a for a, _ in listed), plain_words(b for _, b in listed)
    scores = similarity(left, right, cognates.costs)
    rows = [(a, b, score, origin) for (a, b), score in zip(listed, scores.tolist(), strict=True)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _with_pairs(cognates: Cognates, pairs: pl.DataFrame) -> Cognates:
    if pairs.select("left", "right", "origin").equals(cognates.pairs.select("left", "right", "origin")):
        return cognates
    least = cognates.about.get("threshold")
    alike = pairs.filter(pl.col("score") >= (ALIKE if least is None else min(float(least), ALIKE)))
    left, right = plain_words(alike["left"]), plain_words(alike["right"])
    tables = (learn_grams(left, right), learn_grams(right, left)) if left else (GramTable.empty(),) * 2
    return replace(cognates, pairs=pairs, grams=tables[0], back=tables[1])
