"""Wikitext to prose: what is kept, what is dropped, and what a broken page costs."""

import re

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprachbund.corpus.sources.documents import RawSection
from sprachbund.corpus.sources.siteinfo import SiteInfo
from sprachbund.corpus.sources.wikitext import page, page_sections, tidy

WIKI = SiteInfo(namespaces={0: "", 6: "Файл", 14: "Категорія", 4: "Вікіпедія"}).link_prefixes()


def sections(wikitext: str, variants: bool = True) -> tuple[RawSection, ...]:
    return page_sections(wikitext, WIKI, variants)


def prose(wikitext: str, variants: bool = True) -> list[str]:
    return [paragraph for section in sections(wikitext, variants) for paragraph in section.paragraphs]


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        (
            "'''Rom''' ist die [[Hauptstadt]] von [[Italien|ganz Italien]].",
            "Rom ist die Hauptstadt von ganz Italien.",
        ),
        ("Eins.<ref name=a>Buch, S. 3.</ref> Zwei.<ref name=a /> Drei.", "Eins. Zwei. Drei."),
        ("{{Infobox|a={{b|c}}|d=e}}\nText steht hier.", "Text steht hier."),
        ("[[File:A.jpg|thumb|Ein [[Bild]] hier.]]Text steht hier.[[Category:B]][[en:C]]", "Text steht hier."),
        ("[[Bild:A.jpg|mini|200px|Unterschrift.]] Text steht hier.", "Text steht hier."),
        ("Er (gr. {{lang|el|Ρώμη}}; {{IPA|x}}) kam {{convert|5|km}} weit.", "Er (gr. Ρώμη) kam 5 km weit."),
        ("Er ({{IPA|x}}, {{Audio|y}}) kam &ndash; {{nowrap|am 3. Mai}}.", "Er kam – am 3. Mai."),
        ("__NOTOC__Vor <!-- nicht {{das}} --> nach <math>x^2</math> ende.", "Vor nach ende."),
        ("H<sub>2</sub>O ist <small>klares</small> Wasser.", "H2O ist klares Wasser."),
        ("{|\n| Zelle eins.\n|}\nText steht hier.", "Text steht hier."),
        ("Siehe [http://x.org die Seite] und [http://y.org].", "Siehe die Seite und."),
        ("Eine Zeile\nund noch eine.", "Eine Zeile und noch eine."),
        ("-{T|zh-cn:甲;zh-tw:乙}-他在-{zh-hans:厄齐尔;zh-hk:奧斯爾}-和-{里}-。", "他在厄齐尔和里。"),
        ("Er sah[3] [[:en:The Fox]] und [[Fuchs (Tier)|ihn]].", "Er sah The Fox und ihn."),
        ("Nach oben\n\nText steht hier.\n\n[[Kategorie:Mann]]", "Text steht hier."),
        ("Ein {{kaputtes [[Ding.\n\nText steht hier.", "Text steht hier."),
        ("<div style='x'>[[File:A.png]]<br/>Unterschrift</div>Text steht hier.", "Text steht hier."),
    ],
)
def test_wikitext_becomes_prose(wikitext: str, expected: str) -> None:
    """Of each piece of markup only the running text is left, and no hole shows where a bracket stood."""
    assert [paragraph for section in sections(wikitext) for paragraph in section.paragraphs] == [expected]


