"""N-grams as 64-bit keys: of words (`tokens` makes them as it finds the words), bigrams and characters.

The price of keys is that two n-grams may share one: 350M keys collide with a chance of 0.3%.

The hash, so that another program can make the same keys (all arithmetic is modulo 2**64)::

    finalise(x)   x ^= x >> 30;  x *= 0xBF58476D1CE4E5B9
                  x ^= x >> 27;  x *= 0x94D049BB133111EB;  x ^= x >> 31
    points(n, p)  s = (n + 1) * 0x9E3779B97F4A7C15
                  for each code point p:  s = (s ^ p) * 0xD6E8FEB86659FD93;  s ^= s >> 32
                  finalise(s)
    word          points(0, the code points of the word in lower case)
    bigram        finalise(first * 0xC2B2AE3D27D4EB4F + second), of the keys of its two words
    characters    points(n, p) of every n adjacent code points p of ``<word>``, Korean syllables taken apart into
                  their letters (see `hangul`); none where it has fewer than n
    key 0 is kept for an empty slot: an n-gram that hashes to 0 has key 1

(finalise is the end of splitmix64, Steele, Lea & Flood 2014.) The start row of an n-gram comes from the same
arithmetic: x = finalise(key ^ finalise(seed)); bit d % 64 of finalise(x + (d // 64 + 1) * 0x9E3779B97F4A7C15)
gives the sign of dimension d, 1 for plus; every value is that sign over the root of the dimension.
"""

from collections.abc import Sequence

import numpy as np

from sprachbund.arrays import Bytes, Int32, Keys, Offsets
from sprachbund.corpus.characters import character_tables
from sprachbund.kernels import njit
from sprachbund.ngrams.hangul import letters, take_apart
from sprachbund.ngrams.mixing import GOLDEN64, MASK, PAIR, PAIR64, finalise, mixed_in, mixed_key, points_key
from sprachbund.ngrams.tokens import Tokens, spell
from sprachbund.threads import blocks_of, in_threads

__all__ = [
    "bigram_key",
    "bigram_offsets",
    "bigram_seconds",
    "bigrams",
    "character_keys",
    "characters",
    "word_key",
]

_BLOCK = 1 << 20  # words that one thread takes at a time


# ---- plain Python: the references


def word_key(word: str) -> int:
    """The key of a word that is in lower case already, as ``segment.words`` gives it."""
    return points_key(0, word)


def bigram_key(first: int, second: int) -> int:
    """The key of two adjacent words, from their keys."""
    return finalise((first * PAIR + second) & MASK) or 1


def character_keys(word: str, order: int) -> list[int]:
    """The keys of the runs of ``order`` code points in ``<word>``, in order; none where it is shorter.

    Korean syllables are taken apart first, see `hangul`.
    """
    marked = f"<{letters(word)}>"
    return [points_key(order, marked[i : i + order]) for i in range(len(marked) - order + 1)]


def bigram_seconds(keys: Keys, firsts: Keys) -> Keys:
    """The keys of the second words of bigrams, by undoing finalise: uint64 [bigrams]."""
    x = keys ^ keys >> np.uint64(31) ^ keys >> np.uint64(62)
    x = x * np.uint64(pow(0x94D049BB133111EB, -1, 1 << 64))
    x = x ^ x >> np.uint64(27) ^ x >> np.uint64(54)
    x = x * np.uint64(pow(0xBF58476D1CE4E5B9, -1, 1 << 64))
    x = x ^ x >> np.uint64(30) ^ x >> np.uint64(60)
    seconds: Keys = x - firsts * PAIR64
    return seconds


# ---- the kernels


@njit(cache=True, nogil=True)
def _pair_keys(keys, offsets, first, last, out_offsets, out):  # type: ignore[no-untyped-def]
    for text in range(first, last):
        place = out_offsets[text]
        for token in range(offsets[text], offsets[text + 1] - 1):
            out[place] = mixed_key(keys[token] * PAIR64 + keys[token + 1])
            place += 1


@njit(cache=True, nogil=True)
def _character_counts(data, starts, lengths, orders, classes, lower, counts):  # type: ignore[no-untyped-def]
    points = np.empty(max(np.int64(1), np.int64(lengths.max())), np.uint32)
    for word in range(len(starts)):
        marked = 2 + take_apart(points, spell(data, starts[word], lengths[word], classes, lower, points))
        total = 0
        for order in orders:
            total += max(marked - order + 1, 0)
        counts[word] = total


@njit(cache=True, nogil=True)
def _character_keys(data, starts, lengths, orders, classes, lower, offsets, out):  # type: ignore[no-untyped-def]
    points = np.empty(np.int64(lengths.max()) + 2, np.uint32)
    points[0] = 0x3C  # <
    for word in range(len(starts)):
        inside = points[1:]
        marked = 2 + take_apart(inside, spell(data, starts[word], lengths[word], classes, lower, inside))
        points[marked - 1] = 0x3E  # >
        place = offsets[word]
        for order in orders:
            salt = np.uint64(order + 1) * GOLDEN64
            for at in range(marked - order + 1):
                state = salt
                for i in range(at, at + order):
                    state = mixed_in(state, np.uint64(points[i]))
                out[place] = mixed_key(state)
                place += 1


# ---- the kernels on every core


def bigram_offsets(tokens: Tokens) -> Offsets:
    """Where the bigrams of each text begin: int64 [texts + 1]."""
    offsets = np.zeros(len(tokens.offsets), np.int64)
    np.cumsum(np.maximum(np.diff(tokens.offsets) - 1, 0), out=offsets[1:])
    return offsets


def bigrams(tokens: Tokens) -> tuple[Keys, Offsets]:
    """The adjacent words of each text.

    Returns:
        keys: uint64 [bigrams], in order.
        offsets: int64 [texts + 1]; a text of n words has n - 1 bigrams, or none.
    """
    offsets = bigram_offsets(tokens)
    keys = np.empty(int(offsets[-1]), np.uint64)
    tasks = blocks_of(tokens.offsets, _BLOCK)
    in_threads(lambda a, b: _pair_keys(tokens.keys, tokens.offsets, a, b, offsets, keys), tasks)
    return keys, offsets


def characters(data: Bytes, starts: Offsets, lengths: Int32, orders: Sequence[int]) -> tuple[Keys, Offsets]:
    """The character n-grams of words that lie in ``data``: those of `character_keys`, order after order.

    Args:
        starts, lengths: int64 and int32 [words], as in `Tokens`.
        orders: the numbers of code points, each at least 1.

    Returns:
        keys: uint64 [n-grams], repeats kept; offsets: int64 [words + 1].
    """
    classes, lower = character_tables()
    wanted = np.asarray(orders, np.int64)
    starts = np.ascontiguousarray(starts, np.int64)
    lengths = np.ascontiguousarray(lengths, np.int32)
    offsets = np.zeros(len(starts) + 1, np.int64)
    words = len(starts)
    tasks = [(a, min(a + 65_536, words)) for a in range(0, words, 65_536)]
    counts = offsets[1:]
    in_threads(
        lambda a, b: _character_counts(data, starts[a:b], lengths[a:b], wanted, classes, lower, counts[a:b]),
        tasks,
    )
    np.cumsum(counts, out=counts)
    keys = np.empty(int(offsets[-1]), np.uint64)
    in_threads(
        lambda a, b: _character_keys(data, starts[a:b], lengths[a:b], wanted, classes, lower, offsets[a : b + 1], keys),
        tasks,
    )
    return keys, offsets
