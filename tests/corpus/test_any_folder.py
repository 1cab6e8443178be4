"""A folder as people have it: texts of many formats among files that have no text."""

import json
from pathlib import Path

import pytest

from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError

PAGE = """<!DOCTYPE html>
<html lang="pt"><head><title>O gato - Blogue da Ana</title><meta name="author" content="Ana Sá">
<link rel="canonical" href="https://example.org/gato"><meta property="article:published_time" content="2020-01-02">
<style>p { color: red }</style></head>
<body class="has-sidebar"><nav><a href="/">Início</a></nav>
<ul><li><a href="/p">Política</a></li><li><a href="/c">Cultura</a></li></ul>
<h1>O gato</h1><p>O gato <a href="/x">dorme</a> ao sol.<br>Ele sonha.<br><br>Chove
lá fora<script>var a = "não";</script>.</p>
<h2>A casa</h2><div>A casa é <b>grande</b>.<p>Tem um jardim.</div>
<table><tr><td>Lisboa<td>1755<tr><td>Porto<td>1832</table>
<table><tr><td><p>Um texto que está numa tabela.</p><p>E mais outro.</p></td></tr></table>
<div class="left sidebar"><p>Isto está ao lado.</p></div><p hidden>Isto não se vê.</p>
<div role="navigation"><p>Isto leva para longe.</p></div>
<footer><p>Isto está em baixo.</p></footer></body></html>
"""
MARKDOWN = """---
title: "Das Haus"
lang: de
author: Ida
---
# Das Haus

Das *Haus* ist [groß](http://example.org).
Es hat `drei` Türen.

```python
print("Das ist kein Satz.")
```

    auch_das_nicht()

## Garten

* Hier stehen Bäume.
* Hier wachsen Blumen.

| Ort | Jahr |
|-----|------|
| Bonn | 1949 |

<p>Ein <b>Absatz</b> in HTML.</p><script>nichts()</script>
"""
SUBRIP = """1\r
00:00:01,000 --> 00:00:02,500\r
<i>Il gatto dorme</i>\r
\r
2\r
00:00:02,600 --> 00:00:04,000\r
{\\an8}al sole.\r
\r
3\r
00:00:20,000 --> 00:00:22,000\r
- Piove?\r
- Sì, piove.\r
"""
WEBVTT = """WEBVTT Kind: captions
Language: es

NOTE Esto no se lee.

intro
00:01.000 --> 00:03.000 align:start
<v Ana>El gato &amp; el perro

00:03.000 --> 00:05.000
<c.yellow>duermen al <00:04.000>sol.</c>
"""
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# La mer\n", "\n", "La mer est ", "bleue."]},
        {"cell_type": "code", "source": "print('non')", "outputs": [{"text": ["non"]}]},
        {"cell_type": "markdown", "source": "Elle est belle."},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def read(tmp_path: Path, name: str, data: bytes | str, **options: object) -> tuple[IngestSummary, Corpus]:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    summary = ingest([path], tmp_path / "corpus", **options)  # type: ignore[arg-type]
    return summary, Corpus.open(tmp_path / "corpus")


def texts(corpus: Corpus, lang: str) -> list[str]:
    return corpus.read(lang, ["text"])["text"].to_list()