def test_sections_paragraphs_and_lists() -> None:
    """Headings part sections, blank lines part paragraphs, items of lists are dropped and part paragraphs."""
    wikitext = (
        "Lead one.\n\nLead two.\n== Early ''life'' ==\nShe was born there.\n* item one.\n# item two.\n"
        ": said so.\nShe left.\n=== Deeper ===\n* only items.\n== Later ==\nShe came back."
    )
    assert sections(wikitext) == (
        RawSection("", ("Lead one.", "Lead two.")),
        RawSection("Early life", ("She was born there.", "She left.")),
        RawSection("Later", ("She came back.",)),
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Rom ( ; , it. Roma) liegt , wie man  weiß .", "Rom (it. Roma) liegt, wie man weiß."),
        ("東京（、）は'''都'''。", "東京は都。"),
        ("a , , b", "a, b"),
    ],
)
def test_tidy_closes_the_holes(line: str, expected: str) -> None:
    """Brackets and commas around what was dropped go with it."""
    assert tidy(line) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # Flags of MediaWiki's ConverterRule: R raw, S show, A add and show; codes of variants; none.
        ("-{R|原文}-", "原文"),
        ("-{R|zh-cn:甲;zh-tw:乙}-", "zh-cn:甲;zh-tw:乙"),
        ("-{zh-hans;zh-hant|原文}-", "原文"),
        ("-{zh-hans|原文}-", "原文"),
        ("-{|原文}-", "原文"),
        ("-{原文}-", "原文"),
        ("-{S|zh-cn:软件;zh-tw:軟體}-", "软件"),
        ("-{A|zh-cn:软件;zh-tw:軟體}-", "软件"),
        ("-{ zh-cn : 软件 ; zh-tw : 軟體 ; }-", "软件"),
        ("-{zh-Hans:软件;zh-Hant:軟體;}-", "软件"),
        ("-{zh-cn:;zh-tw:軟體}-", "軟體"),
        ("-{zh-cn:A&amp;B;zh-tw:C}-", "A&B"),
        ("-{软件=>zh-tw:軟體}-", "軟體"),
        # H, T, D, N and - show nothing.
        ("-{H|zh-cn:软件;zh-tw:軟體}-", ""),
        ("-{T|zh-cn:软件;zh-tw:軟體}-", ""),
        ("-{D|zh-cn:软件;zh-tw:軟體}-", ""),
        ("-{N|zh-cn}-", ""),
        ("-{-|zh-cn:软件;zh-tw:軟體}-", ""),
        ("-{A;H|zh-cn:软件;zh-tw:軟體}-", ""),
        # Nested, with templates and links, and broken.
        ("-{zh-cn:前-{内}-后;zh-tw:乙}-", "前内后"),
        ("-{[[软件|原文]]}-", "原文"),
        ("-{{{lang|zh|原文}}}-", "-zh-"),
        ("[[软件|-{zh-cn:软件;zh-tw:軟體}-]]", "软件"),
        ("{{lang|zh|-{原文}-}}", "原文"),
        ("-{原文", "原文"),
        ("原文}-", "原文}-"),
        ("-{sr-ec:Рим;sr-el:Rim}-", "Рим"),
    ],
)
def test_variant_marks_show_what_mediawiki_shows(shown: str, expected: str) -> None:
    """Each flag of the language converter; of several spellings the first that is not empty."""
    assert prose(f"这是{shown}的句子。") == [f"这是{expected}的句子。"]


