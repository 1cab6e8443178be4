"""Word (docx): paragraphs, headings by the styles that make them, tables, text boxes, footnotes.

Left out: what was deleted, comments, headers and footers, tables of contents, fields' codes, hidden text. What was
inserted and not yet accepted is read. The language that Word marks is that of a keyboard or of a template, so that it
is a hint and no claim.
"""

import re
from collections import Counter

from sprachbund.corpus.sources.blocks import Block, first_heading, sections
from sprachbund.corpus.sources.documents import Dropped, RawDocument, Record, Whole
from sprachbund.corpus.sources.office import Sheet, about, most
from sprachbund.corpus.sources.packages import DamagedError, Parts

_TITLE, _CONTENTS = 1, -1
_HEADING = re.compile(r"heading ([1-9])")
_HIDDEN = frozenset(("del", "moveFrom", "Fallback", "instrText", "delText", "fldData", "sdtPr", "sectPr"))
_SEPARATORS = frozenset(("separator", "continuationSeparator", "continuationNotice"))


def parse_docx(record: Record) -> RawDocument | Dropped:
    """The document that a file of Word is."""
    assert isinstance(record, Whole)
    try:
        parts = Parts(record.data)
        told = about(parts.events("docProps/core.xml"))
        levels, usual = _styles(parts)
        languages: Counter[str] = Counter()
        main = min(name for name in parts.names if re.fullmatch(r"word/document\d*\.xml", name))
        blocks = _read(parts, main, levels, usual, languages)
        notes = [
            block
            for part in ("word/footnotes.xml", "word/endnotes.xml")
            for block in _read(parts, part, levels, usual, languages)
        ]
    except (DamagedError, ValueError) as error:
        return Dropped("damaged", f"{record.label}: {error}")
    title = first_heading(blocks) or told.title or record.called
    return RawDocument(
        id="",
        lang=None,
        title=title,
        group=None,
        sections=sections(blocks, title) + sections(notes),
        place=record.id,
        meta=told.meta,
        hint=most(languages),
        whole=True,
    )


def _styles(parts: Parts) -> tuple[dict[str, int], str]:
    """The level of each style of headings by its id, and the language of what has no other."""
    levels: dict[str, int] = {}
    based: dict[str, str] = {}
    style = lang = ""
    for kind, name, said in parts.events("word/styles.xml"):
        if kind != "start":
            continue
        value = said.get("val", "")
        if name == "style":
            style = said.get("styleId", "")
        elif name == "name" and style:
            called = value.lower()
            if heading := _HEADING.fullmatch(called):
                levels[style] = int(heading[1])
            elif called == "title":
                levels[style] = _TITLE
            elif called.startswith(("toc ", "table of ", "index ")):
                levels[style] = _CONTENTS
        elif name == "basedOn" and style:
            based[style] = value
        elif name == "outlineLvl" and style and value.isdecimal() and int(value) < 9:
            levels.setdefault(style, int(value) + 1)
        elif name == "lang" and not style:
            lang = value
    for style in based:
        chain = [style]
        while chain[-1] not in levels and (above := based.get(chain[-1])) and above not in chain:
            chain.append(above)
        if chain[-1] in levels:
            levels.setdefault(style, levels[chain[-1]])
    return levels, lang


def _read(parts: Parts, name: str, levels: dict[str, int], usual: str, languages: Counter[str]) -> list[Block]:
    sheet = Sheet()
    path: list[str] = []
    hidden = 0
    lang, unseen, ours = usual, False, False
    for kind, tag, said in parts.events(name):
        if kind == "text":
            if ours and not hidden and not unseen:
                sheet.say(tag)
                languages[lang] += len(tag)
            continue
        begins = kind == "start"
        if hidden or tag in _HIDDEN or (tag in ("footnote", "endnote") and said.get("type") in _SEPARATORS):
            # counted by depth: what is hidden may hold more of the same
            hidden += 1 if begins else -1
            continue
        above = path[-1] if path else ""
        if begins:
            path.append(tag)
        elif path:
            path.pop()
        if tag == "p":
            sheet.begin() if begins else sheet.end(not sheet.levels or sheet.levels[-1] != _CONTENTS)
        elif tag == "r":
            lang, unseen = usual, False
        elif tag == "t":
            ours = begins
        elif tag == "tr":
            sheet.begin_row() if begins else sheet.end_row()
        elif tag == "tc":
            sheet.begin_cell() if begins else sheet.end_cell()
        elif not begins:
            continue
        elif tag in ("tab", "br", "cr") and above == "r":
            sheet.say(" ")
        elif tag == "noBreakHyphen":
            sheet.say("-")
        elif tag == "pStyle":
            sheet.rank(levels.get(said.get("val", ""), 0))
        elif tag == "outlineLvl" and above == "pPr":
            value = said.get("val", "")
            sheet.rank(int(value) + 1 if value.isdecimal() and int(value) < 9 else 0)
        elif tag == "lang" and path[-3:-1] == ["r", "rPr"]:
            lang = said.get("val") or lang
        elif tag == "vanish" and path[-3:-1] == ["r", "rPr"]:
            unseen = said.get("val", "true") not in ("0", "false", "off")
    return sheet.finish()
