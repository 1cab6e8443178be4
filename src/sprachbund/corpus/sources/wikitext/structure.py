"""Templates, links, variant marks and HTML elements, resolved in one pass from left to right.

A stack holds what is open. A mark that closes looks for the nearest one that it can close; what was opened in
between and never closed is text, and so is what is open at the end. Every piece of text moves only when a mark is
closed or given up, at most `DEEPEST` deep, so that the work is linear in the page, however broken it is. (A parser
that tries again when a mark turns out not to be closed, as mwparserfromhell does, takes the square of what is
open: 8,000 external links without an end took minutes.)
"""

import re
from dataclasses import dataclass, field

from sprachbund.corpus.sources.siteinfo import LinkPrefixes
from sprachbund.corpus.sources.wikitext.links import shown_link
from sprachbund.corpus.sources.wikitext.marks import NOTHING, marked
from sprachbund.corpus.sources.wikitext.templates import shown_template
from sprachbund.corpus.sources.wikitext.variants import shown_variant

DEEPEST = 100
"""Marks inside each other; what opens deeper is text. MediaWiki expands templates 40 deep."""
_TAG = r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])(?P<attributes>[^<>]*)>"
# Runs that close are taken three at a time: the rest of a long one is not read again for each mark that it closes.
_MARK = re.compile(rf"\{{\{{+|\}}\}}\}}?|\[\[+|\]\]\]?|\||{_TAG}")
_MARK_OR_VARIANT = re.compile(rf"{_MARK.pattern}|-\{{(?!\{{)|\}}-")
_BRACE, _LINK, _VARIANT, _ITEM = "{", "[", "-", "li"
_ITEMS = frozenset(("li", "dd", "dt"))
_LISTS = frozenset(("ul", "ol", "dl"))
_BLOCKS = frozenset(("div", "center", "p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"))
_UNSEEN = frozenset(("noinclude", "onlyinclude"))
_BREAKS = {"br": " ", "hr": "\n"}
_DROPPED = frozenset(("table", "caption", "tr", "td", "th", "code"))
_INLINE = """
    abbr b bdi bdo big cite data del dfn em font i ins kbd link mark meta q rb rp rt rtc ruby s samp small span strike
    strong sub sup time tt u var wbr nobr
"""
_STYLES = frozenset(_INLINE.split())
_KNOWN = _BLOCKS | _STYLES | _LISTS | _UNSEEN | _BREAKS.keys()
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)


@dataclass(slots=True)
class _Open:
    """A mark that is open: what closes it, how it began, and what came since.

    Attributes:
        kind: one of the constants above, or the name of an element.
        opener: what it is where it is never closed.
        braces: of a brace, how many are not closed yet.
        pieces: text, and resolved marks, which begin with NOTHING.
        bars: which of the pieces are the bars that part its arguments.
        dropped: of an element, whether its content is no text.
    """

    kind: str
    opener: str
    braces: int = 0
    pieces: list[str] = field(default_factory=list)
    bars: list[int] = field(default_factory=list)
    dropped: bool = False

    def arguments(self) -> list[list[str]]:
        """The pieces between the bars."""
        ends = [*self.bars, len(self.pieces)]
        return [self.pieces[begin:end] for begin, end in zip([0, *(bar + 1 for bar in self.bars)], ends, strict=True)]


