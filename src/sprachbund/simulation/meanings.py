"""Meanings: how often each is used, which topic and subtopic it belongs to, and drawing them.

The first meanings are grammatical and of no topic. The others are dealt to the subtopics like cards, the most frequent
first in a new order every round, so that every subtopic has frequent and rare ones. Running words are drawn from three
laws: of all meanings, of the topic's, of the subtopic's; each is Zipf's over the ranks of its own meanings.
"""

from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float64, Int32, Int64
from sprachbund.simulation.sounds import Stream
from sprachbund.simulation.world import Meanings

__all__ = ["Law", "Space", "make_space"]

OFFSET = 2.7
"""Mandelbrot's: with it the law fits the frequent words of natural text too (Mandelbrot 1953)."""


@dataclass(frozen=True)
class Law:
    """How often each of some meanings is used: int64 [n] which, float64 [n] the sum of the chances up to each."""

    which: Int64
    upto: Float64

    def draw(self, chances: Float64) -> Int64:
        """A meaning for each number from 0 to 1."""
        return self.which[np.minimum(np.searchsorted(self.upto, chances, side="right"), len(self.which) - 1)]


@dataclass(frozen=True)
class Space:
    """All meanings.

    Attributes:
        fields: int32 [meanings], the subtopic of each, numbered through all topics; -1 for grammatical ones.
        aspects: int32 [meanings], the aspect of each in its subtopic; -1 for grammatical ones.
        general: the law of all. topics: those of each. subtopics: of each, those of its aspects.
    """

    fields: Int32
    aspects: Int32
    general: Law
    topics: tuple[Law, ...]
    subtopics: tuple[tuple[Law, ...], ...]

    def topics_of(self, subtopics: int) -> Int32:
        """The topic of each meaning, -1 for grammatical ones: int32 [meanings]."""
        return np.where(self.fields < 0, -1, self.fields // subtopics).astype(np.int32)


def make_space(about: Meanings, seed: int) -> Space:
    """Deal the meanings out."""
    stream = Stream(seed, "meanings")
    count = about.topics * about.subtopics
    fields, aspects = np.full(about.concepts, -1, np.int32), np.full(about.concepts, -1, np.int32)
    for number, first in enumerate(range(about.grammatical, about.concepts, count)):
        part = fields[first : first + count]
        part[:] = stream.order(count)[: len(part)]
        aspects[first : first + count] = number % about.aspects
    topics = np.where(fields < 0, -1, fields // about.subtopics)
    return Space(
        fields,
        aspects,
        _law(np.arange(about.concepts), about.zipf),
        tuple(_law(np.flatnonzero(topics == topic), about.zipf) for topic in range(about.topics)),
        tuple(
            tuple(_law(np.flatnonzero((fields == each) & (aspects == one)), about.zipf) for one in range(about.aspects))
            for each in range(count)
        ),
    )


def _law(which: Int64, exponent: float) -> Law:
    weights = (np.arange(len(which)) + 1 + OFFSET) ** -exponent
    upto = np.cumsum(weights)
    return Law(which.astype(np.int64), upto / upto[-1])
