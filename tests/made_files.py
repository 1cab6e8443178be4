"""Files of offices, books, mail and archives, made by hand as small as they may be: what a test or a fuzz reads."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence

__all__ = ["core", "docx", "epub", "odt", "packed", "pdf", "pptx", "tarred"]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def packed(members: Mapping[str, bytes | str], stored: Sequence[str] = ()) -> bytes:
    """A zip archive of some members, those in ``stored`` not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes | str]) -> bytes:
    """A tar archive of some members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            content = data.encode() if isinstance(data, str) else data
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return buffer.getvalue()


def core(title: str = "", author: str = "", created: str = "") -> str:
    """The metadata of an Office Open XML package."""
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
        f"<dcterms:created>{created}</dcterms:created></cp:coreProperties>"
    )


def docx(body: str, styles: str = "", about: str = "", notes: str = "") -> bytes:
    """A file of Word with this body; ``w`` is bound."""
    names = f'xmlns:w="{_W}" xmlns:mc="mc" xmlns:a="{_A}"'
    members = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f'<w:styles xmlns:w="{_W}">{styles}</w:styles>',
    }
    if about:
        members["docProps/core.xml"] = about
    if notes:
        members["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{_W}">{notes}</w:footnotes>'
    return packed(members)


def odt(body: str, meta: str = "", styles: str = "", kind: str = "text") -> bytes:
    """A file of OpenDocument with this body; ``text``, ``table``, ``office``, ``draw``, ``presentation`` are bound."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("text", "table", "office", "draw", "presentation", "style", "meta")
    )
    more = f'{names} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fo="urn:fo"'
    members = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {more}><office:body>{body}</office:body></office:document-content>",
        "meta.xml": f"<office:document-meta {more}><office:meta>{meta}</office:meta></office:document-meta>",
        "styles.xml": f"<office:document-styles {more}>{styles}</office:document-styles>",
    }
    return packed(members, ["mimetype"])


def pptx(slides: Sequence[str], notes: Mapping[int, str], about: str = "") -> bytes:
    """A presentation whose files are numbered against their order; ``p`` and ``a`` are bound."""
    members = {"[Content_Types].xml": _TYPES}
    count = len(slides)
    relation = '<Relationship Id="r{0}" Target="{1}"/>'
    shown = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(count))
    names = f'xmlns:p="{_P}" xmlns:a="{_A}" xmlns:r="{_R}"'
    members["ppt/presentation.xml"] = f"<p:presentation {names}><p:sldIdLst>{shown}</p:sldIdLst></p:presentation>"
    rels = "".join(relation.format(n, f"slides/slide{count - n}.xml") for n in range(count))
    members["ppt/_rels/presentation.xml.rels"] = f"<Relationships>{rels}</Relationships>"
    for n, slide in enumerate(slides):
        members[f"ppt/slides/slide{count - n}.xml"] = f"<p:sld {names}>{slide}</p:sld>"
        if n in notes:
            link = relation.format(1, f"../notesSlides/notes{n}.xml")
            members[f"ppt/slides/_rels/slide{count - n}.xml.rels"] = f"<Relationships>{link}</Relationships>"
            members[f"ppt/notesSlides/notes{n}.xml"] = f"<p:notes {names}>{notes[n]}</p:notes>"
    if about:
        members["docProps/core.xml"] = about
    return packed(members)


def epub(chapters: Mapping[str, str], metadata: str, nav: str = "") -> bytes:
    """A book; its chapters lie in a folder and are named with what an address escapes."""
    items = "".join(
        f'<item id="c{n}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": f'<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>{metadata}</metadata><manifest>'
        f'<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>',
        "OPS/nav.xhtml": nav,
        **{f"OPS/{name}": text for name, text in chapters.items()},
    }
    return packed(members, ["mimetype"])


def pdf(pages: Sequence[Sequence[str]], about: str = "", root: str = "") -> bytes:
    """A PDF of lines in Helvetica, in Windows' Latin alphabet; a page without lines is as one that was scanned."""
    objects: list[bytes] = [b"", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    kids = []
    for lines in pages:
        said = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
        stream = zlib.compress(b"BT /F1 11 Tf 13 TL 60 780 Td\n" + said + b"ET" if lines else b"0 0 m 9 9 l S")
        objects.append(b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 %s >> >> >>" % (content, font)
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % root.encode()
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    objects.append(b"<< %s >>" % about.encode("cp1252"))
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, data in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, data)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
