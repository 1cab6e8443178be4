"""Files of offices, books and mail are read for their running text, whatever else they hold."""

import json
from pathlib import Path

import pytest

from made_files import core, docx, epub, odt, packed, pdf, pptx
from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.sources.pdf import page_sections
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError


def read(tmp_path: Path, data: bytes | str, lang: str | None, name: str = "x.dat") -> tuple[IngestSummary, Corpus]:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    summary = ingest([path], tmp_path / "corpus", lang)
    return summary, Corpus.open(tmp_path / "corpus")


def texts(corpus: Corpus, lang: str) -> list[str]:
    return corpus.read(lang, ["text"])["text"].to_list()


def documents(corpus: Corpus, lang: str) -> list[dict[str, object]]:
    paths = sorted((corpus.path / lang).glob("*.documents.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-DE"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Meine"><w:name w:val="Meine"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:styleId="Verz"><w:name w:val="toc 1"/></w:style>
"""
BODY = """
<w:p><w:pPr><w:pStyle w:val="Verz"/></w:pPr><w:r><w:t>Das Haus 1</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Das Haus</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Das </w:t></w:r>
<w:ins><w:r><w:rPr><w:lang w:val="en-US"/></w:rPr><w:t>alte</w:t></w:r></w:ins>
<w:del><w:r><w:delText>neue</w:delText></w:r></w:del>
<w:r><w:tab/><w:t>Haus</w:t></w:r><w:hyperlink>
<w:r><w:t xml:space="preserve"> ist groß.</w:t></w:r></w:hyperlink>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>Unsichtbar.</w:t></w:r><w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r></w:p>
<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>
<w:p><w:r><w:t>Es hat drei Türen.</w:t></w:r></w:p></w:sdtContent></w:sdt>
<w:p><w:pPr><w:pStyle w:val="Meine"/></w:pPr><w:r><w:t>Der Garten</w:t></w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice>
<w:txbxContent><w:p><w:r><w:t>Ein Kasten steht hier.</w:t></w:r></w:p></w:txbxContent></mc:Choice>
<mc:Fallback>
<w:txbxContent><w:p><w:r><w:t>Ein Kasten steht hier.</w:t></w:r></w:p></w:txbxContent></mc:Fallback>
</mc:AlternateContent></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Bonn</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>1949</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
"""
NOTES = """<w:footnote w:type="separator"><w:p><w:r><w:t>xxx</w:t></w:r></w:p></w:footnote>
<w:footnote><w:p><w:r><w:t>Das steht unten.</w:t></w:r></w:p></w:footnote>"""


def test_word(tmp_path: Path) -> None:
    """Insertions, links, controls, boxes and notes are read; deletions, codes, contents and what old programs read not.

    Headings are told by the style, under whatever name; the language of most of the text is taken where nothing else
    says one.
    """
    summary, corpus = read(tmp_path, docx(BODY, STYLES, core("Ein Titel", "Ida", "2020-01-02T03:04:05Z"), NOTES), None)
    assert summary.sources[0].format == "docx"
    assert texts(corpus, "de") == [
        "Das alte Haus ist groß.",
        "Es hat drei Türen.",
        "Ein Kasten steht hier.",
        "Bonn | 1949",
        "Das steht unten.",
    ]
    (one,) = documents(corpus, "de")
    assert (one["title"], one["headings"]) == ("Das Haus", ["", "Der Garten", ""])
    assert one["meta"] == {"date": "2020-01-02T03:04:05Z", "author": "Ida"}


ODT = """<office:text><text:tracked-changes><text:p>Apagado.</text:p></text:tracked-changes>
<text:table-of-content><text:p>A casa 1</text:p></text:table-of-content>
<text:h text:outline-level="1">A casa</text:h>
<text:p>A <text:span>casa</text:span><text:s text:c="3"/>é<text:tab/>grande<office:annotation>
<text:p>Não.</text:p></office:annotation>.<text:note>
<text:note-citation>1</text:note-citation><text:note-body>
<text:p>Isto está em baixo.</text:p></text:note-body></text:note>
</text:p>
<text:h text:outline-level="2">O jardim</text:h><text:list><text:list-item>
<text:p>Tem flores.</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>Lisboa</text:p></table:table-cell><table:table-cell><text:p>1755</text:p>
</table:table-cell></table:table-row></table:table></office:text>"""


def test_opendocument(tmp_path: Path) -> None:
    """What was deleted, comments and contents go; notes stand behind the text; the language of the styles is a hint."""
    styles = '<style:default-style><style:text-properties fo:language="pt" fo:country="BR"/></style:default-style>'
    _, corpus = read(tmp_path, odt(ODT, "<dc:creator>Ana</dc:creator><dc:date>2021-05-06</dc:date>", styles), None)
    assert texts(corpus, "pt") == [
        "A casa é grande.",
        "Tem flores.",
        "Lisboa | 1755",
        "Isto está em baixo.",
    ]
    (one,) = documents(corpus, "pt")
    assert (one["title"], one["headings"]) == ("A casa", ["", "O jardim", ""])
    assert one["meta"] == {"date": "2021-05-06", "author": "Ana"}


def test_slides_of_opendocument(tmp_path: Path) -> None:
    """The title of a slide is the heading of its text."""
    page = (
        '<draw:page><draw:frame presentation:class="title"><text:p>{0}</text:p></draw:frame>'
        '<draw:frame presentation:class="outline"><text:p>{1}</text:p></draw:frame></draw:page>'
    )
    body = page.format("Primeiro", "Um texto.") + page.format("Segundo", "Outro texto.")
    _, corpus = read(tmp_path, odt(body, kind="presentation"), "pt")
    assert texts(corpus, "pt") == ["Um texto.", "Outro texto."]
    assert documents(corpus, "pt")[0]["headings"] == ["", "Segundo"]


def shape(text: str, kind: str = "") -> str:
    placeholder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else ""
    runs = "".join(f'<a:p><a:r><a:rPr lang="fr-FR"/><a:t>{line}</a:t></a:r></a:p>' for line in text.split("\n"))
    return f"<p:sp>{placeholder}<p:txBody>{runs}</p:txBody></p:sp>"


def test_presentations(tmp_path: Path) -> None:
    """Slides in the order in which they are shown, titles as headings, notes behind their slide, no page numbers."""
    slides = [
        shape("La mer", "title") + shape("La mer est bleue.\nElle est belle.") + shape("1", "sldNum"),
        shape("Le vent souffle."),
    ]
    data = pptx(
        slides, {0: shape("Dire bonjour à tous.", "body") + shape("1", "sldNum")}, core("PowerPoint Presentation")
    )
    _, corpus = read(tmp_path, data, None)
    assert texts(corpus, "fr") == ["La mer est bleue.", "Elle est belle.", "Dire bonjour à tous.", "Le vent souffle."]
    assert corpus.read("fr", ["section"])["section"].to_list() == [0, 0, 0, 1]
    assert documents(corpus, "fr")[0]["title"] == "La mer"


CHAPTER = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><a id="c"/><h1>{0}</h1><p>{1}</p></body></html>"""


def test_books(tmp_path: Path) -> None:
    """A book is one document in its own language, its chapters sections; contents are none of its text."""
    metadata = (
        "<dc:title>O livro</dc:title><dc:creator>Ana</dc:creator><dc:creator>Rui</dc:creator>"
        "<dc:language>pt-BR</dc:language><dc:identifier>urn:isbn:1</dc:identifier>"
    )
    links = '<html><body><p><a href="a">Primeiro capítulo</a></p></body></html>'
    chapters = {
        "contents.xhtml": links,
        "um dois.xhtml": CHAPTER.format("Um", "O gato dorme."),
        "z.xhtml": CHAPTER.format("Dois", "O cão ladra."),
    }
    summary, corpus = read(tmp_path, epub(chapters, metadata, links), None)
    assert (summary.sources[0].format, summary.sources[0].warnings) == ("epub", [])
    assert texts(corpus, "pt") == ["O gato dorme.", "O cão ladra."]
    (one,) = documents(corpus, "pt")
    assert (one["title"], one["headings"]) == ("O livro", ["Um", "Dois"])
    assert one["meta"] == {"author": "Ana, Rui", "identifier": "urn:isbn:1"}


LINE = "Esta linha é tão longa como as linhas de um livro costumam ser, e"
PAGES = [
    [
        "O livro da Ana",
        LINE,
        "continua na linha seguinte, onde está uma palavra partida ao me-",
        "io e acaba.",
        "A frase",
        "1",
    ],
    ["O livro da Ana", "seguinte passa para outra página.", LINE, "acaba.", "2"],
    ["O livro da Ana", "Fim.", "3"],
]


def test_pdf(tmp_path: Path) -> None:
    """Pages are sections, lines are joined, broken words and sentences are whole, heads and numbers of pages go."""
    about = "/Title (O livro) /Author (Ana) /CreationDate (D:20200102030405Z)"
    summary, corpus = read(tmp_path, pdf(PAGES, about, "/Lang (pt-PT)"), None)
    assert summary.sources[0].format == "pdf"
    assert texts(corpus, "pt") == [
        f"{LINE} continua na linha seguinte, onde está uma palavra partida ao meio e acaba.",
        "A frase seguinte passa para outra página.",
        f"{LINE} acaba.",
        "Fim.",
    ]
    (one,) = documents(corpus, "pt")
    assert (one["title"], one["headings"]) == ("O livro", ["p. 1", "p. 2", "p. 3"])
    assert one["meta"] == {"date": "2020-01-02", "author": "Ana"}


def test_a_scanned_pdf_is_named_as_such(tmp_path: Path) -> None:
    """Pages without a letter have no text layer; the file is dropped and named, no error of the others."""
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "scan.pdf").write_bytes(pdf([[], []]))
    (tmp_path / "all" / "um.txt").write_text("Um texto.", encoding="utf-8")
    summary = ingest([tmp_path / "all"], tmp_path / "corpus", "pt")
    assert "scan.pdf: no text layer: 1 records skipped (scan.pdf: it is scanned, or drawn)" in summary.warnings
    assert summary.counts["pt"]["documents"] == 1


def test_running_heads_need_pages() -> None:
    """Two pages that begin alike keep their lines; a number alone on a page is that of the page."""
    found = page_sections([["Alfa alfa.", "Um um um."], ["Alfa alfa.", "Dois dois."], ["7"]])
    assert [(section.title, section.paragraphs) for section in found] == [
        ("p. 1", ("Alfa alfa.\nUm um um.",)),
        ("p. 2", ("Alfa alfa.\nDois dois.",)),
    ]


RTF = r"""{\rtf1\ansi\ansicpg1252\deflang1046{\fonttbl{\f0 Arial;}}{\info{\title O gato}}
\f0 O gato dorme ao sol. \b Ele sonha.\b0\par A casa \'e9 grande.\par}"""


def test_rich_text(tmp_path: Path) -> None:
    """Without its formatting; its title and the language that its program writes are known."""
    _, corpus = read(tmp_path, RTF, None)
    assert texts(corpus, "pt") == ["O gato dorme ao sol.", "Ele sonha.", "A casa é grande."]
    assert documents(corpus, "pt")[0]["title"] == "O gato"


MAIL = """Return-Path: <ana@example.org>
From: =?utf-8?q?Ana_S=C3=A1?= <ana@example.org>
To: rui@example.org
Subject: =?utf-8?b?TyBnYXRvIGRvcm1l?=
Date: Thu, 02 Jan 2020 23:30:00 -0300
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: multipart/alternative; boundary="y"

--y
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

O gato =E9 grande,
e dorme.

> Como est=E1 o gato?

Rui, at=E9 logo.
--=20
Ana, rua da Paz
--y
Content-Type: text/html; charset=utf-8

<p>Isto n&atilde;o.</p>
--y--
--x
Content-Type: image/png
Content-Disposition: attachment; filename=a.png

iVBORw0KGgo=
--x--
"""
PAGE_MAIL = """From: Rui <rui@example.org>
Subject: Uma carta
Date: nunca
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><p>A carta <b>chegou</b>.</p></body></html>
"""


def test_mail(tmp_path: Path) -> None:
    """The plain text without quotations and signature; subject, sender and day; attachments are said."""
    summary, corpus = read(tmp_path, MAIL, "pt")
    assert summary.sources[0].format == "mail"
    assert summary.sources[0].warnings == ["attachments are not read"]
    assert texts(corpus, "pt") == ["O gato é grande, e dorme.", "Rui, até logo."]
    (one,) = documents(corpus, "pt")
    assert (one["document"], one["title"]) == ("1@example.org", "O gato dorme")
    assert one["meta"] == {"date": "2020-01-03", "author": "Ana Sá"}


def test_boxes_of_mail(tmp_path: Path) -> None:
    """A message begins where a blank line and a line of its sender are; one whose text is a page is read as one."""
    begin = "From ana@example.org Thu Jan  2 23:30:00 2020\n"
    spoken = PAGE_MAIL.replace("A carta", "Na praia.\n>From Lisboa Lá 1999 a carta")
    summary, corpus = read(tmp_path, f"{begin}{MAIL}\n{begin}{spoken}\n", "pt")
    assert (summary.sources[0].format, summary.sources[0].kept) == ("mbox", 2)
    assert texts(corpus, "pt")[2:] == ["Na praia.", "From Lisboa Lá 1999 a carta chegou."]
    assert documents(corpus, "pt")[1]["meta"] == {"author": "Rui"}


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (packed({"[Content_Types].xml": "", "word/document.xml": BOMB + "<x>&b;</x>"}), "declares entities"),
        (packed({"[Content_Types].xml": "", "word/document.xml": "<x><y></x>"}), "is no XML"),
        (packed({"mimetype": "application/epub+zip", "a": "b"}, ["mimetype"]), "no part of it lists its chapters"),
        (pdf(PAGES)[:300], "not readable as PDF"),
    ],
)
def test_a_file_that_is_damaged_is_named(data: bytes, message: str, tmp_path: Path) -> None:
    """Or that would be a bomb; it costs itself."""
    path = tmp_path / "x.dat"
    path.write_bytes(data)
    summary = ingest([path], tmp_path / "corpus", "pt")
    assert summary.sources[0].dropped == {"damaged": 1}
    assert message in summary.warnings[0]


