"""MediaWiki XML dumps: pages as they stream by, articles only.

Expat reads the XML piece by piece, so that memory does not grow with the dump. A dump with a document type is
refused: Wikimedia writes none, and it is how entities expand or fetch. A page's newest revision counts. What is no
XML costs the page that it stands in: `pages.py` reads on at the next.
"""

from collections.abc import Iterator

from sprachbund.corpus.sources.documents import Dropped, Note, Page, RawDocument, Record, Source, Tally, endings
from sprachbund.corpus.sources.pages import Pages
from sprachbund.corpus.sources.repair import Repair
from sprachbund.corpus.sources.streams import Stream, Utf8
from sprachbund.corpus.sources.wikitext import page_sections


def cut_mediawiki(source: Source) -> Iterator[Page | Dropped | Note | Tally]:
    """The articles of a dump, or of several that follow each other in a file.

    Redirects and other namespaces are dropped and counted, and so is a page whose XML cannot be read. A dump that
    ends in mid-page gives all its whole pages and a note with the place; so does one that is damaged inside.

    Raises:
        SourceError: the dump has a document type.
    """
    stream, utf8, repair = Stream(source.path, source.limits, source.moved), Utf8(), Repair()
    pages = Pages(source.path, source.limits.record, source.lang)
    for piece in repair(utf8(stream)):
        pages.feed(piece)
        yield from pages.taken()
    cut_short = pages.finish()
    yield from pages.taken()
    kept = f"{pages.whole:,} whole pages kept"
    if stream.broken and stream.broken.startswith("damaged"):
        yield Note(f"{stream.broken}, at byte {stream.produced:,} of the decompressed text; {kept}", fatal=True)
    elif stream.broken or cut_short:
        page = pages.page
        where = f"mid-page (the page begins at byte {page.start - repair.grown:,})" if page else "mid-file"
        end = f"at byte {stream.produced:,} of the decompressed text"
        yield Note(f"truncated: the stream ends in {where} {end}; {kept}", fatal=True)
    if pages.damage:
        place, problem = pages.damage
        more = f" and at {pages.damages - 1:,} more places" if pages.damages > 1 else ""
        yield Note(
            f"damaged: the XML cannot be read at about byte {place - repair.grown:,} of the decompressed text "
            f"({problem}){more}; {kept}",
            fatal=True,
        )
    if repair.replaced:
        yield Note(f"characters that XML forbids replaced {repair.replaced:,} times")
    if repair.escaped:
        yield Note(f"&, < or ]]> that XML wants escaped were taken for text {repair.escaped:,} times")
    yield from endings(stream, utf8)


def parse_mediawiki(record: Record) -> RawDocument | Dropped:
    """An article cleaned into sections and paragraphs."""
    assert isinstance(record, Page)
    sections = page_sections(record.text, record.prefixes, record.variants)
    return RawDocument(record.id, record.lang, record.title, None, sections)