def test_variant_marks_are_text_in_languages_without_variants() -> None:
    """A chemical name in an English wiki keeps its braces."""
    name = "It is 1-{4-[2-(oxy)ethyl]phenoxy}-3-amine."
    assert prose(name, variants=False) == [name]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{nowrap|a b}}", "a b"),
        ("{{nowrap|1=a = b}}", "a = b"),
        ("{{nowrap|1= a = b }}", "a = b"),
        ("{{nowrap|a {{=}} b}}", "a = b"),
        ("{{Nowrap|x|1=y}}", "y"),
        ("{{nowrap|1=x|y}}", "y"),
        ("{{ nowrap\n| x }}", " x "),
        ("{{template:nowrap|x}}", "x"),
        ("{{subst:nowrap|x}}", "x"),
        ("{{nowrap|<nowiki>a = b</nowiki>}}", "a = b"),
        ("{{nowrap|[[a=b|c]]}}", "c"),
        ("{{nowrap}}", ""),
        ("{{lang|fr|bonjour}}", "bonjour"),
        ("{{lang|fr|2=bonjour}}", "bonjour"),
        ("{{lang|1=fr|2=bonjour}}", "bonjour"),
        ("{{lang|2=bonjour|1=fr}}", "bonjour"),
        ("{{lang|fr|text=bonjour}}", "bonjour"),
        ("{{lang|fr|bonjour|italic=no}}", "bonjour"),
        ("{{lang|fr}}", ""),
        ("{{lang-fr|bonjour|lit=x}}", "bonjour"),
        ("{{lang-fr|1=bonjour}}", "bonjour"),
        ("{{transl|ja|Tokyo}}", "Tokyo"),
        ("{{transl|ja|2=Tokyo}}", "Tokyo"),
        ("{{transl|ar|ALA|Ṭūkyō}}", "Ṭūkyō"),
        ("{{ill|Rom|it|Roma}}", "Rom"),
        ("{{ill|Rom|it|Roma|lt=die Stadt}}", "die Stadt"),
        ("{{仮リンク|ローマ|en|Rome|label=都}}", "都"),
        ("{{abbr|St.|Saint}}", "St."),
        ("{{formatnum:3003}}", "3003"),
        ("{{formatnum:12345.6|R}}", "12345.6"),
        ("{{{1|x}}}", "x"),
        ("{{{1}}}", ""),
        ("{{unknown|{{nowrap|x}}}}", ""),
        ("{{nowrap|{{unknown|y}}x}}", "x"),
        ("{{nowrap|{{lang|fr|{{nowrap|x}}}}}}", "x"),
        # Ranges and compound units, as Module:Convert reads its arguments.
        ("{{convert|5|km}}", "5 km"),
        ("{{convert|5|km|mi}}", "5 km"),
        ("{{convert|5|km|mi|1}}", "5 km"),
        ("{{convert|5|km|0|abbr=on}}", "5 km"),
        ("{{convert|1=5|2=km}}", "5 km"),
        ("{{convert|5|to|10|km}}", "5 to 10 km"),
        ("{{convert|5|-|10|km|mi}}", "5–10 km"),
        ("{{convert|5|–|10|km}}", "5–10 km"),
        ("{{convert|5|and|10|km}}", "5 and 10 km"),
        ("{{convert|5|or|10|km}}", "5 or 10 km"),
        ("{{convert|5|+/-|1|km}}", "5 ± 1 km"),
        ("{{convert|3|x|4|m}}", "3 by 4 m"),
        ("{{convert|3|by|4|by|5|m|ft}}", "3 by 4 by 5 m"),
        ("{{convert|1|,|2|and|3|km}}", "1, 2 and 3 km"),
        ("{{convert|6|ft|2|in}}", "6 ft 2 in"),
        ("{{convert|6|ft|2+1/2|in|cm|0}}", "6 ft 2+1/2 in"),
        ("{{convert|3|yd|2|ft|6|in|m}}", "3 yd 2 ft 6 in"),
        ("{{convert|10|st|3|lb|kg}}", "10 st 3 lb"),
        ("{{cvt|5|lb|3|oz}}", "5 lb 3 oz"),
        ("{{cvt|5|to|10|C}}", "5 to 10 C"),
        ("{{convert|5}}", ""),
        ("{{convert|5|to|10}}", ""),
    ],
)
def test_arguments_of_templates_are_mediawikis(template: str, expected: str) -> None:
    """Numbered arguments are the positional ones, the last of a name counts; ranges and compound units are whole."""
    assert prose(f"Man sagt hier [{template}] dazu, das ist so.") == (
        [f"Man sagt hier [{expected}] dazu, das ist so."] if expected else ["Man sagt hier dazu, das ist so."]
    )


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[[Re:Zero]]", "Re:Zero"),
        ("[[Nier:Automata]]", "Nier:Automata"),
        ("[[John 3:16]]", "John 3:16"),
        ("[[CSI:Miami]]", "CSI:Miami"),
        ("[[未来日記-ANOTHER:WORLD-]]", "未来日記-ANOTHER:WORLD-"),
        ("[[Re: Zero]]", "Re: Zero"),
        ("[[Code::Blocks]]", "Code::Blocks"),
        ("[[:Re:Zero]]", "Re:Zero"),
        ("[[Re:Zero|ja]]", "ja"),
        ("[[Haus#Dach]]", "Haus#Dach"),
        ("[[AT&amp;T]]", "AT&T"),
        ("[[Haus]]es", "Hauses"),
        ("[[Haus|]]", "Haus"),
        ("[[Haus|a|b]]", "a b"),
        ("[[:Kategorie:Haus]]", "Kategorie:Haus"),
        ("[[:en:The Fox]]", "The Fox"),
        ("[[:Файл:A.jpg]]", "Файл:A.jpg"),
        ("[[Вікіпедія:Довідка|die Hilfe]]", "die Hilfe"),
        ("[[wikt:Haus|Haus]]", "Haus"),
        # Nothing: files, categories, other languages; without a text also other namespaces and wikis.
        ("[[Файл:A.jpg|thumb|Eine [[Unterschrift]] hier.]]", ""),
        ("[[файл : A.jpg]]", ""),
        ("[[File:A.jpg|thumb|Siehe [http://x.org dort]]]", ""),
        ("[[Image:A.jpg]]", ""),
        ("[[Bild:A.jpg|mini|Text.]]", ""),
        ("[[Media:A.ogg|hören]]", ""),
        ("[[Категорія:Дім|*]]", ""),
        ("[[Category:House]]", ""),
        ("[[en:House]]", ""),
        ("[[zh-min-nan:House]]", ""),
        ("[[Вікіпедія:Довідка]]", ""),
        ("[[User talk:A]]", ""),
        ("[[wikt:Haus]]", ""),
    ],
)
def test_a_word_before_a_colon_is_a_namespace_only_where_the_wiki_has_it(link: str, expected: str) -> None:
    """The header lists the namespaces; English names work everywhere; the rest is the beginning of a title."""
    assert prose(f"Man sagt hier „{link}“ dazu, das ist so.") == [f"Man sagt hier „{expected}“ dazu, das ist so."]


