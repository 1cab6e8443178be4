"""A folder of every format, in eight languages, as a person would have it: one command, and each is found."""

import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest

from made_files import core, docx, epub, odt, packed, pdf, pptx, tarred
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.formats import FORMATS
from sprachbund.corpus.store import Corpus

TEXTS = {
    "pt": "O gato dorme ao sol enquanto a chuva cai sobre o mar. A cidade acorda devagar e as ruas enchem-se de gente.",
    "es": "El gato duerme al sol mientras la lluvia cae sobre el mar. La ciudad despierta despacio y todo vive.",
    "de": "Die Katze schläft in der Sonne, während der Regen auf das Meer fällt. Die Stadt wacht langsam auf.",
    "fr": "Le chat dort au soleil pendant que la pluie tombe sur la mer. La ville se réveille lentement et tout vit.",
    "it": "Il gatto dorme al sole mentre la pioggia cade sul mare. La città si sveglia lentamente e tutto vive.",
    "tr": "Kedi güneşte uyurken yağmur denizin üzerine yağıyor. Şehir yavaş yavaş uyanıyor ve her yer doluyor.",
    "uk": "Кіт спить на сонці, поки дощ падає на море. Місто повільно прокидається, і вулиці наповнюються людьми.",
    "el": "Η γάτα κοιμάται στον ήλιο ενώ η βροχή πέφτει πάνω στη θάλασσα. Η πόλη ξυπνά αργά και οι δρόμοι γεμίζουν.",
}


def _word(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _parquet(text: str) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"id": ["parquet"], "body": [text], "price": [1.5]}).write_parquet(buffer)
    return buffer.getvalue()


def _slide(text: str) -> str:
    return f"<p:sp><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp>"


def _lines(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[:10]), " ".join(words[10:])]


