"""A query as it was meant: a word that stands nowhere as it is typed is read as the word that it stands for.

So the encoder sees a word that it knows, and BM25 finds what it would have found with the accents. Where one spelling
is not clearly the commonest nothing is read into the query: all spellings are found alike then (see `weighing`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sprachbund.ngrams.keys import word_key
from sprachbund.ngrams.tokens import word_texts
from sprachbund.retrieval.encoder.encoder import Encoder
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.search.forms import EXACT, PLAIN, WORD, Entries
from sprachbund.search.searching import Question, Scope, ask
from sprachbund.search.wording import plain

CLEAR = 2
"""A spelling is as common as so many times all others together, or it is not told."""


def understand(scope: Scope, encoder: Encoder, query: str, language: str, folds: Sequence[str]) -> Question:
    """A query as `ask` reads it, with the accents that its words lack and that can be told.

    Args:
        scope: what is searched. language: "" if unknown. folds: of the index.
    """
    question = ask(encoder, query, language, folds)
    lacking = _lacking(scope, question.entries) if folds else set()
    if not lacking:
        return question
    text = analyse([query], language, bigrams=False, characters=())
    numbers = sorted(lacking)
    first = text.first[numbers]
    typed = word_texts(text.data, text.tokens.starts[first], text.tokens.lengths[first])
    found = {number: _meant(scope, form) for number, form in zip(numbers, plain(typed, folds), strict=True)}
    meant = {number: word for number, word in found.items() if word}
    if not meant:
        return question
    shown = text.text(0)
    pieces, end = [], 0
    for (first_point, last), number in zip(text.spans(0), text.sentences.words.tolist(), strict=True):
        if number in meant:
            pieces += [shown[end:first_point], meant[number]]
            end = last
    restored = ask(encoder, "".join(pieces) + shown[end:], language, folds)
    return replace(restored, restored=frozenset(map(word_key, meant.values())))


def _lacking(scope: Scope, entries: Entries) -> set[int]:
    """The numbers of the words that stand nowhere as they are typed, and in another spelling."""
    words = np.flatnonzero(entries.features == WORD)
    keys = entries.keys[words]
    stands = np.zeros(len(words), np.bool_)
    for segment in scope.segments:
        stands |= segment.collection.postings.find(keys) >= 0
    forms, numbers = entries.forms[words], entries.words[words]
    return set(numbers[stands & (forms == PLAIN)].tolist()) - set(numbers[stands & (forms == EXACT)].tolist())


def _meant(scope: Scope, form: str) -> str:
    """The commonest of the words that have a plain form, "" where that cannot be told."""
    counts: dict[str, int] = {}
    for segment in scope.segments:
        for word in segment.records.forms(form):
            counts[word] = counts.get(word, 0) + segment.collection.postings.count(word_key(word))
    best = max(sorted(counts), key=counts.__getitem__, default="")
    return best if counts and counts[best] >= max(1, CLEAR * (sum(counts.values()) - counts[best])) else ""
