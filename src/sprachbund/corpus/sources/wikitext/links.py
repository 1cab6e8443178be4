"""What a link between double brackets shows."""

import re

from sprachbund.corpus.sources.siteinfo import LinkPrefixes
from sprachbund.corpus.sources.wikitext.marks import unmasked
from sprachbund.languages import WIKIPEDIAS

_OTHER_WIKIS = """
    w wikipedia wikt wiktionary s wikisource q wikiquote b wikibooks n wikinews v wikiversity voy wikivoyage
    c commons d wikidata m meta metawikipedia species wikispecies mw mediawikiwiki incubator phab wmf foundation f
    wikifunctions doi
"""
_INTERWIKI = frozenset(_OTHER_WIKIS.split())
_FILE = re.compile(r"\.(jpe?g|png|gif|svg|tiff?|webp|xcf|og[gav]|webm|mp[34]|midi?|wav|flac|pdf|djvu)\Z", re.I)
_EXTERNAL = re.compile(r"(?:(?:https?|ftp):)?//", re.I)
_NO_TITLE = re.compile(r"[\[\]{}<>\n]")
_NAMESPACED = re.compile(r"[^\W\d_][^:|]*:\S")
LONGEST_TITLE = 1_000
"""Characters; titles have at most 255 bytes, and what is longer is no link."""


def shown_link(title: str, text: str | None, prefixes: LinkPrefixes) -> str | None:
    """What ``[[title|text]]`` shows; None where it is no link.

    Files, categories and links to the same page in other languages show nothing; a link with a text shows that. One
    without a text shows its title, but for those into other namespaces and wikis, which are no prose. A word before
    a colon that is neither is the beginning of the title, as in ``Re:Zero``.
    """
    target = unmasked(title).strip() if len(title) <= LONGEST_TITLE else ""
    if _EXTERNAL.match(target):
        return f"[[{title}]]" if text is None else None
    if not target.strip(":") or _NO_TITLE.search(target):
        return None
    prefix = _prefix(target)
    if prefix and (prefix in prefixes.dropped or prefix in WIKIPEDIAS or _FILE.search(target)):
        return ""
    if text:
        return text
    if target.startswith(":"):
        shown = title.strip().removeprefix(":")
        return shown.partition(":")[2] if _prefix(shown) in WIKIPEDIAS else shown
    if prefix in prefixes.namespaces or prefix in _INTERWIKI:
        return ""
    if not prefixes.complete and _NAMESPACED.match(target):  # a category under a local name that the header lacks
        return ""
    return title.strip()


def _prefix(target: str) -> str:
    prefix, colon, _ = target.partition(":")
    return prefix.strip().replace("_", " ").lower() if colon else ""
