"""What a model of words says character by character: how likely all words are that go on in this way.

    p(c | before) = (mass of the words that begin with what stands there and c) / (mass of those that begin with it)

Words are numbered in the order of their letters, so those with one beginning are a run of numbers, and their mass after
a context is a difference of sums in each shorter one of its contexts. The unknown word is among them everywhere, with
its spelling. After a word comes what is no letter, for which the next token is asked. Each character so has a
probability, and all that may stand at a place together have one.
"""

import numpy as np

from sprachbund.arrays import Bytes, Float32, Float64, Int32, Int64, UInt32
from sprachbund.kernels import njit
from sprachbund.lm.ngram.model import _find, _walk

__all__ = ["ALONE", "BETWEEN", "INSIDE", "MOST_DEPTH", "chained", "highest", "masses", "narrowed", "running_sums"]

BETWEEN, INSIDE, ALONE = 0, 4, 8
"""What kind of place it is, beside the length of the context: between tokens, in a word known so far, in another."""
MOST_DEPTH = 3


@njit(cache=True)
def running_sums(
    children: Int64, entries: Int64, left: Float32, symbols: Int32, probabilities: Float32, even: float
) -> Float64:
    """float64 [entries]: within each context, the sum so far of what it adds to the shorter one's probabilities."""
    parents = np.zeros(len(left), np.int64)
    for node in range(len(left)):
        for child in range(children[node], children[node + 1]):
            parents[child] = node
    sums = np.empty(len(symbols))
    for node in range(len(left)):
        total = 0.0
        for at in range(entries[node], entries[node + 1]):
            below = even
            if node:
                shorter, kept = parents[node], 1.0
                while True:
                    found = _find(symbols, entries[shorter], entries[shorter + 1], symbols[at])
                    if found >= 0:
                        below = kept * probabilities[found]
                        break
                    kept *= left[shorter]
                    if not shorter:
                        below = kept * even
                        break
                    shorter = parents[shorter]
            total += max(probabilities[at] - left[node] * below, 0.0)
            sums[at] = total
    return sums


@njit(cache=True, inline="always")
def _lower(values: Int32, low: int, high: int, wanted: int) -> int:
    """The first place of a rising run whose value is not below one."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _mass(
    path: Int64, depth: int, low: int, high: int, entries: Int64, left: Float32, symbols: Int32, sums: Float64,
    even: float,
) -> float:  # fmt: skip
    """The probability of symbols ``low`` to ``high`` - 1 together after a context."""
    if low >= high:
        return 0.0
    total = even * (high - low)
    for level in range(depth + 1):
        node = path[level]
        start, stop = entries[node], entries[node + 1]
        total *= left[node]
        first = _lower(symbols, start, stop, low)
        last = first
        if high - low == 1:
            if first < stop and symbols[first] == low:
                last = first + 1
        else:
            last = _lower(symbols, first, stop, high)
        if last > first:
            total += sums[last - 1] - (sums[first - 1] if first > start else 0.0)
    return total


@njit(cache=True)
def _within(
    path: Int64, depth: int, low: int, high: int, windows: Int64, left: Float32, symbols: Int32, sums: Float64,
    starts: Int64, even: float,
) -> float:  # fmt: skip
    """As `_mass`, of a run inside the one whose entries of each level ``windows`` are; then they are this run's."""
    if low >= high:
        return 0.0
    total = even * (high - low)
    for level in range(depth + 1):
        node = path[level]
        first = _lower(symbols, windows[level, 0], windows[level, 1], low)
        last = _lower(symbols, first, windows[level, 1], high)
        windows[level, 0], windows[level, 1] = first, last
        total *= left[node]
        if last > first:
            total += sums[last - 1] - (sums[first - 1] if first > starts[node] else 0.0)
    return total


@njit(cache=True)
def _narrow(points: UInt32, starts: Int64, low: int, high: int, depth: int, point: int) -> tuple[int, int]:
    """Of the words ``low`` to ``high`` - 1, alike in ``depth`` letters, those whose next letter is one."""
    a, b = low, high
    while a < b:
        middle = (a + b) >> 1
        if starts[middle + 1] - starts[middle] <= depth or points[starts[middle] + depth] < point:
            a = middle + 1
        else:
            b = middle
    first, b = a, high
    while a < b:
        middle = (a + b) >> 1
        if points[starts[middle] + depth] <= point:
            a = middle + 1
        else:
            b = middle
    return first, a