def meta(corpus: Corpus, lang: str) -> list[dict[str, str]]:
    paths = sorted((corpus.path / lang).glob("*.documents.jsonl"))
    return [json.loads(line)["meta"] for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def headings(corpus: Corpus, lang: str) -> list[tuple[str, ...]]:
    return list(corpus.headings(lang).values())


def test_a_page_gives_what_is_read_in_it(tmp_path: Path) -> None:
    """Menus, sides, scripts and what is hidden go, whoever marked them how; its language and title are its own."""
    summary, corpus = read(tmp_path, "gato.dat", PAGE)
    assert (summary.sources[0].format, summary.sources[0].languages) == ("html", {"pt": 1})
    assert texts(corpus, "pt") == [
        "O gato dorme ao sol.",
        "Ele sonha.",
        "Chove lá fora.",
        "A casa é grande.",
        "Tem um jardim.",
        "Lisboa | 1755",
        "Porto | 1832",
        "Um texto que está numa tabela.",
        "E mais outro.",
    ]
    assert headings(corpus, "pt") == [("", "A casa")]
    assert corpus.documents("pt")["title"].to_list() == ["O gato"]
    assert meta(corpus, "pt") == [{"url": "https://example.org/gato", "date": "2020-01-02", "author": "Ana Sá"}]


def test_the_main_part_of_a_page_wins(tmp_path: Path) -> None:
    """Where the page names it; what stands beside it is not read, even as running text."""
    main = "<main><p>Der Fuchs lebt im Wald. Er jagt in der Nacht.</p></main>"
    _, corpus = read(tmp_path, "a.html", f"<html lang=de><body><p>Neues aus dem Tal.</p>{main}</body></html>")
    assert texts(corpus, "de") == ["Der Fuchs lebt im Wald.", "Er jagt in der Nacht."]


def test_links_in_the_main_part_are_its_text(tmp_path: Path) -> None:
    """A list of references stands where the page says that it is about it."""
    links = "<ul><li><a>Erstes Buch</a><li><a>Zweites Buch</a></ul>"
    page = f"<html lang=de><ul><li><a>Start</a></ul><main><p>Hier stehen Bücher.</p>{links}</main></html>"
    _, corpus = read(tmp_path, "a.html", page)
    assert texts(corpus, "de") == ["Hier stehen Bücher.", "Erstes Buch", "Zweites Buch"]


def test_a_page_of_links_is_read_whole(tmp_path: Path) -> None:
    """Where all of it would be a menu, none of it is."""
    _, corpus = read(tmp_path, "a.html", "<html lang=de><ul><li><a>Erster Teil</a><li><a>Zweiter Teil</a></ul></html>")
    assert texts(corpus, "de") == ["Erster Teil", "Zweiter Teil"]


def test_a_page_that_is_nested_without_end_is_read(tmp_path: Path) -> None:
    """Depth costs no recursion."""
    _, corpus = read(tmp_path, "a.html", "<html lang=de>" + "<div>" * 20_000 + "Tief unten. Ganz tief.")
    assert texts(corpus, "de") == ["Tief unten.", "Ganz tief."]


def test_markdown_gives_its_running_text(tmp_path: Path) -> None:
    """No code, no marks; headings begin sections; the block at its beginning says title and language."""
    summary, corpus = read(tmp_path, "haus.md", MARKDOWN)
    assert (summary.sources[0].format, summary.sources[0].languages) == ("markdown", {"de": 1})
    assert texts(corpus, "de") == [
        "Das Haus ist groß.",
        "Es hat drei Türen.",
        "Hier stehen Bäume.",
        "Hier wachsen Blumen.",
        "Ort | Jahr",
        "Bonn | 1949",
        "Ein Absatz in HTML.",
    ]
    assert headings(corpus, "de") == [("", "Garten")]
    assert corpus.documents("de")["title"].to_list() == ["Das Haus"]
    assert meta(corpus, "de") == [{"author": "Ida"}]


@pytest.mark.parametrize(
    ("name", "data", "lang", "expected", "paragraphs"),
    [
        ("a.txt", SUBRIP, "it", ["Il gatto dorme al sole.", "Piove?", "Sì, piove."], [0, 1, 1]),
        ("b.txt", WEBVTT, None, ["El gato & el perro duermen al sol."], [0]),
    ],
)
def test_subtitles_are_what_is_said(
    name: str, data: str, lang: str | None, expected: list[str], paragraphs: list[int], tmp_path: Path
) -> None:
    """Cues are joined to sentences, a long pause parts paragraphs; told by their content."""
    summary, corpus = read(tmp_path, name, data, language=lang)
    assert summary.sources[0].format == "subtitles"
    (found,) = corpus.languages
    assert texts(corpus, found) == expected
    assert corpus.read(found, ["paragraph"])["paragraph"].to_list() == paragraphs


def test_notebooks_give_their_markdown(tmp_path: Path) -> None:
    """Neither code nor what it printed."""
    summary, corpus = read(tmp_path, "mer.json", json.dumps(NOTEBOOK, indent=1), language="fr")
    assert summary.sources[0].format == "notebook"
    assert texts(corpus, "fr") == ["La mer est bleue.", "Elle est belle."]
    assert corpus.documents("fr")["title"].to_list() == ["La mer"]


RUSSIAN = "Русский язык один из восточнославянских языков. Москва столица России. Он живёт в большом городе."
PORTUGUESE = "A língua portuguesa é românica. O coração da cidade não é grande. À noite ninguém vai à praia."
JAPANESE = "日本語は日本国内で使われている言語である。東京は日本の首都です。子供は学校へ行きます。"


@pytest.mark.parametrize(
    ("text", "encoding", "lang"),
    [
        (PORTUGUESE, "cp1252", "pt"),
        (RUSSIAN, "cp1251", "ru"),
        (RUSSIAN, "koi8-r", "ru"),
        (JAPANESE, "shift_jis", "ja"),
        (JAPANESE, "euc_jp", "ja"),
        (JAPANESE, "iso2022_jp", "ja"),
    ],
)
def test_text_of_another_encoding_is_read_and_the_guess_named(
    text: str, encoding: str, lang: str, tmp_path: Path
) -> None:
    """The sentences are those that UTF-8 gives; a warning says that it was a guess."""
    summary, corpus = read(tmp_path, "a.txt", text.encode(encoding), language=lang)
    ingest([_file(tmp_path / "u.txt", text)], tmp_path / "u", lang)
    assert texts(corpus, lang) == texts(Corpus.open(tmp_path / "u"), lang)
    assert any("which is a guess" in warning for warning in summary.sources[0].warnings)


def test_what_marks_or_declares_its_encoding_is_no_guess(tmp_path: Path) -> None:
    """UTF-16 and UTF-32 with their marks, and a page that says it is Windows' Greek."""
    page = "<html lang=el><meta charset=windows-1253><p>Η Αθήνα είναι πρωτεύουσα.</p>".encode("cp1253")
    for number, (name, data) in enumerate(
        (("a.html", page), ("b.txt", "Η Αθήνα είναι.".encode("utf-16")), ("c.txt", "Ο ήλιος λάμπει.".encode("utf-32")))
    ):
        summary = ingest([_file(tmp_path / name, data)], tmp_path / str(number), "el")
        assert summary.warnings == ()
    assert texts(Corpus.open(tmp_path / "0"), "el") == ["Η Αθήνα είναι πρωτεύουσα."]
    assert texts(Corpus.open(tmp_path / "2"), "el") == ["Ο ήλιος λάμπει."]


def test_a_little_that_is_broken_makes_no_other_encoding(tmp_path: Path) -> None:
    """UTF-8 with one broken byte among many good ones stays UTF-8, and the byte is counted."""
    summary, corpus = read(tmp_path, "a.txt", PORTUGUESE.encode() + b" Fim\xff.", language="pt")
    assert texts(corpus, "pt")[-1] == "Fim\ufffd."
    assert summary.sources[0].replaced == 1


def _file(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


NO_TEXTS = {
    "a.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "b.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "c.mp3": b"ID3\x04\0\0\0",
    "d.mp4": b"\0\0\0\x20ftypisom",
    "e": b"\x7fELF\x02\x01\x01\0",
    "f.ttf": b"\0\x01\0\0\0\x0c",
    "g.py": b"print('Isto n\xc3\xa3o.')\n",
    "node_modules/a.md": b"# No\n\nThis is not read.\n",
    "__pycache__/a.pyc": b"\xa7\r\r\n\0\0",
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".hidden.txt": b"This is not read.\n",
}


def test_files_without_text_are_passed_over_and_counted(tmp_path: Path) -> None:
    """By kind, and no error under --strict either; folders that programs fill are not looked into."""
    for name, data in NO_TEXTS.items():
        _file(tmp_path / "all" / name, data)
    _file(tmp_path / "all" / "um.txt", "Uma frase honesta.")
    summary = ingest([tmp_path / "all"], tmp_path / "corpus", "pt", strict=True)
    assert summary.passed == {
        "code and settings": 1,
        "films": 1,
        "fonts": 1,
        "images": 2,
        "programs": 1,
        "sounds": 1,
    }
    assert "passed over: 2 images (a.png; b.jpg)" in summary.warnings
    assert [source.name for source in summary.sources] == ["um.txt"]


def test_what_may_hold_text_and_is_not_read_is_an_error_under_strict(tmp_path: Path) -> None:
    """An archive of a kind that is not read, alone: without --strict it is counted."""
    _file(tmp_path / "all" / "a.7z", b"7z\xbc\xaf\x27\x1c\x00\x04")
    _file(tmp_path / "all" / "um.txt", "Uma frase honesta.")
    summary = ingest([tmp_path / "all"], tmp_path / "corpus", "pt")
    assert summary.passed == {"archives of other kinds": 1}
    with pytest.raises(SourceError, match="a 7z archive"):
        ingest([tmp_path / "all"], tmp_path / "strict", "pt", strict=True)


def test_a_program_is_text_to_whoever_names_it(tmp_path: Path) -> None:
    """A name passes files over in folders alone."""
    summary, _ = read(tmp_path, "a.py", "Uma frase honesta.", language="pt")
    assert (summary.sources[0].format, summary.sources[0].kept) == ("text", 1)
