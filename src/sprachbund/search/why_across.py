"""Why a passage of a neighbour was found: which letters of the query met which of the passage, and so which words.

What a gram adds to the score (`across`) is divided over the grams of the query that it is looked for as, in the shares
of its weight that each gave, and over the places where it stands; what stands around the passage has its own share. A
gram belongs to the word that most of it covers, so the words of query and passage make pairs, as in `why`. The score of
such a passage is one of the query's own language that stands as high, so the parts are the shares in which its letters
gave it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sprachbund.arrays import Int8
from sprachbund.cognates.romanising import plain, plain_word
from sprachbund.retrieval.encoder.texts import Texts, analyse
from sprachbund.search.across import Carried, Letters, carry, letters_of, own_rarities, roman_scope, roman_terms
from sprachbund.search.forms import CHARACTERS
from sprachbund.search.kin import Kin
from sprachbund.search.roman import grams_of, spelt
from sprachbund.search.scoring import Terms, contributions
from sprachbund.search.searching import Scope
from sprachbund.search.segment import Segment
from sprachbund.search.why import ALIKE, Meeting, Span, Why, taken_apart

MOST_MEETINGS = 200
_LETTERS, _COGNATE, _ACCENTS, _WORD = (ALIKE.index(name) for name in ("letters", "cognate", "accents", "word"))


@dataclass(frozen=True)
class Across:
    """A query, read for all its reasons in one neighbour.

    Attributes:
        asked: its words. letters: its grams. carried: these as the neighbour has them. scope, terms: of the
            neighbour's segments, by their names. lexicon: pairs of words of the two languages.
    """

    asked: Texts
    letters: Letters
    carried: Carried
    scope: Scope
    terms: Mapping[str, Terms]
    lexicon: Collection[tuple[str, str]]


def read_words(query: str, language: str) -> Texts:
    """The words of a query in a language: the same for all neighbours."""
    return analyse([query], language, bigrams=False, characters=(CHARACTERS,))


def read_across(
    query: str,
    asked: Texts,
    kin: Kin,
    lexicon: Collection[tuple[str, str]],
    segments: Sequence[Segment],
    speaking: Sequence[Segment] = (),
) -> Across:
    """Read a query for its reasons in a neighbour.

    Args:
        query: its words. asked: these, from `read_words`. kin: from the query's language to the neighbour. lexicon:
            pairs of words of the two. segments: all of the neighbour's. speaking: all of the query's.
    """
    letters = letters_of(query)
    scope = roman_scope(segments)
    found, carried = roman_terms(scope, carry(letters, kin), own_rarities(speaking, letters))
    terms = dict(zip([one.name for one in segments], found, strict=True))
    return Across(asked, letters, carried, scope, terms, lexicon)


def explain_across(reading: Across, segment: Segment, passage: int, score: float) -> Why:
    """Take the score of a passage that was found by its letters apart.

    Args:
        segment: one of those that were read. score: of the hit.
    """
    asked, letters, carried, scope = reading.asked, reading.letters, reading.carried, reading.scope
    terms = reading.terms[segment.name]
    assert segment.roman is not None
    collection = segment.roman.collection(segment)
    given = contributions(collection, terms, scope.saturation, np.array([passage], np.int32))[0].astype(np.float64)
    scale = score / float(given.sum()) if given.any() else 0.0
    title, sentences = segment.lines(passage, passage + 1)[0]
    lines = [title, *sentences] if title else sentences
    held = analyse(lines, segment.language, bigrams=False, characters=(CHARACTERS,))
    exact = np.zeros((len(asked.tokens), len(held.tokens)))
    around = 0.0
    bare = taken_apart(asked, held, bool(title), segment.language, (exact, exact, np.zeros(exact.shape, np.int8)))
    ours, theirs = _Written.of(bare.query, bare.query_words), _Written.of(bare.text, bare.text_words)
    meetings: dict[tuple[Span, Span], Meeting] = {}
    for number in np.flatnonzero(given > 0).tolist():
        entry, feature = int(terms.numbers[number]), int(terms.features[number])
        part = float(given[number]) * scale
        there = theirs.where(int(carried.keys[entry]))
        held_here = _inside(scope.saturation, collection.lengths, terms, given, number, feature, passage, len(there))
        around += part * (1 - held_here)
        part *= held_here
        for source in np.flatnonzero(carried.targets == entry).tolist():
            key = int(letters.keys[carried.sources[source]])
            here = ours.where(key)
            if not here or not there:
                continue
            each = part * float(carried.shares[source] / carried.weights[entry]) / (len(here) * len(there))
            for left, i in here:
                for right, j in there:
                    exact[i, j] += each
                    before = meetings.get((left, right))
                    learned = max(float(carried.learned[source]), before.learned if before else 0.0)
                    grams = spelt(key), spelt(int(carried.keys[entry]))
                    sum_ = each + (before.score if before else 0.0)
                    meetings[left, right] = Meeting(left, right, *grams, learned, sum_)
    rest = float(score - exact.sum() - around) if given.any() else 0.0
    alike = _alike(bare, exact.shape, reading.lexicon)
    zero = np.zeros_like(exact)
    made = taken_apart(
        asked, held, bool(title), segment.language, (zero, exact, alike), (0.0, around + rest),
    )  # fmt: skip
    strongest = sorted(meetings.values(), key=lambda one: (-one.score, one.query.start, one.text.start))
    return replace(made, meetings=strongest[:MOST_MEETINGS])


def _inside(saturation, lengths, terms, given, number, feature, passage, count) -> float:  # type: ignore[no-untyped-def]
    """Which share of what a gram adds stands in the passage itself."""
    share = float(given[number] / terms.weights[number])
    k1, b, mean = (float(array[feature]) for array in (saturation.k1, saturation.b, saturation.mean))
    counted = share / (1 - share) * k1 * (1 - b + b * float(lengths[feature, passage]) / mean)
    return min(1.0, count / counted) if counted > 0 else 0.0


def _alike(why: Why, shape: tuple[int, ...], lexicon: Collection[tuple[str, str]]) -> Int8:
    """How each word of the query and each of the passage are alike: the number in `ALIKE`, int8 [words, words]."""
    result = np.full(shape, _LETTERS, np.int8)
    ours, theirs = (
        [text[span.start : span.end].lower() for span in words]
        for text, words in ((why.query, why.query_words), (why.text, why.text_words))
    )
    for i, left in enumerate(ours):
        for j, right in enumerate(theirs):
            if left == right:
                result[i, j] = _WORD
            elif (left, right) in lexicon:
                result[i, j] = _COGNATE
            elif plain_word(left) == plain_word(right) != "":
                result[i, j] = _ACCENTS
    return result


class _Written:
    """A text, romanised, with the place of each letter, and where each gram stands."""

    def __init__(self, text: str, words: Sequence[Span]) -> None:
        romanised, places = with_places(text)
        self.words = words
        self.owners = np.full(len(text) + 1, -1, np.int64)
        for number, word in enumerate(words):
            self.owners[word.start : word.end] = number
        self.found: dict[int, list[tuple[Span, int]]] = {}
        grams = grams_of([romanised])
        for key, start, stop in zip(grams.keys.tolist(), grams.starts.tolist(), grams.stops.tolist(), strict=True):
            # the blank before the text is not in it
            inside = [places[at] for at in range(max(0, start - 1), min(stop - 1, len(places))) if romanised[at] != " "]
            numbers = [owner for owner in self.owners[inside].tolist() if owner >= 0]
            if numbers:
                owner = max(dict.fromkeys(numbers), key=numbers.count)
                self.found.setdefault(key, []).append((Span(inside[0], inside[-1] + 1), owner))

    @staticmethod
    def of(text: str, words: Sequence[Span]) -> "_Written":
        return _Written(text, words)

    def where(self, key: int) -> list[tuple[Span, int]]:
        return self.found.get(key, [])


def with_places(text: str) -> tuple[str, list[int]]:
    """`plain` of a text in NFC, and of each character of it the code point of the text that it was written for."""
    written: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _alone(character):
            if letter != " " or (written and written[-1] != " "):
                written.append(letter)
                places.append(place)
    if written and written[-1] == " ":
        del written[-1], places[-1]
    return "".join(written), places


@lru_cache(maxsize=20_000)
def _alone(character: str) -> str:
    """What is plain for a character between two others: it may be nothing, or part them."""
    return plain(f"a{character}a")[1:-1]
