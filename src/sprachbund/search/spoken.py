"""Which languages of an index a query may be in, by the index's own words.

A language is as likely as the passages of the index in it that have the words of the query. Words are few in a query,
and neighbours share them: so not one language comes of it but all that are nearly as likely, the likeliest first. What
is searched as the query's own then has the right one in it, and a wrong guess takes nothing from it.
"""

from collections.abc import Sequence

import numpy as np

from sprachbund.search.forms import WORD, Entries
from sprachbund.search.segment import Segment

FEW = 300
"""Passages that a language is thought to have besides its own: so that one word in a dozen passages is not frequent."""
UNKNOWN = 1e-5
"""The share of passages that a word has where it stands in none."""
NEARLY = 2.0
"""Languages are told apart by so much more likelihood, a natural logarithm."""


def languages_of(segments: Sequence[Segment], entries: Entries) -> tuple[str, ...]:
    """The languages that a query may be in, the likeliest first; none where no language has a word of it.

    Args:
        segments: of the languages that it may be in. entries: of the query, see `forms.entries_of`.
    """
    words = np.flatnonzero(entries.features == WORD)
    count = int(entries.words.max()) + 1 if len(entries) else 0
    held: dict[str, np.ndarray] = {}
    passages: dict[str, int] = {}
    for segment in segments:
        postings, own = segment.collection.postings, np.zeros(count)
        places = postings.find(entries.keys[words])
        sizes = np.where(places >= 0, postings.offsets[places + 1] - postings.offsets[places], 0)
        # a word stands in its commonest form: typed without its accents it is the one with them
        np.maximum.at(own, entries.words[words], sizes)
        held[segment.language] = held.get(segment.language, np.zeros(count)) + own
        passages[segment.language] = passages.get(segment.language, 0) + len(segment)
    scores = {
        code: float(np.log(own / (passages[code] + FEW) + UNKNOWN).sum()) for code, own in held.items() if own.any()
    }
    order = sorted(scores, key=lambda code: (-scores[code], code))
    return tuple(code for code in order if scores[code] >= scores[order[0]] - NEARLY)
