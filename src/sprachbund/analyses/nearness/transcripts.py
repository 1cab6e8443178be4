"""How near the transcripts of two languages are: by their letters, by runs of three, by words."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

__all__ = ["MEASURES", "nearness_of"]

MEASURES = ("letters in common", "runs of three letters", "words in common")


def nearness_of(one: Sequence[str], other: Sequence[str]) -> dict[str, float]:
    """By `MEASURES`: the Jaccard index of letters, the cosine of counts of three letters, the Jaccard index of words.

    Args:
        one, other: spelled utterances of each language, see `speech.spelling`.
    """
    first, second = (Counter(text[place : place + 3] for text in texts for place in range(len(text) - 2))
                     for texts in (one, other))  # fmt: skip
    norms = [sqrt(sum(count * count for count in counts.values())) for counts in (first, second)]
    both = sum(count * second[run] for run, count in first.items())
    letters = [{letter for text in texts for letter in text if letter.isalpha()} for texts in (one, other)]
    words = [{word for text in texts for word in text.split()} for texts in (one, other)]
    return {
        MEASURES[0]: _jaccard(*letters),
        MEASURES[1]: both / (norms[0] * norms[1]) if all(norms) else 0.0,
        MEASURES[2]: _jaccard(*words),
    }


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(one | other))
