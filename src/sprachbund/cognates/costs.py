"""How likely one language's letters stand for another's: a score of every edit operation, and alignments by them.

An operation writes a string of at most two letters as another: c as c, i as nothing, ct as it. Its score is a log
likelihood ratio, how much more often the two strings stand for each other in pairs of cognates than two strings of the
languages do by chance:

    score(x, y) = ln p(y | x) / p(y)          of operations that leave out or put in: ln p(nothing | x)

Words are aligned with one-letter operations, the best first, and their counts together with those of adjacent pairs
give the scores anew (hard EM; adjacent pairs are the phrases of statistical translation, Koehn, Och & Marcu 2003). A
count that is small is held to the start scores, by so many (`HELD`) observations that never were.
"""

from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Float32, Float64, Int32
from sprachbund.cognates.letters import LETTERS, STRINGS, Encoded, encode, sounds_alike, spelt, string_number
from sprachbund.kernels import njit

__all__ = ["NEVER", "align", "counted", "operations", "rescored", "scores", "similarity", "start_costs"]

NEVER = np.float32(-1e9)
EQUAL, ALIKE, OTHER, GAP = 2.5, -0.5, -3.0, -2.5
HELD = 4.0
LEAST = 3
"""Times that an operation of two letters must have been seen."""
_N = len(LETTERS)


def start_costs() -> Float32:
    """The scores before anything is known: float32 [STRINGS, STRINGS], `NEVER` for what is not allowed."""
    table = np.full((STRINGS, STRINGS), NEVER, np.float32)
    table[1, 1] = 0  # edges
    for x in range(1, _N):
        table[1 + x, 0] = table[0, 1 + x] = GAP
        for y in range(1, _N):
            one, other = LETTERS[x], LETTERS[y]
            table[1 + x, 1 + y] = EQUAL if x == y else ALIKE if sounds_alike(one, other) else OTHER
    return table


def rescored(joint: Float64, left: Float64, right: Float64, start: Float32) -> Float32:
    """The scores that counts give.

    Args:
        joint: float64 [STRINGS, STRINGS], how often each operation was seen.
        left, right: float64 [STRINGS], how often each string stands in the words of the pairs.
        start: what few counts are held to.
    """
    table = np.full((STRINGS, STRINGS), NEVER, np.float32)
    single = slice(2, 1 + _N)
    often = (right[single] + 0.5) / (right[single].sum() + 0.5 * (_N - 1))
    given = (joint[single, single] + HELD * np.exp(start[single, single].astype(np.float64)) * often) / (
        left[single] + HELD
    )[:, None]
    table[single, single] = np.log(given / often)
    gap = HELD * np.exp(GAP)
    table[single, 0] = np.log((joint[single, 0] + gap) / (left[single] + HELD))
    table[0, single] = np.log((joint[0, single] + gap) / (right[single] + HELD))
    table[1, 1] = 0
    rows, columns = np.nonzero(joint >= LEAST)
    wide = (rows > _N) | (columns > _N)
    rows, columns = rows[wide], columns[wide]
    sums = {1: right[1 : 1 + _N].sum(), 2: right[1 + _N :].sum()}
    by_right = np.where(columns > _N, right[columns] / max(1.0, sums[2]), right[columns] / max(1.0, sums[1]))
    given = (joint[rows, columns] - 1) / (left[rows] + HELD)
    table[rows, columns] = np.log(given / by_right)
    table[rows[columns == 0], 0] = NEVER
    table[0, columns[rows == 0]] = NEVER
    return table


@njit(cache=True, nogil=True)
def _best(a, b, table, reach, grid, back):  # type: ignore[no-untyped-def]
    """Fill the grid of the best score up to each place of both words; ``reach``: letters of an operation's side."""
    n, m = len(a), len(b)
    for i in range(n + 1):
        for j in range(m + 1):
            if i == 0 and j == 0:
                grid[0, 0] = 0
                continue
            best, how = np.float32(-1e18), 0
            if i > 0 and j > 0:
                value = grid[i - 1, j - 1] + table[1 + a[i - 1], 1 + b[j - 1]]
                if value > best:
                    best, how = value, 0
            if i > 0:
                value = grid[i - 1, j] + table[1 + a[i - 1], 0]
                if value > best:
                    best, how = value, 1
            if j > 0:
                value = grid[i, j - 1] + table[0, 1 + b[j - 1]]
                if value > best:
                    best, how = value, 2
            if reach > 1:
                if i > 1 and j > 0:
                    x = 1 + _N + a[i - 2] * _N + a[i - 1]
                    value = grid[i - 2, j - 1] + table[x, 1 + b[j - 1]]
                    if value > best:
                        best, how = value, 3
                    if j > 1:
                        value = grid[i - 2, j - 2] + table[x, 1 + _N + b[j - 2] * _N + b[j - 1]]
                        if value > best:
                            best, how = value, 5
                if j > 1 and i > 0:
                    value = grid[i - 1, j - 2] + table[1 + a[i - 1], 1 + _N + b[j - 2] * _N + b[j - 1]]
                    if value > best:
                        best, how = value, 4
            grid[i, j] = best
            back[i, j] = how
    return grid[n, m]


_LEFT = np.array([1, 1, 0, 2, 1, 2])
_RIGHT = np.array([1, 0, 1, 1, 2, 2])


