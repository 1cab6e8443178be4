"""The letters that a recogniser hears: the likeliest symbol of every row, repeats and blanks taken out.

Words with their times and how sure they are. A word's confidence is the geometric mean, over its letters, of the
probability that the letter had where it was likeliest: of letters, not of meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Float32, Float64, Int64
from sprachbund.speech.alphabet import NOTHING, Alphabet
from sprachbund.speech.features import SHIFT
from sprachbund.speech.recogniser.network import STRIDE
from sprachbund.speech.spelling import BLANK

__all__ = ["ROW_SECONDS", "Heard", "Word", "greedy", "text_of", "words_of"]

ROW_SECONDS = SHIFT * STRIDE
"""From one row of the network to the next."""


@dataclass(frozen=True)
class Word:
    """A word that was heard: its letters, seconds from the beginning, and confidence from 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, eq=False)
class Heard:
    """Symbols in order.

    Attributes:
        symbols: int64 [letters], none the blank. rows, ends: int64 [letters], where each begins, and behind its last.
        chances: float64 [letters], the highest probability of each.
    """

    symbols: Int64
    rows: Int64
    ends: Int64
    chances: Float64


def greedy(told: Float32) -> Heard:
    """The likeliest symbols.

    Args:
        told: float32 [rows, symbols], logarithms of probabilities.
    """
    best = told.argmax(1) if len(told) else np.empty(0, np.int64)
    edges = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(edges[1:], len(best))
    kept = np.flatnonzero(best[edges] != NOTHING) if len(edges) else np.empty(0, np.int64)
    symbols, starts, stops = best[edges[kept]], edges[kept], ends[kept]
    chances = [float(np.exp(told[start:stop, symbol].max()))
               for symbol, start, stop in zip(symbols, starts, stops, strict=True)]  # fmt: skip
    return Heard(symbols, starts, stops, np.array(chances, np.float64))


def text_of(heard: Heard, alphabet: Alphabet) -> str:
    """The letters, with single blanks between words."""
    return BLANK.join(alphabet.decode(heard.symbols).split())


def words_of(heard: Heard, alphabet: Alphabet, offset: float = 0.0) -> list[Word]:
    """The words.

    Args:
        offset: seconds before the first row.
    """
    found: list[Word] = []
    begun: list[int] = []
    letters = [alphabet.letters[symbol - 1] for symbol in heard.symbols]
    for place, letter in enumerate([*letters, BLANK]):
        if letter != BLANK:
            begun.append(place)
        elif begun:
            found.append(_word(heard, letters, begun, offset))
            begun = []
    return found


def _word(heard: Heard, letters: Sequence[str], places: list[int], offset: float) -> Word:
    logs = np.log(np.maximum(heard.chances[places], 1e-30))
    return Word(
        "".join(letters[place] for place in places),
        round(offset + float(heard.rows[places[0]]) * ROW_SECONDS, 3),
        round(offset + float(heard.ends[places[-1]]) * ROW_SECONDS, 3),
        round(float(np.exp(logs.mean())), 4),
    )
