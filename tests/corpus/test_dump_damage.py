"""Dumps that are no XML: what can be understood is, and what cannot costs one page."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dumps import cut, dump, page
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.documents import Dropped, Note, Page
from sprachbund.corpus.sources.pages import DEEPEST, LONGEST_TAG, Pages
from sprachbund.corpus.sources.repair import Repair
from sprachbund.errors import SourceError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "d.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("\x0e", " "),
        ("\x00", " "),
        ("\uffff", "\ufffd"),
        ("\ufffe", "\ufffd"),
        ("\ufeff", "\ufeff"),
        ("&#x0E;", " "),
        ("&#14;", " "),
        ("&#0;", " "),
        ("&#x0;", " "),
        ("&#xFFFF;", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&#xDC00;&#xD800;", "\ufffd\ufffd"),
        ("&#55357;&#56832;", "\U0001f600"),
        ("&#xD83D;&#xDE00;&#65;", "\U0001f600A"),
        ("&#x110000;", "\ufffd"),
        ("&#9999999999;", "\ufffd"),
        ("&#X41;", "A"),
        ("&#233;", "é"),
        ("&#x1F600;", "\U0001f600"),
        ("&#38;lt;", "&lt;"),
        ("&nbsp;", "&nbsp;"),
        ("&undefined;", "&undefined;"),
        ("AT&T & co.", "AT&T & co."),
        ("&", "&"),
        ("&#;", "&#;"),
        ("a < b <3 <- <", "a < b <3 <- <"),
        ("]]>", "]]>"),
        ("&lt;b&gt;&amp;lt;&quot;&apos;", "<b>&lt;\"'"),
        ("<![CDATA[a & b &nbsp; <i> < &#14;]]>&amp;", "a & b &nbsp; <i> < &#14;&"),
        ("<![CDATA[\uffff]]><![CDATA[]]>&copy;", "\ufffd&copy;"),
        ("<!-- & \x01 < -->.", "."),
    ],
)
def test_one_bad_character_costs_no_page(raw: str, read: str, tmp_path: Path) -> None:
    """What XML forbids is replaced, what should have been escaped is text, and every page is kept."""
    items = cut(write(tmp_path, dump(page(1), page(2, f"Odd {raw} mark."), page(3))))
    pages = [item for item in items if isinstance(item, Page)]
    assert [found.id for found in pages] == ["1", "2", "3"]
    assert pages[1].text == f"Odd {read} mark."
    assert not [item for item in items if isinstance(item, Note) and item.fatal]


def test_what_was_mended_is_said(tmp_path: Path) -> None:
    """Counted, and no reason for --strict to refuse the dump: nothing of it is lost."""
    path = write(tmp_path, dump(page(1, "Ein &#x0E; und &#xD800; und &nbsp; &. Noch ein Satz."), page(2)))
    summary = ingest([path], tmp_path / "c", strict=True).sources[0]
    assert summary.kept == 2
    assert summary.warnings == [
        "characters that XML forbids replaced 2 times",
        "&, < or ]]> that XML wants escaped were taken for text 2 times",
    ]


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        (page(2, "abc <a></b> def"), "Стаття 2"),
        (page(2, "abc <a b='1' b='2'> def"), "Стаття 2"),
        (page(2, "abc <!x> def"), "Стаття 2"),
        (page(2)[:-40], "Стаття 2"),
        (page(2)[:100], "Стаття 2"),
        (page(2, "<a>" * (DEEPEST + 1)), "Стаття 2"),
        (page(2, "<a b='" + "x" * (LONGEST_TAG + (1 << 20))), "Стаття 2"),
        ("<page><a></b>", "a page at byte "),
        ("<page a='<'>", "a page at byte "),
    ],
)
def test_a_page_that_is_no_xml_is_dropped_alone_and_named(bad: str, name: str, tmp_path: Path) -> None:
    """The pages before and after it are kept; under --strict the dump is damaged, with the place."""
    path = write(tmp_path, dump(page(1), bad, page(3), page(4)))
    items = cut(path)
    assert [item.id for item in items if isinstance(item, Page)] == ["1", "3", "4"]
    dropped = [item for item in items if isinstance(item, Dropped)]
    assert [found.reason for found in dropped] == ["broken XML"]
    assert dropped[0].detail.startswith(name)
    summary = ingest([path], tmp_path / "c").sources[0]
    assert (summary.read, summary.kept, summary.dropped) == (4, 3, {"broken XML": 1})
    assert summary.warnings[0].startswith("damaged: the XML cannot be read at about byte ")
    assert summary.warnings[0].endswith("; 3 whole pages kept")
    assert summary.warnings[-1].startswith("broken XML: 1 records skipped (")
    with pytest.raises(SourceError, match="damaged: the XML cannot be read at about byte"):
        ingest([path], tmp_path / "strict", strict=True)


def test_the_place_of_the_damage_is_its_byte(tmp_path: Path) -> None:
    """The byte of the tag that matches none, and the number of further places."""
    text = dump(page(1), page(2, "abc <a></b> def"), page(3), "</page>", page(4))
    items = cut(write(tmp_path, text))
    notes = [item.text for item in items if isinstance(item, Note)]
    assert notes == [
        f"damaged: the XML cannot be read at about byte {len(text.encode()[: text.encode().index(b'</b>')]) + 2:,} "
        "of the decompressed text (mismatched tag) and at 1 more places; 3 whole pages kept"
    ]


def test_a_header_that_is_no_xml_costs_no_page(tmp_path: Path) -> None:
    """What the header said before its fault counts."""
    text = dump(page(1), page(2)).replace("</namespace>", "</namespac>", 1)
    pages = [item for item in cut(write(tmp_path, text)) if isinstance(item, Page)]
    assert [(found.id, found.lang) for found in pages] == [("1", "uk"), ("2", "uk")]


def test_a_cut_dump_before_another_costs_its_last_page(tmp_path: Path) -> None:
    """The page in which the first dump ends is counted as broken; all of the second is kept."""
    first, second = dump(page(1), page(2)), dump(page(3), page(4))
    for between in ("", "<?xml version='1.0'?>"):
        items = cut(write(tmp_path, first[:-70] + between + second))
        assert [item.id for item in items if isinstance(item, Page)] == ["1", "3", "4"]
        assert [item.reason for item in items if isinstance(item, Dropped)] == ["broken XML"]


def test_numbers_that_are_none_in_the_header_and_in_pages(tmp_path: Path) -> None:
    """A namespace's key and number that int() would not take are passed over."""
    text = dump(page(1), page(2)).replace('key="6"', 'key="²"').replace("<ns>0<", "<ns>" + "9" * 5_000 + "<", 1)
    assert [item.id for item in cut(write(tmp_path, text)) if isinstance(item, Page)] == ["1", "2"]


