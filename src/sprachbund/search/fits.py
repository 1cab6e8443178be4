"""Whether anything fits a query well: said instead of ten hits by chance.

A query fits where the best hits have one of its content words whole (or but for accents), or most of one by its parts,
as an inflected or mistyped word has; or where the encoder has a say and knows one of its words, for it may find them in
other words. *Content* are all but function words: those that stand in at least half of the passages of some language of
the index, by the index's own counts, where it has enough passages to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Flags, Float64, Int64
from sprachbund.retrieval.encoder.bags import UNSEEN
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.search.forms import CHARACTER, EXACT, WORD, Entries
from sprachbund.search.fusion import Fusion
from sprachbund.search.scoring import contributions
from sprachbund.search.searching import Mode, Question, Scope, function_words, terms_of

MOST_OF_A_WORD = 0.6
"""The share of a word's runs of characters that a passage has, where it has the word in another form."""
LOOKED_AT = 10
"""Hits that are looked at."""
NEAREST = 3
"""Hits that are shown where nothing fits well."""
NO_WORDS = "the query has no words"
COMMON = "nothing fits well: these words stand in most passages; add one that tells them apart"
NOTHING = "nothing fits well: no passage has a word of the query, or most of one"


@dataclass(frozen=True)
class Fit:
    """Whether something fits a query.

    Attributes:
        fits: see the module. note: why not, "" where it does. query: as it was read, accents restored.
    """

    fits: bool
    note: str
    query: str


def fit(
    encoder: Encoder,
    fusion: Fusion,
    scope: Scope,
    question: Question,
    places: Sequence[tuple[int, int]],
    mode: Mode,
) -> Fit:
    """See whether hits fit a query.

    Args:
        places: the segment, by its number in the scope, and the passage of each hit, the best first.
    """
    entries = question.entries
    if not len(entries):
        return Fit(False, NO_WORDS, question.text)
    content = ~function_words(scope, entries)
    if not content.any():
        return Fit(False, COMMON, question.text)
    if mode != "bm25" and (fusion.dense or mode != "hybrid") and _known(encoder, question)[content].any():
        return Fit(True, "", question.text)
    if mode != "dense":
        terms = terms_of(scope, question, fusion)
        for number, passage in places[:LOOKED_AT]:
            segment, own = scope.segments[number], terms[number]
            row = contributions(segment.collection, own, scope.saturation, np.array([passage], np.int32))[0]
            if (_share_of_words(entries, own.numbers[row > 0])[content] >= MOST_OF_A_WORD).any():
                return Fit(True, "", question.text)
    return Fit(False, NOTHING, question.text)


def _share_of_words(entries: Entries, found: Int64) -> Float64:
    """How much of each word of a query stands in a passage: 1 for a whole word, else the share of its runs."""
    count = int(entries.words.max()) + 1
    inside = entries.features == CHARACTER
    wanted = np.bincount(entries.words[inside & (entries.forms == EXACT)], minlength=count)
    _, first = np.unique(entries.classes[found], return_index=True)
    classes = found[first]
    had = np.bincount(entries.words[classes[inside[classes]]], minlength=count)
    share: Float64 = np.minimum(1.0, had / np.maximum(wanted, 1))
    share[entries.words[found[entries.features[found] == WORD]]] = 1.0
    return share


def _known(encoder: Encoder, question: Question) -> Flags:
    """Which distinct words of a query training gave a vector: bool [words]."""
    text = analyse([question.text], question.language, bigrams=False, characters=())
    rows = encoder.rows(text.ngrams)
    known: Flags = rows.row[: text.words] != UNSEEN
    return known
