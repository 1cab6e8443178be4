"""Wikitext to the prose of an article, by sections and paragraphs.

What is kept is running text. Tables, templates, references, galleries, files, categories, formulas,
comments and magic words are dropped, and so are the items of lists, which are no sentences and do not
follow each other as sentences do. A template in mid-sentence leaves a hole, but for the few that only wrap
a text ({{lang}}, {{nowrap}}, {{convert}}). What a broken page leaves of its markup cannot be told from text
by a parser: such a line is dropped.
"""

import html
import re
from collections.abc import Iterator

import mwparserfromhell
from mwparserfromhell.nodes import (
    ExternalLink,
    Heading,
    HTMLEntity,
    Tag,
    Template,
    Text,
    Wikilink,
)
from mwparserfromhell.wikicode import Wikicode

from sprachbund.corpus.segment import unwrapped
from sprachbund.corpus.sources.documents import Dropped, RawSection
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.languages import WIKIPEDIAS

UNREADABLE = "unreadable wikitext"
MOST_UNCLOSED = 2_000
"""The parser's time grows with the square of what is opened and never closed: 5,000 tags take 12 seconds."""
_OPENED_TAG = re.compile(r"<(?!br\b|hr\b|li\b)[a-z]", re.I)
_ITEM = "\x01"
_HEADING = "\x02"
_DROPPED = """
    ref references gallery table math chem ce code pre source syntaxhighlight timeline imagemap score hiero
    templatedata mapframe maplink graph poem style script section categorytree inputbox tr td th
"""
_DROPPED_TAGS = frozenset(_DROPPED.split())
_ITEMS = frozenset(("li", "dd", "dt"))
_FIRST = frozenset(
    (
        "nowrap",
        "nobr",
        "small",
        "big",
        "abbr",
        "ill",
        "interlanguage link",
        "仮リンク",
        "読み仮名",
        "нп",
        "iw",
    )
)
_SHOWN = _FIRST | {"lang", "transl", "convert", "cvt"}
_BLOCKS = frozenset(("div", "center", "p", "blockquote", "noinclude", "includeonly", "onlyinclude"))
NESTED = 8
"""How many templates inside each other are cut away before the parser sees the text."""
_OPEN, _CLOSE = "\x03", "\x04"
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_LEFT_OUT = re.compile(
    r"<ref(?:\s[^<>]*)?/>|<ref(?:\s[^<>]*)?(?<!/)>(?:(?!<ref[\s>]).)*?</ref\s*>"
    r"|<(math|gallery|timeline|syntaxhighlight|source|score|imagemap|pre)(?:\s[^<>]*)?(?<!/)>.*?</\1\s*>",
    re.S | re.I,
)
_VARIANTS = re.compile(r"-\{([^{}]*)\}-")
_VARIANT_CODE = re.compile(r"[a-z]{2,3}(-[a-z]+)*")
_INNERMOST = re.compile(r"\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))*?)\}\}")
_NAMESPACED = re.compile(r"[^\W\d_][^:\[\]|]*:\S")
_BULLET = re.compile(r"[-•·▪►→]\s")
_FILE = re.compile(r"\.(jpe?g|png|gif|svg|tiff?|webp|xcf|og[gav]|webm|mp[34]|midi?|wav|flac|pdf|djvu)\s*$", re.I)
_SWITCH = re.compile(r"__\w+__")
_QUOTES = re.compile(r"''+")
_EMPTY = re.compile(r"\s*[(（\[]\s*(?:[,;:、，；/·–—-]\s*)*[)）\]]")
_OPENED = re.compile(r"([(（])\s*(?:[,;:、，；]\s*)+")
_CLOSED = re.compile(r"(?:\s*[,;:、，；])+\s*([)）])")
_TWICE = re.compile(r"([,;])(?:\s*[,;])+")
_CITED = re.compile(r"\[\d{1,3}\]")
_GAP = re.compile(r"\s+([,.)，。）])")
_BLANK = re.compile(r"[^\S\n]+")
_MARKUP = re.compile(
    r"\{\{|\}\}|\{\||\|\}|\[\[|\]\]|\|\||</?[a-zA-Z][^<>]{0,300}>|\b(?:style|class|align|rowspan|colspan|width|bgcolor)\s*="
    r"|\|(?:thumb|right|left|mini)\b|https?://"
)
_LINE_MARKUP = re.compile(r"[|!{}*#:;=]")


