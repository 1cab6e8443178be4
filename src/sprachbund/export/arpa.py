"""N-grams as ARPA text, by the rules that KenLM reads: back-off probabilities in logarithms of ten, an n-gram a line.

A character is a token; blanks, controls and what stands for nothing else are written as ``<U+0020>``. ``<s>`` stands
before a document, then ``<U+000A>``, the line's end that every document begins behind, so that a program asks with
``<s> <U+000A> o <U+0020> r e i <U+000A>`` and leaves the first token out of its sum. ``<unk>`` is every character that
the model lacks, all together: what says which one it is (`alphabet.UNKNOWN_BITS`) is not in the file.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sprachbund.arrays import Int32
from sprachbund.files import atomic_path
from sprachbund.lm.ngram.characters import CharacterNGram
from sprachbund.lm.ngram.model import NGram

__all__ = [
    "AFTER",
    "BEFORE",
    "FILE",
    "OTHER",
    "contexts_of",
    "line",
    "never",
    "places_of",
    "token",
    "unigrams",
    "write_arpa",
    "write_sections",
]

FILE = "model.arpa"
BEFORE, AFTER, OTHER = "<s>", "</s>", "<unk>"
_NEVER = -99.0
"""The logarithm of what is never foretold."""


def token(character: str) -> str:
    """How a character is written: itself, or its code point where it could be taken for something else."""
    visible = unicodedata.category(character)[0] not in "ZCM" and not character.isspace()
    return character if visible else f"<U+{ord(character):04X}>"


def write_arpa(model: CharacterNGram, path: Path) -> int:
    """Write a model; returns the number of its n-grams.

    Args:
        path: the file, which appears when it is whole.
    """
    names = [OTHER, *(token(character) for character in model.alphabet.symbols), BEFORE]
    ngram = model.ngram
    return write_sections([list(_section(ngram, length, names)) for length in range(ngram.order)], path)


def write_sections(sections: list[list[str]], path: Path) -> int:
    """Write the lines of n-grams of each length under their headings; returns how many there are."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as out:
        out.write("\\data\\\n")
        for number, lines in enumerate(sections, 1):
            out.write(f"ngram {number}={len(lines)}\n")
        for number, lines in enumerate(sections, 1):
            out.write(f"\n\\{number}-grams:\n")
            out.writelines(lines)
        out.write("\n\\end\\\n")
    return sum(map(len, sections))


def _section(ngram: NGram, length: int, names: list[str]) -> Iterator[str]:
    """The lines of n-grams of one length: contexts of ``length`` symbols, and what follows each."""
    first, last = int(ngram.levels[length]), int(ngram.levels[length + 1])
    contexts = contexts_of(ngram, length)
    longest = length + 1 == ngram.order
    longer = {} if longest else places_of(contexts_of(ngram, length + 1), int(ngram.levels[length + 1]))
    if not length:
        yield from _unigrams(ngram, names, longer)
    elif length == 1 and not longest:
        # the line's end behind a document's beginning is a context, and so must be an n-gram; it has what it is without
        place = longer.get((ngram.size, ngram.closing))
        if place is not None:
            yield line(_probability_of(ngram, ngram.closing), (BEFORE, names[ngram.closing]), ngram, place)
    if not length:
        return
    for node in range(first, last):
        context = contexts[node - first]
        written = [names[symbol] for symbol in context]
        for entry in range(int(ngram.entries[node]), int(ngram.entries[node + 1])):
            symbol = int(ngram.symbols[entry])
            place = longer.get((*context, symbol))
            yield line(float(ngram.probabilities[entry]), (*written, names[symbol]), ngram, place)


def _unigrams(ngram: NGram, names: list[str], longer: dict[tuple[int, ...], int]) -> Iterator[str]:
    for symbol, probability in enumerate(unigrams(ngram)):
        yield line(probability, (names[symbol],), ngram, longer.get((symbol,)))
    yield never(BEFORE, ngram, None)
    yield f"{_NEVER:g}\t{AFTER}\n"


def unigrams(ngram: NGram) -> list[float]:
    """The probability of every symbol by itself."""
    told = np.full(ngram.size, float(ngram.left[0]) / ngram.size)
    told[ngram.symbols[: ngram.entries[1]]] = ngram.probabilities[: ngram.entries[1]]
    found: list[float] = told.tolist()
    return found


def never(name: str, ngram: NGram, place: int | None) -> str:
    """The line of a unigram that is never foretold, only a context."""
    left = 0.0 if place is None else float(np.log10(float(ngram.left[place])))
    return f"{_NEVER:g}\t{name}\t{left:.7g}\n"


def _probability_of(ngram: NGram, symbol: int) -> float:
    place = int(np.searchsorted(ngram.symbols[: ngram.entries[1]], symbol))
    return float(ngram.probabilities[place])


def line(probability: float, words: tuple[str, ...], ngram: NGram, place: int | None) -> str:
    """An n-gram with its probability, and what its context leaves to the shorter one where it is one."""
    text = f"{np.log10(probability):.7g}\t{' '.join(words)}"
    return f"{text}\n" if place is None else f"{text}\t{np.log10(float(ngram.left[place])):.7g}\n"


def contexts_of(ngram: NGram, length: int) -> list[tuple[int, ...]]:
    """The contexts of one length as symbols in the order of the text."""
    if not length:
        return [()]
    found: list[tuple[int, ...]] = [()]
    for each in range(length):
        above, below = int(ngram.levels[each]), int(ngram.levels[each + 1])
        sizes = np.diff(ngram.children[above : below + 1])
        parents = np.repeat(np.arange(below - above), sizes)
        own: Int32 = ngram.last[below : int(ngram.levels[each + 2])]
        found = [(int(symbol), *found[parent]) for symbol, parent in zip(own, parents, strict=True)]
    return found


def places_of(contexts: list[tuple[int, ...]], first: int) -> dict[tuple[int, ...], int]:
    """The number of each context, of which the first has one."""
    return {context: first + number for number, context in enumerate(contexts)}
