"""Documents of people, and what breaks their readers: pages, office files, books, PDF, mail, tables, archives."""

import json
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from hostile_texts import LANGUAGES, prose, text, title
from hostile_xml import DOCTYPE, SPOILERS

sys.path.append(str(Path(__file__).parents[1]))  # made_files, which the tests of the readers have too
from made_files import core, docx, epub, odt, packed, pdf, pptx, tarred

__all__ = ["archive", "mail", "office", "other", "page", "portable", "table"]

TAGS = (
    "p",
    "div",
    "h1",
    "h2",
    "li",
    "ul",
    "table",
    "tr",
    "td",
    "a href=x",
    "nav",
    "main",
    "article",
    "span",
    "b",
    "br/",
)
ATTRIBUTES = (
    "",
    "",
    "",
    " hidden",
    " lang=xx",
    " class='menu'",
    " class='" + "nav-" * 500 + "'",
    " style='display:none'",
)
DEEP = (1, 1, 1, 2, 30, 3_000)


def page(r: Random) -> bytes:
    """HTML whose elements are nested, crossed, never closed; or Markdown that nests as deep."""
    if r.random() < 0.35:
        return markdown(r).encode()
    parts = [
        r.choice(("<!DOCTYPE html>", "<html>", f"<html lang={r.choice(LANGUAGES)}>", "<?xml version='1.0'?><html>"))
    ]
    for _ in range(r.randint(1, 25)):
        tag = r.choice(TAGS)
        opening = f"<{tag}{r.choice(ATTRIBUTES)}>" * r.choice(DEEP)
        parts += [opening, escaped(r), f"</{tag.split()[0]}>" if r.random() < 0.7 else ""]
    charset = r.choice(("utf-8", "utf-8", "windows-1252", "koi8-r", "utf-7", "idna", "zlib", "hex", "x" * 40, "\0"))
    parts.insert(1, f"<meta charset={charset}><title>{escaped(r)[:100]}</title>")
    return "".join(parts).encode("utf-8", "replace")


def markdown(r: Random) -> str:
    """Markdown with marks by the thousand."""
    marks = (
        "#",
        ">",
        "*",
        "-",
        "`",
        "```",
        "    ",
        "[",
        "](",
        "|",
        "---\n",
        "<b>",
        "~~~",
        "1. ",
        "\\",
        "![",
        "<!--",
        "&amp;",
    )
    front = "---\nlang: pt\ntitle: x\n---\n" if r.random() < 0.3 else ""
    lines = [r.choice(marks) * r.choice(DEEP) + text(r, 1)[:2_000] for _ in range(r.randint(1, 20))]
    return front + "# Um\n\n" + r.choice(("\n", "\n\n")).join(lines)


def escaped(r: Random) -> str:
    """Text for XML, most times well-formed."""
    said = text(r, 2)[:5_000]
    return r.choice(SPOILERS) if r.random() < 0.03 else escape("".join(c for c in said if c >= " " or c in "\t\n"))


def office(r: Random) -> bytes:
    """A file of an office or a book, whose XML, parts or archive is not what it should be."""
    made = r.choice((_word, _word, _opendocument, _slides, _book))(r)
    return (
        packed({"[Content_Types].xml": "", "word/document.xml": DOCTYPE + "<x>&c;</x>"}) if r.random() < 0.03 else made
    )


def _word(r: Random) -> bytes:
    paragraph = "<w:p><w:pPr><w:pStyle w:val='{0}'/></w:pPr><w:r><w:t>{1}</w:t></w:r></w:p>"
    wrap = ("w:ins", "w:del", "w:tbl", "w:tr", "w:tc", "w:sdt", "mc:Fallback", "w:p", "w:txbxContent", "w:r", "w:rPr")
    body = []
    for _ in range(r.randint(1, 15)):
        inner = paragraph.format(r.choice(("a", "b", "c", "")), escaped(r))
        tag, depth = r.choice(wrap), r.choice(DEEP)
        body.append(inner if r.random() < 0.5 else f"<{tag}>" * depth + inner + f"</{tag}>" * depth)
    # styles that are based on each other in a ring
    styles = "".join(
        f'<w:style w:styleId="{name}"><w:name w:val="{called}"/><w:basedOn w:val="{above}"/>'
        f'<w:outlineLvl w:val="{level}"/></w:style>'
        for name, called, above, level in (("a", "heading 1", "b", 0), ("b", "x", "c", 99), ("c", "y", "b", "z"))
    )
    return docx("".join(body), styles, core(escape(prose(r, 1)), "x", "2020"), "")


