"""What a document with a layout is made of: headings, paragraphs and rows of tables, as sections.

The readers of pages, office files, books and mail differ in how they find these, and in nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sprachbund.corpus.punctuation import ends_as_sentence
from sprachbund.corpus.sources.documents import RawSection

LONG_CELL = 80
"""Characters from which on a cell is a text that stands in a table, and no figure of one."""
BETWEEN_CELLS = " | "


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a heading where ``level`` is not 0; ``linked`` of its characters are links."""

    text: str
    level: int = 0
    linked: int = 0


def row(cells: Sequence[Sequence[Block]]) -> list[Block]:
    """The row of a table: one paragraph, unless its cells are texts, as where a table lays a page out."""
    full = [cell for cell in cells if cell]
    if any(len(cell) > 1 or cell[0].level or _is_text(cell[0].text) for cell in full):
        return [block for cell in full for block in cell]
    if not full:
        return []
    return [Block(BETWEEN_CELLS.join(cell[0].text for cell in full), 0, sum(cell[0].linked for cell in full))]


def _is_text(text: str) -> bool:
    return len(text) >= LONG_CELL or (" " in text and ends_as_sentence(text))


def sections(blocks: Iterable[Block], title: str = "") -> tuple[RawSection, ...]:
    """The sections that headings begin; one called as the document is, is its lead."""
    found: list[RawSection] = []
    heading: str = ""
    paragraphs: list[str] = []
    for block in blocks:
        if not block.level:
            paragraphs.append(block.text)
            continue
        if paragraphs:
            found.append(RawSection(heading, tuple(paragraphs)))
        heading, paragraphs = "" if block.text == title else block.text, []
    if paragraphs:
        found.append(RawSection(heading, tuple(paragraphs)))
    return tuple(found)


def first_heading(blocks: Iterable[Block]) -> str:
    """The first heading of the highest rank, empty where there is none."""
    headings = [block for block in blocks if block.level]
    return min(headings, key=lambda block: block.level).text if headings else ""
