"""A neighbour's text in the words of the language: each word that a table knows is replaced, the rest stands as it is.

The table is a lexicon of cognates, learned or from a dictionary (`sprachbund.cognates`). No grammar is translated, and
none is needed: a model of letters learns the language's own words in a neighbour's order.
"""

from collections.abc import Mapping, Sequence

import regex

from sprachbund.cognates.lexicon import DICTIONARY, Cognates

__all__ = ["WORD", "respelled", "words_table"]

WORD = regex.compile(r"\p{L}[\p{L}\p{M}]*")


def words_table(cognates: Cognates, texts: Sequence[str] = ()) -> dict[str, str]:
    """For each left word its right word: of several that which a dictionary says, then the best score.

    Args:
        texts: of the right language; of equal pairs that whose right word is more frequent there is taken.
    """
    often: dict[str, int] = {}
    for text in texts:
        for word in WORD.findall(text.lower()):
            often[word] = often.get(word, 0) + 1
    best: dict[str, tuple[tuple[bool, int, float], str]] = {}
    for left, right, score, origin in cognates.pairs.select("left", "right", "score", "origin").iter_rows():
        rank = (origin == DICTIONARY, often.get(right, 0), float(score or 0.0))
        if left not in best or rank > best[left][0]:
            best[left] = (rank, right)
    return {left: right for left, (_, right) in best.items()}


def respelled(texts: Sequence[str], table: Mapping[str, str]) -> tuple[list[str], float]:
    """Texts with their words replaced, and the share of the words that were known.

    Capitals are kept: of the first letter, or of all.
    """
    known = total = 0

    def replaced(match: "regex.Match[str]") -> str:
        nonlocal known, total
        word: str = match.group()
        total += 1
        other = table.get(word.lower())
        if other is None:
            return word
        known += 1
        if len(word) > 1 and word.isupper():
            return other.upper()
        return other[:1].upper() + other[1:] if word[:1].isupper() else other

    made = [WORD.sub(replaced, text) for text in texts]
    return made, known / max(1, total)
