"""What the header of a MediaWiki dump says of its wiki: the language, and which prefixes of links are namespaces.

Whose word counts for the language: Wikimedia's own wikis are known by their address, and there the code in the
database's name is right where ``xml:lang`` is another one (``simplewiki`` says ``en``, ``nowiki`` says ``nb``). At
any other address ``xml:lang`` is what the wiki's owner set, and a database's name is only a name: ``my_wiki`` is
not Burmese, nor is ``mywiki``. Headers without an address are made by hand or by tools; they are taken for
Wikimedia's where the database's name is one of its Wikipedias. ``<sitename>`` never says a language.
"""

import re
from dataclasses import dataclass, field

from sprachbund.errors import LanguageError
from sprachbund.languages import WIKIPEDIAS, find

_LANGUAGE_PROJECTS = "wikipedia|wikibooks|wikinews|wikiquote|wikisource|wikiversity|wikivoyage|wiktionary"
_DATABASE = re.compile(rf"(?P<lang>.+?)(?:{_LANGUAGE_PROJECTS}|wiki)")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#:]*)", re.I)
_WIKIMEDIA = re.compile(
    rf"(?:(?P<label>[a-z0-9-]+)\.)?(?:m\.)?(?:(?P<project>{_LANGUAGE_PROJECTS})"
    r"|wikimedia|mediawiki|wikidata|wikifunctions|wikimediafoundation)\.org"
)
CONVERTED = frozenset(
    ["ban", "crh", "gan", "iu", "kk", "ku", "mni", "sh", "shi", "sr", "tg", "tly", "uz", "wuu", "zgh", "zh"]
)
"""Languages that MediaWiki's LanguageConverter writes in several ways: ``zh-cn`` and ``sr-ec`` name one of them."""
# English names work in every wiki, besides its own.
CANONICAL = {
    -2: "Media",
    -1: "Special",
    1: "Talk",
    2: "User",
    3: "User talk",
    4: "Project",
    5: "Project talk",
    6: "File",
    7: "File talk",
    8: "MediaWiki",
    9: "MediaWiki talk",
    10: "Template",
    11: "Template talk",
    12: "Help",
    13: "Help talk",
    14: "Category",
    15: "Category talk",
    100: "Portal",
    118: "Draft",
    710: "TimedText",
    828: "Module",
}
_WITHOUT_TEXT = (6, 14, -2)
MOST_NAMESPACES = 10_000
"""Wikis have some 30; a header with more is made to fill the memory."""


@dataclass(frozen=True, slots=True)
class LinkPrefixes:
    """The lower-case prefixes of links, by what a link with such a prefix shows.

    Attributes:
        dropped: of files, media and categories, whose text is no text of the article.
        namespaces: of the wiki's other namespaces: a link there shows its text, and nothing where it has none.
        complete: whether the wiki named its categories, so that another prefix is the beginning of a title
            (``Re:Zero``); where it did not, any word before a colon may be its word for *category*.
    """

    dropped: frozenset[str]
    namespaces: frozenset[str] = frozenset()
    complete: bool = False


@dataclass
class SiteInfo:
    """What <siteinfo> and the root element say."""

    dbname: str = ""
    base: str = ""
    xml_lang: str = ""
    namespaces: dict[int, str] = field(default_factory=dict)

    def language(self) -> str | None:
        """The code of the wiki's language as the header gives it, known or not; None where it gives none."""
        said = _tag(self.xml_lang)
        base = self.base.strip()
        wikimedia = _wikimedia(base)
        if base and not wikimedia:
            return said
        database = _DATABASE.fullmatch(self.dbname.strip().lower())
        code = database["lang"].replace("_", "-") if database else ""
        if code in WIKIPEDIAS:
            return code
        label = wikimedia["label"] if wikimedia and wikimedia["project"] else None
        if label and (label in WIKIPEDIAS or (label == code and _known(code))):
            return label
        return said

    def add_namespace(self, key: str, name: str) -> None:
        """Take over a <namespace>; one whose key is no number is left out."""
        if re.fullmatch(r"-?[0-9]{1,9}", key) and len(self.namespaces) < MOST_NAMESPACES:
            self.namespaces[int(key)] = name.strip()

    def link_prefixes(self) -> LinkPrefixes:
        """Which prefixes of links are namespaces of this wiki."""
        named = {**{name.lower(): key for key, name in CANONICAL.items()}, "image": 6, "image talk": 7}
        named |= {name.lower(): key for key, name in self.namespaces.items() if name}
        dropped = frozenset(name for name, key in named.items() if key in _WITHOUT_TEXT)
        return LinkPrefixes(dropped, frozenset(named) - dropped, bool(self.namespaces.get(14)))

    def namespace_of(self, title: str) -> int:
        """For dumps without <ns>: the namespace by the prefix of the title."""
        prefix, colon, _ = title.partition(":")
        if not colon:
            return 0
        prefix = prefix.strip().replace("_", " ").lower()
        for key, name in (*self.namespaces.items(), *CANONICAL.items()):
            if name and name.lower() == prefix:
                return key
        return 1 if prefix.endswith(" talk") else 0


def language_of_url(address: str) -> str | None:
    """The code in an address of Wikimedia's: be-tarask of ``https://be-tarask.wikipedia.org/wiki/...``, else None."""
    wikimedia = _wikimedia(address)
    return wikimedia["label"] if wikimedia and wikimedia["project"] and wikimedia["label"] != "www" else None


def _wikimedia(address: str) -> re.Match[str] | None:
    host = _HOST.match(address)
    return _WIKIMEDIA.fullmatch(host[1].lower()) if host else None


def _tag(xml_lang: str) -> str | None:
    """The code for an ``xml:lang``: the language of a converter's variant, and of tags that only MediaWiki knows."""
    code = xml_lang.strip().lower().replace("_", "-")
    primary, hyphen, _ = code.partition("-")
    if not hyphen or code in WIKIPEDIAS:
        return code or None
    if primary in CONVERTED:
        return primary
    return code if _known(code) or primary not in WIKIPEDIAS else primary


def _known(code: str) -> bool:
    try:
        find(code)
    except LanguageError:
        return False
    return True
