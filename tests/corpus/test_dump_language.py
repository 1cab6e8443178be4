"""The language of a dump: whose word counts, the address's, the database's or xml:lang's."""

from pathlib import Path

import pytest

from dumps import cut
from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.sources.documents import Page
from sprachbund.corpus.sources.siteinfo import SiteInfo

FOREIGN = "https://wiki.example.org/index.php/Main_Page"
PAGE = (
    "<page><title>M1</title><ns>0</ns><id>1</id><revision><text>The mill number 1 stands by the river and grinds "
    "corn. People come from far away to see it.</text></revision></page>"
)


@pytest.mark.parametrize(
    ("dbname", "base"),
    [
        ("my_wiki", FOREIGN),
        ("mywiki", FOREIGN),
        ("dewiki", "http://localhost/wiki/Start"),
        ("mediawiki", FOREIGN),
        ("starships", "http://starships.wikia.com/wiki/Main_Page"),
        ("starshipswiki", "https://starships.fandom.com/de/wiki/Main_Page"),
        ("companywiki", "https://intranet.example.org/Main"),
        ("itwiki", "https://it.wikipedia.org.example.com/wiki/Main"),
        ("frwiki", "https://fr@wiki.example.org/wiki/fr.wikipedia.org"),
        ("sawiki", "http://[::1]/wiki/Main"),
        ("my_wiki", ""),
        ("mediawiki", ""),
        ("commonswiki", "https://commons.wikimedia.org/wiki/Main_Page"),
        ("mediawikiwiki", "https://www.mediawiki.org/wiki/MediaWiki"),
        ("arbcom_enwiki", "https://arbcom-en.wikipedia.org/wiki/Main_Page"),
        ("nlwikimedia", "https://nl.wikimedia.org/wiki/Hoofdpagina"),
        ("sourceswiki", "https://wikisource.org/wiki/Main_Page"),
        ("testwiki", "https://test.wikipedia.org/wiki/Main_Page"),
    ],
)
def test_where_the_wiki_is_not_one_of_a_language_xml_lang_counts(dbname: str, base: str, tmp_path: Path) -> None:
    """A database's name or a host's first label is no language code at an address that is not Wikimedia's."""
    path = tmp_path / "d.xml"
    header = f"<siteinfo><sitename>Deutsch</sitename><dbname>{dbname}</dbname><base>{base}</base></siteinfo>"
    path.write_text(f'<mediawiki xml:lang="en">{header}{PAGE}</mediawiki>')
    source = ingest([path], tmp_path / "c").sources[0]
    assert source.languages == {"en": 1}
    assert source.warnings == []


@pytest.mark.parametrize(
    ("dbname", "base", "xml_lang", "language"),
    [
        ("simplewiki", "https://simple.wikipedia.org/wiki/Main_Page", "en", "simple"),
        ("nowiki", "https://no.wikipedia.org/wiki/X", "nb", "no"),
        ("be_x_oldwiki", "https://be-tarask.wikipedia.org/wiki/X", "be-tarask", "be-x-old"),
        ("zh_min_nanwiki", "https://zh-min-nan.wikipedia.org/wiki/X", "nan", "zh-min-nan"),
        ("zh_min_nanwikisource", "https://zh-min-nan.wikisource.org/wiki/X", "nan", "zh-min-nan"),
        ("frwiktionary", "https://fr.wiktionary.org/wiki/X", "fr", "fr"),
        ("dewikivoyage", "//de.wikivoyage.org/wiki/X", "de", "de"),
        ("alswiki", "https://als.m.wikipedia.org/wiki/X", "gsw", "als"),
        ("ENWIKI", "HTTPS://EN.WIKIPEDIA.ORG/wiki/X", "EN", "en"),
        ("enwikinews", "https://uk.wikipedia.org/wiki/X", "en", "en"),
        ("ukwiki", "", "en", "uk"),
        ("", "https://uk.wikipedia.org/wiki/X", "en", "uk"),
        ("qxqwiki", "https://qxq.wikipedia.org/wiki/X", "en", "qxq"),
        ("wiki", FOREIGN, "DE", "de"),
        ("wiki", FOREIGN, "zh", "zh"),
        ("wiki", FOREIGN, "zh-CN", "zh"),
        ("wiki", FOREIGN, "zh_hant", "zh"),
        ("wiki", FOREIGN, "sr-ec", "sr"),
        ("wiki", FOREIGN, "zh-min-nan", "zh-min-nan"),
        ("wiki", FOREIGN, "de-formal", "de"),
        ("wiki", FOREIGN, "pt-br", "pt-br"),
        ("wiki", FOREIGN, "x-elvish", "x-elvish"),
        ("dewiki", FOREIGN, "", None),
        ("", "", "", None),
    ],
)
def test_the_language_of_a_header(dbname: str, base: str, xml_lang: str, language: str | None) -> None:
    """Wikimedia's wikis by database, then address; others by xml:lang; unknown codes stay, to be named."""
    assert SiteInfo(dbname=dbname, base=base, xml_lang=xml_lang).language() == language


def test_a_dump_without_a_language_is_counted_and_said(tmp_path: Path) -> None:
    """No xml:lang at a strange address: the page's language is --lang's, and told by its text without it."""
    path = tmp_path / "d.xml"
    path.write_text(f"<mediawiki><siteinfo><dbname>dewiki</dbname><base>{FOREIGN}</base></siteinfo>{PAGE}</mediawiki>")
    source = ingest([path], tmp_path / "c").sources[0]
    assert (source.kept, list(source.detected)) == (1, list(source.languages))
    assert ingest([path], tmp_path / "named", language="en").sources[0].languages == {"en": 1}


def test_dumps_in_one_file_have_each_its_own_language(tmp_path: Path) -> None:
    """cat a.xml b.xml: the second header counts for what follows it, with or without a declaration or a mark."""
    one, two = (
        f'<mediawiki xml:lang="{lang}"><siteinfo><base>{FOREIGN}</base></siteinfo>{PAGE}{PAGE}</mediawiki>\n'
        for lang in ("en", "de")
    )
    for between in ("", "<?xml version='1.0'?>\n", "\ufeff", "\n\n\ufeff<?xml version='1.0'?>"):
        path = tmp_path / "d.xml"
        path.write_text(one + between + two, encoding="utf-8")
        items = cut(path)
        assert [item.lang for item in items if isinstance(item, Page)] == ["en", "en", "de", "de"]
        assert len(items) == 4
