"""Minimal pairs from a treebank: a word that agrees is written in another form of its own that does not.

The other form stands in the treebank: of the same lemma and part of speech, its features the same but for the one that
agrees (*she walks*, *she walk*). A form that may be right there too makes no pair (*sie hat*, *sie haben*), as far as
the treebank can tell, nor does a word that is joined to others or only a part of what is written (*don't*, *d'un*).
What spelling a neighbour would need beside another form (French *le* before a vowel) is not mended.

Source: Jumelet et al. 2025, "MultiBLiMP 1.0", section 3, which takes the other forms from UniMorph.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sprachbund.corpus.sources.conllu import Sentence, read_conllu
from sprachbund.errors import SourceError
from sprachbund.lm.agreement import FEATURES, Kind, Met, features_of, kept_kinds, meetings
from sprachbund.lm.pairs import MinimalPair
from sprachbund.visible import JOINERS

__all__ = ["ENDINGS", "treebank_pairs"]

ENDINGS = tuple(f".conllu{packed}" for packed in ("", ".gz", ".bz2", ".xz", ".zst"))
_INFLECTED = frozenset({"VERB", "AUX", "ADJ", "DET"})
_AMBIGUOUS = 0.05
"""A form that has so much of its occurrences where the right one could stand is not surely wrong there."""
_LONGEST = 2_000
"""Characters of a sentence that pairs are made of."""
_BESIDE = frozenset("'’ʼ-‐‑")
"""Apostrophes and hyphens join what stands beside them."""

Slot = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Lemma, part of speech, a feature, and all others with their values."""


@dataclass
class _Forms:
    """The forms of a treebank.

    Attributes:
        by_slot: the forms of each value of the feature. readings: how often a form of a lemma has which features.
        values: how often any form of a part of speech has which value of a feature. declined: of a lemma, its part of
            speech and a feature, which values stand in the treebank.
    """

    by_slot: dict[Slot, dict[str, Counter[str]]] = field(default_factory=dict)
    readings: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    values: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    declined: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)


def treebank_pairs(path: Path | str, most: int = 0, seed: int = 0) -> list[MinimalPair]:
    """Pairs of a right and a wrong sentence from a file in CoNLL-U with lemmas and features, in its order.

    Args:
        most: pairs that are kept, drawn by ``seed``; 0 for all.

    Raises:
        SourceError: the file cannot be read, or has no such pair; the message says what it lacks.
    """
    path = Path(path)
    forms, kept, words, featured = _learn(path)
    generator = np.random.default_rng(seed)
    found: list[tuple[int, MinimalPair]] = []
    for number, pair in enumerate(_pairs(path, forms, kept)):
        if not most or number < most:
            found.append((number, pair))
        elif (place := int(generator.integers(number + 1))) < most:  # every pair has the same chance to stay
            found[place] = (number, pair)
    if not found:
        raise SourceError(
            f"{path}: expected words that agree in Number, Person or Gender, and other forms of their lemmas, found no "
            f"pair: {featured:,} of {words:,} words have such a feature, {len(kept):,} kinds of agreement are kept "
            f"nearly always, {len(forms.by_slot):,} lemmas have forms; take a larger treebank, or one with features"
        )
    return [pair for _, pair in sorted(found, key=lambda each: each[0])]


def _learn(path: Path) -> tuple[_Forms, frozenset[Kind], int, int]:
    """The forms, the agreements that are kept, how many words there are, and how many with features."""
    forms, counted = _Forms(), [0, 0]

    def met() -> Iterator[Met]:
        for sentence in read_conllu(path):
            counted[0] += len(sentence.forms)
            for place in range(len(sentence.forms)):
                counted[1] += _note(forms, sentence, place)
            yield from meetings(sentence)

    kept = kept_kinds(met())
    return forms, kept, counted[0], counted[1]


def _note(forms: _Forms, sentence: Sentence, place: int) -> bool:
    """Take a word in; whether it has a feature in which words agree."""
    own = features_of(sentence.features[place])
    if not any(feature in own for feature in FEATURES):
        return False
    form, lemma, tag = sentence.forms[place], sentence.lemmas[place], sentence.tags[place]
    for feature in own.keys() & set(FEATURES):
        forms.values.setdefault((form.lower(), tag, feature), Counter())[own[feature]] += 1
        forms.declined.setdefault((lemma, tag, feature), set()).add(own[feature])
    if tag not in _INFLECTED or lemma == "_" or form != form.lower() or not _is_word(form):
        return True
    forms.readings.setdefault((form, lemma, tag), Counter())[sentence.features[place]] += 1
    for feature in FEATURES:
        if feature in own:
            by_value = forms.by_slot.setdefault(_slot(own, lemma, tag, feature), {})
            by_value.setdefault(own[feature], Counter())[form] += 1
    return True


def _is_word(form: str) -> bool:
    """Letters with their marks, and nothing that joins or parts words; joiners without width are of writing."""
    return form[0].isalpha() and all(c.isalpha() or unicodedata.category(c)[0] == "M" or c in JOINERS for c in form)


def _slot(own: Mapping[str, str], lemma: str, tag: str, feature: str) -> Slot:
    return lemma, tag, feature, tuple(sorted((name, value) for name, value in own.items() if name != feature))