def page_sections(text: str, dropped_links: frozenset[str]) -> tuple[RawSection, ...] | Dropped:
    """The sections of a page that have prose, in order; the lead has an empty title.

    Args:
        text: wikitext.
        dropped_links: lower-case prefixes of links that are no text, such as ``file`` and ``category``.
    """
    if (unclosed := _unclosed(text)) > MOST_UNCLOSED:
        return Dropped(UNREADABLE, f"{unclosed:,} marks are never closed")
    try:
        code = mwparserfromhell.parse(_lightened(text), skip_style_tags=True)
    except (mwparserfromhell.parser.ParserError, RecursionError) as error:
        return Dropped(UNREADABLE, str(error))
    pieces: list[str] = []
    _write(code, dropped_links, pieces)
    sections: list[RawSection] = []
    for number, part in enumerate("".join(pieces).split(_HEADING)):
        heading, _, body = part.partition("\n") if number else ("", "", part)
        if paragraphs := tuple(_paragraphs(body)):
            sections.append(RawSection(tidy(heading), paragraphs))
    return tuple(sections)


def _unclosed(text: str) -> int:
    """How many tags, comments or tables are opened and not closed, about."""
    tags = len(_OPENED_TAG.findall(text)) - text.count("</") - text.count("/>")
    return max(tags, text.count("<!--") - text.count("-->"), text.count("{|") - text.count("|}"))


def _lightened(text: str) -> str:
    """The text without what is dropped anyway and needs no parser: twice as fast as parsing all."""
    text = _VARIANTS.sub(_one_variant, _LEFT_OUT.sub("", _COMMENT.sub("", text)))
    for _ in range(NESTED):
        text, changed = _INNERMOST.subn(_kept_template, text)
        if not changed:
            break
    return text.replace(_OPEN, "{{").replace(_CLOSE, "}}")


def _one_variant(match: re.Match[str]) -> str:
    """The first of the spellings in ``-{zh-hans:A; zh-hant:B}-``; nothing of a rule that shows nothing."""
    flags, bar, rules = match[1].rpartition("|")
    if bar and "A" not in flags:
        return ""
    first = rules.split(";")[0]
    code, colon, shown = first.partition(":")
    return shown.strip() if colon and _VARIANT_CODE.fullmatch(code.strip()) else first


def _kept_template(match: re.Match[str]) -> str:
    """An innermost template as it stands, its braces masked, where it shows a text; otherwise nothing."""
    name = match[1].partition("|")[0].strip().lower()
    if name in _SHOWN or name.startswith(("lang-", "formatnum:")):
        return f"{_OPEN}{match[1]}{_CLOSE}"
    return ""


def tidy(line: str) -> str:
    """A line without the quotes of bold text and without what dropped markup leaves, such as ``(, )``."""
    line = _CITED.sub("", _QUOTES.sub("", _SWITCH.sub("", _BLANK.sub(" ", line))))
    line = _TWICE.sub(r"\1", _CLOSED.sub(r"\1", _OPENED.sub(r"\1", line)))
    return _BLANK.sub(" ", _GAP.sub(r"\1", _EMPTY.sub("", line))).strip()


