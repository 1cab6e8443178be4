"""Which language a document is in: the one place where that is decided.

In this order: what was named for the source (``--lang``, or the name of a source on the network), what the document
itself says (`RawDocument.lang`: the attribute of a page, a field, a column), and what the program wrote into it that it
was made with (`RawDocument.hint`: an office's default, which its author need never have seen). Where nothing says
anything the document is left out and counted.
"""

import re
from dataclasses import dataclass

from sprachbund.corpus.sources.documents import Dropped, RawDocument
from sprachbund.errors import LanguageError
from sprachbund.languages import WIKIPEDIAS, find

NO_LANGUAGE = "no language"
UNKNOWN_LANGUAGE = "unknown language"
_REGION = re.compile(r"(?<=[a-z])-(?:[a-z]{2}|[0-9]{3})(?=-|$)", re.I)


@dataclass(frozen=True, slots=True)
class Decided:
    """The code of a document's language, and what it claims itself where another was named, else None."""

    lang: str
    claimed: str | None = None


def decide(raw: RawDocument, forced: str | None) -> Decided | Dropped:
    """The language of a document, or why it has none that can be used.

    Args:
        forced: the code that was named for all of the source, or None.
    """
    claimed = None
    if raw.lang:
        claimed = _known(_without_region(raw.lang) if raw.whole else raw.lang)
        if claimed is None and forced is None:
            return Dropped(UNKNOWN_LANGUAGE, raw.lang)
        claimed = claimed or raw.lang
    lang = forced or claimed or (_known(_without_region(raw.hint)) if raw.hint else None)
    if lang is None:
        return Dropped(NO_LANGUAGE)
    return Decided(lang, claimed if forced and claimed != forced else None)


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
