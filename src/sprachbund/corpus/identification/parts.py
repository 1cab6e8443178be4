"""A document without a language to one document a language.

Who searches wants to find every paragraph, and by the filter of its language. So a document is in the language of most
of its text, and paragraphs that are surely in another one become a document of that language with the same id, title
and sections; the two have one group, so that no split parts them. What is not sure stays where it stands: a paragraph
of few letters goes with the one before it when its letters fit that language better than the document's.

The price: a quotation of some length leaves the text around it. A single paragraph in several languages is not parted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sprachbund.corpus.identification.guess import guesses, library
from sprachbund.corpus.identification.identify import (
    MACROLANGUAGES,
    Detected,
    identify,
    language_alone,
    sample,
)
from sprachbund.corpus.sources.documents import RawSection
from sprachbund.languages import UNDETERMINED
from sprachbund.normal_forms import normal_form

READ = 300
"""Characters that are read of a paragraph; more changes no answer worth its time."""
GLANCE = 80
"""Characters of these that are enough to see that a paragraph is in the language of the document."""
LETTERS = 60
"""A paragraph of fewer letters is not asked which language it is in."""
SURELY = 0.95
"""The probability at which a paragraph leaves the document."""
_STAYS = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """What a document has in one language: a code or `und`, how probable it is, the sections with its paragraphs."""

    code: str
    confidence: float
    sections: tuple[RawSection, ...]


def part(sections: Sequence[RawSection]) -> list[Part]:
    """A document's parts by language, the largest first; one where it is in one language, or in none that is known."""
    texts = [text for section in sections for text in _texts(section)]
    whole = identify(_joined(texts))
    if len(texts) < 2:
        return [Part(whole.code, whole.confidence, tuple(sections))]
    asked = [_letters(text) for text in texts]
    said = [
        _surely(text, whole.code) if letters >= LETTERS else None for text, letters in zip(texts, asked, strict=True)
    ]
    weight: Counter[str] = Counter()
    for code, text in zip(said, texts, strict=True):
        if code is not None:
            weight[code] += len(text)
    main = min(weight, key=lambda code: (-weight[code], code)) if weight else whole.code
    others = {code for code in weight if code != main and not _near(code, main)}
    if not others:
        return [Part(main, _confidence(whole, main), tuple(sections))]
    places = _assigned(texts, said, main, others)
    parts = [_of(sections, texts, places, code) for code in sorted({main, *others}, key=lambda code: -weight[code])]
    return [one for one in parts if one.sections]


def _surely(text: str, expected: str) -> str | None:
    """The language of a paragraph: the document's where it may well be that, another where it surely is, or None."""
    piece = language_alone(normal_form("NFC", text[:READ]))
    if expected in library().codes:
        best, probability = library().best(piece[:GLANCE])
        if best == expected and probability >= _STAYS:
            return expected
    found = identify(piece, sure=SURELY)
    if found.code != UNDETERMINED:
        return found.code
    return expected if expected != UNDETERMINED and found.candidates and found.candidates[0][0] == expected else None


def _assigned(texts: Sequence[str], said: Sequence[str | None], main: str, others: set[str]) -> list[str]:
    """The language of each paragraph, of those that the document has."""
    places: list[str] = []
    before = main
    for text, code in zip(texts, said, strict=True):
        chosen = main
        if code in others:
            chosen = code or main
        elif code is None and before != main:
            found = guesses(language_alone(normal_form("NFC", text[:READ])))
            chosen = before if found.get(before, 0.0) >= found.get(main, 0.0) else main
        places.append(chosen)
        before = chosen
    return places


def _of(sections: Sequence[RawSection], texts: Sequence[str], places: Sequence[str], code: str) -> Part:
    kept, start = [], 0
    for section in sections:
        count = len(_texts(section))
        chosen = [place for place in range(count) if places[start + place] == code]
        start += count
        if not chosen:
            continue
        if section.sentences is None:
            kept.append(replace(section, paragraphs=tuple(section.paragraphs[place] for place in chosen)))
        else:
            kept.append(replace(section, sentences=tuple(section.sentences[place] for place in chosen)))
    own = [text for text, place in zip(texts, places, strict=True) if place == code]
    return Part(code, _confidence(identify(_joined(own)), code), tuple(kept))


def _texts(section: RawSection) -> Sequence[str]:
    return section.paragraphs if section.sentences is None else [" ".join(parts) for parts in section.sentences]


def _joined(texts: Sequence[str]) -> str:
    return sample("\n".join(texts))


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text[:READ]))


def _confidence(found: Detected, code: str) -> float:
    return found.confidence if found.code == code else dict(found.candidates).get(code, 0.0)


def _near(code: str, main: str) -> bool:
    """Whether two codes are of one macrolanguage: too near to part a document by."""
    return MACROLANGUAGES.get(code, code) == MACROLANGUAGES.get(main, main)
