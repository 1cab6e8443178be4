"""Words of texts, found and hashed over UTF-8 bytes, on every core.

A text is never made into Python strings: the kernels walk over the bytes, find the words by the table of
``corpus/characters.py`` (the plain reference is ``corpus.segment.words``) and hash the code points in lower
case as they go: the keys of words, as `keys` states them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from sprachbund.arrays import Bytes, Int32, Keys, Offsets, UInt32
from sprachbund.corpus.characters import (
    APOSTROPHE,
    CAPITAL_SIGMA,
    DROPPED,
    FINAL_SIGMA,
    GERSHAYIM,
    HEBREW_LETTERS,
    JOINABLE,
    MIDDLE_DOT,
    PLAIN_APOSTROPHE,
    PLAIN_MIDDLE_DOT,
    PLAIN_QUOTE,
    PLAIN_S,
    SEPARATOR,
    SHARP_S,
    WORD,
    character_tables,
)
from sprachbund.kernels import njit
from sprachbund.ngrams.mixing import GOLDEN64, mixed_in, mixed_key
from sprachbund.threads import blocks_of, in_threads

__all__ = ["Tokens", "decode", "from_series", "pack", "spell", "tokenize", "word_texts"]

_HEBREW_FIRST, _HEBREW_STOP = HEBREW_LETTERS.start, HEBREW_LETTERS.stop
_CLASS, _LOWER = np.uint32(24), np.uint32(0xFFFFFF)  # what a table of both holds where
_BLOCK = 1 << 20  # bytes of text that one thread takes at a time


@dataclass(frozen=True)
class Tokens:
    """The words of some texts, in order.

    Attributes:
        keys: uint64 [tokens].
        starts: int64 [tokens], the byte of the texts' data where the word begins.
        lengths: int32 [tokens], bytes, as the word stands in the text (case, soft hyphens and all).
        offsets: int64 [texts + 1]; the words of text t are offsets[t] to offsets[t + 1].
    """

    keys: Keys
    starts: Offsets
    lengths: Int32
    offsets: Offsets

    def __len__(self) -> int:
        return len(self.keys)


# ---- texts as bytes


def pack(texts: Sequence[str]) -> tuple[Bytes, Offsets]:
    """Texts as UTF-8: data uint8 [bytes], offsets int64 [texts + 1]; lone surrogates become separators."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def from_series(series: pl.Series) -> tuple[Bytes, Offsets]:
    """A column of strings as `pack` gives it; null is the empty text."""
    offsets = np.zeros(len(series) + 1, np.int64)
    np.cumsum(series.str.len_bytes().fill_null(0).to_numpy(), out=offsets[1:])
    data = np.empty(int(offsets[-1]), np.uint8)

    def copy(first: int, last: int) -> None:
        joined = series[first:last].str.join("").cast(pl.Binary).item()
        data[offsets[first] : offsets[last]] = np.frombuffer(joined, np.uint8)

    in_threads(copy, blocks_of(offsets, 4 * _BLOCK))
    return data, offsets


# ---- the kernels


