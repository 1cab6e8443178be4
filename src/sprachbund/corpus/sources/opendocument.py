"""OpenDocument: texts (odt), and slides (odp), whose titles are headings.

Left out: what was deleted, comments, tables of contents and indexes, headers and footers.
"""

from sprachbund.corpus.sources.blocks import first_heading, sections
from sprachbund.corpus.sources.documents import Dropped, RawDocument, Record, Whole
from sprachbund.corpus.sources.office import Sheet, about
from sprachbund.corpus.sources.packages import DamagedError, Parts

_HIDDEN = frozenset(
    (
        *("tracked-changes", "annotation", "note-citation", "forms", "header", "footer", "ruby-text"),
        *("table-of-content", "alphabetical-index", "bibliography", "illustration-index", "table-index", "user-index"),
    )
)
_LONGEST_BLANK = 100


def parse_opendocument(record: Record) -> RawDocument | Dropped:
    """The document that a file of OpenDocument is."""
    assert isinstance(record, Whole)
    try:
        parts = Parts(record.data)
        told = about(parts.events("meta.xml"))
        sheet, notes = _read(parts)
        lang = told.lang or _usual_language(parts)
    except DamagedError as error:
        return Dropped("damaged", f"{record.label}: {error}")
    blocks = sheet.finish()
    title = first_heading(blocks) or told.title or record.called
    return RawDocument(
        id="",
        lang=None,
        title=title,
        group=None,
        sections=sections(blocks, title) + sections(notes.finish()),
        place=record.id,
        meta=told.meta,
        hint=lang or None,
        whole=True,
    )


def _read(parts: Parts) -> tuple[Sheet, Sheet]:
    """The text, and the notes below it."""
    text, notes = Sheet(), Sheet()
    open_notes: list[Sheet] = []
    hidden = 0
    frames: list[bool] = []
    for kind, tag, said in parts.events("content.xml"):
        sheet = notes if open_notes else text
        if kind == "text":
            if not hidden:
                sheet.say(tag)
            continue
        begins = kind == "start"
        if hidden or tag in _HIDDEN:
            hidden += 1 if begins else -1
        elif tag == "note":
            open_notes.append(sheet) if begins else open_notes.pop()
        elif tag in ("p", "h"):
            title = bool(frames) and frames[-1]
            level = said.get("outline-level", "1") if tag == "h" else ""
            if begins:
                sheet.begin(2 if title else min(int(level), 9) if level.isdecimal() and level != "0" else 0)
            else:
                sheet.end()
        elif tag == "frame":
            frames.append(said.get("class") == "title") if begins else frames and frames.pop()
        elif tag == "table-row":
            sheet.begin_row() if begins else sheet.end_row()
        elif tag == "table-cell":
            sheet.begin_cell() if begins else sheet.end_cell()
        elif begins and tag in ("tab", "line-break"):
            sheet.say(" ")
        elif begins and tag == "s":
            count = said.get("c", "1")
            sheet.say(" " * (min(int(count), _LONGEST_BLANK) if count.isdecimal() else 1))
    return text, notes


def _usual_language(parts: Parts) -> str:
    """The language of the styles that everything begins from."""
    inside = False
    for kind, tag, said in parts.events("styles.xml"):
        if tag == "default-style":
            inside = kind == "start"
        elif inside and kind == "start" and (lang := said.get("language", "none")) not in ("none", "zxx"):
            country = said.get("country", "none")
            return lang if country in ("none", "") else f"{lang}-{country}"
    return ""
