"""The syntactic measures over treebanks, with what each value was made of."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sprachbund.arrays import Float64
from sprachbund.neighbours import syntax
from sprachbund.neighbours.estimates import interval_of
from sprachbund.neighbours.measures import Value, lacking
from sprachbund.neighbours.sources import Sources
from sprachbund.neighbours.syntax import ORDERS
from sprachbund.neighbours.treebank_counts import Counted, counted_for

__all__ = ["arcs_of", "klcpos3_of", "order_of"]

LEAST_WORDS = 2_000
"""Below that every trigram that a treebank lacks counts as a frequent one of it: Telugu's 700 words would be nearer to
Portuguese than German is."""
ASKED = 1_000
"""Sentences of a language with which the coverage is whole: as many as PUD has."""
_SHOWN = 6  # kinds of arcs or trigrams that parts list
_NAME = "Universal Dependencies"


def klcpos3_of(sources: Sources, target: str, candidate: str) -> Value:
    """`syntax.klcpos3`: how far the candidate's order of parts of speech is from the target's."""
    return _of(sources, target, candidate, _trigram_value)


def arcs_of(sources: Sources, target: str, candidate: str) -> Value:
    """`syntax.arc_divergence`, with the arcs that part the two languages most."""
    return _of(sources, target, candidate, _arc_value)


def order_of(sources: Sources, target: str, candidate: str) -> Value:
    """`syntax.order_distance`, with each question of word order, its shares, cases and intervals."""
    return _of(sources, target, candidate, _order_value)


_Estimate = tuple[float | None, Float64, dict[str, Any], float]
"""The value, its draws, its parts, and the share of what was asked for besides sentences."""


def _of(sources: Sources, target: str, candidate: str, compute: Callable[[Counted, Counted], _Estimate]) -> Value:
    first, second = counted_for(sources, target), counted_for(sources, candidate)
    if first is None or second is None:
        return lacking(f"no treebank of {candidate if first is not None else target}", _NAME)
    both = [first.treebank, second.treebank]
    for code, each in zip((target, candidate), both, strict=True):
        if each.words < LEAST_WORDS:
            return lacking(f"the treebank of {code} has {each.words:,} words, below {LEAST_WORDS:,}", _NAME)
    value, drawn, parts, share = compute(first, second)
    parts |= {
        "sentences": [each.sentences for each in both],
        "words": [each.words for each in both],
        "annotation of version 1": [name for each in both for name in each.old],
    }
    source = f"{_NAME}: {' and '.join(', '.join(dict.fromkeys(each.names)) for each in both)}"
    if value is None:
        return lacking("the treebanks have no word order in common to compare", source)
    coverage = min(1.0, *(each.sentences / ASKED for each in both)) * share
    return Value(value, *syntax.spread(value, drawn), coverage, source=source, parts=parts)


def _trigram_value(target: Counted, source: Counted) -> _Estimate:
    value, drawn = syntax.klcpos3(target.trigrams, source.trigrams)
    theirs = source.trigrams.at(target.trigrams.kinds)[0]
    shares = target.trigrams.counts / target.trigrams.counts.sum()
    lost = shares * np.log(shares / (np.maximum(theirs, 1.0) / source.trigrams.counts.sum()))
    parts = {
        "examples": [
            {"trigram": syntax.named_trigram(int(target.trigrams.kinds[each])), "part": round(float(lost[each]), 4)}
            for each in np.argsort(-lost, kind="stable")[:_SHOWN]
        ],
        "seen by the candidate": round(float(shares[theirs > 0].sum()), 4),
    }
    return value, drawn, parts, 1.0


def _arc_value(one: Counted, other: Counted) -> _Estimate:
    value, drawn = syntax.arc_divergence(one.arcs, other.arcs)
    kinds = np.union1d(one.arcs.kinds, other.arcs.kinds)
    first, second = (each.arcs.at(kinds)[0] / each.arcs.counts.sum() for each in (one, other))
    apart = np.argsort(-np.abs(first - second), kind="stable")[:_SHOWN]
    parts = {
        "examples": [
            syntax.named_arc(int(kinds[each])) | {"shares": [round(float(side[each]), 4) for side in (first, second)]}
            for each in apart
        ],
        "shared": round(float(np.minimum(first, second).sum()), 4),
    }
    return value, drawn, parts, 1.0


def _order_value(one: Counted, other: Counted) -> _Estimate:
    value, drawn = syntax.order_distance(one.orders, other.orders)
    rows = [syntax.order_shares(each.orders) for each in (one, other)]
    found = [place for place in range(len(ORDERS)) if not any(np.isnan(shares[place]) for shares, *_ in rows)]
    parts = {
        "orders": {
            ORDERS[place].name: {
                "title": ORDERS[place].title,
                "shares": [round(float(shares[place]), 4) for shares, *_ in rows],
                "intervals": [_rounded(each[:, place]) for *_, each in rows],
                "cases": [int(cases[place]) for _, cases, _ in rows],
            }
            for place in found
        },
        "without cases": [ORDERS[place].name for place in range(len(ORDERS)) if place not in found],
    }
    return value, drawn, parts, len(found) / len(ORDERS)


def _rounded(drawn: Float64) -> list[float | None]:
    return [None if end is None else round(end, 4) for end in interval_of(drawn)]
