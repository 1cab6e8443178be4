"""What may follow a text, character by character, as a model of words has it: as `WordNGram.ask` would."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sprachbund.arrays import Flags, Float64, Int64, UInt32
from sprachbund.lm.alphabet import SCALARS, points_of
from sprachbund.lm.ngram.chain import ALONE, BETWEEN, INSIDE, MOST_DEPTH, highest, masses, narrowed
from sprachbund.lm.ngram.cutting import BLANK, cut_words, is_word, share_of_words
from sprachbund.lm.ngram.joints import WORD, joint
from sprachbund.lm.ngram.vocabulary import UNKNOWN
from sprachbund.lm.ngram.words import WordNGram, spelled
from sprachbund.lm.text import END

__all__ = ["Asking", "following"]


@dataclass(frozen=True, eq=False)
class Asking:
    """Characters that are asked about, as a model numbers them.

    Attributes:
        inside: which may stand in a word; numbers: of the single characters among its tokens, 0 for none; joints: of
            each in the table of blanks; spelling: its symbol in the spelling.
        runs: int64 [characters, 2], the words that begin with each. begun: float64 [characters], how likely each is as
            the first of an unknown token.
    """

    characters: str
    points: UInt32
    inside: Flags
    numbers: Int64
    joints: Int64
    spelling: Int64
    runs: Int64
    begun: Float64

    @classmethod
    def of(cls, model: WordNGram, characters: str) -> "Asking":
        """Of a model."""
        vocabulary = model.vocabulary
        inside = np.array([is_word(each) for each in characters], bool)
        numbers = np.array([0 if is_word(each) else vocabulary.numbers.get(each, 0) for each in characters], np.int64)
        joints = np.array([joint(each, vocabulary) for each in characters], np.int64)
        spelling = model.spelling.alphabet.encode(characters).astype(np.int64)
        points = points_of(characters)
        _, _, runs = narrowed(*vocabulary.points, np.empty(0, np.uint32), points)
        begun = _spelt(model, "", spelling) * model.letters / (1 - model.end)
        begun[~inside] = (1 - model.letters) / (SCALARS * (1 - share_of_words()))
        return cls(characters, points, inside, numbers, joints, spelling, runs + vocabulary.first, begun)


def following(model: WordNGram, text: str, asking: Asking) -> tuple[Float64, int, float, float]:
    """The probability of each character after a document's beginning: float64 [characters].

    Returns:
        also the kind of the place, how often it was seen, and a largest probability, as `WordNGram.ask` has them.
    """
    read = list(cut_words(text + END))
    gap = read.pop()[1]
    tokens = [token for token, _ in read]
    if not tokens or gap or not is_word(tokens[-1]):
        left = joint(tokens[-1], model.vocabulary) if tokens else model.vocabulary.closing
        return _between(model, tokens, left, gap, asking)
    told, pending, place = _inside(model, tokens[:-1], tokens[-1], asking)
    after, *_ = _between(model, tokens, WORD, False, asking)
    return np.where(asking.inside, told, pending * after), *place


def _between(
    model: WordNGram, tokens: Sequence[str], left: int, gap: bool, asking: Asking
) -> tuple[Float64, int, float, float]:
    """Between tokens; ``gap``: behind a blank."""
    own, first = model.ngram, model.vocabulary.first
    singles = np.arange(first)
    ranges = np.concatenate((np.stack([singles, singles + 1], 1), [[first, own.size]], asking.runs))
    node, depth, found = _masses(model, tokens, ranges)
    other, known, single, run = found[0], found[first], found[:first], found[first + 1 :]
    starting, share = model.letters, model.gaps[left]
    blank = (known + other * starting) * share[WORD] + other * (1 - starting) * share[-1]
    blank += float(single[1:] @ share[1:first])
    joined = share if gap else 1 - share
    numbered = np.where(asking.numbers > 0, single[asking.numbers], 0.0)
    out = np.where(
        asking.inside,
        (run + other * asking.begun) * joined[WORD],
        numbered * joined[asking.joints] + other * asking.begun * joined[-1],
    )
    out = out / blank if gap else out
    if not gap:
        out[asking.points == ord(BLANK)] = blank
    return out, BETWEEN + min(depth, MOST_DEPTH), float(own.seen[node]), float(own.peaks[node])


def _inside(
    model: WordNGram, tokens: Sequence[str], word: str, asking: Asking
) -> tuple[Float64, float, tuple[int, float, float]]:
    """In a word: what goes on with it, the probability that it ends, and what kind of place it is."""
    own, first = model.ngram, model.vocabulary.first
    letters, (points, starts) = points_of(word), model.vocabulary.points
    low, high, runs = narrowed(points, starts, letters, asking.points)
    whole = int(high > low and starts[low + 1] - starts[low] == len(letters))
    ranges = np.concatenate(([[UNKNOWN, UNKNOWN + 1], [low + first, high + first], [low, low + whole]], runs + first))
    ranges[2] += first
    node, depth, found = _masses(model, tokens, ranges)
    each = spelled(model, [word])
    spell = found[0] * float(np.prod(each[:-1]))
    mass = found[1] + spell
    out = (found[3:] + spell * _spelt(model, word, asking.spelling)) / mass
    pending = (found[2] + spell * float(each[-1])) / mass
    top = highest(
        _context(model, tokens), first, low, high, len(letters), points, starts, own.order, own.last, own.children,
        own.entries, own.left, own.symbols, model.sums, 1 / own.size,
    )  # fmt: skip
    kind = INSIDE + min(depth, MOST_DEPTH) if high > low else ALONE
    return out, pending, (kind, float(own.seen[node]) * mass, top / mass)


def _spelt(model: WordNGram, word: str, spelling: Int64) -> Float64:
    """The probability of each symbol behind a spelling's beginning, unknown ones of those that may stand in a word."""
    told, *_ = model.spelling.after(word)
    return np.asarray(np.where(spelling > 0, told[spelling], told[UNKNOWN] / (SCALARS * share_of_words())))


def _masses(model: WordNGram, tokens: Sequence[str], ranges: npt.NDArray[np.int64]) -> tuple[int, int, Float64]:
    own = model.ngram
    node, depth, found = masses(
        _context(model, tokens), own.order, ranges.astype(np.int64), own.last, own.children, own.entries, own.left,
        own.symbols, model.sums, 1 / own.size,
    )  # fmt: skip
    return int(node), int(depth), found


def _context(model: WordNGram, tokens: Sequence[str]) -> npt.NDArray[np.int32]:
    """int32 [order - 1]: the last tokens, behind what stands before a document."""
    own, numbers = model.ngram, model.vocabulary.numbers
    before = [own.size] * (own.order - 1) + [own.closing] + [numbers.get(each, UNKNOWN) for each in tokens]
    return np.array(before[len(before) - own.order + 1 :], np.int32)
