"""Typing errors: a word that nothing in the index holds, and the word one edit away that most passages have.

One edit is a letter left out, put in, put in another's place, or two that changed places (Damerau 1964). Letters are
those that the index is written with, of the scripts of the word; of Hangul the letters inside syllables; what a reader
sees as one letter is also left out and moved as one. All words that are one edit away are made and looked up by their
keys, some thousands, so nothing is stored for it. Words of fewer than four letters have too many neighbours to choose
from, and where words are written without spaces it is the dictionary that parts them.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from sprachbund.corpus.segment import needs_dictionary
from sprachbund.ngrams.keys import word_key
from sprachbund.normal_forms import normal_form
from sprachbund.retrieval.encoder.texts import analyse
from sprachbund.search.filters import passages_of
from sprachbund.search.segment import Segment
from sprachbund.search.wording import plain, wanted

LEAST, LONGEST = 4, 30
"""Letters of a word that is corrected."""
LONG = 500
"""Characters of a text up to which it is looked at: who pastes a page has not mistyped it."""
WORDS = 3
"""Words of a query that are corrected at most."""
MADE = 2_000
"""Words that are made of one at most: of a long one fewer letters are tried, the commonest."""
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True)
class Corrected:
    """What was found of typing errors.

    Attributes:
        words: from what nothing holds to what could be meant. all_unknown: whether nothing holds any word of the query.
    """

    words: Mapping[str, str]
    all_unknown: bool


def corrected(whole: Sequence[Segment], searched: Sequence[Segment], text: str) -> Corrected | None:
    """The words of a text that nothing holds, with what could be meant; None where there is no such.

    Args:
        whole: all segments of the index: a word that one of them holds is no error. searched: where to find others.
    """
    if len(text) > LONG:
        return None
    folds = whole[0].folds if whole else ()
    words = list(dict.fromkeys(wanted(text, "", folds)))
    unknown = [word for word, count in zip(words, passages_of(whole, words), strict=True) if not count]
    found: dict[str, str] = {}
    for word in [word for word in unknown if _can_be(word)][:WORDS]:
        if meant := nearest(searched, word):
            found[word] = meant
    return Corrected(found, len(unknown) == len(words)) if found else None


def _can_be(word: str) -> bool:
    letters = len(_CLUSTER.findall(word))
    return LEAST <= letters <= LONGEST and _LETTERS.fullmatch(word) is not None and not needs_dictionary(word)


def nearest(segments: Sequence[Segment], word: str) -> str:
    """The word one edit away that most passages have, "" where there is none; of equals the first of `edits`."""
    letters = "".join(dict.fromkeys("".join(segment.manifest["letters"] for segment in segments)))
    folds = segments[0].folds if segments else ()
    made = [each for each in dict.fromkeys(plain(list(dict.fromkeys(edits(word, letters))), folds)) if each != word]
    counts = passages_of(segments, made)
    most = max(counts, default=0)
    return written(segments, made[counts.index(most)]) if most else ""


def written(segments: Sequence[Segment], word: str) -> str:
    """How most passages write a word that is `wording.plain`."""
    forms = sorted({form for segment in segments for form in segment.records.forms(word)})
    counts = [sum(segment.collection.postings.count(key) for segment in segments) for key in map(word_key, forms)]
    return forms[counts.index(max(counts))] if forms else word


def edits(word: str, letters: str) -> Iterator[str]:
    """All words that are one edit away, some more than once: first those with the same letters, then with fewer.

    Args:
        letters: that may be put in, the commonest first; those of other scripts than the word's are not.
    """
    hangul = any("\uac00" <= letter <= "\ud7a3" for letter in word)
    form: Literal["NFC", "NFD"] = "NFD" if hangul else "NFC"
    alphabet = _alphabet(word, normal_form("NFD", letters) if hangul else letters)
    for parts in dict.fromkeys((tuple(normal_form(form, word)), tuple(_CLUSTER.findall(word)))):
        for n in range(len(parts) - 1):
            yield _joined(*parts[:n], parts[n + 1], parts[n], *parts[n + 2 :])
    for parts in dict.fromkeys((tuple(normal_form(form, word)), tuple(_CLUSTER.findall(word)))):
        for n in range(len(parts)):
            yield _joined(*parts[:n], *parts[n + 1 :])
    points = normal_form(form, word)
    for n in range(len(points)):
        for letter in alphabet:
            yield _joined(points[:n], letter, points[n + 1 :])
    for n in range(len(points) + 1):
        for letter in alphabet:
            yield _joined(points[:n], letter, points[n:])


def _joined(*parts: str) -> str:
    return normal_form("NFC", "".join(parts))


def _alphabet(word: str, letters: str) -> list[str]:
    scripts = {_script(letter) for letter in word} | {"COMBINING"}
    own = [letter for letter in dict.fromkeys(letters) if _LETTERS.match(letter) and _script(letter) in scripts]
    return own[: max(1, MADE // (2 * len(word) + 1))]


def _script(letter: str) -> str:
    """The first word of a letter's name, which is its script."""
    return unicodedata.name(letter, "").partition(" ")[0]


def respell(text: str, words: Mapping[str, str], folds: Sequence[str] = ()) -> str:
    """A text with some of its words, as they are found, written as others; a capital stays one."""
    read = analyse([text], "", bigrams=False, characters=())
    shown, made, end = read.text(0), [], 0
    for first, last in read.spans(0):
        shown_word = shown[first:last]
        meant = words.get("".join(wanted(shown_word, "", folds)))
        if meant is not None:
            if shown_word[:1].isupper():
                meant = meant[:1].upper() + meant[1:]
            made += [shown[end:first], meant]
            end = last
    return "".join(made) + shown[end:]