@njit(cache=True)
def narrowed(points: UInt32, starts: Int64, prefix: UInt32, then: UInt32) -> tuple[int, int, Int64]:
    """The words that begin with a prefix, and of those the ones that go on with each of some letters."""
    low, high = 0, len(starts) - 1
    for depth in range(len(prefix)):
        low, high = _narrow(points, starts, low, high, depth, prefix[depth])
    found = np.empty((len(then), 2), np.int64)
    for at in range(len(then)):
        found[at, 0], found[at, 1] = _narrow(points, starts, low, high, len(prefix), then[at])
    return low, high, found


@njit(cache=True)
def masses(
    context: Int32, order: int, ranges: Int64, last: Int32, children: Int64, entries: Int64, left: Float32,
    symbols: Int32, sums: Float64, even: float,
) -> tuple[int, int, Float64]:  # fmt: skip
    """The probabilities of runs of symbols after a context of ``order`` - 1 symbols.

    Returns:
        also the longest context known, and its length.
    """
    path = np.empty(order, np.int64)
    depth = _walk(context, len(context), order, last, children, path)
    found = np.empty(len(ranges))
    for at in range(len(ranges)):
        found[at] = _mass(path, depth, ranges[at, 0], ranges[at, 1], entries, left, symbols, sums, even)
    return path[depth], depth, found


@njit(cache=True)
def chained(
    tokens: Int32, places: Int64, begins: Bytes, gaps: Bytes, joints: Int32, forms: Int32, lengths: Int32,
    form_points: UInt32, form_starts: Int64, spelled: Float64, starting: float, table: Float64, size: int,
    first: int, points: UInt32, starts: Int64, order: int, last: Int32, children: Int64, entries: Int64, left: Float32,
    symbols: Int32, probabilities: Float32, peaks: Float32, seen: Float32, sums: Float64, closing: int,
) -> tuple[Float64, Bytes, Float32, Float32]:  # fmt: skip
    """Of each character its probability; of its context the kind, how often it was seen, and a largest probability.

    Args:
        tokens: all documents, each token after its context; places: where they stand. begins: a document's first token.
        gaps: whether a blank stands before one. joints: its row of ``table``. forms: which token it is, of those whose
            letters are ``form_points`` and whose spelling, with the price of its end, is ``spelled``. lengths: letters.
        starting: the share of spellings that begin with a letter of words. first: the number of the first word.
    """
    count = 0
    for at in range(len(places)):
        count += lengths[at] + gaps[at]
    told, kinds = np.empty(count), np.empty(count, np.uint8)
    often, tops = np.empty(count, np.float32), np.empty(count, np.float32)
    path = np.empty(order, np.int64)
    words, even, outer, unknown = len(starts) - 1, 1 / size, len(table) - 1, 0
    roots = np.empty(len(table))
    for joined_to in range(len(table)):
        row = table[joined_to]
        each = (starting * row[0] + (1 - starting) * row[outer]) + row[0] * (size - first)
        for symbol in range(1, first):
            each += row[symbol]
        roots[joined_to] = each * even * left[0] + _blanks(0, entries[1], first, symbols, sums, starting, row)
    windows = np.empty((order, 2), np.int64)
    out, pending, before = 0, 1.0, closing
    kind, often_now, top = 0, np.float32(0), np.float32(0)
    inside = False
    for at in range(len(places)):
        if begins[at]:
            pending, before, inside = 1.0, closing, False
        place = places[at]
        depth = _walk(tokens, place, order, last, children, path)
        node = path[depth]
        other = _mass(path, depth, unknown, unknown + 1, entries, left, symbols, sums, even)
        if not inside:
            kind, often_now, top = BETWEEN + min(depth, MOST_DEPTH), seen[node], peaks[node]
        kept = 1.0
        if gaps[at]:
            blank = roots[before]
            for level in range(1, depth + 1):
                blank *= left[path[level]]
                blank += _blanks(
                    entries[path[level]], entries[path[level] + 1], first, symbols, sums, starting, table[before]
                )
            told[out], kinds[out], often[out], tops[out] = pending * blank, kind, often_now, top
            out += 1
            kept, pending = 1 / blank, 1.0
            kind, often_now, top = BETWEEN + min(depth, MOST_DEPTH), seen[node], peaks[node]
        form, own = forms[at], joints[at]
        begin, spelling = form_starts[form], form_starts[form] + form
        if own != 0 and lengths[at]:
            joined = table[before, own] if gaps[at] else 1 - table[before, own]
            outside = table[before, outer] if gaps[at] else 1 - table[before, outer]
            mass = other * spelled[spelling] * outside
            symbol = tokens[place]
            if symbol != unknown:
                mass += joined * _mass(path, depth, symbol, symbol + 1, entries, left, symbols, sums, even)
            told[out], kinds[out], often[out], tops[out] = pending * mass * kept, kind, often_now, top
            out += 1
            pending, inside = 1.0, False
        elif lengths[at]:
            joined = table[before, 0] if gaps[at] else 1 - table[before, 0]
            low, high, mass = 0, words, 0.0
            spell = other
            for level in range(depth + 1):
                windows[level, 0], windows[level, 1] = entries[path[level]], entries[path[level] + 1]
            for letter in range(lengths[at]):
                low, high = _narrow(points, starts, low, high, letter, form_points[begin + letter])
                spell *= spelled[spelling + letter]
                now = spell + _within(
                    path, depth, first + low, first + high, windows, left, symbols, sums, entries, even
                )
                told[out] = pending * joined * kept * now if letter == 0 else now / mass
                kinds[out], often[out], tops[out] = kind, often_now, top
                out += 1
                mass = now
                kind = (INSIDE + min(depth, MOST_DEPTH)) if high > low else ALONE
                often_now = np.float32(seen[node] * mass)
                top = np.float32(
                    _top(
                        path,
                        depth,
                        first,
                        low,
                        high,
                        letter + 1,
                        points,
                        starts,
                        windows,
                        entries,
                        left,
                        symbols,
                        sums,
                        even,
                    )
                    / mass
                )
            whole = 0.0
            if high > low and starts[low + 1] - starts[low] == lengths[at]:
                whole = _mass(path, depth, first + low, first + low + 1, entries, left, symbols, sums, even)
            pending = (whole + spell * spelled[spelling + lengths[at]]) / mass
            inside = True
        before = own
    return told, kinds, often, tops


