"""MediaWiki dumps: articles only, prose only, and every whole page of a broken dump."""

import bz2
import lzma
from pathlib import Path

import pytest

from dumps import cut, dump, page
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.documents import Dropped, Note, Page
from sprachbund.corpus.store import Corpus
from sprachbund.errors import SourceError


def test_articles_are_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    """Redirects and other namespaces are no documents; the language is the dump's; ids are the pages'."""
    path = tmp_path / "d.xml"
    redirect = page(3, "#REDIRECT [[Стаття 1]]", extra='<redirect title="Стаття 1" />')
    path.write_text(dump(page(1), page(2, ns=1), redirect, page(4)), encoding="utf-8")
    summary = ingest([path], tmp_path / "c")
    source = summary.sources[0]
    assert (source.format, source.read, source.kept) == ("mediawiki-xml", 4, 2)
    assert source.dropped == {"other namespace": 1, "redirect": 1}
    frame = Corpus.open(tmp_path / "c").read("uk")
    assert frame["document"].to_list() == ["1", "1", "4", "4"]
    assert frame["text"].to_list() == [
        "Це перше речення статті номер 1.",
        "Це друге речення тієї самої статті.",
        "Це перше речення статті номер 4.",
        "Це друге речення тієї самої статті.",
    ]


def test_a_forced_language_wins_with_a_warning(tmp_path: Path) -> None:
    """Where --lang and the header disagree the manifest has the disagreement."""
    path = tmp_path / "d.xml"
    path.write_text(dump(page(1), page(2)), encoding="utf-8")
    summary = ingest([path], tmp_path / "c", language="be")
    assert summary.sources[0].languages == {"be": 2}
    assert summary.warnings == ("d.xml: the source says its language is uk (2 documents); the one that was named wins",)


@pytest.mark.parametrize("compress", [lzma.compress, bz2.compress, bytes])
def test_a_dump_that_ends_in_mid_page_keeps_its_whole_pages(compress: object, tmp_path: Path) -> None:
    """The text is cut within the third page of a whole file: two pages, the place, and the count."""
    whole = dump(page(1), page(2), page(3)).encode()
    start = whole.index("<page><title>Стаття 3".encode())
    end = start + 150
    path = tmp_path / "d"
    path.write_bytes(compress(whole[:end]))  # type: ignore[operator]
    summary = ingest([path], tmp_path / "c")
    assert (summary.sources[0].read, summary.sources[0].kept) == (2, 2)
    assert summary.sources[0].warnings == [
        f"truncated: the stream ends in mid-page (the page begins at byte {start:,}) at byte {end:,} of the "
        "decompressed text; 2 whole pages kept"
    ]
    with pytest.raises(SourceError, match="truncated: the stream ends in mid-page"):
        ingest([path], tmp_path / "strict", strict=True)
    assert Corpus.open(tmp_path / "strict").languages == ()
    with pytest.raises(SourceError, match="the corpus has it so, from an ingest without --strict"):
        ingest([path], tmp_path / "c", strict=True)


@pytest.mark.parametrize("compress", [lzma.compress, bz2.compress])
def test_a_compressed_file_that_is_cut_keeps_its_whole_pages(compress: object, tmp_path: Path) -> None:
    """The compressed bytes end early, as after a broken download: every page that is whole is kept."""
    text = dump(*(page(number) for number in range(1, 20_001))).encode()
    data: bytes = compress(text)  # type: ignore[operator]
    path = tmp_path / "d"
    path.write_bytes(data[: len(data) * 3 // 4])
    items = cut(path)
    note = items[-1]
    pages = [item for item in items if isinstance(item, Page)]
    assert isinstance(note, Note)
    assert note.fatal
    assert f"{len(pages):,} whole pages kept" in note.text
    assert note.text.startswith("truncated: the stream ends in mid-")
    assert 1_000 < len(pages) < 20_000
    assert [found.id for found in pages] == [str(number) for number in range(1, len(pages) + 1)]


def test_the_newest_revision_counts_and_old_dumps_have_no_namespaces(tmp_path: Path) -> None:
    """Without <ns> the prefix of the title decides; of two revisions the later timestamp is the article."""
    old = (
        "<page><title>Fox</title><revision><timestamp>2002-01-01T00:00:00Z</timestamp><text>The newer fox "
        "runs home.</text></revision>"
        "<revision><timestamp>2001-01-01T00:00:00Z</timestamp><text>Old.</text></revision>"
        "</page><page><title>Talk:Fox</title><revision><text>Talk.</text></revision></page>"
        "<page><title>Категорія:Fox</title><revision><text>Talk.</text></revision></page>"
    )
    path = tmp_path / "d.xml"
    path.write_text(dump(old), encoding="utf-8")
    found = cut(path)
    assert [item.text for item in found if isinstance(item, Page)] == ["The newer fox runs home."]
    assert [item.reason for item in found if isinstance(item, Dropped)] == ["other namespace"] * 2


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    """No entity is ever expanded, from inside or outside."""
    path = tmp_path / "d.xml"
    path.write_text(f'<?xml version="1.0"?><!DOCTYPE mediawiki [<!ENTITY a "aaaa">]>{dump(page(1, "&a;"))}')
    with pytest.raises(SourceError, match="has a document type"):
        cut(path)


def test_broken_utf8_in_a_dump_is_replaced_and_counted(tmp_path: Path) -> None:
    """Two stray bytes are two replacements, and the page is kept."""
    path = tmp_path / "d.xml"
    path.write_bytes(dump(page(1, "Ein b\x01ses Wort und noch ein b\x01ses.")).encode().replace(b"\x01", b"\xf6"))
    summary = ingest([path], tmp_path / "c")
    assert summary.sources[0].replaced == 2
    assert "broken UTF-8 replaced by U+FFFD 2 times" in summary.sources[0].warnings
    assert Corpus.open(tmp_path / "c").read("uk")["text"].to_list() == ["Ein b\ufffdses Wort und noch ein b\ufffdses."]


def test_a_real_truncated_dump(shared_data: Path, tmp_path: Path) -> None:
    """The Ukrainian sample ends in mid-page: all whole pages are read, and no markup is left in the text."""
    source = shared_data / "wikidumps_raw" / "ukwiki-truncated-100k.xml.xz"
    if not source.exists():
        pytest.skip(f"no {source}")
    with lzma.open(source) as handle:
        pages = handle.read().count(b"</page>")
    summary = ingest([source], tmp_path / "c").sources[0]
    assert summary.read == pages
    assert summary.kept + sum(summary.dropped.values()) == pages
    assert f"{pages:,} whole pages kept" in summary.warnings[0]
    texts = Corpus.open(tmp_path / "c").read("uk")["text"]
    assert len(texts) > 10_000
    # The one star is text: <nowiki>*</nowiki> stands for a letter with a note in the article on Esperanto.
    assert texts.filter(texts.str.contains(r"\[\[|\]\]|\{\{|''|<ref|&nbsp;|^[*#|]")).to_list() == [
        "* — не входить до складу абетки, вживається в іншомовних власних назвах та іменах."
    ]
