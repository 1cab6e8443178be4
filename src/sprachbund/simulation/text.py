"""Documents of one language: a topic each, a subtopic a paragraph, sentences that never repeat.

A document follows from the world's seed, its language and its number alone. So a language of more sentences begins with
the documents of the smaller one (up to 8 million sentences), and a world that differs in its words alone says the same
in all its documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Int64
from sprachbund.errors import SettingsError
from sprachbund.kernels import njit
from sprachbund.simulation.meanings import Law, Space
from sprachbund.simulation.sounds import Stream
from sprachbund.simulation.world import World

__all__ = ["Document", "documents"]

_BITS = 16
"""Bits of the filter for every sentence to come: one in sixteen at most is drawn again though it is new."""
_LEAST = 1 << 27
"""Bits of it at least, 16 MiB: of up to 8 million sentences the first are the same however many follow."""
_TRIES = 64


@dataclass(frozen=True)
class Document:
    """One document.

    Attributes:
        number: from 0 in its language. topic: its number. subtopics: of each paragraph, numbered through all topics.
        paragraphs: int64 [sentences], from 0. sentences: the meanings of each, in their order.
    """

    number: int
    topic: int
    subtopics: tuple[int, ...]
    paragraphs: Int64
    sentences: tuple[Int64, ...]


class Unrepeated:
    """Remembers sentences by one bit each: what was said is known for certain, what was not may be taken for it.

    Memory: 16 MiB, or two bytes for each sentence that is announced where that is more.
    """

    def __init__(self, sentences: int) -> None:
        self._size = max(_LEAST, 1 << (sentences * _BITS - 1).bit_length())
        self._seen = np.zeros(self._size // 8, np.uint8)

    def is_new(self, sentence: Int64) -> bool:
        """Whether it was not said before; from now on it was."""
        place = int(_hash(sentence)) & (self._size - 1)
        byte, bit = place >> 3, 1 << (place & 7)
        if self._seen[byte] & bit:
            return False
        self._seen[byte] |= bit
        return True


@njit(cache=True, nogil=True)
def _hash(sentence: Int64) -> np.uint64:
    """FNV-1a over the numbers of the meanings, mixed at the end (splitmix64)."""
    state = np.uint64(0xCBF29CE484222325)
    for meaning in sentence:
        state = (state ^ np.uint64(meaning)) * np.uint64(0x100000001B3)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def documents(world: World, space: Space, language: str) -> Iterator[Document]:
    """The documents of a language, one after another, until it has the sentences that it is to have."""
    left = world.languages[language].sentences
    known = Unrepeated(left)
    number = 0
    while left > 0:
        made = _document(world, space, language, number, known, left)
        left -= len(made.sentences)
        number += 1
        yield made


def _document(world: World, space: Space, language: str, number: int, known: Unrepeated, most: int) -> Document:
    """One document of at most so many sentences."""
    about, shape = world.meanings, world.documents
    stream = Stream(world.seed, "text", language, number)
    topic = stream.below(about.topics)
    sentences: list[Int64] = []
    paragraphs: list[int] = []
    subtopics: list[int] = []
    for paragraph in range(_between(stream, shape.paragraphs)):
        subtopic = topic * about.subtopics + stream.below(about.subtopics)
        count = min(_between(stream, shape.sentences_each), most - len(sentences))
        if not count:
            break
        subtopics.append(subtopic)
        for place in range(count):
            own = space.subtopics[subtopic][place % about.aspects]
            sentences.append(_sentence(world, space.general, space.topics[topic], own, stream, known, language))
            paragraphs.append(paragraph)
    return Document(number, topic, tuple(subtopics), np.array(paragraphs, np.int64), tuple(sentences))


def _between(stream: Stream, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return low + stream.below(high - low + 1)


def _sentence(
    world: World, general: Law, topic: Law, subtopic: Law, stream: Stream, known: Unrepeated, language: str
) -> Int64:
    """The meanings of a sentence that was not said before."""
    about = world.meanings
    for number in range(_TRIES):
        count = _between(stream, world.documents.words_each) + number // 8  # crowded: longer ones are new
        which, chances = stream.evenly(count), stream.evenly(count)
        meanings = subtopic.draw(chances)
        loose, topical = which < about.general, which < about.general + about.topical
        meanings[topical] = topic.draw(chances[topical])
        meanings[loose] = general.draw(chances[loose])
        if known.is_new(meanings):
            return meanings
    raise SettingsError(f"{language}: no new sentence was left to say; take more concepts or fewer sentences")
