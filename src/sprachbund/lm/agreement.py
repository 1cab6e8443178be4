"""Which words of a sentence agree, by its tree and features: verbs with subjects, determiners, adjectives with nouns.

A treebank says how far its language keeps an agreement: where a subject is plural, how many of the verbs are? Only what
is kept nearly always makes a wrong sentence when it is broken. In Turkish a plural subject may have a verb in the
singular, so there is no pair of that; in English there is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sprachbund.corpus.sources.conllu import Sentence

__all__ = ["FEATURES", "Kind", "Met", "features_of", "kept_kinds", "meetings"]

FEATURES = ("Number", "Person", "Gender")
KEPT, LEAST = 0.9, 5
"""An agreement is kept where so many of the pairs of words agree, of so many at least."""
_SPOILT = frozenset({"Abbr", "Foreign", "Typo"})
_NAMES = frozenset({"NOUN", "PROPN"})
_AGREEING = {"verb": ("VERB", "AUX", "ADJ"), "determiner": ("DET", "ADJ"), "adjective": ("DET", "ADJ")}
_ROLES = {"det": "determiner", "amod": "adjective"}
_NO_DEPENDENTS = frozenset({"det:numgov", "det:nummod"})
_NO_SUBJECTS = frozenset({"nsubj:outer", "nsubj:xsubj", "nsubj:caus"})
_GOVERNING = frozenset({"conj", "nummod:gov", "det:numgov"})
"""What hangs on a noun whose number is not told by its own form: *a cat and a dog are*."""

Kind = tuple[str, str, str, str, str]
"""Role, part of speech, form of the verb, feature, value of the word that is agreed with."""


@dataclass(frozen=True, slots=True)
class Met:
    """Two words that both have a feature and may agree in it.

    Attributes:
        word, other: places from 0; ``word`` agrees with ``other``, its subject or noun. feature: of `FEATURES`.
        value, other_value: what each has; a noun has the third person. kind: by which agreements are counted.
    """

    word: int
    other: int
    feature: str
    value: str
    other_value: str
    kind: Kind

    @property
    def role(self) -> str:
        """Of the word: ``verb`` (with its subject), ``determiner``, ``adjective``."""
        return self.kind[0]


@lru_cache(maxsize=65_536)
def features_of(written: str) -> Mapping[str, str]:
    """The features of a word by name; those of what is misspelt, foreign or shortened count for none."""
    found = dict(part.split("=", 1) for part in written.split("|") if "=" in part)
    return {} if _SPOILT & found.keys() else found


def meetings(sentence: Sentence) -> Iterator[Met]:
    """The words of a sentence that may agree, feature by feature."""
    children: dict[int, list[int]] = {}
    for place, head in enumerate(sentence.heads):
        children.setdefault(head - 1, []).append(place)
    for place, relation in enumerate(sentence.relations):
        head = sentence.heads[place] - 1
        base = relation.partition(":")[0]
        if base == "nsubj" and relation not in _NO_SUBJECTS:
            if _is_plain(sentence, children.get(place, ())) and _subjects(sentence, children[head]) == 1:
                for word in (head, *_auxiliaries(sentence, children[head])):
                    yield from _compared(sentence, word, place, "verb")
        elif base in _ROLES and relation not in _NO_DEPENDENTS and _is_plain(sentence, children.get(head, ())):
            yield from _compared(sentence, place, head, _ROLES[base])


def kept_kinds(met: Iterable[Met]) -> frozenset[Kind]:
    """The kinds of agreement that are kept nearly always."""
    total: Counter[Kind] = Counter()
    equal: Counter[Kind] = Counter()
    for each in met:
        total[each.kind] += 1
        equal[each.kind] += each.value == each.other_value
    return frozenset(kind for kind, count in total.items() if count >= LEAST and equal[kind] >= KEPT * count)


def _is_plain(sentence: Sentence, children: Iterable[int]) -> bool:
    return not any(sentence.relations[child] in _GOVERNING for child in children)


def _subjects(sentence: Sentence, children: Iterable[int]) -> int:
    return sum(sentence.relations[child].partition(":")[0] in ("nsubj", "csubj") for child in children)


def _auxiliaries(sentence: Sentence, children: Iterable[int]) -> list[int]:
    return [child for child in children if sentence.relations[child].partition(":")[0] in ("aux", "cop")]


def _compared(sentence: Sentence, word: int, other: int, role: str) -> Iterator[Met]:
    if sentence.tags[word] not in _AGREEING[role] or (role != "verb" and sentence.tags[other] not in _NAMES):
        return
    own, others = features_of(sentence.features[word]), features_of(sentence.features[other])
    for feature in FEATURES:
        value, other_value = own.get(feature, ""), others.get(feature, "")
        if feature == "Person" and not other_value and sentence.tags[other] in _NAMES:
            other_value = "3"
        if value and other_value and "," not in value + other_value:
            kind = (role, sentence.tags[word], own.get("VerbForm", ""), feature, other_value)
            yield Met(word, other, feature, value, other_value, kind)
