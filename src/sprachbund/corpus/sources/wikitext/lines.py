"""The lines of a page, whose templates and links are resolved: sections and their paragraphs of prose.

Dropped are tables, the items of lists, captions, and lines in which markup is left. Whether a line is an item or a
cell is told by its own first character: one that a link, an entity or bold text shows there is text.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from sprachbund.corpus.segment import unwrapped
from sprachbund.corpus.sources.documents import RawSection
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.sources.wikitext.inline import shown_heading, shown_line

_LINE_MARKUP = re.compile(r"\s*(?:[|{}*#:;=]|!\s|![^!\n]*!!)")
_HEADING_AND_TEXT = re.compile(r"(={2,6})([^=]+)\1(?!=)\s*([^\s=][^=]*)")
_BULLET = re.compile(r"[-•·▪►→]\s")
_GAP = re.compile(r"\s+([,.)，。）])")


def sections_of(lines: Iterable[str]) -> tuple[RawSection, ...]:
    """The sections that have prose, in order; the lead has an empty title."""
    sections: list[RawSection] = []
    title, body = "", list[str]()
    for line in chain(lines, ("== end ==",)):
        heading, rest = _heading(line)
        if heading is None:
            body += ("", rest.lstrip("-")) if rest.startswith("----") else (rest,)  # a rule across the page
            continue
        if paragraphs := tuple(_paragraphs(body)):
            sections.append(RawSection(title, paragraphs))
        title, body = shown_heading(heading), [rest]
    return tuple(sections)


def without_tables(lines: list[str]) -> Iterator[str]:
    """The lines outside tables. A table that is never closed is none, and only the lines that look so are dropped."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for number, line in enumerate(lines):
        begin = line.lstrip(" \t:")[:2]
        if begin == "{|":
            opened.append(number)
        elif begin == "|}" and opened:
            ends[opened.pop()] = number
    number = 0
    while number < len(lines):
        if number in ends:
            number = ends[number]
            yield lines[number].lstrip(" \t:")[2:]
        else:
            yield lines[number]
        number += 1


def _heading(line: str) -> tuple[str | None, str]:
    """The title of a heading such as ``== Life ==``, or None, and what stands on the line besides."""
    if line[:1] != "=":
        return None, line
    if found := _HEADING_AND_TEXT.fullmatch(line):
        return found[2].strip(), found[3]
    bare = line.rstrip()
    level = min(len(bare) - len(bare.lstrip("=")), len(bare) - len(bare.rstrip("=")), 6)
    title = bare[level : len(bare) - level].strip()
    return (title, "") if level and title.strip("=") else (None, line)


def _paragraphs(body: list[str]) -> Iterator[str]:
    """The paragraphs of a section: runs of lines that a blank line or an item of a list ends.

    A line that begins with a space is preformatted and stands alone. A paragraph that is short and no
    sentence is a caption or a link to elsewhere, and is left out.
    """
    lines: list[str] = []
    for line in (*body, ""):
        clean = None if _LINE_MARKUP.match(line) else shown_line(line)
        alone = line[:1] == " "
        if lines and (not clean or alone):
            yield from _prose(unwrapped("\n".join(lines)).replace("\n", " "))
            lines = []
        if clean:
            lines.append(clean)
            if alone:
                yield from _prose(lines.pop())


def _prose(paragraph: str) -> Iterator[str]:
    if not is_heading(paragraph) and not _BULLET.match(paragraph) and paragraph.count("|") < 2:
        yield _GAP.sub(r"\1", paragraph.replace("|", " "))
