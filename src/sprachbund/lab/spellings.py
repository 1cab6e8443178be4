"""Kernels that find the strings one or two edits away among many: neighbourhoods of deletions, and a check of each.

Two strings of m and n <= m code points are within k edits (insertions, deletions, substitutions; Levenshtein 1966) only
if k code points left out of the longer and k - (m - n) left out of the shorter can leave the same. So what remains of
every string of one length goes into buckets by its hash, and those of another length look there; every pair that meets
is then compared exactly. After Garbe's SymSpell, with the number of deletions that each pair of lengths needs and no
more. The hash is a polynomial over 2^64, so that leaving out one or two code points costs a few sums whatever the
length; two strings that share a hash by chance cost a comparison, and are told apart by it.
"""

import numpy as np

from sprachbund.kernels import njit

__all__ = ["CANDIDATES", "fill", "probe", "sizes", "within"]

CANDIDATES = 1_024
"""Strings that are compared of those that meet in one bucket, the first: bounds the time of lists made to be slow."""
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


@njit(cache=True, nogil=True, inline="always")
def _mixed(x):  # type: ignore[no-untyped-def]
    """Source: splitmix64's finaliser (Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def _remainders(points, first, last, drop, sums, out):  # type: ignore[no-untyped-def]
    """Hashes of what remains of a string when ``drop`` code points (0, 1 or 2) are left out; their number.

    Which of a run of equal code points is left out makes no difference: the last is.
    """
    size = last - first
    power = np.uint64(1)
    sums[0, 0] = sums[1, 0] = sums[2, 0] = np.uint64(0)
    for i in range(size):
        value = _mixed(np.uint64(points[first + i]) + np.uint64(1)) * power
        sums[0, i + 1] = sums[0, i] + value
        value *= _INVERSE
        sums[1, i + 1] = sums[1, i] + value
        value *= _INVERSE
        sums[2, i + 1] = sums[2, i] + value
        power *= _BASE
    if drop == 0:
        out[0] = _mixed(sums[0, size])
        return 1
    count = 0
    for j in range(size):
        if j + 1 < size and points[first + j] == points[first + j + 1]:
            continue
        if drop == 1:
            out[count] = _mixed(sums[0, j] + (sums[1, size] - sums[1, j + 1]))
            count += 1
            continue
        tail = sums[2, size] - sums[2, j + 1]
        for i in range(j):
            if i + 1 < j and points[first + i] == points[first + i + 1]:
                continue
            out[count] = _mixed(sums[0, i] + (sums[1, j] - sums[1, i + 1]) + tail)
            count += 1
    return count


@njit(cache=True, nogil=True)
def sizes(points, offsets, strings, drop, shift, longest, ends):  # type: ignore[no-untyped-def]
    """Add to ``ends`` [buckets + 1] how many remainders of ``strings`` fall into each bucket, at its number plus 1."""
    sums = np.empty((3, longest + 1), np.uint64)
    out = np.empty(1 + longest * longest, np.uint64)
    for string in strings:
        for n in range(_remainders(points, offsets[string], offsets[string + 1], drop, sums, out)):
            ends[np.int64(out[n] >> shift) + 1] += 1


@njit(cache=True, nogil=True)
def fill(points, offsets, strings, drop, shift, longest, at, marks, places):  # type: ignore[no-untyped-def]
    """Put each remainder into its bucket, in order of ``strings``: low bits of its hash and the place of its string.

    Args:
        at: int64 [buckets], where each bucket begins; afterwards where it ends.
    """
    sums = np.empty((3, longest + 1), np.uint64)
    out = np.empty(1 + longest * longest, np.uint64)
    for place in range(len(strings)):
        string = strings[place]
        for n in range(_remainders(points, offsets[string], offsets[string + 1], drop, sums, out)):
            bucket = np.int64(out[n] >> shift)
            marks[at[bucket]] = np.uint32(out[n])
            places[at[bucket]] = place
            at[bucket] += 1


@njit(cache=True, nogil=True)
def probe(  # type: ignore[no-untyped-def]
    points,
    offsets,
    strings,
    drop,
    shift,
    longest,
    begins,
    marks,
    places,
    start_points,
    start_offsets,
    starts,
    edits,
    best,
):
    """Bring the best start of each target up to date with those in the buckets.

    Args:
        points, offsets: the code points of the targets, others, other_offsets: those of the starts.
        strings: the targets. starts: the strings that the buckets hold, those that are preferred first: numbers that
            rise. edits: that may lie between. best: int32 by target, the smallest number so far.
    """
    sums = np.empty((3, longest + 1), np.uint64)
    out = np.empty(1 + longest * longest, np.uint64)
    rows = np.empty((2, longest + 4), np.int64)
    for string in strings:
        first, last = offsets[string], offsets[string + 1]
        for n in range(_remainders(points, first, last, drop, sums, out)):
            bucket, mark = np.int64(out[n] >> shift), np.uint32(out[n])
            met = 0
            for entry in range(begins[bucket], begins[bucket + 1]):
                start = starts[places[entry]]
                if start >= best[string] or met == CANDIDATES:
                    break
                if marks[entry] != mark:
                    continue
                met += 1
                if _within(
                    points, first, last, start_points, start_offsets[start], start_offsets[start + 1], edits, rows
                ):
                    best[string] = start
                    break


@njit(cache=True, nogil=True)
def _within(one, first, last, other, begin, end, edits, rows):  # type: ignore[no-untyped-def]
    """Whether two strings are within so many edits: Wagner and Fischer 1974 on what is left between equal ends."""
    while first < last and begin < end and one[first] == other[begin]:
        first += 1
        begin += 1
    while first < last and begin < end and one[last - 1] == other[end - 1]:
        last -= 1
        end -= 1
    width = end - begin
    if first == last or width == 0:
        return max(last - first, width) <= edits
    if abs(width - (last - first)) > edits:
        return False
    before, now = rows[0], rows[1]
    for j in range(width + 1):
        before[j] = j
    for i in range(first, last):
        now[0] = i - first + 1
        least = now[0]
        for j in range(width):
            cost = before[j] + (0 if one[i] == other[begin + j] else 1)
            now[j + 1] = min(cost, before[j + 1] + 1, now[j] + 1)
            least = min(least, now[j + 1])
        if least > edits:
            return False
        before, now = now, before
    return before[width] <= edits


def within(one: str, other: str, edits: int) -> bool:
    """Whether two strings are within so many edits of code points."""
    left, right = (np.array([ord(c) for c in text], np.uint32) for text in (one, other))
    rows = np.empty((2, len(other) + 1), np.int64)
    return bool(_within(left, 0, len(left), right, 0, len(right), edits, rows))
