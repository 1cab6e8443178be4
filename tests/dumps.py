"""MediaWiki dumps for tests: a header, pages, and how to cut them."""

from pathlib import Path

from sprachbund.corpus.sources.documents import Source
from sprachbund.corpus.sources.mediawiki import cut_mediawiki
from sprachbund.corpus.sources.streams import Limits

HEADER = """<mediawiki xml:lang="en"><siteinfo><dbname>{dbname}</dbname>
<base>https://uk.wikipedia.org/wiki/X</base>
<namespaces><namespace key="6" case="first-letter">Файл</namespace>
<namespace key="14" case="first-letter">Категорія</namespace></namespaces></siteinfo>
"""
PROSE = "Це перше речення статті номер {number}. Це друге речення тієї самої статті."


def page(number: int, text: str | None = None, ns: int = 0, extra: str = "") -> str:
    """A page with ``text``, as it stands in the XML."""
    text = PROSE.format(number=number) if text is None else text
    return (
        f"  <page><title>Стаття {number}</title><ns>{ns}</ns><id>{number}</id>{extra}\n"
        f"    <revision><id>7{number}</id><timestamp>2020-01-01T00:00:00Z</timestamp>"
        f"<model>wikitext</model><text>{text}</text></revision></page>\n"
    )


def dump(*pages: str, dbname: str = "ukwiki") -> str:
    """A dump of the Ukrainian Wikipedia with the pages."""
    return HEADER.format(dbname=dbname) + "".join(pages) + "</mediawiki>\n"


def cut(path: Path, record: int = 256 << 20) -> list[object]:
    """What the reader finds in a dump."""
    limits = Limits(record=record)
    return list(cut_mediawiki(Source(path, path.name, None, limits, lambda consumed: None)))