class _Resolver:
    """The stack of what is open, of which the lowest is the page; ``counts`` says of which kind how much is."""

    def __init__(self, prefixes: LinkPrefixes) -> None:
        self.prefixes = prefixes
        self.stack = [_Open("", "")]
        self.counts: dict[str, int] = {}

    def put(self, text: str) -> None:
        if text:
            self.stack[-1].pieces.append(text)

    def hole(self) -> str:
        """What a mark leaves that shows nothing: something only between quotes, which must not become four."""
        pieces = self.stack[-1].pieces
        return NOTHING if pieces and pieces[-1].endswith("'") else ""

    def open(self, kind: str, opener: str, braces: int = 0, dropped: bool = False) -> None:
        if len(self.stack) > DEEPEST:
            self.put(opener)
            return
        self.stack.append(_Open(kind, opener, braces, dropped=dropped))
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def nearest(self, kind: str) -> _Open | None:
        """The innermost that is open of a kind, all inside it given up; None where there is none."""
        if not self.counts.get(kind):
            return None
        first = len(self.stack) - 1
        while self.stack[first].kind != kind:
            first -= 1
        self.give_up(first)
        return self.stack[first]

    def give_up(self, first: int) -> None:
        """Make text of all that is open inside the one at ``first``, from the outside in: nothing moves twice."""
        for mark in self.stack[first + 1 :]:
            self.counts[mark.kind] -= 1
            self.stack[first].pieces += mark.opener, *mark.pieces
        del self.stack[first + 1 :]

    def pop(self) -> _Open:
        mark = self.stack.pop()
        self.counts[mark.kind] -= 1
        return mark

    def bar(self) -> None:
        top = self.stack[-1]
        if top.kind in (_BRACE, _LINK, _VARIANT):
            top.bars.append(len(top.pieces))
        top.pieces.append("|")

    def close_braces(self, count: int) -> int:
        """Close a template with two braces or a parameter with three; how many of ``count`` were taken."""
        mark = self.nearest(_BRACE)
        if mark is None:
            self.put("}" * count)
            return count
        closed = min(count, mark.braces, 3)
        arguments = mark.arguments()
        # A parameter, which an article gives no value, shows its default.
        default = "".join(arguments[1]) if len(arguments) > 1 else None
        value = default if closed == 3 else shown_template(arguments)
        mark.braces -= closed
        if mark.braces > 1:
            mark.opener, mark.pieces, mark.bars = "{" * mark.braces, [], []
        else:
            self.pop()
            self.put("{" * mark.braces)
        self.put(self.hole() if value is None else value if value == "|" else marked(value))
        return closed

    def close_brackets(self, count: int) -> int:
        """Close a link with two of ``count`` brackets; how many were taken.

        The first of three ends an external link in the text, where there is one: ``[[File:A|b [http://c d]]]``.
        """
        mark = self.nearest(_LINK)
        if mark is None:
            self.put("]" * count)
            return count
        if count == 3 and sum(piece.count("[") - piece.count("]") for piece in mark.pieces) > 0:
            self.put("]")
            return 1
        self.pop()
        bar = mark.bars[0] if mark.bars else len(mark.pieces)
        text = "".join(mark.pieces[bar + 1 :]) if mark.bars else None
        shown = shown_link("".join(mark.pieces[:bar]), text, self.prefixes)
        if shown is None:
            self.stack[-1].pieces += "[[", *mark.pieces, "]]"
        else:
            self.put(marked(shown) if shown else self.hole())
        return 2

    def close_variant(self) -> None:
        mark = self.nearest(_VARIANT)
        if mark is None:
            self.put("}-")
            return
        self.pop()
        bar = mark.bars[0] if mark.bars else -1
        self.put(marked(shown_variant("".join(mark.pieces[: max(bar, 0)]), "".join(mark.pieces[bar + 1 :]))))

    def tag(self, found: re.Match[str]) -> None:
        name = found["tag"].lower()
        if found["end"]:
            self.end_tag(name, found[0])
        elif name in _BREAKS:
            self.put(_BREAKS[name])
        elif name in _ITEMS:
            if self.stack[-1].kind == _ITEM:  # the one before it ends without an end tag
                self.pop()
            self.open(_ITEM, "\n* ", dropped=True)
        elif found["attributes"].endswith("/"):
            self.put("" if name in _UNSEEN else NOTHING)
        elif name not in _KNOWN:
            self.open(name, found[0], dropped=name in _DROPPED)
        else:
            around = _around(name)
            if _HIDDEN.search(found["attributes"]):
                self.open(name, around, dropped=True)
            elif self.counts.get(name):  # inside a hidden one of its name, whose end its own must not be
                self.open(name, around)
            else:
                self.put(around)

    def end_tag(self, name: str, literal: str) -> None:
        if name in _ITEMS or name in _LISTS:
            if self.nearest(_ITEM):
                self.pop()
            self.put("\n")
            return
        mark = self.nearest(name)
        if mark is None:
            self.put(_around(name) if name in _KNOWN else literal)
            return
        self.pop()
        around = _around(name)
        self.put(around)
        if not mark.dropped:
            self.stack[-1].pieces += mark.pieces
        self.put(around)


def _around(name: str) -> str:
    """What an element puts before and after its content."""
    return "\n\n" if name in _BLOCKS else "" if name in _UNSEEN or name in _LISTS else NOTHING


def resolved(text: str, prefixes: LinkPrefixes, variants: bool) -> str:
    """The text with what its templates, links, variant marks and elements show in their places.

    Tables, headings, lists, quotes, external links and entities are left as they are. What a mark shows begins with
    NOTHING.

    Args:
        variants: whether ``-{`` is a mark in the wiki's language; in others it is text.
    """
    resolver = _Resolver(prefixes)
    marks = _MARK_OR_VARIANT if variants else _MARK
    place = 0
    while found := marks.search(text, place):
        resolver.put(text[place : found.start()])
        mark, place = found[0], found.end()
        if mark == "|":
            resolver.bar()
        elif mark[0] == "<":
            resolver.tag(found)
        elif mark[0] == "[":
            resolver.put("[" * (len(mark) - 2))
            resolver.open(_LINK, "[[")
        elif mark[0] == "]":
            count = 3 if len(mark) == 3 and not text.startswith("]", place) else 2
            place = found.start() + resolver.close_brackets(count)
        elif mark == "-{":
            resolver.open(_VARIANT, NOTHING)
        elif mark == "}-":
            resolver.close_variant()
        elif mark[0] == "{":
            resolver.open(_BRACE, mark, braces=len(mark))
        else:
            place = found.start() + resolver.close_braces(len(mark))
            # A single one that is left closes nothing but perhaps a variant mark.
            if place == found.end() - 1 and not text.startswith(("}}", "}-") if variants else "}}", place):
                resolver.put("}")
                place += 1
    resolver.put(text[place:])
    resolver.give_up(0)
    return "".join(resolver.stack[0].pieces)