def test_a_title_without_end_is_cut_and_a_long_text_is_counted(tmp_path: Path) -> None:
    """Only the text has the record's limit; a title of 100,000 characters does not stand in memory."""
    text = dump(page(1).replace("Стаття 1", "x" * 100_000), page(2, "y" * 2_000))
    items = cut(write(tmp_path, text), record=1_000)
    assert isinstance(items[0], Page)
    assert items[0].title == "x" * 4_096
    assert items[1] == Dropped("longer than the record limit", "Стаття 2")


@given(
    st.lists(st.sampled_from(["&#55357;&#56832;", "&#1;", "&amp;", "&", "<", "]]>", "<![CDATA[", "\uffff", "x" * 40]))
)
def test_a_mark_cut_in_two_is_mended_as_one(parts: list[str]) -> None:
    """However the bytes are cut into pieces, what comes out is the same."""
    data = "".join(parts).encode()
    whole = b"".join(Repair()([data]))
    for size in (1, 2, 3, 7, 31):
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        repair = Repair()
        # Pieces end between code points, as the decoder's do.
        if all(piece.decode("utf-8", "ignore").encode() == piece for piece in pieces):
            assert b"".join(repair(pieces)) == whole


@pytest.mark.parametrize("size", [1, 5, 17, 64])
def test_the_pages_do_not_depend_on_how_the_bytes_come(size: int, tmp_path: Path) -> None:
    """Faults that lie across two pieces are found, and the search for the next page passes over the border."""
    data = dump(page(1), page(2, "<a></b>"), page(3)[:90], page(4), "<page><x", page(5), "</page>", page(6)).encode()
    pages = Pages(tmp_path, 1_000)
    found = []
    for start in range(0, len(data), size):
        pages.feed(data[start : start + size])
        found += pages.taken()
    assert not pages.finish()
    found += pages.taken()
    assert [item.id for item in found if isinstance(item, Page)] == ["1", "4", "5", "6"]
    assert sum(isinstance(item, Dropped) for item in found) == 3