def _paragraphs(body: str) -> Iterator[str]:
    """The paragraphs of a section: runs of lines that a blank line or an item of a list ends.

    A line that begins with a space is preformatted and stands alone. A paragraph that is short and no
    sentence is a caption or a link to elsewhere, and is left out.
    """
    lines: list[str] = []
    for line in (*body.split("\n"), ""):
        clean = tidy(line)
        usable = clean and not _LINE_MARKUP.match(clean) and not _MARKUP.search(clean) and _ITEM not in clean
        alone = line[:1] == " "
        if lines and (not usable or alone):
            yield from _prose(unwrapped("\n".join(lines)).replace("\n", " "))
            lines = []
        if usable:
            lines.append(clean)
            if alone:
                yield from _prose(lines.pop())


def _prose(paragraph: str) -> Iterator[str]:
    if not is_heading(paragraph) and not _BULLET.match(paragraph) and paragraph.count("|") < 2:
        yield _GAP.sub(r"\1", paragraph.replace("|", " "))


def _write(code: Wikicode, dropped_links: frozenset[str], pieces: list[str]) -> None:
    """Append the text of a piece of wikitext."""
    for node in code.nodes:
        if isinstance(node, Text):
            pieces.append(node.value)
        elif isinstance(node, Wikilink):
            _write_link(node, dropped_links, pieces)
        elif isinstance(node, Tag):
            _write_tag(node, dropped_links, pieces)
        elif isinstance(node, Heading):
            pieces.append(f"\n{_HEADING}")
            before = len(pieces)
            _write(node.title, dropped_links, pieces)
            pieces[before:] = ["".join(pieces[before:]).replace("\n", " "), "\n"]
        elif isinstance(node, ExternalLink):
            if node.title is not None:
                _write(node.title, dropped_links, pieces)
        elif isinstance(node, HTMLEntity):
            pieces.append(_entity(node))
        elif isinstance(node, Template) and (shown := _shown(node)) is not None:
            _write(shown, dropped_links, pieces)


def _write_link(node: Wikilink, dropped_links: frozenset[str], pieces: list[str]) -> None:
    title = str(node.title).strip()
    prefix = title.partition(":")[0].strip().lower() if ":" in title else ""
    if prefix and (prefix in dropped_links or prefix in WIKIPEDIAS or _FILE.search(title)):
        return
    if node.text is not None:
        _write(node.text, dropped_links, pieces)
    elif not _NAMESPACED.match(title):  # a category under its local name, which the header need not have
        pieces.append(html.unescape(_shown_title(title)))


def _shown_title(title: str) -> str:
    """What a link without text shows: its title, without the language that a leading colon makes visible."""
    prefix, colon, rest = title.removeprefix(":").partition(":")
    return rest if title.startswith(":") and colon and prefix in WIKIPEDIAS else title.removeprefix(":")


def _write_tag(node: Tag, dropped_links: frozenset[str], pieces: list[str]) -> None:
    name = str(node.tag).strip().lower()
    if name in _ITEMS:
        pieces.append(_ITEM)
        if node.wiki_markup is None and node.contents is not None:
            pieces.append("\n")
    elif name in ("br", "hr"):
        pieces.append("\n" if name == "hr" else " ")
    elif name not in _DROPPED_TAGS and node.contents is not None:
        around = "\n\n" if name in _BLOCKS else ""
        pieces.append(around)
        _write(node.contents, dropped_links, pieces)
        pieces.append(around)


def _entity(node: HTMLEntity) -> str:
    try:
        return str(node.normalize())
    except (ValueError, OverflowError):
        return ""


def _shown(node: Template) -> Wikicode | None:
    """What a template shows, for the few that only wrap a text; None for all others."""
    name = str(node.name).strip().lower()
    values = [parameter.value for parameter in node.params if not parameter.showkey]
    if name.startswith("formatnum:"):
        return mwparserfromhell.parse(name.removeprefix("formatnum:"))
    if name in _FIRST or name.startswith("lang-"):
        return values[0] if values else None
    if name in ("lang", "transl"):
        return values[-1] if len(values) > 1 else None
    if name in ("convert", "cvt") and len(values) > 1:
        return mwparserfromhell.parse(f"{values[0]} {values[1]}")
    return None
