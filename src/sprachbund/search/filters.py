"""Which passages of a segment a query allows: phrases, words left out, titles, metadata, dates.

What has no phrase in it is told from the postings and the columns of the documents, without reading text. A phrase is
first looked for by its words: the passages that have all of them are candidates, and their text is read. So a phrase
costs what its words have in common; at most `READ` passages are read for a query, those that rank best, the rest of a
phrase of very frequent words is left unlooked at, and the answer says so.

A passage has a word where its own text or the title of its document has it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from sprachbund.arrays import Flags, Float32, Int32, Int64, Keys
from sprachbund.ngrams import keys as kernels
from sprachbund.ngrams.tokens import pack, tokenize
from sprachbund.normal_forms import normal_form
from sprachbund.search.dates import Dates
from sprachbund.search.forms import PLAIN, salted
from sprachbund.search.query import TITLE, Clause, Query
from sprachbund.search.records import MOST_WORDS
from sprachbund.search.searching import Hurry
from sprachbund.search.segment import Segment
from sprachbund.search.wording import needs_letters, wanted, worded

Rank = Callable[[int, Int32], Float32]
RANKED, TERMS = 20_000, 32
"""Where there are more candidates than may be read, so many of them are ranked by so many n-grams."""
READ = 3_000
"""Passages that are read for the phrases of a query at most: about a fifth of a second."""
BLOCK = 1_500
EXPANDED = 8
"""Words that a beginning is ranked by."""


@dataclass(frozen=True)
class Narrowing:
    """What hits have to be, besides being near a query.

    Attributes:
        query: its clauses and dates. where: the whole values of columns. dates: None for any.
    """

    query: Query
    where: Mapping[str, str] = field(default_factory=dict)
    dates: Dates | None = None

    @property
    def asks(self) -> bool:
        """Whether anything is left out."""
        return bool(self.query.clauses or self.query.dates or self.where or self.dates)


@dataclass(frozen=True)
class Candidates:
    """What is known of the passages of a segment before any is read.

    Attributes:
        passages: bool [passages], those that may fit. unsure: clauses, each with where only the text can tell.
        to_read: int64 [n], passages of which only the text can tell, rising.
    """

    passages: Flags
    unsure: tuple[tuple[Clause, Flags], ...]
    to_read: Int64


def candidates(segment: Segment, narrowing: Narrowing) -> Candidates:
    """The passages of a segment that may fit.

    Raises:
        FolderError: the segment is damaged.
    """
    catalogue = segment.catalogue
    documents = np.ones(len(catalogue.first) - 1, np.bool_)
    for name, value in narrowing.where.items():
        column = catalogue.columns.get(name)
        number = column.numbers.get(normal_form("NFC", value), -1) if column is not None else -1
        documents &= column.codes == number if column is not None and number >= 0 else False
    for dates, negated in (*narrowing.query.dates, *([(narrowing.dates, False)] if narrowing.dates else [])):
        documents &= catalogue.dated(dates) ^ negated
    for clause in narrowing.query.clauses:
        if clause.field:
            documents &= _in_field(segment, clause) ^ clause.negated
    passages: Flags = catalogue.passages(documents) & ~segment.collection.dead
    unsure: list[tuple[Clause, Flags]] = []
    for clause in narrowing.query.clauses:
        if not clause.field and passages.any():
            sure, maybe = in_text(segment, clause)
            passages &= ~sure if clause.negated else sure | maybe
            if (maybe := maybe & ~sure).any():
                unsure.append((clause, maybe))
    told_by_text = reduce(np.logical_or, (maybe for _, maybe in unsure), np.zeros(1, np.bool_))
    return Candidates(passages, tuple(unsure), np.flatnonzero(passages & told_by_text))


def verified(segment: Segment, found: Candidates, read: Int64) -> Flags:
    """The passages that fit, of which some are read and those that would have to be are left out: bool [passages].

    Args:
        read: int64 [n], some of ``found.to_read``.
    """
    passages = found.passages.copy()
    passages[found.to_read] = False
    passages[read] = True
    for low in range(0, len(read), BLOCK):
        block = read[low : low + BLOCK]
        lines = [text.replace("\n", " ") for text in segment.records.texts_of(block.tolist())]
        wording = worded(lines, segment.language, segment.folds)
        for clause, maybe in found.unsure:
            having = wording.having(wanted(clause.text, segment.language, segment.folds))
            passages[block] &= ~maybe[block] | (having ^ clause.negated)
    return passages


def shares(counts: Sequence[int], most: int) -> list[int]:
    """How many of each may be read, where together so many may: alike, but for what one does not need."""
    given = [0] * len(counts)
    for left, number in enumerate(sorted(range(len(counts)), key=lambda n: counts[n])):
        given[number] = min(counts[number], most // (len(counts) - left))
        most -= given[number]
    return given


def _in_field(segment: Segment, clause: Clause) -> Flags:
    """The documents whose title or column has what a clause says: bool [documents]."""
    catalogue = segment.catalogue
    column = None if clause.field == TITLE else catalogue.columns.get(clause.field)
    if clause.field != TITLE and column is None:
        return np.zeros(len(catalogue.first) - 1, np.bool_)
    wording = catalogue.titles if column is None else column.wording
    asked = wanted(clause.text, segment.language, segment.folds)
    having = wording.beginning("".join(asked)) if clause.kind == "prefix" else wording.having(asked)
    return having if column is None else column.of(having)


def in_text(segment: Segment, clause: Clause) -> tuple[Flags, Flags]:
    """Where the text or the title has what a clause says: bool [passages] for certain, and perhaps.

    A clause without words is everywhere, and nowhere where it is negated.
    """
    asked = wanted(clause.text, segment.language, segment.folds)
    titles, none = segment.catalogue.titles, np.zeros(len(segment), np.bool_)
    if not asked:
        return np.full(len(segment), not clause.negated), none
    if clause.kind == "prefix":
        stem = "".join(asked)
        words = segment.records.words(stem)
        lists = _lists(segment, keys_of(words, segment.folds).ravel()) if words else []
        return segment.catalogue.passages(titles.beginning(stem)) | _flags(segment, lists), none
    sure = segment.catalogue.passages(titles.having(asked))
    letters = needs_letters(asked)
    lists = [postings_of(segment, word) for word in dict.fromkeys(asked)]
    if len(asked) == 1 and not letters:
        return sure | _flags(segment, lists), none
    if letters:
        return sure, _flags(segment, lists)
    return sure, _flags(segment, [reduce(_both, sorted(lists, key=len))])


def _both(one: Int32, other: Int32) -> Int32:
    return np.intersect1d(one, other, assume_unique=True)


def _flags(segment: Segment, lists: Sequence[Int32]) -> Flags:
    """The passages of some lists: bool [passages]."""
    found = np.zeros(len(segment), np.bool_)
    for each in lists:
        found[each] = True
    return found


def postings_of(segment: Segment, word: str) -> Int32:
    """The passages that have a word, `wording.plain`, however it is written: int32, rising."""
    lists = _lists(segment, keys_of([word], segment.folds).ravel())
    if len(lists) == 1:
        return np.asarray(lists[0])
    return np.unique(np.concatenate(lists)) if lists else np.empty(0, np.int32)


def _lists(segment: Segment, keys: Keys) -> list[Int32]:
    """The postings of those keys that a segment has."""
    postings = segment.collection.postings
    places = postings.find(keys)
    places = places[places >= 0]
    segment.require_sound(places)
    return [postings.passages[postings.offsets[place] : postings.offsets[place + 1]] for place in places.tolist()]


def keys_of(words: Sequence[str], folds: Sequence[str]) -> Keys:
    """The keys under which the passages are that have a word, `wording.plain`: uint64 [words, forms].

    Of a word that is written otherwise the plain form has a key of its own.
    """
    data, offsets = pack(words)
    tokens = tokenize(data, offsets)
    single = len(tokens.keys) == len(words) and bool((np.diff(tokens.offsets) == 1).all())
    exact = tokens.keys if single else np.array([kernels.word_key(word) for word in words], np.uint64)
    return np.stack((exact, salted(exact, PLAIN)), axis=1) if folds else exact[:, None]


def passages_of(segments: Sequence[Segment], words: Sequence[str]) -> list[int]:
    """How many passages have each word, `wording.plain`; what is deleted counts, each form for itself."""
    counts = np.zeros(len(words), np.int64)
    for segment in segments if words else ():
        keys = keys_of(words, segment.folds)
        postings = segment.collection.postings
        places = postings.find(keys.ravel()).reshape(keys.shape)
        lengths = postings.offsets[np.maximum(places, 0) + 1] - postings.offsets[np.maximum(places, 0)]
        counts += np.where(places >= 0, lengths, 0).sum(axis=1)
    return [int(count) for count in counts]


def expansions(segments: Sequence[Segment], stems: Sequence[str]) -> list[str]:
    """The words that begin so and that most passages have: what a beginning is ranked by."""
    counts: Counter[str] = Counter()
    for stem in stems:
        for segment in segments:
            words = segment.records.words("".join(wanted(stem, segment.language, segment.folds)))
            counts.update(dict(zip(words, passages_of([segment], words), strict=True)))
    return [word for word, _ in counts.most_common(EXPANDED)]


def too_many(segment: Segment, stem: str) -> bool:
    """Whether more words begin so than are looked for."""
    return len(segment.records.words("".join(wanted(stem, segment.language, segment.folds)))) == MOST_WORDS


def narrowed(
    segments: Sequence[Segment], narrowing: Narrowing, most: int, rank: Rank, hurry: Hurry
) -> tuple[tuple[Segment, ...], bool]:
    """The segments with all that does not fit barred, and whether more had to be read than may be.

    Args:
        most: passages that are read, see `READ`. rank: the numbers of passages of a segment, by its place among these,
            to how near they are to the query: the nearest are read.
    """
    found = []
    for segment in segments:
        hurry()
        found.append(candidates(segment, narrowing))
    made, cut = [], False
    for place, given in enumerate(shares([len(each.to_read) for each in found], most)):
        hurry()
        read = found[place].to_read
        if given < len(read):
            read, cut = read[:RANKED], True
            scores = rank(place, read.astype(np.int32))
            read = np.sort(read[np.argsort(-scores, kind="stable")[:given]])
        made.append(segments[place].barring(~verified(segments[place], found[place], read)))
    return tuple(made), cut
