"""The languages that a text may be in, with probabilities: a library where it knows the language, a table elsewhere.

py3langid knows some 140 languages from large corpora, and calls any other by the name of one of these. The table of
`grams` knows 330 from a few pages each. How probable it is that a text is in none of the library's languages is said by
a logistic regression (`evidence`) on how far the table's best language outside the library is before its best inside,
and on how sure the library is. It was fitted with as many texts outside as inside; since most text is inside, outside
counts a ninth (`RARER`): the library's languages lose next to nothing (``benchmarks/results/detection.md``).

Scores are divided by the square root of the bytes before they become probabilities, as py3langid does it: letters that
follow each other are no independent evidence.
"""

from dataclasses import dataclass
from functools import cache
from math import exp, log, sqrt
from typing import Any

import numpy as np

from sprachbund.arrays import Flags, Float64
from sprachbund.corpus.identification.grams import Table, load

NOT_A_LANGUAGE = "und"
RARER = 9.0
"""How many times more text is in the library's languages than in all others. Chosen on dev: at 1 five of 100 texts of
20 to 40 characters leave their language, at 9 five of a thousand."""
WIDEST, LONGEST = 8.0, 20.0
"""What `evidence` is bounded by: the margin of the table, and the root of a text's bytes."""
_FLOOR = 1e-6

# the library's codes that are not the corpora's: individual languages and macrolanguages, and no language at all
_CODES = {"zxx": NOT_A_LANGUAGE, "gug": "gn", "kik": "ki", "fuv": "ff", "uzs": "uz", "hbo": "he"}


@dataclass(frozen=True, eq=False)
class Library:
    """py3langid with its model, and the corpora's codes of what it can answer."""

    codes: frozenset[str]
    identifier: Any

    def probabilities(self, text: str) -> dict[str, float]:
        """The probability of each code."""
        found: dict[str, float] = {}
        for label, probability in self.identifier.rank(text):
            code = _CODES.get(label, label)
            found[code] = found.get(code, 0.0) + float(probability)
        return found

    def best(self, text: str) -> tuple[str, float]:
        """The most probable code and its probability: in half the time."""
        label, probability = self.identifier.classify(text)
        return _CODES.get(label, label), float(probability)


@cache
def library() -> Library:
    """The library with its model in memory: half a second, some 60 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return Library(frozenset(_CODES.get(label, label) for label in identifier.labels), identifier)


def guesses(text: str, table: Table | None = None) -> dict[str, float]:
    """Codes with probabilities that sum to about 1, the most probable first; `NOT_A_LANGUAGE` may be among them."""
    table = table or load()
    inside, scores = library().probabilities(text), _scores(text, table)
    *weights, constant = table.about["switch"]
    logit = constant + sum(w * x for w, x in zip(weights, _evidence(text, inside, scores, table), strict=True))
    outside = 1 / (1 + exp(min(-logit + log(RARER), 700.0)))
    found = {code: probability * (1 - outside) for code, probability in inside.items() if probability > _FLOOR}
    other = np.where(_inside(table), -np.inf, scores)
    other = np.exp(other - other.max())
    other *= outside / other.sum()
    for place in np.flatnonzero(other > _FLOOR):
        found[table.languages[place]] = float(other[place])
    return {code: found[code] for code in sorted(found, key=lambda code: (-found[code], code))}


def evidence(text: str, table: Table) -> tuple[float, ...]:
    """What the switch is told of a text: how far the best language outside is before the best inside, how sure the
    library is, each of both also by the length of the text, and the length; within bounds, so that no long text is
    beyond what the development snippets have.
    """
    return _evidence(text, library().probabilities(text), _scores(text, table), table)


def _evidence(text: str, inside: dict[str, float], scores: Float64, table: Table) -> tuple[float, ...]:
    known = _inside(table)
    margin = float(scores[~known].max() - scores[known].max())
    sure = log(max(inside.values()) + _FLOOR)
    length = min(_root(text), LONGEST)
    margin = min(max(margin, -WIDEST), WIDEST)
    return margin, margin * length / 10, sure, sure * length / 10, 10 / length


def _scores(text: str, table: Table) -> Float64:
    return table.scores(text) / _root(text)


def _root(text: str) -> float:
    return sqrt(max(len(text.encode("utf-8", "replace")), 1))


@cache
def _inside(table: Table) -> Flags:
    """Which of the table's languages the library knows too."""
    return np.array([language in library().codes for language in table.languages])