def test_where_the_header_names_no_category_a_prefix_may_be_one() -> None:
    """Without namespaces in the header a link with an unknown prefix shows nothing, as it may be a category."""
    found = page_sections("Das Haus [[Kategorie:Bau]] steht [[John 3: 16]] dort.", SiteInfo().link_prefixes())
    assert found[0].paragraphs == ("Das Haus steht John 3: 16 dort.",)


def test_categories_alone_on_their_lines_are_no_text_under_any_name() -> None:
    """Local aliases of a namespace are not in the header; such lines are dropped, and what they show as sort keys."""
    assert prose("Das Haus steht dort.\n[[Catégorie:Bau|!Haus]]\n[[К:Дом]] [[К:Двор]]\n") == ["Das Haus steht dort."]


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("'''*NSYNC'''", "*NSYNC"),
        ("''#MeToo''", "#MeToo"),
        ("'''!Kung'''", "!Kung"),
        ("'''''=Null'''''", "=Null"),
        ("!Xóõ", "!Xóõ"),
        ("[[!!!]]", "!!!"),
        ("[[*|*Stern]]", "*Stern"),
        ("&#59;login:", ";login:"),
        ("&#x2a;NSYNC", "*NSYNC"),
        ("&ast;NSYNC", "*NSYNC"),
        ("{{lang|en|*NSYNC}}", "*NSYNC"),
        ("{{nowrap|1=:Doppelpunkt}}", ":Doppelpunkt"),
        ("<nowiki>*</nowiki>NSYNC", "*NSYNC"),
        ("<nowiki/>*NSYNC", "*NSYNC"),
        ("<b>*NSYNC</b>", "*NSYNC"),
        ("-{*NSYNC}-", "*NSYNC"),
        ("[http://x.org *NSYNC]", "*NSYNC"),
    ],
)
def test_a_line_that_only_looks_like_an_item_is_text(beginning: str, expected: str) -> None:
    """Its first character is an apostrophe, a bracket, an entity, a brace or a tag, and no list mark."""
    assert prose(f"{beginning} ist eine Band, die 1995 begann.") == [f"{expected} ist eine Band, die 1995 begann."]


