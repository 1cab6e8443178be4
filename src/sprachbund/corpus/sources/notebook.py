"""Jupyter notebooks: the cells of Markdown, in their order. Code and what it printed are no text."""

from sprachbund.corpus.sources.blocks import Block, first_heading, sections
from sprachbund.corpus.sources.documents import Dropped, RawDocument, Record, Whole
from sprachbund.corpus.sources.markdown import read_markdown
from sprachbund.corpus.sources.values import load_json


def parse_notebook(record: Record) -> RawDocument | Dropped:
    """The document that a notebook is, of format 3 or 4."""
    assert isinstance(record, Whole)
    try:
        book = load_json(record.data)
    except ValueError as error:
        return Dropped("broken JSON", f"{record.label}: {error}")
    sheets = book.get("worksheets") or [book]
    blocks: list[Block] = []
    for sheet in sheets:
        for cell in sheet.get("cells") or ():
            kind, source = cell.get("cell_type"), cell.get("source") or ""
            text = source if isinstance(source, str) else "".join(map(str, source))
            if kind == "markdown":
                blocks += read_markdown(text)
            elif kind == "heading":
                blocks.append(Block(text, int(cell.get("level") or 1)))
    title = first_heading(blocks) or record.called
    return RawDocument("", None, title, None, sections(blocks, title), record.id, whole=True)
