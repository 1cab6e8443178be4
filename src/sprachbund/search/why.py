"""Why a passage was found: what every pair of a query's word and a passage's word adds to the score.

The encoder's part is a product of two sums of n-grams, so it is a sum over pairs of them; a word is its own row and
those of its characters, and a bigram is halved between its words. BM25 saturates a count: what an n-gram adds is
divided over the places that have it, in the passage and around it, in the shares in which they count. Nothing is
estimated: pairs, rest and surroundings add up to the score (its dense part as it is before FAISS rounds vectors).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sprachbund.arrays import Float32, Float64, Int8
from sprachbund.notebook import html_table
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.features import Workspace, build_units
from sprachbund.retrieval.encoder.model import bags_of
from sprachbund.retrieval.encoder.texts import Texts, analyse
from sprachbund.search.forms import CHARACTER, CHARACTERS, DEFAULT, EXACT, further_keys, plain_of
from sprachbund.search.fusion import Fusion
from sprachbund.search.passages import UNSPACED
from sprachbund.search.restoring import understand
from sprachbund.search.scoring import Terms, contributions
from sprachbund.search.searching import Mode, Question, Scope, terms_of
from sprachbund.search.segment import Segment

MOST_PAIRS = 300
ALIKE = ("", "part", "accents", "word", "letters", "cognate")
_PART, _ACCENTS, _WORD = 1, 2, 3


@dataclass(frozen=True)
class Span:
    """A word, as code points [start, end) of its text."""

    start: int
    end: int


@dataclass(frozen=True)
class Pair:
    """What word number ``query`` of the query and word number ``text`` of the passage add to the score together.

    Attributes:
        match: how they are alike: ``word`` (the same), ``accents`` (the same but for these), ``part`` (of a word), ""
            (to the encoder alone); in a passage that was found by its letters also ``letters`` (they have some in
            common) and ``cognate`` (the lexicon of the two languages has them as a pair).
    """

    query: int
    text: int
    dense: float
    exact: float
    match: str = ""


@dataclass(frozen=True)
class Meeting:
    """Letters of the query and letters of a passage in another language that are looked for as one another.

    Attributes:
        query, text: where they stand. query_letters, text_letters: they, romanised, a blank being a word's edge.
        learned: how likely the table of the two languages makes the one the other, 0 where it does not know them.
        score: what they add.
    """

    query: Span
    text: Span
    query_letters: str
    text_letters: str
    learned: float
    score: float


@dataclass(frozen=True)
class Strong:
    """What a word of the query and a word of the passage add, wherever they stand; ``match``: see `Pair`."""

    query: str
    text: str
    match: str
    exact: float
    dense: float


@dataclass(frozen=True)
class Why:
    """A score, taken apart.

    Attributes:
        score: the sum of all that follows. query, text: as they were read. query_words, text_words: their words.
        title: where ``text`` begins with the title of its document and a line break, for it is the first passage, their
            code points; else 0.
        pairs: the largest first, at most 300. rest_dense, rest_exact: of the other pairs.
        around_dense, around_exact: of what surrounds the passage.
        query_totals, text_totals: for each word what all its pairs add, [dense, exact].
        note: what cannot be taken apart, "" as a rule.
        meetings: of a passage that was found by its letters which of them met, the strongest first, at most 200.
    """

    score: float
    query: str
    text: str
    query_words: list[Span]
    text_words: list[Span]
    title: int
    pairs: list[Pair]
    rest_dense: float
    rest_exact: float
    around_dense: float
    around_exact: float
    query_totals: list[tuple[float, float]]
    text_totals: list[tuple[float, float]]
    note: str = ""
    meetings: list[Meeting] = field(default_factory=list)

    def __repr__(self) -> str:
        strongest = ", ".join(f"{one.query} - {one.text} {one.exact + one.dense:.3f}" for one in self.strongest(3))
        return f"Why({self.score:.3f}: {strongest or 'no pair of words'})"

    def _repr_html_(self) -> str:
        rows = [(one.query, one.text, one.match, one.exact, one.dense) for one in self.strongest(20)]
        around = ("", "the text around the passage", "", self.around_exact, self.around_dense)
        return html_table(f"score {self.score:.3f}", ("query", "passage", "alike", "exact", "dense"), [*rows, around])

    def strongest(self, most: int) -> list["Strong"]:
        """The pairs of words that made most of the score, a pair that stands in several places once."""
        sums: dict[tuple[str, str, str], list[float]] = {}
        for pair in self.pairs:
            left, right = self.query_words[pair.query], self.text_words[pair.text]
            words = (self.query[left.start : left.end].lower(), self.text[right.start : right.end].lower(), pair.match)
            own = sums.setdefault(words, [0.0, 0.0])
            own[0] += pair.exact
            own[1] += pair.dense
        strong = sorted(sums.items(), key=lambda item: -abs(sum(item[1])))[:most]
        return [Strong(*words, exact, dense) for words, (exact, dense) in strong]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    """A query as it was searched for: read once, however many of its hits are explained.

    Attributes:
        scope: what was searched together. mode: how.
        asked: its words. left: float64 [words, dim], what each adds to its vector.
        places: of each distinct word, by its number, those where it stands.
        question: its n-grams and vector. terms: they, in each segment of the scope.
        folds: of the index.
    """

    scope: Scope
    mode: Mode
    asked: Texts
    left: Float64
    places: Sequence[Sequence[int]]
    question: Question
    terms: Sequence[Terms]
    folds: tuple[str, ...]


def read(
    encoder: Encoder,
    fusion: Fusion,
    scope: Scope,
    query: str,
    language: str,
    mode: Mode,
    folds: Sequence[str] = DEFAULT,
) -> Reading:
    """Read a query.

    Args:
        language: of the query, "" if unknown. folds: of the index.
    """
    question = understand(scope, encoder, query, language, folds)
    asked = question.words
    left = word_vectors(encoder, question.seen) if mode != "bm25" else np.zeros((len(asked.tokens), 0))
    terms = terms_of(scope, question, fusion) if mode != "dense" else ()
    numbers = asked.sentences.words
    places = [np.flatnonzero(numbers == number).tolist() for number in range(asked.words)]
    return Reading(scope, mode, asked, left, places, question, terms, tuple(folds))


def explain(encoder: Encoder, fusion: Fusion, reading: Reading, segment: Segment, passage: int) -> Why:
    """Take the score of a passage apart."""
    asked, mode = reading.asked, reading.mode
    title, sentences = segment.lines(passage, passage + 1)[0]
    lines = [title, *sentences] if title else sentences
    held = analyse(lines, segment.language, bigrams=False, characters=(CHARACTERS,))
    shape = len(asked.tokens), len(held.tokens)
    dense, exact, alike = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int8)
    around_dense = around_exact = 0.0
    note = ""
    if mode != "bm25":
        factor = fusion.dense if mode == "hybrid" else 1.0
        dense, around_dense = _dense(encoder, fusion, reading, segment, passage, lines)
        dense, around_dense = factor * dense, factor * around_dense
    if mode != "dense":
        exact, alike, around_exact = _exact(reading, segment, passage, held)
    if mode == "rrf":
        note = "reciprocal rank fusion adds ranks and not scores: these are the two scores that were ranked"
    return taken_apart(
        asked, held, bool(title), segment.language, (dense, exact, alike), (around_dense, around_exact), note
    )


def taken_apart(
    asked: Texts,
    held: Texts,
    titled: bool,
    language: str,
    pairs: tuple[Float64, Float64, Int8],
    around: tuple[float, float] = (0.0, 0.0),
    note: str = "",
) -> Why:
    """Words, the largest pairs, and what is left.

    Args:
        pairs: [query words, passage words], dense, exact, and the number in `ALIKE`.
    """
    dense, exact, alike = pairs
    total = np.abs(dense + exact)
    order = np.argsort(-total, axis=None, kind="stable")[:MOST_PAIRS]
    places = [(int(n) // max(1, total.shape[1]), int(n) % max(1, total.shape[1])) for n in order]
    largest = [
        Pair(i, j, float(dense[i, j]), float(exact[i, j]), ALIKE[alike[i, j]]) for i, j in places if total[i, j] > 0
    ]
    space = "" if language in UNSPACED else " "
    text, words, title = "", [], 0
    for number in range(len(held.sentences)):
        words += [Span(len(text) + a, len(text) + b) for a, b in held.spans(number)]
        text += held.text(number)
        if titled and number == 0:
            text += "\n"
            title = len(text)
        elif number + 1 < len(held.sentences):
            text += space
    return Why(
        float(dense.sum() + exact.sum()) + sum(around),
        asked.text(0),
        text,
        [Span(a, b) for a, b in asked.spans(0)],
        words,
        title,
        largest,
        float(dense.sum()) - sum(pair.dense for pair in largest),
        float(exact.sum()) - sum(pair.exact for pair in largest),
        *around,
        list(zip(dense.sum(axis=1).tolist(), exact.sum(axis=1).tolist(), strict=True)),
        list(zip(dense.sum(axis=0).tolist(), exact.sum(axis=0).tolist(), strict=True)),
        note,
    )


def _dense(
    encoder: Encoder, fusion: Fusion, reading: Reading, segment: Segment, passage: int, lines: Sequence[str]
) -> tuple[Float64, float]:
    """The encoder's part: [query words, passage words], and what surrounds the passage."""
    left, right = reading.left, word_vectors(encoder, encoder.analyse(lines, segment.language))
    cosine = encoder.settings.encoder.similarity == "cosine"
    length = float(np.linalg.norm(left.sum(axis=0))) if cosine else 1.0
    if length == 0:
        return np.zeros((len(left), len(right))), 0.0
    left = left / length
    near = right.sum(axis=0)
    own = float(np.linalg.norm(near)) if cosine else 1.0
    share = fusion.own if fusion.surroundings.reach else 1.0
    wide = near + _surroundings(encoder, segment, passage) if share < 1 else near
    spread = float(np.linalg.norm(wide)) if cosine else 1.0
    coefficient = share / (own or 1.0) + ((1 - share) / (spread or 1.0) if share < 1 else 0.0)
    around = float(left.sum(axis=0) @ (wide - near)) * (1 - share) / (spread or 1.0) if share < 1 else 0.0
    return coefficient * (left @ right.T), around