@pytest.mark.parametrize("mark", ["*", "#", ":", ";", "**", " *", "|", "!", "{|", "{{x}}*", "<li>", "<noinclude>*"])
def test_a_line_that_is_an_item_or_a_cell_is_none(mark: str) -> None:
    """The marks themselves, also behind a template that shows nothing."""
    assert prose(f"{mark} Ein Punkt der Liste, der hier steht.\n\nText steht hier.") == ["Text steht hier."]


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        # A comment hides what follows to its end, or to the end of the page.
        ("Eins steht hier. <!-- nicht\n\nDas hier auch nicht.", ["Eins steht hier."]),
        ("Eins <!-- a --> steht <!-- b --->hier.<!---->", ["Eins steht hier."]),
        ("Eins steht\n<!-- a -->\n <!-- b --> \nhier.", ["Eins steht hier."]),
        ("Eins --> steht hier.", ["Eins --> steht hier."]),
        ("<nowiki><!--</nowiki> steht hier im Text.", ["<!-- steht hier im Text."]),
        ("<!-- <nowiki> --> Eins steht hier. </nowiki>", []),
        # <nowiki> is text as it stands.
        ("Man schreibt <nowiki>[[Haus]] und {{x}}</nowiki> so.", ["Man schreibt [[Haus]] und {{x}} so."]),
        ("L<nowiki>'</nowiki>''amour'' ist schön hier.", ["L'amour ist schön hier."]),
        ("Eins <nowiki>&lt;b&gt; &amp;</nowiki> steht hier.", ["Eins <b> & steht hier."]),
        # An element that is never closed costs its line, no more.
        ("Eins <ref>Buch, S. 3.\n\nZwei steht hier.", ["Zwei steht hier."]),
        ("Eins <nowiki> steht hier.\n\nZwei steht hier.", ["Eins steht hier.", "Zwei steht hier."]),
        ("Eins <math>x^2 steht hier.\n\nZwei steht hier.", ["Zwei steht hier."]),
        ("Eins <ref>a. <ref>b</ref> hier.\n\nZwei<ref name=x /> steht hier.", ["Zwei steht hier."]),
        ("<gallery>\nA.jpg|Ein Bild.\n\nZwei steht hier.", ["Zwei steht hier."]),
        ("{|\n| Zelle eins.\n\nZwei steht hier.", ["Zwei steht hier."]),
        ("{|\n| Zelle eins.\n{|\n| Zelle zwei.\n|}\nZwei steht hier.", ["Zwei steht hier."]),
        ("{|\n| Eins.\n{|\n| Zwei.\n|}\nDrei.\n|}Text steht hier.", ["Text steht hier."]),
        (":{|\n| Eins.\n :|}\nText steht hier.", ["Text steht hier."]),
        ("<table><tr><td>Eins.<table><td>Zwei.</table>Drei.</table>Text steht hier.", ["Text steht hier."]),
        ("Ein [[Haus steht hier.\n\nZwei steht [[hier]].", ["Zwei steht hier."]),
        ("{{a|[[b}} Zwei steht hier.", ["Zwei steht hier."]),
        ("[[a|{{b]] Zwei steht hier.", []),
        ("<code>{{</code> Zwei steht hier.", ["Zwei steht hier."]),
        ("Eins <span>steht <b>hier.\n\nZwei</span> steht hier.", ["Eins steht hier.", "Zwei steht hier."]),
        ("Eins <foo>steht</foo> hier.\n\nZwei <foo> steht hier.", ["Eins steht hier."]),
        # What another page sees, and this one not.
        ("Eins<includeonly> nicht</includeonly> steht hier.", ["Eins steht hier."]),
        ("Eins steht hier. <includeonly>nicht", ["Eins steht hier."]),
        ("Eins <noinclude>steht</noinclude> <onlyinclude>hier</onlyinclude>.", ["Eins steht hier."]),
        ("<noinclude>{|\n| Zelle.\n|}</noinclude>Text steht hier.", ["Text steht hier."]),
        ("Eins <span style='display: none'>a <span>b</span> c</span>steht hier.", ["Eins steht hier."]),
        # Magic words, in any language; what only looks so is text.
        ("__TOC__Eins __KEIN_INHALTSVERZEICHNIS__steht __目次__hier. __notoc__", ["Eins steht hier."]),
        ("Die Methode __init__ steht hier.", ["Die Methode __init__ steht hier."]),
        # Quotes, by MediaWiki's doQuotes.
        ("L'''Avare'' ist ein Stück von ihm.", ["L'Avare ist ein Stück von ihm."]),
        ("Die ''l'''Avare'' von ihm und '''ihr''' hier.", ["Die lAvare von ihm und ihr hier."]),
        ("Er ''{{x}}'' und ''<ref>a</ref>'' steht (''[[en:A]]'') hier.", ["Er und steht hier."]),
        ("Er las ''[[Staat|''Der Staat'']]'' und ging.", ["Er las Der Staat und ging."]),
        # Addresses, rules and headings.
        ("Siehe https://x.org/a,b. Und (http://x.org/a) hier.", ["Siehe. Und hier."]),
        ("----\nEins steht hier.\n-----Zwei steht hier.", ["Eins steht hier.", "Zwei steht hier."]),
        ("== A ==Eins steht hier.", ["Eins steht hier."]),
        ("==A== <!-- x -->\nEins steht hier.", ["Eins steht hier."]),
        ("=\n==\n===\nEins steht hier.", ["Eins steht hier."]),
        # Entities.
        ("Eins&nbsp;steht &#104;ier &notit; &#0;&#xD800;&#99999999; da.", ["Eins steht hier &notit; ��� da."]),
        ("Eins &" + "#9" + "9" * 5_000 + "; steht hier.", ["Eins &#9" + "9" * 5_000 + "; steht hier."]),
        ("Eins \x01\x02\ud800\udc2a steht\r\nhier.", ["Eins steht hier."]),
    ],
)
def test_pages_that_are_broken_or_odd(wikitext: str, expected: list[str]) -> None:
    """What is never closed costs at most its line, and what is no markup is text."""
    assert prose(wikitext) == expected