def _opendocument(r: Random) -> bytes:
    wrap = (
        "text:section",
        "table:table-row",
        "table:table-cell",
        "text:note",
        "office:annotation",
        "draw:frame",
        "text:h",
    )
    body = []
    for _ in range(r.randint(1, 15)):
        level = r.choice(("1", "2", "0", "-1", "x", "9" * 50, "²"))
        inner = f'<text:h text:outline-level="{level}">{escaped(r)[:200]}</text:h>'
        inner += f'<text:p>{escaped(r)}<text:s text:c="{level}"/></text:p>'
        tag, depth = r.choice(wrap), r.choice(DEEP)
        body.append(inner if r.random() < 0.5 else f"<{tag}>" * depth + inner + f"</{tag}>" * depth)
    return odt(
        "".join(body), f"<dc:language>{r.choice(LANGUAGES)}</dc:language>", kind=r.choice(("text", "presentation"))
    )


def _slides(r: Random) -> bytes:
    shape = '<p:sp><p:nvPr><p:ph type="{0}"/></p:nvPr><a:p><a:r><a:t>{1}</a:t></a:r></a:p></p:sp>'
    kinds = ("title", "body", "sldNum", "x")
    slides = ["".join(shape.format(r.choice(kinds), escaped(r)) for _ in range(3)) for _ in range(r.randint(1, 6))]
    return pptx(slides, {0: shape.format("body", escaped(r))}, core())


def _book(r: Random) -> bytes:
    chapters = {f"c {n}.xhtml": page(r).decode("utf-8", "replace") for n in range(r.randint(0, 4))}
    said = f"<dc:title>{escape(prose(r, 1))}</dc:title><dc:language>{r.choice((*LANGUAGES, 'und', 'x'))}</dc:language>"
    return epub(chapters, said, "<html/>")


def portable(r: Random) -> bytes:
    """A PDF of honest and odd lines, or Rich Text."""
    if r.random() < 0.25:
        words = (
            *("\\par ", "\\b ", "{", "}", "\\'e9", "\\u233?", "\\bin9 ", "\\", "\\deflang1046", "\\*", "\\ansicpg9"),
            prose(r, 1),
        )
        return b"{\\rtf1\\ansi " + "".join(r.choice(words) for _ in range(r.choice((5, 200, 5_000)))).encode() + b"}"
    pages = [
        [line.encode("cp1252", "replace").decode("cp1252", "replace")[:200] for line in text(r, 2).split("\n")[:40]]
        for _ in range(r.randint(0, 6))
    ]
    safe = [[line.encode("cp1252", "ignore").decode("cp1252") for line in lines] for lines in pages]
    return pdf(
        safe,
        r.choice(("", "/Title (x)", "/Title 5", "/CreationDate (D:9999)")),
        r.choice(("", "/Lang (pt)", "/Lang 3")),
    )


def mail(r: Random) -> bytes:
    """A message, or a box of them: headers that are none, parts in parts, encodings that are not what they say."""
    count = r.choice((1, 1, 1, 3, 40))
    messages = [_message(r) for _ in range(count)]
    return (
        messages[0] if count == 1 else b"".join(b"From a@b Thu Jan  2 03:04:05 2020\n%s\n\n" % one for one in messages)
    )


