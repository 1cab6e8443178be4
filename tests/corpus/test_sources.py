"""Each format is told by its content and read into the same sentences; what is none is refused by name."""

import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest

from sprachbund.corpus.ingest import IngestSummary, ingest
from sprachbund.corpus.sources.detect import detect
from sprachbund.corpus.sources.documents import Dropped
from sprachbund.corpus.sources.headings import is_heading
from sprachbund.corpus.sources.siteinfo import language_of_url
from sprachbund.corpus.sources.wikitext import page_sections
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError


def lines(*values: object) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def read(tmp_path: Path, data: bytes, name: str = "source.dat", **options: object) -> tuple[IngestSummary, Corpus]:
    path = tmp_path / name
    path.write_bytes(data)
    summary = ingest([path], tmp_path / "corpus", **options)  # type: ignore[arg-type]
    return summary, Corpus.open(tmp_path / "corpus")


def rows(corpus: Corpus, lang: str) -> list[tuple[object, ...]]:
    columns = ["document", "group", "section", "paragraph", "position", "text"]
    return corpus.read(lang, columns).rows()


def test_sections_with_paragraphs(tmp_path: Path) -> None:
    """Every place is numbered in the document; a section and a paragraph without sentences have no number."""
    document = {
        "id": "a",
        "lang": "de",
        "title": "Der  Fuchs",
        "sections": [
            {"title": "", "paragraphs": ["Der Fuchs lebt. Er jagt.", "  ", "Er ruht."]},
            {"title": "Leer", "paragraphs": []},
            {"title": "Später", "paragraphs": ["Er altert."]},
        ],
    }
    summary, corpus = read(tmp_path, lines(document))
    assert summary.sources[0].format == "sections-jsonl"
    assert rows(corpus, "de") == [
        ("a", "a", 0, 0, 0, "Der Fuchs lebt."),
        ("a", "a", 0, 0, 1, "Er jagt."),
        ("a", "a", 0, 1, 2, "Er ruht."),
        ("a", "a", 1, 2, 3, "Er altert."),
    ]
    assert corpus.headings("de") == {"a": ("", "Später")}
    assert corpus.documents("de")["title"].to_list() == ["Der Fuchs"]


def test_gold_sentences_and_groups(tmp_path: Path) -> None:
    """Gold sentences stay as they are, whatever a splitter would say, and the group is kept."""
    gold = [["Am 3. Mai. Oder z. B. nicht.", "Zwei"], ["Drei\u0301."]]
    document = {
        "id": "Gen.1",
        "lang": "de",
        "title": "",
        "group": "Genesis 1",
        "sections": [{"title": "", "paragraphs": ["Nicht dies."], "sentences": gold}],
    }
    _, corpus = read(tmp_path, lines(document))
    assert rows(corpus, "de") == [
        ("Gen.1", "Genesis 1", 0, 0, 0, "Am 3. Mai. Oder z. B. nicht."),
        ("Gen.1", "Genesis 1", 0, 0, 1, "Zwei"),
        ("Gen.1", "Genesis 1", 0, 1, 2, "Dreí."),
    ]


WIKIPEDIA = {
    "id": "12",
    "url": "https://be-tarask.wikipedia.org/wiki/X",
    "title": "X",
    "text": "First sentence here. Second one.\n\nEarly life \n\nThird sentence here.\n\n"
    "See also \n\nA list item\nAnother item",
}
WIKIPEDIA_ROWS = [
    ("12", "12", 0, 0, 0, "First sentence here."),
    ("12", "12", 0, 0, 1, "Second one."),
    ("12", "12", 1, 1, 2, "Third sentence here."),
]


def test_wikipedia_json_lines(tmp_path: Path) -> None:
    """Headings are lines of their own, items of lists are dropped, the language is in the address."""
    summary, corpus = read(tmp_path, lines(WIKIPEDIA))
    assert summary.sources[0].format == "wikipedia-jsonl"
    assert rows(corpus, "be-tarask") == WIKIPEDIA_ROWS
    assert corpus.headings("be-tarask") == {"12": ("", "Early life")}


def test_wikipedia_parquet(tmp_path: Path) -> None:
    """The same rows from Parquet, over the border of a batch."""
    many = [{**WIKIPEDIA, "id": str(number)} for number in range(2_003)]
    buffer = io.BytesIO()
    pl.DataFrame(many).write_parquet(buffer)
    summary, corpus = read(tmp_path, buffer.getvalue())
    assert (summary.sources[0].format, summary.sources[0].kept) == ("wikipedia-parquet", 2_003)
    frame = corpus.read("be-tarask")
    assert frame["document"].unique(maintain_order=True).to_list() == [str(number) for number in range(2_003)]
    assert frame.filter(pl.col("document") == "12")["text"].to_list() == [row[-1] for row in WIKIPEDIA_ROWS]


def test_parquet_without_text_is_refused_with_its_columns(tmp_path: Path) -> None:
    """The error says which columns there are and which are expected."""
    buffer = io.BytesIO()
    pl.DataFrame({"id": [1], "bulk": ["x"]}).write_parquet(buffer)
    with pytest.raises(SourceError, match="Parquet with the columns id, bulk; expected one called text, content, body"):
        read(tmp_path, buffer.getvalue())