@njit(cache=True, nogil=True)
def decode(data, at, stop):  # type: ignore[no-untyped-def]
    """The code point at byte ``at`` and its length; (0, 1), a separator, for what is not UTF-8."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xC2 or first > 0xF4 or at + 1 >= stop:
        return 0, 1
    second = np.int64(data[at + 1]) ^ 0x80
    if second >= 0x40:
        return 0, 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, 2
    if at + 2 >= stop:
        return 0, 1
    third = np.int64(data[at + 2]) ^ 0x80
    if third >= 0x40:
        return 0, 1
    if first < 0xF0:
        point = (first & 0x0F) << 12 | second << 6 | third
        if point < 0x800 or 0xD800 <= point < 0xE000:
            return 0, 1
        return point, 3
    if at + 3 >= stop:
        return 0, 1
    fourth = np.int64(data[at + 3]) ^ 0x80
    if fourth >= 0x40:
        return 0, 1
    point = (first & 0x07) << 18 | second << 12 | third << 6 | fourth
    if point < 0x10000 or point > 0x10FFFF:
        return 0, 1
    return point, 4


@njit(cache=True, nogil=True)
def _joint(data, at, size, stop, last, kind, classes):  # type: ignore[no-untyped-def]
    """How a mark at byte ``at``, ``size`` long, after code point ``last`` is written; 0 where it parts."""
    following = at + size
    point = 0
    while following < stop:
        point, length = decode(data, following, stop)
        if classes[point] != DROPPED:
            break
        following += length
    if following >= stop:
        return 0
    before, after = classes[last], classes[point]
    if kind == MIDDLE_DOT:
        return PLAIN_MIDDLE_DOT if before in (WORD, JOINABLE) and after in (WORD, JOINABLE) else 0
    if before != JOINABLE or after != JOINABLE:
        return 0
    if kind == APOSTROPHE:
        return PLAIN_APOSTROPHE
    hebrew = _HEBREW_FIRST <= last < _HEBREW_STOP and _HEBREW_FIRST <= point < _HEBREW_STOP
    return PLAIN_QUOTE if hebrew else 0


@njit(cache=True, nogil=True, inline="always")
def _decode_short(data, at, stop):  # type: ignore[no-untyped-def]
    """What `decode` gives, sooner for two bytes, which most letters of text beyond ASCII have."""
    first = np.int64(data[at])
    if 0xC2 <= first < 0xE0 and at + 1 < stop:
        second = np.int64(data[at + 1]) ^ 0x80
        if second < 0x40:
            return (first & 0x1F) << 6 | second, 2
    return decode(data, at, stop)


@njit(cache=True, nogil=True)
def _scan(data, offsets, first, last, classes, folded, keys, starts, lengths, ends):  # type: ignore[no-untyped-def]
    """Tokenise the texts [first, last); ends[t - first] is the number of words up to the end of text t.

    ``folded`` has the class of a code point in its highest byte and the lower case in the others.
    """
    count = 0
    for text in range(first, last):
        at, stop = offsets[text], offsets[text + 1]
        while at < stop:
            point, size = _decode_short(data, at, stop)
            both = folded[point]
            kind = both >> _CLASS
            if kind not in (WORD, JOINABLE):
                at += size
                continue
            begin = end = at
            state = before = GOLDEN64
            previous = np.int64(0)  # the last code point that was not dropped
            taken = 0
            while True:
                if kind in (WORD, JOINABLE):
                    before = state
                    lowered = both & _LOWER
                    if lowered == SHARP_S:
                        state = mixed_in(state, np.uint64(PLAIN_S))
                        lowered = np.uint32(PLAIN_S)
                    state = mixed_in(state, np.uint64(lowered))
                    previous = point
                    taken += 1
                    at += size
                    end = at
                elif kind == DROPPED:
                    at += size
                elif kind == SEPARATOR:
                    break
                else:
                    written = _joint(data, at, size, stop, previous, kind, classes)
                    if written == 0:
                        break
                    state = mixed_in(state, np.uint64(written))
                    previous = point
                    taken += 1
                    at += size
                while at < stop and data[at] < 0x80:
                    both = folded[data[at]]
                    if both >> _CLASS != WORD:
                        break
                    state = mixed_in(state, np.uint64(both & _LOWER))
                    previous = np.int64(data[at])
                    taken += 1
                    at += 1
                    end = at
                if at >= stop:
                    break
                point, size = _decode_short(data, at, stop)
                both = folded[point]
                kind = both >> _CLASS
            if previous == CAPITAL_SIGMA and taken > 1:
                state = mixed_in(before, np.uint64(FINAL_SIGMA))
            keys[count] = mixed_key(state)
            starts[count] = begin
            lengths[count] = end - begin
            count += 1
        ends[text - first] = count
    return count


@njit(cache=True, nogil=True)
def spell(data, start, length, classes, lower, points):  # type: ignore[no-untyped-def]
    """Write the code points of a word in lower case to ``points``, at most its bytes; their number."""
    count = 0
    last = 0
    at, stop = start, start + length
    while at < stop:
        point, size = decode(data, at, stop)
        at += size
        kind = classes[point]
        if kind == DROPPED:
            continue
        last = point
        if kind == APOSTROPHE:
            points[count] = PLAIN_APOSTROPHE
        elif kind == GERSHAYIM:
            points[count] = PLAIN_QUOTE
        elif lower[point] == SHARP_S:
            points[count] = PLAIN_S
            points[count + 1] = PLAIN_S
            count += 1
        else:
            points[count] = lower[point]
        count += 1
    if last == CAPITAL_SIGMA and count > 1:
        points[count - 1] = FINAL_SIGMA
    return count


# ---- the kernels on every core


def tokenize(data: Bytes, offsets: Offsets) -> Tokens:
    """The words of texts, by the rule of ``corpus/characters.py``.

    Args:
        data: uint8 [bytes], UTF-8 in NFC, as `segment.prepared` gives it. What is not well-formed UTF-8 separates
            words.
        offsets: int64 [texts + 1], the bytes where the texts begin and end.
    """
    classes, _ = character_tables()
    folded = _folded()
    offsets = np.ascontiguousarray(offsets, np.int64)
    ends = np.zeros(len(offsets), np.int64)

    def scan(first: int, last: int) -> tuple[Keys, Offsets, Int32]:
        # a word and what parts it take two bytes, but for the last of a text; untouched pages cost nothing
        room = (int(offsets[last] - offsets[first]) + last - first) // 2 + 1
        keys, starts, lengths = np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.int32)
        own = ends[first + 1 : last + 1]
        count = _scan(data, offsets, first, last, classes, folded, keys, starts, lengths, own)
        return keys[:count], starts[:count], lengths[:count]

    blocks = blocks_of(offsets, _BLOCK)
    parts = in_threads(scan, blocks)
    if not parts:
        return Tokens(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int32), ends)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(part[0]) for part in parts])))
    total = int(before[-1])
    keys, starts, lengths = np.empty(total, np.uint64), np.empty(total, np.int64), np.empty(total, np.int32)

    def place(n: int, first: int, last: int) -> None:
        own = slice(int(before[n]), int(before[n + 1]))
        keys[own], starts[own], lengths[own] = parts[n]
        ends[first + 1 : last + 1] += before[n]

    in_threads(place, [(n, *block) for n, block in enumerate(blocks)])
    return Tokens(keys, starts, lengths, ends)


@lru_cache(maxsize=1)
def _folded() -> UInt32:
    """The class of each code point times 2**24 and its lower case: one look for both, uint32 [0x110000]."""
    classes, lower = character_tables()
    return classes.astype(np.uint32) << _CLASS | lower


def word_texts(data: Bytes, starts: Offsets, lengths: Int32) -> list[str]:
    """The words at ``starts``, in lower case as their keys see them; a call each: for distinct words."""
    classes, lower = character_tables()
    raw = data.tobytes() if len(starts) > 1000 else None
    texts = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        span = raw[start : start + length] if raw is not None else data[start : start + length].tobytes()
        points = np.empty(max(length, 1), np.uint32)
        count = spell(np.frombuffer(span, np.uint8), 0, length, classes, lower, points)
        texts.append("".join(map(chr, points[:count].tolist())))
    return texts