def _pairs(path: Path, forms: _Forms, kept: frozenset[Kind]) -> Iterator[MinimalPair]:
    for sentence in read_conllu(path):
        met = [each for each in meetings(sentence) if each.value == each.other_value and each.kind in kept]
        if not met:
            continue
        text, spans = _written(sentence)
        for each in met:
            start, end = spans[each.word]
            if end <= start or len(text) > _LONGEST or not _stands_alone(text, start, end):
                continue
            other, value = _other_form(forms, sentence, each)
            form = _cased(other, text[start:end])
            if form:
                yield _pair(sentence, each, (text, text[:start] + form + text[end:]), form, value)


def _pair(sentence: Sentence, met: Met, texts: tuple[str, str], form: str, value: str) -> MinimalPair:
    first, last = sorted((met.word, met.other))
    between = sum(tag != "PUNCT" for tag in sentence.tags[first + 1 : last])
    beside = "subject" if met.role == "verb" else "noun"
    changed = (
        f"{sentence.forms[met.word]} to {form}: {met.feature} {met.value} to {value}, "
        f"{met.role} of the {beside} {sentence.forms[met.other]}"
    )
    right, wrong = (" ".join(text.split()) for text in texts)
    return MinimalPair(right, wrong, met.feature.lower(), between, changed)


def _other_form(forms: _Forms, sentence: Sentence, met: Met) -> tuple[str, str]:
    """The most frequent other form that cannot be right, and its value of the feature; "" where there is none."""
    lemma, tag = sentence.lemmas[met.word], sentence.tags[met.word]
    own = features_of(sentence.features[met.word])
    by_value = forms.by_slot.get(_slot(own, lemma, tag, met.feature), {})
    choices = [
        (-count, form, value)
        for value, counts in by_value.items()
        if value != met.value and "," not in value and _is_told(forms, sentence, met, value)
        for form, count in counts.items()
        if form != sentence.forms[met.word].lower() and not _may_be_right(forms.readings[form, lemma, tag], own)
    ]
    return min(choices)[1:] if choices else ("", "")


def _is_told(forms: _Forms, sentence: Sentence, met: Met, value: str) -> bool:
    """Whether the form of the subject or noun shows that it has not another value of the feature.

    German *sie* is she and they: *sie hat* and *sie haben* are right. *Der Lehrer* is one, *die Lehrer* are several; so
    beside a determiner or adjective the noun's other number must stand in the treebank too, in another form.
    """
    form, lemma, tag = (column[met.other] for column in (sentence.forms, sentence.lemmas, sentence.tags))
    seen = forms.values.get((form.lower(), tag, met.feature), Counter())
    if seen[value] and seen[value] >= _AMBIGUOUS * seen.total():
        return False
    unknown = met.role != "verb" and met.feature == "Number" and tag == "NOUN"
    return not unknown or value in forms.declined.get((lemma, tag, met.feature), ())


def _may_be_right(readings: Counter[str], own: Mapping[str, str]) -> bool:
    """Whether some readings of a form contradict no feature of the word that it would stand for."""
    fitting = sum(
        count
        for written, count in readings.items()
        if all(own.get(name, value) == value for name, value in features_of(written).items())
    )
    return fitting >= _AMBIGUOUS * readings.total()


def _stands_alone(text: str, start: int, end: int) -> bool:
    sides = text[start - 1 : start] + text[end : end + 1]
    return not any(side.isalnum() or side in _BESIDE for side in sides)


def _cased(form: str, like: str) -> str:
    """A form with the capital of the word that it stands for; "" where the language would have to be known for it."""
    if not form or like == like.lower():
        return form
    if like[1:] != like[1:].lower():
        return ""
    if like[0].lower()[0] == form[0]:
        return like[0] + form[1:]
    return form[0].upper() + form[1:] if form[0] not in "iı" else ""  # Turkish has two capitals for these


def _written(sentence: Sentence) -> tuple[str, list[tuple[int, int]]]:
    """The sentence's text, and where each word stands in it; (0, 0) for those that are a part of what is written."""
    tokens = _tokens(sentence)
    text = sentence.text.replace("\t", " ")
    spans = _spans(text, tokens, len(sentence.forms))
    if spans is None:  # the text says something else than the words
        text = " ".join(form for *_, form in tokens)
        spans = _spans(text, tokens, len(sentence.forms)) or [(0, 0)] * len(sentence.forms)
    return text, spans


def _tokens(sentence: Sentence) -> list[tuple[int, int, str]]:
    joined = {first: (first, last, form) for first, last, form in sentence.joined if last >= first}
    found, place = [], 0
    while place < len(sentence.forms):
        token = joined.get(place, (place, place, sentence.forms[place]))
        found.append(token)
        place = token[1] + 1
    return found


def _spans(text: str, tokens: list[tuple[int, int, str]], words: int) -> list[tuple[int, int]] | None:
    spans, cursor = [(0, 0)] * words, 0
    for first, last, form in tokens:
        while cursor < len(text) and text[cursor].isspace():
            cursor += 1
        if not text.startswith(form, cursor):
            return None
        if first == last:
            spans[first] = cursor, cursor + len(form)
        cursor += len(form)
    return spans