MAIL = (
    "From: Ana <a@example.org>\nTo: b\nDate: Thu, 02 Jan 2020 10:00:00 +0000\nSubject: Uma carta\nMIME-Version: 1.0\n"
)
MAIL += "Content-Type: text/plain; charset=utf-8\n\n"
MBOX = "From a@example.org Thu Jan  2 10:00:00 2020\n"
XML = (
    '<mediawiki xml:lang="de"><siteinfo><dbname>dewiki</dbname><base>https://de.wikipedia.org/wiki/X</base></siteinfo>'
    "<page><title>Katze</title><ns>0</ns><id>1</id><revision><id>2</id><model>wikitext</model><text>{0}</text>"
    "</revision></page></mediawiki>"
)
FILES: dict[str, tuple[str, str, bytes | str]] = {
    "text": ("uk", "letters/plain.txt", TEXTS["uk"]),
    "html": ("pt", "saved/page.html", f"<!doctype html><nav><a>Menu</a></nav><p>{TEXTS['pt']}</p>"),
    "markdown": ("de", "notes.md", f"# Notiz\n\n{TEXTS['de']}\n"),
    "docx": ("fr", "office/lettre.docx", docx(_word(TEXTS["fr"]), about=core("Lettre"))),
    "odt": ("it", "office/testo.odt", odt(f"<office:text><text:p>{TEXTS['it']}</text:p></office:text>")),
    "pptx": ("es", "office/charla.pptx", pptx([_slide(TEXTS["es"])], {})),
    "epub": (
        "el",
        "books/β.epub",
        epub({"a.xhtml": f"<html><p>{TEXTS['el']}</p></html>"}, "<dc:language>el</dc:language>"),
    ),
    "pdf": ("pt", "papers/artigo.pdf", pdf([_lines(TEXTS["pt"].replace("gato", "cão"))])),
    "rtf": ("es", "old/carta.rtf", "{\\rtf1\\ansi " + TEXTS["es"].replace("gato", "perro") + "\\par}"),
    "mail": ("fr", "post/une.eml", MAIL + TEXTS["fr"].replace("chat", "chien")),
    "mbox": ("it", "post/box", MBOX + MAIL + TEXTS["it"].replace("gatto", "cane")),
    "subtitles": ("de", "film.srt", f"1\n00:00:01,000 --> 00:00:09,000\n{TEXTS['de'].replace('Katze', 'Maus')}\n"),
    "notebook": (
        "tr",
        "work.ipynb",
        json.dumps({"cells": [{"cell_type": "markdown", "source": TEXTS["tr"]}], "nbformat": 4}),
    ),
    "table": ("tr", "rows.csv", f'key,body,price\ncsv,"{TEXTS["tr"].replace("Kedi", "Köpek")}",2\n'),
    "json": ("uk", "rows.json", json.dumps([{"key": "json", "body": TEXTS["uk"].replace("Кіт", "Пес")}])),
    "wikipedia-jsonl": (
        "el",
        "corpus.jsonl",
        json.dumps({"_id": "b", "text": TEXTS["el"].replace("γάτα", "αλεπού")}) + "\n",
    ),
    "wikipedia-parquet": ("es", "table.parquet", _parquet(TEXTS["es"].replace("gato", "pájaro"))),
    "sections-jsonl": ("pt", "own.jsonl.gz", b""),
    "segment-wiki-jsonl": ("de", "gensim.jsonl", ""),
    "mediawiki-xml": ("de", "dump.xml", XML.format(TEXTS["de"].replace("Katze", "Ziege"))),
    "archive": ("fr", "box.zip", packed({"a/un.txt": TEXTS["fr"].replace("chat", "lapin")})),
}
_OWN = {"id": "own", "sections": [{"title": "", "paragraphs": [TEXTS["pt"].replace("gato", "cavalo")]}]}
FILES["sections-jsonl"] = ("pt", "own.jsonl.gz", gzip.compress((json.dumps(_OWN) + "\n").encode()))
_GENSIM = {"title": "Hund", "section_titles": ["Introduction"], "section_texts": [TEXTS["de"].replace("Katze", "Kuh")]}
FILES["segment-wiki-jsonl"] = ("de", "gensim.jsonl", json.dumps(_GENSIM) + "\n")
NO_TEXT: dict[str, bytes] = {
    "photos/a.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "run.sh": b"#!/bin/sh\necho no\n",
    "sheet.xlsx": packed({"[Content_Types].xml": "", "xl/workbook.xml": "<x/>"}),
    "scan.pdf": pdf([[]]),
    "empty.txt": b"",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, with what has no text among the rest."""
    place = tmp_path_factory.mktemp("any")
    files = {name: data for _, name, data in FILES.values()} | NO_TEXT
    files["more.tar.gz"] = gzip.compress(tarred({"dos.txt": TEXTS["es"].replace("gato", "caballo")}))
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return place


def test_no_format_is_missing_here() -> None:
    """Whoever adds a format adds it to this folder."""
    assert set(FILES) == set(FORMATS)


def test_a_folder_of_every_format_is_read(folder: Path, tmp_path: Path) -> None:
    """Each as its own format, in its own language, without a word about languages; what has no text is counted."""
    summary = ingest([folder], tmp_path / "corpus")
    corpus = Corpus.open(tmp_path / "corpus")
    found = {one.name: (one.format, sorted(one.languages)) for one in summary.sources}
    for format_name, (lang, name, _) in FILES.items():
        assert found[name] == (format_name, [lang]), name
    assert corpus.languages == tuple(sorted(TEXTS))
    assert summary.passed == {"code and settings": 1, "images": 1, "spreadsheets": 1}
    assert {one.name for one in summary.sources if not one.kept} == {"scan.pdf", "empty.txt"}
    for lang, text in TEXTS.items():
        first = text.partition(".")[0]
        assert any(first.split()[-1] in said for said in corpus.read(lang, ["text"])["text"])


def test_a_folder_that_was_read_is_not_read_again(folder: Path, tmp_path: Path) -> None:
    """The same command skips all that it has."""
    ingest([folder], tmp_path / "corpus")
    again = ingest([folder], tmp_path / "corpus")
    assert all(one.skipped or not one.kept for one in again.sources)
