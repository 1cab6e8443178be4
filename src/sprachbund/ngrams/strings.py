"""The strings of counted n-grams as bytes: written in lower case, taken apart into characters, copied, joined.

Kernels over UTF-8, so that a count never makes Python strings.
"""

import numpy as np

from sprachbund.arrays import Bytes, Int32, Offsets
from sprachbund.corpus.characters import character_tables
from sprachbund.kernels import njit
from sprachbund.ngrams.hangul import LONGEST, take_apart
from sprachbund.ngrams.mixing import GOLDEN64, mixed_in, mixed_key
from sprachbund.ngrams.prefetch import prefetch_item
from sprachbund.ngrams.tokens import decode, spell

__all__ = ["copy_strings", "explode", "join_strings", "keep_strings", "word_lines", "write_apart", "write_point"]

_AHEAD = 32  # items whose memory is asked for before they are needed


@njit(cache=True, nogil=True)
def write_point(point, out, at):  # type: ignore[no-untyped-def]
    """Write a code point as UTF-8 to ``out`` from byte ``at``; where it ends."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
        out[at + 1] = 0x80 | point & 0x3F
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | point >> 12
        out[at + 1] = 0x80 | point >> 6 & 0x3F
        out[at + 2] = 0x80 | point & 0x3F
        return at + 3
    out[at] = 0xF0 | point >> 18
    out[at + 1] = 0x80 | point >> 12 & 0x3F
    out[at + 2] = 0x80 | point >> 6 & 0x3F
    out[at + 3] = 0x80 | point & 0x3F
    return at + 4


@njit(cache=True, nogil=True)
def _write_spelt(data, start, length, classes, lower, points, arena, at):  # type: ignore[no-untyped-def]
    """Write a word in lower case as UTF-8 to ``arena`` from byte ``at``; where it ends."""
    plain = 0
    while plain < length and data[start + plain] < 0x80:
        arena[at + plain] = lower[data[start + plain]]
        plain += 1
    if plain == length:
        return at + length
    for i in range(spell(data, start, length, classes, lower, points)):
        at = write_point(points[i], arena, at)
    return at


@njit(cache=True, nogil=True)
def keep_strings(fresh, used, data, starts, lengths, as_is, classes, lower, arena, ends):  # type: ignore[no-untyped-def]
    """Write the strings of new words to the arena, in lower case or as they are."""
    longest = np.int64(1)
    for token in fresh:
        longest = max(longest, np.int64(lengths[token]))
    points = np.empty(longest, np.uint32)
    filled = ends[used]
    for i in range(len(fresh)):
        # a word's place first, then its letters
        if i + 2 * _AHEAD < len(fresh):
            prefetch_item(starts, fresh[i + 2 * _AHEAD])
        if i + _AHEAD < len(fresh):
            prefetch_item(data, starts[fresh[i + _AHEAD]])
        token = fresh[i]
        start, length = starts[token], np.int64(lengths[token])
        if as_is:
            for j in range(length):
                arena[filled + j] = data[start + j]
            filled += length
        else:
            filled = _write_spelt(data, start, length, classes, lower, points, arena, filled)
        used += 1
        ends[used] = filled


@njit(cache=True, nogil=True)
def _write_lines(data, starts, lengths, classes, lower, out):  # type: ignore[no-untyped-def]
    """Write each word in lower case and a line feed; where they end."""
    points = np.empty(max(np.int64(1), np.int64(lengths.max())), np.uint32)
    at = np.int64(0)
    for word in range(len(starts)):
        at = _write_spelt(data, starts[word], np.int64(lengths[word]), classes, lower, points, out, at)
        out[at] = 0x0A
        at += 1
    return at


def word_lines(data: Bytes, starts: Offsets, lengths: Int32) -> list[str]:
    """The words at ``starts`` in lower case as their keys see them: `keys.word_texts` for many words."""
    if not len(starts):
        return []
    classes, lower = character_tables()
    out = np.empty(3 * int(lengths.sum()) + len(starts), np.uint8)  # a byte that is no UTF-8 is never in a word
    end = _write_lines(data, starts, lengths, classes, lower, out)
    return out[: end - 1].tobytes().decode().split("\n")


@njit(cache=True, nogil=True)
def _copy_spans(data, starts, lengths, offsets, out):  # type: ignore[no-untyped-def]
    for i in range(len(starts)):
        if i + _AHEAD < len(starts):
            prefetch_item(data, starts[i + _AHEAD])
        start, place = starts[i], offsets[i]
        for j in range(lengths[i]):
            out[place + j] = data[start + j]


@njit(cache=True, nogil=True)
def write_apart(data, first, last, out, at):  # type: ignore[no-untyped-def]
    """Copy well-formed UTF-8 with its syllables taken apart to ``out`` from ``at``; where it ends."""
    letters = np.empty(LONGEST, np.uint32)
    byte = first
    while byte < last:
        lead = np.int64(data[byte])
        if lead < 0xEA or lead > 0xED or byte + 2 >= last:
            out[at] = data[byte]
            at += 1
            byte += 1
            continue
        point = (lead & 0x0F) << 12 | (np.int64(data[byte + 1]) & 0x3F) << 6 | (np.int64(data[byte + 2]) & 0x3F)
        letters[0] = point
        for i in range(take_apart(letters, 1)):
            at = write_point(letters[i], out, at)
        byte += 3
    return at


@njit(cache=True, nogil=True)
def explode(data, offsets, counts, orders, marked, keys, starts, lengths, weights):  # type: ignore[no-untyped-def]
    """Write each ``<word>``, in letters, to ``marked`` and its character n-grams as spans of it; their number."""
    count = 0
    at = 0
    longest = 0
    for word in range(len(counts)):
        longest = max(longest, offsets[word + 1] - offsets[word] + 2)
    places = np.empty(longest + 1, np.int64)
    points = np.empty(longest, np.uint32)
    for word in range(len(counts)):
        begin = at
        marked[at] = 0x3C
        at += 1
        at = write_apart(data, offsets[word], offsets[word + 1], marked, at)
        marked[at] = 0x3E
        at += 1
        size = 0
        place = begin
        while place < at:
            point, length = decode(marked, place, at)
            points[size] = point
            places[size] = place
            size += 1
            place += length
        places[size] = at
        for order in orders:
            salt = np.uint64(order + 1) * GOLDEN64
            for i in range(size - order + 1):
                state = salt
                for j in range(i, i + order):
                    state = mixed_in(state, np.uint64(points[j]))
                keys[count] = mixed_key(state)
                starts[count] = places[i]
                lengths[count] = places[i + order] - places[i]
                weights[count] = counts[word]
                count += 1
    return count


def copy_strings(data: Bytes, starts: Offsets, lengths: Offsets) -> tuple[Offsets, Bytes]:
    """Strings that lie in ``data``, one after another: offsets int64 [n + 1], uint8 [bytes]."""
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    out = np.empty(int(offsets[-1]), np.uint8)
    _copy_spans(data, starts, lengths, offsets, out)
    return offsets, out


@njit(cache=True, nogil=True)
def _joined_size(offsets, left, right):  # type: ignore[no-untyped-def]
    """Bytes that `_join` writes at most."""
    size = 2 * len(left)
    for i in range(len(left)):
        if i + _AHEAD < len(left):
            prefetch_item(offsets, left[i + _AHEAD])
            prefetch_item(offsets, right[i + _AHEAD])
        size += offsets[left[i] + 1] - offsets[left[i]]
        if right[i] >= 0:
            size += offsets[right[i] + 1] - offsets[right[i]]
    return size


@njit(cache=True, nogil=True)
def _join(data, offsets, left, right, out):  # type: ignore[no-untyped-def]
    """Write a line for each pair of strings, the second after a space where there is one; its end."""
    at = 0
    for i in range(len(left)):
        if i + _AHEAD < len(left):
            prefetch_item(data, offsets[left[i + _AHEAD]])
            prefetch_item(data, offsets[max(right[i + _AHEAD], 0)])
        if i > 0:
            out[at] = 0x0A
            at += 1
        for byte in range(offsets[left[i]], offsets[left[i] + 1]):
            out[at] = data[byte]
            at += 1
        if right[i] >= 0:
            out[at] = 0x20
            at += 1
            for byte in range(offsets[right[i]], offsets[right[i] + 1]):
                out[at] = data[byte]
                at += 1
    return at


def join_strings(data: Bytes, offsets: Offsets, left: Int32, right: Int32) -> bytes:
    """A line for each row: string left[i], and after a space string right[i] unless that is negative."""
    out = np.empty(_joined_size(offsets, left, right), np.uint8)
    return out[: _join(data, offsets, left, right, out)].tobytes()
