"""MediaWiki dumps: headers of all kinds of wikis, pages with hostile wikitext, and XML that is none."""

from random import Random
from xml.sax.saxutils import escape

from hostile_texts import LANGUAGES, text, title
from hostile_wikitext import wikitext

__all__ = ["mediawiki"]

SPOILERS = (
    *(
        "&",
        "<",
        "]]>",
        "&#0;",
        "&#x110000;",
        "&#xD800;",
        "&nbsp;",
        "&" * 3_000,
        "<![CDATA[x",
        "<![CDATA[<a>]]>",
        "<!--",
        "-->",
    ),
    *(
        "<?x",
        "<?x y?>",
        "<page>",
        "</page>",
        "</text>",
        "</mediawiki>",
        "<mediawiki>",
        "\x01",
        "\x00",
        "\ufffe",
        "<a " * 500,
    ),
    *(
        "<a>" * 2_000,
        "<a b='" + "x" * 100_000 + "'/>",
        "<!DOCTYPE x>",
        "<text",
        "<a:b xmlns:a=''/>",
        "<" + "a" * 5_000 + ">",
    ),
    *(
        "<revision><text>x</text></revision>",
        "<text bytes='9' deleted='deleted' />",
        "<title>",
        "<ns>x</ns>",
        "<redirect/>",
    ),
)
DOCTYPE = (
    '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>\n'
)


def mediawiki(r: Random) -> bytes:
    """A dump, or several in a file, of up to 30 pages."""
    data = "".join(_dump(r) for _ in range(r.choice((1, 1, 1, 1, 2))))
    for _ in range(r.choice((0, 0, 0, 1, 2, 6))):
        place = r.randrange(len(data) + 1)
        data = data[:place] + r.choice(SPOILERS) + data[place:]
    encoding = r.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-16", "latin-1"))
    return data.encode(encoding, "xmlcharrefreplace")


def _dump(r: Random) -> str:
    start = r.choice(
        ("", "", '<?xml version="1.0"?>\n', '<?xml version="1.0" encoding="latin-1"?>\n', "\ufeff", DOCTYPE)
    )
    if start == DOCTYPE and r.random() < 0.7:
        start = ""
    lang = r.choice(LANGUAGES) if r.random() < 0.95 else r.choice(("", "x-zz", "mis"))
    name, base = f"{lang.replace('-', '_')}wiki", f"https://{lang}.wikipedia.org/wiki/X"
    if r.random() < 0.3:
        name = r.choice(("my_wiki", "commonswiki", "", title(r)))
        base = r.choice(("", "https://example.org/", "//[", "https://www.wikidata.org/", title(r)))
    spaces = "".join(
        f'<namespace key="{key}" case="first-letter">{escape(space)}</namespace>'
        for key, space in ((0, ""), (6, "Файл"), (14, "Категорія"), (r.choice((1, -1, 10**12, "x", "")), title(r)))
    )
    header = (
        f'<mediawiki xml:lang="{lang}" xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo>'
        f"<dbname>{escape(name)}</dbname><base>{escape(base)}</base><namespaces>{spaces}</namespaces></siteinfo>\n"
    )
    if r.random() < 0.1:
        header = "<mediawiki>\n"
    pages = "".join(_page(r, number) for number in range(r.choice((0, 1, 1, 3, 10, 30))))
    return start + header + pages + ("</mediawiki>\n" if r.random() < 0.95 else "")


def _page(r: Random, number: int) -> str:
    content = wikitext(r) if r.random() < 0.8 else text(r)
    if r.random() < 0.97:
        content = escape(content)
    space = r.choice((0, 0, 0, 0, 0, 0, 1, 14, "", "x", 10**30))
    name = escape(r.choice((f"Page {number}", title(r))))
    number_of = r.choice((number, 0, "", title(r))) if r.random() < 0.1 else number
    revision = (
        f"<revision><id>{number}</id><timestamp>2020-01-0{r.randint(1, 9)}T00:00:00Z</timestamp>"
        f"<model>{'wikitext' if r.random() < 0.95 else 'json'}</model>"
        f'<text xml:space="preserve">{content}</text></revision>'
    )
    again = r.choice((1, 1, 1, 1, 3))
    return f"<page><title>{name}</title><ns>{space}</ns><id>{escape(str(number_of))}</id>{revision * again}</page>\n"
