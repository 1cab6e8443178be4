"""A line of wikitext to a line of text: quotes, external links, entities, and the holes that markup leaves.

Every pattern here reads a line in time linear in its length: a run that can be long is matched as a whole or not at
all (possessively, and only from its beginning).
"""

import html
import re
from html.entities import html5

from sprachbund.corpus.sources.wikitext.marks import unmasked

_QUOTES = re.compile(r"(''+)")
_SCHEME = r"(?:(?:https?|ftps?|sftp|ssh|ircs?|git|svn|gopher|telnet|nntp|worldwind):)?//|mailto:|news:|tel:|sip:|urn:"
_EXTERNAL = re.compile(
    rf"\[(?:{_SCHEME})[^\s\[\]<>\"]*+(?:\s++((?:[^\[\]]|\[[^\[\]]*\])*+))?\]",
    re.I,
)
_BARE = re.compile(r"\b(?:https?|ftp)://[^\s\[\]<>\"]++")
_MARKUP = re.compile(
    r"\{\{|\}\}|\{\||\|\}|\[\[|\]\]|\|\||</?[a-z][^<>]{0,300}>"
    r"|\b(?:style|class|align|rowspan|colspan|width|bgcolor)\s*="
    r"|\|(?:thumb|right|left|mini)\b|^[^|]{1,250}\.(?:jpe?g|png|gif|svg|tiff?|webp)\s*\|",
    re.I,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SWITCH = re.compile(r"__\w+?__")
_SWITCHED = "toc notoc forcetoc index noindex noeditsection nogallery newsectionlink hiddencat disambig"
_SWITCHES = frozenset(_SWITCHED.split())
_BLANK = re.compile(r"[^\S\n]+")
_EMPTY = re.compile(r"\s*[(（\[]\s*(?:[,;:、，；/·–—-]\s*)*+[)）\]]")
_OPENED = re.compile(r"([(（])\s*(?:[,;:、，；]\s*)+")
_CLOSED = re.compile(r"(?<![\s,;:、，；])(?=\s*[,;:、，；])[\s,;:、，；]++([)）])")
_TWICE = re.compile(r"([,;])(?:\s*[,;])+")
_CITED = re.compile(r"\[\d{1,3}\]")
_GAP = re.compile(r"\s+([,.)，。）])")


def shown_line(line: str) -> str | None:
    """The text of a line, empty where it has none; None where markup is left, of which nobody knows what it shows."""
    line = _without_addresses(without_quotes(line))
    if _MARKUP.search(line):
        return None
    return _decoded(line)


def shown_heading(line: str) -> str:
    """The text of a heading, whatever is in it."""
    return _decoded(_without_addresses(without_quotes(line)))


def _without_addresses(line: str) -> str:
    """A line with what its external links show, and without addresses that stand there bare."""
    return _BARE.sub(_after_address, _EXTERNAL.sub(lambda link: link[1] or "", line))


def _after_address(match: re.Match[str]) -> str:
    """The punctuation behind an address, which is the sentence's: MediaWiki's rule."""
    address = match[0].rstrip(",;.:!?)" if "(" not in match[0] else ",;.:!?")
    return match[0][len(address) :]


def _decoded(line: str) -> str:
    return _closed(unmasked(_ENTITY.sub(_entity, _SWITCH.sub(_switch, line))))


def tidy(line: str) -> str:
    """A line whose other markup is gone already: without quotes of bold text, magic words, and holes like ``(, )``."""
    return _closed(_SWITCH.sub(_switch, without_quotes(line)))


def without_quotes(line: str) -> str:
    """A line without the quotes of bold and italic text; an apostrophe before them stays.

    Source: MediaWiki, includes/parser/Parser.php (doQuotes). Four quotes are an apostrophe and bold; where both
    bold and italic are left open, one bold mark is an apostrophe and italic: ``L'''Avare''`` is L'Avare.
    """
    pieces = _QUOTES.split(line)
    if len(pieces) == 1:
        return line
    sizes = []
    for place in range(1, len(pieces), 2):
        count = len(pieces[place])
        size = 5 if count > 5 else 3 if count == 4 else count
        pieces[place - 1] += "'" * (count - size)
        sizes.append(size)
    bold = [2 * number + 1 for number, size in enumerate(sizes) if size == 3]
    fives = sizes.count(5)
    if (len(bold) + fives) % 2 and (sizes.count(2) + fives) % 2 and bold:
        pieces[_apostrophe(pieces, bold) - 1] += "'"
    return "".join(pieces[::2])


def _apostrophe(pieces: list[str], bold: list[int]) -> int:
    """Which bold mark is an apostrophe: the first behind a word of one letter, else behind a word, else a blank."""
    word = blank = 0
    for place in bold:
        before = pieces[place - 1]
        if before[-1:] == " ":
            blank = blank or place
        elif before[-2:-1] == " ":
            return place
        else:
            word = word or place
    return word or blank


def _switch(match: re.Match[str]) -> str:
    """Nothing of ``__NOTOC__`` and its names in other languages; ``__init__`` is text."""
    name = match[0][2:-2]
    return "" if name == name.upper() or name.lower() in _SWITCHES else match[0]


def _entity(match: re.Match[str]) -> str:
    if match[0][1] == "#":
        return html.unescape(match[0])
    return html5.get(match[0][1:], match[0])


def _closed(line: str) -> str:
    """A line without what dropped markup leaves of brackets and commas, such as ``(, )``."""
    line = _CITED.sub("", _BLANK.sub(" ", line))
    line = _TWICE.sub(r"\1", _CLOSED.sub(r"\1", _OPENED.sub(r"\1", line)))
    return _BLANK.sub(" ", _GAP.sub(r"\1", _EMPTY.sub("", line))).strip()
