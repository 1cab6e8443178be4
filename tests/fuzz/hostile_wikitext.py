"""Wikitext with every construct, closed, unclosed and inside each other, and runs of their marks by the thousand."""

from random import Random

from hostile_texts import prose, repeats, text

__all__ = ["wikitext"]

PAIRS = (
    *(("{{", "}}"), ("{{{", "}}}"), ("[[", "]]"), ("[http://x ", "]"), ("{|\n", "\n|}"), ("<!--", "-->"), ("-{", "}-")),
    *(
        ("<ref>", "</ref>"),
        ('<ref name="a">', "</ref>"),
        ("<nowiki>", "</nowiki>"),
        ("<math>", "</math>"),
        ("''", "''"),
    ),
    *(("<pre>", "</pre>"), ("<div style='display:none'>", "</div>"), ("<span class=x>", "</span>"), ("'''", "'''")),
    *(("<gallery>\n", "\n</gallery>"), ("[[File:a.jpg|thumb|", "]]"), ("[[Категорія:", "]]"), ("[[:en:", "|y]]")),
    *(
        ("\n== ", " ==\n"),
        ("\n=", "=\n"),
        ("<syntaxhighlight lang=c>", "</syntaxhighlight>"),
        ("<table><tr><td>", "</td>"),
    ),
    *(("{{lang|pt|", "}}"), ("{{Infobox\n|a=", "\n}}"), ("<noinclude>", "</noinclude>"), ("<includeonly>", "")),
    *(
        ("<sub>", "</sub>"),
        ("<small>", "</small>"),
        ("<poem>", "</poem>"),
        ("<blockquote>", "</blockquote>"),
        ("&#", ";"),
    ),
)
SINGLE = (
    *(
        "<references/>",
        "<br>",
        "<br/>",
        "<ref name=a/>",
        "----\n",
        "~~~~",
        "__NOTOC__",
        "|",
        "||",
        "|-\n",
        "! ",
        "\n* ",
    ),
    *("\n# ", "\n: ", "\n; ", "&nbsp;", "&amp;lt;", "&#x1F600;", "&#0;", "&#xD800;", "&unknown;", "#REDIRECT [[x]]"),
    *(
        "<",
        ">",
        "</",
        "<a b='",
        '<a href="',
        "[[",
        "]]",
        "{{",
        "}}",
        "{|",
        "|}",
        "<!--",
        "-->",
        "[http://",
        "<ref",
        "'",
    ),
    *("''''", "'''''", "-{", "}-", "{{{", "[[File:", "[[a|", "{{a|", "{{a|b=", "<math", "</ref>", "</div>", "=", "=="),
    *(
        "<nowiki/>",
        "{{!}}",
        "{{=}}",
        "{{DEFAULTSORT:x}}",
        "[[a]]b",
        "[[a|]]",
        "[[|a]]",
        "[[a#b|c]]",
        "[[a:b:c]]",
        "ISBN 1",
    ),
    *(
        "http://example.org/x?y=1",
        "<hr",
        "<!",
        "<?",
        "<![CDATA[",
        "]]>",
        "\x00",
        "\x7fUNIQ",
        "\u2028",
        "\n \n",
        "\n  x",
    ),
)


def wikitext(r: Random, depth: int = 4) -> str:
    """A page: prose with constructs in it."""
    return "".join(_piece(r, depth) for _ in range(r.randint(1, 8)))


def _piece(r: Random, depth: int) -> str:
    kind = r.random()
    if kind < 0.3:
        return prose(r, r.randint(1, 4)) + r.choice(("", "\n", "\n\n", " "))
    if kind < 0.55 and depth > 0:
        opening, closing = r.choice(PAIRS)
        inside = _piece(r, depth - 1) + r.choice(("", "|", "=", "\n|", ":")) + _piece(r, depth - 1)
        return opening + inside + (closing if r.random() < 0.85 else "")
    if kind < 0.75:
        return "".join(r.choice(SINGLE) for _ in range(r.randint(1, 6)))
    if kind < 0.85:
        return _many(r)
    if kind < 0.9:
        return repeats(r, SINGLE, 20_000)
    return text(r, 1)


def _many(r: Random) -> str:
    """A construct again and again: one after another, or inside each other, closed or left open."""
    opening, closing = r.choice(PAIRS)
    count = r.choice((5, 60, 1_000, 10_000))
    inside = r.choice(("", "x", "a|b", prose(r, 1)[:20]))
    count = max(1, min(count, 300_000 // (len(opening) + len(inside) + len(closing) + 1)))
    form = r.random()
    if form < 0.4:
        return (opening + inside + closing + r.choice(("", " ", "\n"))) * count
    if form < 0.7:
        return opening * count + inside + closing * count
    return (opening + inside) * count