def word_vectors(encoder: Encoder, text: Texts) -> Float64:
    """What each word, in order, adds to the sum of its texts: float64 [words, dim]."""
    settings = encoder.settings.encoder
    each = np.arange(len(text.sentences), dtype=np.int64)
    bags = bags_of(text.sentences, each, settings)
    rows, space = encoder.rows(text.ngrams), Workspace.of(text.ngrams)
    units = build_units(bags, text.ngrams, rows, encoder.table, settings, space)
    result = np.zeros((len(text.tokens), encoder.table.shape[1]))
    for number in range(len(each)):
        places = range(int(bags.starts[number]), int(bags.ends[number]))
        parts = {int(bags.ids[p]): bags.weights[p] * units.vectors[units.local[p]].astype(np.float64) for p in places}
        low, high = int(text.sentences.word_offsets[number]), int(text.sentences.word_offsets[number + 1])
        ids = text.sentences.words[low:high].tolist()
        for place, word in enumerate(ids):
            result[low + place] += parts[word] / ids.count(word)
        begin, end = (int(text.sentences.bigram_offsets[number + i]) for i in (0, 1))
        pairs = text.sentences.bigrams[begin:end].tolist()
        for place, pair in enumerate(pairs):
            if pair in parts:
                half = parts[pair] / (2 * pairs.count(pair))
                result[low + place] += half
                result[low + place + 1] += half
    if text.origins is None:
        return result
    written = np.zeros((int(text.origins.max(initial=-1)) + 1, result.shape[1]))
    np.add.at(written, text.origins, result)  # a word that is read as several has what these have
    return written


