"""How far the words of one list are from those of another: edit distances over concepts that both have.

A small distance between *any* two words means nothing: nearly four in ten Portuguese words are within two edits of some
English word. So words are compared concept by concept, and against what words of different concepts give.

Distances are in letters of the texts in NFC (under NFD *opinión* would be at distance 3 from *opinião*), lower case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sprachbund.normal_forms import normal_form

__all__ = ["Aligned", "align", "distance", "distances", "ldnd", "normalised"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Aligned:
    """The words of two lists for the concepts of both, the first word of each, in NFC and lower case."""

    concepts: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]


def align(first: Mapping[str, Sequence[str]], second: Mapping[str, Sequence[str]]) -> Aligned:
    """The words of the concepts that both lists have a word for, in the order of the first."""
    shared = [concept for concept in first if _word(first, concept) and _word(second, concept)]
    return Aligned(tuple(shared), *(tuple(_word(words, concept) for concept in shared) for words in (first, second)))


def distance(one: str, other: str) -> int:
    """The Levenshtein distance in characters of NFC: insertions, deletions and replacements, 1 each."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(normal_form("NFC", one), normal_form("NFC", other)))


def distances(words: Aligned) -> npt.NDArray[np.int64]:
    """The distance of the two words of each concept, int64 [concepts]."""
    return np.array([distance(one, other) for one, other in zip(words.first, words.second, strict=True)], np.int64)


def normalised(words: Aligned) -> Floats:
    """Distances over the length of the longer word (LDN): float64 [concepts, concepts], the first list's words a row.

    Source: Serva & Petroni 2008, Indo-European languages tree by Levenshtein distance.
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    table = cdist(words.first, words.second, scorer=Levenshtein.normalized_distance, dtype=np.float64)
    return np.asarray(table, np.float64)


def ldnd(table: Floats) -> tuple[float, float, float] | None:
    """LDND: the mean normalised distance of the same concept over that of different ones; and both means.

    It is 1 where the words of a concept are as far apart as any words, whatever sounds the languages have in common by
    chance. None with fewer than two concepts.

    Args:
        table: as `normalised` gives it.

    Source: Bakker et al. 2009, Adding typology to lexicostatistics, section 3.
    """
    count = len(table)
    if count < 2:
        return None
    same = float(np.trace(table) / count)
    different = float((table.sum() - np.trace(table)) / (count * (count - 1)))
    return (same / different if different else 1.0), same, different


def _word(words: Mapping[str, Sequence[str]], concept: str) -> str:
    found = words.get(concept) or ("",)
    return _plain(found[0])


@lru_cache(maxsize=1 << 16)  # a target's words are asked for with every candidate
def _plain(word: str) -> str:
    return normal_form("NFC", word).lower()
