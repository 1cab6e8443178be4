"""PowerPoint (pptx): slides in their order, each a section under its title, with the speaker's notes at its end."""

from collections import Counter

from sprachbund.corpus.sources.blocks import Block, first_heading, sections
from sprachbund.corpus.sources.documents import Dropped, RawDocument, Record, Whole
from sprachbund.corpus.sources.office import Sheet, about, most, relations
from sprachbund.corpus.sources.packages import DamagedError, Parts

_MAIN = "ppt/presentation.xml"
_TITLES = frozenset(("title", "ctrTitle"))
_FURNITURE = frozenset(("dt", "ftr", "hdr", "sldNum", "sldImg"))
_SLIDE = 2


def parse_pptx(record: Record) -> RawDocument | Dropped:
    """The document that a presentation is."""
    assert isinstance(record, Whole)
    languages: Counter[str] = Counter()
    blocks: list[Block] = []
    try:
        parts = Parts(record.data)
        told = about(parts.events("docProps/core.xml"))
        for slide in _slides(parts):
            found = _read(parts, slide, languages)
            blocks += found if any(block.level for block in found) else [Block("", _SLIDE), *found]
            notes = [part for part in relations(parts, slide).values() if part.startswith("ppt/notesSlides/")]
            blocks += [block for part in notes for block in _read(parts, part, languages) if not block.level]
    except DamagedError as error:
        return Dropped("damaged", f"{record.label}: {error}")
    title = told.title if told.title and not told.title.startswith("PowerPoint") else first_heading(blocks)
    title = title or record.called
    return RawDocument(
        id="",
        lang=None,
        title=title,
        group=None,
        sections=sections(blocks, title),
        place=record.id,
        meta=told.meta,
        hint=most(languages),
        whole=True,
    )


def _slides(parts: Parts) -> list[str]:
    """The names of the slides, in the order in which they are shown."""
    known = relations(parts, _MAIN)
    asked = [
        known.get(said.get("r:id", ""), "")
        for kind, tag, said in parts.events(_MAIN)
        if kind == "start" and tag == "sldId"
    ]
    return [name for name in dict.fromkeys(asked) if name in parts.names]


def _read(parts: Parts, name: str, languages: Counter[str]) -> list[Block]:
    sheet = Sheet()
    title = furniture = ours = False
    lang = ""
    for kind, tag, said in parts.events(name):
        if kind == "text":
            if ours and not furniture:
                sheet.say(tag)
                languages[lang] += len(tag)
            continue
        begins = kind == "start"
        if tag == "sp":
            title = furniture = False
        elif tag == "ph" and begins:
            title, furniture = said.get("type") in _TITLES, said.get("type") in _FURNITURE
        elif tag == "p":
            sheet.begin(_SLIDE if title else 0) if begins else sheet.end()
        elif tag == "t":
            ours = begins
        elif tag == "tr":
            sheet.begin_row() if begins else sheet.end_row()
        elif tag == "tc":
            sheet.begin_cell() if begins else sheet.end_cell()
        elif tag == "rPr" and begins:
            lang = said.get("lang", "")
        elif tag in ("br", "tab") and begins:
            sheet.say(" ")
    return sheet.finish()
