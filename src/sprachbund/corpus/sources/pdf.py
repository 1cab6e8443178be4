"""PDF: the text of its pages, each a section, with lines joined to paragraphs again.

A page knows where its letters stand and nothing of words, lines and paragraphs. pypdf finds the lines; here a hyphen at
the end of one is taken back, a line that is clearly shorter ends a paragraph, what the first and last lines of many
pages have in common is not text, and a sentence that goes on over the page is kept whole. A scanned document has no
letters at all: that it has no text layer is said. pypdf needs no compiled part; PDFium would be faster and ends a
process now and then.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sprachbund.corpus.punctuation import ends_as_sentence
from sprachbund.corpus.sources.documents import Dropped, RawDocument, RawSection, Record, Whole

NO_LAYER, PROTECTED = "no text layer", "protected"
SHORT = 0.75
"""The part of the usual width of a line below which a line ends a paragraph."""
REPEATED = 0.4
"""The part of the pages on which a line at their beginning or end makes it a running head."""
FEW_PAGES = 3
_EDGE = 2
_DIGITS = re.compile(r"\d+")
_NO_TITLE = re.compile(
    r"microsoft|untitled|powerpoint|document\d*$|.*\.(?:docx?|pptx?|indd|tex|dvi|qxd|pdf|odt)$", re.I
)
"""Titles that programs give, and nobody else."""
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")


def parse_pdf(record: Record) -> RawDocument | Dropped:
    """The document that a PDF is, or why it gives none."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    assert isinstance(record, Whole)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every fault that it reads over
    try:
        reader = PdfReader(io.BytesIO(record.data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return Dropped(PROTECTED, f"{record.label}: it opens with a password only")
        count = len(reader.pages)
    except DependencyError as error:
        return Dropped(PROTECTED, f"{record.label}: {error}")
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError) as error:
        return Dropped("damaged", f"{record.label}: not readable as PDF ({' '.join(str(error).split())[:200]})")
    pages: list[list[str]] = []
    unread = 0
    for number in range(count):
        try:
            pages.append([line.strip() for line in reader.pages[number].extract_text().split("\n")])
        except Exception:  # whatever is wrong with a page costs this page
            pages.append([])
            unread += 1
    if not any(map(str.isalnum, "".join(line for page in pages for line in page))):
        why = "it is scanned, or drawn" if not unread else f"{unread:,} of {count:,} pages cannot be read"
        return Dropped(NO_LAYER, f"{record.label}: {why}")
    title, meta, hint = _about(reader)
    return RawDocument(
        id="",
        lang=None,
        title=title or record.called,
        group=None,
        sections=page_sections(pages),
        place=record.id,
        meta=meta,
        hint=hint,
        whole=True,
        notes=("pages that cannot be read are left out",) if unread else (),
    )


def page_sections(pages: Sequence[Sequence[str]]) -> tuple[RawSection, ...]:
    """The pages as sections ``p. 1``, ``p. 2``...; a sentence that goes on belongs to the page where it begins."""
    clean = _without_running_heads(pages)
    width = _usual_width(clean)
    found: list[tuple[str, list[str]]] = []
    for number, lines in enumerate(clean, 1):
        paragraphs = list(_paragraphs(lines, width))
        if found and paragraphs and not ends_as_sentence(found[-1][1][-1]) and _goes_on(paragraphs[0]):
            found[-1][1][-1] = _joined(found[-1][1][-1], paragraphs.pop(0))
        if paragraphs:
            found.append((f"p. {number}", paragraphs))
    return tuple(RawSection(title, tuple(paragraphs)) for title, paragraphs in found)


def _goes_on(paragraph: str) -> bool:
    """Whether a paragraph begins in the middle of a sentence; in scripts without case nothing says so."""
    return paragraph[0].islower()


def _paragraphs(lines: Sequence[str], width: int) -> Iterator[str]:
    held = ""
    for line in lines:
        if not line:
            if held and ends_as_sentence(held):
                yield held
                held = ""
            continue
        held = _joined(held, line) if held else line
        if len(line) < SHORT * width and not line.endswith(("-", "\u00ad", ",")):
            yield held
            held = ""
    if held:
        yield held


def _joined(first: str, second: str) -> str:
    """Two lines as one: a hyphen between two small letters was put there to break the line."""
    if first.endswith("\u00ad"):
        return first[:-1] + second
    if len(first) > 1 and first[-1] in "-\u2010" and first[-2].islower() and second[:1].islower():
        return first[:-1] + second
    return f"{first}\n{second}"


def _usual_width(pages: Sequence[Sequence[str]]) -> int:
    """The characters of a full line: nine in ten are no longer."""
    widths = sorted(len(line) for page in pages for line in page if line)
    return widths[len(widths) * 9 // 10] if widths else 0


def _without_running_heads(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The lines of each page without what many of them begin or end with, whatever its numbers are."""
    trimmed = [[line for line in page if line] for page in pages]
    full = [lines for lines in trimmed if lines]
    seen: Counter[str] = Counter()
    for lines in full:
        seen.update({_DIGITS.sub("#", line) for line in (*lines[:_EDGE], *lines[-_EDGE:])})
    least = max(FEW_PAGES, REPEATED * len(full))
    heads = {line for line, count in seen.items() if count >= least}
    kept = []
    for page in pages:
        lines = list(page)
        for end in (0, -1):
            for _ in range(_EDGE):
                while lines and not lines[end]:
                    lines.pop(end)
                if lines and (_DIGITS.sub("#", lines[end]) in heads or _is_number(lines[end])):
                    lines.pop(end)
        kept.append(lines)
    return kept


def _is_number(line: str) -> bool:
    return bool(re.fullmatch(r"[-–— ]*\d{1,4}[-–— ]*", line))


def _about(reader: Any) -> tuple[str, dict[str, str], str | None]:
    """Title, metadata and the hint of a language; what is damaged is not there."""
    said: dict[str, str] = {}
    for ours, theirs in (("title", "/Title"), ("author", "/Author"), ("date", "/CreationDate")):
        try:
            said[ours] = " ".join(str((reader.metadata or {}).get(theirs) or "").split())
        except Exception:  # pypdf raises whatever a damaged object makes it raise
            said[ours] = ""
    date = _DATE.match(said["date"])
    said["date"] = "-".join(filter(None, date.groups())) if date else ""
    try:
        hint = str(reader.root_object.get("/Lang") or "").strip() or None
    except Exception:
        hint = None
    title = "" if _NO_TITLE.match(said["title"]) else said["title"]
    return title, {name: said[name] for name in ("date", "author") if said[name]}, hint