def _message(r: Random) -> bytes:
    charset = r.choice(("utf-8", "utf-8", "iso-8859-1", "x-none", "idna", "\xff", "us-ascii"))
    body = text(r, 2)[:4_000].encode("utf-8", "replace")
    code = r.choice(("8bit", "base64", "quoted-printable", "x-none"))
    data = b64encode(body) if code == "base64" else body
    date = r.choice(("Thu, 02 Jan 2020 23:30:00 -0300", "x", "Thu, 99 Jan 99999 99:99:99 +9999", ""))
    subject = r.choice((prose(r, 1)[:60].replace("\n", " "), "=?utf-8?b?////?=", "=?x?q?a?=", "=?" * 500, ""))
    kind = r.choice(("text/plain", "text/html", "multipart/mixed; boundary=x", "message/rfc822", "/", "image/png"))
    head = f"From: {title(r)!r} <a@b>\nDate: {date}\nSubject: {subject}\nTo: b\nMessage-ID: <{r.random()}@x>\n"
    head += f"MIME-Version: 1.0\nContent-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {code}\n\n"
    parts = b"--x\nContent-Type: text/plain\n\n%s\n" % data
    return head.encode("utf-8", "replace") + (parts * r.choice(DEEP) + b"--x--\n" if "boundary" in kind else data)


def table(r: Random) -> bytes:
    """Values parted by one mark or several, with quotation marks in the wrong places; or JSON as one value."""
    names = r.sample(("text", "Body", "title", "id", "lang", "", "x", "date", "URL", "text"), r.randint(1, 8))
    names[0] = r.choice(("text", "body", "x"))
    rows = [[text(r, 1)[:1_000] for _ in names] for _ in range(r.choice((0, 1, 5, 200)))]
    if r.random() < 0.3:
        values = [dict(zip(names, row, strict=True)) for row in rows]
        value = r.choice(
            (values, {"rows": values, "text": "x"}, values[0] if values else {}, [values], [1, {"text": "Um."}])
        )
        return json.dumps(value, indent=r.choice((None, 1)), ensure_ascii=r.random() < 0.5).encode("utf-8", "replace")
    mark = r.choice((",", ";", "\t", "|"))
    quote = r.choice(('"', '"', "", "'"))
    lines = [mark.join(names), *(mark.join(quote + cell.replace('"', '""') + quote for cell in row) for row in rows)]
    return r.choice(("\n", "\r\n", "\r")).join(lines).encode("utf-8", "replace")


def other(r: Random) -> bytes:
    """Subtitles and notebooks."""
    if r.random() < 0.5:
        cells = [
            {
                "cell_type": r.choice(("markdown", "code", "heading", 5)),
                "source": r.choice((markdown(r), [markdown(r)], 7, None)),
            }
        ]
        book = {
            "cells": r.choice((cells, cells * 20, 5, None, [7])),
            "nbformat": 4,
            "worksheets": r.choice((None, [], 5)),
        }
        return json.dumps(book).encode("utf-8", "replace")
    times = (
        "00:00:01,000 --> 00:00:02,500",
        "0:1.0-->9:9.9",
        "99999:99:99,999 --> 0",
        "-->",
        "00:00:01.000 --> 00:00:02.500 a:b",
    )
    cues = [f"{n}\n{r.choice(times)}\n{text(r, 1)[:500]}\n" for n in range(r.choice((1, 10, 300)))]
    return (
        r.choice(("WEBVTT\n\n", "WEBVTT x\nLanguage: pt\n\n", "")) + f"1\n{times[0]}\nUma frase.\n\n" + "\n".join(cues)
    ).encode("utf-8", "replace")


DOCUMENTS: tuple[Callable[[Random], bytes], ...] = (page, office, portable, mail, table, other)


def archive(r: Random, depth: int = 1) -> bytes:
    """A zip or tar archive of documents, under names that lead elsewhere, and of archives."""
    names = (
        "a.txt",
        "b/c.md",
        "../../d.html",
        "/e.csv",
        "f.zip",
        ".g",
        "__MACOSX/h",
        "i.png",
        "j\n.txt",
        "k" * 200,
        "\u202el",
        "m.py",
    )
    members = {name: r.choice(DOCUMENTS)(r) for name in r.sample(names, r.randint(0, 5))}
    if depth < 5 and r.random() < 0.5:
        members["inner"] = archive(r, depth + 1)
    return packed(members) if r.random() < 0.6 else tarred(members)