def test_segment_wiki(tmp_path: Path) -> None:
    """Lists and quotes of bold text go, titles are ids; a language that is not named is told by the text."""
    document = {
        "title": "Fuchs",
        "section_titles": ["Introduction", "Leben"],
        "section_texts": ["\n'''Der Fuchs''' ( ) lebt.\n* Eine Liste.\n", "Er jagt.\n\nEr ruht."],
        "interlinks": [["Tier", "Tiere"]],
    }
    summary, corpus = read(tmp_path, gzip.compress(lines(document)), language="de")
    assert summary.sources[0].format == "segment-wiki-jsonl"
    assert rows(corpus, "de") == [
        ("Fuchs", "Fuchs", 0, 0, 0, "Der Fuchs lebt."),
        ("Fuchs", "Fuchs", 1, 1, 1, "Er jagt."),
        ("Fuchs", "Fuchs", 1, 2, 2, "Er ruht."),
    ]
    assert ingest([tmp_path / "source.dat"], tmp_path / "other").sources[0].languages == {"de": 1}


def test_plain_text(tmp_path: Path) -> None:
    """Lines are joined, a blank line ends a paragraph, the file's name is the id."""
    text = "Der Fuchs\nlebt. Er\tjagt.\r\n \r\nEr ruht.\n\n\n"
    summary, corpus = read(tmp_path, gzip.compress(text.encode()), "novel.txt.gz", language="de")
    assert summary.sources[0].format == "text"
    assert rows(corpus, "de") == [
        ("novel", "novel", 0, 0, 0, "Der Fuchs lebt."),
        ("novel", "novel", 0, 0, 1, "Er jagt."),
        ("novel", "novel", 0, 1, 2, "Er ruht."),
    ]


def test_a_folder_is_all_its_files_sorted(tmp_path: Path) -> None:
    """Files below a folder are read in the order of their paths, hidden ones are not."""
    folder = tmp_path / "texts"
    for name, text in (
        ("b/one.txt", "Zwei sind da."),
        ("a.txt", "Eins ist da."),
        (".x.txt", "Nie zu sehen."),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    ingest([folder], tmp_path / "c", language="de")
    assert Corpus.open(tmp_path / "c").read("de")["document"].to_list() == ["a", "b/one"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"7z\xbc\xaf\x27\x1c\x00\x04", r"a 7z archive, which cannot be read as a stream; unpack it first"),
        (b"PK\x03\x04rest", "a damaged zip archive: it has no list of its members at its end"),
        (b"<rss><channel/></rss>", "markup that begins with <rss>, not a page or a MediaWiki dump"),
        (b'<doc id="1" url="x">text</doc>', "markup that begins with <doc>"),
        (b'{"bulk": "x", "name": "y"}\n', "JSON with the fields bulk, name; expected sections"),
        (b"a\0b\0c", "binary data"),
    ],
)
def test_what_is_no_format_is_refused_by_name(data: bytes, message: str, tmp_path: Path) -> None:
    """Whatever the file is called, the error says what it is."""
    path = tmp_path / "dump.xml.bz2"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message) as caught:
        detect(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<mediawiki xml:lang='de'>", "mediawiki-xml"),
        (b"< 5 is what it says.", "text"),
        (b"[1] A note. And more.", "text"),
        (b'{"title": "x", "section_titles": [], "section_texts": ["' + b"x" * 100_000, "segment-wiki-jsonl"),
    ],
)
def test_detection_by_the_first_bytes(data: bytes, expected: str, tmp_path: Path) -> None:
    """Compressed or with a mark, too long a first line or odd prose: the content tells."""
    path = tmp_path / "x"
    path.write_bytes(data)
    assert detect(path) == expected


@pytest.mark.parametrize(
    ("url", "language"),
    [
        ("https://zh-min-nan.wikipedia.org/wiki/A", "zh-min-nan"),
        ("https://en.m.wikipedia.org/wiki/A", "en"),
        ("https://commons.wikimedia.org/wiki/A", None),
        ("https://example.org/a", None),
        ("http://starships.wikia.com/wiki/A", None),
        ("https://en.wikipedia.org.example.com/wiki/A", None),
        ("https://www.wikipedia.org/", None),
        ("HTTPS://FR.WIKTIONARY.ORG/wiki/A", "fr"),
        ("", None),
    ],
)
def test_the_language_of_an_address(url: str, language: str | None) -> None:
    """The subdomain of a Wikimedia wiki is a language, any other address says nothing."""
    assert language_of_url(url) == language


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Early life", True),
        ("Ludwig (1870)", True),
        ("He left.", False),
        ('He said: "Go!"', False),
        ("他走了。", False),
        ("早年生活", True),
        ("This line is long enough that only a sentence can be meant by it", False),
    ],
)
def test_headings_by_their_look(line: str, expected: bool) -> None:
    """Short and without the end of a sentence is a heading, in every script."""
    assert is_heading(line) is expected


WRAPPED = "北京是中华人民共和国的首\n都，也是全国的政治中\n心。长城在北边。"


def test_wrapped_chinese_has_no_spaces_in_any_format(tmp_path: Path) -> None:
    """Plain text, JSON Lines with sections and wikitext: a line break between Han is nothing."""
    expected = ["北京是中华人民共和国的首都，也是全国的政治中心。", "长城在北边。"]
    by_sections = lines({"id": "a", "lang": "zh", "sections": [{"paragraphs": [WRAPPED]}]})
    for number, data in enumerate((WRAPPED.encode(), by_sections)):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, corpus = read(folder, data, language="zh")
        assert corpus.read("zh")["text"].to_list() == expected
    page = page_sections(f"{WRAPPED}\n\nNext paragraph\nin Latin is long enough to be no heading.", frozenset())
    assert not isinstance(page, Dropped)
    assert page[0].paragraphs == ("".join(expected), "Next paragraph in Latin is long enough to be no heading.")