@njit(cache=True, nogil=True)
def align(a, b, table, reach, out):  # type: ignore[no-untyped-def]
    """The best operations of two words with edges, written to ``out`` as (left string, right string); their number."""
    grid = np.empty((len(a) + 1, len(b) + 1), np.float32)
    back = np.empty((len(a) + 1, len(b) + 1), np.int8)
    _best(a, b, table, reach, grid, back)
    i, j, count = len(a), len(b), 0
    while i > 0 or j > 0:
        how = back[i, j]
        left, right = _LEFT[how], _RIGHT[how]
        out[count, 0] = _number(a, i, left)
        out[count, 1] = _number(b, j, right)
        i, j = i - left, j - right
        count += 1
    out[:count] = out[:count][::-1].copy()
    return count


@njit(cache=True, nogil=True, inline="always")
def _number(word, end, length):  # type: ignore[no-untyped-def]
    if length == 0:
        return 0
    if length == 1:
        return 1 + np.int64(word[end - 1])
    return 1 + _N + np.int64(word[end - 2]) * _N + np.int64(word[end - 1])


@njit(cache=True, nogil=True)
def scores(left_letters, left_offsets, right_letters, right_offsets, nearest, table, rank_weight, least):  # type: ignore[no-untyped-def]
    """The score of each candidate: float32 [left, most], per letter, less what ranks differ; -inf for none."""
    count, most = nearest.shape
    found = np.full((count, most), -np.inf, np.float32)
    longest = 0
    for i in range(len(left_offsets) - 1):
        longest = max(longest, left_offsets[i + 1] - left_offsets[i])
    for i in range(len(right_offsets) - 1):
        longest = max(longest, right_offsets[i + 1] - right_offsets[i])
    grid = np.empty((longest + 1, longest + 1), np.float32)
    back = np.empty((longest + 1, longest + 1), np.int8)
    for i in range(count):
        a = left_letters[left_offsets[i] : left_offsets[i + 1]]
        if len(a) - 2 < least:
            continue
        for k in range(most):
            j = nearest[i, k]
            if j < 0:
                break
            b = right_letters[right_offsets[j] : right_offsets[j + 1]]
            if len(b) - 2 < least:
                continue
            sum_ = _best(a, b, table, 2, grid, back)
            length = 0.5 * (len(a) + len(b)) - 2
            found[i, k] = sum_ / length - rank_weight * abs(np.log((i + 1.0) / (j + 1.0)))
    return found


@njit(cache=True, nogil=True)
def _count(left_letters, left_offsets, right_letters, right_offsets, pairs, table, joint, left, right):  # type: ignore[no-untyped-def]
    for p in range(len(pairs)):
        a = left_letters[left_offsets[pairs[p, 0]] : left_offsets[pairs[p, 0] + 1]]
        b = right_letters[right_offsets[pairs[p, 1]] : right_offsets[pairs[p, 1] + 1]]
        for i in range(len(a)):
            left[1 + a[i]] += 1
            if i > 0:
                left[_number(a, i + 1, 2)] += 1
        for j in range(len(b)):
            right[1 + b[j]] += 1
            if j > 0:
                right[_number(b, j + 1, 2)] += 1
        out = np.empty((len(a) + len(b), 2), np.int64)
        used = align(a, b, table, 1, out)
        for k in range(used):
            joint[out[k, 0], out[k, 1]] += 1
            if k > 0:
                x = _joined(out[k - 1, 0], out[k, 0])
                y = _joined(out[k - 1, 1], out[k, 1])
                if x > 0 and y > 0 and (x > _N or y > _N):
                    joint[x, y] += 1


@njit(cache=True, nogil=True, inline="always")
def _joined(first, second):  # type: ignore[no-untyped-def]
    """The number of two strings of at most one letter, one after the other."""
    if first == 0:
        return second
    if second == 0:
        return first
    return 1 + _N + (first - 1) * _N + (second - 1)


def counted(left: Encoded, right: Encoded, pairs: Int32, table: Float32) -> tuple[Float64, Float64, Float64]:
    """How often operations and strings stand in pairs: joint [STRINGS, STRINGS], left and right [STRINGS]."""
    joint = np.zeros((STRINGS, STRINGS))
    ours, theirs = np.zeros(STRINGS), np.zeros(STRINGS)
    _count(left.letters, left.offsets, right.letters, right.offsets, pairs, table, joint, ours, theirs)
    return joint, ours, theirs


def similarity(left: Sequence[str], right: Sequence[str], table: Float32) -> Float32:
    """The score per letter of the best operations of each pair of plain words: float32 [pairs]; 0 without letters."""
    if not left:
        return np.zeros(0, np.float32)
    ours, theirs = encode(left), encode(right)
    pairs = np.arange(len(ours), dtype=np.int32)[:, None]
    letters = ours.letters, ours.offsets, theirs.letters, theirs.offsets
    found = scores(*letters, pairs, table, 0.0, 1)[:, 0]
    return np.where(np.isfinite(found), found, 0).astype(np.float32)


def operations(left: str, right: str, table: Float32) -> list[tuple[str, str, float]]:
    """The best operations of two plain words, edges left out where they stand alone: (left, right, score)."""
    a, b = encode([left]).letters, encode([right]).letters
    out = np.empty((len(a) + len(b), 2), np.int64)
    used = align(a, b, table, 2, out)
    edge = string_number(" ")
    return [(spelt(int(x)), spelt(int(y)), float(table[x, y])) for x, y in out[:used] if not (x == edge and y == edge)]