WORDS = st.text("abcäß жд北ا'", min_size=1, max_size=6).map(str.strip).filter(lambda word: word and "''" not in word)
PARTS = st.one_of(
    WORDS,
    st.tuples(
        st.sampled_from(
            (
                "[[{}]]",
                "[[Haus|{}]]",
                "[[Haus#Dach|{}]]s",
                "[http://x.org {}]",
                "<b>{}</b>",
                "<i class='x'>{}</i>",
                "H<sub>{}</sub>O",
                "{{{{x|{}}}}}",
                "{{{{x|y={{{{z|{}}}}}}}}}",
                "<ref>{}</ref>",
                "<ref name='a' />{}",
                "<!-- {} -->",
                "<nowiki>{}</nowiki>",
                "<math>{}</math>",
                "{} &amp; &#233; &nbsp;",
            )
        ),
        WORDS,
    ).map(lambda made: made[0].format(made[1])),
)


@given(st.lists(PARTS, min_size=1, max_size=12))
def test_a_line_shows_what_another_parser_strips_to(parts: list[str]) -> None:
    """mwparserfromhell's strip_code on lines of whole marks, but for what it keeps and we leave out."""
    line = "Hier steht " + " ".join(parts) + " im Text."
    code = mwparserfromhell.parse(line)
    for tag in code.filter_tags(matches=lambda node: node.tag in ("ref", "math")):
        code.remove(tag)
    assert prose(line) == [tidy(str(code.strip_code(collapse=False)))]


MARKS = """
    {{ }} {{{ [[ ]] [ | = -{ }- {| |} |- == * '' <ref> </ref> <nowiki> </nowiki> <!-- --> <li> </div>
    {{lang| {{convert| [[File: [http://x.org <div/style='display:none'>
"""


@given(
    st.lists(st.one_of(st.sampled_from((*MARKS.split(), "\n", "'''")), st.text(max_size=5)), max_size=40), st.booleans()
)
def test_no_page_raises_and_no_mask_is_left(parts: list[str], variants: bool) -> None:
    """Whatever the order of marks: text that can be written, without surrogates and control characters."""
    for section in sections("Text " + " ".join(parts) + " steht hier.", variants):
        for text in (section.title, *section.paragraphs):
            assert not re.search("[\x00-\x1f\ud800-\udfff]", text)


def test_a_page_longer_than_a_block_has_the_same_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks end between lines, wherever the headings are; only a line longer than a block is cut."""
    wikitext = "".join(f"== Titel {n // 5} ==\n" * (n % 5 == 0) + f"Satz {n} steht hier.\n\n" for n in range(50))
    whole = sections(wikitext)
    assert len(whole) == 10
    for longest in (30, 100, 333):
        monkeypatch.setattr(page, "LONGEST_BLOCK", longest)
        assert sections(wikitext) == whole
    monkeypatch.setattr(page, "LONGEST_BLOCK", 10)
    assert prose("Ein langes Wort steht hier.") == ["Ein langes Wort steht hier."]
