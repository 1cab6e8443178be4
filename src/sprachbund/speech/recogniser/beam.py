"""Letters that a recogniser heard and a language model expects: a beam search over beginnings.

Every beginning has the probability of all ways to say it with and without blanks (Graves & Jaitly 2014; Hannun et al.
2014); its score is the logarithm of that, plus the weight times the logarithm of its probability under n-grams of
letters, plus a bonus a letter, since a language model likes short texts. Hot words have a bonus for each letter that
leads on to one of them, which is taken back where the word is not finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sprachbund.arrays import Flags, Float32, Float64, Int32, Int64
from sprachbund.kernels import njit
from sprachbund.lm.ngram.model import fill_after
from sprachbund.speech.alphabet import NOTHING, Alphabet
from sprachbund.speech.recogniser.expectations import Expectations
from sprachbund.speech.spelling import BLANK

__all__ = ["BEAM", "HotWords", "aligned", "beam_search", "hot_words"]

BEAM = 24
"""Beginnings that are kept."""
_RARE = -9.0
"""Natural logarithm of a symbol's probability below which it is not tried in a row."""
_NO = -1e30
HOT = 1.5
"""Bonus of a hot word's letter."""


@dataclass(frozen=True, eq=False)
class HotWords:
    """Words to be preferred, as a tree of letters.

    Attributes:
        children: int32 [nodes, symbols], -1 for none; 0 is the root. ends: bool [nodes], where a word is whole.
    """

    children: Int32
    ends: Flags


def hot_words(words: Sequence[str], alphabet: Alphabet) -> HotWords:
    """The tree of some spelled words; what has unknown letters is left out."""
    children, ends = [[-1] * alphabet.size], [False]
    for word in words:
        if not word or alphabet.unknown(word):
            continue
        node = 0
        for symbol in alphabet.encode(word).tolist():
            if children[node][symbol] < 0:
                children[node][symbol] = len(children)
                children.append([-1] * alphabet.size)
                ends.append(False)
            node = children[node][symbol]
        ends[node] = True
    return HotWords(np.array(children, np.int32), np.array(ends, bool))