def test_what_a_document_expands_to_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that would be larger than all parts may be together is not read further."""
    monkeypatch.setattr("sprachbund.corpus.sources.packages.LARGEST_PARTS", 1 << 20)
    (tmp_path / "x.docx").write_bytes(docx(" " * (1 << 21)))
    summary = ingest([tmp_path / "x.docx"], tmp_path / "corpus", "pt")
    assert "its parts expand beyond 1,048,576 bytes" in summary.warnings[0]


def test_spreadsheets_are_passed_over(tmp_path: Path) -> None:
    """A workbook has no running text; named, the error says what to do."""
    path = tmp_path / "x"
    path.write_bytes(packed({"[Content_Types].xml": "", "xl/workbook.xml": "<x/>"}))
    with pytest.raises(SourceError, match="a workbook of Excel; save its sheets as csv"):
        ingest([path], tmp_path / "corpus")


def test_what_needs_the_extra_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that reads it, a PDF is passed over in a folder and refused by name, with the way to it."""
    monkeypatch.setattr("sprachbund.corpus.sources.detect.find_spec", lambda name: None)
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "a.pdf").write_bytes(pdf(PAGES))
    (tmp_path / "all" / "b.txt").write_text("Um texto.", encoding="utf-8")
    summary = ingest([tmp_path / "all"], tmp_path / "corpus", "pt")
    assert summary.passed == {"PDF files (pip install 'sprachbund[files]' reads them)": 1}
    with pytest.raises(SourceError, match=r"a PDF file; pip install 'sprachbund\[files\]' reads it"):
        ingest([tmp_path / "all" / "a.pdf"], tmp_path / "other")