def _surroundings(encoder: Encoder, segment: Segment, passage: int) -> Float32:
    """The sum of what surrounds a passage, faded: float32 [dim]."""
    c = segment.collection
    span = len(c.fading) - 1
    first, last = max(int(c.low[passage]), passage - span), min(int(c.high[passage]), passage + span + 1)
    lines, weights = [], []
    for place, (title, sentences) in enumerate(segment.lines(first, last), first):
        if place != passage:
            own = [title, *sentences]
            weight = c.fading[abs(place - passage)] * (1 if c.sections[place] == c.sections[passage] else c.across)
            lines += own
            weights += [weight] * len(own)
    if not lines:
        return np.zeros(encoder.table.shape[1], np.float32)
    sums = encoder.sums(encoder.analyse(lines, segment.language))
    result: Float32 = np.array(weights, np.float32) @ sums
    return result


def _exact(reading: Reading, segment: Segment, passage: int, held: Texts) -> tuple[Float64, Int8, float]:
    """BM25's part: [query words, passage words]; how these are alike; what surrounds the passage."""
    scope, entries = reading.scope, reading.question.entries
    terms = reading.terms[scope.segments.index(segment)]
    given = contributions(segment.collection, terms, scope.saturation, np.array([passage], np.int32))[0]
    holders = _holders(held, reading.folds)
    result = np.zeros((len(reading.asked.tokens), len(held.tokens)))
    alike = np.zeros(result.shape, np.int8)
    around = 0.0
    for number in np.flatnonzero(given > 0).tolist():
        feature, entry = int(terms.features[number]), int(terms.numbers[number])
        share = float(given[number] / terms.weights[number])
        k1, b, mean = (float(array[feature]) for array in vars(scope.saturation).values())
        counted = share / (1 - share) * k1 * (1 - b + b * float(segment.collection.lengths[feature, passage]) / mean)
        here, there = reading.places[int(entries.words[entry])], holders.get(int(entries.keys[entry]), {})
        inside = min(1.0, sum(there.values()) / counted)
        around += float(given[number]) * (1 - inside)
        kind = _PART if feature == CHARACTER else _WORD if entries.forms[entry] == EXACT else _ACCENTS
        if kind == _WORD and int(entries.keys[entry]) in reading.question.restored:
            kind = _ACCENTS
        for j, n in there.items():
            result[here, j] += float(given[number]) * inside * n / (len(here) * sum(there.values()))
            alike[here, j] = np.maximum(alike[here, j], kind)
    return result, alike, around


def _holders(text: Texts, folds: Sequence[str]) -> dict[int, dict[int, int]]:
    """For each n-gram, by key, the numbers of the words that have it and how often."""
    found: dict[int, dict[int, int]] = {}
    owners, keys = further_keys(text, plain_of(text, folds))
    further: dict[int, list[int]] = {}
    for word, key in zip(owners.tolist(), keys.tolist(), strict=True):
        further.setdefault(word, []).append(key)
    ngrams = text.ngrams
    for place, word in enumerate(text.sentences.words.tolist()):
        inside = ngrams.char_ids[ngrams.char_offsets[word] : ngrams.char_offsets[word + 1]]
        for key in (int(ngrams.keys[word]), *ngrams.keys[inside].tolist(), *further.get(word, ())):
            own = found.setdefault(key, {})
            own[place] = own.get(place, 0) + 1
    return found