def beam_search(
    told: Float32,
    alphabet: Alphabet,
    expectations: Expectations | None = None,
    hot: HotWords | None = None,
    beam: int = BEAM,
    hot_bonus: float = HOT,
) -> Int64:
    """The best symbols: int64 [letters].

    Args:
        told: float32 [rows, symbols], logarithms of probabilities. beam: beginnings that are kept.
    """
    if not len(told):
        return np.empty(0, np.int64)
    tree = hot or hot_words([], alphabet)
    own = expectations.ngram if expectations else None
    blank = alphabet.letters.index(BLANK) + 1 if BLANK in alphabet.letters else -1
    if own is None:
        none = np.zeros(1, np.int32)
        arrays = (1, 1, 0, none, np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(1, np.float32), none,
                  np.zeros(1, np.float32))  # fmt: skip
        numbers = np.zeros(alphabet.size, np.int64)
    else:
        ngram = own.ngram
        arrays = (ngram.order, ngram.size, ngram.closing, ngram.last, ngram.children, ngram.entries, ngram.left,
                  ngram.symbols, ngram.probabilities)  # fmt: skip
        numbers = np.array([0, *own.alphabet.encode("".join(alphabet.letters))], np.int64)
    return np.asarray(
        _search(
            np.ascontiguousarray(told, np.float32), beam, blank, own is not None,
            expectations.weight if expectations else 0.0, expectations.bonus if expectations else 0.0, numbers,
            tree.children, tree.ends, hot_bonus, *arrays,
        )
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _add(one: float, other: float) -> float:
    if one < other:
        one, other = other, one
    return one + np.log1p(np.exp(other - one)) if other > _NO / 2 else one


@njit(cache=True, nogil=True)
def _search(
    told: Float32, beam: int, blank: int, has: bool, weight: float, bonus: float, numbers: Int64, hot: Int32,
    ends: Flags, hot_bonus: float, order: int, size: int, closing: int, last: Int32, children: Int64, entries: Int64,
    left: Float32, follow: Int32, probabilities: Float32,
) -> Int64:  # fmt: skip
    rows, symbols = told.shape
    capacity = 1 + rows * beam
    # beginnings ever kept, as a tree: the one before, and the last symbol
    parents, lasts = np.full(capacity, -1, np.int64), np.zeros(capacity, np.int64)
    made = 1
    nodes = np.zeros(beam, np.int64)
    quiet, loud = np.full(beam, _NO), np.full(beam, _NO)  # ending in a blank, or in a letter
    extras = np.zeros(beam)  # of the language model, the bonus and hot words, in all
    hots, pending = np.zeros(beam, np.int64), np.zeros(beam)
    expected = np.zeros((beam, symbols))
    closed = np.zeros(beam)
    context, out = np.empty(order, np.int32), np.empty(size)
    quiet[0] = 0.0
    count = 1
    if has:
        closed[0] = _expect(0, parents, lasts, numbers, order, size, closing, last, children, entries, left, follow,
                            probabilities, context, out, expected[0])  # fmt: skip
    many = beam * (symbols + 1)
    new_quiet, new_loud, score = np.empty(many), np.empty(many), np.empty(many)
    slots = np.empty((beam, symbols), np.int64)
    for row in range(rows):
        line = told[row]
        # slot i * (symbols + 1) is beginning i itself, behind it its extensions
        new_quiet[:], new_loud[:], score[:] = _NO, _NO, _NO
        slots[:] = -1
        for i in range(count):
            for j in range(count):
                if parents[nodes[j]] == nodes[i] and nodes[j] != 0:
                    slots[i, lasts[nodes[j]]] = j
        for i in range(count):
            own = i * (symbols + 1)
            total = _add(quiet[i], loud[i])
            ending = lasts[nodes[i]]
            new_quiet[own] = _add(new_quiet[own], total + line[0])
            if nodes[i] != 0:
                new_loud[own] = _add(new_loud[own], loud[i] + line[ending])
            for symbol in range(1, symbols):
                if line[symbol] < _RARE:
                    continue
                base = quiet[i] if symbol == ending and nodes[i] != 0 else total
                place = slots[i, symbol] * (symbols + 1) if slots[i, symbol] >= 0 else own + 1 + symbol - 1
                new_loud[place] = _add(new_loud[place], base + line[symbol])
        for i in range(count):
            own = i * (symbols + 1)
            for symbol in range(symbols):
                # symbol 0 stands for the beginning itself
                place = own + symbol
                both = _add(new_quiet[place], new_loud[place])
                if both <= _NO / 2:
                    continue
                if symbol == 0:
                    score[place] = both + extras[i]
                    continue
                more = extras[i] + bonus + weight * expected[i, symbol]
                node = hots[i]
                if symbol == blank:
                    if node < 0 or not ends[node]:
                        more -= pending[i]
                elif node >= 0:
                    more += hot_bonus if hot[node, symbol] >= 0 else -pending[i]
                score[place] = both + more
        order_of = np.argsort(-score)
        kept = 0
        next_nodes, next_extras = np.zeros(beam, np.int64), np.zeros(beam)
        next_quiet, next_loud = np.full(beam, _NO), np.full(beam, _NO)
        next_hots, next_pending = np.zeros(beam, np.int64), np.zeros(beam)
        next_expected, next_closed = np.zeros((beam, symbols)), np.zeros(beam)
        for at in range(many):
            place = order_of[at]
            if kept == beam or score[place] <= _NO / 2:
                break
            i, symbol = place // (symbols + 1), place % (symbols + 1)
            next_quiet[kept], next_loud[kept] = new_quiet[place], new_loud[place]
            next_extras[kept] = score[place] - _add(new_quiet[place], new_loud[place])
            if symbol == 0:
                next_nodes[kept], next_hots[kept], next_pending[kept] = nodes[i], hots[i], pending[i]
                next_expected[kept], next_closed[kept] = expected[i], closed[i]
            else:
                parents[made], lasts[made] = nodes[i], symbol
                next_nodes[kept] = made
                node = hots[i]
                if symbol == blank:
                    next_hots[kept], next_pending[kept] = 0, 0.0
                elif node >= 0 and hot[node, symbol] >= 0:
                    next_hots[kept], next_pending[kept] = hot[node, symbol], pending[i] + hot_bonus
                else:
                    next_hots[kept], next_pending[kept] = -1, 0.0
                if has:
                    next_closed[kept] = _expect(
                        made, parents, lasts, numbers, order, size, closing, last, children, entries, left, follow,
                        probabilities, context, out, next_expected[kept],
                    )  # fmt: skip
                made += 1
            kept += 1
        nodes, quiet, loud, extras, hots, pending = (
            next_nodes, next_quiet, next_loud, next_extras, next_hots, next_pending,
        )  # fmt: skip
        expected, closed, count = next_expected, next_closed, kept
    best, highest = 0, _NO
    for i in range(count):
        final = _add(quiet[i], loud[i]) + extras[i] + weight * closed[i]
        if hots[i] < 0 or not ends[hots[i]]:
            final -= pending[i]
        if final > highest:
            best, highest = i, final
    length, node = 0, nodes[best]
    while node != 0:
        length += 1
        node = parents[node]
    found = np.empty(length, np.int64)
    node = nodes[best]
    for place in range(length - 1, -1, -1):
        found[place] = lasts[node]
        node = parents[node]
    return found


@njit(cache=True, nogil=True)
def _expect(
    node: int, parents: Int64, lasts: Int64, numbers: Int64, order: int, size: int, closing: int, last: Int32,
    children: Int64, entries: Int64, left: Float32, follow: Int32, probabilities: Float32, context: Int32, out: Float64,
    expected: Float64,
) -> float:  # fmt: skip
    """The logarithm of every symbol's probability after a beginning; gives back that of the end."""
    # the nearest symbol stands last but one: the last is what is asked for
    place = order - 1
    at, begun = place - 1, False
    while at >= 0:
        if node != 0:
            context[at] = numbers[lasts[node]]
            node = parents[node]
        elif not begun:
            context[at] = closing
            begun = True
        else:
            context[at] = size
        at -= 1
    fill_after(context, place, order, last, children, entries, left, follow, probabilities, out)
    for symbol in range(1, len(numbers)):
        expected[symbol] = np.log(max(out[numbers[symbol]], 1e-30))
    ending: float = np.log(max(out[closing], 1e-30))
    return ending


def aligned(told: Float32, symbols: Int64) -> "tuple[Int64, Int64, Float64]":
    """Where symbols stand in the rows, the likeliest way (Viterbi).

    Returns:
        int64 [letters] the first row of each, int64 [letters] the row behind its last, float64 [letters] its highest
        probability.
    """
    firsts, ends = _align(np.ascontiguousarray(told, np.float32), np.asarray(symbols, np.int64))
    chances = [float(np.exp(told[first:end, symbol].max())) if end > first else 0.0
               for symbol, first, end in zip(symbols, firsts, ends, strict=True)]  # fmt: skip
    return firsts, ends, np.array(chances, np.float64)


@njit(cache=True, nogil=True)
def _align(told: Float32, symbols: Int64) -> tuple[Int64, Int64]:
    rows, letters = told.shape[0], len(symbols)
    states = 2 * letters + 1
    firsts, ends = np.zeros(letters, np.int64), np.zeros(letters, np.int64)
    if letters == 0 or rows == 0:
        return firsts, ends
    best = np.full(states, _NO)
    came = np.zeros((rows, states), np.int8)
    best[0] = told[0, NOTHING]
    best[1] = told[0, symbols[0]]
    for row in range(1, rows):
        fresh = np.full(states, _NO)
        for state in range(states):
            top, step = best[state], 0
            if state >= 1 and best[state - 1] > top:
                top, step = best[state - 1], 1
            skips = state % 2 == 1 and state >= 3 and symbols[state // 2] != symbols[state // 2 - 1]
            if skips and best[state - 2] > top:
                top, step = best[state - 2], 2
            symbol = NOTHING if state % 2 == 0 else symbols[state // 2]
            fresh[state] = top + told[row, symbol]
            came[row, state] = step
        best = fresh
    state = states - 1 if best[states - 1] >= best[states - 2] else states - 2
    for row in range(rows - 1, -1, -1):
        if state % 2 == 1:
            letter = state // 2
            firsts[letter] = row
            if ends[letter] == 0:
                ends[letter] = row + 1
        state -= came[row, state]
    return firsts, ends
