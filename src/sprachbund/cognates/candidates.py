"""Which words of one language may be those of another: the words that share most of their rarer letter runs.

A word's features are the runs of two and three letters with its edges (`` c``, ``ca``, `` ca``, ``cab``) and those of
two of its skeleton, the word without vowels but for a first one (``cbz``). Two words are as near as the weights of the
features that they share over the mean of what they have (Dice), a weight being log(words / words that have it).
"""

import numpy as np

from sprachbund.arrays import Float32, Int32, Offsets
from sprachbund.cognates.letters import LETTERS, Encoded, is_vowel
from sprachbund.kernels import njit

__all__ = ["candidates"]

_N = len(LETTERS)
_TWO, _SKELETON = 0, _N * _N
_THREE = 2 * _N * _N
_FEATURES = _THREE + _N**3
_VOWEL = np.array([is_vowel(letter) for letter in LETTERS])


def candidates(left: Encoded, right: Encoded, most: int, widest: int) -> Int32:
    """The nearest words of the right list for each of the left, the best first.

    Args:
        most: candidates of a word.
        widest: a feature that more words of the right list have is not looked up, but for the words it is all that
            they share: it would cost most of the time and tells least.

    Returns:
        int32 [left, most], numbers of right words; -1 where there are fewer.
    """
    left_offsets, left_features = _features(left.letters, left.offsets, _VOWEL)
    right_offsets, right_features = _features(right.letters, right.offsets, _VOWEL)
    frequency = np.bincount(right_features, minlength=_FEATURES)
    weights = np.log(np.maximum(len(right), 1) / np.maximum(frequency, 1)).astype(np.float32)
    order = np.argsort(right_features, kind="stable")
    owners = np.repeat(np.arange(len(right), dtype=np.int32), np.diff(right_offsets))[order]
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(frequency)))
    norms = _norms(left_offsets, left_features, weights), _norms(right_offsets, right_features, weights)
    found: Int32 = _nearest(
        left_offsets, left_features, weights, begins, owners, norms[0], norms[1], len(right), most, widest
    )
    return found


def _norms(offsets: Offsets, features: Int32, weights: Float32) -> Float32:
    sums = np.concatenate((np.zeros(1), np.cumsum(weights[features], dtype=np.float64)))
    norms: Float32 = (sums[offsets[1:]] - sums[offsets[:-1]]).astype(np.float32)
    return norms


@njit(cache=True, nogil=True)
def _features(letters, offsets, vowel):  # type: ignore[no-untyped-def]
    """The distinct features of each word: offsets int64 [words + 1] and int32 numbers."""
    count = len(offsets) - 1
    out = np.empty(3 * len(letters) + 3, np.int32)
    ends = np.zeros(count + 1, np.int64)
    at = 0
    for word in range(count):
        first = at
        low, high = offsets[word], offsets[word + 1]
        before = np.int64(0)  # of the skeleton
        for i in range(low, high):
            code = np.int64(letters[i])
            if i + 1 < high:
                out[at] = _TWO + code * _N + letters[i + 1]
                at += 1
            if i + 2 < high:
                out[at] = _THREE + (code * _N + letters[i + 1]) * _N + letters[i + 2]
                at += 1
            if i > low and (not vowel[code] or i == low + 1):
                out[at] = _SKELETON + before * _N + code
                at += 1
                before = code
        out[first:at] = np.sort(out[first:at])
        kept = first
        for i in range(first, at):
            if i == first or out[i] != out[i - 1]:
                out[kept] = out[i]
                kept += 1
        at = kept
        ends[word + 1] = at
    return ends, out[:at].copy()


@njit(cache=True, nogil=True)
def _nearest(offsets, features, weights, begins, owners, left_norms, right_norms, size, most, widest):  # type: ignore[no-untyped-def]
    count = len(offsets) - 1
    found = np.full((count, most), -1, np.int32)
    sums = np.zeros(size, np.float32)
    touched = np.empty(size, np.int32)
    best = np.empty(most, np.float32)
    for word in range(count):
        used = 0
        for at in range(offsets[word], offsets[word + 1]):
            feature = features[at]
            if begins[feature + 1] - begins[feature] > widest:
                continue
            weight = weights[feature]
            if weight <= 0:  # all words of the right list have it: it tells nothing, and a sum of 0 is as untouched
                continue
            for place in range(begins[feature], begins[feature + 1]):
                other = owners[place]
                if sums[other] == 0:
                    touched[used] = other
                    used += 1
                sums[other] += weight
        kept = 0
        for i in range(used):
            other = touched[i]
            score = sums[other] / (left_norms[word] + right_norms[other])
            sums[other] = 0
            if kept == most and (score < best[most - 1] or (score == best[most - 1] and other > found[word, most - 1])):
                continue
            place = kept if kept < most else most - 1
            while place > 0 and (
                score > best[place - 1] or (score == best[place - 1] and other < found[word, place - 1])
            ):
                best[place], found[word, place] = best[place - 1], found[word, place - 1]
                place -= 1
            best[place], found[word, place] = score, other
            kept = min(kept + 1, most)
    return found
