"""Wikitext to the prose of an article, by sections and paragraphs.

What is kept is running text. Tables, templates, references, galleries, files, categories, formulas,
comments and magic words are dropped, and so are the items of lists, which are no sentences and do not
follow each other as sentences do. A template in mid-sentence leaves a hole, but for the few that only wrap
a text ({{lang}}, {{nowrap}}, {{convert}}). What a broken page leaves of its markup cannot be told from text:
such a line is dropped.

The steps are MediaWiki's, each one pass in time linear in the page and none that can fail: what is hidden
(`hidden.py`), templates and links (`structure.py`), tables, headings and lists (`lines.py`), and what is left
inside a line (`inline.py`). A library that parses wikitext into a tree was used before; its time grew with the
square of what is left open, and no page of a dump may cost minutes.
"""

import re
from collections.abc import Iterator

from sprachbund.corpus.sources.documents import RawSection
from sprachbund.corpus.sources.siteinfo import LinkPrefixes
from sprachbund.corpus.sources.wikitext.hidden import without_hidden
from sprachbund.corpus.sources.wikitext.lines import sections_of, without_tables
from sprachbund.corpus.sources.wikitext.marks import without_foreign
from sprachbund.corpus.sources.wikitext.structure import resolved

LONGEST_BLOCK = 4 << 20
"""Characters that are read at once, which bounds the memory; MediaWiki saves no page of more than 2 MiB."""
# Links with a prefix that stand alone on a line: categories, under a name that the header need not have.
_ALONE = re.compile(r"^[ \t]*+(?:\[\[[^\[\]|:\n]++:[^\s\[\]|][^\[\]|\n]*+(?:\|[^\[\]|\n]*+)?\]\][ \t]*+)++$", re.M)


def page_sections(text: str, prefixes: LinkPrefixes, variants: bool = True) -> tuple[RawSection, ...]:
    """The sections of a page that have prose, in order; the lead has an empty title.

    Args:
        text: wikitext.
        prefixes: which prefixes of links are namespaces of the wiki.
        variants: whether ``-{...}-`` marks variants, as in Chinese and Serbian wikis.
    """
    return sections_of(_lines(without_foreign(text), prefixes, variants))


def _lines(text: str, prefixes: LinkPrefixes, variants: bool) -> Iterator[str]:
    """The lines outside tables, with what their marks show, read a block at a time."""
    begin = 0
    while begin < len(text):
        end = len(text)
        if end - begin > LONGEST_BLOCK:
            last = begin + LONGEST_BLOCK
            end = max(text.rfind("\n", begin + 1, last), 0) or max(text.rfind(" ", begin + 1, last), 0) or last
        wikitext = _ALONE.sub("", without_hidden(text[begin:end]))
        yield from without_tables(resolved(wikitext, prefixes, variants).split("\n"))
        begin = end + (text[end : end + 1] in ("\n", " "))
