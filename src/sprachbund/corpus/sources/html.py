"""Pages of HTML: the readable text, and not what leads around the site.

What a page says of its own parts goes first: `nav`, `footer`, `aside`, forms, what is hidden, what a role, a class or
an id calls a menu. If the page names its main part (`main`, `article`), that is read and no more. Of what is left,
paragraphs that are mostly links and no sentence are menus that nobody marked, unless they stand in the main part. A
page of links alone is read whole.

The parser is Lexbor, which repairs as browsers do. trafilatura, which weighs more, finds about the same (see the log).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sprachbund.corpus.punctuation import ends_as_sentence
from sprachbund.corpus.sources.blocks import Block, first_heading, row, sections
from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import RawDocument, Record, Whole
from sprachbund.corpus.sources.values import iso_date

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOSTLY_LINKS = 0.5
MAIN_SHARE = 0.25
"""The part of a page's text from which on what it calls its main part is that."""
TOO_MUCH = 0.5
"""What is called a menu and has more than this part of the text is none."""

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_TAGS = """
    aside audio button canvas datalist del dialog footer form head iframe input map math menu nav noscript object rp rt
    script select style svg template textarea video
"""
_HIDDEN_ROLE_NAMES = """
    alert alertdialog banner complementary contentinfo dialog form menu menubar navigation search tablist toolbar
    tooltip
"""
_BLOCK_TAGS = """
    address article blockquote body caption center dd details div dl dt fieldset figcaption figure footer header hgroup
    hr html li main ol p pre section summary table tbody td tfoot th thead tr ul
"""
_HIDDEN = frozenset(_HIDDEN_TAGS.split())
_HIDDEN_ROLES = frozenset(_HIDDEN_ROLE_NAMES.split())
_BLOCKS = frozenset(_BLOCK_TAGS.split()) | set(_HEADINGS)
_CLOSED = re.compile(r"<([A-Za-z][\w:-]*)((?:[^<>\"'/]|/(?!>)|\"[^\"]*\"|'[^']*')*+)/>")
"""An element of XHTML that is empty and says so, which HTML would take for one that goes on."""
_CELLS = frozenset(("tr", "td", "th"))
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_NEVER = frozenset(("html", "body", "main", "article"))
_INVISIBLE = re.compile(r"display\s*:\s*none", re.I)
_MENU = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|footer|cookies?|consent|adverts?|advertisement|ads|"
    r"promo|share|sharing|social|pagination|pager|skip|skiplink|toc|toolbar|search|login|newsletter|related|popup|"
    r"modal|noprint|editsection|reference|headerlink|anchor-link|permalink|sr-only|visually-hidden)(?:$|[-_\s])"
)
_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=\s*["']?|<\?xml[^>]{0,100}?encoding\s*=\s*["'])([\w.:-]{2,40})""", re.I
)
_DATES = ("article:published_time", "date", "dc.date", "dcterms.date", "dcterms.created", "datepublished", "pubdate")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds."""

    title: str
    lang: str | None
    blocks: tuple[Block, ...]
    meta: Mapping[str, str] = field(default_factory=dict)


def parse_html(record: Record) -> RawDocument:
    """The document that a page is."""
    assert isinstance(record, Whole)
    declared = _CHARSET.search(record.data[:4096])
    decoded = decode(record.data, declared[1].decode() if declared else "")
    page = read_page(decoded.text)
    return RawDocument(
        id="",
        lang=page.lang,
        title=page.title or record.called,
        group=None,
        sections=sections(page.blocks, page.title),
        place=record.id,
        meta=page.meta,
        whole=True,
        notes=decoded.notes,
        replaced=decoded.replaced,
    )


def read_page(text: str, whole: bool = False) -> Page:
    """The readable text of a page; all of its text if ``whole``, as of a chapter of a book."""
    from selectolax.lexbor import LexborHTMLParser

    if text.lstrip().startswith("<?xml"):
        text = _CLOSED.sub(_opened, text)
    tree = LexborHTMLParser(text.replace("\0", " "))
    body = tree.body or tree.root
    if body is None:
        return Page("", None, ())
    size = len(body.text(deep=True))
    root = body if whole else _main(body, size)
    blocks = _blocks(root, _hidden(size, whole))
    kept = [block for block in blocks if block.level or not _is_menu(block)]
    if not whole and root is body and any(not block.level for block in kept):
        blocks = kept
    named = _named(tree)
    headings = [block for block in blocks if block.level == 1]
    title = headings[0].text if len(headings) == 1 else _title(tree) or first_heading(blocks)
    meta = {
        "url": _link(tree) or named.get("og:url", ""),
        "date": iso_date(next((named[name][:100] for name in _DATES if name in named), "")),
        "author": next((named[name] for name in _AUTHORS if name in named), ""),
    }
    return Page(title, _language(tree, named), tuple(blocks), {name: said for name, said in meta.items() if said})


def _opened(found: re.Match[str]) -> str:
    return found[0] if found[1].lower() in _VOID else f"<{found[1]}{found[2]}></{found[1]}>"


def _main(body: "LexborNode", size: int) -> "LexborNode":
    """The part that the page says is what it is about, or all of it."""
    for selector in ("main, [role=main]", "article"):
        found = body.css(selector)
        if len(found) == 1 and len(found[0].text(deep=True)) >= MAIN_SHARE * size:
            return found[0]
    return body


def _walk(root: "LexborNode", hidden: Callable[[Any], bool]) -> Iterator[tuple[bool, Any]]:
    """The nodes below one as they begin (True) and end (False); of what is hidden nothing.

    No recursion: pages are nested as deep as somebody likes.
    """
    node, begins = root.child, True
    while node is not None:
        if begins and not hidden(node):
            yield True, node
            if node.child is not None:
                node = node.child
                continue
            yield False, node
        elif not begins:
            yield False, node
        if node.next is not None:
            node, begins = node.next, True
        else:
            node, begins = node.parent, False
            if node is None or node.mem_id == root.mem_id:  # == compares their text
                return


class _Sinks:
    """Where blocks go: the page, or the cells of the rows that are open."""

    def __init__(self) -> None:
        self.blocks: list[list[Block]] = [[]]
        self.rows: list[list[list[Block]]] = []

    def cell(self, tag: str, begins: bool) -> None:
        """A row or a cell begins or ends."""
        if tag == "tr":
            if begins:
                self.rows.append([])
            elif self.rows:
                self.blocks[-1] += row(self.rows.pop())
        elif begins and self.rows:
            self.blocks.append([])
        elif self.rows and len(self.blocks) > 1:
            self.rows[-1].append(self.blocks.pop())


def _blocks(root: "LexborNode", hidden: Callable[[Any], bool]) -> list[Block]:
    sinks = _Sinks()
    parts: list[str] = []
    linked = links = level = 0
    for begins, node in _walk(root, hidden):
        tag = node.tag
        if tag == "-text":
            if begins:
                text = node.text_content or ""
                parts.append(text)
                linked += len(text) if links else 0
            continue
        if tag == "a":
            links += 1 if begins else -1
            continue
        broken = tag == "br" and begins
        if broken and not (parts and parts[-1] == "\n"):
            parts.append("\n")
            continue
        if not broken and tag not in _BLOCKS:
            continue
        if text := " ".join("".join(parts).split()):
            sinks.blocks[-1].append(Block(text, level, min(linked, len(text))))
        parts, linked = [], 0
        if tag in _HEADINGS:
            level = _HEADINGS[tag] if begins else 0
        elif tag in _CELLS:
            sinks.cell(tag, begins)
    if text := " ".join("".join(parts).split()):
        sinks.blocks[0].append(Block(text, level, min(linked, len(text))))
    return sinks.blocks[0]


def _hidden(size: int, whole: bool) -> Callable[[Any], bool]:
    """Whether a node is none of the text of a page of ``size`` characters."""

    def hidden(node: Any) -> bool:
        tag = node.tag
        if tag == "-text":
            return False
        if tag in _HIDDEN or not (tag[0].isalpha()):
            return tag != "math" or not whole
        said = node.attributes
        if not said:
            return False
        if "hidden" in said or said.get("aria-hidden") == "true" or (said.get("role") or "") in _HIDDEN_ROLES:
            return True
        if "none" in (style := (said.get("style") or "")) and _INVISIBLE.search(style):
            return True
        called = f"{said.get('class') or ''} {said.get('id') or ''}".lower()
        if whole or tag in _NEVER or not _MENU.search(called):
            return False
        return len(node.text(deep=True)) <= TOO_MUCH * size

    return hidden


def _is_menu(block: Block) -> bool:
    """Whether a paragraph leads elsewhere: most of it is links, and no sentence."""
    return block.linked > MOSTLY_LINKS * len(block.text) and not ends_as_sentence(block.text)


def _named(tree: "LexborHTMLParser") -> dict[str, str]:
    """What a page's ``meta`` say, by their names in lower case; the first of each."""
    found: dict[str, str] = {}
    for node in tree.css("meta"):
        said = node.attributes
        name = said.get("name") or said.get("property") or said.get("itemprop") or said.get("http-equiv") or ""
        if name and (text := (said.get("content") or "").strip()):
            found.setdefault(name.lower(), text)
    return found


def _title(tree: "LexborHTMLParser") -> str:
    node = tree.css_first("title")
    return " ".join(node.text(deep=True).split()) if node is not None else ""


def _link(tree: "LexborHTMLParser") -> str:
    node = tree.css_first("link[rel=canonical]")
    return (node.attributes.get("href") or "").strip() if node is not None else ""


def _language(tree: "LexborHTMLParser", named: Mapping[str, str]) -> str | None:
    """What the page says its language is: in its first element, else in a header of its own."""
    said = tree.root.attributes if tree.root is not None else {}
    lang = said.get("lang") or said.get("xml:lang") or named.get("content-language", "").partition(",")[0]
    return (lang or "").strip() or None
