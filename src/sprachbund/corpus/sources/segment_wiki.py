"""gensim's ``segment_wiki`` JSON Lines: title, section_titles, section_texts, interlinks.

gensim leaves the marks of lists (``*``, ``#``, ``:``, ``;``) and stray quotation marks of bold text. List
items are no prose and are left out. The layout has no ids: the title is the id.
"""

import re

from sprachbund.corpus.sources.documents import Dropped, Line, RawDocument, RawSection, Record
from sprachbund.corpus.sources.lines import parse_object
from sprachbund.corpus.sources.wikitext import tidy

_LIST = re.compile(r"\s*[*#:;|!{}]")


def parse_segment_wiki(record: Record) -> RawDocument | Dropped:
    """A document of gensim's layout, or why its line is none."""
    assert isinstance(record, Line)
    value = parse_object(record)
    if isinstance(value, Dropped):
        return value
    title, titles, texts = value.get("title"), value.get("section_titles"), value.get("section_texts")
    if not isinstance(title, str) or not isinstance(titles, list) or not isinstance(texts, list) or not title:
        return Dropped("not of this format", f"line {record.number}: expected title, section_titles and section_texts")
    if len(titles) != len(texts) or not all(isinstance(text, str) for text in texts):
        return Dropped("not of this format", f"line {record.number}: as many section_titles as section_texts")
    sections = tuple(
        RawSection("" if number == 0 else str(heading).strip(), _paragraphs(text))
        for number, (heading, text) in enumerate(zip(titles, texts, strict=True))
    )
    return RawDocument(title, None, title, None, sections)


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (tidy(line) for line in text.split("\n") if not _LIST.match(line))
    return tuple(line for line in lines if line)