@njit(cache=True)
def _blanks(
    start: int, stop: int, first: int, symbols: Int32, sums: Float64, starting: float, shares: Float64
) -> float:
    """How likely a blank is before what a context adds to the shorter one, by the shares of blanks before tokens."""
    total, before = 0.0, 0.0
    at = start
    while at < stop and symbols[at] < first:
        symbol = symbols[at]
        share = shares[symbol] if symbol else starting * shares[0] + (1 - starting) * shares[len(shares) - 1]
        total += share * (sums[at] - before)
        before = sums[at]
        at += 1
    return total + (shares[0] * (sums[stop - 1] - before) if stop > at else 0.0)


@njit(cache=True)
def _top(
    path: Int64, depth: int, first: int, low: int, high: int, letters: int, points: UInt32, starts: Int64,
    windows: Int64, entries: Int64, left: Float32, symbols: Int32, sums: Float64, even: float,
) -> float:  # fmt: skip
    """The largest mass of the words of a run that go on with one letter, or end; ``windows`` are the run's entries."""
    best = 0.0
    at = windows[:, 0].copy()
    while low < high:
        if starts[low + 1] - starts[low] == letters:
            end = low + 1
        else:
            _, end = _narrow(points, starts, low, high, letters, points[starts[low] + letters])
        total = even * (end - low)
        for level in range(depth + 1):
            node = path[level]
            begin = at[level]
            last = begin
            if end == high:
                last = windows[level, 1]
            elif begin < windows[level, 1] and symbols[begin] < first + end:
                last = _lower(symbols, begin + 1, windows[level, 1], first + end)
            total *= left[node]
            if last > begin:
                total += sums[last - 1] - (sums[begin - 1] if begin > entries[node] else 0.0)
            at[level] = last
        best = max(best, total)
        low = end
    return best


@njit(cache=True)
def highest(
    context: Int32, first: int, low: int, high: int, letters: int, points: UInt32, starts: Int64, order: int,
    last: Int32, children: Int64, entries: Int64, left: Float32, symbols: Int32, sums: Float64, even: float,
) -> float:  # fmt: skip
    """The largest mass of the words of a run that go on with one letter, or end, after a context."""
    path = np.empty(order, np.int64)
    depth = _walk(context, len(context), order, last, children, path)
    windows = np.empty((order, 2), np.int64)
    for level in range(depth + 1):
        windows[level, 0], windows[level, 1] = entries[path[level]], entries[path[level] + 1]
    _within(path, depth, first + low, first + high, windows, left, symbols, sums, entries, even)
    found: float = _top(
        path, depth, first, low, high, letters, points, starts, windows, entries, left, symbols, sums, even
    )
    return found
