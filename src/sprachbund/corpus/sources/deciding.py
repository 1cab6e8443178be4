"""Which language a document is in: the one place where that is decided.

In this order: what was named for the source (``--language``, a folder's name where that was asked for, or the name of a
source on the network); what the document itself says (`RawDocument.lang`: the attribute of a page, a field, a column),
where that is not `und`; what its text says, which may be in several languages (`identification.parts`); and where the
text is not sure, what the program wrote into it that it was made with (`RawDocument.hint`: an office's default, which
its author need never have seen). Where nothing says anything it is `und`.
"""

import re
from dataclasses import dataclass

from sprachbund.corpus.identification.parts import part
from sprachbund.corpus.sources.documents import Dropped, RawDocument, RawSection
from sprachbund.errors import LanguageError
from sprachbund.languages import UNDETERMINED, WIKIPEDIAS, find

UNKNOWN_LANGUAGE = "unknown language"
_REGION = re.compile(r"(?<=[a-z])-(?:[a-z]{2}|[0-9]{3})(?=-|$)", re.I)


@dataclass(frozen=True, slots=True)
class Decided:
    """A language of a document, and what it has in it.

    Attributes:
        lang: the code.
        sections: those with the paragraphs in this language.
        claimed: what the document claims itself where another was named, else None.
        confidence: how probable ``lang`` is where the text alone said it, else None.
    """

    lang: str
    sections: tuple[RawSection, ...]
    claimed: str | None = None
    confidence: float | None = None


def decide(raw: RawDocument, forced: str | None) -> list[Decided] | Dropped:
    """The languages of a document, that of most of it first, or why it has none that can be used.

    Args:
        forced: the code that was named for all of the source, or None.
    """
    claimed = None
    if raw.lang:
        claimed = _known(_without_region(raw.lang) if raw.whole else raw.lang)
        if claimed is None and forced is None:
            return Dropped(UNKNOWN_LANGUAGE, raw.lang)
        claimed = claimed or raw.lang
    if forced:
        return [Decided(forced, raw.sections, claimed if claimed != forced else None)]
    if claimed and claimed != UNDETERMINED:
        return [Decided(claimed, raw.sections)]
    parts = part(raw.sections)
    hint = _known(_without_region(raw.hint)) if raw.hint else None
    if hint and [one.code for one in parts] == [UNDETERMINED]:
        return [Decided(hint, raw.sections)]
    return [Decided(one.code, one.sections, confidence=one.confidence) for one in parts]


def _without_region(said: str) -> str:
    """A tag without its region: the page of a Brazilian and that of a Portuguese are in one language of a corpus.

    Rows keep what they say, since whoever made a table has chosen its codes.
    """
    tag = said.strip().replace("_", "-").partition(".")[0]
    return tag if tag.lower() in WIKIPEDIAS else _REGION.sub("", tag)


def _known(said: str) -> str | None:
    try:
        return find(said).code
    except LanguageError:
        return None
