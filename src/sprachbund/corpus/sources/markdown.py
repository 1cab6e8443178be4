"""Markdown: headings begin sections; code, whether fenced or indented, is no text and is left out.

CommonMark with tables, by markdown-it. HTML in it is read as a page's is. A block of YAML at the beginning may say the
title, the language, the date and the author, as those who write books and blogs in Markdown have it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sprachbund.corpus.sources.blocks import Block, first_heading, row, sections
from sprachbund.corpus.sources.decoding import decode
from sprachbund.corpus.sources.documents import RawDocument, Record, Whole

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_FIELD = re.compile(r"([A-Za-z][\w-]*)[ \t]*:[ \t]*(\S.*?)[ \t]*\Z")
_LANG, _AUTHOR = ("lang", "language", "locale"), ("author", "authors")


def parse_markdown(record: Record) -> RawDocument:
    """The document that a file of Markdown is."""
    assert isinstance(record, Whole)
    decoded = decode(record.data)
    front, text = front_matter(decoded.text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = read_markdown(text)
    title = front.get("title") or first_heading(blocks) or record.called
    meta = {"url": front.get("url", ""), "date": front.get("date", ""), "author": _first(front, _AUTHOR)}
    return RawDocument(
        id=front.get("id", ""),
        lang=_first(front, _LANG) or None,
        title=title,
        group=None,
        sections=sections(blocks, title),
        place=record.id,
        meta={name: said for name, said in meta.items() if said},
        whole=True,
        notes=decoded.notes,
        replaced=decoded.replaced,
    )


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields of one line of a block of YAML at the beginning, and the text behind it."""
    found = _FRONT.match(text)
    if not found:
        return {}, text
    fields: dict[str, str] = {}
    for line in found[1].split("\n"):
        if field := _FIELD.match(line):
            fields.setdefault(field[1].lower(), field[2].strip("\"'"))
    return fields, text[found.end() :]


def read_markdown(text: str) -> list[Block]:
    """The headings, paragraphs, items and rows of a text of Markdown."""
    blocks: list[Block] = []
    level = 0
    cells: list[list[Block]] | None = None
    for token in _parser().parse(text):
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            blocks += row(cells)
            cells = None
        elif token.type == "inline" and (said := _text(token.children or ())):
            if cells is None:
                blocks.append(Block(said, level))
            else:
                cells.append([Block(said)])
        elif token.type == "html_block":
            blocks += _page(token.content)
    return blocks


def _page(text: str) -> Iterator[Block]:
    from sprachbund.corpus.sources.html import read_page

    return iter(read_page(text, whole=True).blocks)


def _text(tokens: Sequence["Token"]) -> str:
    """Running text without its marks; of an image nothing, of code in a line its letters."""
    said: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            said.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
    return "".join(said).strip()


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _first(fields: dict[str, str], names: Sequence[str]) -> str:
    return next((fields[name] for name in names if name in fields), "")
