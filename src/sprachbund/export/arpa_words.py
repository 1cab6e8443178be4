"""N-grams of words as ARPA text, as decoders of speech ask for them: a line's words between ``<s>`` and ``</s>``.

A token is a word as it is written, or a sign; blanks between them are no tokens. A line's end is ``<s>`` where it
stands before words and ``</s>`` where it is foretold, so n-grams that go on over one are left out: what is written is a
line in the middle of a text, whose line before is not known. ``<unk>`` is every word that the model lacks, all
together, without its letters.
"""

from collections.abc import Iterator
from pathlib import Path

from sprachbund.export.arpa import (
    AFTER,
    BEFORE,
    OTHER,
    contexts_of,
    line,
    never,
    places_of,
    token,
    unigrams,
    write_sections,
)
from sprachbund.lm.ngram.model import NGram
from sprachbund.lm.ngram.words import WordNGram

__all__ = ["write_word_arpa"]


def write_word_arpa(model: WordNGram, path: Path) -> int:
    """Write a model; returns the number of its n-grams.

    Args:
        path: the file, which appears when it is whole.
    """
    vocabulary = model.vocabulary
    names = [OTHER, *(token(sign) for sign in vocabulary.others), *vocabulary.words]
    return write_sections([list(_section(model.ngram, length, names)) for length in range(model.ngram.order)], path)


def _section(ngram: NGram, length: int, names: list[str]) -> Iterator[str]:
    """The lines of n-grams of one length that lie within a line of text."""
    closing, first = ngram.closing, int(ngram.levels[length])
    longer = (
        {} if length + 1 == ngram.order else places_of(contexts_of(ngram, length + 1), int(ngram.levels[length + 1]))
    )
    if not length:
        for symbol, probability in enumerate(unigrams(ngram)):
            if symbol == closing:
                yield line(probability, (AFTER,), ngram, None)
                yield never(BEFORE, ngram, longer.get((closing,)))
            else:
                yield line(probability, (names[symbol],), ngram, longer.get((symbol,)))
        return
    for node, context in enumerate(contexts_of(ngram, length), first):
        if closing in context[1:] or ngram.size in context:
            continue
        written = [BEFORE if context[0] == closing else names[context[0]], *(names[symbol] for symbol in context[1:])]
        for entry in range(int(ngram.entries[node]), int(ngram.entries[node + 1])):
            symbol = int(ngram.symbols[entry])
            name, place = (AFTER, None) if symbol == closing else (names[symbol], longer.get((*context, symbol)))
            yield line(float(ngram.probabilities[entry]), (*written, name), ngram, place)
