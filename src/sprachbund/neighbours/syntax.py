"""How near two languages build their sentences, from treebanks annotated alike.

Three views, each of which misses something. `klcpos3` asks whether the parts of speech follow one another as in the
target, and needs no trees; it was made to choose the source of a parser, and is directed. `arc_divergence` compares
what governs what, by which relation, on which side: the frequencies of arcs, since hardly ever are two trees equal.
`order_distance` compares nine questions of word order that grammars ask, so it names what differs.

All of them are estimates from the sentences that a treebank happens to have. `spread` says how far the values of other
sentences would lie: it draws sentences again. A divergence between samples is larger than that between languages, and a
resample adds as much once more; so the interval is that of the draws around their mean, moved to the value.

Sources: Rosa & Žabokrtský 2015, KLcpos3: a language similarity measure for delexicalized parser transfer; Lin 1991,
Divergence measures based on the Shannon entropy; for the questions Dryer & Haspelmath 2013, WALS, chapters 81-90.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Float32, Float64, Int64
from sprachbund.corpus.sources.conllu import RELATIONS, TAGS
from sprachbund.neighbours.estimates import interval_of
from sprachbund.neighbours.treebank import EDGE, KINDS, Treebank

__all__ = [
    "ORDERS",
    "Counts",
    "Order",
    "arc_divergence",
    "arcs",
    "jensen_shannon",
    "klcpos3",
    "named_arc",
    "named_trigram",
    "order_distance",
    "order_shares",
    "orders",
    "spread",
    "trigrams",
]

LEAST = 20
"""Cases that a question of word order needs in a treebank."""
_SIDES = 2


@dataclass(frozen=True)
class Counts:
    """How often each kind of thing stands in a treebank, and in treebanks of sentences drawn again.

    Attributes:
        kinds: int64 [kinds], rising. counts: float64 [kinds]. drawn: float32 [draws, kinds].
    """

    kinds: Int64
    counts: Float64
    drawn: Float32

    def at(self, kinds: Int64) -> tuple[Float64, Float32]:
        """`counts` and `drawn` of some kinds, 0 for what is not there: [kinds], [draws, kinds]."""
        here, there = self.common(kinds)
        counts, drawn = np.zeros(len(kinds)), np.zeros((len(self.drawn), len(kinds)), np.float32)
        counts[there] = self.counts[here]
        drawn[:, there] = self.drawn[:, here]
        return counts, drawn

    def common(self, kinds: Int64) -> tuple[Int64, Int64]:
        """The places of the kinds in common, in ours and in the others."""
        place = np.minimum(np.searchsorted(self.kinds, kinds), len(self.kinds) - 1)
        there = np.flatnonzero(self.kinds[place] == kinds) if len(self.kinds) else np.empty(0, np.int64)
        return place[there], there

    @cached_property
    def entropies(self) -> tuple[float, Float64]:
        """In bits, of the counts and of each draw."""
        return float(_entropy(self.counts[None])[0]), _entropy(self.drawn)

    @cached_property
    def shares(self) -> Float32:
        """Of each draw: float32 [draws, kinds]."""
        return np.asarray(_shares(self.drawn), np.float32)

    @cached_property
    def logs(self) -> Float32:
        """The logarithm of each drawn count, a kind that was not drawn counted once: float32 [draws, kinds]."""
        return np.log(np.maximum(self.drawn, 1))


@dataclass(frozen=True)
class Order:
    """A question of word order: on which side of its head a dependent stands.

    Attributes:
        name, title: title says the order whose share is counted. relation: without subtype, or acl:relcl.
        tags: of the dependent. heads: tags of the head. after: whether dependents after their head are counted.
    """

    name: str
    title: str
    relation: str
    tags: tuple[str, ...]
    heads: tuple[str, ...]
    after: bool


_NOUNS = ("NOUN", "PROPN")
ORDERS = (
    Order("adjective", "adjective after its noun", "amod", ("ADJ",), ("NOUN",), True),
    Order("genitive", "genitive after its noun", "nmod", _NOUNS, ("NOUN",), True),
    Order("relative", "relative clause after its noun", "acl:relcl", ("VERB", "AUX", "ADJ", "NOUN"), _NOUNS, True),
    Order("numeral", "numeral after its noun", "nummod", ("NUM",), ("NOUN",), True),
    Order("determiner", "determiner after its noun", "det", ("DET",), _NOUNS, True),
    Order("adposition", "adposition before its noun", "case", ("ADP",), _NOUNS, False),
    # pronouns have rules of their own in many languages: lo vio, vi-o
    Order("subject", "noun subject before its verb", "nsubj", _NOUNS, ("VERB",), False),
    Order("object", "noun object after its verb", "obj", _NOUNS, ("VERB",), True),
    Order("auxiliary", "auxiliary before its verb", "aux", ("AUX",), ("VERB",), False),
)


def trigrams(treebank: Treebank, weights: Float64) -> Counts:
    """Trigrams of parts of speech, an edge at either end of a sentence.

    Args:
        weights: float64 [draws, sentences], see `Treebank.weights`.
    """
    count = treebank.words + 2 * treebank.sentences
    tags = np.full(count, EDGE, np.int64)
    tags[np.arange(treebank.words) + 2 * treebank.sentence_of + 1] = treebank.tags
    inside = np.arange(treebank.words) + 2 * treebank.sentence_of
    codes = (tags[inside] * KINDS + tags[inside + 1]) * KINDS + tags[inside + 2]
    return _counted(codes, treebank.sentence_of, weights)


def arcs(treebank: Treebank, weights: Float64) -> Counts:
    """Arcs as (part of speech of the head, relation without subtype, part of speech, side); the root hangs on none."""
    words = np.flatnonzero(treebank.heads >= 0)
    heads = treebank.heads[words]
    above = treebank.tags[heads].astype(np.int64) * len(RELATIONS) + treebank.bare[words]
    codes = above * EDGE + treebank.tags[words]
    return _counted(codes * _SIDES + (words > heads), treebank.sentence_of[words], weights)


def orders(treebank: Treebank, weights: Float64) -> Counts:
    """How often each of `ORDERS` is so (kind 2n + 1) and otherwise (kind 2n)."""
    words = np.flatnonzero(treebank.heads >= 0)
    heads = treebank.heads[words]
    codes, places = [], []
    for number, order in enumerate(ORDERS):
        asked = words[_is_asked(order, treebank, words, heads)]
        so = (asked > treebank.heads[asked]) == order.after
        codes.append(number * _SIDES + so)
        places.append(asked)
    return _counted(np.concatenate(codes), treebank.sentence_of[np.concatenate(places)], weights)


def klcpos3(target: Counts, source: Counts) -> tuple[float, Float64]:
    """The Kullback-Leibler divergence of trigrams, in nats: of the counts, and of each draw.

    Sum over the target's trigrams of p_t ln(p_t / p_s), where one that the source lacks counts as seen once.
    Source: Rosa & Žabokrtský 2015, section 3.
    """
    here, there = source.common(target.kinds)
    shares = target.counts / target.counts.sum()
    logs = np.zeros(len(shares))
    logs[there] = np.log(np.maximum(source.counts[here], 1))
    value = float(shares @ (np.log(shares) - logs)) + float(np.log(source.counts.sum()))
    # sum p_t ln p_t is the target's own, so that a pair takes the kinds in common alone
    crossed = np.einsum("ij,ij->i", target.shares[:, there], source.logs[:, here], dtype=np.float64)
    drawn = np.log(source.drawn.sum(1, dtype=np.float64)) - target.entropies[1] * np.log(2) - crossed
    return value, drawn


def arc_divergence(one: Counts, other: Counts) -> tuple[float, Float64]:
    """The Jensen-Shannon divergence of arcs, in bits, 0 to 1: of the counts, and of each draw."""
    here, there = one.common(other.kinds)
    apart = np.setdiff1d(np.arange(len(one.kinds)), here), np.setdiff1d(np.arange(len(other.kinds)), there)
    found = []
    for first, second, (alone, too) in (
        (_shares(one.counts[None]), _shares(other.counts[None]), (one.entropies[0], other.entropies[0])),
        (one.shares, other.shares, (one.entropies[1], other.entropies[1])),
    ):
        middle = _information(first[:, here] + second[:, there])
        # what one alone has stands with half its share, whose information is known from its own
        middle = middle + _information(first[:, apart[0]]) + _information(second[:, apart[1]])
        found.append(np.maximum(0.0, (middle + 2) / 2 - (alone + too) / 2))
    return float(found[0][0]), found[1]


def jensen_shannon(one: Float64, other: Float64) -> float:
    """The Jensen-Shannon divergence of two distributions given as counts of the same kinds, in bits."""
    first, second = _shares(np.asarray(one, np.float64)[None]), _shares(np.asarray(other, np.float64)[None])
    return float((_entropy((first + second) / 2) - (_entropy(first) + _entropy(second)) / 2)[0])


def order_shares(counts: Counts) -> tuple[Float64, Int64, Float64]:
    """Of each of `ORDERS` the share that is so, in how many cases, and the share in each draw.

    Returns:
        float64 [orders], NaN without `LEAST` cases; int64 [orders]; float64 [draws, orders].
    """
    there, drawn = counts.at(np.arange(_SIDES * len(ORDERS)))
    cases = there[::2] + there[1::2]
    enough = cases >= LEAST
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(enough, there[1::2] / cases, np.nan)
        each = np.where(enough, drawn[:, 1::2] / (drawn[:, ::2] + drawn[:, 1::2]), np.nan)
    return shares, cases.astype(np.int64), each


def order_distance(one: Counts, other: Counts) -> tuple[float | None, Float64]:
    """The mean difference of shares over the orders that both have cases of, 0 to 1: of the counts, and of each draw.

    None, and no draws, where they have none in common.
    """
    (first, _, drawn), (second, _, drawn_too) = order_shares(one), order_shares(other)
    both = ~np.isnan(first) & ~np.isnan(second)
    if not both.any():
        return None, np.empty(0)
    # a draw may have no case of a rare order: its difference is then left out of the mean of that draw
    each = np.ma.masked_invalid(np.abs(drawn - drawn_too)[:, both]).mean(axis=1)
    return float(np.abs(first - second)[both].mean()), np.asarray(each.filled(np.nan))


def spread(value: float, drawn: Float64) -> tuple[float | None, float | None]:
    """The 95% interval of a divergence: how far its draws lie around their mean, around the value; not below 0.

    None where there are no draws. A value that is below 0 itself, as `klcpos3` of very little text, may have it below.
    """
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return None, None
    low, high = interval_of(known - known.mean() + value)
    return (None, None) if low is None or high is None else (max(min(0.0, value), low), high)


def named_trigram(kind: int) -> list[str]:
    """The parts of speech of a kind of `trigrams`; an edge is "|"."""
    return [(*TAGS, "|")[each] for each in (kind // KINDS**2, kind // KINDS % KINDS, kind % KINDS)]


def named_arc(kind: int) -> dict[str, Any]:
    """What a kind of `arcs` stands for."""
    rest, after = divmod(kind, _SIDES)
    rest, tag = divmod(rest, EDGE)
    head, relation = divmod(rest, len(RELATIONS))
    side = "after" if after else "before"
    return {"head": TAGS[head], "relation": RELATIONS[relation], "tag": TAGS[tag], "side": side}


def _is_asked(order: Order, treebank: Treebank, words: Int64, heads: Int64) -> Flags:
    if order.relation == "acl:relcl":
        related = treebank.is_relative[words]
    else:
        related = treebank.bare[words] == RELATIONS.index(order.relation)
    found: Flags = related & _any_of(treebank, words, order.tags) & _any_of(treebank, heads, order.heads)
    return found


def _any_of(treebank: Treebank, words: Int64, tags: tuple[str, ...]) -> Flags:
    return np.isin(treebank.tags[words], [TAGS.index(tag) for tag in tags])


def _counted(codes: Int64, sentences: Int64, weights: Float64) -> Counts:
    kinds, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    drawn = np.empty((len(weights), len(kinds)), np.float32)
    for row, weight in zip(drawn, weights, strict=True):
        row[:] = np.bincount(inverse, weight[sentences], len(kinds))
    return Counts(kinds.astype(np.int64), counts.astype(np.float64), drawn)


def _shares(counts: Float64 | Float32) -> Float64:
    totals = counts.sum(1, keepdims=True, dtype=np.float64)
    found: Float64 = counts / np.where(totals > 0, totals, 1.0)
    return found


def _entropy(counts: Float64 | Float32) -> Float64:
    """Of each row, in bits."""
    return _information(_shares(counts))


def _information(shares: Float64 | Float32) -> Float64:
    """The sum of -p log2 p of each row, the rows not made to sum to 1."""
    logs = np.log2(np.maximum(shares, np.float32(1e-30)))
    found: Float64 = -np.einsum("ij,ij->i", shares, logs, dtype=np.float64)
    return found
