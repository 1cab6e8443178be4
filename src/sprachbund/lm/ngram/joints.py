"""Whether a blank stands between two tokens: a table by what they are, words all alike.

Two words always have one between them, else they were one word; a blank that is a token has one before it. All other
shares are counted, and drawn to that of what stands on the right where a pair is rare. So a text costs next to nothing
for its blanks, and every text can be told.
"""

from collections.abc import Iterable

import numpy as np

from sprachbund.arrays import Flags, Float64, Int32
from sprachbund.lm.ngram.cutting import BLANK, is_word
from sprachbund.lm.ngram.vocabulary import Vocabulary

__all__ = ["WORD", "joint", "learn_joints"]

WORD = 0
"""The joint of all words; a known character's is its number, the last one is that of all others."""


def joint(token: str, vocabulary: Vocabulary) -> int:
    """Which row and column of the table is a token's."""
    if is_word(token):
        return WORD
    return vocabulary.numbers.get(token, vocabulary.first)


def learn_joints(documents: Iterable[tuple[Int32, Flags]], vocabulary: Vocabulary) -> Float64:
    """float64 [joints, joints]: the probability of a blank between a left token and a right one.

    Args:
        documents: of each the joints of its tokens, int32, and whether a blank stands before them.
    """
    size = vocabulary.first + 1
    pairs, blanks = [np.empty(0, np.int64)], [np.empty(0, bool)]
    for joints, gaps in documents:
        if len(joints):
            pairs.append(np.append(vocabulary.closing, joints[:-1]).astype(np.int64) * size + joints)
            blanks.append(gaps)
    places = np.concatenate(pairs)
    total = np.bincount(places, minlength=size * size).reshape(size, size)
    blank = np.bincount(places, np.concatenate(blanks), size * size).reshape(size, size)
    before = (blank.sum(0) + 0.5) / (total.sum(0) + 1)
    shares: Float64 = (blank + before) / (total + 1)
    shares[WORD, WORD] = 1.0
    if BLANK in vocabulary.numbers:
        shares[:, vocabulary.numbers[BLANK]] = 1.0
    return shares
