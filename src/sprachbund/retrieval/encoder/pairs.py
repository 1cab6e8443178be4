"""Next sentence prediction and inverse cloze: which sentence asks, and what it should find.

A pair is three numbers: the query sentence and the range of sentences that its candidate spans, the query itself
taken out. So a pair costs 24 bytes, its text is never written again, and both tasks run through the same code: a
next sentence is the range [i + 1, i + 2), a context the range [i - 2, i + 3) without i, cut at its section.

Source: Arnold & Cohen 2021, sections 3.1 and 3.2; the choices where the paper is silent are `PairSettings`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sprachbund.arrays import Int32, Int64
from sprachbund.retrieval.encoder.bags import Ranges
from sprachbund.retrieval.settings import PairSettings, Task


@dataclass(frozen=True)
class Pairs:
    """Queries and the ranges of their candidates, in the order of the text.

    Attributes:
        query: int64 [pairs], the row of the query sentence.
        first, last: int64 [pairs], the candidate is the sentences [first, last) without the query.
    """

    query: Int64
    first: Int64
    last: Int64

    def __len__(self) -> int:
        return len(self.query)

    def __getitem__(self, index: Any) -> "Pairs":
        return Pairs(self.query[index], self.first[index], self.last[index])

    def queries(self) -> Ranges:
        """The query sentences as ranges of one."""
        return Ranges(self.query, self.query + 1, np.full(len(self), -1, np.int64))

    def candidates(self) -> Ranges:
        """The candidates as ranges."""
        return Ranges(self.first, self.last, self.query)

    def span(self) -> tuple[Int64, Int64]:
        """The sentences [low, high) that query and candidate span together."""
        return np.minimum(self.query, self.first), np.maximum(self.query + 1, self.last)


def find_pairs(task: Task, sections: Int32, lengths: Int64, settings: PairSettings) -> Pairs:
    """All pairs of a text, in its order.

    Args:
        sections: int32 [sentences], a number for each section, alike for neighbours in the same section only.
        lengths: int64 [sentences], words of each sentence.
    """
    count = len(sections)
    rows = np.arange(count, dtype=np.int64)
    starts, ends = section_bounds(sections)
    long_enough = lengths >= settings.least_words
    if task == "nsp":
        first, last = rows + 1, rows + 2
        eligible = (rows + 1 < ends) & long_enough
        eligible[:-1] &= long_enough[1:]
    else:
        first = np.maximum(starts, rows - settings.window)
        last = np.minimum(ends, rows + settings.window + 1)
        eligible = long_enough & (last - first - 1 >= settings.least_context)
    return Pairs(rows[eligible], first[eligible], last[eligible])


def section_bounds(sections: Int32) -> tuple[Int64, Int64]:
    """For each sentence the first row of its section and the row after its last: int64 [sentences] each."""
    count = len(sections)
    if count == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    heads = np.flatnonzero(np.r_[True, sections[1:] != sections[:-1]]).astype(np.int64)
    tails = np.r_[heads[1:], count]
    number = np.cumsum(np.r_[False, sections[1:] != sections[:-1]])
    return heads[number], tails[number]


def one_a_section(pairs: Pairs, sections: Int32, generator: np.random.Generator) -> Pairs:
    """One pair of each section, drawn evenly."""
    of_pair = sections[pairs.query]
    order = np.lexsort((generator.random(len(pairs)), of_pair))
    heads = np.flatnonzero(np.r_[True, of_pair[order][1:] != of_pair[order][:-1]]) if len(pairs) else order
    return pairs[np.sort(order[heads])]
